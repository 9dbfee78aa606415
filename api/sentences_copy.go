package api

// copySentences are about copies: sao y, sao lục, trích sao.
var copySentences = map[string]sentence{
	"copy.form": {
		"Hình thức sao không có. Hãy chọn SY (sao y), SL (sao lục) hoặc TS (trích sao).",
		"There is no such form of copy. Choose SY (sao y), SL (sao lục) or TS (trích sao).",
	},
	"copy.excerpt": {
		"Trích sao phải kèm tệp PDF của phần được trích; các hình thức sao khác thì không. Hãy sửa rồi gửi lại.",
		"An excerpt, and no other form of copy, comes with the excerpted part as PDF. Correct it and send it again.",
	},
	"copy.not_issued": {
		"Văn bản chưa được ban hành nên chưa thể sao. Hãy ban hành trước.",
		"The document has not been issued, so it cannot be copied. Issue it first.",
	},
	"copy.not_accepted": {
		"Văn bản đến chưa được tiếp nhận nên chưa thể sao. Hãy tiếp nhận trước.",
		"The arrival has not been accepted, so it cannot be copied. Accept it first.",
	},
	"copy.wrong_original": {
		"Sao lục chỉ được thực hiện từ bản sao y; sao y và trích sao chỉ từ bản gốc, bản chính. Hãy chọn hình thức khác.",
		"SL is made of a true copy (SY) only; SY and TS of an original only. Choose another form.",
	},
	"copy.not_signed": {
		"Bản sao chỉ do cơ quan ký số, không cần người có thẩm quyền ký lại. Hãy để văn thư đóng dấu bản sao.",
		"A copy is signed by the office alone, not by the competent person. Leave it to the clerk.",
	},
	"archive.kept_before": {
		"Một phiên làm việc khác vừa bổ sung dữ liệu cho văn bản này. Không cần làm gì thêm.",
		"Another instance has just added evidence to this document. Nothing is left to do.",
	},
	"act.archive.raised":  {"Kho lưu trữ đã bổ sung dữ liệu kiểm tra lâu dài", "The archive added long-term evidence"},
	"act.document.copied": {"Đã sao văn bản", "A copy was made"},
	"act.document.raised": {"Đã bổ sung dữ liệu kiểm tra lâu dài", "Long-term evidence was added"},
}
