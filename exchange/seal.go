package exchange

import (
	"context"
)

// Seal (đóng dấu) takes the document's number and adds the signature of the office: only onto a document that carries
// the valid signature of its signatory (Decree 30/2020, Articles 32 and 33). The number is recorded before the seal is
// made; whatever happens in between, the document keeps it. Asked again it gives the sealed document. Errors: Untrusted
// seal.no_leader_signature.
func (g *Gateway) Seal(ctx context.Context, actor Actor, id DocumentID) (Document, error) {
	if err := actor.May(ActSeal); err != nil {
		return Document{}, err
	}
	document, err := g.document(ctx, actor.Office, id)
	if err != nil || document.has(StepSealed) {
		return document, err
	}
	if err := g.checkLeader(ctx, document); err != nil {
		return Document{}, err
	}
	if document, err = g.number(ctx, actor, id); err != nil || document.has(StepSealed) {
		return document, err
	}
	g.reach("numbered")
	file, err := g.applySeal(ctx, document)
	if err != nil {
		return Document{}, err
	}
	if document, err = g.addVersion(ctx, actor, id, StepSealed, file); err != nil {
		return Document{}, err
	}
	g.reach("sealed")
	return document, nil
}

// checkLeader has the file judged now: what was valid when it was signed may have been found out since.
func (g *Gateway) checkLeader(ctx context.Context, document Document) error {
	if len(document.Versions) == 1 {
		return Errorf(Untrusted, "seal.no_leader_signature", "%s was not signed", document.ID)
	}
	report, err := g.examine(ctx, document.Current())
	if err != nil {
		return err
	}
	if err := acceptable(report); err != nil {
		return err
	}
	if _, signed := signatureOf(report, document.Signatory.Name); !signed {
		return Errorf(Untrusted, "seal.no_leader_signature", "%s carries no valid signature of %s: %s",
			document.ID, document.Signatory.Name, report.Verdict)
	}
	return nil
}

// number takes the number: the intent before the seal. A document that has one keeps it.
func (g *Gateway) number(ctx context.Context, actor Actor, id DocumentID) (Document, error) {
	directory, today := g.Directory(), g.today()
	var document Document
	err := g.Records.Update(ctx, func(tx Tx) error {
		var err error
		if document, err = tx.Document(ctx, actor.Office, id); err != nil || document.Numbering.Number != 0 {
			return err
		}
		if err := g.checkIssuer(directory, document.Office, today); err != nil {
			return err
		}
		office, err := directory.Office(document.Office)
		if err != nil {
			return err
		}
		register := office.Register(Outgoing, document.Kind, today)
		notation := Notation(document.Kind, office.Notation, document.Unit)
		document.Numbering, err = tx.TakeNumber(ctx, register, string(id), notation, today)
		if err != nil {
			return err
		}
		return g.log(ctx, tx, actor, document, "document.numbered")
	})
	return document, err
}

// SharedBook is the register book of offices that number all kinds of document in one sequence.
const SharedBook = "VB"

// Register names the book in which the office enters a document of the kind on the day.
func (o Office) Register(direction Direction, kind Kind, on Date) Register {
	book := SharedBook
	if direction == Outgoing && o.BookPerKind {
		book = string(kind)
	}
	return Register{Office: o.ID, Direction: direction, Book: book, Year: on.Year()}
}

func (g *Gateway) applySeal(ctx context.Context, document Document) (File, error) {
	seal, err := g.Keys.Seal(ctx, document.Office)
	if err != nil {
		return File{}, err
	}
	// The leader may have signed elsewhere; then only the size of the image is not known.
	leader, err := g.Keys.Leader(ctx, document.Office, document.Signatory.Name)
	if err != nil && KindOf(err) != NotFound {
		return File{}, err
	}
	order := g.order(seal, g.Directory().NameOf(document.Office, document.Numbering.Date))
	box := sealBox(document, leader, seal)
	order.Appearance = &box
	return g.extend(ctx, document.Current(), order)
}
