package main

var directoryWords = map[string][2]string{
	"help_directory":        {"Danh bạ cơ quan: đối chiếu, phê duyệt.", "The directory: compare, approve, look."},
	"help_directory_status": {"Danh bạ từ đâu, ai ký, cảnh báo gì.", "Where the directory comes from, and its warnings."},
	"help_directory_diff": {
		"Cho biết tệp khác danh bạ đang dùng ở đâu; không thay đổi gì.",
		"Tell how a file differs from the directory; nothing is changed.",
	},
	"help_directory_import": {
		"Đưa tệp vào danh bạ, chỉ khi khác biệt đã xem được phê duyệt (--approve).",
		"Bring a file in, only when the difference that was shown is approved (--approve).",
	},
	"help_directory_file":   {"Tệp danh bạ (JSON).", "The file of the directory (JSON)."},
	"help_directory_scheme": {"Loại mã của --code: qd20 hoặc qcvn102.", "The scheme of --code: qd20 or qcvn102."},
	"help_directory_code": {
		"Cổng mới thuộc phần mã này; bỏ trống: thuộc đơn vị quản lý gốc.",
		"The codes that new gateways belong to; left out: they are the root's.",
	},
	"help_directory_approve": {
		"Mã băm của khác biệt đã xem, do lệnh diff in ra.",
		"The digest of the difference that was seen, as diff prints it.",
	},
	"help_directory_authority": {"Tên đơn vị quản lý danh bạ ký bản ghi.", "The authority that seals the record."},
	"help_directory_key":       {"Khoá của đơn vị quản lý danh bạ.", "The authority's key."},
	"help_directory_basis":     {"Văn bản làm căn cứ.", "The legal document that it rests on."},
	"directory_source_file":    {"Danh bạ: tệp, không ai ký", "Directory: a file that nobody has signed"},
	"directory_source_log":     {"Danh bạ: nhật ký có chữ ký", "Directory: the signed log"},
	"directory_added":          {"Thêm", "Added"},
	"directory_closed":         {"Kết thúc hoạt động", "Closed"},
	"directory_renamed":        {"Đổi tên", "Renamed"},
	"directory_moved":          {"Đổi cơ quan chủ quản", "Moved"},
	"directory_rehosted":       {"Đổi cổng tiếp nhận", "Re-hosted"},
	"directory_recoded":        {"Đổi mã định danh", "Other codes"},
	"directory_succeeded":      {"Cơ quan kế thừa", "Successors"},
	"directory_keys":           {"Khoá mới", "New keys"},
	"directory_changed":        {"Thay đổi khác", "Changed"},
	"directory_count":          {"Số khác biệt", "Differences"},
	"directory_left_out":       {"không có trong tệp, giữ nguyên", "not in the file, left as they are"},
	"directory_digest":         {"Mã băm để phê duyệt", "Digest to approve"},
	"directory_not_approved": {
		"Chưa có gì thay đổi. Xem khác biệt ở trên rồi chạy lại với --approve và mã băm.",
		"Nothing was changed. Look at the difference, then run again with --approve and the digest.",
	},
	"directory_done": {"Đã cập nhật danh bạ.", "The directory is up to date."},
}
