package signing

import (
	"slices"

	"congvan/signing/pdf"
)

// Code is a stable reason code of a report and what it means, in one line of English. Sentences for people are kept
// elsewhere, one for each code.
type Code struct {
	Code    string
	Meaning string
}

// The reason codes of this package. Those of certificates and revocation are package certs'.
const (
	codeUnreadable   = "signature.unreadable"
	codeTooLarge     = "signature.too_large"
	codeSigners      = "signature.not_one_signer"
	codeEnclosed     = "signature.content_enclosed"
	codeNotDER       = "signature.not_der"
	codeSubFilter    = "signature.unknown_sub_filter"
	codeShared       = "signature.shared_by_fields"
	codeReplaced     = "signature.dictionary_changed"
	codeRemoved      = "signature.removed"
	codeSorted       = "signature.attributes_sorted"
	codeAttributes   = "signature.attributes_contradict"
	codeNoAttributes = "signature.no_signed_attributes"
	codeDoubled      = "signature.attribute_doubled"
	codeNotDigest    = "signature.wrong_digest_identifier"
	codeUnbound      = "signature.certificate_not_bound"
	codeLegacy       = "signature.legacy_format"
	codeClaim        = "signature.claimed_time_after_proof"
	codeCounter      = "signature.counter_signature"

	codeHash         = "integrity.content_changed"
	codeValue        = "integrity.value_wrong"
	codeUnsupported  = "integrity.unsupported_algorithm"
	codeNoContent    = "integrity.content_missing"
	codeOtherContent = "integrity.other_content_given"

	codeRange      = "coverage.not_two_ranges"
	codeOutside    = "coverage.outside_file"
	codeGap        = "coverage.gap_is_not_contents"
	codeDelimiters = "coverage.delimiters_signed"
	codeNoRevision = "coverage.not_a_revision"
	codeOverlap    = "coverage.overlap"
	codeTrailing   = "coverage.trailing_data"

	codeNotReached = "signature.not_reached"

	codeForbidden      = "modification.forbidden"
	codeUnjudged       = "modification.not_judged"
	codeModifiedLTV    = "modification.ltv"
	codeModifiedForm   = "modification.form_fill"
	codeModifiedRemark = "modification.annotation"

	codeNoSigner    = "certificate.signer_missing"
	codeWrongSigner = "certificate.not_the_signed_one"
	codeWeak        = "weak_algorithm"

	codeRevoked       = "revocation.revoked"
	codeRevokedLater  = "revocation.revoked_later"
	codeOnHold        = "revocation.on_hold"
	codeIssuerRevoked = "revocation.issuer_revoked"
	codeIssuerUnknown = "revocation.issuer_unknown"
	codeNoStatus      = "revocation.not_checked"
	codeTooMuch       = "revocation.too_much_evidence"

	codeNoStamp      = "timestamp.none"
	codeStampForm    = "timestamp.unreadable"
	codeStampImprint = "timestamp.other_content"
	codeStampValue   = "timestamp.value_wrong"
	codeStampNoCert  = "timestamp.certificate_missing"
	codeStampTrust   = "timestamp.not_trusted"
	codeStampExpired = "timestamp.certificate_expired"
	codeStampRevoked = "timestamp.certificate_revoked"
	codeStampStatus  = "timestamp.revocation_unknown"
	codeStampWeak    = "timestamp.weak_algorithm"
	codeStampFuture  = "timestamp.from_future"
	codeStampOrder   = "timestamp.out_of_order"

	codeFileUnsupported  = "file.unsupported"
	codeFileTooLarge     = "file.too_large"
	codeFileUnreadable   = "file.unreadable"
	codeFileSignatures   = "file.too_many_signatures"
	codeFileRepaired     = "file.repaired"
	codeFileTrailing     = "file.trailing_data"
	codeFileEncrypted    = "file.encrypted"
	codeFileHybrid       = "file.hybrid"
	codeFileOrphan       = "file.orphan_signature"
	codeFileUsageRights  = "file.usage_rights"
	codeFileReplaced     = "file.superseded_signature"
	codeFileEmbedded     = "file.embedded_signature"
	codeFileStamp        = "file.bad_timestamp"
	codeFileCertificates = "file.certificates_only"
)

