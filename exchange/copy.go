package exchange

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"congvan/signing"
)

// The forms of copy (Decree 30/2020, Article 25).
const (
	TrueCopy   Kind = "SY" // sao y: the whole of an original
	CopyOfCopy Kind = "SL" // sao lục: the whole of a true copy
	Excerpt    Kind = "TS" // trích sao: a part of an original
)

// Original (bản gốc, bản chính) is what a copy was made of.
type Original struct {
	Document DocumentID `json:"document"`
	Arrival  ArrivalID  `json:"arrival,omitempty"` // when it came from another office
	Number   string     `json:"number"`            // số và ký hiệu
	Digest   Digest     `json:"digest"`            // of the main file that was copied
	From     OfficeID   `json:"from,omitempty"`    // that issued it
}

// CopyDraft asks for a copy of a document that the office has issued or accepted.
type CopyDraft struct {
	ID         DocumentID // given by the client; empty: the same copy on the same day is the same document
	Form       Kind
	Document   DocumentID // issued by the office; or
	Arrival    ArrivalID  // accepted by it
	Recipients []OfficeID // may be none
	Excerpt    *File      // of an [Excerpt]: the part as PDF, kept before by [Gateway.Keep]
}

// Copy (sao) makes a copy: a document of its own with its own number, whose file is that of the original with one more
// signature of the office, shown as text (Decree 30/2020, Articles 25 to 27 and Annex I). It may then be sent. Asked
// again it gives the same copy. Where the gateway does not hold the seal, the copy waits for it: a session seals it.
// Errors: Invalid copy.form, copy.excerpt; Conflict copy.not_issued, copy.not_accepted,
// copy.wrong_original; Untrusted document.signature_failed.
func (g *Gateway) Copy(ctx context.Context, actor Actor, draft CopyDraft) (Document, error) {
	if err := actor.May(ActSeal); err != nil {
		return Document{}, err
	}
	if err := g.checkIssuer(g.Directory(), actor.Office, g.today()); err != nil {
		return Document{}, err
	}
	document, err := g.original(ctx, actor, draft)
	if err != nil {
		return Document{}, err
	}
	if err := draft.check(document.Kind); err != nil {
		return Document{}, err
	}
	if len(draft.Recipients) > 0 {
		if err := checkRecipients(g.Directory(), actor.Office, draft.Recipients, g.today()); err != nil {
			return Document{}, err
		}
	}
	if document, err = g.copyDocument(actor, draft, document); err != nil {
		return Document{}, err
	}
	if err := g.checkCopy(ctx, document); err != nil {
		return Document{}, err
	}
	if err := g.recordCopy(ctx, actor, document); err != nil {
		return Document{}, err
	}
	sealed, err := g.Seal(ctx, actor, document.ID)
	if CodeOf(err) == "key.no_seal" {
		return g.document(ctx, actor.Office, document.ID)
	}
	return sealed, err
}

// check wants the form to fit what is copied.
func (d CopyDraft) check(of Kind) error {
	switch {
	case !d.Form.IsCopy():
		return Errorf(Invalid, "copy.form", "%q is no form of copy", d.Form)
	case (d.Form == CopyOfCopy) != (of == TrueCopy) || d.Form != CopyOfCopy && of.IsCopy():
		return Errorf(Conflict, "copy.wrong_original", "%s of a %s", d.Form, of)
	case (d.Form == Excerpt) != (d.Excerpt != nil) || d.Excerpt != nil && d.Excerpt.MediaType != pdfType:
		return Errorf(Invalid, "copy.excerpt", "an excerpt, and nothing else, has a file of its own, in PDF")
	case d.ID != "" && !validID(string(d.ID)):
		return Errorf(Invalid, "draft.id", "%q is not a ULID", d.ID)
	}
	return nil
}

// original reads what is to be copied, as a document of one version.
func (g *Gateway) original(ctx context.Context, actor Actor, draft CopyDraft) (Document, error) {
	if draft.Arrival == "" {
		document, err := g.document(ctx, actor.Office, draft.Document)
		if err == nil && document.IssuedAt.IsZero() && document.CopyOf == nil {
			err = Errorf(Conflict, "copy.not_issued", "%s is %s", document.ID, document.Step())
		}
		if err != nil {
			return Document{}, err
		}
		document.Attachments = document.Attached()
		document.Versions = []Version{{File: document.Current()}}
		return document, nil
	}
	arrival, err := g.Arrival(ctx, actor, draft.Arrival)
	if err != nil {
		return Document{}, err
	}
	if status := arrival.Status(); status < Accepted || status == Refused {
		return Document{}, Errorf(Conflict, "copy.not_accepted", "%s is %s", arrival.ID, status)
	}
	if err := arrival.Usable(); err != nil {
		return Document{}, err
	}
	header := arrival.Header
	return Document{
		ID: header.ID, Office: header.From, Kind: header.Kind, Subject: header.Subject, Urgency: header.Urgency,
		Signatory:   header.Signatory,
		Attachments: header.Attachments, Numbering: header.Numbering, Versions: []Version{{File: header.Main}},
	}, nil
}

