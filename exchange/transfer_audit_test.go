package exchange_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/audit"
)

// onDisk gives the gateways records in SQLite, and says in which files.
func (w *world) onDisk(t *testing.T) map[exchange.NodeID]string {
	t.Helper()
	paths := map[exchange.NodeID]string{}
	for node, gateway := range w.Gateways {
		paths[node] = filepath.Join(t.TempDir(), "records.db")
		records, err := storage.OpenRecords(t.Context(), "sqlite:"+paths[node])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = records.Close() })
		gateway.Records = records
		delete(w.Memories, node)
	}
	return paths
}

// audited compares the records of all, and gives what was found about transfers and the faults of every check.
func audited(t *testing.T, paths map[exchange.NodeID]string) (looked, open int64, faults []audit.Result) {
	t.Helper()
	var gateways []audit.Gateway
	for node, path := range paths {
		db, err := sql.Open("sqlite", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		gateways = append(gateways, audit.Gateway{Name: string(node), DB: db})
	}
	results, err := audit.Run(t.Context(), gateways, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if result.Check == audit.Transfers {
			looked, open = looked+result.Looked, open+result.Open
		}
	}
	return looked, open, slices.DeleteFunc(results, func(result audit.Result) bool { return result.Faults == 0 })
}

func TestAnAuditFollowsWhatWasHandedOnFromOneGatewayToTheOther(t *testing.T) {
	t.Parallel()
	w := newHandOver(t, divided)
	paths := w.onDisk(t)
	shown := w.Issue(t, provinceNode, newProvince, oldDistrict)
	w.deliverAll(t)
	w.Judge(t, districtNode)
	w.Inbox(t, districtNode, oldDistrict)
	unseen := w.Issue(t, provinceNode, newProvince, oldDistrict)
	w.deliverAll(t)
	w.nextDay()
	w.handOn(t, districtNode)
	if looked, open, faults := audited(t, paths); looked != 2 || open != 2 || len(faults) != 0 {
		t.Errorf("under way: looked at %d, %d open, %+v", looked, open, faults)
	}
	w.deliverAll(t)
	w.takeBack(t, shown)
	w.takeBack(t, unseen)
	w.deliverAll(t)
	if looked, open, faults := audited(t, paths); looked != 6 || open != 0 || len(faults) != 0 {
		t.Fatalf("handed on: looked at %d, %d open, %+v", looked, open, faults)
	}

	for name, damage := range map[string]struct {
		at, seen exchange.NodeID
		text     string
	}{
		"it is nowhere":        {communeNode, districtNode, "delete from arrival where seq = (select max(seq) from arrival)"},
		"it is marked no more": {districtNode, districtNode, "delete from transferred"},
		"another took it over": {districtNode, districtNode, "update transferred set heir = 'x'"},
		"it is marked twice": {
			districtNode, districtNode, "insert into transferred select arrival, 'x', 'cong-tinh', 1 from transferred",
		},
		"nobody has handed it on": {
			districtNode, communeNode, "delete from log where leaf like '%arrival.transferred%'",
		},
	} {
		copies := map[exchange.NodeID]string{}
		for node, path := range paths {
			copies[node] = filepath.Join(t.TempDir(), "records.db")
			change(t, path, "vacuum into '"+copies[node]+"'")
		}
		change(t, copies[damage.at], damage.text)
		_, _, faults := audited(t, copies)
		if !slices.ContainsFunc(faults, func(result audit.Result) bool {
			return result.Check == audit.Transfers && result.Gateway == string(damage.seen)
		}) {
			t.Errorf("%s: found %+v", name, faults)
		}
	}
}

// change runs a statement on a database.
func change(t *testing.T, path, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}
