package signing_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

func sum256(data []byte) [32]byte { return sha256.Sum256(data) }

func TestPeersAcceptWhatIsSignedOnceTwiceAndThreeTimes(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for _, kind := range []struct {
		name    string
		key     certs.KeyKind
		pss     bool
		pdfsig  bool // does not know Ed25519
		mutool  bool // knows neither RSA-PSS nor Ed25519
		openssl bool // 3.0 does not know Ed25519 in CMS
	}{
		{"RSA-2048", certs.RSA2048, false, true, true, true},
		{"RSA-3072", certs.RSA3072, false, true, true, true},
		{"RSA-4096", certs.RSA4096, false, true, true, true},
		{"RSA-2048 PSS", certs.RSA2048, true, true, false, true},
		{"P-256", certs.ECDSAP256, false, true, true, true},
		{"P-384", certs.ECDSAP384, false, true, true, true},
		{"Ed25519", certs.Ed25519, false, false, false, false},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			document := blank(2)
			for n, level := range []signing.Level{signing.LevelT, signing.LevelT, signing.LevelB} {
				identity := certstest.Leader(t, w.authority, kind.key)
				order := w.order(identity, level)
				order.PSS = kind.pss
				if n == 1 {
					order.Appearance = &signing.Appearance{Page: 1, X: 20, Y: 20, Width: 36, Height: 36, Image: redSeal()}
				}
				var signed signing.Signed
				document, signed = sign(t, document, order)
				if signed.Level != level || signed.Pending != "" {
					t.Fatalf("level %s, pending %q: %v", signed.Level, signed.Pending, signed.Owed)
				}
				peersAccept(t, document, n+1, kind.pdfsig, kind.mutool)
				if kind.openssl {
					opensslAccepts(t, document, w.authority, w.at)
				}
				examined(t, document, w, signing.LevelT)
			}
		})
	}
}

