package api

// transferSentences are about what was open at an office that ended and goes over to who goes on with its work.
var transferSentences = map[string]sentence{
	"act.arrival.inherited": {
		"Cơ quan kế thừa tiếp tục xử lý văn bản còn dở", "The heir goes on with what was open",
	},
}
