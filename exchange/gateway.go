package exchange

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"log/slog"
	"time"

	"github.com/oklog/ulid/v2"

	"congvan/certs"
	"congvan/signing"
)

// Gateway (cổng) is the path of a document: it takes in, signs, numbers, seals, issues, delivers, receives, judges
// and answers for the offices it hosts. Its fields are set once, before use; all methods may be called by several
// goroutines.
type Gateway struct {
	Node      NodeID
	Identity  certs.Identity    // seals messages; ECDSA P-256
	Directory func() *Directory // the directory as it stands now
	Records   Records
	Blobs     Blobs
	Carrier   Carrier
	Keys      Keys
	Rules     SigningRules // what is asked of a key before it signs
	Examiner  Examiner
	Stamper   certs.Stamper
	Level     signing.Level            // of the seals; empty: B-T
	Evidence  signing.EvidenceGatherer // for the levels above B-T
	Words     Words                    // finds the places of signature, number and date; may be nil
	Now       func() time.Time
	Log       *slog.Logger
	MaxFile   int64 // the largest file taken in, in bytes
	// Shards divides the work among the instances that share Records and Blobs; nil: this one does all.
	Shards Shards
	Random io.Reader // for identifiers and jitter; nil: crypto/rand
	// Failpoint, when set, is called with the name of each step boundary; tests end the process there.
	Failpoint func(point string)

	loops   loops
	lately  lately
	sealing sealing
}

// now is the moment in UTC, as precise as records keep it.
func (g *Gateway) now() time.Time { return g.Now().UTC().Truncate(time.Millisecond) }

func (g *Gateway) today() Date { return Today(g.Now()) }

func (g *Gateway) random() io.Reader {
	if g.Random == nil {
		return rand.Reader
	}
	return g.Random
}

// NewID makes an identifier that cannot be guessed; later ones sort after earlier ones.
func (g *Gateway) NewID() (string, error) {
	id, err := ulid.New(ulid.Timestamp(g.Now()), g.random())
	if err != nil {
		return "", Errorf(Internal, "internal", "make an identifier: %w", err)
	}
	return id.String(), nil
}

// NewSecret makes 256 bits that cannot be guessed, as text that can stand in a web address.
func (g *Gateway) NewSecret() (string, error) {
	var secret [32]byte
	if _, err := io.ReadFull(g.random(), secret[:]); err != nil {
		return "", Errorf(Internal, "internal", "make a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret[:]), nil
}

// ValidID says whether an identifier is a ULID, written as one is.
func ValidID(id string) bool {
	parsed, err := ulid.ParseStrict(id)
	return err == nil && parsed.String() == id
}

// Reach says that a step is done; tests end the process there.
func (g *Gateway) Reach(point string) {
	if g.Failpoint != nil {
		g.Failpoint(point)
	}
}

// Keys gives the signing keys that this gateway holds for its offices. Of a key that cannot be reached now, the error
// is Unavailable and the key is how it looks, without its identity.
type Keys interface {
	// Seal gives the office's seal (con dấu, chữ ký số của cơ quan), and how it is to look.
	Seal(ctx context.Context, office OfficeID) (Key, error)
	// Leader gives the key of a competent person of the office, found by the person's name.
	Leader(ctx context.Context, office OfficeID, name string) (Key, error)
}

// Key is an identity and the image shown with its signatures.
type Key struct {
	Identity certs.Identity
	// Holder is the name in the certificate where the key was assigned although that is not the leader's or the office's
	// name in the directory; empty: it must be that name.
	Holder   string
	Image    *signing.Picture // nil: text only
	WidthMM  float64
	HeightMM float64
}

// Examiner judges the signatures of a file as at a moment.
type Examiner interface {
	Examine(ctx context.Context, file io.ReaderAt, size int64, at time.Time) (signing.Report, error)
}

// Words reads what stands where on the pages of a file that is not trusted.
type Words interface {
	Count(ctx context.Context, file io.ReaderAt, size int64) (int, error)
	// Texts gives the words of a page; 1 is the first.
	Texts(ctx context.Context, file io.ReaderAt, size int64, page int) ([]signing.Text, error)
}
