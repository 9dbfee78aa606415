package api

// answerSentences are about what gateways answer each other for a document.
var answerSentences = map[string]sentence{
	"message.clash": {
		"Cổng nhận đã có một văn bản khác mang đúng mã này nên từ chối bản vừa gửi. Gửi lại sẽ không được: hãy xuất hồ sơ " +
			"bằng chứng và báo cho người quản trị.",
		"The receiving gateway already has another document with the same id and refused this one. Sending again will " +
			"not help: export the evidence and tell the administrator.",
	},
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
	"act.delivery.held": {
		"Cổng nhận chờ văn bản đi trước, sẽ gửi lại",
		"The receiving gateway waits for the document before this one; it is tried again",
	},
	"act.arrival.without_predecessor": {
		"Đến mà chưa có văn bản đi trước (văn bản được trả lời hoặc bị thay thế)",
		"Came without the document before it (which it answers or replaces)",
	},
	"arrival.lacking": {
		"Văn bản mà văn bản này trả lời hoặc thay thế chưa đến cơ quan. Hãy chờ đọc cả hai rồi mới xử lý; nếu gấp, hãy " +
			"đề nghị nơi gửi gửi lại văn bản kia. Khi văn bản kia đến, thông báo này tự hết.",
		"What this document answers or replaces has not come to the office yet. Wait to read both before acting on it; " +
			"if it is urgent, ask the sender to send the other one again. This notice ends when the other has come.",
	},
	"explain.held": {
		"Cổng %s đang chờ văn bản đi trước (văn bản được trả lời hoặc bị thay thế) đến nơi. Văn bản này sẽ tự được gửi lại " +
			"ngay sau đó; chậm nhất 15 phút sau khi ban hành, nơi nhận vẫn nhận và được báo là văn bản kia chưa đến.",
		"Gateway %s waits for the document before this one (which it answers or replaces). This one is sent again by " +
			"itself right after. 15 minutes after it was issued at the latest it is taken, and marked as come without " +
			"the other.",
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
	"explain.refused_because": {
		"Cổng kia từ chối và nêu lý do: «%s».", "The other gateway refused and says: “%s”.",
	},
	"explain.refused_proved": {
		"Có bằng chứng: cổng %s đã ký xác nhận từ chối lúc %s.",
		"Proved: gateway %s has signed that it refused, at %s.",
	},
	"explain.refused_on_way": {
		"Có bằng chứng: cổng trung chuyển %s đã ký xác nhận không chuyển tiếp được lúc %s.",
		"Proved: gateway %s on the way has signed that it could not pass it on, at %s.",
	},
	"explain.refused_unproved": {
		"Không có bằng chứng: cổng %s từ chối, ghi nhận lúc %s, nhưng không ký xác nhận.",
		"Not proved: gateway %s refused, as noted at %s, but has not signed that it did.",
	},
}
