package api

// heirSentences are about offices that ended and those that go on with their work.
var heirSentences = map[string]sentence{
	"act.document.recipients_added": {"Bổ sung nơi nhận", "Recipients were added"},
	"act.document.readdressed":      {"Gửi cho cơ quan khác thay nơi nhận cũ", "Sent to others in the place of one"},
	"readdress.reason": {
		"Lý do cần từ 10 đến 500 ký tự, hoặc để trống. Hãy viết lại.",
		"The reason must have 10 to 500 characters, or be left out. Write it again.",
	},
	"readdress.not_recipient": {
		"Cơ quan được thay không phải là nơi nhận của văn bản này. Hãy chọn trong danh sách nơi nhận.",
		"The office in whose place it is to go is no recipient of this document. Choose one of its recipients.",
	},
	"readdress.not_needed": {
		"Văn bản đã hoặc đang được chuyển đến nơi nhận này, chưa bị từ chối. Muốn gửi thêm, hãy dùng Bổ sung nơi nhận.",
		"The document has reached this recipient or is on its way, and was not refused. Add the office as a further one.",
	},
	"explain.readdressed": {"đã gửi thay cho: %s", "it went instead to: %s"},
	"act.register.closed": {"Đã đóng sổ của cơ quan đã kết thúc", "A book of a closed office was closed"},
	"act.receipt.retargeted": {
		"Phản hồi được chuyển đến cơ quan giữ hồ sơ của cơ quan đã kết thúc",
		"The answer goes to who keeps the documents of the closed office",
	},
}
