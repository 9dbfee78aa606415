package signing

import (
	"cmp"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"congvan/certs"
)

// Difference is a place where a file judged again is judged otherwise.
type Difference struct {
	Path string `json:"path"` // in the report, such as signatures.0.indication
	Then string `json:"then"`
	Now  string `json:"now"`
}

// Replay gives the policy by which the file is judged again as it was judged then: as at the same moment, against the
// anchors of the bundle, with its evidence and no other. Now is the moment of judging again: nothing may speak from
// after it. Error: ErrBundleUnreadable when a certificate cannot be read.
func (b *Bundle) Replay(now time.Time) (Policy, error) {
	objects := map[ObjectID]BundledObject{}
	for _, object := range b.Objects {
		objects[object.ID] = object
	}
	policy := Policy{At: b.Report.JudgedAt, RequireRevocation: b.RequireRevocation, Verifier: b.Verifier}
	var anchors []certs.Anchor
	for _, kept := range b.Anchors {
		certificate, err := x509.ParseCertificate(objects[kept.Certificate].DER)
		if err != nil {
			return Policy{}, fmt.Errorf("read anchor %s: %w: %w", kept.Certificate, ErrBundleUnreadable, err)
		}
		anchors = append(anchors, certs.Anchor{
			Certificate: certificate, Realm: kept.Realm, From: kept.From, Until: kept.Until,
		})
	}
	policy.Anchors = certs.NewAnchors(anchors...)
	for hash := crypto.MD4; hash <= crypto.BLAKE2b_512; hash++ {
		if digest, known := b.Content[hash.String()]; known {
			if policy.ContentDigests == nil {
				policy.ContentDigests = map[crypto.Hash][]byte{}
			}
			policy.ContentDigests[hash] = digest
		}
	}
	if len(b.Statuses) > 0 {
		policy.Revocation = newReplay(b, objects, policy.Anchors, now)
	}
	return policy, nil
}

// replay is a RevocationSource that answers from a bundle. What it holds is judged anew.
type replay struct {
	answers map[[2]ObjectID]answered
	anchors certs.Anchors
	now     time.Time
}

type answered struct {
	BundledStatus
	evidence certs.Evidence
}

func newReplay(b *Bundle, objects map[ObjectID]BundledObject, anchors certs.Anchors, now time.Time) *replay {
	r := &replay{answers: map[[2]ObjectID]answered{}, anchors: anchors, now: now}
	for _, status := range b.Statuses {
		known := answered{BundledStatus: status}
		switch object := objects[status.Evidence]; object.Kind {
		case ObjectOCSP:
			known.evidence.OCSPs = [][]byte{object.DER}
		case ObjectCRL:
			known.evidence.CRLs = [][]byte{object.DER}
		case ObjectCertificate, ObjectTimestamp: // neither says anything of revocation
		}
		r.answers[[2]ObjectID{status.Certificate, status.Issuer}] = known
	}
	return r
}

// Check says what the bundle holds of a certificate's revocation.
func (r *replay) Check(_ context.Context, certificate, issuer *x509.Certificate, at time.Time) certs.Revocation {
	known, asked := r.answers[[2]ObjectID{idOf(certificate.Raw), idOf(issuer.Raw)}]
	if !asked || known.Evidence == "" {
		return certs.Revocation{Source: known.Source, Reason: cmp.Or(known.Reason, certs.RevocationMissing)}
	}
	found := r.anchors.Best(known.evidence, certificate, issuer, certs.When{At: at, Now: r.now})
	found.Source = known.Source
	return found
}

// Compare tells where a report made anew differs from the one in the bundle; nothing is the same verdict in every line.
// What the file is called does not count. A judgement by other rules is named first, as the policy.
func (b *Bundle) Compare(again Report) ([]Difference, error) {
	differences := []Difference{}
	if b.Policy != PolicyID {
		differences = append(differences, Difference{"policy", b.Policy, PolicyID})
	}
	before, now := b.Report, again
	before.File, now.File = "", ""
	then, err := flatten(before)
	later, laterErr := flatten(now)
	if err := errors.Join(err, laterErr); err != nil {
		return nil, fmt.Errorf("compare reports: %w", err)
	}
	paths := maps.Clone(then)
	maps.Copy(paths, later)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if then[path] != later[path] {
			differences = append(differences, Difference{path, then[path], later[path]})
		}
	}
	return differences, nil
}

// flatten gives every value of a report by its path in the JSON.
func flatten(report Report) (map[string]string, error) {
	data, err := json.Marshal(report)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	flat := map[string]string{}
	spread(flat, "", tree)
	return flat, nil
}

func spread(flat map[string]string, path string, node any) {
	join := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	switch node := node.(type) {
	case map[string]any:
		for name, value := range node {
			spread(flat, join(name), value)
		}
	case []any:
		for i, value := range node {
			spread(flat, join(strconv.Itoa(i)), value)
		}
	case nil: // an empty list may have become none
	default:
		flat[path] = fmt.Sprint(node)
	}
}
