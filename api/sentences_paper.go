package api

// paperSentences are the words of a judgement on paper and on the page where it can be checked.
var paperSentences = map[string]sentence{
	"headline.signed":     {"đã ký", "signed"},
	"headline.none":       {"không bị sửa sau khi ký", "not changed after signing"},
	"headline.ltv":        {"không bị sửa sau khi ký", "not changed after signing"},
	"headline.form_fill":  {"nội dung không bị sửa sau khi ký", "content not changed after signing"},
	"headline.annotation": {"có thêm chú thích sau khi ký", "annotations were added after signing"},
	"headline.forbidden":  {"ĐÃ BỊ SỬA SAU KHI KÝ", "CHANGED AFTER SIGNING"},
	"headline.unknown": {
		"không rõ có bị sửa sau khi ký không",
		"whether it was changed after signing cannot be told",
	},
	"headline.broken": {"NỘI DUNG KHÔNG CÒN NHƯ LÚC KÝ", "THE CONTENT IS NOT WHAT WAS SIGNED"},

	"paper.title": {"Phiếu kiểm tra chữ ký số", "Report on digital signatures"},
	"paper.page":  {"Trang số", "Page"},
	"paper.scan":  {"Quét mã để đối chiếu phiếu này", "Scan to check this report"},
	"paper.trial": {
		"Chứng thư thử nghiệm: không có giá trị pháp lý.",
		"Certificates on trial: of no legal value.",
	},
	"paper.checks": {
		"Sáu nội dung kiểm tra theo quy định",
		"The six checks that the law demands",
	},
	"paper.all_pass":   {"Mọi chữ ký đều đạt.", "Every signature passes."},
	"paper.rules":      {"Các chữ ký của văn bản đối với pháp luật", "What the law asks of the signatures together"},
	"paper.reasons":    {"Lý do và việc cần làm", "Reasons, and what to do"},
	"paper.file":       {"Tệp được kiểm tra", "The file"},
	"paper.name":       {"Tên tệp", "Name"},
	"paper.size":       {"Dung lượng", "Size"},
	"paper.judged_at":  {"Kết luận lúc", "Judged at"},
	"paper.verifier":   {"Phần mềm kiểm tra", "Verified by"},
	"paper.signed_by":  {"Người ký phiếu này", "Report signed by"},
	"paper.not_signed": {"Không ai ký số", "Nobody"},
	"paper.check_page": {"Trang đối chiếu", "Check page"},
	"paper.no_check_page": {
		"Không có: phiếu lập tại máy cá nhân.",
		"None: made at the command line.",
	},
	"paper.reason":                  {"Lý do", "Reason"},
	"paper.kind.signature":          {"Chữ ký", "Signature"},
	"paper.kind.document_timestamp": {"Dấu thời gian", "Time stamp"},
	"paper.mark.TOTAL-PASSED":       {"Hợp lệ", "Valid"},
	"paper.mark.TOTAL-FAILED":       {"Không hợp lệ", "Not valid"},
	"paper.mark.INDETERMINATE":      {"Chưa rõ", "Undecided"},
	"paper.signed_at":               {"Thời điểm ký", "Signed at"},
	"paper.proved":                  {"dấu thời gian chứng minh", "proved by a time stamp"},
	"paper.claimed":                 {"theo lời người ký", "as the signer claims"},
	"paper.subject":                 {"Chủ thể chứng thư", "Subject"},
	"paper.issuer":                  {"Tổ chức cấp", "Issuer"},
	"paper.serial":                  {"Số chứng thư", "Serial number"},
	"paper.life":                    {"Hiệu lực chứng thư", "Certificate valid"},
	"paper.revocation":              {"Tình trạng thu hồi", "Revocation"},
	"paper.revocation.good":         {"Không bị thu hồi", "Not revoked"},
	"paper.revocation.revoked":      {"Đã bị thu hồi", "Revoked"},
	"paper.revocation.unknown":      {"Chưa kiểm tra được", "Not known"},
	"paper.level":                   {"Loại và mức chữ ký", "Format and level"},
	"paper.after":                   {"Thay đổi sau khi ký", "Changed after signing"},
	"paper.modified.none":           {"Không.", "Nothing."},
	"paper.modified.ltv":            {"Chỉ thêm dữ liệu chứng thực lâu dài.", "Long-term evidence only."},
	"paper.modified.form_fill": {
		"Chỉ ký thêm hoặc điền ô đã chừa sẵn.",
		"Further signatures or prepared fields only.",
	},
	"paper.modified.annotation": {"Có thêm chú thích.", "Annotations."},
	"paper.modified.forbidden":  {"CÓ SỬA NỘI DUNG.", "CONTENT CHANGED."},
	"paper.modified.unknown":    {"Không rõ.", "Cannot be told."},

	"pictures.title":       {"Hình ảnh những chỗ thay đổi sau khi ký", "What changed after signing, in pictures"},
	"pictures.signed":      {"Bản %s đã ký", "As %s signed it"},
	"pictures.current":     {"Bản hiện tại", "As it is now"},
	"pictures.no_page":     {"Không có trang này", "There is no such page"},
	"pictures.no_revision": {"Không còn bản đã ký", "No signed revision is left"},
	"pictures.lost": {
		"Chính nội dung mà %s đã ký bị sửa, nên không còn bản đã ký để so sánh. Dưới đây là các trang đầu như hiện tại. " +
			"Đừng dùng tệp này; hãy xin lại bản gốc.",
		"The very bytes that %s signed were changed, so that no signed revision is left to compare with. Below are the " +
			"first pages as they are now. Do not use this file; ask for the original.",
	},
	"pictures.changed": {
		"%d trang trông khác với bản đã ký; chỗ khác được đóng khung.",
		"%d page(s) look different; the places are boxed.",
	},
	"pictures.none": {"Các trang trông giống hệt bản đã ký.", "The pages look exactly as they were signed."},
	"pictures.not_whole": {
		"Chỉ so sánh %d trang đầu.",
		"Only the first %d pages were compared.",
	},
	"pictures.none_so_far": {
		"%d trang đầu trông giống hệt bản đã ký; các trang sau chưa so sánh.",
		"The first %d pages look as they were signed; the pages after them were not compared.",
	},

	"attestation.unknown": {
		"Cổng này không lập phiếu nào như vậy. Hãy quét lại mã trên phiếu; nếu vẫn thế, đừng tin phiếu này.",
		"This gateway made no such report. Scan the code again; if it stays so, do not rely on the report.",
	},
	"act.report.made": {"Đã lập phiếu kiểm tra chữ ký số", "Report on the signatures made"},
}