// peersAccept checks a signed document with qpdf, pdfsig and mutool.
func peersAccept(t *testing.T, document []byte, signatures int, pdfsig, mutool bool) {
	t.Helper()
	path := file(t, "signed.pdf", document)
	if out, err := run(t, peer(t, "qpdf"), "--check", path); err != nil || strings.Contains(out, "WARNING") {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	if verdicts := popplerVerdicts(t, path); pdfsig && (len(verdicts) != signatures ||
		slices.ContainsFunc(verdicts, func(v string) bool { return v != "Signature is Valid." })) {
		t.Errorf("pdfsig says %q of %d signatures", verdicts, signatures)
	}
	if !mutool {
		return
	}
	out, err := run(t, peer(t, "mutool"), "sign", "-v", path)
	good := strings.Count(out, "The signature is valid but") + strings.Count(out,
		"The document is unchanged since signing")
	if err != nil || good != signatures {
		t.Errorf("mutool finds %d good: %v\n%s", good, err, out)
	}
}

func TestTheVisibleLetterOfLeaderAndSealIsAcceptedByPeers(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	leader := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	leader.Appearance = &signing.Appearance{Page: -1, X: 120, Y: 100, Width: 45, Height: 20, Image: autograph()}
	document, _ := sign(t, blank(3), leader)

	seal := w.order(certstest.Seal(t, w.authority, certs.RSA3072), signing.LevelT)
	over := signing.SealOver(*leader.Appearance, 36, redSeal())
	seal.Appearance = &over
	document, _ = sign(t, document, seal)

	copied := w.order(certstest.Seal(t, w.authority, certs.ECDSAP256), signing.LevelB)
	copied.Appearance = &signing.Appearance{
		Page: 1, FromTopRight: true, X: 10, Y: 10, Width: 75, Height: 16,
		Lines: []string{"SAO Y", "Ủy ban nhân dân xã Hải Hậu", signing.ShownTime(w.at)},
	}
	document, _ = sign(t, document, copied)

	peersAccept(t, document, 3, true, true)
	opensslAccepts(t, document, w.authority, w.at)
	text, err := run(t, peer(t, "pdftotext"), file(t, "letter.pdf", document), "-")
	if err != nil || !strings.Contains(text, "Ủy ban nhân dân xã Hải Hậu") ||
		!strings.Contains(text, "15 06 2026; 12:00:00; +07:00") {
		t.Errorf("the text of the appearance cannot be searched: %v\n%s", err, text)
	}
}

func TestSigningIsOneReadOfTheOriginalAndNoneWithMidstates(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	original, size := padded(4 << 20)
	counted := &counting{stuffed: original.(*stuffed)}
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	plain, err := signing.SignPDF(t.Context(), counted, size, order)
	if err != nil {
		t.Fatal(err)
	}
	if counted.read > size+256<<10 {
		t.Errorf("%d bytes were read of %d", counted.read, size)
	}
	whole := make([]byte, size)
	if _, err := original.ReadAt(whole, 0); err != nil {
		t.Fatal(err)
	}
	digest, states, err := signing.Midstates(t.Context(), bytes.NewReader(whole))
	if err != nil || digest != sum256(whole) {
		t.Fatalf("midstates: %v", err)
	}
	counted.read, order.Midstates = 0, states
	quick, err := signing.SignPDF(t.Context(), counted, size, order)
	if err != nil {
		t.Fatal(err)
	}
	if counted.read > 512<<10 {
		t.Errorf("%d bytes were read in spite of the midstates", counted.read)
	}
	for _, signed := range []signing.Signed{plain, quick} {
		if out := append(bytes.Clone(whole), signed.Tail...); sum256(out) != signed.SHA256 {
			t.Error("the digest is not that of the result")
		} else {
			opensslAccepts(t, out, w.authority, w.at)
		}
	}
}

type counting struct {
	*stuffed
	read int64
}

func (c *counting) ReadAt(p []byte, offset int64) (int, error) {
	c.read += int64(len(p))
	return c.stuffed.ReadAt(p, offset)
}

func TestTokensOfAnySizeFit(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for _, size := range []int{3 << 10, 12 << 10, 40 << 10} {
		stamps := certstest.Issue(t, w.authority, certs.Order{Use: certs.UseTimestamping})
		url := certstest.Stamper(t, certstest.Stamping{Signer: stamps, Now: certstest.At(certstest.Noon), Pad: size})
		order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
		order.Stamper = certstest.Client(t, url)
		document, signed := sign(t, blank(1), order)
		if signed.Level != signing.LevelT {
			t.Fatalf("%d KB: level %s: %v", size>>10, signed.Level, signed.Owed)
		}
		document, signed = sign(t, document, order)
		if signed.Level != signing.LevelT {
			t.Fatalf("%d KB again: level %s: %v", size>>10, signed.Level, signed.Owed)
		}
		peersAccept(t, document, 2, true, true)
		opensslAccepts(t, document, w.authority, w.at)
	}
}

func TestALevelThatCannotBeReachedNowIsPending(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	stamps := certstest.Issue(t, w.authority, certs.Order{Use: certs.UseTimestamping})
	lying := func(s certstest.Stamping) certs.Stamper {
		s.Signer, s.Now = stamps, certstest.At(certstest.Noon)
		return certstest.Client(t, certstest.Stamper(t, s))
	}
	stranger := certstest.NewAuthority(t, certstest.At(certstest.Noon))
	for name, tc := range map[string]struct {
		change  func(*signing.Order)
		reached signing.Level
	}{
		"authority down": {func(o *signing.Order) { o.Stamper = certstest.Client(t, certstest.Down(t)) }, signing.LevelB},
		"authority refuses": {
			func(o *signing.Order) { o.Stamper = lying(certstest.Stamping{Refuse: true}) },
			signing.LevelB,
		},
		"authority lies": {
			func(o *signing.Order) { o.Stamper = lying(certstest.Stamping{WrongImprint: true}) },
			signing.LevelB,
		},
		"authority says rot": {
			func(o *signing.Order) { o.Stamper = lying(certstest.Stamping{Garbage: true}) },
			signing.LevelB,
		},
		"no revocation to find": {func(o *signing.Order) {
			o.Evidence = certstest.Fetcher(t, stranger.Anchors(), certstest.At(certstest.Noon))
		}, signing.LevelT},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelLTA)
			tc.change(&order)
			document, signed := sign(t, blank(1), order)
			if signed.Level != tc.reached || signed.Pending != signing.LevelLTA || signed.Owed == nil {
				t.Fatalf("reached %s, pending %q, owed %v", signed.Level, signed.Pending, signed.Owed)
			}
			raised, err := signing.Augment(t.Context(), bytes.NewReader(document), int64(len(document)), signing.Raising{
				Level: signing.LevelLTA, Stamper: w.stamper, Evidence: w.evidence, At: w.at,
			})
			if err != nil || raised.Level != signing.LevelLTA || raised.Pending != "" {
				t.Fatalf("later: %s, pending %q: %v, %v", raised.Level, raised.Pending, raised.Owed, err)
			}
			examined(t, whole(t, document, raised), w, signing.LevelLTA)
		})
	}
}

