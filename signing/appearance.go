package signing

import "time"

// SealOver is where a seal of the given size in millimetres goes: over the left third of the leader's signature
// image, at half its height (Decree 30/2020, Annex I). A seal is shown in its real size, never scaled to fit.
func SealOver(signature Appearance, diameter float64, seal []byte) Appearance {
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
