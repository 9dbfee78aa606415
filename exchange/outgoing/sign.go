package outgoing

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"congvan/certs"
	"congvan/exchange"
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
func (d Desk) Sign(ctx context.Context, actor exchange.Actor, id exchange.DocumentID) (exchange.Document, error) {
	if err := actor.May(exchange.ActSign); err != nil {
		return exchange.Document{}, err
	}
	document, err := d.Gateway.Recorded(ctx, actor.Office, id)
	if err != nil || document.Has(exchange.StepSigned) {
		return document, err
	}
	if err := d.checkSignatory(actor, document); err != nil {
		return exchange.Document{}, err
	}
	key, err := d.Gateway.Keys.Leader(ctx, actor.Office, document.Signatory.Name)
	if err != nil {
		return exchange.Document{}, err
	}
	if err := d.Gateway.Rules.CheckKey(ctx, key, exchange.LeaderKey, document.Signatory.Name, d.now()); err != nil {
		return exchange.Document{}, err
	}
	file, _, err := d.extend(ctx, document.Current(), d.leaderOrder(document, key))
	if err != nil {
		return exchange.Document{}, err
	}
	used := UsedKey{exchange.LeaderKey, exchange.CertificateDigest(key.Identity)}
	return d.addVersion(ctx, actor, id, exchange.Version{Step: exchange.StepSigned, File: file}, used)
}

// leaderOrder is how the signatory's signature is to be made.
func (d Desk) leaderOrder(document exchange.Document, key exchange.Key) signing.Order {
	order := d.order(key, document.Signatory.Name)
	box := leaderBox(document.Placement, key)
	order.Appearance = &box
	return order
}

// sealOrder is how the office's seal is to be made; of the leader's key only the size of its image is used.
func (d Desk) sealOrder(document exchange.Document, leader, seal exchange.Key) signing.Order {
	order := d.order(seal, d.Gateway.Directory().NameOf(document.Office, document.Numbering.Date))
	order.Level, order.Evidence = cmp.Or(d.Gateway.Level, signing.LevelT), d.Gateway.Evidence
	if document.CopyOf != nil {
		order.Appearance = copyBlock(document, order)
		return order
	}
	box := sealBox(document, leader, seal)
	order.Appearance = &box
	order.Fill = fill(document)
	return order
}

// order is what all our signatures have in common.
func (d Desk) order(key exchange.Key, name string) signing.Order {
	return signing.Order{
		Identity: key.Identity, Level: signing.LevelT, Stamper: d.Gateway.Stamper, At: exchange.InVietnam(d.Gateway.Now()),
		Name: name,
	}
}

// extend signs the file and keeps the longer one. The old bytes stay the first bytes of the new file: the maker gives
// only the tail, and the digest of the whole. A level above B-T that cannot be reached now is owed.
func (d Desk) extend(
	ctx context.Context, file exchange.File, order signing.Order,
) (exchange.File, signing.Level, error) {
	blob, err := d.Gateway.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return exchange.File{}, "", err
	}
	defer func() { _ = blob.Close() }() // it was only read
	if order.Midstates, err = exchange.KeptMidstates(ctx, d.Gateway.Records, file); err != nil {
		return exchange.File{}, "", err
	}
	signed, err := signing.SignPDF(ctx, blob, blob.Size(), order)
	if err != nil {
		return exchange.File{}, "", SigningError(err)
	}
	extended, err := d.KeepStamped(ctx, blob, file, signed)
	return extended, signed.Pending, err
}

// SigningError gives a kind to what signing says: a file or a key that is refused stays so; a key that does not answer
// may do so later.
func SigningError(err error) error {
	switch code := signing.RefusalCode(err); {
	case errors.Is(err, certs.ErrRemoteRefused):
		return exchange.Errorf(exchange.Denied, certs.KeyCode(err), "sign: %w", err)
	case code == "":
		return exchange.Errorf(exchange.Unavailable, cmp.Or(certs.KeyCode(err), "sign.unavailable"), "sign: %w", err)
	case strings.HasPrefix(code, "certificate.") || strings.HasPrefix(code, "key."):
		return exchange.Errorf(exchange.Denied, code, "sign: %w", err)
	default:
		return exchange.Errorf(exchange.Invalid, code, "sign: %w", err)
	}
}

// UsedKey is the key with which a version was signed.
type UsedKey struct {
	Role        exchange.KeyRole
	Certificate string // SHA-256 of its DER
}

