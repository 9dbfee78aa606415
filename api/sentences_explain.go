package api

// explainSentences tell where a document is; their verbs are those of fmt.
var explainSentences = map[string]sentence{
	"explain.step.submitted": {
		"Văn bản đã trình, đang chờ người có thẩm quyền ký.",
		"The document was handed in and waits for the signature of the competent person.",
	},
	"explain.step.signed": {
		"Người có thẩm quyền đã ký; đang chờ văn thư cấp số và đóng dấu.",
		"It is signed, and waits for the clerk to number and seal it.",
	},
	"explain.step.numbered": {
		"Văn bản đã có số, đang chờ đóng dấu; nếu lần đóng dấu trước bị gián đoạn, hãy bấm đóng dấu lại, số giữ nguyên.",
		"It has its number and waits for the seal; if sealing was interrupted, seal again: the number stays.",
	},
	"explain.step.sealed": {
		"Văn bản đã đóng dấu, đang chờ văn thư ban hành và gửi.",
		"It is sealed and waits for the clerk to issue it.",
	},
	"explain.parked": {
		"Không chuyển được: %s Cần người xem; khi đã khắc phục, hãy bấm «Gửi lại».",
		"It does not get through: %s Somebody must look; send again when it is mended.",
	},
	"explain.carried": {
		"Văn bản đang ở cổng chuyển tiếp và sẽ tự đi tiếp; chưa cần làm gì.",
		"It is at a gateway on the way and goes on by itself; nothing is to be done.",
	},
	"explain.arrived": {
		"Văn thư nơi nhận chưa xử lý; nếu gấp, hãy gọi nơi nhận.",
		"The clerk there has not decided yet; call them if it is urgent.",
	},
	"explain.brought": {
		"Đã giao cho cổng %s lúc %s, đang chờ phản hồi.",
		"Brought to the gateway %s at %s; its receipt is awaited.",
	},
	"explain.away": {
		"Đang chờ vì không liên lạc được cổng %s từ %s (đã thử %d lần), thử lại lúc %s; %s lượt đang xếp hàng. " +
			"Lý do gần nhất: %s Văn bản không mất và không hết hạn chờ.",
		"It waits, because the gateway %s cannot be reached since %s (%d attempts), next at %s; deliveries waiting: %s. " +
			"Last reason: %s Nothing is lost and nothing expires.",
	},
	"explain.queued": {
		"Đang xếp hàng gửi đến cổng %s từ %s; %s lượt trong hàng.",
		"It is queued for the gateway %s since %s; deliveries waiting: %s.",
	},
	"explain.at":     {"lúc %s", "at %s"},
	"explain.number": {"số đến %d", "incoming number %d"},
}
