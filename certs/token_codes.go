package certs

import "errors"

// keyCodes gives the stable code of every error of keys that live elsewhere; see [codes].
var keyCodes = []struct {
	err  error
	code string
}{
	{ErrNoTokenSupport, "token.unsupported"},
	{ErrTokenURI, "token.bad_address"},
	{ErrTokenModule, "token.module"},
	{ErrTokenAbsent, "token.absent"},
	{ErrTokenAmbiguous, "token.ambiguous"},
	{ErrTokenPIN, "token.wrong_pin"},
	{ErrTokenLocked, "token.pin_locked"},
	{ErrTokenGone, "token.gone"},
	{ErrTokenFault, "token.fault"},
	{ErrSignatureValue, "key.wrong_signature"},
	{ErrRemoteURI, "remote.bad_address"},
	{ErrRemoteLogin, "remote.login"},
	{ErrRemoteCredential, "remote.credential"},
	{ErrRemoteMode, "remote.mode"},
	{ErrRemoteAlgorithm, "remote.algorithm"},
	{ErrRemoteUnauthorised, "remote.unauthorised"},
	{ErrRemoteRefused, "remote.refused"},
	{ErrRemoteUnconfirmed, "remote.unconfirmed"},
	{ErrRemoteUnavailable, "remote.unavailable"},
	{ErrRemoteAnswer, "remote.unusable_answer"},
}

// KeyCode gives the stable code of an error of a token or a remote signing service; empty for other errors.
func KeyCode(err error) string {
	for _, known := range keyCodes {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return ""
}

// KeyCodes lists every code that [KeyCode] gives.
func KeyCodes() []string {
	all := make([]string, 0, len(keyCodes))
	for _, known := range keyCodes {
		all = append(all, known.code)
	}
	return all
}
