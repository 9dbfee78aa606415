package session

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"io"
	"slices"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/outgoing"
	"congvan/signing"
)

// Given is what comes from the key: one of the two.
type Given struct {
	Value []byte // the bare signature value over what the session gave to be signed
	CMS   []byte // a whole detached CMS object in DER
}

// Finish puts what the key made into one part of a session. With the main file, which comes last, the signed
// version is added, if the document is still the one that was prepared. Asked again with the same it gives the same
// answer. Errors: NotFound session.not_found, session.no_such_document; Conflict session.expired, session.finished,
// session.stale, session.attachments_first; those of [exchange.SigningRules.CheckKey]; Invalid signature.not_ours
// for a value of another key or over other bytes; Unavailable when no time stamp can be had now: it may be tried again
// until the session expires.
func (d Desk) Finish(
	ctx context.Context, actor exchange.Actor, id exchange.SessionID, part exchange.PartID, given Given,
) (exchange.Document, error) {
	if (len(given.Value) == 0) == (len(given.CMS) == 0) {
		return exchange.Document{}, exchange.Errorf(exchange.Invalid, "session.nothing_given", "%d and %d bytes",
			len(given.Value), len(given.CMS))
	}
	ending := ending{desk: d, actor: actor, given: digestOf(append(slices.Clone(given.Value), given.CMS...))}
	done, err := ending.open(ctx, id, part, exchange.ByValue)
	if err != nil || done {
		return ending.document, err
	}
	if err := ending.gatherAttachments(ctx); err != nil {
		return exchange.Document{}, err
	}
	file, err := ending.complete(ctx, given)
	if err != nil {
		return exchange.Document{}, err
	}
	return ending.commit(ctx, file)
}

// FinishUpload takes the whole signed file of one part of a session, when it is the file that was given out, byte for
// byte, with exactly one signature more, of exactly the expected signer. A time stamp that the tool has not added, and
// the level of the office's seals, are added here. Asked again with the same bytes it gives the same answer. Errors as
// for Finish; Invalid upload.not_an_extension, upload.not_one_signature; Untrusted
// session.signature_not_passed, document.signature_failed.
func (d Desk) FinishUpload(
	ctx context.Context, actor exchange.Actor, id exchange.SessionID, part exchange.PartID, content io.Reader,
) (exchange.Document, error) {
	ending := ending{desk: d, actor: actor}
	done, err := ending.open(ctx, id, part, exchange.ByUpload)
	if err != nil {
		return exchange.Document{}, err
	}
	if err := ending.gatherAttachments(ctx); err != nil {
		return exchange.Document{}, err
	}
	want := exchange.Digest("")
	if done {
		want = ending.part.Outcome.Given // anything else is not even kept
	}
	digest, size, err := d.outgoing().KeepBytes(ctx, content, want, d.Gateway.MaxFile)
	switch {
	case done && exchange.CodeOf(err) == "blob.digest_mismatch":
		return exchange.Document{}, exchange.Errorf(exchange.Conflict, "session.finished", "%v in session %s: %w", part, id,
			err)
	case err != nil:
		return exchange.Document{}, err
	case done:
		return ending.document, nil
	}
	ending.given = digest
	file := part.Of(ending.document)
	file.Digest, file.Size = digest, size
	if file, err = ending.takeUpload(ctx, file); err != nil {
		return exchange.Document{}, err
	}
	return ending.commit(ctx, file)
}

// ending is the end of one part of a session.
type ending struct {
	desk        Desk
	actor       exchange.Actor
	given       exchange.Digest // empty while it is not known
	session     exchange.Session
	part        exchange.SessionPart
	document    exchange.Document
	attachments []exchange.File  // as they are when the main file is finished; nil: as they came
	used        outgoing.UsedKey // with which it was signed
	owed        signing.Level    // that could not be reached now
}

// open finds the part; done says that it was finished before, with the same where that is known, and then the document
// is the answer.
func (e *ending) open(
	ctx context.Context, id exchange.SessionID, part exchange.PartID, way exchange.Way,
) (done bool, err error) {
	if err := e.read(ctx, id, part); err != nil {
		return false, err
	}
	switch outcome := e.part.Outcome; {
	case e.session.Way != way:
		return false, exchange.Errorf(exchange.Invalid, "session.unknown_way", "session %s is finished by %s", id,
			e.session.Way)
	case e.session.Step == exchange.StepSigned && !exchange.SameName(e.actor.Name, e.document.Signatory.Name):
		return false, exchange.Errorf(exchange.Denied, "sign.not_signatory", "%s is not the signatory", e.actor.Name)
	case outcome != nil && (e.given == "" || e.given == outcome.Given):
		return true, nil
	case outcome != nil:
		return false, exchange.Errorf(exchange.Conflict, "session.finished", "%v in session %s", part, id)
	case !e.desk.now().Before(e.session.ExpiresAt):
		return false, exchange.Errorf(exchange.Conflict, "session.expired", "session %s at %v", id, e.session.ExpiresAt)
	}
	return false, e.fresh(e.document)
}

