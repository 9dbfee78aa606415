package session_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congvan/certs"
	"congvan/exchange"
	. "congvan/exchange/exchangetest"
	"congvan/exchange/session"
	"congvan/signing"
)

// handed is what a key gives back.
type handed = session.Given

// signers are a gateway of the commune with documents that are to be signed by keys it does not hold.
type signers struct {
	*World
	gateway  *exchange.Gateway
	sessions session.Desk
	leader   certs.Identity
	seal     certs.Identity
}

func newSigners(t *testing.T) *signers {
	t.Helper()
	w := New(t, Straight)
	made := People(t)
	gateway := w.Gateways[CommuneNode]
	return &signers{w, gateway, session.Desk{Gateway: gateway}, made.Leaders[Commune], made.Seals[Commune]}
}

func (d *signers) submit(t *testing.T, more ...byte) exchange.DocumentID {
	t.Helper()
	content := io.MultiReader(bytes.NewReader(PDF(t)), bytes.NewReader(more))
	document, err := Desk(d.gateway).Submit(t.Context(), Clerk(Commune), Draft(Province), content)
	if err != nil {
		t.Fatal(err)
	}
	return document.ID
}

func (d *signers) order(step exchange.Step, ids ...exchange.DocumentID) session.Order {
	order := session.Order{
		Step: step, Way: exchange.ByValue, Documents: ids, Certificate: d.leader.Certificate, Chain: d.leader.Chain,
	}
	if step == exchange.StepSealed {
		order.Certificate, order.Chain = d.seal.Certificate, d.seal.Chain
	}
	return order
}

