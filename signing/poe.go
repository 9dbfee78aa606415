package signing

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
)

const (
	// maxStamps is how many time stamps of one signature are looked at.
	maxStamps = 16
	// stampSkew is how far the clocks of time-stamping authorities may differ before they are said to contradict.
	stampSkew = time.Minute
)

// A proof says that the first bytes of the file existed at a moment: a document time stamp that is relied upon.
type proof struct {
	covers int64
	moment time.Time
}

// stamp is a time stamp over a signature value (EN 319 122-1, 5.3).
type stamp struct {
	token       *cms.Token // nil when it cannot be read
	certificate *x509.Certificate
	path        []*x509.Certificate
	proofs      []certs.Revocation // of the certificates on the path
	fault       string             // code, when it proves nothing
	trusted     bool
}

// prove judges the document time stamps from the newest to the oldest: each one that holds moves the moment at which
// the older ones, and all they rest on, must be relied upon (EN 319 102-1, 5.6.2).
func (j *judge) prove(ctx context.Context, subjects []*subject) []proof {
	var stamps []*subject
	for _, s := range subjects {
		if s.Kind == KindTimestamp {
			stamps = append(stamps, s)
		}
	}
	slices.SortStableFunc(stamps, func(a, b *subject) int { return cmp.Compare(b.CoveredBytes, a.CoveredBytes) })
	var proofs []proof
	control := j.policy.At
	for _, s := range stamps {
		s.best = control
		j.judgeSigner(ctx, s)
		if s.token == nil || s.Indication != "" {
			continue
		}
		moment := s.token.Info.Time
		switch {
		case moment.After(j.policy.At.Add(stampSkew)):
			s.doubt(subConstraints, codeStampFuture)
		case moment.After(control.Add(stampSkew)):
			s.doubt(subStampOrder, codeStampOrder)
		case moment.Before(s.certificate.NotBefore), moment.After(s.certificate.NotAfter):
			s.doubt(subOutOfBounds, codeStampExpired)
		case weakHash(s.token.Info.Hash, control):
			s.doubt(subWeakNoProof, codeStampWeak)
		default:
			control = earlier(control, moment)
			proofs = append(proofs, proof{s.CoveredBytes, moment})
		}
	}
	return proofs
}

// date finds the best signature time of a signature: the earliest moment at which it is proved to have existed.
func (j *judge) date(ctx context.Context, s *subject, proofs []proof) {
	s.best = j.policy.At
	for _, p := range proofs {
		switch {
		case s.Coverage == CoversInvalid:
		case p.covers > s.CoveredBytes:
			s.best, s.Timestamped = earlier(s.best, p.moment), true
		case p.covers < s.CoveredBytes && p.moment.After(s.after):
			s.after = p.moment
		}
	}
	limit := s.best
	for _, st := range s.stamps {
		st.fault = j.trustStamp(ctx, st, limit)
		if st.fault != "" {
			s.note(st.fault)
			continue
		}
		st.trusted = true
		if st.token.Info.Time.After(limit.Add(stampSkew)) {
			s.doubt(subStampOrder, codeStampOrder)
			continue
		}
		s.best, s.Timestamped = earlier(s.best, st.token.Info.Time), true
	}
	if !s.Timestamped {
		s.note(codeNoStamp)
	}
	s.BestSignatureTime = s.best.UTC().Format(time.RFC3339)
	claimed, err := time.Parse(time.RFC3339, s.SigningTime)
	if err == nil && s.Timestamped && claimed.After(s.best.Add(5*time.Minute)) {
		s.note(codeClaim)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// readStamps reads the time stamps over the signature value and checks that they are over this value.
func (j *judge) readStamps(s *subject) {
	if s.signer == nil || s.Kind == KindTimestamp {
		return
	}
	tokens := s.signer.SignatureStamps
	for _, der := range tokens[:min(len(tokens), maxStamps)] {
		st := &stamp{}
		token, err := j.readToken(der)
		if err != nil {
			st.fault = codeStampForm
		} else {
			st.token = token
			st.fault = stampFault(token, s.signer.Signature)
			j.evidence.addSigned(token.SignedData)
		}
		s.stamps = append(s.stamps, st)
	}
}

func (j *judge) readToken(der []byte) (*cms.Token, error) {
	signed, err := cms.ParseWithin(der, j.policy.Anchors.ParseCertificate)
	if err != nil {
		return nil, fmt.Errorf("time stamp: %w", err)
	}
	return signed.TimestampToken() //nolint:wrapcheck // says what is wrong
}

// stampFault says why the token is not over the value; empty when it is.
func stampFault(token *cms.Token, value []byte) string {
	hash := token.Info.Hash
	if hash == 0 || !cms.Available(hash) || !token.Covers(hash, digestOf(hash, value)) {
		return codeStampImprint
	}
	return ""
}

// trustStamp says why a time stamp proves nothing as at the control time; empty when it is relied upon.
func (j *judge) trustStamp(ctx context.Context, st *stamp, control time.Time) string {
	if st.fault != "" {
		return st.fault
	}
	st.certificate = st.token.FindSigner(j.evidence.Certificates)
	if st.certificate == nil {
		return codeStampNoCert
	}
	if err := st.token.Verify(st.certificate); err != nil {
		if errors.Is(err, cms.ErrUnsupported) {
			return codeStampWeak
		}
		return codeStampValue
	}
	standing := j.policy.Anchors.Check(st.certificate, j.pool(st.token.SignedData.Certificates), control,
		certs.ForTimestamping)
	st.path = standing.Path
	moment := st.token.Info.Time
	switch {
	case moment.After(j.policy.At.Add(stampSkew)):
		return codeStampFuture
	case standing.Reason == certs.ReasonExpired, standing.Reason == certs.ReasonExpiredIssuer:
		return codeStampExpired
	case !standing.Trusted:
		return codeStampTrust
	case moment.Before(st.certificate.NotBefore), moment.After(st.certificate.NotAfter):
		return codeStampExpired
	case weakHash(st.token.Info.Hash, control), weakPath(standing.Path, control),
		weakSignature(st.token.Signer(), st.certificate.PublicKey, control):
		return codeStampWeak
	}
	return j.stampRevocation(ctx, st, control)
}

// stampRevocation says why the path of a time-stamping authority may not be relied upon.
func (j *judge) stampRevocation(ctx context.Context, st *stamp, control time.Time) string {
	for i := range max(len(st.path)-1, 0) {
		found := j.status(ctx, st.path[i], st.path[i+1], control)
		st.proofs = append(st.proofs, found)
		switch {
		case found.StatusAt(control) == certs.StatusRevoked:
			return codeStampRevoked
		case found.Status == certs.StatusUnknown && j.policy.RequireRevocation:
			return codeStampStatus
		}
	}
	return ""
}
