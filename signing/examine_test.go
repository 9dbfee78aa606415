package signing_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
	"congvan/signing"
	"congvan/signing/pdf"
)

func TestGenuineDocumentsPass(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	kinds := []certs.KeyKind{certs.ECDSAP256, certs.ECDSAP384, certs.RSA2048, certs.RSA3072, certs.Ed25519}
	levels := []signing.Level{signing.LevelB, signing.LevelT, signing.LevelLT, signing.LevelLTA}
	documents := map[string][]byte{"letter": letter("1.000.000"), "blank": blank(1), "report": blank(30)}
	count := 0
	for _, kind := range kinds {
		leader, seal := certstest.Leader(t, w.authority, kind), certstest.Seal(t, w.authority, kind)
		for _, level := range levels {
			for name, document := range documents {
				for _, certify := range []int{0, 2} {
					count++
					t.Run(fmt.Sprintf("%v %s %s certify %d", kind, level, name, certify), func(t *testing.T) {
						t.Parallel()
						first := w.order(leader, level)
						first.Certify = certify
						once, _ := sign(t, document, first)
						examined(t, once, w, level)
						second := w.order(seal, level)
						if name == "letter" {
							second.Fill = map[string]string{"number": "45/QĐ-UBND"}
						}
						twice, _ := sign(t, once, second)
						report := examined(t, twice, w, level)
						people := slices.DeleteFunc(report.Signatures, func(s signing.Signature) bool {
							return s.Kind != signing.KindSignature
						})
						if len(people) != 2 || people[0].Signer != "Nguyễn Văn An" || people[1].Signer != "UBND xã Hải Hậu" {
							t.Errorf("signers: %s", summary(report))
						}
					})
				}
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d documents", count)
	}
}

// later is what the examiner says of one and the same document at different moments.
func TestTheVerdictDependsOnTheMoment(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	short := certstest.Issue(t, w.authority, certs.Order{Until: w.at.AddDate(0, 2, 0)})
	made := map[signing.Level][]byte{}
	for _, level := range []signing.Level{signing.LevelB, signing.LevelT, signing.LevelLT, signing.LevelLTA} {
		made[level], _ = sign(t, blank(1), w.order(short, level))
	}
	for _, tc := range []struct {
		level      signing.Level
		at         time.Time
		verdict    signing.Verdict
		sub        string
		timestamps bool
	}{
		{signing.LevelB, w.at, signing.Passed, "", false},
		{signing.LevelB, w.at.AddDate(1, 0, 0), signing.Indeterminate, "OUT_OF_BOUNDS_NO_POE", false},
		{signing.LevelB, w.at.AddDate(-1, 0, 0), signing.Indeterminate, "OUT_OF_BOUNDS_NO_POE", false},
		{signing.LevelT, w.at, signing.Passed, "", true},
		{signing.LevelT, w.at.AddDate(1, 0, 0), signing.Passed, "", true},
		{signing.LevelT, w.at.Add(-time.Minute * 30), signing.Passed, "", false}, // the stamp is not there yet
		{signing.LevelT, w.at.AddDate(30, 0, 0), signing.Indeterminate, "OUT_OF_BOUNDS_NO_POE", false},
		{signing.LevelLT, w.at.AddDate(1, 0, 0), signing.Passed, "", true},
		{signing.LevelLTA, w.at.AddDate(1, 0, 0), signing.Passed, "", true},
		{signing.LevelLTA, w.at.AddDate(30, 0, 0), signing.Indeterminate, "OUT_OF_BOUNDS_NOT_REVOKED", false},
	} {
		t.Run(fmt.Sprintf("%s %s", tc.level, tc.at.Format(time.DateOnly)), func(t *testing.T) {
			t.Parallel()
			report := examine(t, made[tc.level], signing.Policy{At: tc.at, Anchors: w.authority.Anchors()})
			s := report.Signatures[0]
			sub := s.SubIndication
			if strings.HasPrefix(sub, "OUT_OF_BOUNDS") && strings.HasPrefix(tc.sub, "OUT_OF_BOUNDS") {
				sub = tc.sub // known not revoked or not: that depends on how long the issuer's evidence counts
			}
			if report.Verdict != tc.verdict || sub != tc.sub || s.Timestamped != tc.timestamps || s.Level != tc.level {
				t.Errorf("wanted %s %s: %s", tc.verdict, tc.sub, summary(report))
			}
			if tc.timestamps && s.BestSignatureTime != w.at.UTC().Format(time.RFC3339) {
				t.Errorf("best signature time %s instead of %s", s.BestSignatureTime, w.at)
			}
		})
	}
}

func TestRevocationCountsAgainstTheProvedTime(t *testing.T) {
	t.Parallel()
	const noPOE, isRevoked = "REVOKED_NO_POE", "revocation.revoked"
	for _, tc := range []struct {
		name    string
		level   signing.Level
		revoked time.Duration // from the moment of signing
		reason  int
		verdict signing.Verdict
		sub     string
		status  string
		code    string
	}{
		{"never", signing.LevelT, 0, 0, signing.Passed, "", "good", ""},
		{"after the time stamp", signing.LevelT, time.Hour, 0, signing.Passed, "", "good", "revocation.revoked_later"},
		{"before", signing.LevelT, -time.Hour, 1, signing.Indeterminate, noPOE, "revoked", isRevoked},
		{"before, not stamped", signing.LevelB, -time.Hour, 1, signing.Indeterminate, noPOE, "revoked", isRevoked},
		{"after, not stamped", signing.LevelB, time.Hour, 1, signing.Indeterminate, noPOE, "revoked", isRevoked},
		{"suspended", signing.LevelB, -time.Hour, 6, signing.Indeterminate, "TRY_LATER", "revoked", "revocation.on_hold"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorkshop(t)
			leader := certstest.Leader(t, w.authority, certs.ECDSAP256)
			document, _ := sign(t, blank(1), w.order(leader, tc.level))
			now := w.at.Add(2 * time.Hour)
			if tc.revoked != 0 {
				if err := w.authority.Revoke(leader.Certificate, w.at.Add(tc.revoked), tc.reason); err != nil {
					t.Fatal(err)
				}
			}
			// The authority's clock stands still, so that what it says is from noon; it is asked as at noon and judged later.
			source := answering{w.evidence, w.at}
			report := examine(t, document, signing.Policy{At: now, Anchors: w.authority.Anchors(), Revocation: source})
			s := report.Signatures[0]
			if report.Verdict != tc.verdict || s.SubIndication != tc.sub || s.Revocation != tc.status ||
				tc.code != "" && !slices.Contains(s.Reasons, tc.code) {
				t.Errorf("wanted %s %s %s: %s %s", tc.verdict, tc.sub, tc.status, summary(report), s.Revocation)
			}
		})
	}
}

// answering asks a source as at a fixed moment.
type answering struct {
	signing.RevocationSource
	at time.Time
}

func (a answering) Check(ctx context.Context, certificate, issuer *x509.Certificate, _ time.Time) certs.Revocation {
	return a.RevocationSource.Check(ctx, certificate, issuer, a.at)
}

func TestASignatureMadeAfterRevocationFails(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	leader, seal := certstest.Leader(t, w.authority, certs.ECDSAP256), certstest.Seal(t, w.authority, certs.ECDSAP256)
	archived, _ := sign(t, blank(1), w.order(leader, signing.LevelLTA)) // its time stamp proves what comes after it
	if err := w.authority.Revoke(seal.Certificate, w.at.Add(-time.Hour), 1); err != nil {
		t.Fatal(err)
	}
	document, _ := sign(t, archived, w.order(seal, signing.LevelB))
	report := examine(t, document, signing.Policy{At: w.at, Anchors: w.authority.Anchors(), Revocation: w.evidence})
	last := report.Signatures[len(report.Signatures)-1]
	if report.Verdict != signing.Failed || last.SubIndication != "REVOKED" {
		t.Errorf("wanted REVOKED: %s", summary(report))
	}
}

func TestOfflineIsUnknownAndNeverGood(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document, _ := sign(t, blank(1), w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT))
	policy := signing.Policy{At: w.at, Anchors: w.authority.Anchors()}
	lenient := examine(t, document, policy).Signatures[0]
	if lenient.Revocation != "unknown" || lenient.Indication != signing.TotalPassed ||
		!slices.Contains(lenient.Reasons, "revocation.not_checked") {
		t.Errorf("lenient: %+v", lenient)
	}
	policy.RequireRevocation = true
	strict := examine(t, document, policy)
	if strict.Verdict != signing.Indeterminate || strict.Signatures[0].SubIndication != "TRY_LATER" {
		t.Errorf("strict: %s", summary(strict))
	}
	policy.Revocation = w.evidence
	if asked := examine(t, document, policy); asked.Verdict != signing.Passed || asked.Signatures[0].Revocation != "good" {
		t.Errorf("asked: %s", summary(asked))
	}
	embedded, _ := sign(t, blank(1), w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelLT))
	policy.Revocation = nil
	report := examine(t, embedded, policy)
	if report.Verdict != signing.Passed || report.Signatures[0].Revocation != "good" {
		t.Errorf("with embedded evidence: %s", summary(report))
	}
}

