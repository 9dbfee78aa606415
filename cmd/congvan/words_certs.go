package main

// certsWords are the words about certificates: Vietnamese, then English.
var certsWords = map[string][2]string{
	"help_certs": {
		"Chứng thư gốc, khoá ký và danh sách thu hồi của cổng.",
		"Anchors, keys and revocation lists of a gateway.",
	},
	"help_certs_list": {"Liệt kê chứng thư gốc theo nhóm.", "List the anchors, realm by realm."},
	"help_certs_add": {
		"Thêm chứng thư gốc (PEM, DER, P7B) vào một nhóm, sau khi cho xem và xác nhận.",
		"Add anchors (PEM, DER, P7B) to a realm, after showing them and a yes.",
	},
	"help_certs_remove": {"Gỡ một chứng thư gốc.", "Remove an anchor."},
	"help_certs_check": {
		"Kiểm tra chứng thư gốc, khoá ký, thu hồi, dấu thời gian và hạn dùng. Mã thoát: 0 tốt, 1 có cái không dùng được, " +
			"2 có cảnh báo.",
		"Check anchors, keys, revocation, time stamps and ends. Exit code: 0 all well, 1 something is broken, 2 warnings.",
	},
	"help_certs_import": {
		"Nạp danh sách thu hồi (CRL) hoặc câu trả lời OCSP cho nơi không có Internet.",
		"Bring revocation lists (CRL) or OCSP answers to a site without the Internet.",
	},
	"help_realm":       {"Nhóm: official, public hoặc test.", "The realm: official, public or test."},
	"help_certs_from":  {"Chỉ tin từ lúc này (RFC 3339).", "Trust it only from this moment on (RFC 3339)."},
	"help_certs_until": {"Chỉ tin đến lúc này (RFC 3339).", "Trust it only until this moment (RFC 3339)."},
	"help_yes":         {"Đồng ý, không hỏi lại.", "Yes, do not ask."},
	"help_certs_file":  {"Tệp chứng thư.", "The file of certificates."},
	"help_certs_sha256": {
		"Mã SHA-256 của chứng thư, hoặc ít nhất 8 chữ số đầu.",
		"Its SHA-256, or the first 8 digits at least.",
	},
	"help_certs_lists": {"Các tệp CRL hoặc OCSP (DER, PEM).", "Files of CRLs or OCSP answers (DER, PEM)."},
	"help_verify_config": {
		"Kiểm tra như cổng của cấu hình này: chứng thư gốc và dữ liệu thu hồi đã lưu của nó.",
		"Judge as the gateway of this configuration: with its anchors and what it keeps of revocation.",
	},

	"realm_official":     {"chuyên dùng công vụ", "official"},
	"realm_public":       {"công cộng", "public"},
	"realm_test":         {"thử nghiệm", "test"},
	"certs_valid":        {"hiệu lực", "valid"},
	"certs_window":       {"cổng chỉ tin trong", "trusted here only in"},
	"certs_over":         {"đã hết hạn", "over"},
	"certs_days":         {"còn %d ngày", "%d days left"},
	"certs_none":         {"Chưa có chứng thư gốc nào.", "There are no anchors."},
	"certs_held":         {"đã có trong danh sách", "is in the list already"},
	"certs_no_authority": {"không phải chứng thư của đơn vị cấp", "not an authority's certificate"},
	"certs_confirm":      {"Tin chứng thư này? [c/K] ", "Go on? [y/N] "},
	"import_of":          {"lập lúc", "of"},
	"import_fresh":       {"đã lưu", "kept"},
	"import_older":       {"cũ hơn bản đã có, không thay", "older than what is here, which stays"},
	"import_stale": {
		"đã lưu, nhưng quá hạn: tình trạng thu hồi vẫn là chưa rõ",
		"kept, but its time is over: revocation stays unknown",
	},
	"health_good":                {"TỐT      ", "GOOD   "},
	"health_warning":             {"CẢNH BÁO ", "WARNING"},
	"health_broken":              {"KHÔNG DÙNG ĐƯỢC", "BROKEN "},
	"expiry_leader":              {"khoá của người ký", "leader's key"},
	"expiry_seal":                {"con dấu", "seal"},
	"expiry_node":                {"khoá của cổng", "the gateway's key"},
	"expiry_anchor":              {"chứng thư gốc", "anchor"},
	"expiry_timestamp_authority": {"dấu thời gian", "time stamps"},
}
