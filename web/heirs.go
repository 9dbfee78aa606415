package web

import (
	"congvan/api"
	"congvan/exchange"
)

// ended says what has become of the offices between which a document went, where one has ended: the recipient to which
// it was addressed, the one at which it is kept, and the one that issued it, whose signatures stay valid.
func (v *documentView) ended(s *Screens, lang api.Lang, arrival exchange.Arrival) {
	directory, now := s.config.Gateway.Directory(), exchange.Today(s.config.Gateway.Now())
	addressed := arrival.InheritedFrom()
	if office, err := directory.Office(arrival.Office); err == nil && addressed == "" && office.Ended(now) {
		addressed = arrival.Office
	}
	if addressed != "" {
		v.Notices = append(v.Notices, noticeView{
			Text: word(lang, "inherited"), Reason: directory.NameOf(addressed, exchange.Today(arrival.Header.IssuedAt)),
			Class: "waiting",
		})
	}
	issuer, err := directory.Office(arrival.Header.From)
	if err == nil && issuer.Exists.To != "" && issuer.Exists.To < now {
		v.addFact(word(lang, "issuer_ended"), issuer.Exists.To.Long())
	}
}
