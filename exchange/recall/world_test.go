package recall_test

import (
	"testing"

	"congvan/exchange/exchangetest"
)

// The people and places of the tests have short names here.
const (
	commune      = exchangetest.Commune
	district     = exchangetest.District
	province     = exchangetest.Province
	interior     = exchangetest.Interior
	communeNode  = exchangetest.CommuneNode
	districtNode = exchangetest.DistrictNode
	provinceNode = exchangetest.ProvinceNode
	leaderName   = exchangetest.LeaderName
)

var (
	clerk    = exchangetest.Clerk
	leader   = exchangetest.Leader
	draft    = exchangetest.Draft
	id       = exchangetest.ID
	refused  = exchangetest.Refused
	statuses = exchangetest.Statuses
)

type (
	wire = exchangetest.Wire
)

// world is that of package exchangetest, with what only these tests do in it.
type world struct{ *exchangetest.World }

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return &world{exchangetest.New(tb, exchangetest.Straight)}
}
