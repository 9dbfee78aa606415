package exchangetest

import (
	"bytes"
	"context"
	"crypto"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// Identities are made once for the test binary.
type Identities struct {
	Authority *certs.Authority
	Nodes     map[exchange.NodeID]certs.Identity
	Seals     map[exchange.OfficeID]certs.Identity
	Leaders   map[exchange.OfficeID]certs.Identity
	Stranger  certs.Identity // a node's certificate that no directory has
}

var theIdentities = sync.OnceValues(func() (*Identities, error) {
	authority, err := certs.NewAuthority(certs.Setting{
		Name: "CA thử", URL: "http://127.0.0.1:1", Now: func() time.Time { return Noon.Add(-time.Minute) },
	})
	if err != nil {
		return nil, err
	}
	made := &Identities{
		Authority: authority, Nodes: map[exchange.NodeID]certs.Identity{},
		Seals: map[exchange.OfficeID]certs.Identity{}, Leaders: map[exchange.OfficeID]certs.Identity{},
	}
	for _, node := range []exchange.NodeID{CommuneNode, DistrictNode, ProvinceNode} {
		if made.Nodes[node], err = authority.Node(string(node)); err != nil {
			return nil, err
		}
	}
	if made.Stranger, err = authority.Node("cong-la"); err != nil {
		return nil, err
	}
	for office, name := range Names {
		if made.Seals[office], err = authority.Seal(name, certs.ECDSAP256); err != nil {
			return nil, err
		}
		if made.Leaders[office], err = authority.Leader(LeaderName, "Chủ tịch", name, certs.ECDSAP256); err != nil {
			return nil, err
		}
	}
	return made, nil
})

// People gives the keys of everybody.
func People(tb testing.TB) *Identities {
	tb.Helper()
	made, err := theIdentities()
	if err != nil {
		tb.Fatal(err)
	}
	return made
}

// letter is a real PDF of one page.
var letter = sync.OnceValues(func() ([]byte, error) {
	document := fpdf.New("P", "mm", "A4", "")
	document.AddPage()
	document.SetFont("Times", "", 13)
	document.Cell(40, 10, "UBND XA HAI HAU - bao cao")
	var out bytes.Buffer
	err := document.Output(&out)
	return out.Bytes(), err
})

// PDF is a letter of one page that nobody has signed.
func PDF(tb testing.TB) []byte {
	tb.Helper()
	data, err := letter()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// Keyring holds the keys of all offices.
type Keyring struct{ *Identities }

// Seal gives the seal of an office.
func (k Keyring) Seal(_ context.Context, office exchange.OfficeID) (exchange.Key, error) {
	identity, known := k.Seals[office]
	if !known {
		return exchange.Key{}, exchange.Errorf(exchange.NotFound, "key.not_found", "%s", office)
	}
	return exchange.Key{Identity: identity}, nil
}

// Leader gives the key of [LeaderName].
func (k Keyring) Leader(_ context.Context, office exchange.OfficeID, name string) (exchange.Key, error) {
	identity, known := k.Leaders[office]
	if !known || name != LeaderName {
		return exchange.Key{}, exchange.Errorf(exchange.NotFound, "key.not_found", "%s", name)
	}
	return exchange.Key{Identity: identity}, nil
}

// NoStamper is a time-stamping authority that cannot be reached.
type NoStamper struct{}

// Stamp fails.
func (NoStamper) Stamp(context.Context, crypto.Hash, []byte) ([]byte, error) {
	return nil, certs.ErrTimestampUnavailable
}

// Examiner judges with the real engine, off-line.
type Examiner struct{ Anchors certs.Anchors }

// Examine judges a file.
func (e Examiner) Examine(
	ctx context.Context, file io.ReaderAt, size int64, at time.Time,
) (signing.Report, error) {
	return signing.Examine(ctx, file, size, signing.Policy{At: at, Anchors: e.Anchors})
}

// Examined judges bytes as they are at [Noon].
func Examined(tb testing.TB, data []byte) signing.Report {
	tb.Helper()
	judge := Examiner{Anchors: People(tb).Authority.Anchors()}
	report, err := judge.Examine(tb.Context(), bytes.NewReader(data), int64(len(data)), Noon)
	if err != nil {
		tb.Fatal(err)
	}
	return report
}

// Gatherer finds the certificates above a signer's, unless it is down.
type Gatherer struct{ Down atomic.Bool }

// Gather gives the chain that came with the key.
func (g *Gatherer) Gather(_ context.Context, identity certs.Identity, _ time.Time) (certs.Evidence, error) {
	if g.Down.Load() {
		return certs.Evidence{}, certs.ErrNoEvidence
	}
	return certs.Evidence{Certificates: identity.Chain}, nil
}