// Codes gives every reason code that a report of this package can hold, in a fixed order.
func Codes() []Code {
	all := slices.Concat(criterionCodes(), signatureCodes(), proofCodes(), fileCodes(), certificateCodes())
	for _, fault := range []*pdf.Fault{
		pdf.ErrNotPDF, pdf.ErrTruncated, pdf.ErrEncrypted, pdf.ErrDamagedXRef, pdf.ErrForward, pdf.ErrDamagedObject,
		pdf.ErrDamagedStream, pdf.ErrDamagedPages, pdf.ErrDamagedForm, pdf.ErrFilter, pdf.ErrTooLarge, pdf.ErrTooComplex,
		pdf.ErrNoRevision, pdf.ErrSignatureDict,
	} {
		all = append(all, Code{fault.Code(), "The PDF could not be examined: " + fault.Error() + "."})
	}
	all = append(all, Code{"pdf.unreadable", "The PDF could not be examined: it cannot be read."})
	return append(all, changeCodes()...)
}

// criterionCodes are the names of the six checks.
func criterionCodes() []Code {
	return []Code{
		{string(CheckValidity), "The certificate was valid at signing time."},
		{string(CheckStatus), "The certificate was not revoked at signing time, by OCSP or CRL."},
		{string(CheckAlgorithms), "Hash and key are of a kind and strength that is allowed."},
		{string(CheckPurpose), "The certificate is meant for this use, and its authorities may issue it."},
		{string(CheckSigner), "The signer is known to a trusted authority, and the signature was made by the signer's key."},
		{string(CheckDigest), "The content is the content that was signed."},
	}
}

// signatureCodes are about the signature itself, what it covers and what came after it.
func signatureCodes() []Code {
	return []Code{
		{codeUnreadable, "The signature is there but cannot be read."},
		{codeTooLarge, "The signature is larger or more deeply nested than is examined."},
		{codeSigners, "The signature in the document does not have exactly one signer."},
		{codeEnclosed, "A detached signature encloses content of its own."},
		{codeNotDER, "The signature is not encoded as the standard demands (BER instead of DER); harmless."},
		{codeSubFilter, "The kind of signature is missing or unknown."},
		{codeShared, "Several fields show one and the same signature."},
		{codeRemoved, "The signature was taken away from the document, and no later signature covers that."},
		{codeReplaced, "The description of the signature was replaced after signing."},
		{codeSorted, "The signed attributes were signed in another order than they were sent; harmless."},
		{codeAttributes, "Signed attributes are missing, doubled or contradict the rest of the signature."},
		{codeNoAttributes, "The signature has no signed attributes, so that it does not say who signed."},
		{codeDoubled, "A signed attribute that may be there once is there twice."},
		{codeNotDigest, "The signature names another algorithm where the hash of the content must be named."},
		{codeUnbound, "The signature does not name its certificate among what was signed (not AdES)."},
		{codeLegacy, "The signature uses a format that is no longer to be made."},
		{codeClaim, "The signer claims to have signed after the moment that a time stamp proves."},
		{codeNotReached, "This could not be checked, because the signature has a fault that comes before it."},
		{codeCounter, "This signature countersigns another signature, not the content."},

		{codeHash, "The content is not the content that was signed."},
		{codeValue, "The signature value was not made by the key of the certificate over this content."},
		{codeUnsupported, "The signature uses an algorithm that this program does not know."},
		{codeNoContent, "The signed file was not given together with its detached signature."},
		{codeOtherContent, "The signature encloses another content than the file that was given with it."},

		{codeRange, "The signature does not cover the file in two stretches from its first byte."},
		{codeOutside, "The signature claims to cover bytes beyond the file."},
		{codeGap, "The part of the file left out of the signature is not exactly the signature itself."},
		{codeDelimiters, "The signature also covers the brackets around itself; harmless."},
		{codeNoRevision, "The signature does not end where a state of the document ends."},
		{codeOverlap, "The signature contradicts another signature about what is covered."},
		{codeTrailing, "The file goes on after its end."},

		{codeForbidden, "The document was changed after signing in a way that the signature does not allow."},
		{codeUnjudged, "What was added after signing could not be judged."},
		{codeModifiedLTV, "Only evidence for long-term validity was added after signing."},
		{codeModifiedForm, "Fields were filled in or signed after signing; the signature allows that."},
		{codeModifiedRemark, "Remarks were added after signing; the signature allows that."},
	}
}

