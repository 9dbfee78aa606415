package main

// auditWords are the words of congvan audit.
var auditWords = map[string][2]string{
	"help_audit": {
		"Đối chiếu sổ sách của các cổng: không mất, không trùng, không ai sửa. Mã thoát 1 khi có sai lệch.",
		"Check gateways' records against each other: nothing lost, doubled or rewritten. Exit code 1 when something is.",
	},
	"help_audit_deep": {"Đọc lại mọi tệp và kiểm tra từng byte.", "Read every file again and check its bytes."},
	"help_audit_gateways": {
		"Các cổng: tệp cấu hình (.yaml), tệp SQLite hoặc địa chỉ postgres://.",
		"The gateways: configuration files (.yaml), SQLite files or postgres:// addresses.",
	},
	"audit_gateway":          {"CỔNG", "GATEWAY"},
	"audit_check":            {"KIỂM TRA", "CHECK"},
	"audit_looked":           {"ĐÃ XEM", "LOOKED AT"},
	"audit_open":             {"ĐANG ĐI", "ON THE WAY"},
	"audit_faults":           {"SAI LỆCH", "FAULTS"},
	"audit_check_deliveries": {"gửi đủ nơi nhận", "owed to every recipient"},
	"audit_check_answers":    {"mỗi lượt gửi một kết quả", "one answer a delivery"},
	"audit_check_arrivals":   {"văn bản đến không trùng", "each arrived once"},
	"audit_check_receipts":   {"phản hồi khớp bên nhận", "receipts as their makers have them"},
	"audit_check_returned":   {"phản hồi về đến bên gửi", "receipts came back"},
	"audit_check_duplicates": {"trả lời lặp giống hệt", "answers are the receipts"},
	"audit_check_messages":   {"thông điệp nguyên vẹn", "messages as they were sent"},
	"audit_check_verdicts":   {"không vừa nhận vừa từ chối", "no two outcomes"},
	"audit_check_unseen":     {"đã lấy lại thì chưa ai xem", "withdrawn unseen, never shown"},
	"audit_check_registers":  {"sổ không hở, không trùng số", "registers without gaps"},
	"audit_check_tree":       {"nhật ký Merkle", "Merkle log"},
	"audit_check_witnesses":  {"nhật ký theo bên làm chứng", "log as witnessed"},
	"audit_check_pages":      {"trang cơ sở dữ liệu nguyên vẹn", "pages of the database"},
	"audit_check_judging":    {"không bỏ sót kiểm tra", "judged, or waiting for it"},
	"audit_check_files":      {"tệp có đủ", "files are there"},
	"audit_sound":            {"SỔ SÁCH KHỚP", "THE RECORDS AGREE"},
	"audit_unsound":          {"SỔ SÁCH KHÔNG KHỚP", "THE RECORDS DO NOT AGREE"},
}
