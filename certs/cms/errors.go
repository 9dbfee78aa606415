package cms

import "errors"

// What can be wrong with a CMS object. Every error of this package wraps one of these; ask with errors.Is. One
// verification may report [ErrDigest] and [ErrSignature] together.
var (
	// ErrLimit means that the bytes are larger, deeper or more numerous than is parsed. Nothing was parsed.
	ErrLimit = errors.New("cms: beyond a limit")
	// ErrMalformed means that the bytes are not what they are taken for.
	ErrMalformed = errors.New("cms: malformed")
	// ErrDigest means that the content is not the content that was signed.
	ErrDigest = errors.New("cms: the content is not what was signed")
	// ErrSignature means that the signature value was not made with the certificate's key over these bytes.
	ErrSignature = errors.New("cms: the signature value is wrong")
	// ErrAttributes means that signed attributes are missing, doubled or contradict the rest.
	ErrAttributes = errors.New("cms: signed attributes are missing or contradictory")
	// ErrCertificate means that the certificate is absent or is not the one that the signer named.
	ErrCertificate = errors.New("cms: not the signer's certificate")
	// ErrUnsupported means that the key, the scheme or the hash is not known to this program: nothing was decided.
	ErrUnsupported = errors.New("cms: unsupported key or scheme")
	// ErrWeak means that the key or the hash is too weak to make new signatures with.
	ErrWeak = errors.New("cms: too weak to sign with")
)
