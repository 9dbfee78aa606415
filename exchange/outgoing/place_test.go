package outgoing_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
	"congvan/signing"
	structure "congvan/signing/pdf"
)

// paper tells the words of a file's pages, whatever the file.
type paper struct {
	pages [][]signing.Text
	err   error
}

func (p paper) Count(context.Context, io.ReaderAt, int64) (int, error) { return len(p.pages), p.err }

func (p paper) Texts(_ context.Context, _ io.ReaderAt, _ int64, page int) ([]signing.Text, error) {
	return p.pages[page-1], p.err
}

func printed(text string, left, right, bottom float64) signing.Text {
	return signing.Text{Text: text, Left: left, Right: right, Bottom: bottom, Top: bottom + 10}
}

// official is a page as Decree 30/2020 wants it, number and date open, in points.
func official() []signing.Text {
	return []signing.Text{
		printed("Số:", 100, 118, 750), printed("/BC-UBND", 160, 220, 750),
		printed("ngày", 400, 425, 748), printed("tháng", 447, 475, 748), printed("năm", 497, 517, 750),
		printed("CHỦ", 403, 430, 256), printed("TỊCH", 434, 463, 256),
		printed("Nguyễn", 392, 430, 159), printed("Văn", 433, 450, 159), printed("An", 453, 476, 159),
	}
}

// world is that of package exchangetest, with what only these tests do in it.
type world struct{ *World }

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return &world{New(tb, Straight)}
}

// sealed brings a document to its seal and gives its bytes.
func (w *world) sealed(tb testing.TB, wanted exchange.Draft) (exchange.Document, []byte) {
	tb.Helper()
	document := w.Prepare(tb, CommuneNode, Commune, wanted)
	return document, w.bytes(tb, document.Current().Digest)
}

func (w *world) bytes(tb testing.TB, digest exchange.Digest) []byte {
	tb.Helper()
	return w.Shelves[CommuneNode].Bytes(tb, digest)
}

func TestNumberAndDateStandInTheirLinesAndTheLeadersSignatureHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Gateways[CommuneNode].Words = paper{pages: [][]signing.Text{official()}}
	document, data := w.sealed(t, Draft(Province))
	if document.Versions[1].Step != exchange.StepPrepared || len(document.Versions) != 4 {
		t.Fatalf("versions: %+v", document.Versions)
	}
	want := map[string]string{
		"congvan_digits": "01", "congvan_day": "15", "congvan_month": "6", "congvan_year": "2026",
	}
	if diff := cmp.Diff(want, written(t, data)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	intact(t, data)
	for i := 1; i < len(document.Versions); i++ {
		before, after := document.Versions[i-1].File.Digest, document.Versions[i].File.Digest
		if !bytes.HasPrefix(w.bytes(t, after), w.bytes(t, before)) {
			t.Errorf("version %d does not begin with the one before", i)
		}
	}
}

