package api

import (
	"cmp"
	"fmt"
	"slices"

	"congvan/exchange"
)

// ParkedWords says why the way to a recipient stands still: what the other gateway gave as the reason, and that it is
// its reason. In its sentence may be meant what is known there, such as its directory.
func ParkedWords(code string, lang Lang) string {
	if code == exchange.CodeUnsigned {
		return Sentence(code, lang)
	}
	return fmt.Sprintf(Sentence("explain.refused_because", lang), Sentence(code, lang))
}

// RefusalWords says of a recipient to whom the way stands still which gateway refused, when, and whether it has signed
// that it did; empty when the way does not stand still.
func RefusalWords(p exchange.Progress, lang Lang) string {
	say := func(code string, node exchange.NodeID, at string) string {
		return fmt.Sprintf(Sentence(code, lang), node, at)
	}
	parked, answer := p.Parked(), p.Acknowledgement
	if parked == "" {
		return ""
	}
	for _, receipt := range slices.Backward(p.Receipts) {
		if receipt.Status != exchange.Undeliverable || cmp.Or(receipt.Reason, parked) != parked {
			continue
		}
		if receipt.AtDoor() {
			return say("explain.refused_proved", receipt.Node, clock(receipt.At))
		}
		return say("explain.refused_on_way", receipt.Node, clock(receipt.At))
	}
	return say("explain.refused_unproved", p.Node, clock(answer.At))
}
