package pdf

import (
	"errors"
	"fmt"
)

// Fault is a kind of failure that callers can act on. Its code is stable and has a sentence for people elsewhere.
type Fault struct{ code, text string }

// Error says in English what is wrong.
func (f *Fault) Error() string { return f.text }

// Code is the stable code of the fault, such as pdf.damaged_xref.
func (f *Fault) Code() string { return f.code }

// The faults of this package; use errors.Is. Errors of the reader below are wrapped as they are.
var (
	ErrNotPDF          = &Fault{"pdf.not_a_pdf", "not a PDF file"}
	ErrTruncated       = &Fault{"pdf.truncated", "the file ends too early"}
	ErrEncrypted       = &Fault{"pdf.encrypted", "the file is encrypted"}
	ErrDamagedXRef     = &Fault{"pdf.damaged_xref", "the cross-reference data is damaged"}
	ErrForward         = &Fault{"pdf.forward_reference", "a revision refers to bytes that come after it"}
	ErrDamagedObject   = &Fault{"pdf.damaged_object", "an object is damaged"}
	ErrDamagedStream   = &Fault{"pdf.damaged_stream", "a stream is damaged"}
	ErrDamagedPages    = &Fault{"pdf.damaged_pages", "the page tree is damaged"}
	ErrDamagedForm     = &Fault{"pdf.damaged_form", "the form is damaged"}
	ErrFilter          = &Fault{"pdf.unsupported_filter", "a stream filter is not supported"}
	ErrTooLarge        = &Fault{"pdf.too_large", "the file is larger than the limit"}
	ErrTooComplex      = &Fault{"pdf.too_complex", "the file goes beyond the limits of this reader"}
	ErrNoRevision      = &Fault{"pdf.no_revision", "no revision of the document ends there"}
	ErrNoPage          = &Fault{"pdf.no_page", "the document has no such page"}
	ErrSignatureDict   = &Fault{"pdf.damaged_signature", "a signature dictionary is damaged"}
	errUnexpectedPanic = &Fault{"pdf.unreadable", "the file cannot be read"}
)

// Code is the stable code of the fault inside err, or empty when err is nil or comes from the reader below.
func Code(err error) string {
	var fault *Fault
	if errors.As(err, &fault) {
		return fault.code
	}
	return ""
}

// caught turns a panic into an error: the last resort at the edge of the package, for foreign bytes only.
func caught(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("%w: %v", errUnexpectedPanic, cause)
	}
}
