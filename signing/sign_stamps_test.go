package signing_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// stamping is one way in which time-stamping authorities answer, and what it must lead to.
type stamping struct {
	name string
	urls []string
	want error // nil: PAdES B-T
}

// stampings are honest authorities with tokens of all sizes, and every way of failing and lying.
func stampings(t *testing.T, w workshop) []stamping {
	t.Helper()
	at := certstest.At(certstest.Noon)
	issue := func(order certs.Order) certs.Identity {
		order.Subject.CommonName = "TSA"
		return certstest.Issue(t, w.authority, order)
	}
	honest := issue(certs.Order{Use: certs.UseTimestamping})
	expired := issue(certs.Order{
		Use: certs.UseTimestamping, From: certstest.Noon.AddDate(-2, 0, 0), Until: certstest.Noon.Add(-time.Hour),
	})
	leader := issue(certs.Order{Use: certs.UseSigning})
	serve := func(signer certs.Identity, how certstest.Stamping) []string {
		how.Signer, how.Now = signer, at
		return []string{certstest.Stamper(t, how)}
	}
	type how = certstest.Stamping
	down, slow := []string{certstest.Down(t)}, serve(honest, how{Delay: time.Minute})
	liar, good := serve(honest, how{WrongImprint: true}), serve(honest, how{})
	return []stamping{
		{"honest", good, nil},
		{"honest, token of 3 KB more", serve(honest, how{Pad: 3 << 10}), nil},
		{"honest, token of 12 KB more", serve(honest, how{Pad: 12 << 10}), nil},
		{"honest, token of 40 KB more", serve(honest, how{Pad: 40 << 10}), nil},
		{"token of 66 KB more", serve(honest, how{Pad: 66 << 10}), certs.ErrTimestampUnreadable},
		{"down", down, certs.ErrTimestampUnavailable},
		{"slow", slow, certs.ErrTimestampUnavailable},
		{"wrong imprint", liar, certs.ErrTimestampWrongImprint},
		{"wrong nonce", serve(honest, how{WrongNonce: true}), certs.ErrTimestampWrongNonce},
		{"no nonce", serve(honest, how{NoNonce: true}), certs.ErrTimestampWrongNonce},
		{"spoilt signature", serve(honest, how{BadSignature: true}), certs.ErrTimestampBadSignature},
		{"expired certificate", serve(expired, how{}), certs.ErrTimestampExpired},
		{"wrong key purpose", serve(leader, how{}), certs.ErrTimestampWrongSigner},
		{"clock an hour fast", serve(honest, how{Ahead: time.Hour}), certs.ErrTimestampWrongTime},
		{"refuses", serve(honest, how{Refuse: true}), certs.ErrTimestampRefused},
		{"answers with a page", serve(honest, how{Garbage: true}), certs.ErrTimestampUnreadable},
		{"down, slow, lying, then honest", append(append(append(down, slow...), liar...), good...), nil},
		{"down, then lying", append(append([]string{}, down...), liar...), certs.ErrTimestampWrongImprint},
	}
}

// A lie never becomes part of a document: either the token is right, or the signature is there without one and says so.
func TestOnlyAnHonestTimeStampBecomesPartOfADocument(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	original := blank(1)
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-32s %-6s %7s  %s\n", "authority", "level", "tail", "why not B-T")
	for _, each := range stampings(t, w) {
		timeout := time.Minute
		if strings.Contains(each.name, "slow") {
			timeout = 10 * time.Second // the honest ones behind it are given as long
		}
		client, err := certs.NewTSA(certs.Timestamping{
			URLs: each.urls, Now: certstest.At(certstest.Noon), Outbound: certs.Outbound{Timeout: timeout},
		})
		if err != nil {
			t.Fatal(err)
		}
		order.Stamper = client
		document, signed := sign(t, original, order)
		report := examine(t, document, signing.Policy{At: w.at, Anchors: w.authority.Anchors(), Revocation: w.evidence})
		found := report.Signatures[0]
		want, pending := signing.LevelT, signing.Level("")
		if each.want != nil {
			want, pending = signing.LevelB, signing.LevelT
		}
		if signed.Level != want || signed.Pending != pending || !errors.Is(signed.Owed, each.want) ||
			found.Level != want || found.Timestamped != (each.want == nil) || report.Verdict != signing.Passed {
			t.Errorf("%s: level %s (read: %s), pending %q, stamped %v, %s: %v",
				each.name, signed.Level, found.Level, signed.Pending, found.Timestamped, report.Verdict, signed.Owed)
		}
		fmt.Fprintf(&table, "%-32s %-6s %7d  %s\n", each.name, signed.Level, len(signed.Tail), certs.Code(signed.Owed))
	}
	t.Log(table.String())
}
