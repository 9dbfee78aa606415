package signing

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"congvan/certs/cms"
)

const (
	etsiMain    = "urn:etsi:019102:mainindication:"
	etsiNothing = "urn:cef:dss:mainindication:noSignatureFound" // the standard has none; this is what is in use
	etsiProved  = "urn:etsi:019102:poetype:validation"
	etsiSHA256  = "http://www.w3.org/2001/04/xmlenc#sha256"
)

// WriteETSI writes the report and what it rests on as a validation report by ETSI TS 119 102-2, without a signature.
// The six checks, the coverage and the modification are constraints of their own; reason codes are additional report
// data. A file without signatures has one report, which says so. Error: ErrNoBundle, and those of the writer.
func (b *Bundle) WriteETSI(w io.Writer) error {
	if b == nil {
		return ErrNoBundle
	}
	if b.Encoded != nil {
		whole, err := DecodeBundle(bytes.NewReader(b.Encoded))
		if err != nil {
			return err
		}
		b = &whole
	}
	report := etsiReport{
		Namespace: "http://uri.etsi.org/19102/v1.2.1#", DSig: "http://www.w3.org/2000/09/xmldsig#",
		XAdES: "http://uri.etsi.org/01903/v1.3.2#", TSL: "http://uri.etsi.org/02231/v2#",
		Objects: b.etsiObjects(), Validator: &etsiValidator{b.Verifier},
	}
	for i := range b.Report.Signatures {
		report.Signatures = append(report.Signatures, b.etsiSignature(i))
	}
	if len(report.Signatures) == 0 {
		report.Signatures = []etsiSigned{b.etsiUnsigned()}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", " ")
	if err := encoder.Encode(report); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// etsiUnsigned is the report on a file in which no signature was found, or that could not be examined.
func (b *Bundle) etsiUnsigned() etsiSigned {
	status := etsiStatus{Main: etsiNothing}
	if b.Report.Error != "" {
		status = etsiStatus{Main: etsiMain + "indeterminate", Data: &etsiData{Reasons: etsiCodes(b.Report.Error)}}
	}
	return etsiSigned{Document: b.etsiDocument(), Process: "urn:etsi:019102:validationprocess:LTA", Status: status}
}

func (b *Bundle) etsiSignature(i int) etsiSigned {
	s, rests := &b.Report.Signatures[i], &b.Signatures[i]
	signed := etsiSigned{
		Identifier: &etsiIdentifier{
			ID: "S-" + strconv.Itoa(i+1), ValueText: base64.StdEncoding.EncodeToString(rests.Value),
			DAIdentifier: s.Field,
		},
		Constraints: b.etsiConstraints(s),
		Time:        b.etsiTimes(s),
		Document:    b.etsiDocument(),
		Attributes:  b.etsiAttributes(s, rests),
		Quality:     etsiQualityOf(s),
		Process:     "urn:etsi:019102:validationprocess:LTA",
		Status:      b.etsiStatus(s, rests),
	}
	if len(rests.Attributes) > 0 {
		sum := sha256.Sum256(rests.Attributes)
		signed.Identifier.Digest = etsiDigestOf(sum[:])
	}
	if len(rests.Chain) > 0 {
		signed.Signer = &etsiSigner{etsiRefTo(rests.Chain[0]), s.Signer}
	}
	return signed
}

func (b *Bundle) etsiTimes(s *Signature) *etsiTimes {
	if s.BestSignatureTime == "" {
		return nil
	}
	times := &etsiTimes{b.etsiJudged(), etsiPOE{Time: s.BestSignatureTime, Type: etsiProved}}
	for _, stamp := range b.stamps() {
		if s.Timestamped && stamp.Time == s.BestSignatureTime {
			times.Best.Object = &stamp.Object
		}
	}
	return times
}

func (b *Bundle) etsiJudged() string { return b.Report.JudgedAt.UTC().Format(time.RFC3339Nano) }

// stamps gives the time stamps among the objects.
func (b *Bundle) stamps() []etsiStamp {
	var stamps []etsiStamp
	for _, object := range b.Objects {
		if object.Kind != ObjectTimestamp {
			continue
		}
		if token, err := cms.ParseTimestampToken(object.DER); err == nil {
			stamps = append(stamps, etsiStamp{etsiRefTo(object.ID), token.Info.Time.UTC().Format(time.RFC3339)})
		}
	}
	return stamps
}

// etsiDocument names what was examined: the signed file of a detached signature, else the file itself.
func (b *Bundle) etsiDocument() etsiDocument {
	digest, err := hex.DecodeString(b.Report.SHA256)
	if content, known := b.Content["SHA-256"]; known || err != nil {
		digest = content
	}
	return etsiDocument{*etsiDigestOf(digest), etsiRef{"D-" + hex.EncodeToString(digest)}}
}

func (b *Bundle) etsiAttributes(s *Signature, rests *BundledSignature) *etsiAttributes {
	attributes := &etsiAttributes{Digest: etsiMessageDigestOf(rests.Attributes)}
	if s.SigningTime != "" {
		attributes.SigningTime = &etsiSigningTime{s.SigningTime}
	}
	own := slices.DeleteFunc(b.stamps(), func(stamp etsiStamp) bool {
		return !slices.ContainsFunc(rests.Timestamps, func(id ObjectID) bool { return etsiRefTo(id) == stamp.Object })
	})
	if s.Kind == KindTimestamp {
		attributes.DocStamps = own
	} else {
		attributes.Stamps = own
	}
	if attributes.SigningTime == nil && attributes.Digest == nil && len(own) == 0 {
		return nil
	}
	return attributes
}

func (b *Bundle) etsiStatus(s *Signature, rests *BundledSignature) etsiStatus {
	status := etsiStatus{Main: etsiMain + strings.ToLower(string(s.Indication))}
	if s.SubIndication != "" {
		status.Sub = "urn:etsi:019102:subindication:" + s.SubIndication
	}
	data := &etsiData{Reasons: etsiCodes(s.Reasons...)}
	if s.Revocation == revocationRevoked {
		data.Revoked = b.etsiRevokedOf(rests)
	}
	for _, list := range [][]ObjectID{rests.Revocation, rests.Timestamps} {
		for _, id := range list {
			data.Related = append(data.Related, etsiRefTo(id))
		}
	}
	if len(rests.Chain) > 0 {
		data.Chain = b.etsiChain(rests.Chain)
		data.Anchor = data.Chain.Anchor
	}
	status.Data = data
	return status
}

func (b *Bundle) etsiChain(ids []ObjectID) *etsiChain {
	chain := &etsiChain{Signing: etsiRefTo(ids[0])}
	for _, id := range ids[1:] {
		chain.Intermediate = append(chain.Intermediate, etsiRefTo(id))
	}
	last := ids[len(ids)-1]
	if slices.ContainsFunc(b.Anchors, func(a BundledAnchor) bool { return a.Certificate == last }) {
		anchor := etsiRefTo(last)
		chain.Anchor = &anchor
		chain.Intermediate = chain.Intermediate[:max(len(chain.Intermediate)-1, 0)]
	}
	return chain
}

// etsiConstraints gives the six checks, and what was covered and changed.
func (b *Bundle) etsiConstraints(s *Signature) *etsiConstraints {
	constraints := &etsiConstraints{Policy: etsiPolicy{Name: b.Policy, URI: b.Policy}}
	add := func(name, indication, reason string) {
		constraints.Constraints = append(constraints.Constraints, etsiConstraint{
			Identifier: "urn:congvan:constraint:" + name, Applied: "urn:etsi:019102:constraintStatus:applied",
			Status: etsiStatus{Main: etsiMain + indication}, Reason: reason,
		})
	}
	for _, check := range s.Checks {
		indication := string(check.Result)
		if check.Result == CheckUnknown {
			indication = "indeterminate"
		}
		add(strings.TrimPrefix(string(check.Criterion), "check."), indication, check.Reason)
	}
	coverage := map[bool]string{true: "failed", false: "passed"}[s.Coverage == CoversInvalid]
	add("coverage", coverage, string(s.Coverage))
	modification := "passed"
	switch s.Modification {
	case ModifiedForbidden:
		modification = "failed"
	case ModifiedUnknown:
		modification = "indeterminate"
	case ModifiedNone, ModifiedLTV, ModifiedFormFill, ModifiedAnnotation:
	}
	add("modification", modification, string(s.Modification))
	return constraints
}

// etsiObjects gives everything that is referred to: the document by its digest, the rest by its bytes.
func (b *Bundle) etsiObjects() []etsiObject {
	types := map[ObjectKind]string{
		ObjectCertificate: "certificate", ObjectCRL: "CRL", ObjectOCSP: "OCSPResponse", ObjectTimestamp: "timestamp",
	}
	seen := etsiPOE{Time: b.etsiJudged(), Type: etsiProved}
	document := b.etsiDocument()
	objects := []etsiObject{{
		ID: document.Ref.To, Type: "urn:etsi:019102:validationObject:signedData",
		Representation: etsiRepresentation{Digest: &document.Digest}, POE: seen,
	}}
	for _, object := range b.Objects {
		objects = append(objects, etsiObject{
			ID: etsiRefTo(object.ID).To, Type: "urn:etsi:019102:validationObject:" + types[object.Kind],
			Representation: etsiRepresentation{Base64: base64.StdEncoding.EncodeToString(object.DER)}, POE: seen,
		})
	}
	return objects
}

func etsiCodes(codes ...string) *etsiReasons {
	if len(codes) == 0 {
		return nil
	}
	reasons := &etsiReasons{}
	for _, code := range codes {
		reasons.Codes = append(reasons.Codes, etsiTyped{"urn:congvan:reason", code})
	}
	return reasons
}

// etsiRefTo names an object; an XML id may not begin with a digit.
func etsiRefTo(id ObjectID) etsiRef { return etsiRef{"V-" + string(id)} }

func etsiDigestOf(digest []byte) *etsiDigest {
	return &etsiDigest{etsiMethod{etsiSHA256}, base64.StdEncoding.EncodeToString(digest)}
}