func TestEveryLevelIsWhatTheExaminerFinds(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for _, level := range []signing.Level{signing.LevelB, signing.LevelT, signing.LevelLT, signing.LevelLTA} {
		t.Run(string(level), func(t *testing.T) {
			t.Parallel()
			document, signed := sign(t, blank(1), w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), level))
			if signed.Level != level || signed.Pending != "" {
				t.Fatalf("reached %s: %v", signed.Level, signed.Owed)
			}
			examined(t, document, w, level)
			archived := level == signing.LevelLTA // neither pdfsig 22.12 nor mutool 1.21 knows document time stamps
			peersAccept(t, document, 1, !archived, !archived)
		})
	}
}

func TestArchiveTimeStampsAreRenewedAndLevelsRaisedInAnyOrder(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document, _ := sign(t, blank(1), w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelB))
	stamps := 0
	for _, step := range []struct {
		level  signing.Level
		found  signing.Level
		stamps int // document time stamps afterwards
	}{
		{signing.LevelT, signing.LevelT, 1},
		{signing.LevelT, signing.LevelT, 1}, // nothing to do
		{signing.LevelLT, signing.LevelLT, 1},
		{signing.LevelLTA, signing.LevelLTA, 2},
		{signing.LevelLTA, signing.LevelLTA, 3}, // renewed
	} {
		raised, err := signing.Augment(t.Context(), bytes.NewReader(document), int64(len(document)), signing.Raising{
			Level: step.level, Stamper: w.stamper, Evidence: w.evidence, At: w.at,
		})
		if err != nil || raised.Level != step.level || raised.Pending != "" {
			t.Fatalf("%s: %s %q: %v, %v", step.level, raised.Level, raised.Pending, raised.Owed, err)
		}
		if step.stamps == stamps && (step.level == signing.LevelT) != (len(raised.Tail) == 0) {
			t.Errorf("%s: a tail of %d bytes", step.level, len(raised.Tail))
		}
		document, stamps = whole(t, document, raised), step.stamps
		report := examined(t, document, w, step.found)
		if len(report.Signatures) != 1+step.stamps {
			t.Errorf("%s: %d time stamps", step.level, len(report.Signatures)-1)
		}
	}
	order := signing.Raising{Level: signing.LevelT, Stamper: w.stamper, At: w.at}
	if _, err := signing.Augment(t.Context(), bytes.NewReader(blank(1)), int64(len(blank(1))), order); !errors.Is(err,
		signing.ErrNothingSigned) {
		t.Errorf("an unsigned document: %v", err)
	}
}

// examined asks our own examiner: everything passes and the first signature has the level.
func examined(t *testing.T, document []byte, w workshop, level signing.Level) signing.Report {
	t.Helper()
	report, err := signing.Examine(t.Context(), bytes.NewReader(document), int64(len(document)),
		signing.Policy{At: w.at, Anchors: w.authority.Anchors(), Revocation: w.evidence})
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != signing.Passed {
		t.Errorf("verdict %s %s", report.Verdict, report.Error)
	}
	for i, s := range report.Signatures {
		if s.Indication != signing.TotalPassed || s.Integrity != signing.Intact ||
			s.Modification == signing.ModifiedForbidden {
			t.Errorf("%s: %s %s, %s, modification %s, reasons %v, %v", s.Field, s.Indication, s.SubIndication, s.Integrity,
				s.Modification, s.Reasons, s.Changes)
		}
		if i == 0 && s.Level != level {
			t.Errorf("level %s instead of %s", s.Level, level)
		}
	}
	return report
}
