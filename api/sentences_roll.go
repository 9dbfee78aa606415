package api

// rollSentences are about the signed log of the directory and what is brought in from files.
var rollSentences = map[string]sentence{
	"directory.record_invalid": {
		"Bản ghi danh bạ không đúng khuôn dạng. Hãy lập lại bằng lệnh congvan directory import.",
		"A record of the directory is malformed. Make it again with congvan directory import.",
	},
	"directory.bad_seal": {
		"Chữ ký của bản ghi danh bạ không đúng: đã bị sửa. Hãy ký lại từ tệp gốc.",
		"The seal of a directory record does not hold: it was changed. Seal it again from the original file.",
	},
	"directory.foreign_seal": {
		"Bản ghi danh bạ không do đơn vị được uỷ quyền ký, hoặc uỷ quyền đã hết. Hãy ký bằng khoá còn được uỷ quyền.",
		"The record is not sealed by an authority of the directory, or its delegation has ended. Seal it with a key " +
			"that is delegated.",
	},
	"directory.other_log": {
		"Bản ghi thuộc danh bạ khác. Hãy lập lại cho đúng danh bạ này.",
		"The record is for another directory. Make it again for this one.",
	},
	"directory.outside_prefix": {
		"Đơn vị ký không được sửa mã ngoài phần được giao. Hãy chuyển cho đơn vị quản lý cấp trên ký.",
		"The authority may not write outside of the codes delegated to it. Have the authority above seal it.",
	},
	"directory.replayed": {
		"Bản ghi danh bạ này đã cũ: đã có phiên bản khác. Hãy đối chiếu lại rồi ký lại.",
		"This record is out of date: there is another version. Compare again and seal again.",
	},
	"directory.code_reused": {
		"Mã định danh này đã từng cấp cho cơ quan khác; mã đã đóng không được dùng lại. Hãy chọn mã mới.",
		"Another office has or had this code, and a closed code is never used again. Choose a new code.",
	},
	"directory.moved": {
		"Danh bạ vừa được người khác cập nhật. Hãy đối chiếu lại rồi thử lại.",
		"Somebody else has just extended the directory. Compare again and try again.",
	},
	"directory.changed": {
		"Khác biệt đã thay đổi so với bản bạn đã xem, nên chưa có gì được ghi. Hãy xem lại rồi phê duyệt.",
		"The difference is not the one that you saw, so that nothing was written. Look again, then approve.",
	},
	"directory.signed": {
		"Danh bạ ở đây có nhật ký chữ ký: chỉ bản ghi do đơn vị quản lý ký mới sửa được. Hãy dùng --key.",
		"The directory here is a signed log: only an authority's record changes it. Use --key.",
	},
	"directory.not_signed": {
		"Cổng này dùng tệp danh bạ không có chữ ký nên không có nhật ký. Hãy cấu hình directory_log nếu cần.",
		"This gateway uses a plain file that nobody has signed; there is no log. Set directory_log when one is wanted.",
	},
	"directory.not_keeper": {
		"Cổng này không giữ nhật ký danh bạ. Hãy gửi bản ghi đến cổng giữ nhật ký nêu trong cấu hình.",
		"This gateway does not keep the directory's log. Send the record to the keeper that the configuration names.",
	},
	"directory.unproved": {
		"Cổng bên kia không chứng minh được danh bạ của mình, nên không nhận. Hãy báo người quản trị cổng đó.",
		"The other gateway cannot prove its directory; it was not taken over. Tell its administrator.",
	},
	"directory.too_large": {
		"Cổng bên kia gửi quá nhiều dữ liệu danh bạ, nên không nhận. Hãy báo người quản trị cổng đó.",
		"The other gateway sends too much for a directory; it was not taken over. Tell its administrator.",
	},
	"directory.forked": {
		"CẢNH BÁO: cổng giữ danh bạ đã ký hai danh bạ khác nhau. Cả hai bản ký đã được giữ làm bằng chứng; " +
			"hãy báo ngay cơ quan quản lý.",
		"ALARM: the keeper has signed two different directories. Both signed heads are kept as proof; tell the " +
			"supervising office.",
	},
	"directory.damaged": {
		"Nhật ký danh bạ trong cơ sở dữ liệu bị thiếu. Hãy phục hồi từ bản sao lưu.",
		"The directory's log in the database has a gap. Restore a backup.",
	},
	"directory.unsigned": {
		"Danh bạ lấy từ tệp, không ai ký. Hãy kiểm tra nguồn của tệp trước khi tin.",
		"The directory is a file that nobody has signed. Make sure where the file comes from.",
	},
	"directory.stale": {
		"Hơn một ngày chưa cổng nào xác nhận danh bạ này. Hãy kiểm tra kết nối với cổng cấp trên.",
		"No neighbour has confirmed this directory for more than a day. Look at the line to the uplink.",
	},
	"receipt.not_its_heir": {
		"Phản hồi do cơ quan không kế thừa nơi nhận lập. Hãy báo người quản trị cả hai bên.",
		"The receipt was made by an office that is not the heir of the recipient. Tell both administrators.",
	},
	"recipient.succeeded": {
		"Nơi nhận đã kết thúc hoạt động; văn bản được chuyển đến cơ quan kế thừa. Không cần làm gì thêm.",
		"The recipient has ended; the document goes to its successor. Nothing needs to be done.",
	},
	"act.delivery.moved":      {"Đã chuyển hướng đến cơ quan kế thừa", "Goes to the successor now"},
	"act.document.retargeted": {"Đã chuyển hướng đến cơ quan kế thừa", "Sent on to the successor of a closed office"},
	"act.directory.extended":  {"Danh bạ có bản ghi mới", "The directory was extended"},
	"act.directory.approved":  {"Đã phê duyệt thay đổi danh bạ", "A change of the directory was approved"},
	"act.directory.forked":    {"CẢNH BÁO: có hai danh bạ khác nhau", "ALARM: two different directories"},
}
