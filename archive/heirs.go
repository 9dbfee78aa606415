package archive

import (
	"context"

	"congvan/exchange"
)

// The fond of an office that ended is closed and keeps its name; who goes on with its
// work files into it what was left, and reads it.

// arrival gives an arrival at the office, or at one whose documents it keeps.
func (k *Keeper) arrival(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, id exchange.ArrivalID,
) (found exchange.Arrival, err error) {
	for _, source := range k.sources(office) {
		if found, err = tx.Arrival(ctx, source, id); err == nil || exchange.KindOf(err) != exchange.NotFound {
			return found, err
		}
	}
	return found, err
}

// document is arrival for what the office issued.
func (k *Keeper) document(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, id exchange.DocumentID,
) (found exchange.Document, err error) {
	for _, source := range k.sources(office) {
		if found, err = tx.Document(ctx, source, id); err == nil || exchange.KindOf(err) != exchange.NotFound {
			return found, err
		}
	}
	return found, err
}

func (k *Keeper) sources(office exchange.OfficeID) []exchange.OfficeID {
	if k.Sources == nil {
		return []exchange.OfficeID{office}
	}
	return k.Sources(office)
}

// byHeir states the office that acts on the documents of another one.
func byHeir(actor, of exchange.OfficeID, detail map[string]string) map[string]string {
	if actor != of {
		detail["heir"] = string(actor)
	}
	return detail
}
