package api

// heirSentences are about offices that ended and those that go on with their work.
var heirSentences = map[string]sentence{
	"act.register.closed": {"Đã đóng sổ của cơ quan đã kết thúc", "A book of a closed office was closed"},
	"act.receipt.retargeted": {
		"Phản hồi được chuyển đến cơ quan giữ hồ sơ của cơ quan đã kết thúc",
		"The answer goes to who keeps the documents of the closed office",
	},
}
