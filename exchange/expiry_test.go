package exchange_test

import (
	"testing"
	"time"

	"congvan/exchange"
)

func TestEndsAreSaidAtThirtyFifteenAndSevenDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for left, want := range map[time.Duration]string{
		31 * day: "", 30 * day: "", 30*day - time.Second: "certificate.ends_in_30_days",
		15 * day: "certificate.ends_in_30_days", 15*day - time.Second: "certificate.ends_in_15_days",
		7 * day: "certificate.ends_in_15_days", 7*day - time.Second: "certificate.ends_in_7_days",
		0: "certificate.ends_in_7_days", -time.Second: "certificate.ended", -900 * day: "certificate.ended",
	} {
		if got := (exchange.Expiry{Until: noon.Add(left)}).Warning(noon); got != want {
			t.Errorf("%v left: %q, want %q", left, got, want)
		}
	}
}

func TestAnOfficeIsToldOfItsOwnCertificatesAndOfThoseOfAll(t *testing.T) {
	t.Parallel()
	gateway := newWorld(t, straight).Gateways[provinceNode]
	if found := gateway.Ending(province); found != nil {
		t.Errorf("%v", found)
	}
	soon, late := noon.AddDate(0, 0, 3), noon.AddDate(1, 0, 0)
	gateway.Expiries = func() []exchange.Expiry {
		return []exchange.Expiry{
			{What: exchange.SealExpiry, Name: "province", Office: province, Until: soon},
			{What: exchange.SealExpiry, Name: "interior", Office: interior, Until: soon},
			{What: exchange.LeaderExpiry, Name: "later", Office: province, Until: late},
			{What: exchange.NodeExpiry, Name: "node", Until: soon},
		}
	}
	found := gateway.Ending(province)
	if len(found) != 2 || found[0].Name != "province" || found[1].Name != "node" {
		t.Errorf("%v", found)
	}
}