// addVersion records a version unless its step was taken meanwhile; when and by whom is filled in here. The leaf of the
// act names the key that was used.
func (d Desk) addVersion(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID, version exchange.Version, key UsedKey,
) (exchange.Document, error) {
	var document exchange.Document
	version.At, version.By = d.now(), actor.Name
	err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		var err error
		if document, err = tx.Document(ctx, actor.Office, id); err != nil || document.Has(version.Step) {
			return err
		}
		document, err = d.AppendVersion(ctx, tx, actor, document, SignedVersion{version, key})
		return err
	})
	return document, err
}

// SignedVersion is a version with the key that made it.
type SignedVersion struct {
	exchange.Version
	Key UsedKey
}

// AppendVersion adds a version, and the leaf of the act, to a document as it stands in the transaction.
func (d Desk) AppendVersion(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, document exchange.Document, signed SignedVersion,
) (exchange.Document, error) {
	if err := tx.AddVersion(ctx, document.ID, signed.Version); err != nil {
		return document, err
	}
	document.Versions = append(document.Versions, signed.Version)
	entry := d.EntryOf(actor, document, "document."+string(signed.Step))
	signed.Key.AddTo(entry)
	_, err := tx.AppendLog(ctx, entry)
	return document, err
}

// AddTo names the key in the leaf of an act.
func (k UsedKey) AddTo(entry exchange.Entry) {
	entry.Detail["key"], entry.Detail["certificate"] = string(k.Role), k.Certificate
}

// leaderBox is where the leader's signature is shown.
func leaderBox(placement *exchange.Placement, key exchange.Key) signing.Appearance {
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
func sealBox(document exchange.Document, leader, seal exchange.Key) signing.Appearance {
	size := seal.WidthMM
	if size == 0 {
		size = sealSize
	}
	box := signing.SealOver(leaderBox(document.Placement, leader), size, seal.Image)
	box.Marks = marks(document, box.X, box.Y)
	return box
}

// Seal (đóng dấu) takes the document's number and adds the signature of the office: only onto a document that carries
// the valid signature of its signatory, or onto a copy (Decree 30/2020, Articles 32 and 33). PDF attachments get one
// signature of the office each. The number is recorded before the seal is made; whatever happens in between, the
// document keeps it. Asked again it gives the sealed document. Errors: Untrusted seal.no_leader_signature.
func (d Desk) Seal(ctx context.Context, actor exchange.Actor, id exchange.DocumentID) (exchange.Document, error) {
	if err := actor.May(exchange.ActSeal); err != nil {
		return exchange.Document{}, err
	}
	document, err := d.Gateway.Recorded(ctx, actor.Office, id)
	if err != nil || document.Has(exchange.StepSealed) {
		return document, err
	}
	if err := d.checkSealable(ctx, document); err != nil {
		return exchange.Document{}, err
	}
	seal, err := d.sealKey(ctx, document.Office) // before the number: a key that may not seal costs none
	if err != nil {
		return exchange.Document{}, err
	}
	if document, err = d.Number(ctx, actor, id); err != nil || document.Has(exchange.StepSealed) {
		return document, err
	}
	d.Gateway.Reach("numbered")
	version, err := d.applySeal(ctx, document, seal)
	if err != nil {
		return exchange.Document{}, err
	}
	used := UsedKey{exchange.SealKey, exchange.CertificateDigest(seal.Identity)}
	if document, err = d.addVersion(ctx, actor, id, version, used); err != nil {
		return exchange.Document{}, err
	}
	d.Gateway.Reach("sealed")
	return document, nil
}

// sealKey gives the office's seal when it may be used now.
func (d Desk) sealKey(ctx context.Context, office exchange.OfficeID) (exchange.Key, error) {
	seal, err := d.Gateway.Keys.Seal(ctx, office)
	if err != nil {
		return exchange.Key{}, err
	}
	return seal, d.Gateway.Rules.CheckKey(ctx, seal, exchange.SealKey, d.Gateway.Directory().NameOf(office, d.today()),
		d.now())
}

// looksOf gives how a key looks. That needs neither the key nor the service where it lies.
func looksOf(key exchange.Key, err error) (exchange.Key, error) {
	if kind := exchange.KindOf(err); err != nil && (kind == exchange.NotFound || kind == exchange.Unavailable) {
		return key, nil
	}
	return key, err
}

// checkSealable wants the document to carry what a seal rests on.
func (d Desk) checkSealable(ctx context.Context, document exchange.Document) error {
	if document.CopyOf != nil {
		return d.checkCopy(ctx, document)
	}
	return d.checkLeader(ctx, document)
}

// checkLeader has the file judged now, or within the last minute: what was valid when it was signed may have been found
// out since.
func (d Desk) checkLeader(ctx context.Context, document exchange.Document) error {
	if !document.Has(exchange.StepSigned) {
		return exchange.Errorf(exchange.Untrusted, "seal.no_leader_signature", "%s was not signed", document.ID)
	}
	report, known := d.Gateway.Lately(document.Current().Digest)
	if !known {
		var err error
		if report, err = d.Examine(ctx, document.Current()); err != nil {
			return err
		}
	}
	_, signed := signatureOf(report, document.Signatory.Name)
	leader, err := looksOf(d.Gateway.Keys.Leader(ctx, document.Office, document.Signatory.Name))
	if err == nil && !signed {
		_, signed = signatureOf(report, leader.Holder) // none when the key was not assigned under another name
	}
	if !signed {
		return exchange.Errorf(exchange.Untrusted, "seal.no_leader_signature", "%s carries no valid signature of %s: %s",
			document.ID, document.Signatory.Name, report.Verdict)
	}
	return nil
}

// Number takes the number: the intent before the seal. A document that has one keeps it.
func (d Desk) Number(ctx context.Context, actor exchange.Actor, id exchange.DocumentID) (exchange.Document, error) {
	directory, today := d.Gateway.Directory(), d.today()
	var document exchange.Document
	err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		var err error
		if document, err = tx.Document(ctx, actor.Office, id); err != nil || document.Numbering.Number != 0 {
			return err
		}
		if err := d.Gateway.CheckIssuer(directory, document.Office, today); err != nil {
			return err
		}
		office, err := directory.Office(document.Office)
		if err != nil {
			return err
		}
		register := office.Register(exchange.Outgoing, document.Kind, today)
		notation := exchange.Notation(document.Kind, office.Notation, document.Unit)
		document.Numbering, err = tx.TakeNumber(ctx, register, string(id), notation, today)
		if err != nil {
			return err
		}
		return d.logDocument(ctx, tx, actor, document, "document.numbered")
	})
	return document, err
}

