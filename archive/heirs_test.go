package archive_test

import (
	"testing"

	"congvan/exchange"
	"congvan/exchange/decide"
)

func TestTheHeirFilesWhatTheClosedOfficeLeftUnderTheOldName(t *testing.T) {
	t.Parallel()
	const heir exchange.OfficeID = "tinh-moi"
	h := newHouse(t)
	document, arrival := h.letter(t)
	_, err := decide.Desk{Gateway: h.gateway}.Accept(t.Context(), actor(receiver, exchange.Clerk), arrival.ID)
	must(t, err)
	archivist := actor(heir, exchange.Archivist)
	_, err = h.keeper.Take(t.Context(), archivist, arrival.ID, filing)
	refused(t, err, exchange.NotFound, "arrival.not_found")

	h.keeper.Sources = func(office exchange.OfficeID) []exchange.OfficeID {
		if office != heir {
			return []exchange.OfficeID{office}
		}
		return []exchange.OfficeID{heir, sender, receiver}
	}
	_, err = h.keeper.Take(t.Context(), archivist, arrival.ID, filing)
	must(t, err)
	_, err = h.keeper.TakeDocument(t.Context(), archivist, document.ID, filing)
	must(t, err)
	found, err := h.keeper.Retrieve(t.Context(), archivist, arrival.ID)
	must(t, err)
	must(t, found.Main.Close())
	if found.Arrival.Office != receiver || found.Evidence.Office != receiver || len(found.Evidence.Receipts) != 2 {
		t.Errorf("filed for %s with the evidence of %s and %d receipts", found.Arrival.Office, found.Evidence.Office,
			len(found.Evidence.Receipts))
	}
	var entries []exchange.Entry
	must(t, h.keeper.Records.View(t.Context(), func(tx exchange.Tx) error {
		entries, err = tx.Entries(t.Context(), receiver, document.ID)
		return err
	}))
	last := entries[len(entries)-1]
	if last.Act != "archive.retrieved" || last.Detail["heir"] != string(heir) {
		t.Errorf("the log of the closed office ends with %+v", last)
	}
	_, err = h.keeper.Retrieve(t.Context(), actor("xa-khac", exchange.Archivist), arrival.ID)
	refused(t, err, exchange.NotFound, "arrival.not_found")
}
