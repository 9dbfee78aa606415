package certs

// The stable codes of [Standing]: why a certificate may not be relied upon.
const (
	ReasonUnreadable       = "certificate.unreadable"
	ReasonNoAnchor         = "certificate.no_anchor"
	ReasonChainBroken      = "certificate.chain_broken"
	ReasonTooComplex       = "certificate.too_complex"
	ReasonExpired          = "certificate.expired"
	ReasonNotYetValid      = "certificate.not_yet_valid"
	ReasonExpiredIssuer    = "certificate.expired_issuer"
	ReasonIssuerNotYet     = "certificate.issuer_not_yet_valid"
	ReasonAnchorNotInForce = "certificate.anchor_not_in_force"
	ReasonWrongUsage       = "certificate.wrong_usage"
	ReasonWeakAlgorithm    = "certificate.weak_algorithm" // a reason for MD5, a note for SHA-1 and short keys
	ReasonNotAuthority     = "certificate.not_authority"
	ReasonPathTooLong      = "certificate.path_too_long"
	ReasonNameConstraint   = "certificate.name_constraint"
	ReasonUnknownExtension = "certificate.unknown_extension"
)

// The stable codes of [Revocation]: why nothing is known of a certificate's revocation.
const (
	RevocationMissing         = "revocation.missing"     // no evidence that speaks of the certificate was given
	RevocationOffline         = "revocation.offline"     // nobody who knows could be reached
	RevocationNoSource        = "revocation.no_source"   // the certificate names nobody to ask
	RevocationUnreadable      = "revocation.unreadable"  // damaged, too large, or of a kind this program cannot read
	RevocationRefused         = "revocation.refused"     // the responder answered with an error
	RevocationUnknown         = "revocation.unknown"     // the responder does not know the certificate
	RevocationNotCovered      = "revocation.not_covered" // the evidence speaks of other certificates
	RevocationWrongIssuer     = "revocation.wrong_issuer"
	RevocationBadSignature    = "revocation.bad_signature"
	RevocationUnauthorised    = "revocation.responder_unauthorised"
	RevocationStale           = "revocation.stale"
	RevocationFromFuture      = "revocation.from_future"
	RevocationAfterExpiry     = "revocation.after_expiry" // issuers may forget certificates that have expired
	RevocationOutsideIssuer   = "revocation.outside_issuer_validity"
	RevocationExtension       = "revocation.unknown_extension"
	RevocationDelta           = "revocation.delta_list"
	RevocationIndirect        = "revocation.indirect_list"
	RevocationWeakAlgorithm   = "revocation.weak_algorithm"     // a note: SHA-1
	RevocationResponderNotice = "revocation.responder_unproved" // a note: the responder's own status must be known
)
