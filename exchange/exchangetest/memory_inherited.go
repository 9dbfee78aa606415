package exchangetest

import (
	"context"
	"maps"
	"slices"

	"congvan/exchange"
)

// inheritedFacts are what the double keeps of offices that ended.
type inheritedFacts struct {
	closedRegisters map[exchange.Register]exchange.BookEnd
}

func (f inheritedFacts) clone() inheritedFacts { return inheritedFacts{maps.Clone(f.closedRegisters)} }

func (t *transaction) OpenRegisters(context.Context) ([]exchange.BookEnd, error) {
	last := map[exchange.Register]int{}
	for _, taken := range t.facts.Numbers {
		last[taken.Register] = max(last[taken.Register], taken.Number)
	}
	var open []exchange.BookEnd
	for register, number := range last {
		if _, closed := t.facts.closedRegisters[register]; !closed {
			open = append(open, exchange.BookEnd{Register: register, Last: number})
		}
	}
	slices.SortFunc(open, func(a, b exchange.BookEnd) int { return a.Last - b.Last })
	return open, nil
}

func (t *transaction) CloseRegister(_ context.Context, end exchange.BookEnd) (bool, error) {
	_, known := t.facts.closedRegisters[end.Register]
	if !known {
		t.facts.closedRegisters[end.Register] = end
	}
	return !known, nil
}
