package web

import (
	"maps"

	"congvan/api"
)

// word gives a word of the screens, and the key itself when there is none, which a test forbids.
func word(lang api.Lang, key string) string {
	pair, known := words[key]
	switch {
	case !known:
		return key
	case lang == api.English:
		return pair[1]
	default:
		return pair[0]
	}
}

// words are all words: Vietnamese, then English.
var words = joined(commonWords, deadlineWords, manageWords)

func joined(parts ...map[string][2]string) map[string][2]string {
	all := map[string][2]string{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// commonWords are the words of most screens. Sentences of errors and reasons are in the catalogue of package api.
var commonWords = map[string][2]string{
	"menu":   {"Trình đơn", "Menu"},
	"inbox":  {"Văn bản đến", "Inbox"},
	"outbox": {"Văn bản đi", "Outbox"},
	"verify": {"Kiểm tra chữ ký", "Verify"},
	"login":  {"Đăng nhập", "Log in"},
	"logout": {"Đăng xuất", "Log out"},
	"back":   {"Về danh sách văn bản", "Back to the documents"},
	"demo_notice": {
		"Đang dùng chứng thư thử nghiệm: chữ ký ở đây không có giá trị pháp lý.",
		"Certificates on trial: signatures here have no legal value.",
	},

	"key_away":                   {"Lúc này chưa dùng được khoá của", "For now this key cannot be used:"},
	"ending_leader":              {"Chứng thư của người ký", "The leader's certificate"},
	"ending_seal":                {"Chứng thư con dấu", "The certificate of the seal"},
	"ending_node":                {"Chứng thư của cổng", "The gateway's certificate"},
	"ending_anchor":              {"Chứng thư gốc", "The anchor"},
	"ending_timestamp_authority": {"Chứng thư của máy chủ dấu thời gian", "The time-stamp authority's certificate"},

	"token": {"Mã truy cập", "Access token"},
	"token_hint": {
		"Quản trị cấp mã này cho từng người; mỗi mã gắn với một cơ quan và một vai trò.",
		"The administrator gives each person a token, bound to one office and one role.",
	},
	"search": {"Tìm", "Search"},
	"search_hint": {
		"Số ký hiệu, trích yếu, cơ quan; không cần dấu",
		"Number, subject, office; accents are not needed",
	},
	"number":  {"Số, ký hiệu", "Number"},
	"subject": {"Trích yếu", "Subject"},
	"state":   {"Tình trạng", "State"},
	"time":    {"Thời gian", "Time"},
	"from":    {"Nơi gửi", "From"},
	"to":      {"Nơi nhận", "To"},
	"older":   {"Các văn bản cũ hơn", "Older documents"},
	"nothing": {"Không có văn bản nào.", "There are no documents."},

	"pages": {"Các trang", "Pages"},
	"page":  {"Trang", "Page"},
	"no_pages": {
		"Không hiển thị được trang; vẫn tải được bản gốc.",
		"The pages cannot be shown; the original can be downloaded.",
	},
	"facts":      {"Thông tin", "Facts"},
	"digest":     {"Mã băm SHA-256", "SHA-256"},
	"download":   {"Tải bản gốc", "Download the original"},
	"actions":    {"Xử lý", "Actions"},
	"reason":     {"Lý do (bắt buộc, từ 10 ký tự)", "Reason (required, 10 characters or more)"},
	"recipients": {"Tình trạng từng nơi nhận", "Each recipient"},
	"timeline":   {"Diễn biến", "Timeline"},
	"evidence":   {"Tải hồ sơ bằng chứng", "Download the evidence"},
	"kind":       {"Loại văn bản", "Kind"},
	"signatory":  {"Người ký", "Signatory"},
	"issued":     {"Ngày ban hành", "Issued"},
	"inherited": {
		"Văn bản gửi cơ quan đã kết thúc hoạt động, nay do cơ quan này tiếp nhận và xử lý:",
		"Addressed to an office that has ended; this office has taken it over:",
	},
	"issuer_ended": {"Cơ quan gửi kết thúc hoạt động sau ngày", "The sender ended after"},
	"source":       {"Văn bản của", "Documents of"},
	"all_sources":  {"Cơ quan này và các cơ quan đã kế thừa", "This office and those it has succeeded"},
	"arrived":      {"Đến lúc", "Arrived"},
	"entered":      {"Số đến", "Incoming number"},
	"urgency":      {"Độ khẩn", "Urgency"},
	"due":          {"Hạn trả lời", "Answer due"},

	"dossier":   {"Mã hồ sơ", "Dossier"},
	"retention": {"Thời hạn lưu trữ", "Retention"},
	"permanent": {"vĩnh viễn", "permanent"},
	"years":     {"năm", "years"},

	"accept":  {"Tiếp nhận, vào sổ", "Accept and enter"},
	"refuse":  {"Từ chối tiếp nhận", "Refuse"},
	"file":    {"Lưu vào kho lưu trữ", "Hand over to the archive"},
	"sign":    {"Ký số", "Sign"},
	"seal":    {"Cấp số và đóng dấu", "Number and seal"},
	"copy_SY": {"Sao y", "Make a true copy"},
	"copy_SL": {"Sao lục", "Copy the true copy"},
	"copy_of": {"Sao từ văn bản", "Copy of"},
	"send":    {"Ban hành và gửi", "Issue and send"},

	"token_sign":       {"Ký bằng USB token", "Sign with a USB token"},
	"token_attachment": {"Phụ lục cần ký trước văn bản:", "The attachment that is signed before the document:"},
	"token_back":       {"Về trang văn bản", "Back to the document"},
	"tool_title":       {"Ký bằng công cụ trên máy này", "Sign with the tool on this computer"},
	"tool_hint": {
		"Cắm USB token, mở công cụ ký số (VGCA Sign Service) rồi bấm nút. Văn bản chờ ký đến",
		"Plug in the token, start the signing tool (VGCA Sign Service), and press the button. The document waits until",
	},
	"tool_button": {"Ký ngay", "Sign now"},
	"tool_waiting": {
		"Đã gọi công cụ ký số. Hãy chọn chứng thư và nhập mã PIN trong cửa sổ của công cụ.",
		"The tool was called. Choose the certificate and enter the PIN in its window.",
	},
	"tool_absent": {
		"Không thấy công cụ ký số trên máy này. Hãy cài hoặc mở VGCA Sign Service, kiểm tra biểu tượng ở góc màn hình " +
			"rồi bấm lại; nếu vẫn không được, ký bằng tay theo các bước bên dưới.",
		"The signing tool was not found on this computer. Install or start VGCA Sign Service and press the button again; " +
			"or sign by hand, as told below.",
	},
	"tool_closed": {
		"Công cụ ký số đã đóng mà chưa ký. Hãy bấm lại để ký.",
		"The signing tool was closed before it signed. Press the button again.",
	},
	"tool_refused": {
		"Chưa ký được. Hãy kiểm tra USB token đã cắm chặt, đúng người ký và đúng mã PIN rồi bấm lại. Công cụ báo:",
		"Nothing was signed. Check that the token is plugged in, is the signer's, and the PIN is right. The tool says:",
	},
	"tool_noscript": {
		"Trình duyệt đang tắt JavaScript nên không gọi được công cụ; hãy ký bằng tay theo các bước bên dưới.",
		"JavaScript is off, so the tool cannot be called; sign by hand, as told below.",
	},
	"by_hand_title":    {"Ký bằng tay: tải về, ký, tải lên", "Sign by hand: download, sign, upload"},
	"by_hand_download": {"Tải văn bản cần ký", "Download the document"},
	"by_hand_sign": {
		"Ký tệp vừa tải bằng phần mềm ký số của bạn, đúng một chữ ký, không sửa nội dung.",
		"Sign the file with your own program: one signature, and no other change.",
	},
	"by_hand_upload": {"Tải tệp đã ký lên đây trước giờ hết hạn.", "Upload the signed file here before the time is over."},
	"by_hand_file":   {"Tệp đã ký", "The signed file"},
	"by_hand_button": {"Tải lên tệp đã ký", "Upload the signed file"},
	"resend":         {"Gửi lại cho những nơi chưa chuyển được", "Send again to those it did not get through to"},
	"lacking":        {"Thiếu văn bản đi trước", "The one before is missing"},
	"lacking_banner": {"ĐẾN MÀ CHƯA CÓ VĂN BẢN ĐI TRƯỚC", "CAME WITHOUT THE DOCUMENT BEFORE IT"},
	"resend_hint": {
		"Khi đã khắc phục, bấm «Gửi lại cho những nơi chưa chuyển được» ở mục «Xử lý»; hoặc gửi cho cơ quan khác:",
		"When it is mended, press “Send again to those it did not get through to” under “Actions”; or send elsewhere:",
	},
	"parked": {"Chưa chuyển được", "Stands still"},

	"etsi":        {"Báo cáo ETSI (XML)", "ETSI report (XML)"},
	"bundle":      {"Căn cứ của kết luận (JSON)", "What the verdict rests on (JSON)"},
	"rules":       {"Thể thức ký văn bản (Nghị định 30/2020)", "As the law wants a document signed (Decree 30/2020)"},
	"checks":      {"Sáu nội dung kiểm tra theo quy định", "The six checks that the law demands"},
	"why":         {"chi tiết", "details"},
	"report":      {"Phiếu kiểm tra chữ ký (PDF)", "Report on the signatures (PDF)"},
	"changes":     {"Những chỗ thay đổi sau khi ký", "What changed after signing"},
	"see_changes": {"Xem những chỗ thay đổi sau khi ký", "See what changed after signing"},
	"as_signed":   {"Bản đã ký", "As signed"},
	"as_it_is":    {"Bản hiện tại", "As it is now"},
	"no_page":     {"Không có trang này", "There is no such page"},
	"to_document": {"Về văn bản", "Back to the document"},
	"check":       {"Đối chiếu phiếu kiểm tra", "Check a report"},
	"check_made": {
		"Phiếu này do cổng sau đây lập; nội dung dưới đây là nội dung đã ghi.",
		"This report was made by the gateway named here; what follows is what it recorded.",
	},
	"check_gateway": {"Cổng lập phiếu", "Gateway"},
	"check_at":      {"Kết luận lúc", "Judged at"},
	"check_drop": {
		"Chọn tệp để đối chiếu với tệp đã được kiểm tra",
		"Choose a file to compare it with the one that was judged",
	},
	"check_hint": {
		"Tệp chỉ được đọc để tính mã băm, không được lưu lại và không được mở.",
		"The file is only read for its digest; it is neither kept nor opened.",
	},
	"compare":    {"Đối chiếu", "Compare"},
	"check_same": {"ĐÚNG TỆP: trùng từng byte với tệp đã được kiểm tra.", "THE SAME FILE, byte for byte."},
	"check_other": {
		"KHÁC TỆP: đây không phải tệp đã được kiểm tra.",
		"ANOTHER FILE: this is not the one that was judged.",
	},

	"signatures": {"Chữ ký số", "Signatures"},
	"issuer":     {"Chứng thư do", "Certificate by"},
	"level":      {"Mức chữ ký", "Level"},
	"changed":    {"Thay đổi sau khi ký", "Changed after signing"},
	"drop": {
		"Thả tệp vào đây hoặc chọn tệp cần kiểm tra",
		"Drop a file here, or choose one, to have it judged",
	},
	"drop_hint": {
		"Tệp chỉ được đọc để kiểm tra, không được lưu lại.",
		"The file is only read to be judged; it is not kept.",
	},

	"verdict_passed":        {"CHỮ KÝ HỢP LỆ", "SIGNATURES VALID"},
	"verdict_failed":        {"KHÔNG HỢP LỆ", "NOT VALID"},
	"verdict_indeterminate": {"CHƯA ĐỦ CĂN CỨ KẾT LUẬN", "CANNOT BE DECIDED"},
	"verdict_unsigned":      {"KHÔNG CÓ CHỮ KÝ SỐ", "NOT SIGNED"},
	"verdict_waiting":       {"ĐANG KIỂM TRA", "BEING JUDGED"},
	"mark_passed":           {"hợp lệ", "valid"},
	"mark_failed":           {"không hợp lệ", "not valid"},
	"mark_indeterminate":    {"chưa rõ", "undecided"},
	"mark_unsigned":         {"không ký", "unsigned"},
	"mark_waiting":          {"đang kiểm tra", "being judged"},

	"signed_by":               {"Ký bởi", "Signed by"},
	"modification_none":       {"không", "nothing"},
	"modification_ltv":        {"chỉ thêm dữ liệu chứng thực lâu dài", "long-term evidence only"},
	"modification_form_fill":  {"ký thêm hoặc điền ô đã chừa sẵn", "further signatures or prepared fields"},
	"modification_annotation": {"có thêm chú thích", "annotations"},
	"modification_forbidden":  {"CÓ SỬA NỘI DUNG", "CONTENT CHANGED"},
	"modification_unknown":    {"không rõ", "cannot be told"},

	"step_submitted": {"đã trình", "submitted"},
	"step_signed":    {"lãnh đạo đã ký", "signed"},
	"step_numbered":  {"đã cấp số, chờ đóng dấu", "numbered, to be sealed"},
	"step_sealed":    {"đã đóng dấu, chờ ban hành", "sealed, to be issued"},
	"step_issued":    {"đã ban hành", "issued"},

	"status_owed":    {"chưa gửi được, đang thử lại", "not sent yet, being tried"},
	"status_carried": {"đang chuyển qua cổng trung gian", "carried by a gateway on the way"},
	"status_01":      {"đã đến", "arrived"},
	"status_02":      {"bị từ chối", "refused"},
	"status_03":      {"đã tiếp nhận", "accepted"},
	"status_04":      {"đã phân công", "assigned"},
	"status_05":      {"đang xử lý", "in progress"},
	"status_06":      {"hoàn thành", "completed"},
	"status_13":      {"yêu cầu lấy lại", "recall asked"},
	"status_15":      {"đồng ý lấy lại", "recall agreed"},
	"status_16":      {"từ chối lấy lại", "recall refused"},
	"status_filed":   {"đã lưu trữ", "archived"},

	"add_recipients":     {"Gửi thêm cho các nơi đã chọn", "Send to these, too"},
	"add_recipients_for": {"Bổ sung nơi nhận", "Add recipients"},
	"only_some":          {"Chỉ lấy lại từ một số nơi (không chọn: tất cả)", "Only from some (none ticked: from all)"},
	"recipient_list": {
		"Nơi nhận: mã định danh hoặc tên cơ quan, cách nhau bằng dấu chấm phẩy",
		"Recipients: codes or names of offices, parted by semicolons",
	},
	"recipient_groups": {"Nhóm nơi nhận", "Groups of recipients"},
	"recipient_except": {"Trừ các cơ quan", "Except"},
	"send_to":          {"Gửi cho", "Send to"},
	"send_to_all":      {"Gửi cho tất cả các cơ quan này", "Send to all of these"},
	"send_to_another":  {"Gửi cho cơ quan khác", "Send to another office"},
	"send_again":       {"Gửi", "Send"},
	"sent_instead":     {"đã gửi thay cho", "sent instead to"},
	"stands_still":     {"Chưa chuyển được, cần xử lý", "Does not get through, somebody must look"},
	"level_commune":    {"Xã, phường, đặc khu", "Communes and wards"},
	"level_district":   {"Cấp huyện", "Districts"},
	"level_province":   {"Tỉnh, thành phố", "Provinces"},
	"level_department": {"Sở, ban, ngành", "Departments"},
	"level_ministry":   {"Bộ, cơ quan ngang bộ", "Ministries"},
	"take_back":        {"Lấy lại (thu hồi)", "Take back (recall)"},
	"give_back":        {"Đồng ý trả lại", "Give it back"},
	"keep":             {"Từ chối trả lại", "Refuse to give it back"},
	"asked_back":       {"CƠ QUAN GỬI YÊU CẦU LẤY LẠI VĂN BẢN NÀY", "THE SENDER ASKS FOR THIS DOCUMENT BACK"},
	"given_back":       {"VĂN BẢN ĐÃ TRẢ LẠI CƠ QUAN GỬI, KHÔNG CÒN DÙNG", "GIVEN BACK TO ITS SENDER, NO LONGER IN USE"},
	"replaced":         {"VĂN BẢN ĐÃ ĐƯỢC THAY THẾ", "THIS DOCUMENT HAS BEEN REPLACED"},
	"links":            {"Văn bản liên quan", "Related documents"},
	"unknown_one":      {"văn bản không có ở cơ quan này", "a document that this office does not have"},
	"link_answers":     {"Phúc đáp", "Answers"},
	"link_answers_by":  {"Được phúc đáp bởi", "Answered by"},
	"link_replaces":    {"Thay thế", "Replaces"},
	"link_replaces_by": {"Được thay thế bởi", "Replaced by"},
	"link_copies":      {"Sao từ", "Copy of"},
	"link_copies_by":   {"Bản sao", "Copied as"},

	"urgency_1": {"Khẩn", "Urgent"},
	"urgency_2": {"Thượng khẩn", "Most urgent"},
	"urgency_3": {"Hoả tốc", "Express"},
	"urgency_4": {"Hoả tốc hẹn giờ", "Express, timed"},
}
