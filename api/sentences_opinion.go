package api

// opinionSentences are about the second opinion of an independent engine, which decides nothing.
var opinionSentences = map[string]sentence{
	"opinion.refused": {
		"Không hỏi bộ kiểm tra thứ hai vì tệp có thể làm hỏng nó. Hãy dùng kết quả của congvan.",
		"The second engine was not asked: the file could kill it. Go by congvan's own result.",
	},
	"opinion.engine_panicked": {
		"Bộ kiểm tra thứ hai bị hỏng khi đọc tệp này. Hãy dùng kết quả của congvan.",
		"The second engine broke down on this file. Go by congvan's own result.",
	},
	"opinion.engine_error": {
		"Bộ kiểm tra thứ hai không đọc được tệp này. Hãy dùng kết quả của congvan.",
		"The second engine gave up on this file. Go by congvan's own result.",
	},
	"opinion.misses_signature": {
		"Bộ kiểm tra thứ hai bỏ sót một chữ ký. Hãy dùng kết quả của congvan.",
		"The second engine misses a signature. Go by congvan's own result.",
	},
	"opinion.accepts_what_failed": {
		"Bộ kiểm tra thứ hai chấp nhận chữ ký mà congvan bác bỏ: nó không xét phần sửa sau khi ký. Hãy dùng kết quả của " +
			"congvan.",
		"The second engine accepts what congvan rejects: it does not look at later changes. Go by congvan's own result.",
	},
	"opinion.rejects_what_holds": {
		"Bộ kiểm tra thứ hai bác bỏ chữ ký mà congvan chấp nhận. Hãy xem chi tiết trước khi kết luận.",
		"The second engine rejects what congvan accepts. Look at the details before deciding.",
	},
	"opinion.rejects_intact": {
		"Bộ kiểm tra thứ hai không xác nhận được chữ ký; congvan thấy nội dung được ký còn nguyên vẹn và kết luận theo các " +
			"lý do nêu trên. Hãy dùng kết quả của congvan.",
		"The second engine cannot confirm the signature; congvan finds the signed bytes unchanged and decides by the " +
			"reasons above. Go by congvan's own result.",
	},
}
