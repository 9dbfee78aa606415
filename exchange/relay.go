package exchange

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
)

// relay keeps the document for offices behind other gateways and owes it onward; the receipt says only that.
func (g *Gateway) relay(ctx context.Context, tx Tx, in *intake, onward map[OfficeID]NodeID) error {
	if len(onward) == 0 {
		return nil
	}
	offices := slices.Sorted(maps.Keys(onward))
	deliveries := make([]Delivery, len(offices))
	index, err := tx.AppendLog(ctx, Entry{
		At: in.at, Act: "message.relayed", Document: in.header.ID, Detail: map[string]string{
			"peer": string(in.from), "offices": strconv.Itoa(len(offices)), "message": string(digestOf(in.frame.Sealed)),
		},
	})
	if err != nil {
		return err
	}
	for i, office := range offices {
		receipt, err := g.sealReceipt(Receipt{
			Document: in.header.ID, Content: in.header.Main.Digest, Office: office, Status: Carried, At: in.at,
			LogSize: index + 1,
		})
		if err != nil {
			return err
		}
		if err := tx.AddReceipt(ctx, receipt); err != nil {
			return err
		}
		in.answer(office, Taken, "", receipt.Sealed)
		deliveries[i] = Delivery{
			Message: in.frame.ID, To: office, Node: onward[office], Lane: in.header.Urgency, At: in.at,
		}
	}
	return tx.AddDeliveries(ctx, deliveries)
}

// receipt logs an act about a document at an office, and seals the receipt that states it.
func (g *Gateway) receipt(ctx context.Context, tx Tx, header Header, receipt Receipt, entry Entry) (Receipt, error) {
	entry.At, entry.Office, entry.Document = receipt.At, cmp.Or(entry.Office, receipt.Office), header.ID
	index, err := tx.AppendLog(ctx, entry)
	if err != nil {
		return Receipt{}, err
	}
	receipt.Document, receipt.Content, receipt.LogSize = header.ID, header.Main.Digest, index+1
	return g.sealReceipt(receipt)
}
