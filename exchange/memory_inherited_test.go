package exchange_test

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

func (t *memoryTx) OpenRegisters(context.Context) ([]exchange.BookEnd, error) {
	last := map[exchange.Register]int{}
	for _, taken := range t.numbers {
		last[taken.Register] = max(last[taken.Register], taken.Number)
	}
	var open []exchange.BookEnd
	for register, number := range last {
		if _, closed := t.closedRegisters[register]; !closed {
			open = append(open, exchange.BookEnd{Register: register, Last: number})
		}
	}
	slices.SortFunc(open, func(a, b exchange.BookEnd) int { return a.Last - b.Last })
	return open, nil
}

func (t *memoryTx) CloseRegister(_ context.Context, end exchange.BookEnd) (bool, error) {
	_, known := t.closedRegisters[end.Register]
	if !known {
		t.closedRegisters[end.Register] = end
	}
	return !known, nil
}
