// Package signing answers: how are these bytes signed or sealed, and what do the signatures in these bytes say?
//
// It makes PAdES and CAdES signatures (ETSI EN 319 142-1, EN 319 122-1) by incremental update, and judges signatures of
// others as at a moment against given anchors (ETSI EN 319 102-1). It knows certificates and bytes; it does not know
// offices, registers or who may sign what: that is asked of package exchange.
package signing

import (
	"context"
	"crypto"
	"io"
	"time"

	"congvan/certs"
)

// Level is a PAdES or CAdES baseline level.
type Level string

// The baseline levels, weakest first.
const (
	LevelNone Level = "none"
	LevelB    Level = "B-B"
	LevelT    Level = "B-T"
	LevelLT   Level = "B-LT"
	LevelLTA  Level = "B-LTA"
)

// Order says which signature to make.
type Order struct {
	Identity certs.Identity
	Level    Level
	Stamper  certs.Stamper // needed from B-T on
	Evidence EvidenceGatherer
	At       time.Time // the moment written as /M; shown in the time zone it carries

	Field    string            // an existing empty field, or the name of a new one; empty: the next free "SignatureN"
	Certify  int               // 0 approval signature; 1, 2, 3: certification with that DocMDP permission
	Fill     map[string]string // text fields to fill in the same revision, before the signature covers them
	Name     string            // of the signer as shown; empty: the certificate's common name
	Reason   string
	Location string

	Appearance *Appearance // nil: invisible

	Lock []string    // fields that nobody may change after this signature; those of Fill are always locked
	PSS  bool        // RSA keys sign with RSASSA-PSS instead of PKCS #1 v1.5
	Hash crypto.Hash // 0: as strong as the key asks for

	// Midstates are states of hashes over the whole original, as its encoding.BinaryMarshaler gives them, kept by the
	// caller since the bytes came in. With one for SHA-256 and one for the hash of the signature the original is not
	// read again; the caller answers for them.
	Midstates map[crypto.Hash][]byte
}

// Appearance is what is seen on the page. Lengths are millimetres from the page's lower left corner as displayed.
type Appearance struct {
	Page          int // 1 is the first page; -1 the last
	X, Y          float64
	Width, Height float64
	FromTopRight  bool     // X and Y go from the page's upper right corner to that of the appearance, left and down
	Image         *Picture // nil: text only
	Lines         []string // text, one line each; the font is chosen to fit
	FontSize      float64  // points; 0: up to 10, what fits
	Marks         []Mark   // further text on the same page, such as number and date where no fields were prepared
}

// Mark is one line of text that belongs to an appearance but stands elsewhere on the page. The appearance grows around
// it, transparent in between.
type Mark struct {
	X, Y     float64 // of the start of the baseline, millimetres from the page's lower left corner as displayed
	FontSize float64 // points
	Text     string
}

// EvidenceGatherer finds what a long-term signature must carry: the chain and revocation bytes for a certificate.
type EvidenceGatherer interface {
	Gather(ctx context.Context, identity certs.Identity, at time.Time) (certs.Evidence, error)
}

// Signed is a signature that has been made but not yet stored: append Tail to the original bytes.
type Signed struct {
	Tail    []byte
	Field   string
	Level   Level // what was reached
	Pending Level // what was ordered but could not be reached now; empty when nothing is owed
	Owed    error // why it is owed, for logs
	SHA256  [32]byte
	Size    int64
	// Midstates are the states of hashes over the whole signed document, for the Order of the next signature.
	Midstates map[crypto.Hash][]byte
}

// Reader gives the signed document: the original followed by the tail.
func (s Signed) Reader(original io.ReaderAt, size int64) io.Reader {
	return io.MultiReader(io.NewSectionReader(original, 0, size), tailReader(s.Tail))
}
