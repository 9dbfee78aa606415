package exchange

import (
	"context"
	"crypto/x509"
	"io"
	"slices"

	"congvan/certs"
	"congvan/signing"
)

// Given is what comes from the key: one of the two.
type Given struct {
	Value []byte // the bare signature value over what the session gave to be signed
	CMS   []byte // a whole detached CMS object in DER
}

// FinishSession puts what the key made into one document of a session, and adds the signed version if the document is
// still the one that was prepared. Asked again with the same it gives the same answer. Errors: NotFound
// session.not_found, session.no_such_document; Conflict session.expired, session.finished, session.stale; Invalid
// signature.not_ours for a value of another key or over other bytes; Unavailable when no time stamp can be had now: it
// may be tried again until the session expires.
func (g *Gateway) FinishSession(
	ctx context.Context, actor Actor, id SessionID, document DocumentID, given Given,
) (Document, error) {
	if (len(given.Value) == 0) == (len(given.CMS) == 0) {
		return Document{}, Errorf(Invalid, "session.nothing_given", "%d and %d bytes", len(given.Value), len(given.CMS))
	}
	ending := ending{gateway: g, actor: actor, given: digestOf(append(slices.Clone(given.Value), given.CMS...))}
	answer, done, err := ending.open(ctx, id, document, ByValue)
	if err != nil || done {
		return answer, err
	}
	file, err := ending.complete(ctx, given)
	if err != nil {
		return Document{}, err
	}
	return ending.commit(ctx, file)
}

// FinishUpload takes the whole signed file of one document of a session, and adds it as the signed version when it is
// the version that was given out, byte for byte, with exactly one signature more, of exactly the expected signer.
// Asked again with the same bytes it gives the same answer. Errors as for FinishSession; Invalid
// upload.not_an_extension, upload.not_one_signature; Denied session.wrong_signer; Untrusted
// session.signature_not_passed, document.signature_failed.
func (g *Gateway) FinishUpload(
	ctx context.Context, actor Actor, id SessionID, document DocumentID, content io.Reader,
) (Document, error) {
	ending := ending{gateway: g, actor: actor}
	_, done, err := ending.open(ctx, id, document, ByUpload)
	if err != nil {
		return Document{}, err
	}
	want := Digest("")
	if done {
		want = ending.part.Outcome.Given // anything else is not even kept
	}
	digest, size, err := g.Blobs.Put(ctx, content, want, g.MaxFile)
	switch {
	case done && CodeOf(err) == "blob.digest_mismatch":
		return Document{}, Errorf(Conflict, "session.finished", "%s in session %s: %w", document, id, err)
	case err != nil:
		return Document{}, err
	case done:
		return ending.document, nil
	}
	ending.given = digest
	file := ending.document.Current()
	file.Digest, file.Size = digest, size
	if err := ending.checkUpload(ctx, file); err != nil {
		return Document{}, err
	}
	return ending.commit(ctx, file)
}

// ending is the end of one part of a session.
type ending struct {
	gateway  *Gateway
	actor    Actor
	given    Digest // empty while it is not known
	session  Session
	part     SessionPart
	document Document
}

// open finds the part; done says that it was finished before, with the same where that is known, and gives the answer.
func (e *ending) open(
	ctx context.Context, id SessionID, document DocumentID, way Way,
) (answer Document, done bool, err error) {
	if err := e.read(ctx, id, document); err != nil {
		return Document{}, false, err
	}
	switch outcome := e.part.Outcome; {
	case e.session.Way != way:
		return Document{}, false, Errorf(Invalid, "session.unknown_way", "session %s is finished by %s", id, e.session.Way)
	case e.session.Step == StepSigned && !sameName(e.actor.Name, e.document.Signatory.Name):
		return Document{}, false, Errorf(Denied, "sign.not_signatory", "%s is not the signatory", e.actor.Name)
	case outcome != nil && (e.given == "" || e.given == outcome.Given):
		return e.document, true, nil
	case outcome != nil:
		return Document{}, false, Errorf(Conflict, "session.finished", "%s in session %s", document, id)
	case !e.gateway.now().Before(e.session.ExpiresAt):
		return Document{}, false, Errorf(Conflict, "session.expired", "session %s at %v", id, e.session.ExpiresAt)
	}
	return Document{}, false, e.fresh(e.document)
}

// read finds the session, the document and the part, for somebody who may take the session's step.
func (e *ending) read(ctx context.Context, id SessionID, document DocumentID) error {
	if err := e.actor.May(ActSeal); e.actor.May(ActSign) != nil && err != nil {
		return err
	}
	err := e.gateway.Records.View(ctx, func(tx Tx) error {
		var err error
		if e.session, err = tx.Session(ctx, e.actor.Office, id); err != nil {
			return err
		}
		e.document, err = tx.Document(ctx, e.actor.Office, document)
		return err
	})
	if err != nil {
		return err
	}
	if err := e.actor.May(e.session.Step.act()); err != nil {
		return Errorf(Denied, "session.not_yours", "step %s: %w", e.session.Step, err)
	}
	e.part, err = e.session.part(document)
	return err
}

