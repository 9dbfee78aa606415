package exchange

import (
	"context"
	"slices"
)

// passage is where a document goes from here for one office, and the receipt that is given when it is taken.
type passage struct {
	next    NodeID // this gateway when the office is here
	code    string // why there is no way
	receipt Receipt
}

// makeReceipts finds the way of each copy of the documents that came, and makes the receipts with which they will be
// taken: all with one signature, and before the transaction, which must not wait for a key. A receipt that the
// transaction does not need, because the copy was taken before, leaves it no more than the hash that stands for it. So
// are the refusals that can be foreseen.
func (g *Gateway) makeReceipts(ctx context.Context, intakes []*intake) error {
	coming := slices.DeleteFunc(slices.Clone(intakes), func(in *intake) bool {
		return in.refusal != nil || in.missing || in.frame.Kind != DocumentMessage
	})
	refused := slices.ContainsFunc(intakes, func(in *intake) bool { return in.refusal != nil })
	if len(coming) == 0 && !refused {
		return nil
	}
	var size int64
	err := g.Records.View(ctx, func(tx Tx) (err error) {
		if err := remember(ctx, tx, intakes); err != nil {
			return err
		}
		for _, in := range coming {
			if in.to, err = in.recipients(ctx, tx, intakes); err != nil {
				return err
			}
		}
		size, _, err = tx.LogHead(ctx)
		return err
	})
	if err != nil {
		return err
	}
	receipts, put := g.statements(coming, intakes)
	for i := range receipts {
		receipts[i].LogSize = size
	}
	if receipts, err = g.sealReceipts(receipts); err != nil {
		return err
	}
	for i, receipt := range receipts {
		put[i](receipt)
	}
	return nil
}

// statements gives what is to be sealed for a batch, and where each goes then.
func (g *Gateway) statements(coming, intakes []*intake) (receipts []Receipt, put []func(Receipt)) {
	for _, in := range coming {
		for _, way := range g.findWays(in) {
			receipts = append(receipts, way.receipt)
			put = append(put, func(sealed Receipt) { way.receipt = sealed })
		}
	}
	for _, in := range intakes {
		in.expected = map[OfficeID]Receipt{}
		for _, receipt := range in.foreseen() {
			receipts = append(receipts, receipt)
			put = append(put, func(sealed Receipt) { in.expected[sealed.Office] = sealed })
		}
	}
	return receipts, put
}

// recipients are the offices that the document is addressed to: those of its header, those that were added to them, and
// those that are added by what comes with it.
func (in *intake) recipients(ctx context.Context, tx Tx, batch []*intake) ([]OfficeID, error) {
	header, err := in.header.addressedTo(ctx, tx, in.frame.To)
	to := slices.Clip(header.To)
	for _, other := range batch {
		if other.refusal == nil && other.frame.Kind == NoticeMessage && other.notice.Status == RecipientsAdded &&
			other.notice.about(in.header) {
			to = append(to, other.notice.To...)
		}
	}
	return to, err
}

// findWays notes the ways, and gives those on which the document can be taken with what their receipts are to say.
func (g *Gateway) findWays(in *intake) []*passage {
	addressed := make(map[OfficeID]bool, len(in.to))
	for _, office := range in.to {
		addressed[office] = true
	}
	in.ways = make(map[OfficeID]*passage, len(in.frame.To))
	found := make([]*passage, 0, len(in.frame.To))
	for _, office := range in.frame.To {
		if !addressed[office] || in.ways[office] != nil {
			continue
		}
		way := g.findWay(in, office)
		in.ways[office] = way
		if way.code == "" {
			found = append(found, way)
		}
	}
	return found
}

func (g *Gateway) findWay(in *intake, office OfficeID) *passage {
	way := &passage{receipt: Receipt{
		Document: in.header.ID, Content: in.header.Main.Digest, Office: office, Status: Carried, At: in.at,
		After: in.frame.again(office),
	}}
	if way.next, way.code = g.way(in, office); way.code != "" || way.next != g.Node {
		return way
	}
	heir, err := in.directory.Addressee(office, Today(in.header.IssuedAt), Today(in.at))
	if err != nil {
		way.code = CodeOf(err)
		return way
	}
	way.receipt.Status = Arrived
	if heir != office {
		way.receipt.Office, way.receipt.For = heir, office
	}
	return way
}
