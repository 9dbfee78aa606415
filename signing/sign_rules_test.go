package signing_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
	"congvan/signing/pdf"
)

func TestForbiddenOrdersAreRefusedBeforeTheKeyIsUsed(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	good := certstest.Leader(t, w.authority, certs.ECDSAP256)
	other := certstest.Leader(t, w.authority, certs.ECDSAP256)
	issue := func(order certs.Order) certs.Identity { return certstest.Issue(t, w.authority, order) }
	document := blank(1)
	for name, tc := range map[string]struct {
		change func(*signing.Order)
		want   error
	}{
		"no moment":      {func(o *signing.Order) { o.At = time.Time{} }, signing.ErrNoMoment},
		"no key":         {func(o *signing.Order) { o.Identity.Signer = nil }, signing.ErrNoIdentity},
		"no certificate": {func(o *signing.Order) { o.Identity.Certificate = nil }, signing.ErrNoIdentity},
		"unknown level":  {func(o *signing.Order) { o.Level = "B-X" }, signing.ErrLevel},
		"level none":     {func(o *signing.Order) { o.Level = signing.LevelNone }, signing.ErrLevel},
		"no stamper":     {func(o *signing.Order) { o.Level, o.Stamper = signing.LevelT, nil }, signing.ErrNoStamper},
		"no evidence":    {func(o *signing.Order) { o.Level, o.Evidence = signing.LevelLT, nil }, signing.ErrNoEvidence},
		"expired":        {func(o *signing.Order) { o.At = good.Certificate.NotAfter.Add(time.Second) }, signing.ErrExpired},
		"not yet valid": {
			func(o *signing.Order) { o.At = good.Certificate.NotBefore.Add(-time.Second) },
			signing.ErrNotYetValid,
		},
		"another's key": {func(o *signing.Order) { o.Identity.Signer = other.Signer }, signing.ErrKeyMismatch},
		"for encryption": {func(o *signing.Order) {
			o.Identity = issue(certs.Order{Use: certs.UseSigning, Adjust: func(c *x509.Certificate) {
				c.KeyUsage = x509.KeyUsageKeyEncipherment
			}})
		}, signing.ErrWrongUsage},
		"for time stamps": {
			func(o *signing.Order) { o.Identity = issue(certs.Order{Use: certs.UseTimestamping}) },
			signing.ErrWrongUsage,
		},
		"for servers only": {func(o *signing.Order) {
			o.Identity = issue(certs.Order{Use: certs.UseSigning, Adjust: func(c *x509.Certificate) {
				c.ExtKeyUsage, c.UnknownExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, nil
			}})
		}, signing.ErrWrongUsage},
		"SHA-1": {func(o *signing.Order) { o.Hash = crypto.SHA1 }, signing.ErrWeakKey},
		"page 2 of 1": {func(o *signing.Order) {
			o.Appearance = &signing.Appearance{
				Page: 2, Width: 9,
				Height: 9,
			}
		}, pdf.ErrNoPage},
		"beside the page": {func(o *signing.Order) {
			o.Appearance = &signing.Appearance{
				X: 205, Width: 9,
				Height: 9,
			}
		}, pdf.ErrOutsidePage},
		"no size":                {func(o *signing.Order) { o.Appearance = &signing.Appearance{X: 5} }, pdf.ErrOutsidePage},
		"a letter nobody has":    {withLines("ký bởi 漢"), pdf.ErrFontLacks},
		"too much text":          {withLines(strings.Repeat("Ủy ban nhân dân ", 200)), pdf.ErrTextTooLong},
		"a field that is absent": {func(o *signing.Order) { o.Fill = map[string]string{"so": "1"} }, pdf.ErrNoField},
		"a name with a stop":     {func(o *signing.Order) { o.Field = "a.b" }, pdf.ErrFieldName},
		"permission 4":           {func(o *signing.Order) { o.Certify = 4 }, pdf.ErrCertified},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := &countedKey{Signer: good.Signer}
			order := w.order(certs.Identity{Signer: key, Certificate: good.Certificate, Chain: good.Chain}, signing.LevelB)
			tc.change(&order)
			signed, err := signing.SignPDF(t.Context(), bytes.NewReader(document), int64(len(document)), order)
			if !errors.Is(err, tc.want) {
				t.Errorf("error %v instead of %v", err, tc.want)
			}
			if signing.RefusalCode(err) == "" || signed.Tail != nil || key.used != 0 {
				t.Errorf("code %q, %d bytes of tail, key used %d times", signing.RefusalCode(err), len(signed.Tail), key.used)
			}
		})
	}
}

func TestWhatIsNoImageIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := signing.NewPicture([]byte("GIF89a")); signing.RefusalCode(err) != pdf.ErrImage.Code() {
		t.Errorf("error %v", err)
	}
}

func withLines(lines ...string) func(*signing.Order) {
	return func(o *signing.Order) { o.Appearance = &signing.Appearance{Width: 30, Height: 30, Lines: lines} }
}

type countedKey struct {
	crypto.Signer
	used int
}

func (k *countedKey) Sign(rand io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	k.used++
	return k.Signer.Sign(rand, digest, options)
}

func TestACertificationRulesWhatComesAfterIt(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	for permission := 1; permission <= 3; permission++ {
		order.Certify = permission
		document, signed := sign(t, blank(1), order)
		report := examined(t, document, w, signing.LevelT)
		if report.Signatures[0].Certification != permission || signed.Field != "Signature1" {
			t.Errorf("certification %d instead of %d", report.Signatures[0].Certification, permission)
		}
		again := order
		again.Certify = 2
		refused(t, document, again, pdf.ErrCertifyNotFirst)
		again.Certify = 0
		if permission == 1 {
			refused(t, document, again, pdf.ErrCertified)
		} else {
			document, _ = sign(t, document, again)
			examined(t, document, w, signing.LevelT)
			peersAccept(t, document, 2, true, true)
		}
		raised, err := signing.Augment(t.Context(), bytes.NewReader(document), int64(len(document)), signing.Raising{
			Level: signing.LevelLTA, Stamper: w.stamper, Evidence: w.evidence, At: w.at,
		})
		if err != nil || raised.Pending != "" {
			t.Fatalf("evidence after certification %d: %v, %v", permission, err, raised.Owed)
		}
		examined(t, whole(t, document, raised), w, signing.LevelLTA)
	}
	order.Certify = 0
	document, _ := sign(t, blank(1), order)
	order.Certify = 2
	refused(t, document, order, pdf.ErrCertifyNotFirst)
}

func refused(t *testing.T, document []byte, order signing.Order, want error) {
	t.Helper()
	_, err := signing.SignPDF(t.Context(), bytes.NewReader(document), int64(len(document)), order)
	if !errors.Is(err, want) {
		t.Errorf("error %v instead of %v", err, want)
	}
}

func TestNumberAndDateAreFilledBeforeTheSealWithoutBreakingTheLeadersSignature(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for certify, name := range []string{"approval", "certification 1", "certification 2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := prepared(t, blank(1))
			leader := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
			leader.Certify = certify
			leader.Appearance = &signing.Appearance{Page: 1, X: 120, Y: 100, Width: 45, Height: 20, Image: autograph()}
			document, _ = sign(t, document, leader)

			seal := w.order(certstest.Seal(t, w.authority, certs.RSA2048), signing.LevelT)
			over := signing.SealOver(*leader.Appearance, 36, redSeal())
			seal.Appearance = &over
			seal.Fill = map[string]string{"so": "123", "ngay": "Hải Hậu, ngày 05 tháng 9 năm 2026"}
			if certify == 1 {
				refused(t, document, seal, pdf.ErrCertified)
				return
			}
			document, _ = sign(t, document, seal)
			report := examined(t, document, w, signing.LevelT)
			if got := report.Signatures[0].Modification; got != signing.ModifiedFormFill {
				t.Errorf("the leader's signature sees %s", got)
			}
			peersAccept(t, document, 2, true, true)
			text, _ := run(t, peer(t, "pdftotext"), file(t, "filled.pdf", document), "-")
			if !strings.Contains(text, "ngày 05 tháng 9 năm 2026") || !strings.Contains(text, "123") {
				t.Errorf("the values are not seen: %q", text)
			}
			receiver := w.order(certstest.Seal(t, w.authority, certs.ECDSAP256), signing.LevelLTA)
			document, _ = sign(t, document, receiver)
			examined(t, document, w, signing.LevelLTA) // evidence and time stamp are for the whole document
			seal.Fill = map[string]string{"so": "124"} // locked by the seal that was put over it
			refused(t, document, seal, pdf.ErrFieldLocked)
		})
	}
}

