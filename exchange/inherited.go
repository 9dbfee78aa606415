package exchange

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// Sources lists the offices on whose documents one works: its own, and those of offices that ended and whose documents
// it keeps. Their history stays under their names.
func (g *Gateway) Sources(office OfficeID) []OfficeID {
	return append([]OfficeID{office}, g.Directory().Inherited(office, g.today())...)
}

// Keepers lists the offices here that keep the documents of one that ended, by name.
func (g *Gateway) Keepers() []OfficeID {
	directory, today := g.Directory(), g.today()
	seen := map[OfficeID]bool{}
	for _, kept := range directory.kept {
		for _, ended := range kept {
			keeper, ok := directory.Keeper(ended, today)
			host, err := directory.Host(keeper, today)
			if ok && err == nil && host == g.Node {
				seen[keeper] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// ActInherited is the act of the line in the log which says that an open arrival at an office that ended is up to who
// keeps its documents; see package exchange/transfer.
const ActInherited = "arrival.inherited"

// FindDocument gives a document of the office, or one that it inherited.
func (g *Gateway) FindDocument(ctx context.Context, tx Tx, office OfficeID, id DocumentID) (Document, error) {
	return firstFound(g.Sources(office), func(source OfficeID) (Document, error) { return tx.Document(ctx, source, id) })
}

// FindArrival gives an arrival at the office, or one that it inherited.
func (g *Gateway) FindArrival(ctx context.Context, tx Tx, office OfficeID, id ArrivalID) (Arrival, error) {
	return firstFound(g.Sources(office), func(source OfficeID) (Arrival, error) { return tx.Arrival(ctx, source, id) })
}

// FindArrivalOf gives the arrival of a document at the office, or one that it inherited.
func (g *Gateway) FindArrivalOf(ctx context.Context, tx Tx, office OfficeID, id DocumentID) (Arrival, error) {
	return firstFound(g.Sources(office), func(source OfficeID) (Arrival, error) { return tx.ArrivalOf(ctx, source, id) })
}

// FindEntries lists the log entries about a document that concern the office or those it inherited from, oldest first.
func (g *Gateway) FindEntries(ctx context.Context, tx Tx, office OfficeID, id DocumentID) ([]Entry, error) {
	sources := g.Sources(office)
	var all []Entry
	for _, source := range sources {
		entries, err := tx.Entries(ctx, source, id)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	if len(sources) > 1 {
		slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Index, b.Index) })
	}
	return all, nil
}

func firstFound[T any](offices []OfficeID, find func(OfficeID) (T, error)) (found T, err error) {
	for _, office := range offices {
		if found, err = find(office); err == nil || KindOf(err) != NotFound {
			return found, err
		}
	}
	return found, err
}
