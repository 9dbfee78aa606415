package signing_test

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// What a signature draws lies before the place of its value, so that it is hashed once for the signature and for the
// whole file: also when the place is made a second time, because the token is larger than was expected.
func TestWhatIsDrawnLiesBeforeTheValueAndBothDigestsHold(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	large := certstest.Client(t, certstest.Stamper(t, certstest.Stamping{
		Signer: certstest.Issue(t, w.authority, certs.Order{Use: certs.UseTimestamping}),
		Now:    certstest.At(certstest.Noon), Pad: 20 << 10,
	}))
	for _, kind := range []certs.KeyKind{certs.ECDSAP256, certs.ECDSAP384} { // of SHA-256, and of another hash beside it
		for _, stamper := range []certs.Stamper{w.stamper, large} {
			order := w.order(certstest.Leader(t, w.authority, kind), signing.LevelT)
			order.Stamper = stamper
			order.Appearance = &signing.Appearance{Page: 1, X: 20, Y: 20, Width: 60, Height: 25, Image: autograph()}
			document, signed := sign(t, blank(1), order)
			if signed.SHA256 != sha256.Sum256(document) || signed.Pending != "" {
				t.Errorf("key %v: the digest is not that of the file, %q is owed", kind, signed.Pending)
			}
			report, err := signing.Examine(t.Context(), bytes.NewReader(document), int64(len(document)),
				signing.Policy{At: w.at, Anchors: w.authority.Anchors()})
			if err != nil || report.Verdict != signing.Passed {
				t.Fatalf("key %v: %v, %+v", kind, err, report)
			}
			image := bytes.LastIndex(signed.Tail, []byte("/Subtype /Image"))
			value := bytes.Index(signed.Tail, []byte("/Contents <3"))
			if image < 0 || value < image {
				t.Errorf("key %v: the image at %d of the tail, the value at %d", kind, image, value)
			}
		}
	}
}
