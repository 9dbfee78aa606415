package outgoing

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"congvan/exchange"
	"congvan/exchange/reading"
	"congvan/signing"
)

// CopyDraft asks for a copy of a document that the office has issued or accepted.
type CopyDraft struct {
	ID         exchange.DocumentID // given by the client; empty: the same copy on the same day is the same document
	Form       exchange.Kind
	Document   exchange.DocumentID // issued by the office; or
	Arrival    exchange.ArrivalID  // accepted by it
	Recipients []exchange.OfficeID // may be none
	Excerpt    *exchange.File      // of an [exchange.Excerpt]: the part as PDF, kept before by [Desk.Keep]
}

// Copy (sao) makes a copy: a document of its own with its own number, whose file is that of the original with one more
// signature of the office, shown as text (Decree 30/2020, Articles 25 to 27 and Annex I). It may then be sent. Asked
// again it gives the same copy. Where the gateway does not hold the seal, the copy waits for it: a session seals it.
// Errors: Invalid copy.form, copy.excerpt; Conflict copy.not_issued, copy.not_accepted,
// copy.wrong_original; Untrusted document.signature_failed.
func (d Desk) Copy(ctx context.Context, actor exchange.Actor, draft CopyDraft) (exchange.Document, error) {
	if err := actor.May(exchange.ActSeal); err != nil {
		return exchange.Document{}, err
	}
	if err := d.Gateway.CheckIssuer(d.Gateway.Directory(), actor.Office, d.today()); err != nil {
		return exchange.Document{}, err
	}
	document, err := d.original(ctx, actor, draft)
	if err != nil {
		return exchange.Document{}, err
	}
	if err := draft.check(document.Kind); err != nil {
		return exchange.Document{}, err
	}
	if len(draft.Recipients) > 0 {
		if err := exchange.CheckRecipients(d.Gateway.Directory(), actor.Office, draft.Recipients, d.today()); err != nil {
			return exchange.Document{}, err
		}
	}
	if document, err = d.copyDocument(actor, draft, document); err != nil {
		return exchange.Document{}, err
	}
	if err := d.checkCopy(ctx, document); err != nil {
		return exchange.Document{}, err
	}
	if err := d.recordCopy(ctx, actor, document); err != nil {
		return exchange.Document{}, err
	}
	sealed, err := d.Seal(ctx, actor, document.ID)
	if exchange.CodeOf(err) == "key.no_seal" {
		return d.Gateway.Recorded(ctx, actor.Office, document.ID)
	}
	return sealed, err
}

// check wants the form to fit what is copied.
func (d CopyDraft) check(of exchange.Kind) error {
	switch {
	case !d.Form.IsCopy():
		return exchange.Errorf(exchange.Invalid, "copy.form", "%q is no form of copy", d.Form)
	case (d.Form == exchange.CopyOfCopy) != (of == exchange.TrueCopy) || d.Form != exchange.CopyOfCopy && of.IsCopy():
		return exchange.Errorf(exchange.Conflict, "copy.wrong_original", "%s of a %s", d.Form, of)
	case (d.Form == exchange.Excerpt) != (d.Excerpt != nil) || d.Excerpt != nil && d.Excerpt.MediaType != PDF:
		return exchange.Errorf(exchange.Invalid, "copy.excerpt",
			"an excerpt, and nothing else, has a file of its own, in PDF")
	case d.ID != "" && !exchange.ValidID(string(d.ID)):
		return exchange.Errorf(exchange.Invalid, "draft.id", "%q is not a ULID", d.ID)
	}
	return nil
}

// original reads what is to be copied, as a document of one version.
func (d Desk) original(ctx context.Context, actor exchange.Actor, draft CopyDraft) (exchange.Document, error) {
	if draft.Arrival == "" {
		document, err := d.Gateway.Recorded(ctx, actor.Office, draft.Document)
		if err == nil && document.IssuedAt.IsZero() && document.CopyOf == nil {
			err = exchange.Errorf(exchange.Conflict, "copy.not_issued", "%s is %s", document.ID, document.Step())
		}
		if err != nil {
			return exchange.Document{}, err
		}
		document.Attachments = document.Attached()
		document.Versions = []exchange.Version{{File: document.Current()}}
		return document, nil
	}
	arrival, err := reading.Desk{Gateway: d.Gateway}.Arrival(ctx, actor, draft.Arrival)
	if err != nil {
		return exchange.Document{}, err
	}
	if status := arrival.Status(); status < exchange.Accepted || status == exchange.Refused {
		return exchange.Document{}, exchange.Errorf(exchange.Conflict, "copy.not_accepted", "%s is %s", arrival.ID, status)
	}
	if err := arrival.Usable(); err != nil {
		return exchange.Document{}, err
	}
	header := arrival.Header
	return exchange.Document{
		ID: header.ID, Office: header.From, Kind: header.Kind, Subject: header.Subject, Urgency: header.Urgency,
		Signatory:   header.Signatory,
		Attachments: header.Attachments, Numbering: header.Numbering, Versions: []exchange.Version{{File: header.Main}},
	}, nil
}