// read finds the session, the document and the part, for somebody who may take the session's step.
func (e *ending) read(ctx context.Context, id exchange.SessionID, part exchange.PartID) error {
	if err := e.actor.May(exchange.ActSeal); e.actor.May(exchange.ActSign) != nil && err != nil {
		return err
	}
	err := e.desk.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		if e.session, err = tx.Session(ctx, e.actor.Office, id); err != nil {
			return err
		}
		e.document, err = tx.Document(ctx, e.actor.Office, part.Document)
		return err
	})
	if err != nil {
		return err
	}
	if err := e.actor.May(actOf(e.session.Step)); err != nil {
		return exchange.Errorf(exchange.Denied, "session.not_yours", "step %s: %w", e.session.Step, err)
	}
	e.part, err = e.session.Part(part)
	return err
}

// fresh wants the file to be the one that was given out to be signed, in a document that still waits for it.
func (e *ending) fresh(document exchange.Document) error {
	if now := e.part.Of(document).Digest; document.Has(e.session.Step) || now != e.part.Version ||
		e.session.Step == exchange.StepSigned && document.Numbering.Number != 0 {
		return exchange.Errorf(exchange.Conflict, "session.stale", "%v is %s, prepared was %s", e.part.PartID, now,
			e.part.Version)
	}
	return nil
}

// gatherAttachments finds the attachments as they were sealed in this session: they belong to the version that the main
// file makes.
func (e *ending) gatherAttachments(ctx context.Context) error {
	if e.part.Attachment != 0 {
		return nil
	}
	for _, part := range e.session.Parts {
		if part.Document != e.part.Document || part.Attachment == 0 {
			continue
		}
		if part.Outcome == nil {
			return exchange.Errorf(exchange.Conflict, "session.attachments_first", "attachment %d of %s", part.Attachment,
				part.Document)
		}
		blob, err := e.desk.Gateway.Blobs.Open(ctx, part.Outcome.Result)
		if err != nil {
			return err
		}
		if e.attachments == nil {
			e.attachments = slices.Clone(e.document.Attachments)
		}
		file := &e.attachments[part.Attachment-1]
		file.Digest, file.Size = part.Outcome.Result, blob.Size()
		_ = blob.Close() // nothing was read
	}
	return nil
}

// complete makes the signed file out of what was prepared and what was given.
func (e *ending) complete(ctx context.Context, given Given) (exchange.File, error) {
	prepared, err := e.part.Signing()
	if err != nil {
		return exchange.File{}, err
	}
	if err := e.use(ctx, prepared.Certificate, prepared.Chain); err != nil {
		return exchange.File{}, err
	}
	file := e.part.Of(e.document)
	blob, err := e.desk.Gateway.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return exchange.File{}, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	from := signing.Completion{Stamper: e.desk.Gateway.Stamper, Evidence: e.desk.Gateway.Evidence}
	var signed signing.Signed
	if len(given.CMS) > 0 {
		signed, err = signing.FinishCMS(ctx, blob, prepared, given.CMS, from)
	} else {
		signed, err = signing.Finish(ctx, blob, prepared, given.Value, from)
	}
	if err != nil {
		return exchange.File{}, outgoing.SigningError(err)
	}
	if file, err = e.keep(ctx, blob, file, signed); err != nil {
		return exchange.File{}, err
	}
	return file, e.passes(ctx, file, prepared.Field)
}

// use wants the key to be one that may take the step now.
func (e *ending) use(ctx context.Context, certificate []byte, chain [][]byte) error {
	identity := certs.Identity{}
	for i, der := range slices.Concat([][]byte{certificate}, chain) {
		parsed, err := x509.ParseCertificate(der)
		switch {
		case err != nil:
			return exchange.Errorf(exchange.Invalid, "session.certificate", "certificate %d of %v: %w", i, e.part.PartID, err)
		case i == 0:
			identity.Certificate = parsed
		default:
			identity.Chain = append(identity.Chain, parsed)
		}
	}
	e.used = outgoing.UsedKey{
		Role: keyRole(e.session.Step), Certificate: exchange.CertificateDigest(identity),
	}
	return e.desk.checkSigner(ctx, e.document, e.session.Step, identity)
}

// keep stores what was made, when it has its time stamp; a level above that may be owed.
func (e *ending) keep(
	ctx context.Context, blob exchange.Blob, file exchange.File, signed signing.Signed,
) (exchange.File, error) {
	e.owed = signed.Pending
	return e.desk.outgoing().KeepStamped(ctx, blob, file, signed)
}

// takeUpload compares the file that came with the one that was given out, and adds what its signature lacks.
func (e *ending) takeUpload(ctx context.Context, file exchange.File) (exchange.File, error) {
	original, err := e.desk.Gateway.Blobs.Open(ctx, e.part.Version)
	if err != nil {
		return exchange.File{}, err
	}
	defer func() { _ = original.Close() }() // it was only read
	uploaded, err := e.desk.Gateway.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return exchange.File{}, err
	}
	defer func() { _ = uploaded.Close() }() // it was only read
	upload, err := signing.CheckUpload(ctx,
		io.NewSectionReader(original, 0, original.Size()), io.NewSectionReader(uploaded, 0, uploaded.Size()))
	if err != nil {
		return exchange.File{}, outgoing.SigningError(err)
	}
	if err := e.use(ctx, upload.Certificate, upload.Chain); err != nil {
		return exchange.File{}, err
	}
	if file, err = e.raise(ctx, uploaded, file); err != nil {
		return exchange.File{}, err
	}
	return file, e.passes(ctx, file, upload.Field)
}

