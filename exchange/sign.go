package exchange

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"strings"

	"congvan/certs"
	"congvan/signing"
)

// Sizes of the images where the key gives none, and the place of the leader's signature on A4: in the right column,
// above the name of the signatory (Decree 30/2020, Annex I, boxes 7 and 8). In millimetres.
const (
	leaderWidth  = 45.0
	leaderHeight = 20.0
	sealSize     = 36.0
	leaderX      = 125.0
	leaderY      = 45.0
	lineHeight   = 5.0
	markSize     = 12.0 // points
)

// Sign (ký) adds the signature of the document's signatory, who must be the actor. Asked again it gives the signed
// document. Errors: Denied sign.not_signatory; Conflict document.numbered when it is too late.
func (g *Gateway) Sign(ctx context.Context, actor Actor, id DocumentID) (Document, error) {
	if err := actor.May(ActSign); err != nil {
		return Document{}, err
	}
	document, err := g.document(ctx, actor.Office, id)
	if err != nil || document.has(StepSigned) {
		return document, err
	}
	if err := g.checkSignatory(actor, document); err != nil {
		return Document{}, err
	}
	key, err := g.Keys.Leader(ctx, actor.Office, document.Signatory.Name)
	if err != nil {
		return Document{}, err
	}
	file, err := g.extend(ctx, document.Current(), g.leaderOrder(document, key))
	if err != nil {
		return Document{}, err
	}
	return g.addVersion(ctx, actor, id, StepSigned, file)
}

// leaderOrder is how the signatory's signature is to be made.
func (g *Gateway) leaderOrder(document Document, key Key) signing.Order {
	order := g.order(key, document.Signatory.Name)
	box := leaderBox(document.Placement, key)
	order.Appearance = &box
	return order
}

// sealOrder is how the office's seal is to be made; of the leader's key only the size of its image is used.
func (g *Gateway) sealOrder(document Document, leader, seal Key) signing.Order {
	order := g.order(seal, g.Directory().NameOf(document.Office, document.Numbering.Date))
	box := sealBox(document, leader, seal)
	order.Appearance = &box
	return order
}

// order is what all our signatures have in common.
func (g *Gateway) order(key Key, name string) signing.Order {
	return signing.Order{
		Identity: key.Identity, Level: signing.LevelT, Stamper: g.Stamper, At: InVietnam(g.Now()), Name: name,
	}
}

// extend signs the file and keeps the longer one. The old bytes stay the first bytes of the new file: the maker gives
// only the tail, and the digest of the whole is checked when it is kept.
func (g *Gateway) extend(ctx context.Context, file File, order signing.Order) (File, error) {
	blob, err := g.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	signed, err := signing.SignPDF(ctx, blob, blob.Size(), order)
	if err != nil {
		return File{}, signingError(err)
	}
	if err := stamped(signed); err != nil {
		return File{}, err
	}
	return g.keepSigned(ctx, file, blob, signed)
}

// stamped wants the signature to have its time stamp: without proof of its time it is worth little once the certificate
// has ended.
func stamped(signed signing.Signed) error {
	if signed.Pending == "" {
		return nil
	}
	return Errorf(Unavailable, cmp.Or(certs.Code(signed.Owed), "timestamp.unavailable"),
		"level %s: %w", signed.Pending, signed.Owed)
}

// keepSigned keeps a file with what was added to it.
func (g *Gateway) keepSigned(ctx context.Context, file File, blob Blob, signed signing.Signed) (File, error) {
	want := Digest(hex.EncodeToString(signed.SHA256[:]))
	digest, size, err := g.Blobs.Put(ctx, signed.Reader(blob, blob.Size()), want, g.MaxFile)
	if err != nil {
		return File{}, err
	}
	if size != blob.Size()+int64(len(signed.Tail)) {
		return File{}, Errorf(Internal, "internal", "%s extends %s by %d bytes", digest, file.Digest, size-blob.Size())
	}
	return File{Name: file.Name, MediaType: file.MediaType, Digest: digest, Size: size}, nil
}

// signingError gives a kind to what signing says: a file or a key that is refused stays so; a key that does not answer
// may do so later.
func signingError(err error) error {
	switch code := signing.RefusalCode(err); {
	case errors.Is(err, certs.ErrRemoteRefused):
		return Errorf(Denied, certs.KeyCode(err), "sign: %w", err)
	case code == "":
		return Errorf(Unavailable, cmp.Or(certs.KeyCode(err), "sign.unavailable"), "sign: %w", err)
	case strings.HasPrefix(code, "certificate.") || strings.HasPrefix(code, "key."):
		return Errorf(Denied, code, "sign: %w", err)
	default:
		return Errorf(Invalid, code, "sign: %w", err)
	}
}

// addVersion records a version unless the step was taken meanwhile.
func (g *Gateway) addVersion(
	ctx context.Context, actor Actor, id DocumentID, step Step, file File,
) (Document, error) {
	var document Document
	err := g.Records.Update(ctx, func(tx Tx) error {
		var err error
		if document, err = tx.Document(ctx, actor.Office, id); err != nil || document.has(step) {
			return err
		}
		version := Version{Step: step, File: file, At: g.now(), By: actor.Name}
		if err := tx.AddVersion(ctx, id, version); err != nil {
			return err
		}
		document.Versions = append(document.Versions, version)
		return g.log(ctx, tx, actor, document, "document."+string(step))
	})
	return document, err
}

// leaderBox is where the leader's signature is shown.
func leaderBox(placement *Placement, key Key) signing.Appearance {
	box := signing.Appearance{
		Page: -1, X: leaderX, Y: leaderY, Width: key.WidthMM, Height: key.HeightMM, Image: key.Image,
	}
	if placement != nil {
		box.Page, box.X, box.Y = placement.Page, placement.X, placement.Y
	}
	if box.Width == 0 || box.Height == 0 {
		box.Width, box.Height = leaderWidth, leaderHeight
	}
	return box
}

// sealBox covers the left third of the leader's signature with the seal in its real size. Number and date belong to it:
// printed on the page itself they would break the leader's signature.
func sealBox(document Document, leader, seal Key) signing.Appearance {
	size := seal.WidthMM
	if size == 0 {
		size = sealSize
	}
	box := signing.SealOver(leaderBox(document.Placement, leader), size, seal.Image)
	number := signing.Mark{X: box.X, Y: box.Y - lineHeight, Text: "Số: " + document.Numbering.String()}
	date := signing.Mark{X: box.X, Y: box.Y - 2*lineHeight, Text: document.Numbering.Date.Long()}
	if placement := document.Placement; placement != nil && placement.Number != nil {
		number = signing.Mark{X: placement.Number.X, Y: placement.Number.Y, Text: document.Numbering.String()}
	}
	if placement := document.Placement; placement != nil && placement.Date != nil {
		date.X, date.Y = placement.Date.X, placement.Date.Y
	}
	for _, mark := range []signing.Mark{number, date} {
		mark.Y, mark.FontSize = max(mark.Y, lineHeight), markSize
		box.Marks = append(box.Marks, mark)
	}
	return box
}

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
	return g.extend(ctx, document.Current(), g.sealOrder(document, leader, seal))
}