// copyDocument turns the original into its copy.
func (g *Gateway) copyDocument(actor Actor, draft CopyDraft, of Document) (Document, error) {
	now := g.now()
	document := Document{
		ID: draft.ID, Office: actor.Office, Kind: draft.Form, Subject: of.Subject, Urgency: of.Urgency, Secrecy: NotSecret,
		Signatory: of.Signatory, Recipients: slices.Clone(draft.Recipients), Attachments: slices.Clone(of.Attachments),
		CopyOf: &Original{
			Document: of.ID, Arrival: draft.Arrival, Number: of.Numbering.String(), Digest: of.Current().Digest,
			From: of.Office,
		},
		CreatedAt: now, CreatedBy: actor.Name,
		Versions: []Version{{Step: StepSubmitted, File: of.Current(), At: now, By: actor.Name}},
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
		document.Current().Digest, draft.Recipients, g.today()))
	id := ulid.ULID{}
	if err := id.SetTime(ulid.Timestamp(g.today().Start())); err != nil {
		return Document{}, Errorf(Internal, "internal", "make an identifier: %w", err)
	}
	if err := id.SetEntropy(sum[:10]); err != nil {
		return Document{}, Errorf(Internal, "internal", "make an identifier: %w", err)
	}
	document.ID = DocumentID(id.String())
	return document, nil
}

// stated is what a header says of the original: not under which id it arrived at the office that copied it.
func (o *Original) stated() *Original {
	if o == nil {
		return nil
	}
	stated := *o
	stated.Arrival = ""
	return &stated
}

// usableOriginal refuses to issue a copy of an arrival that was given back, or is asked back, since it was copied.
func (g *Gateway) usableOriginal(ctx context.Context, tx Tx, document Document) error {
	if document.CopyOf == nil || document.CopyOf.Arrival == "" {
		return nil
	}
	arrival, err := g.FindArrival(ctx, tx, document.Office, document.CopyOf.Arrival)
	if err != nil {
		return err
	}
	return arrival.Usable()
}

// recordCopy adds the copy, and a line to the history of its original. One that is there already must be the same.
func (g *Gateway) recordCopy(ctx context.Context, actor Actor, document Document) error {
	err := g.Records.Update(ctx, func(tx Tx) error {
		if err := tx.AddDocument(ctx, document); err != nil {
			return err
		}
		if err := g.log(ctx, tx, actor, document, "document.submitted"); err != nil {
			return err
		}
		_, err := tx.AppendLog(ctx, Entry{
			At: g.now(), Act: "document.copied", Actor: actor.Name, Office: actor.Office, Document: document.CopyOf.Document,
			Detail: map[string]string{
				"copy": string(document.ID), "form": string(document.Kind), "digest": string(document.CopyOf.Digest),
			},
		})
		return err
	})
	if KindOf(err) != Conflict {
		return err
	}
	known, found := g.document(ctx, actor.Office, document.ID)
	if found != nil || known.CopyOf == nil || *known.CopyOf != *document.CopyOf || !sameDraft(known, document) {
		return Errorf(Conflict, "document.id_taken", "document %s is another: %w", document.ID, err)
	}
	return nil
}

// checkCopy has the file judged as it stands now: of what does not hold no copy is made.
func (g *Gateway) checkCopy(ctx context.Context, document Document) error {
	report, err := g.examine(ctx, document.Current())
	if err != nil {
		return err
	}
	return acceptable(report)
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
func copyBlock(document Document, order signing.Order) *signing.Appearance {
	form := strings.ToUpper(strings.TrimPrefix(document.Kind.Name(), "Bản "))
	right := blockRight
	if document.Kind == CopyOfCopy {
		right += blockWidth
	}
	return textBlock(right, form, order.Name, signing.ShownTime(order.At))
}

// sealAttachments gives each PDF attachment one signature of the office, which names the main document (Decree 30/2020,
// Annex I). Files that are no PDF, and those of copies, stay as they are; so does a file to which nothing can be added,
// and the number that was taken is not lost for it.
func (g *Gateway) sealAttachments(ctx context.Context, document Document, seal Key) ([]File, error) {
	if len(document.Attachments) == 0 || document.CopyOf != nil {
		return nil, nil
	}
	order := g.attachmentOrder(document, seal)
	sealed := slices.Clone(document.Attachments)
	for i, file := range sealed {
		if file.MediaType != pdfType {
			continue
		}
		extended, _, err := g.extend(ctx, file, order)
		if g.staysUnsealed(ctx, document, err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("attachment %s: %w", file.Digest, err)
		}
		sealed[i] = extended
	}
	return sealed, nil
}

// attachmentOrder is how the office's signature on a PDF attachment is to be made.
func (g *Gateway) attachmentOrder(document Document, seal Key) signing.Order {
	order := g.order(seal, g.Directory().NameOf(document.Office, document.Numbering.Date))
	order.Appearance = textBlock(blockRight, document.Numbering.String(), signing.ShownTime(order.At))
	return order
}

// staysUnsealed says that nothing can be added to an attachment; the operator is told.
func (g *Gateway) staysUnsealed(ctx context.Context, document Document, err error) bool {
	if !strings.HasPrefix(CodeOf(err), "pdf.") {
		return false
	}
	g.Log.LogAttrs(ctx, slog.LevelWarn, "an attachment cannot be sealed",
		slog.String("document", string(document.ID)), slog.Any("error", err))
	return true
}
