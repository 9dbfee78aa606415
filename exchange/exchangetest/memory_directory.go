package exchangetest

import (
	"context"
	"slices"

	"congvan/exchange"
)

// directoryFacts are what the double keeps of the signed log of the directory.
type directoryFacts struct{ directoryRecords [][]byte }

func (f directoryFacts) clone() directoryFacts {
	return directoryFacts{slices.Clone(f.directoryRecords)}
}

func (t *transaction) AddDirectoryRecord(_ context.Context, index int64, sealed []byte) error {
	if index != int64(len(t.facts.directoryRecords)) {
		return exchange.Errorf(exchange.Conflict, "directory.moved", "place %d", index)
	}
	t.facts.directoryRecords = append(t.facts.directoryRecords, slices.Clone(sealed))
	return nil
}

func (t *transaction) DirectoryRecords(_ context.Context, from int64, limit int) ([][]byte, error) {
	rest := t.facts.directoryRecords[min(from, int64(len(t.facts.directoryRecords))):]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}
