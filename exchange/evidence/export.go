package evidence

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
	"congvan/exchange/checkpoint"
)

// notExported are acts that concern nobody outside the office: who read what.
var notExported = []string{"file.", "evidence."}

// Export gives the evidence about a document that was issued by the actor's office or arrived at it, as JSON of a
// [File]. The office that issued it gets the receipts of all recipients, a recipient those about its own copy. The log
// is endorsed first when the newest endorsement does not cover the document. Who exported what is logged. Errors:
// Denied access.denied; NotFound document.not_found.
func (n *Notary) Export(ctx context.Context, actor exchange.Actor, id exchange.DocumentID) ([]byte, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return nil, err
	}
	g := n.Gateway
	var office exchange.OfficeID
	err := g.Records.Update(ctx, func(tx exchange.Tx) error {
		var err error
		if office, err = n.keptUnder(ctx, tx, actor, id); err != nil {
			return err
		}
		if err := n.showCopy(ctx, tx, actor, id); err != nil {
			return err
		}
		_, err = tx.AppendLog(ctx, exchange.Entry{
			At: g.Now().UTC(), Act: "evidence.exported", Actor: actor.Name, Office: office, Document: id,
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	endorsement, err := n.Endorse(ctx)
	if err != nil {
		return nil, err
	}
	file := File{
		Type: fileType, MadeAt: g.Now().UTC(), Node: g.Node, Office: office, Document: id,
		Endorsement: Endorsement{Note: endorsement.Note, Stamp: endorsement.Stamp},
	}
	if err := g.Records.View(ctx, func(tx exchange.Tx) error { return file.fill(ctx, tx, endorsement.Size) }); err != nil {
		return nil, err
	}
	file.name(g.Directory())
	return json.Marshal(file)
}

// keptUnder gives the office in whose history the document stands: the actor's, or one that ended and whose documents
// it keeps.
func (n *Notary) keptUnder(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, id exchange.DocumentID,
) (exchange.OfficeID, error) {
	for _, source := range n.Gateway.Sources(actor.Office) {
		entries, err := tx.Entries(ctx, source, id)
		if err != nil {
			return "", err
		}
		if len(entries) > 0 {
			return source, nil
		}
	}
	return "", exchange.Errorf(exchange.NotFound, "document.not_found", "document %q", id)
}

// showCopy records that a recipient is shown its copy: the sealed header is in the file. Of what was withdrawn before
// anybody saw it the header is left out.
func (n *Notary) showCopy(ctx context.Context, tx exchange.Tx, actor exchange.Actor, id exchange.DocumentID) error {
	arrival, err := n.Gateway.FindArrivalOf(ctx, tx, actor.Office, id)
	if err != nil && exchange.KindOf(err) != exchange.NotFound {
		return err
	}
	if arrival.ID == "" || arrival.Withdrawn() {
		return nil
	}
	return n.Gateway.Show(ctx, tx, actor, &arrival)
}

// fill reads what the records have about the document, as far as it concerns the office.
func (f *File) fill(ctx context.Context, tx exchange.Tx, size int64) error {
	f.Receipts, f.Leaves = nil, nil
	_, err := tx.Document(ctx, f.Office, f.Document)
	issuer := err == nil
	if err != nil && exchange.KindOf(err) != exchange.NotFound {
		return err
	}
	message, err := tx.Message(ctx, exchange.MessageID(f.Document))
	if err != nil && exchange.KindOf(err) != exchange.NotFound {
		return err // a document that is not issued yet has no message
	}
	f.Message = message.Sealed
	if arrival, err := tx.ArrivalOf(ctx, f.Office, f.Document); err == nil && !issuer && arrival.Withdrawn() {
		f.Message = nil
	}
	receipts, err := tx.Receipts(ctx, f.Document)
	if err != nil {
		return err
	}
	for _, receipt := range receipts {
		if issuer || receipt.Office == f.Office || receipt.For == f.Office {
			f.Receipts = append(f.Receipts, receipt.Sealed)
		}
	}
	return f.prove(ctx, tx, size)
}

// prove adds the lines of the log that the checkpoint covers, each with its proof.
func (f *File) prove(ctx context.Context, tx exchange.Tx, size int64) error {
	entries, err := tx.Entries(ctx, f.Office, f.Document)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		private := slices.ContainsFunc(notExported, func(prefix string) bool { return strings.HasPrefix(entry.Act, prefix) })
		if private || entry.Index >= size {
			continue
		}
		raw, err := tx.Leaf(ctx, entry.Index)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(size, entry.Index, reader(ctx, tx))
		if err != nil {
			return exchange.Errorf(exchange.Internal, "internal", "prove leaf %d: %w", entry.Index, err)
		}
		leaf := Leaf{Index: entry.Index, Entry: raw, Proof: make([][]byte, len(proof))}
		for i := range proof {
			leaf.Proof[i] = proof[i][:]
		}
		f.Leaves = append(f.Leaves, leaf)
	}
	return nil
}

// name adds the certificates of all gateways that sealed or signed something here.
func (f *File) name(directory *exchange.Directory) {
	wanted := map[exchange.NodeID]bool{f.Node: true}
	head, err := checkpoint.OpenWitnessed(directory.Nodes(), f.Node, f.Endorsement.Note)
	if err == nil {
		for _, node := range head.Witnesses {
			wanted[node] = true
		}
	}
	for _, sealed := range f.Receipts {
		if receipt, err := exchange.OpenReceipt(directory, sealed); err == nil {
			wanted[receipt.Node] = true
		}
	}
	if header, err := exchange.OpenHeader(directory, f.Message); err == nil {
		wanted[header.Node] = true
	}
	for _, node := range directory.Nodes() {
		if wanted[node.ID] {
			node.Uplink = "" // of no concern, and it may not be among them
			f.Nodes = append(f.Nodes, node)
		}
	}
}
