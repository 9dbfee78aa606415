package exchange

import (
	"cmp"
	"context"
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
	if err := g.Rules.CheckKey(ctx, key, LeaderKey, document.Signatory.Name, g.now()); err != nil {
		return Document{}, err
	}
	file, _, err := g.extend(ctx, document.Current(), g.leaderOrder(document, key))
	if err != nil {
		return Document{}, err
	}
	used := usedKey{LeaderKey, certificateDigest(key.Identity)}
	return g.addVersion(ctx, actor, id, Version{Step: StepSigned, File: file}, used)
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
	order.Level, order.Evidence = cmp.Or(g.Level, signing.LevelT), g.Evidence
	if document.CopyOf != nil {
		order.Appearance = copyBlock(document, order)
		return order
	}
	box := sealBox(document, leader, seal)
	order.Appearance = &box
	order.Fill = document.fill()
	return order
}

// order is what all our signatures have in common.
func (g *Gateway) order(key Key, name string) signing.Order {
	return signing.Order{
		Identity: key.Identity, Level: signing.LevelT, Stamper: g.Stamper, At: InVietnam(g.Now()), Name: name,
	}
}

// extend signs the file and keeps the longer one. The old bytes stay the first bytes of the new file: the maker gives
// only the tail, and the digest of the whole. A level above B-T that cannot be reached now is owed.
func (g *Gateway) extend(ctx context.Context, file File, order signing.Order) (File, signing.Level, error) {
	blob, err := g.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return File{}, "", err
	}
	defer func() { _ = blob.Close() }() // it was only read
	if order.Midstates, err = g.midstates(ctx, file); err != nil {
		return File{}, "", err
	}
	signed, err := signing.SignPDF(ctx, blob, blob.Size(), order)
	if err != nil {
		return File{}, "", signingError(err)
	}
	if err := stamped(signed); err != nil {
		return File{}, "", err
	}
	extended, err := g.keepSigned(ctx, blob, file, signed)
	return extended, signed.Pending, err
}

// stamped wants the signature to have its time stamp: without proof of its time it is worth little once the certificate
// has ended.
func stamped(signed signing.Signed) error {
	if signed.Pending == "" || signed.Level != signing.LevelB {
		return nil
	}
	return Errorf(Unavailable, cmp.Or(certs.Code(signed.Owed), "timestamp.unavailable"),
		"level %s: %w", signed.Pending, signed.Owed)
}

