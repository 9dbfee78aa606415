package api

import (
	"fmt"
	"strings"
	"time"

	"congvan/exchange"
	"congvan/exchange/remind"
)

// blank is what the clerk fills in: nothing is invented.
const blank = "……/……/………"

// Urging (công văn đôn đốc) is a draft that urges those who have not answered by the day. Empty when nobody is late.
func Urging(standing remind.Standing, directory *exchange.Directory, now time.Time) string {
	clock, late := lateClock(standing, remind.Answers, now)
	if !late {
		return ""
	}
	today := exchange.Today(now)
	var to []string
	for _, office := range clock.Waiting {
		to = append(to, "- "+directory.NameOf(office, today))
	}
	return fmt.Sprintf("Kính gửi:\n%s\n\n%s đã gửi văn bản số %s (trích yếu: %s), hạn trả lời %s. "+
		"Đến nay, %s chưa nhận được văn bản trả lời của quý cơ quan.\n\n"+
		"Đề nghị quý cơ quan khẩn trương gửi văn bản trả lời trước ngày %s; nếu có khó khăn, vướng mắc, "+
		"đề nghị nêu rõ lý do và dự kiến ngày trả lời.\n",
		strings.Join(to, "\n"), directory.NameOf(standing.From, today), standing.Number, standing.Title, day(clock.Due),
		directory.NameOf(standing.From, today), blank)
}

// Apology (thư xin lỗi và hẹn lại ngày) is a draft to the office whose document was not answered by the day. Empty when
// the answer is not late.
func Apology(standing remind.Standing, directory *exchange.Directory, now time.Time) string {
	clock, late := lateClock(standing, remind.Answer, now)
	if !late {
		return ""
	}
	today := exchange.Today(now)
	return fmt.Sprintf("THƯ XIN LỖI VÀ HẸN LẠI NGÀY TRẢ LỜI\n\nKính gửi: %s\n\n"+
		"%s đã nhận văn bản số %s (trích yếu: %s), hạn trả lời %s. Đến nay chúng tôi chưa trả lời được, "+
		"vì lý do: ………………………………\n\n"+
		"%s xin lỗi quý cơ quan về sự chậm trễ này và hẹn trả lời vào ngày %s.\n",
		directory.NameOf(standing.From, today), directory.NameOf(clock.Office, today), standing.Number, standing.Title,
		day(clock.Due), directory.NameOf(clock.Office, today), blank)
}

func lateClock(standing remind.Standing, duty remind.Duty, now time.Time) (remind.Clock, bool) {
	for _, clock := range standing.Clocks {
		if clock.Duty == duty && clock.Runs() && clock.Outcome(now) == remind.Overdue {
			return clock, true
		}
	}
	return remind.Clock{}, false
}

func day(at time.Time) string { return exchange.Today(at).Long() }
