package certs

import "errors"

// codes gives the stable code of every error of this package. The errors of time stamps are their own codes.
var codes = []struct {
	err  error
	code string
}{
	{ErrPassword, "key.wrong_password"},
	{ErrNoKey, "key.missing"},
	{ErrKeyMismatch, "key.mismatch"},
	{ErrNotExportable, "key.not_exportable"},
	{ErrNoCertificate, "certificate.missing"},
	{ErrNoAnchors, "anchors.none"},
	{ErrNoEvidence, "revocation.no_evidence"},
	{ErrTimestampWrongImprint, ErrTimestampWrongImprint.Error()},
	{ErrTimestampWrongNonce, ErrTimestampWrongNonce.Error()},
	{ErrTimestampWrongTime, ErrTimestampWrongTime.Error()},
	{ErrTimestampWrongSigner, ErrTimestampWrongSigner.Error()},
	{ErrTimestampExpired, ErrTimestampExpired.Error()},
	{ErrTimestampBadSignature, ErrTimestampBadSignature.Error()},
	{ErrTimestampUnreadable, ErrTimestampUnreadable.Error()},
	{ErrTimestampRefused, ErrTimestampRefused.Error()},
	{ErrTimestampUnavailable, ErrTimestampUnavailable.Error()},
	{ErrForbiddenAddress, "outbound.forbidden_address"},
	{ErrAnswer, "outbound.unusable_answer"},
	{ErrForged, "revocation.import_forged"},
	{ErrFromFuture, "revocation.import_from_future"},
	{ErrNotKept, "revocation.import_not_kept"},
	{ErrNotRevocation, "revocation.import_unreadable"},
	{ErrUnreadable, "key.unreadable"},
}

// Code gives the stable code of an error of this package, for which there is a sentence for people; empty for other
// errors. Of several errors in one, the one that says most is taken.
func Code(err error) string {
	if code := KeyCode(err); code != "" { // first: a wrong PIN is a wrong password as well
		return code
	}
	for _, known := range codes {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return ""
}

// Codes lists every stable code that this package makes: of errors, of [Standing] and of [Revocation].
func Codes() []string {
	all := []string{
		ReasonUnreadable, ReasonNoAnchor, ReasonChainBroken, ReasonTooComplex, ReasonExpired, ReasonNotYetValid,
		ReasonExpiredIssuer, ReasonIssuerNotYet, ReasonAnchorNotInForce, ReasonWrongUsage, ReasonWeakAlgorithm,
		ReasonNotAuthority, ReasonPathTooLong, ReasonNameConstraint, ReasonUnknownExtension,
		RevocationMissing, RevocationOffline, RevocationNoSource, RevocationUnreadable, RevocationRefused,
		RevocationUnknown, RevocationNotCovered, RevocationWrongIssuer, RevocationBadSignature,
		RevocationUnauthorised, RevocationStale, RevocationFromFuture, RevocationAfterExpiry,
		RevocationOutsideIssuer, RevocationExtension, RevocationDelta, RevocationIndirect,
		RevocationWeakAlgorithm, RevocationResponderNotice,
	}
	for _, known := range codes {
		all = append(all, known.code)
	}
	return append(all, KeyCodes()...)
}
