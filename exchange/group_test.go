package exchange_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
)

// A letter to a group goes to the offices that the directory has in it on the day it is handed in, whatever the
// directory says later, and the log says which directory that was.
func TestAGroupIsThoseWhomTheDirectoryHasOnTheDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	file := threeTiers(t)
	for i := range file.Offices {
		file.Offices[i].Level = exchange.Level(map[exchange.OfficeID]string{
			commune: "commune", district: "district", province: "province", interior: "department",
		}[file.Offices[i].ID])
	}
	add := func(id exchange.OfficeID, code string, parent exchange.OfficeID, exists exchange.Period) {
		file.Offices = append(file.Offices, exchange.Office{
			ID: id, Level: "commune", Codes: []exchange.Code{{Scheme: exchange.QD20, Code: code}}, Exists: exists,
			Names: []exchange.Name{{Name: string(id)}}, Parent: []exchange.Parent{{Office: parent}},
			Hosts: []exchange.Host{{Node: districtNode}}, Notation: "UBND",
		})
	}
	file.Offices[0].Parent = []exchange.Parent{{Office: district}}
	file.Offices[1].Parent = []exchange.Parent{{Office: province}}
	add("xa-2", "H40.03.13", district, exchange.Period{})
	add("xa-3", "H40.03.14", district, exchange.Period{})
	add("xa-cu", "H40.03.15", district, exchange.Period{To: "2025-06-30"})
	add("xa-khac", "H40.04.01", interior, exchange.Period{})
	directory, err := exchange.NewDirectory(file)
	if err != nil {
		t.Fatal(err)
	}
	w.Directory.Store(directory)

	wanted := draft(district)
	wanted.ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	wanted.Groups = []exchange.Group{{Level: "commune", Under: province}, {Level: "district"}}
	wanted.Except = []exchange.OfficeID{"xa-3"}
	gateway := w.Gateways[provinceNode]
	submit := func(draft exchange.Draft) (exchange.Document, error) {
		return desk(gateway).Submit(t.Context(), clerk(province), draft, bytes.NewReader(pdf(t)))
	}
	document, err := submit(wanted)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]exchange.OfficeID{district, commune, "xa-2"}, document.Recipients); diff != "" {
		t.Errorf("recipients (-want +got):\n%s", diff)
	}
	version, err := directory.Version()
	if err != nil {
		t.Fatal(err)
	}
	events, err := reader(gateway).Timeline(t.Context(), clerk(province), document.ID)
	groups := "commune<" + string(province) + " district<"
	if err != nil || len(events) != 2 || events[1].Act != "document.addressed" ||
		events[1].Detail["directory"] != string(version) || events[1].Detail["groups"] != groups {
		t.Errorf("the log says %+v, %v", events, err)
	}

	add("xa-moi", "H40.03.16", district, exchange.Period{})
	larger, err := exchange.NewDirectory(file)
	if err != nil {
		t.Fatal(err)
	}
	w.Directory.Store(larger)
	if again, err := submit(wanted); err != nil || len(again.Recipients) != 3 {
		t.Errorf("asked again: %d recipients, %v", len(again.Recipients), err)
	}
	if other, err := larger.Version(); err != nil || other == version {
		t.Errorf("another directory has the same version, %v", err)
	}
	wanted.ID, wanted.Groups = "", []exchange.Group{{Level: "ward"}}
	_, err = submit(wanted)
	refused(t, err, exchange.Invalid, "draft.group")
}