func (d Desk) applySeal(ctx context.Context, document exchange.Document, seal exchange.Key) (exchange.Version, error) {
	// The leader may have signed elsewhere; then only the size of the image is not known.
	leader, err := looksOf(d.Gateway.Keys.Leader(ctx, document.Office, document.Signatory.Name))
	if err != nil {
		return exchange.Version{}, err
	}
	version := exchange.Version{Step: exchange.StepSealed}
	if version.Attachments, err = d.sealAttachments(ctx, document, seal); err != nil {
		return exchange.Version{}, err
	}
	version.File, version.Owed, err = d.extend(ctx, document.Current(), d.sealOrder(document, leader, seal))
	return version, err
}

// CheckStep wants the step to be the document's next one, and the actor's to take.
func (d Desk) CheckStep(
	ctx context.Context, actor exchange.Actor, document exchange.Document, step exchange.Step,
) error {
	if document.Has(step) {
		return exchange.Errorf(exchange.Conflict, "session.step_taken", "%s was %s already", document.ID, step)
	}
	if step == exchange.StepSealed {
		return d.checkSealable(ctx, document)
	}
	return d.checkSignatory(actor, document)
}

// checkSignatory wants the actor to be the document's signatory, and the document not to have its number yet. A copy
// has none: only the office signs it.
func (d Desk) checkSignatory(actor exchange.Actor, document exchange.Document) error {
	if document.CopyOf != nil {
		return exchange.Errorf(exchange.Conflict, "copy.not_signed", "%s is a copy", document.ID)
	}
	if document.Numbering.Number != 0 {
		return exchange.Errorf(exchange.Conflict, "document.numbered", "%s has number %s", document.ID, document.Numbering)
	}
	if !exchange.SameName(actor.Name, document.Signatory.Name) {
		return exchange.Errorf(exchange.Denied, "sign.not_signatory", "%s is to be signed by %s", document.ID,
			document.Signatory.Name)
	}
	return d.Gateway.CheckIssuer(d.Gateway.Directory(), actor.Office, d.today())
}

// StepOrder is how the signature of a step is to be made with a key that is not held here: as with one that is, but for
// the key. Images are shown where the gateway holds them.
func (d Desk) StepOrder(
	ctx context.Context, document exchange.Document, step exchange.Step, identity certs.Identity,
) (signing.Order, error) {
	leader, err := looksOf(d.Gateway.Keys.Leader(ctx, document.Office, document.Signatory.Name))
	if err != nil {
		return signing.Order{}, err
	}
	if step == exchange.StepSigned {
		leader.Identity = identity
		return d.leaderOrder(document, leader), nil
	}
	seal, err := looksOf(d.Gateway.Keys.Seal(ctx, document.Office))
	if err != nil {
		return signing.Order{}, err
	}
	seal.Identity = identity
	return d.sealOrder(document, leader, seal), nil
}
