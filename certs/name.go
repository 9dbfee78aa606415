package certs

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
)

// canonicalName gives a form of a DER-encoded distinguished name in which names that RFC 5280, 7.1 calls equal are
// equal: the string type, letter case and inner spaces do not count. A name that cannot be read stands for itself.
func canonicalName(der []byte) string {
	rdns, ok := parseName(der)
	if !ok {
		return "\x00" + string(der)
	}
	var canonical strings.Builder
	for _, rdn := range rdns {
		canonical.WriteString(canonicalRDN(rdn))
		canonical.WriteByte(0)
	}
	return canonical.String()
}

func parseName(der []byte) (pkix.RDNSequence, bool) {
	var rdns pkix.RDNSequence
	rest, err := asn1.Unmarshal(der, &rdns)
	return rdns, err == nil && len(rest) == 0
}

func canonicalRDN(rdn pkix.RelativeDistinguishedNameSET) string {
	var canonical strings.Builder
	for _, attribute := range rdn {
		value := strings.Join(strings.Fields(fmt.Sprint(attribute.Value)), " ")
		fmt.Fprintf(&canonical, "%s=%q,", attribute.Type, strings.ToLower(value))
	}
	return canonical.String()
}

func sameName(a, b []byte) bool {
	return bytes.Equal(a, b) || canonicalName(a) == canonicalName(b)
}

// oid gives the text of an object identifier, as a key for comparing.
func oid(id asn1.ObjectIdentifier) string { return id.String() }
