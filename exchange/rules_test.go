package exchange_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
)

// oneKey is a keyring with one leader's key and one seal, whoever asks.
type oneKey struct{ leader, seal exchange.Key }

func (k oneKey) Seal(context.Context, exchange.OfficeID) (exchange.Key, error) { return k.seal, nil }

func (k oneKey) Leader(context.Context, exchange.OfficeID, string) (exchange.Key, error) {
	return k.leader, nil
}

// issued is a key of the authority for a name, wrong in the way that adjust makes it.
func issued(
	t *testing.T, authority *certs.Authority, name string, adjust func(order *certs.Order),
) exchange.Key {
	t.Helper()
	order := certs.Order{Key: certs.ECDSAP256, Use: certs.UseSigning}
	order.Subject.CommonName = name
	if adjust != nil {
		adjust(&order)
	}
	return exchange.Key{Identity: certstest.Issue(t, authority, order)}
}

// inRealm are rules under which one realm may sign, with the authority's anchor in that realm.
func inRealm(
	authority *certs.Authority, source exchange.Authorities, realm certs.Realm, rule exchange.RevocationRule,
) exchange.SigningRules {
	return exchange.SigningRules{
		Anchors:     certs.NewAnchors(certs.Anchor{Certificate: authority.Root(), Realm: realm}),
		Authorities: source,
		Realms:      map[certs.Realm]exchange.RevocationRule{certs.Official: rule},
	}
}

// silent are authorities that answer nothing, or something bad, for the reason given.
type silent struct{ reason string }

func (s silent) Check(context.Context, *x509.Certificate, *x509.Certificate, time.Time) certs.Revocation {
	return certs.Revocation{Reason: s.reason}
}

func (silent) Issuers(context.Context, *x509.Certificate, []*x509.Certificate) []*x509.Certificate {
	return nil
}

func TestAKeyThatMustNotSignIsRefusedBeforeAnythingIsSigned(t *testing.T) {
	t.Parallel()
	authority := certstest.NewAuthority(t, certstest.At(noon.Add(-time.Minute)))
	fetcher := certstest.Fetcher(t, authority.Anchors(), certstest.At(noon))
	good := issued(t, authority, leaderName, nil)
	revoked := issued(t, authority, leaderName, nil)
	if err := authority.Revoke(revoked.Identity.Certificate, noon.Add(-time.Hour), 1); err != nil {
		t.Fatal(err)
	}
	shortened := issued(t, authority, leaderName, nil) // its chain is asked of the authority
	shortened.Identity.Chain = nil
	assigned := issued(t, authority, "Nguyen Van An", nil)
	assigned.Holder = "NGUYEN VAN AN"
	other := assigned
	other.Holder = "Trần Thị Bình"
	dated := func(from, until time.Time) exchange.Key {
		return issued(t, authority, leaderName, func(o *certs.Order) { o.From, o.Until = from, until })
	}
	require, reachable, off := exchange.RevocationRequired, exchange.RevocationWhenReachable, exchange.RevocationOff
	for _, each := range []struct {
		name  string
		key   exchange.Key
		rules exchange.SigningRules
		kind  exchange.ErrorKind
		code  string // empty: it signs
	}{
		{"good", good, inRealm(authority, fetcher, certs.Official, require), "", ""},
		{"without its chain", shortened, inRealm(authority, fetcher, certs.Official, require), "", ""},
		{
			"expired", dated(noon.AddDate(-2, 0, 0), noon.Add(-time.Second)),
			inRealm(authority, fetcher, certs.Official, require), exchange.Denied, "certificate.expired",
		},
		{
			"not yet valid", dated(noon.Add(time.Second), noon.AddDate(1, 0, 0)),
			inRealm(authority, fetcher, certs.Official, require), exchange.Denied, "certificate.not_yet_valid",
		},
		{
			"wrong usage", issued(t, authority, leaderName, func(o *certs.Order) { o.Use = certs.UseTimestamping }),
			inRealm(authority, fetcher, certs.Official, off), exchange.Denied, "certificate.wrong_usage",
		},
		{"usage for encryption only", issued(t, authority, leaderName, func(o *certs.Order) {
			o.Adjust = func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }
		}), inRealm(authority, fetcher, certs.Official, off), exchange.Denied, "certificate.wrong_usage"},
		{"wrong realm", good, inRealm(authority, fetcher, certs.Public, off), exchange.Denied, "sign.wrong_realm"},
		{"no rules", good, exchange.SigningRules{}, exchange.Denied, "certificate.no_anchor"},
		{
			"wrong holder", issued(t, authority, "Trần Thị Bình", nil),
			inRealm(authority, fetcher, certs.Official, off), exchange.Denied, "sign.wrong_holder",
		},
		{"assigned", assigned, inRealm(authority, fetcher, certs.Official, require), "", ""},
		{
			"assigned to somebody else", other, inRealm(authority, fetcher, certs.Official, off),
			exchange.Denied, "sign.wrong_holder",
		},
		{
			"revoked, required", revoked, inRealm(authority, fetcher, certs.Official, require),
			exchange.Denied, "certificate.revoked",
		},
		{
			"revoked, when reachable", revoked, inRealm(authority, fetcher, certs.Official, reachable),
			exchange.Denied, "certificate.revoked",
		},
		{"revoked, off", revoked, inRealm(authority, fetcher, certs.Official, off), "", ""},
		{
			"unknown, required", good, inRealm(authority, silent{certs.RevocationOffline}, certs.Official, require),
			exchange.Unavailable, "sign.revocation_unknown",
		},
		{
			"stale, required", good, inRealm(authority, silent{certs.RevocationStale}, certs.Official, require),
			exchange.Unavailable, "sign.revocation_unknown",
		},
		{
			"nobody to ask, required", good, inRealm(authority, nil, certs.Official, require),
			exchange.Unavailable, "sign.revocation_unknown",
		},
		{
			"unknown, when reachable", good, inRealm(authority, silent{certs.RevocationOffline}, certs.Official, reachable),
			"", "",
		},
		{
			"a bad answer, when reachable", good,
			inRealm(authority, silent{certs.RevocationBadSignature}, certs.Official, reachable),
			exchange.Unavailable, "sign.revocation_unknown",
		},
		{"unknown, off", good, inRealm(authority, silent{certs.RevocationOffline}, certs.Official, off), "", ""},
		{
			"an unknown rule is the strictest", good,
			inRealm(authority, silent{certs.RevocationOffline}, certs.Official, "offf"),
			exchange.Unavailable, "sign.revocation_unknown",
		},
	} {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			gateway := newWorld(t, straight).Gateways[communeNode]
			gateway.Keys, gateway.Rules = oneKey{leader: each.key}, each.rules
			document, err := desk(gateway).Submit(t.Context(), clerk(commune), draft(province), bytes.NewReader(pdf(t)))
			if err != nil {
				t.Fatal(err)
			}
			signed, err := desk(gateway).Sign(t.Context(), leader(commune), document.ID)
			if each.code == "" {
				if err != nil || signed.Step() != exchange.StepSigned {
					t.Errorf("%s, %v", signed.Step(), err)
				}
				return
			}
			refused(t, err, each.kind, each.code)
			stored, err := reader(gateway).Document(t.Context(), clerk(commune), document.ID)
			if err != nil || len(stored.Versions) != 1 {
				t.Errorf("%d versions after a refusal, %v", len(stored.Versions), err)
			}
		})
	}
}

