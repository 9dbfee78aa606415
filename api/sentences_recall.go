package api

// recallSentences are about what is done after sending: take back, answer, replace.
var recallSentences = map[string]sentence{
	"recall.reason": {
		"Lý do phải có từ 10 đến 500 ký tự, vì nơi nhận sẽ đọc lý do này. Hãy ghi lý do rồi gửi lại.",
		"The reason needs 10 to 500 characters, because the other side reads it. Write it and send again.",
	},
	"recall.not_recipient": {
		"Văn bản không gửi cho cơ quan này nên không thể lấy lại. Hãy chọn trong số nơi nhận của văn bản.",
		"The document was not sent to this office. Choose among its recipients.",
	},
	"recall.no_way": {
		"Hiện không có cổng nào nhận thay cho các cơ quan này. Hãy báo cho nơi nhận bằng công văn hoặc điện thoại.",
		"No gateway receives for these offices today. Tell the receivers by letter or telephone.",
	},
	"recall.not_asked": {
		"Cơ quan gửi không yêu cầu lấy lại văn bản này nên không có gì để trả lời. Hãy tải lại trang.",
		"The sender does not ask for this document, so there is nothing to answer. Load the page again.",
	},
	"recall.not_its_document": {
		"Yêu cầu lấy lại không do cơ quan ban hành văn bản gửi nên không có hiệu lực. Hãy báo cho người quản trị.",
		"The recall does not come from the office that issued the document and has no effect. Tell the administrator.",
	},
	"recall.withdrawn_unseen": {
		"Đã rút khỏi nơi nhận trước khi có người xem. Không cần làm gì thêm.",
		"Withdrawn before anybody there had seen it. Nothing is left to do.",
	},
	"recall.returned_before": {
		"Nơi nhận đã trả lại văn bản trước đó. Không cần làm gì thêm.",
		"The receiver had returned the document before. Nothing is left to do.",
	},
	"arrival.withdrawn": {
		"Cơ quan gửi đã thu hồi văn bản này trước khi có người xem, nên không thể mở. Hãy chờ văn bản mới của họ.",
		"The sender withdrew this document before anybody had seen it, so it cannot be opened. Wait for their new one.",
	},
	"arrival.recalled": {
		"Văn bản này đã trả lại cho cơ quan gửi: không thể sao, lưu hay xử lý tiếp. Hãy chờ văn bản mới của họ.",
		"This document was given back to its sender: it cannot be copied, filed or worked on. Wait for their new one.",
	},
	"arrival.recall_pending": {
		"Cơ quan gửi đang yêu cầu lấy lại văn bản này. Hãy đồng ý hoặc từ chối trước, rồi làm tiếp.",
		"The sender asks for this document back. Agree or refuse first, then go on.",
	},
	"draft.replaces": {
		"Chỉ thay thế được văn bản cùng loại mà cơ quan mình đã ban hành, tối đa 20 văn bản. Hãy kiểm tra lại.",
		"Only documents of the same kind that your office has issued can be replaced, at most 20. Check them again.",
	},
	"act.arrival.shown":            {"Đã hiển thị cho người của cơ quan lần đầu", "Shown for the first time"},
	"act.arrival.withdrawn":        {"Bị thu hồi trước khi có người xem", "Withdrawn before anybody had seen it"},
	"act.arrival.recall_requested": {"Cơ quan gửi yêu cầu lấy lại", "The sender asks for it back"},
	"act.arrival.recalled":         {"Đã đồng ý trả lại", "Given back"},
	"act.arrival.recall_refused":   {"Đã từ chối trả lại", "Refused to give it back"},
	"act.document.recalled":        {"Đã yêu cầu lấy lại", "Asked for it back"},
	"act.recall.early":             {"Yêu cầu lấy lại đến trước văn bản", "A recall came before its document"},
	"act.receipt.other":            {"Mã trạng thái khác", "Another status"},
}
