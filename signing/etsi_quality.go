package signing

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"slices"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
)

// etsiQuality says which kind of authority the signature rests on, and the level that holds (TS 119 102-2, 4.2.10):
// the standard leaves the identifiers to the law under which one judges. Nothing is said of a signature without either.
func etsiQualityOf(s *Signature) *etsiQuality {
	quality := &etsiQuality{}
	if s.Realm != "" {
		quality.Information = append(quality.Information, "urn:congvan:quality:realm:"+s.Realm)
	}
	if s.Level != "" && s.Level != LevelNone {
		quality.Information = append(quality.Information, "urn:congvan:quality:level:"+string(s.Level))
	}
	if len(quality.Information) == 0 {
		return nil
	}
	return quality
}

// etsiMessageDigestOf reads the digest that the signer's key signed (RFC 5652, 11.2) from the signed attributes.
func etsiMessageDigestOf(attributes []byte) *etsiMessageDigest {
	var all []struct {
		Type   asn1.ObjectIdentifier
		Values []asn1.RawValue `asn1:"set"`
	}
	if rest, err := asn1.UnmarshalWithParams(attributes, &all, "set"); err == nil && len(rest) == 0 {
		for _, each := range all {
			if each.Type.Equal(cms.OIDMessageDigest) && len(each.Values) == 1 {
				return &etsiMessageDigest{Signed: true, Digest: base64.StdEncoding.EncodeToString(each.Values[0].Bytes)}
			}
		}
	}
	return nil
}

// etsiRevokedOf tells which certificate of a chain is revoked, since when and why, if one is (TS 119 102-2, 4.3.12.4).
func (b *Bundle) etsiRevokedOf(rests *BundledSignature) *etsiRevoked {
	var chain []*x509.Certificate
	for _, id := range rests.Chain {
		certificate, err := x509.ParseCertificate(b.object(id))
		if err != nil {
			return nil
		}
		chain = append(chain, certificate)
	}
	when := certs.When{At: b.Report.JudgedAt}
	for i := range max(len(chain)-1, 0) {
		for _, id := range rests.Revocation {
			piece := [][]byte{b.object(id)}
			found := certs.Best(certs.Evidence{OCSPs: piece, CRLs: piece, Certificates: chain}, chain[i], chain[i+1], when)
			if found.Status == certs.StatusRevoked {
				return &etsiRevoked{
					Certificate: etsiRefTo(rests.Chain[i]), Time: found.RevokedAt.UTC().Format(time.RFC3339),
					Reason: etsiRevocationReason(found.ReasonCode), Object: etsiRefTo(id),
				}
			}
		}
	}
	return nil
}

// object gives the DER of an object; nil when the bundle has none of this name.
func (b *Bundle) object(id ObjectID) []byte {
	at := slices.IndexFunc(b.Objects, func(object BundledObject) bool { return object.ID == id })
	if at < 0 {
		return nil
	}
	return b.Objects[at].DER
}

// etsiRevocationReason names a CRLReason (RFC 5280, 5.3.1); empty when there is no such reason.
func etsiRevocationReason(code int) string {
	names := []string{
		"unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
		"certificateHold", "", "removeFromCRL", "privilegeWithdrawn", "aACompromise",
	}
	if code < 0 || code >= len(names) || names[code] == "" {
		return ""
	}
	return "urn:etsi:019102:revocationReason:" + names[code]
}
