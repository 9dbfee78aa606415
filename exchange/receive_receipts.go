package exchange

import "context"

// passage is where a document goes from here for one office, and the receipt that is given when it is taken.
type passage struct {
	next    NodeID // this gateway when the office is here
	code    string // why there is no way
	receipt Receipt
}

// makeReceipts finds the way of each copy of the documents that came, and makes the receipts with which they will be
// taken: all with one signature, and before the transaction, which must not wait for a key. A receipt that the
// transaction does not need, because the copy was taken before, leaves it no more than the hash that stands for it.
func (g *Gateway) makeReceipts(ctx context.Context, intakes []*intake) error {
	var ways []*passage
	var receipts []Receipt
	for _, in := range intakes {
		if in.refusal != nil || in.missing || in.frame.Kind != DocumentMessage {
			continue
		}
		for _, way := range g.findWays(in) {
			ways, receipts = append(ways, way), append(receipts, way.receipt)
		}
	}
	if len(receipts) == 0 {
		return nil
	}
	size, err := g.logSize(ctx)
	if err != nil {
		return err
	}
	for i := range receipts {
		receipts[i].LogSize = size
	}
	if receipts, err = g.sealReceipts(receipts); err != nil {
		return err
	}
	for i, way := range ways {
		way.receipt = receipts[i]
	}
	return nil
}

// findWays notes the ways, and gives those on which the document can be taken with what their receipts are to say.
func (g *Gateway) findWays(in *intake) []*passage {
	addressed := make(map[OfficeID]bool, len(in.header.To))
	for _, office := range in.header.To {
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

func (g *Gateway) logSize(ctx context.Context) (size int64, err error) {
	err = g.Records.View(ctx, func(tx Tx) error {
		size, _, err = tx.LogHead(ctx)
		return err
	})
	return size, err
}
