package exchange_test

import (
	"testing"

	"congvan/exchange"
)

func TestThereAreTwentyNineKindsAndThreeCopies(t *testing.T) {
	t.Parallel()
	copies, seen := 0, map[exchange.Kind]bool{}
	for _, kind := range exchange.Kinds() {
		if seen[kind] || !kind.Known() || kind.Name() == string(kind) {
			t.Errorf("kind %q is doubled or has no name", kind)
		}
		seen[kind] = true
		if kind.IsCopy() {
			copies++
		}
	}
	if len(seen)-copies != 29 || copies != 3 {
		t.Errorf("%d kinds and %d copies", len(seen)-copies, copies)
	}
	if unknown := exchange.Kind("XX"); unknown.Known() || unknown.Name() != "XX" {
		t.Error("an unknown kind is known")
	}
}

func TestANumberIsWrittenAsOnTheDocument(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind         exchange.Kind
		office, unit string
		number       int
		want         string
	}{
		{"QĐ", "UBND", "", 15, "15/QĐ-UBND"},
		{"QĐ", "UBND", "VX", 15, "15/QĐ-UBND"},
		{exchange.Letter, "UBND", "VX", 5, "05/UBND-VX"},
		{exchange.Letter, "UBND", "", 123, "123/UBND"},
		{exchange.PublicLetter, "UBND", "", 1, "01/UBND"},
		{"TTr", "SNV", "", 9, "09/TTr-SNV"},
		{"TTr", "", "", 10, "10/TTr"},
		{exchange.Letter, "", "", 7, "07"},
		{"QĐ", "UBND", "", 0, ""},
	} {
		numbering := exchange.Numbering{
			Number: test.number, Notation: exchange.Notation(test.kind, test.office, test.unit),
		}
		if got := numbering.String(); got != test.want {
			t.Errorf("%s %s %s: %q, want %q", test.kind, test.office, test.unit, got, test.want)
		}
	}
}
