package signing

import (
	"time"

	"congvan/signing/pdf"
)

// Picture is an image that signatures show, made ready once by NewPicture. It never changes and may be used by several
// goroutines and for any number of signatures.
type Picture = pdf.Picture

// NewPicture reads a PNG, transparency kept, or a JPEG, whose bytes are kept and must not be changed. What is neither
// is refused with the code pdf.image_unreadable.
func NewPicture(data []byte) (*Picture, error) { return pdf.NewPicture(data) }

// SealOver is where a seal of the given size in millimetres goes: over the left third of the leader's signature
// image, at half its height (Decree 30/2020, Annex I). A seal is shown in its real size, never scaled to fit.
func SealOver(signature Appearance, diameter float64, seal *Picture) Appearance {
	third := signature.Width / 3
	placed := Appearance{
		Page: signature.Page, FromTopRight: signature.FromTopRight,
		X: signature.X + third - diameter, Y: signature.Y + (signature.Height-diameter)/2,
		Width: diameter, Height: diameter, Image: seal,
	}
	if signature.FromTopRight {
		placed.X = signature.X + signature.Width - third
	}
	placed.X, placed.Y = max(0, placed.X), max(0, placed.Y)
	return placed
}

// ShownTime is the time of signing as it is written on copies and on appendices in files of their own (Decree 30/2020,
// Annex I): day, month and year; hours, minutes and seconds; zone of ISO 8601, the one that the moment carries.
func ShownTime(at time.Time) string { return at.Format("02 01 2006; 15:04:05; -07:00") }
