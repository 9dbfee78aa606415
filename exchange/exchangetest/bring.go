package exchangetest

import (
	"testing"

	"congvan/exchange"
)

// Bring has one gateway's document taken by another for an office, before what it should come after.
func (w *World) Bring(
	tb testing.TB, from, to exchange.NodeID, office exchange.OfficeID, id exchange.DocumentID,
) {
	tb.Helper()
	message := w.Memories[from].Facts().Messages[exchange.MessageID(id)]
	header, err := exchange.OpenHeader(w.Directory.Load(), message.Sealed)
	if err != nil {
		tb.Fatal(err)
	}
	carrier := Straight(w, from)
	node, _ := w.Directory.Load().Node(to)
	answers, err := carrier.Carry(tb.Context(), node, []exchange.Frame{{
		ID: message.ID, Kind: message.Kind, Sealed: message.Sealed, To: []exchange.OfficeID{office},
	}}, []exchange.Digest{header.Main.Digest})
	if err != nil || len(answers) != 1 || answers[0].Outcome != exchange.Taken {
		tb.Fatalf("%+v, %v", answers, err)
	}
}