// keepSigned stores the signed file: the old bytes with the tail.
func (g *Gateway) keepSigned(ctx context.Context, blob Blob, file File, signed signing.Signed) (File, error) {
	digest, err := g.keepExtended(ctx, blob, file.Digest, signed)
	if err != nil {
		return File{}, err
	}
	return File{Name: file.Name, MediaType: file.MediaType, Digest: digest, Size: signed.Size}, nil
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

// usedKey is the key with which a version was signed.
type usedKey struct {
	role        KeyRole
	certificate string // SHA-256 of its DER
}

// addVersion records a version unless its step was taken meanwhile; when and by whom is filled in here. The leaf of the
// act names the key that was used.
func (g *Gateway) addVersion(
	ctx context.Context, actor Actor, id DocumentID, version Version, key usedKey,
) (Document, error) {
	var document Document
	version.At, version.By = g.now(), actor.Name
	err := g.Records.Update(ctx, func(tx Tx) error {
		var err error
		if document, err = tx.Document(ctx, actor.Office, id); err != nil || document.has(version.Step) {
			return err
		}
		document, err = g.appendVersion(ctx, tx, actor, document, signedVersion{version, key})
		return err
	})
	return document, err
}

// signedVersion is a version with the key that made it.
type signedVersion struct {
	Version
	key usedKey
}

// appendVersion adds a version, and the leaf of the act, to a document as it stands in the transaction.
func (g *Gateway) appendVersion(
	ctx context.Context, tx Tx, actor Actor, document Document, signed signedVersion,
) (Document, error) {
	if err := tx.AddVersion(ctx, document.ID, signed.Version); err != nil {
		return document, err
	}
	document.Versions = append(document.Versions, signed.Version)
	entry := g.entry(actor, document, "document."+string(signed.Step))
	signed.key.addTo(entry)
	_, err := tx.AppendLog(ctx, entry)
	return document, err
}

// addTo names the key in the leaf of an act.
func (k usedKey) addTo(entry Entry) {
	entry.Detail["key"], entry.Detail["certificate"] = string(k.role), k.certificate
}

// leaderBox is where the leader's signature is shown.
func leaderBox(placement *Placement, key Key) signing.Appearance {
	box := signing.Appearance{
		Page: -1, X: leaderX, Y: leaderY, Width: key.WidthMM, Height: key.HeightMM, Image: key.Image,
	}
	if box.Width == 0 || box.Height == 0 {
		box.Width, box.Height = leaderWidth, leaderHeight
	}
	if placement != nil {
		box.Page, box.X, box.Y = placement.Page, placement.X, placement.Y
		if placement.Width > 0 && placement.Height > 0 {
			box.X = max(0, box.X+(placement.Width-box.Width)/2)
			box.Y = max(0, box.Y+(placement.Height-box.Height)/2)
		}
	}
	return box
}

// sealBox covers the left third of the leader's signature with the seal in its real size. Number and date for which no
// fields were prepared belong to it: printed on the page itself they would break the leader's signature.
func sealBox(document Document, leader, seal Key) signing.Appearance {
	size := seal.WidthMM
	if size == 0 {
		size = sealSize
	}
	box := signing.SealOver(leaderBox(document.Placement, leader), size, seal.Image)
	box.Marks = document.marks(box.X, box.Y)
	return box
}

// Seal (đóng dấu) takes the document's number and adds the signature of the office: only onto a document that carries
// the valid signature of its signatory, or onto a copy (Decree 30/2020, Articles 32 and 33). PDF attachments get one
// signature of the office each. The number is recorded before the seal is made; whatever happens in between, the
// document keeps it. Asked again it gives the sealed document. Errors: Untrusted seal.no_leader_signature.
func (g *Gateway) Seal(ctx context.Context, actor Actor, id DocumentID) (Document, error) {
	if err := actor.May(ActSeal); err != nil {
		return Document{}, err
	}
	document, err := g.document(ctx, actor.Office, id)
	if err != nil || document.has(StepSealed) {
		return document, err
	}
	if err := g.checkSealable(ctx, document); err != nil {
		return Document{}, err
	}
	seal, err := g.sealKey(ctx, document.Office) // before the number: a key that may not seal costs none
	if err != nil {
		return Document{}, err
	}
	if document, err = g.number(ctx, actor, id); err != nil || document.has(StepSealed) {
		return document, err
	}
	g.reach("numbered")
	version, err := g.applySeal(ctx, document, seal)
	if err != nil {
		return Document{}, err
	}
	used := usedKey{SealKey, certificateDigest(seal.Identity)}
	if document, err = g.addVersion(ctx, actor, id, version, used); err != nil {
		return Document{}, err
	}
	g.reach("sealed")
	return document, nil
}

// sealKey gives the office's seal when it may be used now.
func (g *Gateway) sealKey(ctx context.Context, office OfficeID) (Key, error) {
	seal, err := g.Keys.Seal(ctx, office)
	if err != nil {
		return Key{}, err
	}
	return seal, g.Rules.CheckKey(ctx, seal, SealKey, g.Directory().NameOf(office, g.today()), g.now())
}

// checkSealable wants the document to carry what a seal rests on.
func (g *Gateway) checkSealable(ctx context.Context, document Document) error {
	if document.CopyOf != nil {
		return g.checkCopy(ctx, document)
	}
	return g.checkLeader(ctx, document)
}

// checkLeader has the file judged now: what was valid when it was signed may have been found out since.
func (g *Gateway) checkLeader(ctx context.Context, document Document) error {
	if !document.has(StepSigned) {
		return Errorf(Untrusted, "seal.no_leader_signature", "%s was not signed", document.ID)
	}
	report, err := g.examine(ctx, document.Current())
	if err != nil {
		return err
	}
	if err := acceptable(report); err != nil {
		return err
	}
	_, signed := signatureOf(report, document.Signatory.Name)
	if leader, err := looksOf(g.Keys.Leader(ctx, document.Office, document.Signatory.Name)); err == nil && !signed {
		_, signed = signatureOf(report, leader.Holder) // none when the key was not assigned under another name
	}
	if !signed {
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

const (
	// SharedBook is the register book of offices that number all kinds of document in one sequence.
	SharedBook = "VB"
	// CopyBook is the book of copies: all kinds of copy have one sequence (Decree 30/2020, Annex I).
	CopyBook = "BS"
)

// Register names the book in which the office enters a document of the kind on the day.
func (o Office) Register(direction Direction, kind Kind, on Date) Register {
	book := SharedBook
	if direction == Outgoing && o.BookPerKind {
		book = string(kind)
	}
	if direction == Outgoing && kind.IsCopy() {
		book = CopyBook
	}
	return Register{Office: o.ID, Direction: direction, Book: book, Year: on.Year()}
}

func (g *Gateway) applySeal(ctx context.Context, document Document, seal Key) (Version, error) {
	// The leader may have signed elsewhere; then only the size of the image is not known.
	leader, err := looksOf(g.Keys.Leader(ctx, document.Office, document.Signatory.Name))
	if err != nil {
		return Version{}, err
	}
	version := Version{Step: StepSealed}
	if version.Attachments, err = g.sealAttachments(ctx, document, seal); err != nil {
		return Version{}, err
	}
	version.File, version.Owed, err = g.extend(ctx, document.Current(), g.sealOrder(document, leader, seal))
	return version, err
}
