package certs

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs/cms"
)

var (
	oidDeltaCRL         = asn1.ObjectIdentifier{2, 5, 29, 27}
	oidIssuingPoint     = asn1.ObjectIdentifier{2, 5, 29, 28}
	oidDistributionPts  = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidCRLReason        = asn1.ObjectIdentifier{2, 5, 29, 21}
	oidExpiredOnCRL     = asn1.ObjectIdentifier{2, 5, 29, 60}
	errDamagedList      = errors.New("damaged revocation list")
	errUnknownExtension = errors.New("unknown critical extension of an entry")
)

// CheckCRL says what a certificate revocation list (DER) tells of the certificate. It counts only when the
// certificate's issuer signed it and may sign lists, when its scope takes the certificate in (RFC 5280, 5.2.5), and
// when its times fit. Delta lists, indirect lists and lists with critical extensions that are not understood are
// refused. The list is read in one pass: a million entries cost no memory beyond its bytes.
func CheckCRL(der []byte, certificate, issuer *x509.Certificate, when When) Revocation {
	return question{certificate, issuer, when, nil}.judgeCRL(der)
}

func (q question) judgeCRL(der []byte) Revocation {
	if q.certificate == nil || q.issuer == nil {
		return unknown(RevocationWrongIssuer)
	}
	list, err := parseCRL(der)
	if err != nil {
		return unknown(RevocationUnreadable)
	}
	if reason := list.authentic(q); reason != "" {
		return unknown(reason)
	}
	found := Revocation{ThisUpdate: list.thisUpdate, NextUpdate: list.nextUpdate, CRL: der}
	if weakScheme(list.scheme) {
		found.Notes = append(found.Notes, RevocationWeakAlgorithm)
	}
	if reason := list.covers(q.certificate); reason != "" {
		found.Reason = reason
		return found
	}
	entry, listed, err := list.find(q.certificate.SerialNumber)
	switch {
	case errors.Is(err, errUnknownExtension):
		found.Reason = RevocationExtension
		return found
	case err != nil:
		found.Reason = RevocationUnreadable
		return found
	case listed:
		found.Status, found.RevokedAt, found.ReasonCode = StatusRevoked, entry.at, entry.reason
	default:
		found.Status = StatusGood
	}
	return q.settle(found, list.expiredSince())
}

// revocationList is a CRL of which the entries have not been read yet.
type revocationList struct {
	signed     []byte
	scheme     cms.Scheme
	signature  []byte
	issuer     []byte
	thisUpdate time.Time
	nextUpdate time.Time
	entries    cryptobyte.String
	extensions []pkix.Extension
}

func parseCRL(der []byte) (list revocationList, err error) {
	if len(der) > MaxCRL {
		return list, errDamagedList
	}
	input := cryptobyte.String(der)
	var outer, signed, algorithm cryptobyte.String
	var signature asn1.BitString
	if !input.ReadASN1(&outer, tags.SEQUENCE) || !input.Empty() ||
		!outer.ReadASN1Element(&signed, tags.SEQUENCE) ||
		!outer.ReadASN1Element(&algorithm, tags.SEQUENCE) ||
		!outer.ReadASN1BitString(&signature) || !outer.Empty() {
		return list, errDamagedList
	}
	list.signed, list.signature = signed, signature.RightAlign()
	var identifier pkix.AlgorithmIdentifier
	if _, err := asn1.Unmarshal(algorithm, &identifier); err != nil {
		return list, errDamagedList
	}
	list.scheme = schemeOf(identifier)
	return list, list.parseSigned(signed, algorithm)
}

func (l *revocationList) parseSigned(signed, algorithm cryptobyte.String) error {
	var body, again, name cryptobyte.String
	var version int64
	if !signed.ReadASN1(&body, tags.SEQUENCE) ||
		body.PeekASN1Tag(tags.INTEGER) && (!body.ReadASN1Integer(&version) || version != 1) ||
		!body.ReadASN1Element(&again, tags.SEQUENCE) || !bytes.Equal(again, algorithm) ||
		!body.ReadASN1Element(&name, tags.SEQUENCE) ||
		!readTime(&body, &l.thisUpdate) {
		return errDamagedList
	}
	l.issuer = name
	timed := body.PeekASN1Tag(tags.UTCTime) || body.PeekASN1Tag(tags.GeneralizedTime)
	if timed && !readTime(&body, &l.nextUpdate) {
		return errDamagedList
	}
	return l.parseRest(body)
}

// parseRest reads what comes after the times: the entries, unread, and the extensions.
func (l *revocationList) parseRest(body cryptobyte.String) error {
	var tagged cryptobyte.String
	var present bool
	tag := tags.Tag(0).Constructed().ContextSpecific()
	if !body.ReadOptionalASN1(&l.entries, &present, tags.SEQUENCE) ||
		!body.ReadOptionalASN1(&tagged, &present, tag) || !body.Empty() {
		return errDamagedList
	}
	if present {
		if rest, err := asn1.Unmarshal(tagged, &l.extensions); err != nil || len(rest) > 0 {
			return errDamagedList
		}
	}
	return nil
}

func readTime(from *cryptobyte.String, moment *time.Time) bool {
	ok := from.PeekASN1Tag(tags.UTCTime) && from.ReadASN1UTCTime(moment) ||
		from.PeekASN1Tag(tags.GeneralizedTime) && from.ReadASN1GeneralizedTime(moment)
	*moment = moment.UTC()
	return ok
}

