package signing

import (
	"cmp"
	"crypto/x509"
	"maps"
	"slices"

	"congvan/certs"
)

// outside is an answer of the policy's source of revocation, as it came.
type outside struct {
	certificate, issuer *x509.Certificate
	answer              certs.Revocation
}

// collector gathers the objects of a bundle, each once.
type collector struct {
	*judge
	bundle  Bundle
	objects map[ObjectID]BundledObject
	inUse   map[*x509.Certificate]bool     // the anchors on any path
	names   map[*x509.Certificate]ObjectID // of the certificates that are kept
}

// collect puts together what the judgement of the subjects rested on.
func (j *judge) collect(subjects []*subject) *Bundle {
	c := &collector{
		judge: j, objects: map[ObjectID]BundledObject{}, inUse: map[*x509.Certificate]bool{},
		names: map[*x509.Certificate]ObjectID{},
	}
	c.bundle.Anchors, c.bundle.Statuses = []BundledAnchor{}, []BundledStatus{}
	c.bundle.Signatures = make([]BundledSignature, len(subjects))
	for i, s := range subjects {
		c.bundle.Signatures[i] = c.signature(s)
	}
	for _, asked := range j.outside {
		c.bundle.Statuses = append(c.bundle.Statuses, c.status(asked))
	}
	for _, anchor := range j.policy.Anchors.List() {
		if c.inUse[anchor.Certificate] {
			id := c.keepCertificate(anchor.Certificate)
			c.bundle.Anchors = append(c.bundle.Anchors, BundledAnchor{id, anchor.Realm, anchor.From, anchor.Until})
		}
	}
	c.bundle.Objects = slices.SortedFunc(maps.Values(c.objects), func(a, b BundledObject) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return &c.bundle
}

func (c *collector) keep(kind ObjectKind, der []byte) ObjectID {
	return c.keepAs(idOf(der), kind, der)
}

func (c *collector) keepAs(id ObjectID, kind ObjectKind, der []byte) ObjectID {
	if _, held := c.objects[id]; !held {
		c.objects[id] = BundledObject{id, kind, der}
	}
	return id
}

// keepCertificate keeps a certificate; the same few are in every chain.
func (c *collector) keepCertificate(certificate *x509.Certificate) ObjectID {
	id, held := c.names[certificate]
	if !held {
		id = c.keepAs(named(c.digest(certificate)), ObjectCertificate, certificate.Raw)
		c.names[certificate] = id
	}
	return id
}

func (c *collector) chain(path []*x509.Certificate) []ObjectID {
	ids := make([]ObjectID, 0, len(path))
	for _, certificate := range path {
		ids = append(ids, c.keepCertificate(certificate))
		if anchor, held := c.policy.Anchors.Find(certificate); held {
			c.inUse[anchor.Certificate] = true
		}
	}
	return ids
}

func (c *collector) signature(s *subject) BundledSignature {
	path := s.path
	if path == nil && s.certificate != nil {
		path = []*x509.Certificate{s.certificate}
	}
	found := BundledSignature{
		Field: s.Field, Chain: c.chain(path), Revocation: []ObjectID{}, Timestamps: []ObjectID{}, Stampers: []ObjectID{},
	}
	if s.signer != nil {
		found.Attributes, found.Value = s.signer.RawSigned, s.signer.Signature
	} else {
		found.Value = s.legacyKey
	}
	if s.token != nil {
		found.Timestamps = append(found.Timestamps, c.keep(ObjectTimestamp, s.token.SignedData.Raw))
	}
	proofs := s.proofs
	for _, st := range s.stamps {
		if st.token != nil {
			found.Timestamps = append(found.Timestamps, c.keep(ObjectTimestamp, st.token.SignedData.Raw))
			found.Stampers = append(found.Stampers, c.chain(st.path)...)
			proofs = append(proofs, st.proofs...)
		}
	}
	for _, proof := range proofs {
		if id := c.proof(proof); id != "" && !slices.Contains(found.Revocation, id) {
			found.Revocation = append(found.Revocation, id)
		}
	}
	found.Stampers = slices.Compact(found.Stampers)
	return found
}

// proof keeps the bytes that a status rests on; there are none when nothing is known.
func (c *collector) proof(found certs.Revocation) ObjectID {
	switch {
	case found.Status == certs.StatusUnknown:
		return ""
	case found.OCSP != nil:
		return c.keep(ObjectOCSP, found.OCSP)
	case found.CRL != nil:
		return c.keep(ObjectCRL, found.CRL)
	default:
		return ""
	}
}

func (c *collector) status(asked outside) BundledStatus {
	status := BundledStatus{
		Certificate: c.keepCertificate(asked.certificate),
		Issuer:      c.keepCertificate(asked.issuer),
		Source:      asked.answer.Source,
		Evidence:    c.proof(asked.answer),
	}
	if status.Evidence == "" {
		status.Reason = asked.answer.Reason
	}
	return status
}

// bundle completes the evidence of a report that has just been made.
func (p Policy) bundle(report Report) *Bundle {
	b := report.Bundle
	if b == nil {
		b = newJudge(p).collect(nil)
	}
	report.Bundle = nil
	b.Version, b.Verifier, b.Policy, b.RequireRevocation = bundleVersion, p.Verifier, PolicyID, p.RequireRevocation
	b.Report = report
	return b
}

// contentDigests names the hashes of digests, so that they can be written down.
func (e *cmsExamination) contentDigests() map[string][]byte {
	if len(e.digests) == 0 {
		return nil
	}
	named := map[string][]byte{}
	for hash, digest := range e.digests {
		named[hash.String()] = digest
	}
	return named
}
