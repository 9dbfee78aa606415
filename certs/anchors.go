package certs

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"slices"
	"time"
)

// Anchor is one certificate that is relied upon by decision, not by signature.
type Anchor struct {
	Certificate *x509.Certificate
	Realm       Realm
	From        time.Time // UTC; narrows the certificate's own validity; zero: not narrowed
	Until       time.Time // UTC; narrows the certificate's own validity; zero: not narrowed
}

// Anchors is a set of anchors. It is an immutable value that may be shared; the zero value trusts nobody. The operating
// system's roots are never part of it.
type Anchors struct {
	held *anchorSet
}

type anchorSet struct {
	list      []Anchor
	ordered   []Anchor // list by realm and name
	own       []*x509.Certificate
	bySubject map[string][]int // subject as encoded, to indexes of list
	byName    map[string][]int // canonical subject, to indexes of list
	byRaw     map[string]int   // DER to index of list
	proved    *provedCache
}

// NewAnchors gives the set of the given anchors. Anchors without a certificate are left out; of two with the same
// certificate the first counts.
func NewAnchors(anchors ...Anchor) Anchors {
	set := &anchorSet{
		bySubject: make(map[string][]int),
		byName:    make(map[string][]int),
		byRaw:     make(map[string]int),
		proved:    newProvedCache(),
	}
	for _, anchor := range anchors {
		if anchor.Certificate == nil {
			continue
		}
		raw := string(anchor.Certificate.Raw)
		if _, doubled := set.byRaw[raw]; doubled {
			continue
		}
		set.byRaw[raw] = len(set.list)
		subject := string(anchor.Certificate.RawSubject)
		set.bySubject[subject] = append(set.bySubject[subject], len(set.list))
		name := canonicalName(anchor.Certificate.RawSubject)
		set.byName[name] = append(set.byName[name], len(set.list))
		set.list = append(set.list, anchor)
	}
	set.ordered = orderedAnchors(set.list)
	for _, anchor := range set.ordered {
		set.own = append(set.own, anchor.Certificate)
	}
	return Anchors{held: set}
}

func orderedAnchors(anchors []Anchor) []Anchor {
	list := slices.Clone(anchors)
	slices.SortStableFunc(list, func(x, y Anchor) int {
		return cmp.Or(
			cmp.Compare(x.Realm, y.Realm),
			cmp.Compare(x.Certificate.Subject.String(), y.Certificate.Subject.String()),
			bytes.Compare(x.Certificate.Raw, y.Certificate.Raw),
		)
	})
	return list
}

// List gives the anchors, ordered by realm and then by name, as a copy.
func (a Anchors) List() []Anchor {
	if a.held == nil {
		return nil
	}
	return slices.Clone(a.held.ordered)
}

// Certificates gives the anchors' own certificates, in the order of List. They are shared and must not be changed.
func (a Anchors) Certificates() []*x509.Certificate {
	if a.held == nil {
		return nil
	}
	return slices.Clip(a.held.own)
}

// Len says how many anchors there are.
func (a Anchors) Len() int {
	if a.held == nil {
		return 0
	}
	return len(a.held.list)
}

// With gives the union of both sets; where both hold a certificate, a's entry counts.
func (a Anchors) With(other Anchors) Anchors {
	return NewAnchors(append(a.List(), other.List()...)...)
}

// Holds says whether the certificate is itself an anchor, whatever its validity.
func (a Anchors) Holds(certificate *x509.Certificate) bool {
	_, held := a.Find(certificate)
	return held
}

// Find gives the anchor that the certificate is, whatever its validity.
func (a Anchors) Find(certificate *x509.Certificate) (Anchor, bool) {
	if a.held == nil || certificate == nil {
		return Anchor{}, false
	}
	index, held := a.held.byRaw[string(certificate.Raw)]
	if !held {
		return Anchor{}, false
	}
	return a.held.list[index], true
}

// proved gives the memory of signatures that goes with the anchors; nil when there is none.
func (a Anchors) proved() *provedCache {
	if a.held == nil {
		return nil
	}
	return a.held.proved
}

// named gives the anchors whose subject is the given issuer name.
func (a Anchors) named(issuer []byte) []Anchor {
	if a.held == nil {
		return nil
	}
	indexes := a.held.bySubject[string(issuer)]
	if len(indexes) == 0 {
		indexes = a.held.byName[a.held.proved.canonical(issuer)]
	}
	named := make([]Anchor, 0, len(indexes))
	for _, index := range indexes {
		named = append(named, a.held.list[index])
	}
	return named
}

// inForce says whether the operator's own window, not the certificate's, holds at the moment.
func (a Anchor) inForce(at time.Time) bool {
	return (a.From.IsZero() || !at.Before(a.From)) && (a.Until.IsZero() || !at.After(a.Until))
}
