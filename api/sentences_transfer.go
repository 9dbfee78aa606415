package api

// transferSentences are about what was open at an office that ended and goes over to who goes on with its work.
var transferSentences = map[string]sentence{
	"act.arrival.inherited": {
		"Cơ quan kế thừa tiếp tục xử lý văn bản còn dở", "The heir goes on with what was open",
	},
	"act.arrival.transferred": {
		"Đã chuyển giao văn bản còn dở đến cổng của cơ quan kế thừa", "Handed on to the gateway of the heir",
	},
	"act.arrival.taken_over": {
		"Cơ quan kế thừa ở cổng khác đã nhận văn bản còn dở", "The heir at another gateway has taken over what was open",
	},
	"transfer.not_heir": {
		"Cổng được chuyển giao không phục vụ cơ quan kế thừa theo danh bạ của nó. Hãy đồng bộ danh bạ của cổng đó; " +
			"văn bản vẫn ở cổng cũ và sẽ tự chuyển lại.",
		"The gateway does not serve the heir by its directory. Bring its directory up to date; the document " +
			"stays where it is and is handed on again by itself.",
	},
	"explain.handed": {
		"Nơi nhận đã kết thúc hoạt động; hiện %s giữ văn bản, tại cổng %s, từ %s. Ở đó: %s.",
		"The recipient has ended; %s holds the document now, at the gateway %s, since %s. There: %s.",
	},
}
