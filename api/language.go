package api

import (
	"strconv"
	"strings"
)

// Lang is a language that people are spoken to in.
type Lang string

// The languages. Vietnamese is spoken unless English is asked for.
const (
	Vietnamese Lang = "vi"
	English    Lang = "en"
)

// Language gives the language that an Accept-Language header (RFC 9110, 12.5.4) asks for: the one of ours with the
// highest weight, and Vietnamese when none of ours is named.
func Language(accept string) Lang {
	best, weight := Vietnamese, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, parameters, _ := strings.Cut(part, ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		lang := Lang(primary)
		if primary == "*" {
			lang = Vietnamese
		}
		if lang != Vietnamese && lang != English {
			continue
		}
		if q := quality(parameters); q > weight {
			best, weight = lang, q
		}
	}
	return best
}

// quality reads "q=0.8"; without it the weight is 1, and what cannot be read weighs nothing.
func quality(parameters string) float64 {
	value, found := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
	if !found {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}
