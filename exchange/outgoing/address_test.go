package outgoing_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
)

// A letter to a group goes to the offices that the directory has in it on the day it is handed in, whatever the
// directory says later, and the log says which directory that was.
func TestAGroupIsThoseWhomTheDirectoryHasOnTheDay(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	file := ThreeTiers(t)
	for i := range file.Offices {
		file.Offices[i].Level = exchange.Level(map[exchange.OfficeID]string{
			Commune: "commune", District: "district", Province: "province", Interior: "department",
		}[file.Offices[i].ID])
	}
	add := func(id exchange.OfficeID, code string, parent exchange.OfficeID, exists exchange.Period) {
		file.Offices = append(file.Offices, exchange.Office{
			ID: id, Level: "commune", Codes: []exchange.Code{{Scheme: exchange.QD20, Code: code}}, Exists: exists,
			Names: []exchange.Name{{Name: string(id)}}, Parent: []exchange.Parent{{Office: parent}},
			Hosts: []exchange.Host{{Node: DistrictNode}}, Notation: "UBND",
		})
	}
	file.Offices[0].Parent = []exchange.Parent{{Office: District}}
	file.Offices[1].Parent = []exchange.Parent{{Office: Province}}
	add("xa-2", "H40.03.13", District, exchange.Period{})
	add("xa-3", "H40.03.14", District, exchange.Period{})
	add("xa-cu", "H40.03.15", District, exchange.Period{To: "2025-06-30"})
	add("xa-khac", "H40.04.01", Interior, exchange.Period{})
	directory, err := exchange.NewDirectory(file)
	if err != nil {
		t.Fatal(err)
	}
	w.Directory.Store(directory)

	wanted := Draft(District)
	wanted.ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	wanted.Groups = []exchange.Group{{Level: "commune", Under: Province}, {Level: "district"}}
	wanted.Except = []exchange.OfficeID{"xa-3"}
	gateway := w.Gateways[ProvinceNode]
	submit := func(Draft exchange.Draft) (exchange.Document, error) {
		return Desk(gateway).Submit(t.Context(), Clerk(Province), Draft, bytes.NewReader(PDF(t)))
	}
	document, err := submit(wanted)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]exchange.OfficeID{District, Commune, "xa-2"}, document.Recipients); diff != "" {
		t.Errorf("recipients (-want +got):\n%s", diff)
	}
	version, err := directory.Version()
	if err != nil {
		t.Fatal(err)
	}
	events, err := Reader(gateway).Timeline(t.Context(), Clerk(Province), document.ID)
	groups := "commune<" + string(Province) + " district<"
	if err != nil || len(events) != 2 || events[1].Act != "document.addressed" ||
		events[1].Detail["directory"] != string(version) || events[1].Detail["groups"] != groups {
		t.Errorf("the log says %+v, %v", events, err)
	}

	add("xa-moi", "H40.03.16", District, exchange.Period{})
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
	Refused(t, err, exchange.Invalid, "draft.group")
}