func TestASealThatIsNotTheOfficesTakesNoNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	gateway, made := w.Gateways[communeNode], people(t)
	document, err := desk(gateway).Submit(t.Context(), clerk(commune), draft(province), bytes.NewReader(pdf(t)))
	if err != nil {
		t.Fatal(err)
	}
	ring := oneKey{
		leader: exchange.Key{Identity: made.Leaders[commune]}, seal: exchange.Key{Identity: made.Seals[district]},
	}
	gateway.Keys = ring
	if _, err := desk(gateway).Sign(t.Context(), leader(commune), document.ID); err != nil {
		t.Fatal(err)
	}
	_, err = desk(gateway).Seal(t.Context(), clerk(commune), document.ID)
	refused(t, err, exchange.Denied, "seal.wrong_holder")
	stored, err := reader(gateway).Document(t.Context(), clerk(commune), document.ID)
	if err != nil || stored.Numbering.Number != 0 {
		t.Errorf("number %s, %v", stored.Numbering, err)
	}
	ring.seal.Holder = names[district] // the administrator says that this is the key
	gateway.Keys = ring
	if sealed, err := desk(gateway).Seal(t.Context(), clerk(commune), document.ID); err != nil ||
		sealed.Numbering.Number != 1 {
		t.Errorf("number %s, %v", sealed.Numbering, err)
	}
}

func TestASealGoesOnTheSignatureOfAnAssignedKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	gateway, made := w.Gateways[communeNode], people(t)
	foreign := issued(t, made.Authority, "Nguyen Van An", nil)
	foreign.Holder = "Nguyen Van An"
	gateway.Keys = oneKey{leader: foreign, seal: exchange.Key{Identity: made.Seals[commune]}}
	if document := w.Prepare(t, communeNode, commune, draft(province)); document.Step() != exchange.StepSealed {
		t.Errorf("%s", document.Step())
	}
}

func TestTheLogNamesTheKeyOfEverySignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, province)
	events, err := reader(w.Gateways[communeNode]).Timeline(t.Context(), clerk(commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]certs.Identity{
		"document.signed": people(t).Leaders[commune], "document.sealed": people(t).Seals[commune],
		"document.issued": people(t).Nodes[communeNode],
	}
	roles := map[string]string{"document.signed": "leader", "document.sealed": "seal", "document.issued": "node"}
	found := 0
	for _, event := range events {
		identity, signs := want[event.Act]
		if !signs {
			continue
		}
		found++
		sum := sha256.Sum256(identity.Certificate.Raw)
		if event.Detail["certificate"] != hex.EncodeToString(sum[:]) || event.Detail["key"] != roles[event.Act] {
			t.Errorf("%s: %v", event.Act, event.Detail)
		}
	}
	if found != len(want) {
		t.Errorf("%d leaves of signatures", found)
	}
}

func TestALyingTimeStampNeverLeadsToAVersion(t *testing.T) {
	t.Parallel()
	authority := people(t).Authority
	order := certs.Order{Use: certs.UseTimestamping}
	signer := certstest.Issue(t, authority, order)
	for code, lie := range map[string]certstest.Stamping{
		"timestamp.wrong_imprint": {WrongImprint: true}, "timestamp.wrong_nonce": {WrongNonce: true},
		"timestamp.bad_signature": {BadSignature: true}, "timestamp.refused": {Refuse: true},
	} {
		lie.Signer, lie.Now = signer, certstest.At(noon)
		gateway := newWorld(t, straight).Gateways[communeNode]
		gateway.Stamper = certstest.Client(t, certstest.Stamper(t, lie))
		document, err := desk(gateway).Submit(t.Context(), clerk(commune), draft(province), bytes.NewReader(pdf(t)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = desk(gateway).Sign(t.Context(), leader(commune), document.ID)
		refused(t, err, exchange.Unavailable, code)
		stored, err := reader(gateway).Document(t.Context(), clerk(commune), document.ID)
		if err != nil || len(stored.Versions) != 1 {
			t.Errorf("%s: %d versions, %v", code, len(stored.Versions), err)
		}
	}
}