func TestWithoutAnchorsNothingPasses(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document, _ := sign(t, blank(1), w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelLTA))
	other := certstest.Root(t, "Another root")
	for name, anchors := range map[string]certs.Anchors{"none": {}, "others": certstest.Trusting(other)} {
		report := examine(t, document, signing.Policy{At: w.at, Anchors: anchors})
		s := report.Signatures[0]
		if report.Verdict != signing.Indeterminate || s.SubIndication != "NO_CERTIFICATE_CHAIN_FOUND" || s.Timestamped {
			t.Errorf("%s: %s", name, summary(report))
		}
	}
}

func TestATimestampOfStrangersProvesNothing(t *testing.T) {
	t.Parallel()
	w, strangers := newWorkshop(t), newWorkshop(t)
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	order.Stamper = strangers.stamper
	document, _ := sign(t, blank(1), order)
	report := examine(t, document, signing.Policy{At: w.at, Anchors: w.authority.Anchors()})
	s := report.Signatures[0]
	if s.Timestamped || !slices.Contains(s.Reasons, "timestamp.not_trusted") || report.Verdict != signing.Passed {
		t.Errorf("today: %s", summary(report))
	}
	report = examine(t, document, signing.Policy{At: w.at.AddDate(4, 0, 0), Anchors: w.authority.Anchors()})
	if report.Verdict != signing.Indeterminate {
		t.Errorf("after the certificate expired: %s", summary(report))
	}
}

