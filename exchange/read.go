package exchange

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"congvan/signing"
)

// Document gives a document of the actor's office, or of a closed one whose documents it keeps.
func (g *Gateway) Document(ctx context.Context, actor Actor, id DocumentID) (Document, error) {
	if err := actor.May(ActRead); err != nil {
		return Document{}, err
	}
	var document Document
	err := g.Records.View(ctx, func(tx Tx) error {
		var err error
		document, err = g.FindDocument(ctx, tx, actor.Office, id)
		return err
	})
	return document, err
}

// Documents lists documents of the actor's office (văn bản đi), newest first.
func (g *Gateway) Documents(ctx context.Context, actor Actor, page Page) ([]Document, error) {
	if err := page.Check(actor); err != nil {
		return nil, err
	}
	office, page, err := g.listed(actor, page)
	if err != nil {
		return nil, err
	}
	var documents []Document
	err = g.Records.View(ctx, func(tx Tx) error {
		var err error
		documents, err = tx.Documents(ctx, office, page)
		return err
	})
	return documents, err
}

// Arrival gives an arrival at the actor's office, which is shown with it; see [Gateway.Show].
func (g *Gateway) Arrival(ctx context.Context, actor Actor, id ArrivalID) (Arrival, error) {
	if err := actor.May(ActRead); err != nil {
		return Arrival{}, err
	}
	found, err := g.show(ctx, actor, func(tx Tx) ([]Arrival, error) {
		arrival, err := g.FindArrival(ctx, tx, actor.Office, id)
		return []Arrival{arrival}, err
	})
	if err != nil {
		return Arrival{}, err
	}
	return found[0], nil
}

// Arrivals lists arrivals at the actor's office (văn bản đến), newest first; they are shown with it. Those that were
// withdrawn before are not among them; those at closed offices whose documents it keeps are, unless the page asks for
// one source.
func (g *Gateway) Arrivals(ctx context.Context, actor Actor, page Page) ([]Arrival, error) {
	if err := page.Check(actor); err != nil {
		return nil, err
	}
	office, page, err := g.listed(actor, page)
	if err != nil {
		return nil, err
	}
	return g.show(ctx, actor, func(tx Tx) ([]Arrival, error) { return tx.Arrivals(ctx, office, page) })
}

// Check refuses a page of no or too many items, and an actor who may not read.
func (p Page) Check(actor Actor) error {
	if p.Limit < 1 || p.Limit > 200 {
		return Errorf(Invalid, "page.limit", "limit %d, 1 to 200", p.Limit)
	}
	return actor.May(ActRead)
}

// Progress is how far a document has come with one recipient.
type Progress struct {
	Office          OfficeID
	Node            NodeID           // the next gateway on the way
	OwedAt          time.Time        // last
	Deliveries      int              // one, and one more for each time it was resent
	Acknowledgement *Acknowledgement // of the last delivery; nil: not brought yet
	Receipts        []Receipt        // about this recipient's copy, oldest first
	Readdressed     []OfficeID       // those to whom the document was addressed anew instead

	asked int // how often it was asked back
}

// Status is the last status that counts, as the receipts say; empty when none came.
func (p Progress) Status() Status {
	if len(p.Receipts) == 0 {
		return ""
	}
	return lastStatus(p.Receipts)
}

// Recipients tells of every recipient of a document of the actor's office how far it has come. It is empty before the
// document is issued.
func (g *Gateway) Recipients(ctx context.Context, actor Actor, id DocumentID) ([]Progress, error) {
	if err := actor.May(ActRead); err != nil {
		return nil, err
	}
	var list []Progress
	err := g.Records.View(ctx, func(tx Tx) error {
		_, err := g.FindDocument(ctx, tx, actor.Office, id)
		if err == nil {
			list, err = progressOf(ctx, tx, id)
		}
		return err
	})
	return list, err
}

// Progress tells how far a document has come with each recipient, within a transaction.
func (*Gateway) Progress(ctx context.Context, tx Tx, id DocumentID) ([]Progress, error) {
	return progressOf(ctx, tx, id)
}

