package certs

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"time"
)

// Use says what a certificate of a throw-away authority is for.
type Use int

// The uses of certificates.
const (
	// UseSigning is for leaders and office seals: digitalSignature and nonRepudiation.
	UseSigning Use = iota
	// UseNode is for gateways that talk to each other: TLS server and client.
	UseNode
	// UseTimestamping is for RFC 3161: the one critical extended key usage.
	UseTimestamping
	// UseOCSP is for a delegated responder.
	UseOCSP
	useRoot
	useIssuing
)

// Order says which certificate to issue.
type Order struct {
	Subject pkix.Name
	Key     KeyKind
	Signer  crypto.Signer // an existing key; nil: a new one of kind Key
	Use     Use
	From    time.Time // zero: an hour ago
	Until   time.Time // zero: three years after now
	Hosts   []string  // addresses and names, for UseNode
	// Adjust may change what will be signed, for tests of certificates that are wrong.
	Adjust func(template *x509.Certificate)
}

// Leader issues the key of a person who signs for an office, such as "Nguyễn Văn An", "Chủ tịch", "UBND xã Hải Hậu".
func (a *Authority) Leader(name, position, office string, key KeyKind) (Identity, error) {
	subject := officeName(office)
	subject.CommonName = name
	oidTitle := asn1.ObjectIdentifier{2, 5, 4, 12}
	if position != "" {
		subject.ExtraNames = []pkix.AttributeTypeAndValue{{Type: oidTitle, Value: position}}
	}
	return a.Issue(Order{Subject: subject, Key: key, Use: UseSigning})
}

// Seal issues the key of an office's seal (con dấu); its holder is the office itself.
func (a *Authority) Seal(office string, key KeyKind) (Identity, error) {
	subject := officeName(office)
	subject.CommonName = office
	return a.Issue(Order{Subject: subject, Key: key, Use: UseSigning})
}

// Node issues the key by which a gateway shows itself to others. Without hosts it is for loopback.
func (a *Authority) Node(name string, hosts ...string) (Identity, error) {
	if len(hosts) == 0 {
		hosts = []string{"127.0.0.1", "::1", "localhost"}
	}
	subject := officeName(name)
	subject.CommonName = name
	return a.Issue(Order{Subject: subject, Use: UseNode, Hosts: hosts})
}

func officeName(office string) pkix.Name {
	return pkix.Name{Country: []string{"VN"}, Organization: []string{office}}
}

// Issue makes a key, unless one is given, and a certificate for it.
func (a *Authority) Issue(order Order) (Identity, error) {
	identity, err := a.issue(order)
	if err != nil {
		return Identity{}, fmt.Errorf("issue certificate for %s: %w", order.Subject.CommonName, err)
	}
	return identity, nil
}

func (a *Authority) issue(order Order) (Identity, error) {
	signer := order.Signer
	if signer == nil {
		var err error
		if signer, err = GenerateKey(order.Key); err != nil {
			return Identity{}, err
		}
	}
	template, err := a.template(order)
	if err != nil {
		return Identity{}, err
	}
	parent, chain := a.above(order.Use)
	if parent.Certificate == nil { // the root signs itself
		parent = Identity{Signer: signer, Certificate: template}
	}
	if order.Adjust != nil {
		order.Adjust(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.Certificate, signer.Public(), parent.Signer)
	if err != nil {
		return Identity{}, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return Identity{}, err
	}
	a.record(certificate)
	return Identity{Signer: signer, Certificate: certificate, Chain: chain}, nil
}

// above gives who issues for a use, and the chain that goes with the certificate.
func (a *Authority) above(use Use) (Identity, []*x509.Certificate) {
	switch use {
	case useRoot:
		return Identity{}, nil
	case useIssuing:
		return a.root, []*x509.Certificate{a.root.Certificate}
	case UseSigning, UseNode, UseTimestamping, UseOCSP:
	}
	return a.issuing, []*x509.Certificate{a.issuing.Certificate, a.root.Certificate}
}

func (a *Authority) template(order Order) (*x509.Certificate, error) {
	serial, err := randomSerial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: order.Subject, BasicConstraintsValid: true,
		NotBefore: order.From, NotAfter: order.Until, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if template.NotBefore.IsZero() {
		template.NotBefore = a.now().Add(-backdated)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = a.now().AddDate(leafYears, 0, 0)
	}
	a.addAddresses(template, order.Use)
	return template, addUse(template, order)
}

// addAddresses writes where revocation data and the issuer's certificate are to be had.
func (a *Authority) addAddresses(template *x509.Certificate, use Use) {
	switch use {
	case useRoot:
	case useIssuing:
		template.OCSPServer = []string{a.url + pathOCSP}
		template.CRLDistributionPoints = []string{a.url + pathRootList}
		template.IssuingCertificateURL = []string{a.url + pathRoot}
	case UseOCSP: // no check: nobody need ask about the responder
		template.IssuingCertificateURL = []string{a.url + pathIssuing}
	case UseSigning, UseNode, UseTimestamping:
		template.OCSPServer = []string{a.url + pathOCSP}
		template.CRLDistributionPoints = []string{a.url + pathIssuingList}
		template.IssuingCertificateURL = []string{a.url + pathIssuing}
	}
}

func addUse(template *x509.Certificate, order Order) error {
	switch order.Use {
	case useRoot:
		template.IsCA = true
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	case useIssuing:
		template.IsCA, template.MaxPathLenZero = true, true
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	case UseSigning:
		template.KeyUsage |= x509.KeyUsageContentCommitment
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
		template.UnknownExtKeyUsage = []asn1.ObjectIdentifier{oidDocumentSigning}
	case UseNode:
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
		addHosts(template, order.Hosts)
	case UseTimestamping:
		return addCriticalUsage(template, oidTimeStamping)
	case UseOCSP:
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		template.ExtraExtensions = append(template.ExtraExtensions,
			pkix.Extension{Id: oidOCSPNoCheck, Value: asn1.NullBytes})
	}
	return nil
}

var (
	oidTimeStamping    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	oidDocumentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36} // RFC 9336
)

// addCriticalUsage writes an extended key usage that is critical, which crypto/x509 does not do by itself.
func addCriticalUsage(template *x509.Certificate, usage asn1.ObjectIdentifier) error {
	value, err := asn1.Marshal([]asn1.ObjectIdentifier{usage})
	if err != nil {
		return err
	}
	template.ExtraExtensions = append(template.ExtraExtensions,
		pkix.Extension{Id: oidExtendedKeyUsage, Critical: true, Value: value})
	return nil
}

func addHosts(template *x509.Certificate, hosts []string) {
	for _, host := range hosts {
		if address := net.ParseIP(host); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
}