func TestATimestampOfAnotherSignatureProvesNothing(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	leader := certstest.Leader(t, w.authority, certs.ECDSAP256)
	document, _ := sign(t, blank(1), w.order(leader, signing.LevelT))
	s := signatureOf(t, document, 0)
	parsed, err := cms.Parse(s.Contents)
	if err != nil {
		t.Fatal(err)
	}
	token, err := w.stamper.Stamp(t.Context(), crypto.SHA256, digest256([]byte("another value")))
	if err != nil {
		t.Fatal(err)
	}
	stamp := cms.Attribute{Type: cms.OIDSignatureTimestamp, Values: [][]byte{token}}
	object, err := cms.ReplaceUnsigned(parsed.Raw, 0, stamp)
	if err != nil {
		t.Fatal(err)
	}
	report := examine(t, transplanted(t, document, s, object), signing.Policy{At: w.at, Anchors: w.authority.Anchors()})
	got := report.Signatures[0]
	if got.Timestamped || got.Level != signing.LevelB || !slices.Contains(got.Reasons, "timestamp.other_content") {
		t.Errorf("%s", summary(report))
	}
}

func TestFilesThatAreNoSignedPDFGetAnAnswer(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	leader := certstest.Leader(t, w.authority, certs.ECDSAP256)
	signed, _ := sign(t, blank(1), w.order(leader, signing.LevelB))
	bundle, err := cms.CertificateBundle([]*x509.Certificate{leader.Certificate})
	if err != nil {
		t.Fatal(err)
	}
	damaged := []byte("\x30\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02rubbish")
	nothing := []byte("-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n")
	for _, tc := range []struct {
		name    string
		data    []byte
		verdict signing.Verdict
		code    string
	}{
		{"an empty file", nil, signing.Indeterminate, "file.unsupported"},
		{"a text", []byte("Kính gửi: UBND tỉnh"), signing.Indeterminate, "file.unsupported"},
		{"a zero", []byte("0"), signing.Indeterminate, "file.unsupported"},
		{"an unsigned PDF", blank(1), signing.Unsigned, ""},
		{"a header only", []byte("%PDF-1.7\n"), signing.Indeterminate, "pdf.truncated"},
		{"half a PDF", blank(1)[:100], signing.Unsigned, ""},
		{"half a signed PDF", signed[:len(signed)-600], signing.Indeterminate, "file.unreadable"},
		{"certificates only", bundle, signing.Unsigned, ""},
		{"damaged CMS", damaged, signing.Indeterminate, "file.unreadable"},
		{"a PEM of nothing", nothing, signing.Indeterminate, "file.unreadable"},
		{"a signed PDF", signed, signing.Passed, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			report := examine(t, tc.data, signing.Policy{At: w.at, Anchors: w.authority.Anchors()})
			if report.Verdict != tc.verdict || !strings.HasPrefix(report.Error, tc.code) || tc.code == "" && report.Error != "" {
				t.Errorf("wanted %s %q: %s", tc.verdict, tc.code, summary(report))
			}
			if report.SHA256 != fmt.Sprintf("%x", sum256(tc.data)) || report.Size != int64(len(tc.data)) {
				t.Errorf("digest %s, size %d", report.SHA256, report.Size)
			}
		})
	}
}