// progressOf gives the progress with each recipient, in the order in which they were owed first.
func progressOf(ctx context.Context, tx Tx, id DocumentID) ([]Progress, error) {
	states, err := tx.Deliveries(ctx, MessageID(id))
	if err != nil {
		return nil, err
	}
	receipts, err := tx.Receipts(ctx, id)
	if err != nil {
		return nil, err
	}
	about := byAddressee(receipts)
	list := make([]Progress, 0, len(states))
	places := make(map[OfficeID]int, len(states))
	for _, state := range states {
		place, again := places[state.To]
		if !again {
			place = len(list)
			places[state.To] = place
			list = append(list, Progress{})
		}
		list[place] = Progress{
			Office: state.To, Node: state.Node, OwedAt: state.At, Deliveries: list[place].Deliveries + 1,
			Acknowledgement: state.Acknowledgement, Receipts: about[state.To],
		}
	}
	return list, noticed(ctx, tx, id, func(office OfficeID) *Progress {
		if place, known := places[office]; known {
			return &list[place]
		}
		return nil
	})
}

// noticed notes with recipients what the office said after sending: who gets the document instead of them, and from
// whom it was taken back.
func noticed(ctx context.Context, tx Tx, id DocumentID, of func(OfficeID) *Progress) error {
	notices, err := tx.Notices(ctx, id)
	if err != nil || len(notices) == 0 {
		return err
	}
	message, err := tx.Message(ctx, MessageID(id))
	if err != nil {
		return err
	}
	header, err := storedHeader(message)
	if err != nil {
		return err
	}
	for _, notice := range notices {
		if notice.about(header) {
			notice.note(of)
		}
	}
	return nil
}

func (n Notice) note(of func(OfficeID) *Progress) {
	switch n.Status { //nolint:exhaustive // others have no effect
	case RecipientsAdded:
		if progress := of(n.Instead); progress != nil {
			progress.Readdressed = append(progress.Readdressed, n.To...)
		}
	case RecallRequested:
		for _, office := range n.To {
			if progress := of(office); progress != nil {
				progress.asked++
			}
		}
	}
}

// TakenBack says whether the document was asked back from the recipient, who has not refused since, with those who have
// given it back.
func (p Progress) TakenBack() bool {
	open := p.asked
	for _, receipt := range p.Receipts {
		if receipt.Status == RecallRefused {
			open--
		}
	}
	return open > 0
}

// byAddressee groups receipts by the office that the document was addressed to.
func byAddressee(receipts []Receipt) map[OfficeID][]Receipt {
	about, heirs := map[OfficeID][]Receipt{}, map[OfficeID][]OfficeID{}
	for _, receipt := range receipts {
		about[receipt.addressee()] = append(about[receipt.addressee()], receipt)
		if receipt.For != "" && receipt.Status == Arrived {
			heirs[receipt.Office] = append(heirs[receipt.Office], receipt.For)
		}
	}
	for _, receipt := range receipts { // an heir decides once about what came to it for several
		for _, office := range heirs[receipt.Office] {
			if receipt.Status != Arrived && receipt.addressee() != office {
				about[office] = append(about[office], receipt)
			}
		}
	}
	return about
}

// Event is something that happened to a document, as the log or a receipt tells it.
type Event struct {
	At      time.Time
	Act     string // of the log entry, or "receipt." and the status
	Actor   string
	Office  OfficeID
	Index   int64 // of the log entry; -1 for a receipt
	Detail  map[string]string
	Receipt *Receipt // nil for a log entry
}

// Timeline tells what happened to a document as far as it concerns the actor's office, oldest first: the entries of
// this gateway's log and the signed receipts. The office that issued it sees the receipts of all recipients, a
// recipient those about its own copy.
func (g *Gateway) Timeline(ctx context.Context, actor Actor, id DocumentID) ([]Event, error) {
	if err := actor.May(ActRead); err != nil {
		return nil, err
	}
	var events []Event
	err := g.Records.View(ctx, func(tx Tx) error {
		issuer, err := g.hearsAll(ctx, tx, actor.Office, id)
		if err != nil {
			return err
		}
		entries, err := g.FindEntries(ctx, tx, actor.Office, id)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return Errorf(NotFound, "document.not_found", "document %q", id)
		}
		receipts, err := tx.Receipts(ctx, id)
		if err != nil {
			return err
		}
		if !issuer {
			sources := g.Sources(actor.Office)
			receipts = slices.DeleteFunc(receipts, func(receipt Receipt) bool {
				return !slices.Contains(sources, receipt.Office) && !slices.Contains(sources, receipt.addressee())
			})
		}
		events = timeline(entries, receipts)
		return nil
	})
	return events, err
}

