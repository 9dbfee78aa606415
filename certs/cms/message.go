package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"go.mozilla.org/pkcs7"
)

// Message is an opened signed message.
type Message struct {
	Content     []byte              // exactly the bytes that were sealed
	Signer      *x509.Certificate   // whose key made the signature; trust in it is judged elsewhere
	Others      []*x509.Certificate // the further certificates that came along
	SigningTime time.Time           // the signer's own claim, UTC; zero when absent
}

// SealMessage makes a signed message that carries its content, for the small objects that gateways exchange. The
// result is at most [MaxSize] long, else [ErrLimit]. RSA and ECDSA keys in memory go through go.mozilla.org/pkcs7,
// which adds the signing time; keys that library cannot use (tokens, remote services, Ed25519) through this package.
func SealMessage(content []byte, signer crypto.Signer, certificate *x509.Certificate,
	chain []*x509.Certificate,
) ([]byte, error) {
	if certificate == nil || !sameKey(signer.Public(), certificate.PublicKey) {
		return nil, fmt.Errorf("%w: its key is not the one that signs", ErrCertificate)
	}
	scheme, err := SchemeFor(certificate.PublicKey, Policy{})
	if err != nil {
		return nil, err
	}
	var sealed []byte
	switch signer.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey:
		sealed, err = sealClassic(content, signer, scheme, append([]*x509.Certificate{certificate}, chain...))
	default:
		if content == nil {
			content = []byte{}
		}
		sealed, err = Sign(signer, Draft{Scheme: scheme, Certificate: certificate, Chain: chain, Content: content})
	}
	if err == nil && len(sealed) > MaxSize {
		return nil, fmt.Errorf("%w: message of %d bytes", ErrLimit, len(sealed))
	}
	return sealed, err
}

// sealClassic seals with the library; certificates holds the signer's first.
func sealClassic(
	content []byte, signer crypto.Signer, scheme Scheme, certificates []*x509.Certificate,
) ([]byte, error) {
	message, err := pkcs7.NewSignedData(content)
	if err != nil {
		return nil, fmt.Errorf("seal message: %w", err)
	}
	message.SetDigestAlgorithm(oidForHash(scheme.Hash))
	if err := message.AddSigner(certificates[0], signer, pkcs7.SignerInfoConfig{}); err != nil {
		return nil, fmt.Errorf("seal message: %w", err)
	}
	for _, certificate := range certificates[1:] {
		message.AddCertificate(certificate)
	}
	sealed, err := message.Finish()
	if err != nil {
		return nil, fmt.Errorf("seal message: %w", err)
	}
	return sealed, nil
}

// OpenMessage opens what [SealMessage] made, here or at another gateway. The one signature is verified and must be over
// signed attributes by a key whose certificate is in the message; whether that certificate may be relied upon is
// asked elsewhere. Only DER without anything after it is taken, so that all readers see the same content.
func OpenMessage(data []byte) (*Message, error) { return OpenMessageWith(data, x509.ParseCertificate) }

// OpenMessageWith is [OpenMessage] with another way to read certificates, such as one that remembers those that come
// back.
func OpenMessageWith(data []byte, certificate CertificateParser) (*Message, error) {
	signed, err := ParseWith(data, certificate)
	switch {
	case err != nil:
		return nil, fmt.Errorf("open message: %w", err)
	case !bytes.Equal(signed.Raw, data):
		return nil, fmt.Errorf("%w: message is not DER or has bytes after it", ErrMalformed)
	case signed.Detached || !signed.ContentType.Equal(OIDData) || len(signed.Signers) != 1:
		return nil, fmt.Errorf("%w: no message of one signer", ErrMalformed)
	case len(signed.Unparsed) > 0:
		return nil, fmt.Errorf("%w: a certificate in the message cannot be read", ErrCertificate)
	}
	info := &signed.Signers[0]
	signer := info.FindSigner(signed.Certificates)
	if signer == nil {
		return nil, fmt.Errorf("%w: the message does not carry it", ErrCertificate)
	}
	if present, matches := info.MatchESS(signer); present && !matches {
		return nil, fmt.Errorf("%w: the message is bound to another", ErrCertificate)
	}
	if info.Digest == 0 || !Available(info.Digest) || info.RawSigned == nil {
		return nil, fmt.Errorf("%w: message without signed attributes or by digest %v", ErrUnsupported, info.DigestOID)
	}
	if _, err := info.Verify(signer, digest(info.Digest, signed.Content)); err != nil {
		return nil, fmt.Errorf("open message: %w", err)
	}
	message := &Message{Content: signed.Content, Signer: signer, SigningTime: info.SigningTime}
	for _, certificate := range signed.Certificates {
		if certificate != signer {
			message.Others = append(message.Others, certificate)
		}
	}
	return message, nil
}

// CertificateBundle is a p7b file: certificates and nothing else.
func CertificateBundle(certificates []*x509.Certificate) ([]byte, error) {
	if len(certificates) == 0 || len(certificates) > maxCertificates {
		return nil, fmt.Errorf("%w: bundle of %d certificates", ErrLimit, len(certificates))
	}
	var all []byte
	for _, certificate := range certificates {
		all = append(all, certificate.Raw...)
	}
	bundle, err := pkcs7.DegenerateCertificate(all)
	if err != nil {
		return nil, fmt.Errorf("certificate bundle: %w", err)
	}
	return bundle, nil
}

// ParseCertificateBundle reads a p7b file, DER or PEM. The certificates are in no order. It returns [ErrMalformed] when
// one of them cannot be read, joined to the others.
func ParseCertificateBundle(data []byte) ([]*x509.Certificate, error) {
	if len(data) <= 2*MaxSize && bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN")) {
		if block, _ := pem.Decode(data); block != nil {
			data = block.Bytes
		}
	}
	signed, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("certificate bundle: %w", err)
	}
	var unread []error
	for _, der := range signed.Unparsed {
		if _, err := x509.ParseCertificate(der); err != nil {
			unread = append(unread, fmt.Errorf("%w: %w", ErrMalformed, err))
		}
	}
	return signed.Certificates, errors.Join(unread...)
}