func TestCAdESSignaturesAreJudgedWithTheirContent(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	content := []byte("Công văn về việc chi 1.000.000 đồng")
	leader := certstest.Leader(t, w.authority, certs.ECDSAP256)
	detached, err := signing.SignDetached(t.Context(), bytes.NewReader(content), w.order(leader, signing.LevelT))
	if err != nil {
		t.Fatal(err)
	}
	attached, err := cms.Sign(leader.Signer, cms.Draft{
		Scheme: cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA256}, Certificate: leader.Certificate, Chain: leader.Chain,
		Content: content, SigningTime: w.at,
	})
	if err != nil {
		t.Fatal(err)
	}
	armoured := pem.EncodeToMemory(&pem.Block{Type: "CMS", Bytes: detached.Bytes})
	token, err := w.stamper.Stamp(t.Context(), crypto.SHA256, digest256(content))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name    string
		file    []byte
		content io.Reader
		verdict signing.Verdict
		sub     string
		level   signing.Level
	}{
		{"detached", detached.Bytes, bytes.NewReader(content), signing.Passed, "", signing.LevelT},
		{"in armour", armoured, bytes.NewReader(content), signing.Passed, "", signing.LevelT},
		{"other content", detached.Bytes, strings.NewReader("9.000.000"), signing.Failed, "HASH_FAILURE", signing.LevelT},
		{"detached, no content", detached.Bytes, nil, signing.Indeterminate, "SIGNED_DATA_NOT_FOUND", signing.LevelT},
		{"attached", attached, nil, signing.Passed, "", signing.LevelB},
		{"attached, the same given too", attached, bytes.NewReader(content), signing.Passed, "", signing.LevelB},
		{"attached, another given", attached, strings.NewReader("9.000.000"), signing.Failed, "HASH_FAILURE", signing.LevelB},
		{"a time stamp", token, bytes.NewReader(content), signing.Passed, "", signing.LevelNone},
		{"a stamp of something else", token, strings.NewReader("other"), signing.Failed, "HASH_FAILURE", signing.LevelNone},
		{"a time stamp alone", token, nil, signing.Indeterminate, "SIGNED_DATA_NOT_FOUND", signing.LevelNone},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			report := examine(t, tc.file, signing.Policy{At: w.at, Anchors: w.authority.Anchors(), Content: tc.content})
			if len(report.Signatures) != 1 || report.Verdict != tc.verdict ||
				report.Signatures[0].SubIndication != tc.sub || report.Signatures[0].Level != tc.level {
				t.Errorf("wanted %s %s %s: %s", tc.verdict, tc.sub, tc.level, summary(report))
			}
		})
	}
}

