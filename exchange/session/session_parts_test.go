package session_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"testing"
	"time"

	"congvan/certs"
	"congvan/exchange"
	. "congvan/exchange/exchangetest"
	"congvan/exchange/outgoing"
	"congvan/exchange/session"
	"congvan/signing"
)

// withAppendices is a signed document of the commune with three attachments, two of them PDF.
func (d *signers) withAppendices(t *testing.T) exchange.DocumentID {
	t.Helper()
	wanted := Draft(Province)
	for _, content := range [][]byte{PDF(t), []byte("a,b\n1,2\n"), append(bytes.Clone(PDF(t)), "\n% hai\n"...)} {
		file, err := Desk(d.gateway).Keep(t.Context(), Clerk(Commune), "phu-luc", bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		wanted.Attachments = append(wanted.Attachments, file)
	}
	document, err := Desk(d.gateway).Submit(t.Context(), Clerk(Commune), wanted, bytes.NewReader(PDF(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Desk(d.gateway).Sign(t.Context(), Leader(Commune), document.ID); err != nil {
		t.Fatal(err)
	}
	return document.ID
}

// sealed wants every PDF of the document to carry the office's seal, and the recipient to find nothing.
func (d *signers) sealed(t *testing.T, id exchange.DocumentID) {
	t.Helper()
	document, err := d.gateway.Send(t.Context(), Clerk(Commune), id)
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range document.Attached() {
		came := document.Attachments[i]
		if file.MediaType != "application/pdf" {
			if file != came {
				t.Errorf("%s was changed", file.Name)
			}
			continue
		}
		kept := d.Shelves[CommuneNode].Bytes(t, file.Digest)
		report := Examined(t, kept)
		seals := slices.DeleteFunc(report.Signatures, func(s signing.Signature) bool {
			return s.Kind != signing.KindSignature
		})
		if report.Verdict != signing.Passed || len(seals) != 1 || seals[0].Signer != Names[Commune] ||
			seals[0].Level != signing.LevelT {
			t.Errorf("attachment %d: %s, %d seals", i+1, report.Verdict, len(seals))
		}
		if !bytes.HasPrefix(kept, d.Shelves[CommuneNode].Bytes(t, came.Digest)) || file.Size != int64(len(kept)) ||
			file.Name != came.Name {
			t.Errorf("attachment %d was %+v, is %+v", i+1, came, file)
		}
	}
	d.Deliver(t)
	d.Judge(t, ProvinceNode)
	for _, arrival := range d.Inbox(t, ProvinceNode, Province) {
		if arrival.Judgement.Verdict != "passed" || len(arrival.Judgement.Findings()) > 0 {
			t.Errorf("judged %s: %s", arrival.Judgement.Verdict, arrival.Judgement.Report)
		}
	}
}

func TestASealElsewhereGoesOntoTheAttachmentsFirst(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	id := d.withAppendices(t)
	session := d.begin(t, Clerk(Commune), d.order(exchange.StepSealed, id))
	if len(session.Parts) != 3 || session.Parts[0].Attachment != 1 || session.Parts[1].Attachment != 3 ||
		session.Parts[2].Attachment != 0 {
		t.Fatalf("parts: %+v", session.Parts)
	}
	finish := func(part exchange.SessionPart) (exchange.Document, error) {
		return d.sessions.Finish(t.Context(), Clerk(Commune), session.ID, part.PartID, value(t, part, d.seal))
	}
	_, err := finish(session.Parts[2])
	Refused(t, err, exchange.Conflict, "session.attachments_first")
	for _, part := range session.Parts[:2] {
		given := value(t, part, d.seal)
		for range 2 {
			document, err := d.sessions.Finish(t.Context(), Clerk(Commune), session.ID, part.PartID, given)
			if err != nil || document.Step() != exchange.StepNumbered {
				t.Fatalf("%s, %v", document.Step(), err)
			}
		}
	}
	document, err := finish(session.Parts[2])
	if err != nil || document.Step() != exchange.StepSealed {
		t.Fatalf("%s, %v", document.Step(), err)
	}
	events, err := Reader(d.gateway).Timeline(t.Context(), Clerk(Commune), id)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(d.seal.Certificate.Raw)
	keys := 0
	for _, event := range events {
		if (event.Act == "attachment.sealed" || event.Act == "document.sealed") && event.Detail["key"] == "seal" &&
			event.Detail["certificate"] == hex.EncodeToString(sum[:]) {
			keys++
		}
	}
	if keys != 3 {
		t.Errorf("the log names the key %d times, want 3: %+v", keys, events)
	}
	d.sealed(t, id)
}

// The tool seals by itself and asks no time-stamping authority: the gateway does.
func TestAToolSealsTheAttachmentsAndTheGatewayAddsTheTimeStamps(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	d.gateway.Level, d.gateway.Evidence = signing.LevelLTA, &Gatherer{}
	id := d.withAppendices(t)
	session := d.begin(t, Clerk(Commune), session.Order{
		Step: exchange.StepSealed, Way: exchange.ByUpload, Documents: []exchange.DocumentID{id},
	})
	for range session.Parts {
		now, err := d.sessions.Find(t.Context(), Clerk(Commune), session.ID)
		if err != nil {
			t.Fatal(err)
		}
		part, done := now.Next(id)
		if done {
			t.Fatal("nothing is left")
		}
		d.uploads(t, session.ID, part)
	}
	document, err := Reader(d.gateway).Document(t.Context(), Clerk(Commune), id)
	if err != nil || document.Step() != exchange.StepSealed || document.Versions[len(document.Versions)-1].Owed != "" {
		t.Fatalf("%+v, %v", document.Versions, err)
	}
	report := Examined(t, d.Shelves[CommuneNode].Bytes(t, document.Current().Digest))
	last := report.Signatures[len(report.Signatures)-1]
	if report.Verdict != signing.Passed || last.Kind != signing.KindTimestamp {
		t.Errorf("%s, the last signature is %+v", report.Verdict, last)
	}
	d.sealed(t, id)
}

// uploads lets a tool seal one part, first while no time stamp can be had.
func (d *signers) uploads(t *testing.T, session exchange.SessionID, part exchange.PartID) {
	t.Helper()
	links, err := d.sessions.Link(t.Context(), Clerk(Commune), session, part)
	if err != nil {
		t.Fatal(err)
	}
	blob, _, err := d.sessions.OpenLinked(t.Context(), links.Download)
	if err != nil {
		t.Fatal(err)
	}
	defer blob.Close()
	content, err := io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signing.SignPDF(t.Context(), bytes.NewReader(content), int64(len(content)), signing.Order{
		Identity: d.seal, Level: signing.LevelB, At: d.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	file := append(bytes.Clone(content), signed.Tail...)
	stamper := d.gateway.Stamper
	d.gateway.Stamper = NoStamper{}
	_, _, err = d.sessions.FinishLinked(t.Context(), links.Upload, bytes.NewReader(file))
	Refused(t, err, exchange.Unavailable, "timestamp.unavailable")
	d.gateway.Stamper = stamper
	for range 2 {
		_, finished, err := d.sessions.FinishLinked(t.Context(), links.Upload, bytes.NewReader(file))
		if err != nil || finished != part {
			t.Fatalf("%+v, %v", finished, err)
		}
	}
}

// sealless is a keyring without the seals.
type sealless struct{ Keyring }

func (sealless) Seal(_ context.Context, office exchange.OfficeID) (exchange.Key, error) {
	return exchange.Key{}, exchange.Errorf(exchange.NotFound, "key.no_seal", "%s", office)
}

func TestACopyIsSealedByAKeyElsewhereAndByNoLeader(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	original := d.Issue(t, CommuneNode, Commune, Province)
	d.gateway.Keys = sealless{Keyring{Identities: People(t)}}
	asked := outgoing.CopyDraft{Form: exchange.TrueCopy, Document: original.ID, Recipients: []exchange.OfficeID{Province}}
	waiting, err := Desk(d.gateway).Copy(t.Context(), Clerk(Commune), asked)
	if err != nil || waiting.Step() != exchange.StepSubmitted || waiting.CopyOf == nil {
		t.Fatalf("%+v, %v", waiting, err)
	}
	_, err = d.sessions.Begin(t.Context(), Leader(Commune), d.order(exchange.StepSigned, waiting.ID))
	Refused(t, err, exchange.Conflict, "copy.not_signed")
	session := d.begin(t, Clerk(Commune), d.order(exchange.StepSealed, waiting.ID))
	document, err := d.sessions.Finish(t.Context(), Clerk(Commune), session.ID, session.Parts[0].PartID,
		value(t, session.Parts[0], d.seal))
	if err != nil || document.Step() != exchange.StepSealed || document.Numbering.String() != "01/SY-UBND" {
		t.Fatalf("%+v, %v", document, err)
	}
	again, err := Desk(d.gateway).Copy(t.Context(), Clerk(Commune), asked)
	if err != nil || again.ID != waiting.ID || again.Current() != document.Current() {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	d.sealed(t, waiting.ID)
}

func TestALevelThatASessionCannotReachIsOwed(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	evidence := &Gatherer{}
	evidence.Down.Store(true)
	d.gateway.Level, d.gateway.Evidence = signing.LevelLT, evidence
	id := d.submit(t)
	if _, err := Desk(d.gateway).Sign(t.Context(), Leader(Commune), id); err != nil {
		t.Fatal(err)
	}
	session := d.begin(t, Clerk(Commune), d.order(exchange.StepSealed, id))
	part := session.Parts[0]
	document, err := d.sessions.Finish(t.Context(), Clerk(Commune), session.ID, part.PartID, value(t, part, d.seal))
	if err != nil || document.Versions[len(document.Versions)-1].Owed != signing.LevelLT {
		t.Fatalf("%+v, %v", document.Versions, err)
	}
	evidence.Down.Store(false)
	if raised, err := Desk(d.gateway).Raise(t.Context()); err != nil || raised != 1 {
		t.Errorf("raised %d, %v", raised, err)
	}
}

// Between beginning and finishing a certificate may end.
func TestAKeyThatMustNotSignAnyMoreFinishesNothing(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	id := d.submit(t)
	session := d.begin(t, Leader(Commune), d.order(exchange.StepSigned, id))
	part := session.Parts[0]
	trusted := d.gateway.Rules
	d.gateway.Rules.Realms = map[certs.Realm]exchange.RevocationRule{certs.Official: exchange.RevocationRequired}
	_, err := d.sessions.Finish(t.Context(), Leader(Commune), session.ID, part.PartID, value(t, part, d.leader))
	Refused(t, err, exchange.Denied, "sign.wrong_realm")
	_, err = d.sessions.Begin(t.Context(), Leader(Commune), d.order(exchange.StepSigned, id))
	Refused(t, err, exchange.Denied, "sign.wrong_realm")
	_, links, content := d.takeOut(t, exchange.StepSigned, id)
	_, _, err = d.sessions.FinishLinked(t.Context(), links.Upload, bytes.NewReader(d.signElsewhere(t, content, d.leader)))
	Refused(t, err, exchange.Denied, "sign.wrong_realm")
	d.gateway.Rules = trusted
	_, err = d.sessions.Finish(t.Context(), Leader(Commune), session.ID, part.PartID, value(t, part, d.leader))
	if err != nil {
		t.Error(err)
	}
}

func TestWhatWasPreparedIsForgottenAndTheOutcomeStays(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	id := d.submit(t)
	finished := d.begin(t, Leader(Commune), d.order(exchange.StepSigned, id))
	left := d.begin(t, Leader(Commune), d.order(exchange.StepSigned, d.submit(t)))
	part := finished.Parts[0]
	given := value(t, part, d.leader)
	if _, err := d.sessions.Finish(t.Context(), Leader(Commune), finished.ID, part.PartID, given); err != nil {
		t.Fatal(err)
	}
	forgets := func(want int) {
		t.Helper()
		if count, err := d.sessions.Forget(t.Context()); err != nil || count != want {
			t.Errorf("forgot %d, want %d, %v", count, want, err)
		}
	}
	forgets(1)
	forgets(0)
	d.Now = func() time.Time { return Noon.Add(exchange.SessionLife) }
	forgets(1)
	for _, id := range []exchange.SessionID{finished.ID, left.ID} {
		session, err := d.sessions.Find(t.Context(), Leader(Commune), id)
		if err != nil || session.Parts[0].Prepared != nil || (session.Parts[0].Outcome != nil) != (id == finished.ID) {
			t.Errorf("%+v, %v", session.Parts, err)
		}
	}
	document, err := d.sessions.Finish(t.Context(), Leader(Commune), finished.ID, part.PartID, given)
	if err != nil || document.Step() != exchange.StepSigned {
		t.Errorf("the same again: %s, %v", document.Step(), err)
	}
	_, err = d.sessions.Finish(t.Context(), Leader(Commune), left.ID, left.Parts[0].PartID, given)
	Refused(t, err, exchange.Conflict, "session.expired")
}
