package exchange

import (
	"errors"
	"fmt"
)

// ErrorKind says what the caller can do about an error. There are seven; only Unavailable is worth trying again.
type ErrorKind string

// The kinds of error.
const (
	Internal    ErrorKind = "internal"    // ours; the log has the cause
	Invalid     ErrorKind = "invalid"     // wrong and will stay wrong: change the request
	Denied      ErrorKind = "denied"      // ask for the right
	NotFound    ErrorKind = "not_found"   // there is none, or not yours to see
	Conflict    ErrorKind = "conflict"    // was right once: read again
	Untrusted   ErrorKind = "untrusted"   // a signature does not pass: look at the reasons
	Unavailable ErrorKind = "unavailable" // try again later
)

// Error is an error that a person or another system can act on.
type Error struct {
	Kind ErrorKind
	Code string // stable, such as document.number_taken; each has a sentence in the catalogue
	Err  error  // the cause, for the log only; may be nil
}

// Error gives the code and the cause, for logs. People are shown the sentence of the code.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Code
	}
	return e.Code + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error whose cause is formatted like fmt.Errorf, with %w.
func Errorf(kind ErrorKind, code, format string, args ...any) error {
	return &Error{Kind: kind, Code: code, Err: fmt.Errorf(format, args...)}
}

// KindOf gives the kind of the first Error in err's chain, and Internal when there is none.
func KindOf(err error) ErrorKind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// CodeOf gives the code of the first Error in err's chain, and "internal" when there is none.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return "internal"
}