// raise adds what the tool's signature lacks of its level, first of all a time stamp.
func (e *ending) raise(ctx context.Context, uploaded exchange.Blob, file exchange.File) (exchange.File, error) {
	midstates, err := exchange.KeptMidstates(ctx, e.desk.Gateway.Records, file)
	if err != nil {
		return exchange.File{}, err
	}
	raised, err := signing.Augment(ctx, uploaded, uploaded.Size(), signing.Raising{
		Level: e.level(), Stamper: e.desk.Gateway.Stamper, Evidence: e.desk.Gateway.Evidence,
		At:        exchange.InVietnam(e.desk.Gateway.Now()),
		Midstates: midstates,
	})
	if err != nil {
		return exchange.File{}, outgoing.SigningError(err)
	}
	return e.keep(ctx, uploaded, file, raised)
}

// level is what the signature is to reach: as Sign, Seal and the seals of attachments do.
func (e *ending) level() signing.Level {
	if e.session.Step == exchange.StepSealed && e.part.Attachment == 0 {
		return cmp.Or(e.desk.Gateway.Level, signing.LevelT)
	}
	return signing.LevelT
}

// passes has the signed file judged before it becomes a version: the new signature must pass, and every earlier one
// must still hold.
func (e *ending) passes(ctx context.Context, file exchange.File, field string) error {
	report, err := e.desk.outgoing().Examine(ctx, file)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(report.Signatures, func(s signing.Signature) bool {
		return s.Field == field && s.Kind == signing.KindSignature
	})
	if i < 0 {
		return exchange.Errorf(exchange.Invalid, signing.ErrNotOneMore.Code(), "no signature in %q", field)
	}
	if fresh := report.Signatures[i]; fresh.Indication != signing.TotalPassed {
		return exchange.Errorf(exchange.Untrusted, "session.signature_not_passed", "%s of %q: %s %v",
			e.document.ID, fresh.Signer, fresh.SubIndication, fresh.Reasons)
	}
	return nil
}

// commit adds the outcome, and with the main file the version, if the document is still the one that was given out: of
// two sessions on one version, one wins.
func (e *ending) commit(ctx context.Context, file exchange.File) (exchange.Document, error) {
	d := e.desk
	var document exchange.Document
	version := exchange.Version{
		Step: e.session.Step, File: file, Attachments: e.attachments, Owed: e.owed, At: d.now(), By: e.actor.Name,
	}
	err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		var again bool
		var err error
		if document, again, err = e.current(ctx, tx); err != nil || again {
			return err
		}
		outcome := exchange.SessionOutcome{Given: e.given, Result: file.Digest, At: version.At}
		if err := tx.FinishSession(ctx, e.session.ID, e.part.PartID, outcome); err != nil {
			return err
		}
		if e.part.Attachment != 0 {
			return e.logAttachment(ctx, tx, document, file)
		}
		document, err = d.outgoing().AppendVersion(ctx, tx, e.actor, document, outgoing.SignedVersion{
			Version: version, Key: e.used,
		})
		return err
	})
	if err != nil {
		return exchange.Document{}, err
	}
	if e.part.Attachment == 0 {
		d.Gateway.Reach(string(e.session.Step))
	}
	return document, nil
}

func (e *ending) logAttachment(
	ctx context.Context, tx exchange.Tx, document exchange.Document, file exchange.File,
) error {
	entry := e.desk.outgoing().EntryOf(e.actor, document, "attachment.sealed")
	entry.Detail["digest"] = string(file.Digest)
	e.used.AddTo(entry)
	_, err := tx.AppendLog(ctx, entry)
	return err
}

// current gives the document as it stands in the transaction, when it may still be finished; again says that the same
// request finished it meanwhile.
func (e *ending) current(ctx context.Context, tx exchange.Tx) (document exchange.Document, again bool, err error) {
	session, err := tx.Session(ctx, e.actor.Office, e.session.ID)
	if err != nil {
		return exchange.Document{}, false, err
	}
	if document, err = tx.Document(ctx, e.actor.Office, e.document.ID); err != nil {
		return exchange.Document{}, false, err
	}
	part, err := session.Part(e.part.PartID)
	switch {
	case err != nil:
		return exchange.Document{}, false, err
	case part.Outcome == nil:
		return document, false, e.fresh(document)
	case part.Outcome.Given == e.given:
		return document, true, nil
	}
	return exchange.Document{}, false, exchange.Errorf(exchange.Conflict, "session.finished", "%v in session %s",
		part.PartID, session.ID)
}

func digestOf(data []byte) exchange.Digest {
	sum := sha256.Sum256(data)
	return exchange.Digest(hex.EncodeToString(sum[:]))
}
