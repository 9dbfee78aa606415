package session_test

import (
	"congvan/exchange/exchangetest"
	"congvan/exchange/session"
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
	refused  = exchangetest.Refused
	examined = exchangetest.Examined
)

type (
	handed    = session.Given
	keyring   = exchangetest.Keyring
	gatherer  = exchangetest.Gatherer
	noStamper = exchangetest.NoStamper
)
