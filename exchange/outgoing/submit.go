package outgoing

import (
	"context"
	"io"
	"reflect"
	"slices"
	"strings"

	"congvan/exchange"
	"congvan/signing"
)

// Submit (trình) takes a document in: it checks everything, then keeps the file, then records the document. A file that
// already carries the signatory's valid signature makes a signed document. Asked again with the same draft and the same
// id it gives the document that is there. Secrets are refused before a byte of the file is read; the log keeps a line
// that says so and nothing of the content.
func (d Desk) Submit(
	ctx context.Context, actor exchange.Actor, draft exchange.Draft, content io.Reader,
) (exchange.Document, error) {
	if err := actor.May(exchange.ActSubmit); err != nil {
		return exchange.Document{}, err
	}
	if err := d.refuseSecret(ctx, actor, draft); err != nil {
		return exchange.Document{}, err
	}
	addressed, err := d.expand(actor, draft)
	if err != nil {
		return exchange.Document{}, err
	}
	if err := d.checkDraft(ctx, actor, addressed.Draft); err != nil {
		return exchange.Document{}, err
	}
	file, blob, err := d.keepMain(ctx, draft.FileName, content)
	if err != nil {
		return exchange.Document{}, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	report, err := d.examine(ctx, blob)
	if err != nil {
		return exchange.Document{}, err
	}
	d.Gateway.NoteExamined(file.Digest, report)
	document, err := d.newDocument(actor, addressed.Draft, file, report)
	if err != nil {
		return exchange.Document{}, err
	}
	if err := d.layOut(ctx, &document, blob, report); err != nil {
		return exchange.Document{}, err
	}
	return d.record(ctx, actor, addressed, document)
}

// refuseSecret keeps state secrets out (Law on protection of state secrets; design decision 10).
func (d Desk) refuseSecret(ctx context.Context, actor exchange.Actor, draft exchange.Draft) error {
	if draft.Secrecy == exchange.NotSecret && !markedSecret(draft.Subject) {
		return nil
	}
	tombstone := exchange.Entry{At: d.now(), Act: "document.secret_refused", Actor: actor.Name, Office: actor.Office}
	err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		_, err := tx.AppendLog(ctx, tombstone)
		return err
	})
	if err != nil {
		return err
	}
	return exchange.Errorf(exchange.Invalid, "secrecy.refused", "secrecy %q", draft.Secrecy)
}

// markedSecret finds the marks of secrecy in capitals; "bảo mật" is an ordinary word.
func markedSecret(subject string) bool {
	for _, mark := range []string{"TUYỆT MẬT", "TỐI MẬT", "(MẬT)", "[MẬT]", "ĐỘ MẬT"} {
		if strings.Contains(subject, mark) {
			return true
		}
	}
	return strings.HasPrefix(strings.TrimSpace(subject), "MẬT ") || strings.HasPrefix(strings.TrimSpace(subject), "MẬT:")
}

func (d Desk) checkDraft(ctx context.Context, actor exchange.Actor, draft exchange.Draft) error {
	directory, today := d.Gateway.Directory(), d.today()
	if err := d.Gateway.CheckIssuer(directory, actor.Office, today); err != nil {
		return err
	}
	if err := draft.Check(today); err != nil {
		return err
	}
	if draft.Placement != nil && !valid(*draft.Placement) {
		return exchange.Errorf(exchange.Invalid, "draft.placement", "placement %+v", *draft.Placement)
	}
	if err := exchange.CheckRecipients(directory, actor.Office, draft.Recipients, today); err != nil {
		return err
	}
	if err := d.checkReplaced(ctx, actor, draft); err != nil {
		return err
	}
	return d.checkAttachments(ctx, draft.Attachments)
}

// checkReplaced wants documents that the office has issued, of the same kind: what was issued with an error of content
// is replaced by a document of the same form (Decree 30/2020, Article 18(3)).
func (d Desk) checkReplaced(ctx context.Context, actor exchange.Actor, draft exchange.Draft) error {
	for _, id := range draft.Replaces {
		replaced, err := d.Gateway.Recorded(ctx, actor.Office, id)
		switch {
		case exchange.KindOf(err) == exchange.NotFound && err != nil:
			return exchange.Errorf(exchange.Invalid, "draft.replaces", "there is no document %q", id)
		case err != nil:
			return err
		case replaced.IssuedAt.IsZero() || replaced.Kind != draft.Kind || id == draft.ID:
			return exchange.Errorf(exchange.Invalid, "draft.replaces", "%s is a %s, %s", id, replaced.Kind, replaced.Step())
		}
	}
	return nil
}

// Examine has the file judged as it stands now, and wants it to be acceptable.
func (d Desk) Examine(ctx context.Context, file exchange.File) (signing.Report, error) {
	blob, err := d.Gateway.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return signing.Report{}, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	return d.examine(ctx, blob)
}