// hearsAll says whether the office is told what all recipients say: it issued the document, or keeps those of the
// office that did. Of a document that came from a gateway that is no more only the answers are here.
func (g *Gateway) hearsAll(ctx context.Context, tx Tx, office OfficeID, id DocumentID) (bool, error) {
	_, err := g.FindDocument(ctx, tx, office, id)
	if err == nil || KindOf(err) != NotFound {
		return err == nil, err
	}
	_, err = g.FindArrivalOf(ctx, tx, office, id)
	if err == nil || KindOf(err) != NotFound {
		return false, err
	}
	return true, nil
}

func timeline(entries []Entry, receipts []Receipt) []Event {
	events := make([]Event, 0, len(entries)+len(receipts))
	for _, entry := range entries {
		if entry.Act == actReceipt {
			continue // the receipt itself is shown
		}
		events = append(events, Event{
			At: entry.At, Act: entry.Act, Actor: entry.Actor, Office: entry.Office, Index: entry.Index, Detail: entry.Detail,
		})
	}
	for i := range receipts {
		receipt := &receipts[i]
		events = append(events, Event{
			At: receipt.At, Act: "receipt." + string(receipt.Status), Actor: receipt.By, Office: receipt.Office, Index: -1,
			Detail: map[string]string{"receipt": string(digestOf(receipt.Sealed))}, Receipt: receipt,
		})
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	return events
}

// OpenDocumentFile opens a file of a document of the actor's office for reading: a version of the main file or an
// attachment; with an empty digest the main file as it stands. Who read what is logged before the first byte is given.
// The caller closes the blob.
func (g *Gateway) OpenDocumentFile(
	ctx context.Context, actor Actor, id DocumentID, digest Digest,
) (Blob, File, error) {
	document, err := g.Document(ctx, actor, id)
	if err != nil {
		return nil, File{}, err
	}
	files := []File{document.Current()}
	for _, version := range document.Versions {
		files = append(append(files, version.File), version.Attachments...)
	}
	return g.openFile(ctx, actor, id, append(files, document.Attachments...), digest)
}

// OpenArrivalFile is [Gateway.OpenDocumentFile] for an arrival at the actor's office.
func (g *Gateway) OpenArrivalFile(ctx context.Context, actor Actor, id ArrivalID, digest Digest) (Blob, File, error) {
	arrival, err := g.Arrival(ctx, actor, id)
	if err != nil {
		return nil, File{}, err
	}
	files := append([]File{arrival.Header.Main}, arrival.Header.Attachments...)
	return g.openFile(ctx, actor, arrival.Document, files, digest)
}

func (g *Gateway) openFile(
	ctx context.Context, actor Actor, id DocumentID, files []File, digest Digest,
) (Blob, File, error) {
	wanted := cmp.Or(digest, files[0].Digest)
	i := slices.IndexFunc(files, func(file File) bool { return file.Digest == wanted })
	if i < 0 {
		return nil, File{}, Errorf(NotFound, "file.unknown", "%s is no file of %s", wanted, id)
	}
	err := g.Records.Update(ctx, func(tx Tx) error {
		_, err := tx.AppendLog(ctx, Entry{
			At: g.now(), Act: "file.read", Actor: actor.Name, Office: actor.Office, Document: id,
			Detail: map[string]string{"digest": string(wanted)},
		})
		return err
	})
	if err != nil {
		return nil, File{}, err
	}
	blob, err := g.Blobs.Open(ctx, wanted)
	return blob, files[i], err
}

// Verify has any file judged as it stands now, and keeps nothing of it but a line in the log with its digest.
func (g *Gateway) Verify(ctx context.Context, actor Actor, file io.ReaderAt, size int64) (signing.Report, error) {
	if err := actor.May(ActVerify); err != nil {
		return signing.Report{}, err
	}
	if size > g.MaxFile {
		return signing.Report{}, Errorf(Invalid, "blob.too_large", "%d bytes, at most %d", size, g.MaxFile)
	}
	report, err := g.Examiner.Examine(ctx, file, size, g.now())
	if err != nil {
		return signing.Report{}, err
	}
	digest := report.SHA256
	if digest == "" {
		hash := sha256.New()
		if _, err := io.Copy(hash, io.NewSectionReader(file, 0, size)); err != nil {
			return signing.Report{}, Errorf(Unavailable, "file.interrupted", "read: %w", err)
		}
		digest = hex.EncodeToString(hash.Sum(nil))
	}
	err = g.Records.Update(ctx, func(tx Tx) error {
		_, err := tx.AppendLog(ctx, Entry{
			At: g.now(), Act: "file.verified", Actor: actor.Name, Office: actor.Office,
			Detail: map[string]string{"digest": digest, "verdict": string(report.Verdict)},
		})
		return err
	})
	return report, err
}
