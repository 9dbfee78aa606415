package remind

import (
	"time"

	"congvan/exchange"
)

// Stage (chặng) names a moment on a document's way; a [Hop] is the time until it.
type Stage string

// The stages, in the order of the way.
const (
	Submitted  Stage = "submitted"
	Signed     Stage = "signed"
	Numbered   Stage = "numbered"
	Sealed     Stage = "sealed"
	Sent       Stage = "issued"
	CarriedBy  Stage = "carried"
	ArrivedAt  Stage = "arrived"
	Entered    Stage = "accepted"
	SentBack   Stage = "refused"
	AssignedTo Stage = "assigned"
	Started    Stage = "in_progress"
	Completed  Stage = "completed"
)

// Stages lists all stages, in the order of the way.
func Stages() []Stage {
	return []Stage{
		Submitted, Signed, Numbered, Sealed, Sent, CarriedBy, ArrivedAt, Entered, SentBack, AssignedTo, Started, Completed,
	}
}

// Hop is one stage that a document has reached, and how long it took from the one before.
type Hop struct {
	Stage  Stage
	Office exchange.OfficeID // that acted; empty on the way
	Node   exchange.NodeID   // the gateway, where it is known
	At     time.Time         // UTC
	Took   time.Duration     // from the hop before; 0 for the first. The clocks of two gateways may differ a little.
}

// Holder says who holds a document now, and since when.
type Holder struct {
	Office exchange.OfficeID
	Node   exchange.NodeID // where a gateway holds it
	Since  time.Time
	Stage  Stage // the last one that was reached
}

type hop struct {
	stage  Stage
	office exchange.OfficeID
	node   exchange.NodeID
	at     time.Time
}

// hops gives what was reached, with the time in between; a clock that runs behind makes no time negative.
func hops(reached []hop) []Hop {
	var list []Hop
	for _, one := range reached {
		if one.at.IsZero() {
			continue
		}
		made := Hop{Stage: one.stage, Office: one.office, Node: one.node, At: one.at}
		if len(list) > 0 {
			made.Took = max(0, one.at.Sub(list[len(list)-1].At))
		}
		list = append(list, made)
	}
	return list
}

// outWay is the way of a document out of its office.
func outWay(document exchange.Document, signed, numbered time.Time) []Hop {
	var sealed time.Time
	for _, version := range document.Versions {
		if version.Step == exchange.StepSealed {
			sealed = version.At
		}
	}
	if signed.Equal(document.CreatedAt) {
		signed = time.Time{} // it came signed
	}
	office := document.Office
	return hops([]hop{
		{Submitted, office, "", document.CreatedAt},
		{Signed, office, "", signed},
		{Numbered, office, "", numbered},
		{Sealed, office, "", sealed},
		{Sent, office, "", document.IssuedAt},
	})
}

// way is the way of one copy from the office that issued it.
func (f copyFacts) way(office exchange.OfficeID, sent hop) []Hop {
	reached := []hop{sent}
	for _, statement := range f.carried {
		reached = append(reached, hop{CarriedBy, "", statement.Node, statement.At})
	}
	return hops(append(reached, hop{ArrivedAt, office, f.node, f.arrived}, hop{SentBack, office, "", f.refused},
		hop{Entered, office, "", f.accepted}, hop{AssignedTo, office, "", f.assigned},
		hop{Started, office, "", f.working}, hop{Completed, office, "", f.completed}))
}

// holder says who holds what has come so far: after it was issued, the gateway that carried it last; the office where
// it arrived; the office that issued it when it was sent back.
func holder(way []Hop, issuer exchange.OfficeID, next exchange.NodeID) (Holder, bool) {
	if len(way) == 0 {
		return Holder{}, false
	}
	last := way[len(way)-1]
	held := Holder{Office: last.Office, Node: last.Node, Since: last.At, Stage: last.Stage}
	switch last.Stage {
	case Completed:
		return Holder{}, false
	case Sent:
		held.Office, held.Node = issuer, next // it is owed to the next gateway and still here
	case SentBack:
		held.Office = issuer
	case CarriedBy:
		held.Office = ""
	case Submitted, Signed, Numbered, Sealed, ArrivedAt, Entered, AssignedTo, Started:
		held.Node = ""
	}
	return held, true
}
