// Package archive answers: will a document still be there, readable and provable in twenty years?
//
// It takes over what exchange has finished with: it reads every byte again, keeps a second copy in a second store, and
// puts the sealed header, the signed receipts and the judgement beside it as one evidence file. It knows dossiers and
// retention; it does not know how documents travel, and exchange does not know it.
package archive

import (
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// Keeper (lưu trữ) takes documents over and gives them back. Its fields are set once, before use; all methods may be
// called by several goroutines.
type Keeper struct {
	Records exchange.Records
	Blobs   exchange.Blobs
	Second  exchange.Blobs // another medium; nil: there is none, and filing says so in the log
	Now     func() time.Time
	// Sources lists the offices on whose documents an office works; see [exchange.Gateway.Sources]. nil: itself alone.
	// What is filed stays under the name of the office it came to.
	Sources func(exchange.OfficeID) []exchange.OfficeID
	// Level is to which the kept files are raised, B-LT or B-LTA, with time stamps and evidence from these. Otherwise they
	// stay as they were filed.
	Level    signing.Level
	Stamper  certs.Stamper
	Evidence signing.EvidenceGatherer
}

// Filing says where a document belongs and how long it is kept.
type Filing struct {
	Dossier   string // mã hồ sơ
	Retention Retention
}

// Retention (thời hạn lưu trữ) is how long a document is kept, by the code of Circular 05/2025/TT-BNV.
type Retention string

// The retention periods.
const (
	Permanent    Retention = "01" // vĩnh viễn
	SeventyYears Retention = "02"
	FiftyYears   Retention = "03"
	ThirtyYears  Retention = "04"
	TwentyYears  Retention = "05"
	TenYears     Retention = "06"
)

// Years is how many years the period is; 0 is for ever. known is false for codes that are none.
func (r Retention) Years() (years int, known bool) {
	switch r {
	case Permanent:
		return 0, true
	case SeventyYears:
		return 70, true
	case FiftyYears:
		return 50, true
	case ThirtyYears:
		return 30, true
	case TwentyYears:
		return 20, true
	case TenYears:
		return 10, true
	}
	return 0, false
}

func (k *Keeper) now() time.Time { return k.Now().UTC().Truncate(time.Millisecond) }
