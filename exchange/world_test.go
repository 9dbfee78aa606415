package exchange_test

import (
	"testing"

	"congvan/exchange"
	"congvan/exchange/exchangetest"
)

// The people and places of the tests have short names here.
const (
	commune  = exchangetest.Commune
	district = exchangetest.District
	province = exchangetest.Province
	interior = exchangetest.Interior

	communeNode  = exchangetest.CommuneNode
	districtNode = exchangetest.DistrictNode
	provinceNode = exchangetest.ProvinceNode

	leaderName = exchangetest.LeaderName
)

var (
	noon       = exchangetest.Noon
	names      = exchangetest.Names
	people     = exchangetest.People
	pdf        = exchangetest.PDF
	threeTiers = exchangetest.ThreeTiers
	clerk      = exchangetest.Clerk
	leader     = exchangetest.Leader
	draft      = exchangetest.Draft
	id         = exchangetest.ID
	desk       = exchangetest.Desk
	reader     = exchangetest.Reader
	decider    = exchangetest.Decider
	refused    = exchangetest.Refused
	statuses   = exchangetest.Statuses
	acts       = exchangetest.Acts
)

type (
	examiner = exchangetest.Examiner
	wire     = exchangetest.Wire
)

// world is that of package exchangetest, with what only these tests do in it.
type world struct{ *exchangetest.World }

func newWorld(tb testing.TB, carrier func(*world, exchange.NodeID) exchange.Carrier) *world {
	tb.Helper()
	return &world{exchangetest.New(tb, func(w *exchangetest.World, node exchange.NodeID) exchange.Carrier {
		return carrier(&world{w}, node)
	})}
}

func straight(w *world, from exchange.NodeID) exchange.Carrier {
	return exchangetest.Straight(w.World, from)
}
