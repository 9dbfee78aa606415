package exchange

import (
	"context"
	"errors"
	"slices"
	"strconv"
)

// Send (ban hành) issues a sealed document: in one transaction it becomes issued and owed to every recipient. Nothing
// has left the house when it returns, and nothing can be forgotten any more. Asked again it gives the issued
// document. Errors: Conflict document.not_sealed; recipient.closed with the successors when an office ended
// meanwhile.
func (g *Gateway) Send(ctx context.Context, actor Actor, id DocumentID) (Document, error) {
	if err := actor.May(ActSend); err != nil {
		return Document{}, err
	}
	document, err := g.Recorded(ctx, actor.Office, id)
	if err != nil || !document.IssuedAt.IsZero() {
		return document, err
	}
	if !document.Has(StepSealed) {
		return Document{}, Errorf(Conflict, "document.not_sealed", "%s is %s", id, document.Step())
	}
	directory, today := g.Directory(), g.today()
	if err := g.CheckIssuer(directory, document.Office, today); err != nil {
		return Document{}, err
	}
	if err := CheckRecipients(directory, document.Office, document.Recipients, today); err != nil {
		return Document{}, err
	}
	document.IssuedAt = g.now()
	message, err := g.sealInOrder(ctx, g.header(directory, document), document)
	if err != nil {
		return Document{}, err
	}
	deliveries, err := g.deliveries(directory, document, today)
	if err != nil {
		return Document{}, err
	}
	issued, err := g.issue(ctx, actor, document, message, deliveries)
	if errors.Is(err, errRaised) {
		return g.Send(ctx, actor, id)
	}
	if err != nil {
		return Document{}, err
	}
	g.Reach("issued")
	g.wakeDelivery()
	return issued, nil
}

// errRaised says that a version came between reading a document and issuing it.
var errRaised = errors.New("the document has a new version")

// header states the document as it is issued.
func (g *Gateway) header(directory *Directory, document Document) Header {
	return Header{
		Version: headerVersion, ID: document.ID,
		From: document.Office, FromName: directory.NameOf(document.Office, document.Numbering.Date),
		To: slices.Clone(document.Recipients), Node: g.Node,
		Kind: document.Kind, Subject: document.Subject, Urgency: document.Urgency, Secrecy: document.Secrecy,
		Signatory: document.Signatory, Numbering: document.Numbering,
		RepliesTo: document.RepliesTo, Replaces: document.Replaces, CopyOf: document.CopyOf.stated(), DueOn: document.DueOn,
		Main: document.Current(), Attachments: slices.Clone(document.Attached()), IssuedAt: document.IssuedAt,
	}
}

// deliveries owes the document, which was issued on a day before or today, to every recipient, by the way that the
// directory knows on the day of IssuedAt.
func (g *Gateway) deliveries(directory *Directory, document Document, issued Date) ([]Delivery, error) {
	today := Today(document.IssuedAt)
	deliveries := make([]Delivery, len(document.Recipients))
	for i, office := range document.Recipients {
		next, err := g.hop(directory, office, issued, today)
		if err != nil {
			return nil, err
		}
		deliveries[i] = Delivery{
			Message: MessageID(document.ID), To: office, Node: next, Lane: document.Urgency, At: document.IssuedAt,
		}
	}
	return deliveries, nil
}

func (g *Gateway) issue(
	ctx context.Context, actor Actor, document Document, message Message, deliveries []Delivery,
) (Document, error) {
	issued := document
	err := g.Records.Update(ctx, func(tx Tx) error {
		now, err := tx.Standing(ctx, document.Office, document.ID)
		if err != nil {
			return err
		}
		if now.Issued {
			issued, err = tx.Document(ctx, document.Office, document.ID)
			return err
		}
		if now.Versions != len(document.Versions) {
			return errRaised
		}
		if err := g.usableOriginal(ctx, tx, document); err != nil {
			return err
		}
		issued = document
		return g.recordIssue(ctx, tx, actor, document, outgoing{message, deliveries})
	})
	return issued, err
}

// outgoing is what an issued document leaves the house with.
type outgoing struct {
	message    Message
	deliveries []Delivery
}

func (g *Gateway) recordIssue(ctx context.Context, tx Tx, actor Actor, document Document, out outgoing) error {
	if _, _, err := tx.AddMessage(ctx, out.message); err != nil {
		return err
	}
	if err := tx.MarkIssued(ctx, document.ID, document.IssuedAt); err != nil {
		return err
	}
	if err := tx.AddDeliveries(ctx, out.deliveries); err != nil {
		return err
	}
	if err := tx.AddTies(ctx, g.header(g.Directory(), document).ties()); err != nil {
		return err
	}
	_, err := tx.AppendLog(ctx, Entry{
		At: document.IssuedAt, Act: "document.issued", Actor: actor.Name,
		Office: document.Office, Document: document.ID,
		Detail: map[string]string{
			"digest": string(document.Current().Digest), "number": document.Numbering.String(),
			"message": string(digestOf(out.message.Sealed)), "recipients": strconv.Itoa(len(out.deliveries)),
			"key": string(NodeKey), "certificate": CertificateDigest(g.Identity),
		},
	})
	return err
}
