package exchange_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
)

// reform is Nam Định before and after 1 July 2025: three tiers, then two; the district ends and its duties go to two
// communes, the province merges into another.
func reform(t *testing.T) *exchange.Directory {
	t.Helper()
	directory, err := exchange.LoadDirectory(reformJSON(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	return directory
}

// reformJSON is the fixture with the gateways' certificates, after a change.
func reformJSON(t *testing.T, change func(*exchange.DirectoryFile)) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/reform.json")
	if err != nil {
		t.Fatal(err)
	}
	var file exchange.DirectoryFile
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for i, id := range []exchange.NodeID{communeNode, districtNode, provinceNode} {
		file.Nodes[i].Certificates = [][]byte{people(t).Nodes[id].Certificate.Raw}
	}
	if change != nil {
		change(&file)
	}
	if data, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	return data
}

const (
	before exchange.Date = "2025-06-30"
	after  exchange.Date = "2025-07-01"
)

func TestACodeIsResolvedAsOnADay(t *testing.T) {
	t.Parallel()
	directory := reform(t)
	for _, test := range []struct {
		code string
		on   exchange.Date
		want exchange.OfficeID
		err  string
	}{
		{"H40.03", before, "huyen-hai-hau", ""},
		{" h40.03 ", before, "huyen-hai-hau", ""},
		{"000.03.00.H40", before, "huyen-hai-hau", ""},
		{"H40.03", after, "", "recipient.closed"},
		{"H40", after, "", "recipient.closed"},
		{"H42", before, "tinh-ninh-binh", ""},
		{"H42", after, "tinh-ninh-binh", ""},
		{"H42.77", before, "", "recipient.not_yet"},
		{"H42.77", after, "xa-hai-hau-moi", ""},
		{"H42.OLD", before, "so-noi-vu-ninh-binh", ""},
		{"H42.OLD", after, "", "recipient.code_expired"},
		{"H99", after, "", "recipient.unknown"},
	} {
		office, err := directory.Resolve(test.code, test.on)
		if test.err != "" && exchange.CodeOf(err) != test.err || test.err == "" && err != nil || office.ID != test.want {
			t.Errorf("%s on %s: %q, %v; want %q %s", test.code, test.on, office.ID, err, test.want, test.err)
		}
	}
}

func TestAClosedOfficeNamesItsSuccessorsAndTheirs(t *testing.T) {
	t.Parallel()
	directory := reform(t)
	_, err := directory.Recipient("huyen-hai-hau", after)
	closed, ok := errors.AsType[*exchange.Closed](err)
	if !ok {
		t.Fatalf("error %v", err)
	}
	heirs := []exchange.OfficeID{closed.Successors[0].Office, closed.Successors[1].Office}
	if diff := cmp.Diff([]exchange.OfficeID{"xa-hai-hau-moi", "xa-hai-anh"}, heirs); diff != "" {
		t.Errorf("successors (-want +got):\n%s", diff)
	}
	if closed.Ended != before || closed.Name != "UBND huyện Hải Hậu" || !strings.Contains(err.Error(), "xa-hai-anh") {
		t.Errorf("closed: %+v", closed)
	}
	// The province's office of interior affairs went to one that was renamed since: the heir's heir is named.
	heirs = directory.Living("so-noi-vu-nam-dinh", after)
	if !slices.Equal(heirs, []exchange.OfficeID{"so-noi-vu-ninh-binh"}) {
		t.Errorf("heirs of the department: %v", heirs)
	}
	if got := directory.Living("huyen-hai-hau", before); !slices.Equal(got, []exchange.OfficeID{"huyen-hai-hau"}) {
		t.Errorf("the living district: %v", got)
	}
}

func TestNamesAndHostsAreDated(t *testing.T) {
	t.Parallel()
	directory := reform(t)
	for on, want := range map[exchange.Date]string{
		"2019-05-01": "UBND tỉnh Ninh Bình", after: "UBND tỉnh Ninh Bình mới", "2030-01-01": "UBND tỉnh Ninh Bình mới",
	} {
		if got := directory.NameOf("tinh-ninh-binh", on); got != want {
			t.Errorf("on %s: %q, want %q", on, got, want)
		}
	}
	if got := directory.NameOf("huyen-hai-hau", after); got != "UBND huyện Hải Hậu" {
		t.Errorf("a closed office is called %q", got)
	}
	if host, err := directory.Host("huyen-hai-hau", before); err != nil || host != districtNode {
		t.Errorf("host of the district: %q, %v", host, err)
	}
	_, err := directory.Host("huyen-hai-hau", after)
	refused(t, err, exchange.Conflict, "office.no_host")
	_, err = directory.Host("nowhere", after)
	refused(t, err, exchange.NotFound, "office.unknown")
}

func TestOfficesAreFoundByOldAndNewNamesWithoutDiacritics(t *testing.T) {
	t.Parallel()
	directory := reform(t)
	for search, want := range map[string][]exchange.OfficeID{
		"huyen hai":     {"huyen-hai-hau"},
		"Hải Hậu huyện": {"huyen-hai-hau"},
		"ninh binh moi": {"tinh-ninh-binh"},
		"H40.03":        {"huyen-hai-hau"},
		"không có":      nil,
	} {
		var got []exchange.OfficeID
		for _, office := range directory.Offices(search, 10) {
			got = append(got, office.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", search, diff)
		}
	}
	if got := directory.Offices("", 3); len(got) != 3 {
		t.Errorf("at most three: %d", len(got))
	}
}

func TestTheWayGoesAlongTheTree(t *testing.T) {
	t.Parallel()
	der := [][]byte{people(t).Nodes[communeNode].Certificate.Raw}
	der2 := [][]byte{people(t).Nodes[districtNode].Certificate.Raw}
	directory, err := exchange.NewDirectory(exchange.DirectoryFile{Nodes: []exchange.Node{
		{ID: "tinh-1", URL: "https://a", Certificates: der},
		{ID: "huyen-1", URL: "https://b", Uplink: "tinh-1", Certificates: der2},
		{ID: "xa-1", URL: "https://c", Uplink: "huyen-1", Certificates: [][]byte{people(t).Seals[commune].Certificate.Raw}},
		{ID: "xa-2", URL: "https://d", Uplink: "huyen-1", Certificates: [][]byte{people(t).Seals[district].Certificate.Raw}},
		{ID: "tinh-2", URL: "https://e", Certificates: [][]byte{people(t).Seals[province].Certificate.Raw}},
		{ID: "xa-3", URL: "https://f", Uplink: "tinh-2", Certificates: [][]byte{people(t).Seals[interior].Certificate.Raw}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ from, to, want exchange.NodeID }{
		{"xa-1", "xa-1", "xa-1"},
		{"xa-1", "huyen-1", "huyen-1"},
		{"xa-1", "tinh-1", "huyen-1"},
		{"xa-1", "xa-2", "huyen-1"},
		{"huyen-1", "xa-2", "xa-2"},
		{"tinh-1", "xa-2", "huyen-1"},
		{"tinh-1", "tinh-2", "tinh-2"},
		{"tinh-1", "xa-3", "tinh-2"},
		{"xa-1", "xa-3", "huyen-1"},
		{"huyen-1", "xa-3", "tinh-1"},
	} {
		if got, err := directory.NextHop(test.from, test.to); err != nil || got != test.want {
			t.Errorf("%s → %s: by %q, %v; want %q", test.from, test.to, got, err, test.want)
		}
	}
	for _, pair := range [][2]exchange.NodeID{{"xa-1", "xa-9"}, {"xa-9", "xa-1"}} {
		_, err := directory.NextHop(pair[0], pair[1])
		refused(t, err, exchange.NotFound, "node.unknown")
	}
}

func TestADirectoryThatContradictsItselfIsRefusedWithEveryFaultNamed(t *testing.T) {
	t.Parallel()
	office := func(file *exchange.DirectoryFile, id exchange.OfficeID) *exchange.Office {
		i := slices.IndexFunc(file.Offices, func(office exchange.Office) bool { return office.ID == id })
		return &file.Offices[i]
	}
	for want, change := range map[string]func(*exchange.DirectoryFile){
		"code H40.03: of huyen-hai-hau and of xa-hai-anh at the same time": func(f *exchange.DirectoryFile) {
			of := office(f, "xa-hai-anh")
			of.Codes = append(of.Codes, exchange.Code{Scheme: exchange.QD20, Code: "h40.03"})
		},
		`office xa-hai-anh: unknown gateway "cong-la"`: func(f *exchange.DirectoryFile) {
			office(f, "xa-hai-anh").Hosts[0].Node = "cong-la"
		},
		`office xa-hai-anh: unknown parent "nowhere"`: func(f *exchange.DirectoryFile) {
			office(f, "xa-hai-anh").Parent = []exchange.Parent{{Office: "nowhere"}}
		},
		`office huyen-hai-hau: unknown successor "nowhere"`: func(f *exchange.DirectoryFile) {
			office(f, "huyen-hai-hau").Successors[0].Office = "nowhere"
		},
		"office huyen-hai-hau: successor xa-hai-anh does not exist on 2025-06-01": func(f *exchange.DirectoryFile) {
			office(f, "huyen-hai-hau").Successors[1].On = "2025-06-01"
		},
		"office huyen-hai-hau: has successor xa-hai-hau-moi but no end": func(f *exchange.DirectoryFile) {
			office(f, "huyen-hai-hau").Exists.To = ""
		},
		`gateway cong-xa: unknown uplink "cong-la"`: func(f *exchange.DirectoryFile) { f.Nodes[0].Uplink = "cong-la" },
		"gateway cong-xa: its uplinks run in a circle": func(f *exchange.DirectoryFile) {
			f.Nodes[1].Uplink = communeNode
		},
		"its parents on 2025-07-01 run in a circle": func(f *exchange.DirectoryFile) {
			of := office(f, "tinh-ninh-binh")
			of.Parent = []exchange.Parent{{Office: "xa-hai-anh", Period: exchange.Period{From: after}}}
		},
		"office tinh-ninh-binh: its successors run in a circle": func(f *exchange.DirectoryFile) {
			of := office(f, "tinh-ninh-binh")
			of.Exists.To = "2029-12-31"
			of.Successors = []exchange.Successor{{Office: "tinh-ninh-binh", Kind: "rename", On: "2029-12-31"}}
		},
		"office xa-hai-anh: given twice": func(f *exchange.DirectoryFile) {
			f.Offices = append(f.Offices, *office(f, "xa-hai-anh"))
		},
		"office xa-hai-anh: no name": func(f *exchange.DirectoryFile) { office(f, "xa-hai-anh").Names = nil },
		`office tinh-ninh-binh: two at once: name`: func(f *exchange.DirectoryFile) {
			office(f, "tinh-ninh-binh").Names[0].To = "2025-07-01"
		},
		`office xa-hai-anh: existence: "2025-7-1" is not a date`: func(f *exchange.DirectoryFile) {
			office(f, "xa-hai-anh").Exists.From = "2025-7-1"
		},
		`office "xã": the id is not one`: func(f *exchange.DirectoryFile) { office(f, "xa-hai-anh").ID = "xã" },
		`gateway cong-xa: url "http://x" is not an https address`: func(f *exchange.DirectoryFile) {
			f.Nodes[0].URL = "http://x"
		},
		"gateway cong-xa: no certificate": func(f *exchange.DirectoryFile) { f.Nodes[0].Certificates = nil },
		"gateways cong-xa and cong-huyen: the same certificate": func(f *exchange.DirectoryFile) {
			f.Nodes[1].Certificates = f.Nodes[0].Certificates
		},
	} {
		_, err := exchange.LoadDirectory(reformJSON(t, change))
		if err == nil || !strings.Contains(err.Error(), want) || exchange.CodeOf(err) != "directory.invalid" {
			t.Errorf("want %q in %v", want, err)
		}
	}
	for _, text := range []string{`{"nodes":[],"offices":[],"extra":1}`, `{"nodes":[]} {}`, `[`, ``} {
		_, err := exchange.LoadDirectory([]byte(text))
		refused(t, err, exchange.Invalid, "directory.invalid")
	}
}

func TestAClosedOfficeNeitherIssuesNorReceives(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Directory.Store(reform(t))
	// The day before the reform the district writes to the province and gets its number.
	w.Now = func() time.Time { return before.Start().Add(10 * time.Hour) }
	gateway := w.Gateways[districtNode]
	_, err := desk(gateway).Submit(t.Context(), clerk("huyen-hai-hau"), draft("tinh-nam-dinh"), strings.NewReader("%PDF-"))
	if exchange.CodeOf(err) == "office.closed" || exchange.CodeOf(err) == "recipient.closed" {
		t.Errorf("before the reform: %v", err)
	}
	w.Now = func() time.Time { return after.Start() }
	_, err = desk(gateway).Submit(t.Context(), clerk("huyen-hai-hau"), draft("tinh-ninh-binh"), strings.NewReader("%PDF-"))
	refused(t, err, exchange.Denied, "office.closed")
	_, err = desk(w.Gateways[provinceNode]).Submit(t.Context(), clerk("tinh-ninh-binh"), draft("huyen-hai-hau"),
		strings.NewReader("%PDF-"))
	refused(t, err, exchange.Conflict, "recipient.closed")
	if closed, ok := errors.AsType[*exchange.Closed](err); !ok || len(closed.Successors) != 2 {
		t.Errorf("the successors are not told: %v", err)
	}
}