func TestWithoutFieldsNumberAndDateBelongToTheSeal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[CommuneNode]
	gateway.Words = paper{pages: [][]signing.Text{official()}}
	document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), Draft(Province),
		bytes.NewReader(signedBy(t, PDF(t), w, Commune)))
	if err != nil {
		t.Fatal(err)
	}
	document, err = Desk(gateway).Seal(t.Context(), Clerk(Commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	data := w.bytes(t, document.Current().Digest)
	if fields := written(t, data); len(fields) > 0 {
		t.Errorf("fields: %v", fields)
	}
	intact(t, data)
	if path, err := exec.LookPath("pdftotext"); err == nil {
		text, err := exec.CommandContext(t.Context(), path, onDisk(t, data), "-").Output()
		if err != nil || !strings.Contains(string(text), "01/BC-UBND") || !strings.Contains(string(text), "ngày 15 tháng 6") {
			t.Errorf("on the page: %v\n%s", err, text)
		}
	}
}

func TestExplicitPlacesForNumberAndDateBecomeFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wanted := Draft(Province)
	wanted.Placement = &exchange.Placement{
		Page: 1, X: 120, Y: 50, Number: &exchange.Spot{X: 30, Y: 250}, Date: &exchange.Spot{X: 120, Y: 250},
	}
	_, data := w.sealed(t, wanted)
	want := map[string]string{"congvan_number": "01/BC-UBND", "congvan_date": "ngày 15 tháng 6 năm 2026"}
	if diff := cmp.Diff(want, written(t, data)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	intact(t, data)
}

func TestThePlaceOfTheSignatureIsFoundByTheWordsUnlessSomebodySaysWhere(t *testing.T) {
	t.Parallel()
	stated := &exchange.Placement{Page: 1, X: 100, Y: 40}
	named, other := official(), official()
	named[1].Text = "/QĐ-UBND" // would not agree with the register
	for name, tc := range map[string]struct {
		words  exchange.Words
		stated *exchange.Placement
		want   func(*exchange.Placement) bool
	}{
		"found": {paper{pages: [][]signing.Text{official()}}, nil, func(p *exchange.Placement) bool {
			return p.Found && p.Page == 1 && p.X > 125 && p.Y > 59 && p.Y < 70 && len(p.Blanks) == 4
		}},
		"an appendix follows": {
			paper{pages: [][]signing.Text{other, nil, nil, nil, nil, nil}},
			nil,
			func(p *exchange.Placement) bool { return p.Found && p.Page == 1 },
		},
		"stated": {paper{pages: [][]signing.Text{official()}}, stated, func(p *exchange.Placement) bool {
			return !p.Found && p.X == 100 && p.Blanks == nil
		}},
		"another notation": {paper{pages: [][]signing.Text{named}}, nil, func(p *exchange.Placement) bool {
			return len(p.Blanks) == 3 && p.Blanks[0].Part == exchange.PartDay
		}},
		"no words":   {paper{pages: [][]signing.Text{nil}}, nil, func(p *exchange.Placement) bool { return p == nil }},
		"unreadable": {paper{err: errors.New("broken")}, nil, func(p *exchange.Placement) bool { return p == nil }},
	} {
		w := newWorld(t)
		gateway := w.Gateways[CommuneNode]
		gateway.Words = tc.words
		wanted := Draft(Province)
		wanted.Placement = tc.stated
		document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), wanted, bytes.NewReader(PDF(t)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kept, err := Reader(gateway).Document(t.Context(), Clerk(Commune), document.ID)
		if err != nil || !tc.want(kept.Placement) {
			t.Errorf("%s: %+v, %v", name, kept.Placement, err)
		}
	}
}

func TestTheSealGoesToTheSignatureThatThePageShowsAlready(t *testing.T) {
	t.Parallel()
	there, here := newWorld(t), newWorld(t)
	wanted := Draft(Province)
	wanted.Placement = &exchange.Placement{Page: 1, X: 80, Y: 100}
	signed, err := Desk(there.Gateways[CommuneNode]).Submit(t.Context(), Clerk(Commune), wanted, bytes.NewReader(PDF(t)))
	if err != nil {
		t.Fatal(err)
	}
	if signed, err = Desk(there.Gateways[CommuneNode]).Sign(t.Context(), Leader(Commune), signed.ID); err != nil {
		t.Fatal(err)
	}
	document, err := Desk(here.Gateways[CommuneNode]).Submit(t.Context(), Clerk(Commune), Draft(Province),
		bytes.NewReader(there.bytes(t, signed.Current().Digest)))
	if err != nil {
		t.Fatal(err)
	}
	near := func(a, b float64) bool { return a > b-0.1 && a < b+0.1 }
	at := document.Placement
	if at == nil || at.Page != 1 || !near(at.X, 80) || !near(at.Y, 100) || !near(at.Width, 45) || !near(at.Height, 20) {
		t.Errorf("found %+v", at)
	}
}

func TestABlankThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := exchange.Blank{Part: exchange.PartNumber, Page: 1, X: 10, Y: 10, Width: 30}
	for _, blanks := range [][]exchange.Blank{
		{good, good},
		{{Part: "other", Page: 1, Width: 30}},
		{{Part: exchange.PartDay, Page: 0, Width: 30}},
		{{Part: exchange.PartDay, Page: 1, Width: 0}},
		{{Part: exchange.PartDay, Page: 1, X: -1, Width: 9}},
	} {
		wanted := Draft(Province)
		wanted.Placement = &exchange.Placement{Page: 1, Blanks: blanks}
		_, err := Desk(w.Gateways[CommuneNode]).Submit(t.Context(), Clerk(Commune), wanted, bytes.NewReader(nil))
		Refused(t, err, exchange.Invalid, "draft.placement")
	}
}

// written gives the text fields that this program prepares, with their values.
func written(tb testing.TB, data []byte) map[string]string {
	tb.Helper()
	doc, err := structure.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	fields, err := doc.Fields()
	if err != nil {
		tb.Fatal(err)
	}
	values := map[string]string{}
	for _, field := range fields {
		if value, ok := field.Dict["V"].(structure.String); ok && field.Type == "Tx" {
			values[field.Name] = value.Text()
		}
	}
	return values
}

// intact wants our examiner to pass both signatures, pdfsig to call them valid, and mutool to see nothing worse.
func intact(tb testing.TB, data []byte) {
	tb.Helper()
	report := Examined(tb, data)
	if report.Verdict != signing.Passed || len(report.Signatures) != 2 {
		tb.Fatalf("%s: %+v", report.Verdict, report.Signatures)
	}
	if change := report.Signatures[0].Modification; change != signing.ModifiedFormFill {
		tb.Errorf("after the leader's signature: %s", change)
	}
	path := onDisk(tb, data)
	if out := peer(tb, "pdfsig", "-nocert", path); strings.Count(out, "Signature is Valid.") != 2 {
		tb.Errorf("pdfsig:\n%s", out)
	}
	out := peer(tb, "mutool", "sign", "-v", path)
	if strings.Count(out, "signature is valid but") != 1 || strings.Count(out, "unchanged since") != 1 {
		tb.Errorf("mutool:\n%s", out)
	}
}

func onDisk(tb testing.TB, data []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "a.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// peer runs another program. Where it is not installed there is nothing to compare, unless CONGVAN_REQUIRE_PEERS says
// that there must be.
func peer(tb testing.TB, name string, arguments ...string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			tb.Fatal(err)
		}
		tb.Skipf("%s is not installed", name)
	}
	out, _ := exec.CommandContext(tb.Context(), path, arguments...).CombinedOutput() // what it says counts
	return string(out)
}
