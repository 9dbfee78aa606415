package signing

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// witness is a certificate whose standing has to be provable later, at the moment that matters for it.
type witness struct {
	identity certs.Identity
	at       time.Time
}

// witnesses are the signer and the time-stamp authorities of one signature of a document.
func witnesses(signature pdf.SignatureDict, others []*x509.Certificate, at time.Time) ([]witness, error) {
	if signature.SubFilter == "ETSI.RFC3161" {
		found, err := authority(signature.Contents, others)
		return []witness{found}, err
	}
	signed, err := cms.Parse(signature.Contents)
	if err != nil {
		return nil, fmt.Errorf("signature in %q: %w", signature.Field, err)
	}
	pool := append(signed.Certificates, others...)
	var found []witness
	for i := range signed.Signers {
		signer := &signed.Signers[i]
		for _, token := range signer.SignatureStamps {
			stamped, err := authority(token, pool)
			if err != nil {
				return nil, err
			}
			found = append(found, stamped)
			at = stamped.at
		}
		certificate := signer.FindSigner(pool)
		if certificate == nil {
			return nil, fmt.Errorf("signature in %q: %w", signature.Field, cms.ErrCertificate)
		}
		found = append(found, witness{certs.Identity{Certificate: certificate, Chain: pool}, at})
	}
	return found, nil
}

func authority(token []byte, others []*x509.Certificate) (witness, error) {
	parsed, err := cms.ParseTimestampToken(token)
	if err != nil {
		return witness{}, err
	}
	certificate := parsed.FindSigner(others)
	if certificate == nil {
		return witness{}, fmt.Errorf("time stamp: %w", cms.ErrCertificate)
	}
	pool := append(parsed.SignedData.Certificates, others...)
	return witness{certs.Identity{Certificate: certificate, Chain: pool}, parsed.Info.Time}, nil
}

// evidence is what the document security store is to hold, as DER.
type evidence struct{ certificates, ocsps, crls [][]byte }

func (e *evidence) add(found certs.Evidence, of *x509.Certificate) {
	e.certificates = append(e.certificates, of.Raw)
	for _, certificate := range found.Certificates {
		e.certificates = append(e.certificates, certificate.Raw)
	}
	e.ocsps = append(e.ocsps, found.OCSPs...)
	e.crls = append(e.crls, found.CRLs...)
}

// gather finds the evidence for the signatures of a document. When a field is named, its signature is the one that must
// be provable, and what can be had for the others comes along; else all of them must.
func (g *growth) gather(ctx context.Context, doc *pdf.Document, gatherer EvidenceGatherer) (evidence, error) {
	signatures, err := doc.Signatures()
	if err != nil {
		return evidence{}, err
	}
	others, err := storedCertificates(doc)
	if err != nil {
		return evidence{}, err
	}
	found := search{gatherer: gatherer, asked: map[string]bool{}}
	var missing error
	for _, signature := range signatures {
		if g.renews != "" && signature.Field != g.renews {
			continue // proved by the one that is renewed
		}
		wanted, err := witnesses(signature, others, g.at)
		err = errors.Join(err, found.about(ctx, wanted))
		if g.field == "" || signature.Field == g.field {
			missing = errors.Join(missing, err)
		}
	}
	return found.evidence, missing
}

// search asks about every certificate once.
type search struct {
	evidence

	gatherer EvidenceGatherer
	asked    map[string]bool
}

func (s *search) about(ctx context.Context, wanted []witness) error {
	var missing error
	for _, w := range wanted {
		if w.identity.Certificate == nil || s.asked[string(w.identity.Certificate.Raw)] {
			continue
		}
		s.asked[string(w.identity.Certificate.Raw)] = true
		heap, err := s.gatherer.Gather(ctx, w.identity, w.at)
		if missing = errors.Join(missing, err); err == nil {
			s.add(heap, w.identity.Certificate)
		}
	}
	return missing
}

func storedCertificates(doc *pdf.Document) ([]*x509.Certificate, error) {
	stored, err := doc.DSS()
	if err != nil {
		return nil, err
	}
	var certificates []*x509.Certificate
	for _, der := range stored.Certs {
		if certificate, err := x509.ParseCertificate(der); err == nil { // others' unreadable ones help nobody
			certificates = append(certificates, certificate)
		}
	}
	return certificates, nil
}
