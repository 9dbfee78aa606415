package exchange

import (
	"math"
	"time"
)

// Expiry (hạn của chứng thư) is the end of a certificate that this gateway rests on.
type Expiry struct {
	What   ExpiryOf  `json:"what"`
	Name   string    `json:"name"`             // whom the certificate names
	Office OfficeID  `json:"office,omitempty"` // whose key it is; empty: it concerns every office here
	Until  time.Time `json:"until"`            // UTC
	// Fault is the stable code of why the key cannot be reached now; its end is not known then. Empty: it is.
	Fault string `json:"fault,omitempty"`
}

// ExpiryOf says what a certificate is to this gateway.
type ExpiryOf string

// What certificates are to a gateway.
const (
	LeaderExpiry    ExpiryOf = "leader"
	SealExpiry      ExpiryOf = "seal"
	NodeExpiry      ExpiryOf = "node" // the gateway's own
	AnchorExpiry    ExpiryOf = "anchor"
	TimestampExpiry ExpiryOf = "timestamp_authority"
)

// Days says how many whole days are left; less than 0 when it is over. Of a key that has a Fault it says nothing.
func (e Expiry) Days(now time.Time) int {
	return int(math.Floor(e.Until.Sub(now).Hours() / 24))
}

// Warning gives the stable code of what is to be said about it now: its fault, or its end in steps of 30, 15 and 7
// days; empty when there is time.
func (e Expiry) Warning(now time.Time) string {
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

// Ending lists what ends soon or has ended and concerns an office: its own keys, and what all offices here rest on.
func (g *Gateway) Ending(office OfficeID) []Expiry {
	if g.Expiries == nil {
		return nil
	}
	var ending []Expiry
	for _, each := range g.Expiries() {
		if (each.Office == "" || each.Office == office) && each.Warning(g.Now()) != "" {
			ending = append(ending, each)
		}
	}
	return ending
}
