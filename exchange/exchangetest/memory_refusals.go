package exchangetest

import (
	"context"
	"slices"

	"congvan/exchange"
)

// refusalFacts are what the double keeps of what was refused at the door.
type refusalFacts struct {
	Refusals []exchange.Refusal
}

func (f refusalFacts) clone() refusalFacts { return refusalFacts{slices.Clip(f.Refusals)} }

func (t *transaction) AddRefusals(_ context.Context, refusals []exchange.Refusal) error {
	for _, refusal := range refusals {
		answered := func(other exchange.Refusal) bool {
			return other.Asked == refusal.Asked && other.Office == refusal.Office && other.Message == refusal.Message &&
				other.After == refusal.After
		}
		if !slices.ContainsFunc(t.facts.Refusals, answered) {
			t.facts.Refusals = append(t.facts.Refusals, refusal)
		}
	}
	return nil
}

func (t *transaction) RefusalsOf(_ context.Context, messages []exchange.MessageID) ([]exchange.Refusal, error) {
	var found []exchange.Refusal
	for _, refusal := range t.facts.Refusals {
		if slices.Contains(messages, refusal.Asked) {
			found = append(found, refusal)
		}
	}
	return found, nil
}

func (t *transaction) RefusedAtDoors(
	_ context.Context, documents []exchange.DocumentID,
) ([]exchange.Receipt, error) {
	var found []exchange.Receipt
	for _, receipt := range t.facts.Receipts {
		if receipt.AtDoor() && slices.Contains(documents, receipt.Document) {
			found = append(found, receipt)
		}
	}
	return found, nil
}
