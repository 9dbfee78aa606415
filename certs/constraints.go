package certs

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// generalName is a GeneralName (RFC 5280, 4.2.1.6): its context tag and its content.
type generalName struct {
	tag   int
	value []byte // directoryName: the DER of the name; else the content bytes
}

// The tags of general names that can be constrained.
const (
	tagEmail     = 1
	tagDNS       = 2
	tagDirectory = 4
	tagURI       = 6
	tagIP        = 7
)

type nameConstraints struct {
	permitted, excluded []generalName
}

type encodedConstraints struct {
	Permitted []encodedSubtree `asn1:"optional,tag:0"`
	Excluded  []encodedSubtree `asn1:"optional,tag:1"`
}

type encodedSubtree struct {
	Base    asn1.RawValue
	Minimum int `asn1:"optional,tag:0,default:0"`
	Maximum int `asn1:"optional,tag:1"`
}

// judgeNames applies the name constraints of every issuer to the names of all certificates below it (RFC 5280, 6.1.3
// b-c). Names of kinds that this package cannot compare are refused as soon as they are constrained.
func judgeNames(path []*x509.Certificate) fault {
	for i, issuer := range path[min(1, len(path)):] {
		constraints, present, ok := constraintsOf(issuer)
		if !present {
			continue
		}
		if !ok {
			return fault{faultConstraint, ReasonNameConstraint, issuer.Subject.String() + ": unreadable constraints"}
		}
		for j, below := range path[:i+1] {
			selfIssued := sameName(below.RawSubject, below.RawIssuer)
			if j > 0 && selfIssued {
				continue
			}
			if !constraints.allow(below) {
				return fault{faultConstraint, ReasonNameConstraint, below.Subject.String()}
			}
		}
	}
	return fault{}
}

func constraintsOf(issuer *x509.Certificate) (found nameConstraints, present, ok bool) {
	value := extension(issuer.Extensions, oidNameConstraints)
	if value == nil {
		return found, false, true
	}
	var encoded encodedConstraints
	rest, err := asn1.Unmarshal(value, &encoded)
	if err != nil || len(rest) > 0 {
		return found, true, false
	}
	var readable bool
	if found.permitted, readable = bases(encoded.Permitted); !readable {
		return found, true, false
	}
	found.excluded, readable = bases(encoded.Excluded)
	return found, true, readable
}

func bases(subtrees []encodedSubtree) ([]generalName, bool) {
	names := make([]generalName, 0, len(subtrees))
	for _, subtree := range subtrees {
		if subtree.Minimum != 0 || subtree.Maximum != 0 || subtree.Base.Class != asn1.ClassContextSpecific {
			return nil, false
		}
		names = append(names, generalName{tag: subtree.Base.Tag, value: subtree.Base.Bytes})
	}
	return names, true
}

func extension(extensions []pkix.Extension, id asn1.ObjectIdentifier) []byte {
	for _, extension := range extensions {
		if extension.Id.Equal(id) {
			return extension.Value
		}
	}
	return nil
}

func (c nameConstraints) allow(certificate *x509.Certificate) bool {
	names, ok := namesOf(certificate)
	if !ok {
		return false
	}
	for _, name := range names {
		within := func(base generalName) bool { return base.tag == name.tag && name.within(base) }
		sameKind := func(base generalName) bool { return base.tag == name.tag }
		if slices.ContainsFunc(c.excluded, within) || !name.comparable() && slices.ContainsFunc(c.excluded, sameKind) {
			return false
		}
		if slices.ContainsFunc(c.permitted, sameKind) && !slices.ContainsFunc(c.permitted, within) {
			return false
		}
	}
	return true
}

// namesOf gives every name of the certificate: subject, subject alternative names and e-mail addresses in the subject.
func namesOf(certificate *x509.Certificate) ([]generalName, bool) {
	var names []generalName
	if subject, ok := parseName(certificate.RawSubject); !ok {
		return nil, false
	} else if len(subject) > 0 {
		names = append(names, generalName{tag: tagDirectory, value: certificate.RawSubject})
		names = append(names, emailsIn(subject)...)
	}
	value := extension(certificate.Extensions, oidSubjectAltName)
	if value == nil {
		return names, true
	}
	var alternatives []asn1.RawValue
	if rest, err := asn1.Unmarshal(value, &alternatives); err != nil || len(rest) > 0 {
		return nil, false
	}
	for _, alternative := range alternatives {
		names = append(names, generalName{tag: alternative.Tag, value: alternative.Bytes})
	}
	return names, true
}

func emailsIn(subject pkix.RDNSequence) []generalName {
	oidEmail := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	var emails []generalName
	for _, rdn := range subject {
		for _, attribute := range rdn {
			if email, ok := attribute.Value.(string); ok && attribute.Type.Equal(oidEmail) {
				emails = append(emails, generalName{tag: tagEmail, value: []byte(email)})
			}
		}
	}
	return emails
}

func (n generalName) comparable() bool {
	switch n.tag {
	case tagEmail, tagDNS, tagDirectory, tagURI, tagIP:
		return true
	default:
		return false
	}
}

// within says whether the name lies in the subtree; base is of the same kind.
func (n generalName) within(base generalName) bool {
	switch n.tag {
	case tagDirectory:
		return directoryWithin(n.value, base.value)
	case tagDNS:
		return hostWithin(string(n.value), string(base.value), true)
	case tagEmail:
		return emailWithin(string(n.value), string(base.value))
	case tagURI:
		parsed, err := url.Parse(string(n.value))
		return err == nil && parsed.Hostname() != "" && hostWithin(parsed.Hostname(), string(base.value), false)
	case tagIP:
		return addressWithin(n.value, base.value)
	default:
		return false
	}
}

func directoryWithin(name, base []byte) bool {
	rdns, ok := parseName(name)
	prefix, okBase := parseName(base)
	if !ok || !okBase || len(prefix) > len(rdns) {
		return false
	}
	for i := range prefix {
		if canonicalRDN(rdns[i]) != canonicalRDN(prefix[i]) {
			return false
		}
	}
	return true
}

// hostWithin compares host names. A base that starts with a period takes in only hosts below it; one without takes in
// itself, and hosts below it when subdomains says so (RFC 5280, 4.2.1.10: so for DNS names, not for URIs).
func hostWithin(host, base string, subdomains bool) bool {
	host, base = strings.ToLower(strings.TrimSuffix(host, ".")), strings.ToLower(base)
	switch {
	case base == "":
		return true
	case strings.HasPrefix(base, "."):
		return strings.HasSuffix(host, base)
	case host == base:
		return true
	default:
		return subdomains && strings.HasSuffix(host, "."+base)
	}
}

func emailWithin(email, base string) bool {
	if strings.Contains(base, "@") {
		return strings.EqualFold(email, base)
	}
	at := strings.LastIndexByte(email, '@')
	return at > 0 && hostWithin(email[at+1:], base, false)
}

func addressWithin(address, base []byte) bool {
	if len(base) != 2*len(address) {
		return false
	}
	if _, ok := netip.AddrFromSlice(address); !ok {
		return false
	}
	for i := range address {
		if address[i]&base[len(address)+i] != base[i]&base[len(address)+i] {
			return false
		}
	}
	return true
}