func (d *signers) begin(t *testing.T, actor exchange.Actor, order session.Order) exchange.Session {
	t.Helper()
	session, err := d.sessions.Begin(t.Context(), actor, order)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// value is what a token makes of a part of a session.
func value(t *testing.T, part exchange.SessionPart, holder certs.Identity) handed {
	t.Helper()
	var prepared signing.Session
	if err := json.Unmarshal(part.Prepared, &prepared); err != nil {
		t.Fatal(err)
	}
	input, options := prepared.Input()
	made, err := holder.Signer.Sign(rand.Reader, input, options)
	if err != nil {
		t.Fatal(err)
	}
	return handed{Value: made}
}

func TestALeaderAndAnOfficeSignSeveralDocumentsWithKeysTheGatewayDoesNotHold(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	ids := []exchange.DocumentID{d.submit(t), d.submit(t)}
	session := d.begin(t, Leader(Commune), d.order(exchange.StepSigned, ids...))
	for _, part := range session.Parts {
		given := value(t, part, d.leader)
		for range 2 { // the same again gives the same answer
			document, err := d.sessions.Finish(t.Context(), Leader(Commune), session.ID, part.PartID, given)
			if err != nil || document.Step() != exchange.StepSigned || len(document.Versions) != 2 {
				t.Fatalf("%+v, %v", document, err)
			}
		}
		other := handed{Value: append(bytes.Clone(given.Value), 0)}
		_, err := d.sessions.Finish(t.Context(), Leader(Commune), session.ID, part.PartID, other)
		Refused(t, err, exchange.Conflict, "session.finished")
	}
	seals := d.begin(t, Clerk(Commune), d.order(exchange.StepSealed, ids...))
	for i, part := range seals.Parts {
		numbered, err := Reader(d.gateway).Document(t.Context(), Clerk(Commune), part.Document)
		if err != nil || numbered.Numbering.Number != i+1 || numbered.Step() != exchange.StepNumbered {
			t.Fatalf("before the seal: %+v, %v", numbered.Numbering, err)
		}
		given := value(t, part, d.seal)
		document, err := d.sessions.Finish(t.Context(), Clerk(Commune), seals.ID, part.PartID, given)
		if err != nil || document.Step() != exchange.StepSealed || document.Numbering != numbered.Numbering {
			t.Fatalf("%+v, %v", document, err)
		}
		if _, err := d.gateway.Send(t.Context(), Clerk(Commune), document.ID); err != nil {
			t.Fatal(err)
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

func TestASessionIsRefusedBeforeAnythingIsPrepared(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	id := d.submit(t)
	signed := d.order(exchange.StepSigned, id)
	other := d.order(exchange.StepSigned, id)
	other.Certificate = d.seal.Certificate
	none := d.order(exchange.StepSigned, id)
	none.Certificate = nil
	stranger := Leader(Commune)
	stranger.Name = "Lê Thị Bình"
	for name, tc := range map[string]struct {
		actor exchange.Actor
		order session.Order
		kind  exchange.ErrorKind
		code  string
	}{
		"a clerk signs":         {Clerk(Commune), signed, exchange.Denied, "access.denied"},
		"another person signs":  {stranger, signed, exchange.Denied, "sign.not_signatory"},
		"another's certificate": {Leader(Commune), other, exchange.Denied, "sign.wrong_holder"},
		"no certificate":        {Leader(Commune), none, exchange.Invalid, "session.certificate"},
		"a document twice": {
			Leader(Commune), d.order(exchange.StepSigned, id, id), exchange.Invalid, "session.documents",
		},
		"no document":               {Leader(Commune), d.order(exchange.StepSigned), exchange.Invalid, "session.documents"},
		"another office's document": {Leader(District), signed, exchange.NotFound, "document.not_found"},
		"a step that is no step":    {Leader(Commune), d.order("issued", id), exchange.Invalid, "session.unknown_way"},
		"the seal before the leader": {
			Clerk(Commune), d.order(exchange.StepSealed, id), exchange.Untrusted, "seal.no_leader_signature",
		},
	} {
		_, err := d.sessions.Begin(t.Context(), tc.actor, tc.order)
		if err == nil || exchange.KindOf(err) != tc.kind || exchange.CodeOf(err) != tc.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	document, err := Reader(d.gateway).Document(t.Context(), Clerk(Commune), id)
	if err != nil || document.Numbering.Number != 0 {
		t.Errorf("a refused seal took number %d, %v", document.Numbering.Number, err)
	}
}

func TestASessionEndsWithItsTimeItsVersionAndItsOffice(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	id := d.submit(t)
	first := d.begin(t, Leader(Commune), d.order(exchange.StepSigned, id))
	second := d.begin(t, Leader(Commune), d.order(exchange.StepSigned, id))
	late := value(t, second.Parts[0], d.leader)
	finish := func(actor exchange.Actor, session exchange.SessionID, given handed) error {
		_, err := d.sessions.Finish(t.Context(), actor, session, exchange.PartID{Document: id}, given)
		return err
	}
	Refused(t, finish(Leader(District), first.ID, late), exchange.NotFound, "session.not_found")
	Refused(t, finish(Leader(Commune), first.ID, handed{}), exchange.Invalid, "session.nothing_given")
	wrong := value(t, first.Parts[0], d.seal)
	Refused(t, finish(Leader(Commune), first.ID, wrong), exchange.Invalid, "signature.not_ours")

	d.Now = func() time.Time { return Noon.Add(exchange.SessionLife) }
	Refused(t, finish(Leader(Commune), first.ID, late), exchange.Conflict, "session.expired")
	d.Now = func() time.Time { return Noon.Add(exchange.SessionLife - time.Second) }
	if err := finish(Leader(Commune), first.ID, value(t, first.Parts[0], d.leader)); err != nil {
		t.Fatal(err)
	}
	Refused(t, finish(Leader(Commune), second.ID, late), exchange.Conflict, "session.stale")
	_, err := d.sessions.Begin(t.Context(), Leader(Commune), d.order(exchange.StepSigned, id))
	Refused(t, err, exchange.Conflict, "session.step_taken")
	events, err := Reader(d.gateway).Timeline(t.Context(), Clerk(Commune), id)
	if got := Acts(events); err != nil || got[1] != "document.given_to_sign" ||
		got[len(got)-1] != "document.signed" {
		t.Errorf("timeline %v, %v", got, err)
	}
}

func TestASessionThatIsBegunAgainIsTheSame(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	order := d.order(exchange.StepSigned, d.submit(t))
	order.ID = "01JZ0000000000000000000000"
	first := d.begin(t, Leader(Commune), order)
	again := d.begin(t, Leader(Commune), order)
	if !bytes.Equal(first.Parts[0].Prepared, again.Parts[0].Prepared) {
		t.Error("what is to be signed differs")
	}
	order.Documents = []exchange.DocumentID{d.submit(t)}
	_, err := d.sessions.Begin(t.Context(), Leader(Commune), order)
	Refused(t, err, exchange.Conflict, "session.id_taken")
}

// takeOut begins a session for a signing tool and gives its links and what it downloads.
func (d *signers) takeOut(
	t *testing.T, step exchange.Step, id exchange.DocumentID,
) (exchange.Session, session.Links, []byte) {
	t.Helper()
	actor := Leader(Commune)
	if step == exchange.StepSealed {
		actor = Clerk(Commune)
	}
	session := d.begin(t, actor, session.Order{
		Step: step, Way: exchange.ByUpload, Documents: []exchange.DocumentID{id},
	})
	links, err := d.sessions.Link(t.Context(), actor, session.ID, exchange.PartID{Document: id})
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
	return session, links, content
}

// signElsewhere is a tool that signs by itself.
func (d *signers) signElsewhere(t *testing.T, document []byte, holder certs.Identity) []byte {
	t.Helper()
	signed, err := signing.SignPDF(t.Context(), bytes.NewReader(document), int64(len(document)), signing.Order{
		Identity: holder, Level: signing.LevelT, Stamper: d.Stamper(t), At: d.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(document), signed.Tail...)
}

func TestAToolSignsByItselfAndBringsTheDocumentBack(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	id := d.submit(t)
	_, links, content := d.takeOut(t, exchange.StepSigned, id)
	signed := d.signElsewhere(t, content, d.leader)
	for range 2 { // a tool that did not hear the answer asks again
		document, _, err := d.sessions.FinishLinked(t.Context(), links.Upload, bytes.NewReader(signed))
		if err != nil || document.Step() != exchange.StepSigned || len(document.Versions) != 2 {
			t.Fatalf("%+v, %v", document, err)
		}
	}
	_, _, err := d.sessions.FinishLinked(t.Context(), links.Upload, bytes.NewReader(d.signElsewhere(t, content, d.leader)))
	Refused(t, err, exchange.Conflict, "session.finished")
	_, _, err = d.sessions.OpenLinked(t.Context(), links.Download)
	Refused(t, err, exchange.Conflict, "session.finished")

	_, links, content = d.takeOut(t, exchange.StepSealed, id)
	document, _, err := d.sessions.FinishLinked(t.Context(), links.Upload,
		bytes.NewReader(d.signElsewhere(t, content, d.seal)))
	if err != nil || document.Step() != exchange.StepSealed || document.Numbering.Number != 1 {
		t.Fatalf("%+v, %v", document, err)
	}
}

func TestAToolThatCheatsChangesNothing(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	id := d.submit(t)
	session, links, content := d.takeOut(t, exchange.StepSigned, id)
	honest := d.signElsewhere(t, content, d.leader)
	altered := bytes.Clone(honest)
	altered[20] ^= 1
	twice := d.signElsewhere(t, honest, d.leader)
	fake, err := certs.NewAuthority(certs.Setting{
		Name: "CA giả", URL: "http://127.0.0.1:1", Now: func() time.Time { return Noon.Add(-time.Minute) },
	})
	if err != nil {
		t.Fatal(err)
	}
	impostor, err := fake.Leader(LeaderName, "Chủ tịch", Names[Commune], certs.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		file []byte
		kind exchange.ErrorKind
		code string
	}{
		"nothing":             {nil, exchange.Invalid, "upload.not_an_extension"},
		"unsigned":            {content, exchange.Invalid, "upload.not_an_extension"},
		"an altered prefix":   {altered, exchange.Invalid, "upload.not_an_extension"},
		"two signatures":      {twice, exchange.Invalid, "upload.not_one_signature"},
		"another signer":      {d.signElsewhere(t, content, d.seal), exchange.Denied, "sign.wrong_holder"},
		"a false leader":      {d.signElsewhere(t, content, impostor), exchange.Denied, "certificate.no_anchor"},
		"bytes after the end": {append(bytes.Clone(honest), "\n%more"...), exchange.Invalid, "upload.not_one_signature"},
	} {
		_, _, err := d.sessions.FinishLinked(t.Context(), links.Upload, bytes.NewReader(tc.file))
		if err == nil || exchange.KindOf(err) != tc.kind || exchange.CodeOf(err) != tc.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err = d.sessions.FinishLinked(t.Context(), links.Download, bytes.NewReader(honest))
	Refused(t, err, exchange.NotFound, "session.no_such_link")
	_, _, err = d.sessions.FinishLinked(t.Context(), links.Upload+"x", bytes.NewReader(honest))
	Refused(t, err, exchange.NotFound, "session.no_such_link")

	_, replay, _ := d.takeOut(t, exchange.StepSigned, d.submit(t, []byte("\n% another document\n")...))
	_, _, err = d.sessions.FinishLinked(t.Context(), replay.Upload, bytes.NewReader(honest))
	Refused(t, err, exchange.Invalid, "upload.not_an_extension")
	d.Now = func() time.Time { return session.ExpiresAt }
	_, _, err = d.sessions.FinishLinked(t.Context(), links.Upload, bytes.NewReader(honest))
	Refused(t, err, exchange.Conflict, "session.expired")
	_, _, err = d.sessions.OpenLinked(t.Context(), links.Download)
	Refused(t, err, exchange.Conflict, "session.expired")
	document, err := Reader(d.gateway).Document(t.Context(), Clerk(Commune), id)
	if err != nil || document.Step() != exchange.StepSubmitted {
		t.Errorf("%s, %v", document.Step(), err)
	}
}

// Two sessions on one version are finished at the same time, each by several processes: one wins, and its answer is
// everybody's who asked the same.
func TestOfTwoSessionsOnOneVersionOneWins(t *testing.T) {
	t.Parallel()
	d := newSigners(t)
	id := d.submit(t)
	var group sync.WaitGroup
	var won [2]atomic.Int64
	for i := range won {
		session := d.begin(t, Leader(Commune), d.order(exchange.StepSigned, id))
		given := value(t, session.Parts[0], d.leader)
		for range 3 {
			group.Go(func() {
				_, err := d.sessions.Finish(t.Context(), Leader(Commune), session.ID, exchange.PartID{Document: id}, given)
				if err == nil {
					won[i].Add(1)
				} else if code := exchange.CodeOf(err); code != "session.stale" {
					t.Errorf("the loser is told %v", err)
				}
			})
		}
	}
	group.Wait()
	if a, b := won[0].Load(), won[1].Load(); a+b != 3 || a*b != 0 {
		t.Errorf("%d and %d won", a, b)
	}
	document, err := Reader(d.gateway).Document(t.Context(), Clerk(Commune), id)
	if err != nil || len(document.Versions) != 2 {
		t.Errorf("%d versions, %v", len(document.Versions), err)
	}
}
