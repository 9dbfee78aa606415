// Package outgoing answers: how does a draft become a document that may leave the office?
//
// A [Desk] takes it in and finds out where on the paper things go, has it signed by the leader, gives it its number,
// and adds the office's seal, on the attachments too; it makes copies of what came or went, and reaches later the level
// that could not be reached at the seal. Each step is done once, whoever asks again.
//
// The package does not send: that is package exchange. It makes no cryptography: that is package signing. Where the key
// is not held by the gateway, package session goes the same way with what is exported here for it.
package outgoing

import (
	"time"

	"congvan/exchange"
)

// Desk is where the documents of an office are made ready. All methods may be called by several goroutines.
type Desk struct {
	Gateway *exchange.Gateway
}

// now is the moment in UTC, as precise as records keep it.
func (d Desk) now() time.Time { return d.Gateway.Now().UTC().Truncate(time.Millisecond) }

func (d Desk) today() exchange.Date { return exchange.Today(d.Gateway.Now()) }
