package web

import (
	"fmt"

	"congvan/api"
	"congvan/exchange"
)

// ending says which certificates of the office end soon, or have ended, which keys cannot be reached, and what to do.
func (s *Screens) ending(lang api.Lang, office exchange.OfficeID) []string {
	var lines []string
	for _, each := range s.config.Gateway.Ending(office) {
		code := each.Warning(s.config.Gateway.Now())
		if each.Fault != "" {
			lines = append(lines, fmt.Sprintf("%s «%s»: %s", word(lang, "ending_"+string(each.What)), each.Name,
				api.Sentence(code, lang)))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s «%s», %s: %s", word(lang, "ending_"+string(each.What)), each.Name,
			exchange.InVietnam(each.Until).Format("02/01/2006"), api.Sentence(code, lang)))
	}
	return lines
}