func prepared(t *testing.T, document []byte) []byte {
	t.Helper()
	tail, err := signing.PrepareFields(bytes.NewReader(document), int64(len(document)), []pdf.TextField{
		{Name: "so", Label: "Số", Page: 1, X: 30, Y: 250, Width: 20, Height: 7, FontSize: 13, Align: 1, MaxLength: 8},
		{Name: "ngay", Label: "Ngày", Page: 1, X: 100, Y: 250, Width: 80, Height: 7, FontSize: 13},
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(document), tail...)
}

func TestFieldsAreNotPreparedInASignedDocument(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document, _ := sign(t, blank(1), w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelB))
	fields := []pdf.TextField{{Name: "so", X: 30, Y: 250, Width: 20, Height: 7}}
	if _, err := signing.PrepareFields(bytes.NewReader(document), int64(len(document)), fields); !errors.Is(err,
		pdf.ErrAlreadySigned) {
		t.Errorf("error %v", err)
	}
}

func TestWhereNoFieldWasPreparedNumberAndDateStandInTheSealsAppearance(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	leader := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	leader.Appearance = &signing.Appearance{Page: 1, X: 120, Y: 100, Width: 45, Height: 20, Image: autograph()}
	document, _ := sign(t, blank(1), leader)
	seal := w.order(certstest.Seal(t, w.authority, certs.ECDSAP256), signing.LevelT)
	over := signing.SealOver(*leader.Appearance, 36, redSeal())
	over.Marks = []signing.Mark{
		{X: 45, Y: 250, FontSize: 13, Text: "123"},
		{X: 130, Y: 250, FontSize: 13, Text: "05 tháng 9"},
	}
	seal.Appearance = &over
	document, _ = sign(t, document, seal)
	examined(t, document, w, signing.LevelT)
	peersAccept(t, document, 2, true, true)
	text, _ := run(t, peer(t, "pdftotext"), file(t, "marked.pdf", document), "-")
	if !strings.Contains(text, "123") || !strings.Contains(text, "05 tháng 9") {
		t.Errorf("the marks are not seen: %q", text)
	}
}

func TestAnExistingFieldKeepsItsPlaceAndItsLockHolds(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document := withField(t, "<</FT/Sig/T(KyDuyet)/Type/Annot/Subtype/Widget/F 4/Rect[100 100 250 160]/P 3 0 R"+
		"/Lock<</Type/SigFieldLock/Action/Include/Fields[(GhiChu)]>>>>", "<</FT/Tx/T(GhiChu)/V(cu)/DA(/Helv 0 Tf)>>")
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	order.Field, order.Appearance = "KyDuyet", &signing.Appearance{Lines: []string{"Nguyễn Văn An"}}
	document, signed := sign(t, document, order)
	if signed.Field != "KyDuyet" {
		t.Errorf("signed in %q", signed.Field)
	}
	doc := openPDF(t, document)
	fields, err := doc.Fields()
	if err != nil || len(fields) != 2 || fmt.Sprint(fields[0].Dict["Rect"]) != "[100 100 250 160]" {
		t.Fatalf("fields %v: %v", fields, err)
	}
	signatures, _ := doc.Signatures()
	if len(signatures[0].References) != 1 || !signatures[0].References[0].Lock.Locks("GhiChu") {
		t.Errorf("references %+v", signatures[0].References)
	}
	examined(t, document, w, signing.LevelT)
	refused(t, document, order, pdf.ErrFieldSigned)
	order.Field, order.Fill = "", map[string]string{"GhiChu": "mới"}
	refused(t, document, order, pdf.ErrFieldLocked)
	order.Field, order.Fill = "GhiChu", nil
	refused(t, document, order, pdf.ErrFieldKind)
}

