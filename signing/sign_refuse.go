package signing

import (
	"errors"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// Refusal is a kind of reason for which nothing is signed. Its code is stable and has a sentence for people elsewhere.
type Refusal struct{ code, text string }

// Error says in English what is wrong.
func (r *Refusal) Error() string { return r.text }

// Code is the stable code, such as key.weak.
func (r *Refusal) Code() string { return r.code }

// The refusals of this package; use errors.Is. Those about the document itself are faults of package pdf.
var (
	ErrNoMoment      = &Refusal{"order.no_moment", "the order does not say when"}
	ErrNoIdentity    = &Refusal{"order.no_identity", "the order has no certificate or no key"}
	ErrLevel         = &Refusal{"order.unknown_level", "the order asks for an unknown level"}
	ErrNoStamper     = &Refusal{"order.no_timestamp_source", "the level needs a time-stamp authority"}
	ErrNoEvidence    = &Refusal{"order.no_evidence_source", "the level needs a source of revocation evidence"}
	ErrExpired       = &Refusal{certs.ReasonExpired, "the certificate has expired"}
	ErrNotYetValid   = &Refusal{certs.ReasonNotYetValid, "the certificate is not valid yet"}
	ErrWrongUsage    = &Refusal{certs.ReasonWrongUsage, "the certificate is not for signing"}
	ErrWeakKey       = &Refusal{"key.weak", "the key or the hash is too weak to sign with"}
	ErrKeyKind       = &Refusal{"key.unsupported", "keys of this kind are not supported"}
	ErrKeyMismatch   = &Refusal{"key.not_of_certificate", "the key does not belong to the certificate"}
	ErrNothingSigned = &Refusal{"document.unsigned", "the document has no signature whose level could be raised"}
	ErrMidstate      = &Refusal{"order.bad_midstate", "a kept hash state cannot be used"}
	ErrForeignValue  = &Refusal{"signature.not_ours", "the signature value does not belong to what was prepared"}
	ErrSession       = &Refusal{"session.unusable", "the session does not belong to this document"}
	ErrNotExtension  = &Refusal{"upload.not_an_extension", "the file does not begin with the document that was given out"}
	ErrNotOneMore    = &Refusal{"upload.not_one_signature", "the file does not hold exactly one signature more"}
)

var errInvariant = &Refusal{"signing.invariant_broken", "the signed document would not keep what was there before"}

// RefusalCode is the stable code inside err: of this package or of package pdf; empty when there is none.
func RefusalCode(err error) string {
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return refusal.code
	case errors.Is(err, cms.ErrWeak):
		return ErrWeakKey.code
	}
	return pdf.Code(err)
}

// Refusals gives every code that RefusalCode can give, in a fixed order. Some are reasons of a report as well.
func Refusals() []Code {
	var codes []Code
	for _, refusal := range []*Refusal{
		ErrNoMoment, ErrNoIdentity, ErrLevel, ErrNoStamper, ErrNoEvidence, ErrExpired, ErrNotYetValid, ErrWrongUsage,
		ErrWeakKey, ErrKeyKind, ErrKeyMismatch, ErrNothingSigned, ErrMidstate, ErrForeignValue, ErrSession, ErrNotExtension,
		ErrNotOneMore, errInvariant,
	} {
		codes = append(codes, Code{refusal.code, refusal.text})
	}
	for _, fault := range pdf.Faults() {
		codes = append(codes, Code{fault.Code(), fault.Error()})
	}
	return codes
}