// copyDocument turns the original into its copy.
func (d Desk) copyDocument(actor exchange.Actor, draft CopyDraft, of exchange.Document) (exchange.Document, error) {
	now := d.now()
	document := exchange.Document{
		ID: draft.ID, Office: actor.Office, Kind: draft.Form, Subject: of.Subject, Urgency: of.Urgency,
		Secrecy:   exchange.NotSecret,
		Signatory: of.Signatory, Recipients: slices.Clone(draft.Recipients), Attachments: slices.Clone(of.Attachments),
		CopyOf: &exchange.Original{
			Document: of.ID, Arrival: draft.Arrival, Number: of.Numbering.String(), Digest: of.Current().Digest,
			From: of.Office,
		},
		CreatedAt: now, CreatedBy: actor.Name,
		Versions: []exchange.Version{{Step: exchange.StepSubmitted, File: of.Current(), At: now, By: actor.Name}},
	}
	if draft.Excerpt != nil {
		document.Versions[0].File, document.Attachments = *draft.Excerpt, nil
	}
	if document.ID != "" {
		return document, nil
	}
	// A second click is not a second copy: the id follows from what is asked for and the day. The original's own id,
	// which is in it, cannot be guessed.
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%q\n%s", actor.Office, draft.Form, of.ID,
		document.Current().Digest, draft.Recipients, d.today()))
	id := ulid.ULID{}
	if err := id.SetTime(ulid.Timestamp(d.today().Start())); err != nil {
		return exchange.Document{}, exchange.Errorf(exchange.Internal, "internal", "make an identifier: %w", err)
	}
	if err := id.SetEntropy(sum[:10]); err != nil {
		return exchange.Document{}, exchange.Errorf(exchange.Internal, "internal", "make an identifier: %w", err)
	}
	document.ID = exchange.DocumentID(id.String())
	return document, nil
}

// recordCopy adds the copy, and a line to the history of its original. One that is there already must be the same.
func (d Desk) recordCopy(ctx context.Context, actor exchange.Actor, document exchange.Document) error {
	err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		if err := tx.AddDocument(ctx, document); err != nil {
			return err
		}
		if err := d.logDocument(ctx, tx, actor, document, "document.submitted"); err != nil {
			return err
		}
		_, err := tx.AppendLog(ctx, exchange.Entry{
			At: d.now(), Act: "document.copied", Actor: actor.Name, Office: actor.Office, Document: document.CopyOf.Document,
			Detail: map[string]string{
				"copy": string(document.ID), "form": string(document.Kind), "digest": string(document.CopyOf.Digest),
			},
		})
		return err
	})
	if exchange.KindOf(err) != exchange.Conflict {
		return err
	}
	known, found := d.Gateway.Recorded(ctx, actor.Office, document.ID)
	if found != nil || known.CopyOf == nil || *known.CopyOf != *document.CopyOf || !sameDraft(known, document) {
		return exchange.Errorf(exchange.Conflict, "document.id_taken", "document %s is another: %w", document.ID, err)
	}
	return nil
}

// checkCopy has the file judged as it stands now: of what does not hold no copy is made.
func (d Desk) checkCopy(ctx context.Context, document exchange.Document) error {
	_, err := d.Examine(ctx, document.Current())
	return err
}

// The block of text that stands for the seal on copies and on appendices: the upper right corner of the first page
// (Decree 30/2020, Annex I), in millimetres. It fits into the upper margin, which is at least 20.
const (
	blockRight = 8.0
	blockTop   = 4.0
	blockWidth = 65.0
	blockLine  = 4.2 // of 10 points
	blockFrame = 2.0
)

// textBlock makes the block; the font is smaller when a line is too long for it.
func textBlock(right float64, lines ...string) *signing.Appearance {
	return &signing.Appearance{
		Page: 1, FromTopRight: true, X: right, Y: blockTop, Width: blockWidth,
		Height: float64(len(lines))*blockLine + blockFrame, Lines: lines,
	}
}

// copyBlock says the form of the copy, the copying office, and when it signed. A copy of a copy stands to the left of
// the true copy's block.
func copyBlock(document exchange.Document, order signing.Order) *signing.Appearance {
	form := strings.ToUpper(strings.TrimPrefix(document.Kind.Name(), "Bản "))
	right := blockRight
	if document.Kind == exchange.CopyOfCopy {
		right += blockWidth
	}
	return textBlock(right, form, order.Name, signing.ShownTime(order.At))
}

// sealAttachments gives each PDF attachment one signature of the office, which names the main document (Decree 30/2020,
// Annex I). Files that are no PDF, and those of copies, stay as they are; so does a file to which nothing can be added,
// and the number that was taken is not lost for it.
func (d Desk) sealAttachments(
	ctx context.Context, document exchange.Document, seal exchange.Key,
) ([]exchange.File, error) {
	if len(document.Attachments) == 0 || document.CopyOf != nil {
		return nil, nil
	}
	order := d.AttachmentOrder(document, seal)
	sealed := slices.Clone(document.Attachments)
	for i, file := range sealed {
		if file.MediaType != PDF {
			continue
		}
		extended, _, err := d.extend(ctx, file, order)
		if d.StaysUnsealed(ctx, document, err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("attachment %s: %w", file.Digest, err)
		}
		sealed[i] = extended
	}
	return sealed, nil
}

// AttachmentOrder is how the office's signature on a PDF attachment is to be made.
func (d Desk) AttachmentOrder(document exchange.Document, seal exchange.Key) signing.Order {
	order := d.order(seal, d.Gateway.Directory().NameOf(document.Office, document.Numbering.Date))
	order.Appearance = textBlock(blockRight, document.Numbering.String(), signing.ShownTime(order.At))
	return order
}

// StaysUnsealed says that nothing can be added to an attachment; the operator is told.
func (d Desk) StaysUnsealed(ctx context.Context, document exchange.Document, err error) bool {
	if !strings.HasPrefix(exchange.CodeOf(err), "pdf.") {
		return false
	}
	d.Gateway.Log.LogAttrs(ctx, slog.LevelWarn, "an attachment cannot be sealed",
		slog.String("document", string(document.ID)), slog.Any("error", err))
	return true
}
