package outgoing_test

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
	noon     = exchangetest.Noon
	names    = exchangetest.Names
	people   = exchangetest.People
	pdf      = exchangetest.PDF
	clerk    = exchangetest.Clerk
	leader   = exchangetest.Leader
	draft    = exchangetest.Draft
	id       = exchangetest.ID
	desk     = exchangetest.Desk
	refused  = exchangetest.Refused
	acts     = exchangetest.Acts
	examined = exchangetest.Examined
)

type (
	gatherer  = exchangetest.Gatherer
	noStamper = exchangetest.NoStamper
)

// world is that of package exchangetest, with what only these tests do in it.
type world struct{ *exchangetest.World }

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return &world{exchangetest.New(tb, exchangetest.Straight)}
}