func (d Desk) examine(ctx context.Context, blob exchange.Blob) (signing.Report, error) {
	report, err := d.Gateway.Examiner.Examine(ctx, blob, blob.Size(), d.now())
	if err != nil {
		return signing.Report{}, err
	}
	return report, acceptable(report)
}

// acceptable refuses a file that cannot be read, and one whose signatures do not hold: it would be presented as an
// original and is none. Signatures of which nothing is known for certain are let in.
func acceptable(report signing.Report) error {
	if report.Error != "" {
		return exchange.Errorf(exchange.Invalid, report.Error, "the file cannot be examined")
	}
	for _, signature := range report.Signatures {
		if signature.Indication == signing.TotalFailed {
			return exchange.Errorf(exchange.Untrusted, "document.signature_failed",
				"signature %s of %s: %s %v", signature.Field, signature.Signer, signature.SubIndication, signature.Reasons)
		}
	}
	return nil
}

func (d Desk) newDocument(
	actor exchange.Actor, draft exchange.Draft, file exchange.File, report signing.Report,
) (exchange.Document, error) {
	id := string(draft.ID)
	if id == "" {
		var err error
		if id, err = d.Gateway.NewID(); err != nil {
			return exchange.Document{}, err
		}
	}
	now := d.now()
	document := exchange.Document{
		ID: exchange.DocumentID(id), Office: actor.Office,
		Kind: draft.Kind, Subject: draft.Subject, Unit: draft.Unit, Urgency: draft.Urgency, Secrecy: exchange.NotSecret,
		Signatory: draft.Signatory, Recipients: slices.Clone(draft.Recipients), RepliesTo: draft.RepliesTo,
		Replaces: slices.Clone(draft.Replaces), DueOn: draft.DueOn, Placement: given(draft.Placement),
		Attachments: slices.Clone(draft.Attachments),
		CreatedAt:   now, CreatedBy: actor.Name,
		Versions: []exchange.Version{{Step: exchange.StepSubmitted, File: file, At: now, By: actor.Name}},
	}
	if signature, signed := signatureOf(report, draft.Signatory.Name); signed {
		document.Versions = append(document.Versions, exchange.Version{
			Step: exchange.StepSigned, File: file, At: now, By: signature.Signer,
		})
	}
	return document, nil
}

// signatureOf finds the passed signature of a person or an office by the name in its certificate.
func signatureOf(report signing.Report, name string) (signing.Signature, bool) {
	for _, signature := range report.Signatures {
		if signature.Kind == signing.KindSignature && signature.Indication == signing.TotalPassed &&
			exchange.SameName(signature.Signer, name) {
			return signature, true
		}
	}
	return signing.Signature{}, false
}

// record writes the document; one that is there already under the client's id is given back when it is the same.
func (d Desk) record(
	ctx context.Context, actor exchange.Actor, draft addressed, document exchange.Document,
) (exchange.Document, error) {
	err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		return d.addDocument(ctx, tx, actor, draft, document)
	})
	if err == nil {
		return document, nil
	}
	if exchange.KindOf(err) != exchange.Conflict || draft.ID == "" {
		return exchange.Document{}, err
	}
	known, found := d.Gateway.Recorded(ctx, actor.Office, draft.ID)
	if found == nil && sameDraft(known, document) && (len(draft.Groups) > 0 || sameRecipients(known, document)) {
		return known, nil
	}
	return exchange.Document{}, exchange.Errorf(exchange.Conflict, "document.id_taken", "document %s is another: %w",
		draft.ID, err)
}

// addDocument records the document as it was handed in, and what it became at once.
func (d Desk) addDocument(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, draft addressed, document exchange.Document,
) error {
	if err := tx.AddDocument(ctx, document); err != nil {
		return err
	}
	first := document
	first.Versions = document.Versions[:1]
	if err := d.logSubmitted(ctx, tx, actor, first, draft); err != nil || len(document.Versions) == 1 {
		return err
	}
	act := "document.signed_elsewhere"
	if !document.Has(exchange.StepSigned) {
		act = "document.prepared"
	}
	return d.logDocument(ctx, tx, actor, document, act)
}

// sameDraft says whether both were made of one draft and one file, but for the recipients.
func sameDraft(a, b exchange.Document) bool {
	facts := func(d exchange.Document) exchange.Document {
		return exchange.Document{
			Kind: d.Kind, Subject: d.Subject, Unit: d.Unit, Urgency: d.Urgency, Signatory: d.Signatory,
			RepliesTo: d.RepliesTo, Replaces: d.Replaces, DueOn: d.DueOn,
		}
	}
	return reflect.DeepEqual(facts(a), facts(b)) && a.Versions[0].File == b.Versions[0].File &&
		slices.Equal(a.Attachments, b.Attachments)
}

// sameRecipients is not asked of groups: the first draft has the offices of the directory of its time.
func sameRecipients(a, b exchange.Document) bool { return slices.Equal(a.Recipients, b.Recipients) }
