package remind

import (
	"slices"
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
	by := func(at time.Time) exchange.OfficeID {
		if f.handed.Office != "" && !at.Before(f.handed.At) {
			return f.handed.Office
		}
		return office
	}
	reached = append(reached, hop{ArrivedAt, office, f.node, f.arrived})
	for _, one := range []hop{
		{SentBack, "", "", f.refused},
		{Entered, "", "", f.accepted},
		{AssignedTo, "", "", f.assigned},
		{Started, "", "", f.working},
		{Completed, "", "", f.completed},
	} {
		one.office = by(one.at)
		reached = append(reached, one)
	}
	return hops(f.withHanded(reached))
}

// withHanded puts in its place that the copy was handed on.
func (f copyFacts) withHanded(reached []hop) []hop {
	if f.handed.Office == "" {
		return reached
	}
	place := len(reached)
	for place > 0 && (reached[place-1].at.IsZero() || reached[place-1].at.After(f.handed.At)) {
		place--
	}
	return slices.Insert(reached, place, hop{ArrivedAt, f.handed.Office, f.handed.Node, f.handed.At})
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
