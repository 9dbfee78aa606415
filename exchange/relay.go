package exchange

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// relay keeps the document for offices behind other gateways and owes it onward; the receipts say only that.
func (*Gateway) relay(ctx context.Context, tx Tx, in *intake, offices []OfficeID) error {
	if len(offices) == 0 {
		return nil
	}
	slices.Sort(offices)
	deliveries, given := make([]Delivery, len(offices)), sha256.New()
	for i, office := range offices {
		way := in.ways[office]
		if err := tx.AddReceipt(ctx, way.receipt); err != nil {
			return err
		}
		in.answer(office, Taken, "", way.receipt.Sealed)
		deliveries[i] = Delivery{
			Message: in.frame.ID, To: office, Node: way.next, Lane: in.header.Urgency, At: in.at,
		}
		fmt.Fprintf(given, "%s %s\n", office, digestOf(way.receipt.Sealed))
	}
	_, err := tx.AppendLog(ctx, Entry{
		At: in.at, Act: "message.relayed", Document: in.header.ID, Detail: map[string]string{
			"peer": string(in.from), "offices": strconv.Itoa(len(offices)), "message": string(digestOf(in.frame.Sealed)),
			"receipts": hex.EncodeToString(given.Sum(nil)),
		},
	})
	if err != nil {
		return err
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

// Speaking begins a receipt about an arrival: who states it today, and when.
func (g *Gateway) Speaking(arrival Arrival) Receipt {
	receipt := Receipt{At: g.now()}
	g.inTheNameOf(&receipt, arrival)
	return receipt
}

// Declare is [Gateway.State] for a receipt that was begun by [Gateway.Speaking], and for an entry that says more: it
// logs the act, seals and records the receipt, and owes it to the gateway that issued the document.
func (g *Gateway) Declare(ctx context.Context, tx Tx, arrival Arrival, receipt Receipt, entry Entry) (Receipt, error) {
	detail := map[string]string{"arrival": string(arrival.ID), "digest": string(arrival.Header.Main.Digest)}
	if receipt.Reason != "" {
		detail["reason"] = string(digestOf([]byte(receipt.Reason)))
	}
	maps.Copy(detail, entry.Detail)
	entry.Actor, entry.Office, entry.Detail = receipt.By, arrival.Office, detail
	receipt, err := g.receipt(ctx, tx, arrival.Header, receipt, entry)
	if err != nil {
		return Receipt{}, err
	}
	if err := tx.AddReceipt(ctx, receipt); err != nil {
		return Receipt{}, err
	}
	return receipt, g.sendReceipt(ctx, tx, g.Directory(), arrival.Header, receipt)
}
