package web

import (
	"fmt"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/expiry"
)

// ending says which certificates of the office end soon, or have ended, which keys cannot be reached, and what to do.
func (s *Screens) ending(lang api.Lang, office exchange.OfficeID) []string {
	var lines []string
	now := s.config.Gateway.Now()
	for _, each := range expiry.Concerning(office, s.config.Expiries(), now) {
		code := each.Warning(now)
		if each.Fault != "" {
			lines = append(lines, fmt.Sprintf("%s «%s»: %s", word(lang, "key_away"), each.Name, api.Sentence(code, lang)))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s «%s», %s: %s", word(lang, "ending_"+string(each.What)), each.Name,
			exchange.InVietnam(each.Until).Format("02/01/2006"), api.Sentence(code, lang)))
	}
	return lines
}
