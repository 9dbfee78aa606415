package exchange

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes text comparable for searching: lower case, without diacritics, đ as d, words parted by one space. What is
// neither letter nor digit parts words.
func Fold(text string) string {
	var folded strings.Builder
	gap := false
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && folded.Len() > 0 {
				folded.WriteByte(' ')
			}
			gap = false
			folded.WriteRune(plain(unicode.ToLower(r)))
		default:
			gap = true
		}
	}
	return folded.String()
}

func plain(r rune) rune {
	if r == 'đ' {
		return 'd'
	}
	return r
}

// SameName says whether two names of persons or offices are the same: letter case, spaces, the form of Unicode and
// where the tone mark stands ("hoà", "hòa") do not count; the tone itself does.
func SameName(a, b string) bool { return a != "" && (a == b || canonicalName(a) == canonicalName(b)) }

func canonicalName(name string) string {
	words := strings.Fields(strings.ToLower(norm.NFD.String(name)))
	for i, word := range words {
		var letters, tones strings.Builder
		for _, r := range word {
			if isTone(r) {
				tones.WriteRune(r)
			} else {
				letters.WriteRune(r)
			}
		}
		words[i] = letters.String() + tones.String()
	}
	return strings.Join(words, " ")
}

// sameOffice is SameName for offices, which are written in full on seals and abbreviated elsewhere.
func sameOffice(a, b string) bool { return a != "" && (a == b || abbreviated(a) == abbreviated(b)) }

// abbreviations are what offices are called in short, as canonical names.
var abbreviations = [][2]string{
	{canonicalName("Ủy ban nhân dân"), canonicalName("UBND")},
	{canonicalName("Hội đồng nhân dân"), canonicalName("HĐND")},
	{canonicalName("Thành phố"), canonicalName("TP")},
	{canonicalName("Thị trấn"), canonicalName("TT")},
}

var officePoints = strings.NewReplacer(".", " ", ",", " ")

func abbreviated(name string) string {
	name = canonicalName(officePoints.Replace(name))
	for _, pair := range abbreviations {
		name = strings.ReplaceAll(name, pair[0], pair[1])
	}
	return name
}

// isTone knows the five tone marks: grave, acute, tilde, hook above, dot below. The others change the vowel.
func isTone(r rune) bool {
	return r == '\u0300' || r == '\u0301' || r == '\u0303' || r == '\u0309' || r == '\u0323'
}
