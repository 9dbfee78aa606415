package expiry_test

import (
	"testing"
	"time"

	"congvan/exchange/expiry"
)

var noon = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func TestEndsAreSaidAtThirtyFifteenAndSevenDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for left, want := range map[time.Duration]string{
		31 * day: "", 30 * day: "", 30*day - time.Second: "certificate.ends_in_30_days",
		15 * day: "certificate.ends_in_30_days", 15*day - time.Second: "certificate.ends_in_15_days",
		7 * day: "certificate.ends_in_15_days", 7*day - time.Second: "certificate.ends_in_7_days",
		0: "certificate.ends_in_7_days", -time.Second: "certificate.ended", -900 * day: "certificate.ended",
	} {
		if got := (expiry.End{Until: noon.Add(left)}).Warning(noon); got != want {
			t.Errorf("%v left: %q, want %q", left, got, want)
		}
	}
}

func TestAnOfficeIsToldOfItsOwnCertificatesAndOfThoseOfAll(t *testing.T) {
	t.Parallel()
	soon, late := noon.AddDate(0, 0, 3), noon.AddDate(1, 0, 0)
	found := expiry.Concerning("tinh", []expiry.End{
		{What: expiry.Seal, Name: "province", Office: "tinh", Until: soon},
		{What: expiry.Seal, Name: "interior", Office: "so-noi-vu", Until: soon},
		{What: expiry.Leader, Name: "later", Office: "tinh", Until: late},
		{What: expiry.Node, Name: "node", Until: soon},
	}, noon)
	if len(found) != 2 || found[0].Name != "province" || found[1].Name != "node" {
		t.Errorf("%v", found)
	}
}