// proofCodes are about the certificate, its revocation and time stamps.
func proofCodes() []Code {
	return []Code{
		{codeNoSigner, "The signer's certificate is not in the file."},
		{codeWrongSigner, "The certificate is not the one that was bound by the signature."},
		{codeWeak, "An algorithm or key was too weak at the time of signing."},

		{codeRevoked, "The signer's certificate was revoked, and nothing proves that the signature is older."},
		{codeRevokedLater, "The signer's certificate was revoked after the signature was made."},
		{codeOnHold, "The signer's certificate was suspended."},
		{codeIssuerRevoked, "The certificate of an authority above the signer was revoked."},
		{codeIssuerUnknown, "Nothing is known of the revocation of an authority above the signer."},
		{codeNoStatus, "Whether the signer's certificate was revoked is not known."},
		{codeTooMuch, "The document carries more evidence of revocation than is examined."},

		{codeNoStamp, "No trusted time stamp proves when the signature was made."},
		{codeStampForm, "A time stamp cannot be read."},
		{codeStampImprint, "A time stamp was made over something else."},
		{codeStampValue, "A time stamp's own signature is wrong."},
		{codeStampNoCert, "The certificate of a time-stamping authority is missing."},
		{codeStampTrust, "A time-stamping authority is not trusted."},
		{codeStampExpired, "A time-stamping authority's certificate has expired; nothing proves the time stamp older."},
		{codeStampRevoked, "The certificate of a time-stamping authority was revoked."},
		{codeStampStatus, "Whether the certificate of a time-stamping authority was revoked is not known."},
		{codeStampWeak, "A time stamp rests on an algorithm that is no longer relied upon."},
		{codeStampFuture, "A time stamp is from after the moment of judging."},
		{codeStampOrder, "Time stamps contradict one another about what was first."},
	}
}

// fileCodes are about the file as a whole, and about what a second engine says of it.
func fileCodes() []Code {
	return []Code{
		{codeFileUnsupported, "The file is neither a PDF nor a signature file."},
		{codeFileTooLarge, "The file is larger than is examined."},
		{codeFileUnreadable, "The file is damaged so that its signatures cannot be found."},
		{codeFileSignatures, "The file has more signatures than are examined."},
		{codeFileRepaired, "The structure of the file is damaged; readers may show it differently."},
		{codeFileTrailing, "The file goes on after its end."},
		{codeFileEncrypted, "The file is encrypted; what was added after signing cannot be judged in full."},
		{codeFileHybrid, "The file carries two tables of contents; old and new readers may show it differently."},
		{codeFileOrphan, "The file holds something like a signature that no signature field names."},
		{codeFileUsageRights, "The file grants rights to a reader program; that is no signature."},
		{codeFileReplaced, "The file holds an earlier signature that a later state of the document took away."},
		{codeFileEmbedded, "The file holds another signed file inside it."},
		{codeFileStamp, "A time stamp over the document is broken."},
		{codeFileCertificates, "The file holds certificates only, no signature."},

		{opinionRefused, "The second engine was not asked, because the file could kill it."},
		{opinionPanicked, "The second engine broke down on the file."},
		{opinionError, "The second engine gave up on the file."},
		{opinionMisses, "The second engine does not see a signature that is there."},
		{opinionAccepts, "The second engine accepts a signature that has failed."},
		{opinionRejects, "The second engine rejects a signature whose value holds."},
	}
}