// fresh wants the document to be the one that was given out to be signed.
func (e *ending) fresh(document Document) error {
	if document.has(e.session.Step) || document.Current().Digest != e.part.Version ||
		e.session.Step == StepSigned && document.Numbering.Number != 0 {
		return Errorf(Conflict, "session.stale", "%s is %s, prepared was %s",
			document.ID, document.Current().Digest, e.part.Version)
	}
	return nil
}

// complete makes the signed file out of what was prepared and what was given.
func (e *ending) complete(ctx context.Context, given Given) (File, error) {
	prepared, err := e.part.Signing()
	if err != nil {
		return File{}, err
	}
	file := e.document.Current()
	blob, err := e.gateway.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	from := signing.Completion{Stamper: e.gateway.Stamper}
	var signed signing.Signed
	if len(given.CMS) > 0 {
		signed, err = signing.FinishCMS(ctx, blob, prepared, given.CMS, from)
	} else {
		signed, err = signing.Finish(ctx, blob, prepared, given.Value, from)
	}
	if err != nil {
		return File{}, signingError(err)
	}
	if err := stamped(signed); err != nil {
		return File{}, err
	}
	if file, err = e.gateway.keepSigned(ctx, blob, file, signed); err != nil {
		return File{}, err
	}
	return file, e.passes(ctx, file, prepared.Field)
}

// checkUpload compares the file that came with the one that was given out.
func (e *ending) checkUpload(ctx context.Context, file File) error {
	original, err := e.gateway.Blobs.Open(ctx, e.part.Version)
	if err != nil {
		return err
	}
	defer func() { _ = original.Close() }() // it was only read
	uploaded, err := e.gateway.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return err
	}
	defer func() { _ = uploaded.Close() }() // it was only read
	upload, err := signing.CheckUpload(ctx,
		io.NewSectionReader(original, 0, original.Size()), io.NewSectionReader(uploaded, 0, uploaded.Size()))
	if err != nil {
		return signingError(err)
	}
	return e.passes(ctx, file, upload.Field)
}

// passes has the signed file judged before it becomes a version: the new signature must pass and be of whom the step is
// to take, and every earlier one must still hold.
func (e *ending) passes(ctx context.Context, file File, field string) error {
	report, err := e.gateway.examine(ctx, file)
	if err != nil {
		return err
	}
	if err := acceptable(report); err != nil {
		return err
	}
	i := slices.IndexFunc(report.Signatures, func(s signing.Signature) bool {
		return s.Field == field && s.Kind == signing.KindSignature
	})
	if i < 0 {
		return Errorf(Invalid, signing.ErrNotOneMore.Code(), "no signature in %q", field)
	}
	fresh := report.Signatures[i]
	certificate, err := x509.ParseCertificate(fresh.Certificate)
	if err != nil {
		return Errorf(Invalid, "session.certificate", "certificate of %q: %w", fresh.Signer, err)
	}
	if err := e.gateway.checkSigner(e.document, e.session.Step, certs.Identity{Certificate: certificate}); err != nil {
		return err
	}
	if fresh.Indication != signing.TotalPassed {
		return Errorf(Untrusted, "session.signature_not_passed", "%s of %q: %s %v",
			e.document.ID, fresh.Signer, fresh.SubIndication, fresh.Reasons)
	}
	return nil
}

// commit adds the version and the outcome, if the document is still the one that was given out: of two sessions on one
// version, one wins.
func (e *ending) commit(ctx context.Context, file File) (Document, error) {
	var document Document
	err := e.gateway.Records.Update(ctx, func(tx Tx) error {
		var again bool
		var err error
		if document, again, err = e.current(ctx, tx); err != nil || again {
			return err
		}
		version := Version{Step: e.session.Step, File: file, At: e.gateway.now(), By: e.actor.Name}
		if err := tx.AddVersion(ctx, document.ID, version); err != nil {
			return err
		}
		document.Versions = append(document.Versions, version)
		outcome := SessionOutcome{Given: e.given, Result: file.Digest, At: version.At}
		if err := tx.FinishSession(ctx, e.session.ID, document.ID, outcome); err != nil {
			return err
		}
		return e.gateway.log(ctx, tx, e.actor, document, "document."+string(e.session.Step))
	})
	if err != nil {
		return Document{}, err
	}
	e.gateway.reach(string(e.session.Step))
	return document, nil
}

// current gives the document as it stands in the transaction, when it may still be finished; again says that the same
// request finished it meanwhile.
func (e *ending) current(ctx context.Context, tx Tx) (document Document, again bool, err error) {
	session, err := tx.Session(ctx, e.actor.Office, e.session.ID)
	if err != nil {
		return Document{}, false, err
	}
	if document, err = tx.Document(ctx, e.actor.Office, e.document.ID); err != nil {
		return Document{}, false, err
	}
	part, err := session.part(document.ID)
	switch {
	case err != nil:
		return Document{}, false, err
	case part.Outcome == nil:
		return document, false, e.fresh(document)
	case part.Outcome.Given == e.given:
		return document, true, nil
	}
	return Document{}, false, Errorf(Conflict, "session.finished", "%s in session %s", document.ID, session.ID)
}
