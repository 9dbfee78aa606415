// Package expiry answers: which certificates does a gateway rest on, and when must somebody do something about one?
//
// Where they are found is for others to know; what is to be said about them, and to which office, is here.
package expiry

import (
	"math"
	"time"

	"congvan/exchange"
)

// End (hạn của chứng thư) is the end of a certificate that this gateway rests on.
type End struct {
	What   Kind              `json:"what"`
	Name   string            `json:"name"`             // whom the certificate names
	Office exchange.OfficeID `json:"office,omitempty"` // whose key it is; empty: it concerns every office here
	Until  time.Time         `json:"until"`            // UTC
	// Fault is the stable code of why the key cannot be reached now; its end is not known then. Empty: it is.
	Fault string `json:"fault,omitempty"`
}

// Kind says what a certificate is to this gateway.
type Kind string

// The kinds.
const (
	Leader             Kind = "leader"
	Seal               Kind = "seal"
	Node               Kind = "node" // the gateway's own
	Anchor             Kind = "anchor"
	TimestampAuthority Kind = "timestamp_authority"
)

// Days says how many whole days are left; less than 0 when it is over. Of a key that has a Fault it says nothing.
func (e End) Days(now time.Time) int {
	return int(math.Floor(e.Until.Sub(now).Hours() / 24))
}

// Warning gives the stable code of what is to be said about it now: its fault, or its end in steps of 30, 15 and 7
// days; empty when there is time.
func (e End) Warning(now time.Time) string {
	if e.Fault != "" {
		return e.Fault
	}
	switch days := e.Days(now); {
	case days < 0:
		return "certificate.ended"
	case days < 7:
		return "certificate.ends_in_7_days"
	case days < 15:
		return "certificate.ends_in_15_days"
	case days < 30:
		return "certificate.ends_in_30_days"
	default:
		return ""
	}
}

// Concerning gives those of the ends that are soon or were, and that concern an office: its own keys, and what all
// offices here rest on.
func Concerning(office exchange.OfficeID, ends []End, now time.Time) []End {
	var ending []End
	for _, each := range ends {
		if (each.Office == "" || each.Office == office) && each.Warning(now) != "" {
			ending = append(ending, each)
		}
	}
	return ending
}
