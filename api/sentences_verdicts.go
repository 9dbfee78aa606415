package api

// answerSentences are about what gateways answer each other for a document.
var answerSentences = map[string]sentence{
	"peer.refused_unsigned": {
		"Cổng nhận từ chối suốt một ngày mà không ký xác nhận, nên không có gì chứng minh. Hãy đề nghị người quản trị " +
			"cổng đó nâng cấp phần mềm, rồi gửi lại.",
		"The receiving gateway has refused for a whole day without signing that it did, which proves nothing. Ask its " +
			"administrator to bring it up to date, and send again.",
	},
	"evidence.two_answers": {
		"Một cổng đã ký cả việc từ chối lẫn việc nhận cùng một văn bản: cổng đó nói sai sự thật. Hãy giữ tệp này " +
			"và báo cho người quản trị.",
		"A gateway has signed both that it refused a document and that it took it: it has lied. Keep this file " +
			"and tell the administrator.",
	},
	"act.receipt.contradiction": {
		"Cảnh báo: một cổng đưa ra hai xác nhận trái ngược nhau",
		"Alarm: a gateway has signed two statements that contradict each other",
	},
	"explain.contradicted": {
		"Cảnh báo: cổng nhận vừa ký là đã từ chối, vừa ký là đã nhận. Hãy xuất hồ sơ bằng chứng " +
			"và báo cho người quản trị.",
		"Alarm: the receiving gateway has signed both that it refused and that it took the document. Export the " +
			"evidence and tell the administrator.",
	},
	"explain.refused_proved": {
		"Cổng %s đã ký xác nhận từ chối lúc %s.",
		"Gateway %s has signed that it refused, at %s.",
	},
}
