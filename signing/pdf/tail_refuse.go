package pdf

// The faults for which a document is not extended; use errors.Is. Nothing has been written when they come back.
var (
	ErrSize            = &Fault{"pdf.too_large_to_extend", "the file is too large for its kind of cross-reference"}
	ErrRepaired        = &Fault{"pdf.damaged", "the file is damaged and cannot be extended safely"}
	ErrCertified       = &Fault{"pdf.certified_no_changes", "a certification signature forbids this change"}
	ErrCertifyNotFirst = &Fault{"pdf.certify_not_first", "only the first signature may certify a document"}
	ErrFieldLocked     = &Fault{"pdf.field_locked", "an earlier signature has locked this field"}
	ErrNoField         = &Fault{"pdf.no_such_field", "the document has no such field"}
	ErrFieldSigned     = &Fault{"pdf.field_already_signed", "the signature field is already signed"}
	ErrFieldKind       = &Fault{"pdf.field_of_another_kind", "the field is of another kind"}
	ErrFieldName       = &Fault{"pdf.field_name", "a new field cannot have this name"}
	ErrFieldValue      = &Fault{"pdf.field_value", "the field cannot hold this value"}
	ErrSeedValue       = &Fault{"pdf.seed_value", "the field demands another kind of signature"}
	ErrOutsidePage     = &Fault{"pdf.outside_page", "the appearance does not lie on the page"}
	ErrFontLacks       = &Fault{"pdf.font_lacks_character", "the font has no such character"}
	ErrTextTooLong     = &Fault{"pdf.text_does_not_fit", "the text does not fit into its box"}
	ErrImage           = &Fault{"pdf.image_unreadable", "the image is neither PNG nor JPEG, or too large"}
	ErrRoom            = &Fault{"pdf.no_room", "the signature is larger than the room reserved for it"}
	ErrAlreadySigned   = &Fault{"pdf.already_signed", "the document is already signed"}
	ErrNothingToExtend = &Fault{"pdf.nothing_to_extend", "there is nothing to add to the document"}
)

// Faults are all the faults of this package, in a fixed order.
func Faults() []*Fault {
	return []*Fault{
		ErrNotPDF, ErrTruncated, ErrEncrypted, ErrDamagedXRef, ErrForward, ErrDamagedObject, ErrDamagedStream,
		ErrDamagedPages, ErrDamagedForm, ErrFilter, ErrTooLarge, ErrTooComplex, ErrNoRevision, ErrNoPage, ErrSignatureDict,
		errUnexpectedPanic,
		ErrSize, ErrRepaired, ErrCertified, ErrCertifyNotFirst, ErrFieldLocked, ErrNoField, ErrFieldSigned, ErrFieldKind,
		ErrFieldName, ErrFieldValue, ErrSeedValue, ErrOutsidePage, ErrFontLacks, ErrTextTooLong, ErrImage, ErrRoom,
		ErrAlreadySigned, ErrNothingToExtend,
	}
}
