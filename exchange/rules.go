package exchange

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"time"

	"congvan/certs"
)

// SigningRules say which keys this gateway lets sign. The zero value lets none sign: it trusts nobody.
type SigningRules struct {
	Anchors     certs.Anchors
	Authorities Authorities // nil: nobody is asked
	// Realms are the hierarchies whose certificates may sign documents here, and how sure it must be that they were not
	// revoked. A realm that is not among them may not sign.
	Realms map[certs.Realm]RevocationRule
}

// Authorities answer for certificates: who issued them, and whether they were revoked.
type Authorities interface {
	// Check says what is known of the certificate's revocation as at the moment.
	Check(ctx context.Context, certificate, issuer *x509.Certificate, at time.Time) certs.Revocation
	// Issuers gives the certificates above the leaf, nearest first, from others and from wherever they are to be had.
	Issuers(ctx context.Context, leaf *x509.Certificate, others []*x509.Certificate) []*x509.Certificate
}

// RevocationRule says how sure it must be that a certificate was not revoked before it signs.
type RevocationRule string

// The rules. A certificate of which it is known that it was revoked signs under none but RevocationOff.
const (
	// RevocationRequired signs only when somebody who knows has said that the certificate was not revoked.
	RevocationRequired RevocationRule = "require"
	// RevocationWhenReachable signs also when nobody who knows could be reached; an answer that is not good still refuses.
	RevocationWhenReachable RevocationRule = "when_reachable"
	// RevocationOff asks nobody.
	RevocationOff RevocationRule = "off"
)

// DefaultRealms are the rules where nothing else is set: the Government's hierarchy for public offices signs official
// documents (Decree 68/2024); the realm for trials has anchors only where somebody put them.
func DefaultRealms() map[certs.Realm]RevocationRule {
	return map[certs.Realm]RevocationRule{
		certs.Official: RevocationRequired, certs.Test: RevocationWhenReachable,
	}
}

// KeyRole is in which capacity a key signs.
type KeyRole string

// The roles of keys.
const (
	LeaderKey KeyRole = "leader" // the competent person's own
	SealKey   KeyRole = "seal"   // the office's
	NodeKey   KeyRole = "node"   // the gateway's own, which seals messages and no documents
)

// CheckKey refuses a key that must not sign now, before anything is signed with it: the signing program has to make
// sure of the certificate first (Decree 23/2025, Article 17). The holder is the person's or the office's name, which
// the certificate must bear unless the key was assigned under another (see [Key]). Errors: Denied certificate.expired
// and the other reasons of [certs.Standing], certificate.revoked, sign.wrong_realm, sign.wrong_holder,
// seal.wrong_holder; Unavailable sign.revocation_unknown.
func (r SigningRules) CheckKey(ctx context.Context, key Key, role KeyRole, holder string, at time.Time) error {
	certificate := key.Identity.Certificate
	if certificate == nil {
		return Errorf(Denied, "certificate.missing", "the key of %s has no certificate", holder)
	}
	standing := r.Anchors.Check(certificate, r.chain(ctx, key.Identity), at, certs.ForSigning)
	if !standing.Trusted {
		return Errorf(Denied, standing.Reason, "%s: %s", certificate.Subject, standing.Detail)
	}
	rule, allowed := r.Realms[standing.Realm]
	if !allowed {
		return Errorf(Denied, "sign.wrong_realm", "%s is of the realm %s", certificate.Subject, standing.Realm)
	}
	if err := checkHolder(key, role, holder); err != nil {
		return err
	}
	return r.checkRevocation(ctx, rule, standing.Path, at)
}

// chain gives what stands above the certificate: with the key where it is complete, else from the issuers.
func (r SigningRules) chain(ctx context.Context, identity certs.Identity) []*x509.Certificate {
	if r.Authorities == nil || len(identity.Chain) > 0 {
		return identity.Chain
	}
	return r.Authorities.Issuers(ctx, identity.Certificate, nil)
}

// checkHolder compares the certificate's name with the one it must bear.
func checkHolder(key Key, role KeyRole, holder string) error {
	named := key.Identity.Certificate.Subject.CommonName
	switch {
	case key.Holder != "" && SameName(named, key.Holder): // assigned by the administrator
		return nil
	case key.Holder == "" && role == LeaderKey && SameName(named, holder):
		return nil
	case key.Holder == "" && role == SealKey && sameOffice(named, holder):
		return nil
	case role == SealKey:
		return Errorf(Denied, "seal.wrong_holder", "the certificate names %q, the office is %q", named, holder)
	default:
		return Errorf(Denied, "sign.wrong_holder", "the certificate names %q, the signatory is %q", named, holder)
	}
}

// checkRevocation asks for every certificate below the anchor.
func (r SigningRules) checkRevocation(
	ctx context.Context, rule RevocationRule, path []*x509.Certificate, at time.Time,
) error {
	if rule == RevocationOff {
		return nil
	}
	for i := range max(len(path)-1, 0) {
		known := certs.Revocation{Reason: certs.RevocationOffline}
		if r.Authorities != nil {
			known = r.Authorities.Check(ctx, path[i], path[i+1], at)
		}
		switch {
		case known.StatusAt(at) == certs.StatusRevoked:
			return Errorf(Denied, "certificate.revoked", "%s since %v", path[i].Subject, known.RevokedAt)
		case known.Status == certs.StatusUnknown && (rule != RevocationWhenReachable || !unreachable(known)):
			return Errorf(Unavailable, "sign.revocation_unknown", "%s: %s", path[i].Subject, known.Reason)
		}
	}
	return nil
}

// unreachable says that nobody who knows has answered; what was kept from before may have become too old meanwhile.
func unreachable(known certs.Revocation) bool {
	return slices.Contains([]string{
		certs.RevocationOffline, certs.RevocationMissing, certs.RevocationNoSource, certs.RevocationStale,
	}, known.Reason)
}

// CertificateDigest names the certificate in the log: the SHA-256 of its DER.
func CertificateDigest(identity certs.Identity) string {
	if identity.Certificate == nil {
		return ""
	}
	sum := sha256.Sum256(identity.Certificate.Raw)
	return hex.EncodeToString(sum[:])
}