// authentic says why the list may not be relied upon; empty when the issuer of the certificate signed it.
func (l revocationList) authentic(asked question) string {
	const signsLists = x509.KeyUsageCRLSign
	switch {
	case !sameName(l.issuer, asked.certificate.RawIssuer), !sameName(l.issuer, asked.issuer.RawSubject):
		return RevocationWrongIssuer
	case asked.issuer.KeyUsage != 0 && asked.issuer.KeyUsage&signsLists == 0:
		return RevocationWrongIssuer
	case asked.proved.checkEvidence(asked.issuer, l.scheme, l.signed, l.signature) != nil:
		return RevocationBadSignature
	default:
		return ""
	}
}

// covers judges the extensions of the list; empty when it speaks of the certificate.
func (l revocationList) covers(certificate *x509.Certificate) string {
	for _, e := range l.extensions {
		switch {
		case e.Id.Equal(oidDeltaCRL):
			return RevocationDelta
		case e.Id.Equal(oidIssuingPoint):
			if reason := coversPoint(e.Value, certificate); reason != "" {
				return reason
			}
		case e.Critical:
			return RevocationExtension
		}
	}
	return ""
}

// issuingPoint is IssuingDistributionPoint (RFC 5280, 5.2.5).
type issuingPoint struct {
	Point          pointName      `asn1:"optional,tag:0"`
	OnlyUsers      bool           `asn1:"optional,tag:1"`
	OnlyCAs        bool           `asn1:"optional,tag:2"`
	OnlySomeReason asn1.BitString `asn1:"optional,tag:3"`
	Indirect       bool           `asn1:"optional,tag:4"`
	OnlyAttributes bool           `asn1:"optional,tag:5"`
}

type pointName struct {
	Full     []asn1.RawValue `asn1:"optional,tag:0"`
	Relative asn1.RawValue   `asn1:"optional,tag:1"`
}

func coversPoint(der []byte, certificate *x509.Certificate) string {
	var point issuingPoint
	if rest, err := asn1.Unmarshal(der, &point); err != nil || len(rest) > 0 {
		return RevocationUnreadable
	}
	switch {
	case point.Indirect:
		return RevocationIndirect
	case point.OnlyAttributes, point.OnlyUsers && certificate.IsCA, point.OnlyCAs && !certificate.IsCA,
		point.OnlySomeReason.BitLength > 0:
		return RevocationNotCovered
	case len(point.Point.Relative.FullBytes) > 0,
		len(point.Point.Full) > 0 && !pointsTo(certificate, point.Point.Full):
		return RevocationNotCovered
	default:
		return ""
	}
}

// pointsTo says whether a distribution point of the certificate has one of the names.
func pointsTo(certificate *x509.Certificate, names []asn1.RawValue) bool {
	var points []struct {
		Name    pointName      `asn1:"optional,tag:0"`
		Reasons asn1.BitString `asn1:"optional,tag:1"`
		Issuer  asn1.RawValue  `asn1:"optional,tag:2"`
	}
	value := extension(certificate.Extensions, oidDistributionPts)
	if _, err := asn1.Unmarshal(value, &points); err != nil {
		return false
	}
	for _, point := range points {
		for _, name := range point.Name.Full {
			same := func(other asn1.RawValue) bool { return bytes.Equal(other.FullBytes, name.FullBytes) }
			if slices.ContainsFunc(names, same) {
				return true
			}
		}
	}
	return false
}

type revocationEntry struct {
	at     time.Time
	reason int
}

// find reads all entries: one critical extension that is not understood spoils the whole list (RFC 5280, 5.3).
func (l revocationList) find(serial *big.Int) (found revocationEntry, listed bool, err error) {
	wanted, err := asn1.Marshal(serial)
	if err != nil {
		return found, false, errDamagedList
	}
	for entries := l.entries; !entries.Empty(); {
		var entry, number cryptobyte.String
		if !entries.ReadASN1(&entry, tags.SEQUENCE) || !entry.ReadASN1Element(&number, tags.INTEGER) {
			return found, false, errDamagedList
		}
		same := bytes.Equal(number, wanted)
		plain := hasNoExtensions(entry)
		if plain && !same {
			continue
		}
		read, err := readEntry(entry)
		if err != nil {
			return found, false, err
		}
		if same {
			found, listed = read, true
		}
	}
	return found, listed, nil
}

// hasNoExtensions says whether nothing follows the time: so it is with most entries of the largest lists.
func hasNoExtensions(entry cryptobyte.String) bool {
	var moment cryptobyte.String
	var tag tags.Tag
	return entry.ReadAnyASN1(&moment, &tag) && entry.Empty()
}

func readEntry(entry cryptobyte.String) (read revocationEntry, err error) {
	if !readTime(&entry, &read.at) {
		return read, errDamagedList
	}
	if entry.Empty() {
		return read, nil
	}
	var extensions []pkix.Extension
	if rest, err := asn1.Unmarshal(entry, &extensions); err != nil || len(rest) > 0 {
		return read, errDamagedList
	}
	for _, e := range extensions {
		switch {
		case e.Id.Equal(oidCRLReason):
			var reason asn1.Enumerated
			if _, err := asn1.Unmarshal(e.Value, &reason); err != nil {
				return read, errDamagedList
			}
			read.reason = int(reason)
		case e.Critical:
			return read, errUnknownExtension
		}
	}
	return read, nil
}

// expiredSince says since when the list keeps certificates that have expired (X.509, expiredCertsOnCRL).
func (l revocationList) expiredSince() time.Time {
	var since time.Time
	if value := extension(l.extensions, oidExpiredOnCRL); value != nil {
		if _, err := asn1.UnmarshalWithParams(value, &since, "generalized"); err != nil {
			return time.Time{}
		}
	}
	return utcOrZero(since)
}