func TestStrippedAttributesDoNotMakeThemContent(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	leader := certstest.Leader(t, w.authority, certs.RSA2048)
	draft := cms.Draft{
		Scheme: cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256}, Certificate: leader.Certificate,
		Content: []byte("honest content"), SigningTime: w.at,
	}
	attributes, err := cms.SignedAttributes(draft)
	if err != nil {
		t.Fatal(err)
	}
	value, err := draft.Scheme.Sign(leader.Signer, attributes)
	if err != nil {
		t.Fatal(err)
	}
	forged := bareSigned(t, leader, attributes, value)
	report := examine(t, forged, signing.Policy{At: w.at, Anchors: w.authority.Anchors()})
	if report.Verdict == signing.Passed {
		t.Errorf("%s", summary(report))
	}
}

func TestTheFileIsReadOnceForTenSignatures(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	original, size := padded(32 << 20)
	file := &joined{original: original, size: size}
	for range 10 {
		signed, err := signing.SignPDF(t.Context(), file, file.Size(),
			w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelB))
		if err != nil {
			t.Fatal(err)
		}
		file.tail = append(file.tail, signed.Tail...)
	}
	counted := &countingReader{ReaderAt: file}
	policy := signing.Policy{At: w.at, Anchors: w.authority.Anchors()}
	report, err := signing.Examine(t.Context(), counted, file.Size(), policy)
	if err != nil || report.Verdict != signing.Passed || len(report.Signatures) != 10 {
		t.Fatalf("%v: %s", err, summary(report))
	}
	if limit := file.Size() + file.Size()/5; counted.read > limit {
		t.Errorf("read %d bytes of a file of %d", counted.read, file.Size())
	}
}

type countingReader struct {
	io.ReaderAt
	read int64
}

func (c *countingReader) ReadAt(p []byte, offset int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, offset)
	c.read += int64(n)
	return n, err
}

func TestExaminingEndsWithItsContextOrItsReader(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := signing.Examine(ctx, bytes.NewReader(v.twice), int64(len(v.twice)), v.policy()); err == nil {
		t.Error("a context that has ended is no error")
	}
	if _, err := signing.Examine(t.Context(), bytes.NewReader(v.twice), int64(len(v.twice))+1000, v.policy()); err == nil {
		t.Error("a file shorter than claimed is no error")
	}
	whole := bytes.NewReader(v.twice)
	if _, err := signing.Examine(t.Context(), whole, whole.Size(), signing.Policy{}); err == nil {
		t.Error("a policy without a moment is no error")
	}
}

func TestJudgingIsAFunctionOfFileAndPolicy(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelLTA)
	first, second := examine(t, v.twice, v.policy()), examine(t, v.twice, v.policy())
	if difference := cmp.Diff(first, second); difference != "" {
		t.Error(difference)
	}
}