func TestSeedValuesOfAnExistingFieldAreObeyedOrRefused(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for seed, want := range map[string]error{
		"/Ff 2/SubFilter[/adbe.pkcs7.detached/ETSI.CAdES.detached]": nil,
		"/Ff 2/SubFilter[/adbe.pkcs7.detached]":                     pdf.ErrSeedValue,
		"/Ff 8/Reasons[(Phê duyệt)(Approved)]":                      nil,
		"/Ff 8/Reasons[(Other)]":                                    pdf.ErrSeedValue,
		"/Ff 64/DigestMethod[(SHA512)]":                             pdf.ErrSeedValue,
		"/Ff 64/DigestMethod[(SHA512)(SHA256)]":                     nil,
		"/Ff 32/AddRevInfo true":                                    pdf.ErrSeedValue,
		"/MDP<</P 2>>":                                              nil,
		"/Cert<</Type/SVCert/Ff 1/Subject[(x)]>>":                   pdf.ErrSeedValue,
		"/Ff 4/V 2":                              nil,
		"/Ff 4/V 3":                              pdf.ErrSeedValue,
		"/Ff 128/LockDocument/true":              pdf.ErrSeedValue,
		"/TimeStamp<</URL(http://tsa.vn)>>":      nil,
		"/TimeStamp<</URL(http://tsa.vn)/Ff 1>>": pdf.ErrSeedValue,
	} {
		document := withField(t, "<</FT/Sig/T(A)/Type/Annot/Subtype/Widget/F 4/Rect[0 0 0 0]/P 3 0 R"+
			"/SV<</Type/SV"+seed+">>>>")
		order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelB)
		order.Field, order.Reason = "A", "Approved"
		if want != nil {
			refused(t, document, order, want)
			continue
		}
		document, _ = sign(t, document, order)
		if report := examined(t, document, w, signing.LevelB); strings.Contains(seed, "MDP") &&
			report.Signatures[0].Certification != 2 {
			t.Errorf("%s: certification %d", seed, report.Signatures[0].Certification)
		}
	}
}

func TestAFieldThatDemandsATimeStampIsSignedWithOne(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document := withField(t, "<</FT/Sig/T(A)/Type/Annot/Subtype/Widget/F 4/Rect[0 0 0 0]/P 3 0 R"+
		"/SV<</Type/SV/TimeStamp<</URL(http://tsa.vn)/Ff 1>>>>>>")
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	order.Field = "A"
	document, _ = sign(t, document, order)
	examined(t, document, w, signing.LevelT)
}

// withField makes a one-page document with a form of the given fields, the first shown on the page.
func withField(t *testing.T, fields ...string) []byte {
	t.Helper()
	var objects []string
	kids := ""
	for i, field := range fields {
		kids += fmt.Sprintf("%d 0 R ", 4+i)
		objects = append(objects, field)
	}
	return assemble(append([]string{
		"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[" + kids + "]/DR<</Font<<>>>>/DA(/Helv 0 Tf 0 g)>>>>",
		"<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Annots[4 0 R]>>",
	}, objects...), "")
}

// assemble writes objects 1, 2, … with a cross-reference table; more goes into the trailer.
func assemble(objects []string, more string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	table := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f\r\n", len(objects)+1)
	for i, object := range objects {
		table += fmt.Sprintf("%010d 00000 n\r\n", out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := out.Len()
	fmt.Fprintf(&out, "%strailer\n<</Root 1 0 R/Size %d%s>>\nstartxref\n%d\n%%%%EOF\n", table, len(objects)+1, more, start)
	return out.Bytes()
}

func TestTheEndOfTheContextIsAnErrorAndNothingElseOfTheWorldIs(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document := blank(1)
	ctx, cancel := context.WithCancel(t.Context())
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	order.Stamper = stampedBy(func() { cancel() })
	_, err := signing.SignPDF(ctx, bytes.NewReader(document), int64(len(document)), order)
	if err == nil {
		t.Error("signed in spite of the end")
	}
}

type stampedBy func()

func (f stampedBy) Stamp(ctx context.Context, _ crypto.Hash, _ []byte) ([]byte, error) {
	f()
	return nil, context.Cause(ctx)
}

func TestEveryRefusalHasItsOwnCode(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, refusal := range signing.Refusals() {
		if refusal.Code == "" || refusal.Meaning == "" || !strings.Contains(refusal.Code, ".") {
			t.Errorf("refusal %+v", refusal)
		}
		codes = append(codes, refusal.Code)
	}
	slices.Sort(codes)
	if len(slices.Compact(slices.Clone(codes))) != len(codes) || len(codes) < 30 {
		t.Errorf("%d codes, some of them twice: %v", len(codes), codes)
	}
}