func TestEveryReasonOfTheCorpusHasAMeaning(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, code := range signing.Codes() {
		if known[code.Code] {
			t.Errorf("%s is listed twice", code.Code)
		}
		if code.Meaning == "" || !strings.HasSuffix(code.Meaning, ".") && !strings.HasSuffix(code.Meaning, ")") {
			t.Errorf("%s has no sentence: %q", code.Code, code.Meaning)
		}
		known[code.Code] = true
	}
	folder, rows := corpusRows(t)
	for _, row := range rows {
		report := examineCorpusFile(t, folder, row, signing.Policy{})
		codes := append([]string{report.Error}, report.Notes...)
		for _, s := range report.Signatures {
			codes = append(codes, s.Reasons...)
			for _, change := range s.Changes {
				codes = append(codes, change.Code)
			}
		}
		for _, code := range codes {
			if code != "" && !known[code] {
				t.Errorf("%s: %s is not listed", row.file, code)
				known[code] = true
			}
		}
	}
}

func TestTheReportKeepsItsNamesInJSON(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelT)
	text, err := json.Marshal(examine(t, v.twice, v.policy()))
	if err != nil {
		t.Fatal(err)
	}
	var report map[string]any
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sha256", "verdict", "error", "signatures"} {
		if _, ok := report[name]; !ok {
			t.Errorf("no %q", name)
		}
	}
	first, ok := report["signatures"].([]any)[0].(map[string]any)
	if !ok {
		t.Fatal("no signature")
	}
	for _, name := range []string{
		"field", "kind", "signer", "format", "level", "integrity", "coverage", "modification", "indication",
		"sub_indication", "signing_time", "best_signature_time", "reasons", "checks",
	} {
		if _, ok := first[name]; !ok {
			t.Errorf("no %q in a signature", name)
		}
	}
}

// doubleKeys is a signature dictionary that says one thing to one reader and another to the next.
func TestASignatureDictionaryOfTwoMindsFails(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	for _, key := range []string{"ByteRange", "Contents", "SubFilter"} {
		s := signatureOf(t, v.twice, 1)
		text := string(pdf.Append(nil, s.Dict))
		double := strings.Replace(text, "<<", "<</"+key+" null", 1)
		data := update(t, v.twice, map[int]string{s.ValueRef.Number: double}, "")
		if report := examine(t, data, v.policy()); report.Verdict != signing.Failed {
			t.Errorf("%s: %s", key, summary(report))
		}
	}
}

// bareSigned is a signature without signed attributes over the content, as CMS allows it.
func bareSigned(tb testing.TB, identity certs.Identity, content, value []byte) []byte {
	tb.Helper()
	sha256WithRSA := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	sha256 := asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	algorithm := func(b *cryptobyte.Builder, oid asn1.ObjectIdentifier) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oid); b.AddASN1NULL() })
	}
	explicit := func(b *cryptobyte.Builder, number uint8, content func(*cryptobyte.Builder)) {
		b.AddASN1(tags.Tag(number).Constructed().ContextSpecific(), content)
	}
	var b cryptobyte.Builder
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(cms.OIDSignedData)
		explicit(b, 0, func(b *cryptobyte.Builder) {
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(tags.SET, func(b *cryptobyte.Builder) { algorithm(b, sha256) })
				b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(cms.OIDData)
					explicit(b, 0, func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
				})
				explicit(b, 0, func(b *cryptobyte.Builder) { b.AddBytes(identity.Certificate.Raw) })
				b.AddASN1(tags.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1Int64(1)
						b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
							b.AddBytes(identity.Certificate.RawIssuer)
							b.AddASN1BigInt(identity.Certificate.SerialNumber)
						})
						algorithm(b, sha256)
						algorithm(b, sha256WithRSA)
						b.AddASN1OctetString(value)
					})
				})
			})
		})
	})
	der, err := b.Bytes()
	if err != nil {
		tb.Fatal(err)
	}
	return der
}
