package main

import (
	"maps"
	"strings"

	"github.com/alecthomas/kong"

	"congvan/api"
)

// speech speaks the program's own words in one language. Sentences of errors are in the one catalogue of package api.
type speech struct{ lang api.Lang }

// word gives the words of a key, and the key itself when there are none, which a test forbids.
func (s speech) word(key string) string {
	pair, known := words[key]
	switch {
	case !known:
		return key
	case s.lang == api.English:
		return pair[1]
	default:
		return pair[0]
	}
}

// help puts the words into the command line. Left to kong, which goes through all of them again for every flag, they
// would take most of the time of a short command.
func (s speech) help(parser *kong.Kong) error {
	return kong.Visit(parser.Model.Node, func(part kong.Visitable, next kong.Next) error {
		switch part := part.(type) {
		case *kong.Node:
			part.Help = s.inside(part.Help)
		case *kong.Value:
			part.Help = s.inside(part.Help)
		}
		return next(nil)
	})
}

// inside gives the words that a help tag names as ${key}. Of a name without words kong says that it is not defined.
func (s speech) inside(tag string) string {
	key, named := strings.CutPrefix(tag, "${")
	key, closed := strings.CutSuffix(key, "}")
	if _, known := words[key]; !named || !closed || !known {
		return tag
	}
	return s.word(key)
}

// words are all words: Vietnamese, then English.
var words = joined(commonWords, certsWords, reportWords, directoryWords, auditWords, addressWords)

func joined(parts ...map[string][2]string) map[string][2]string {
	all := map[string][2]string{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

var commonWords = map[string][2]string{
	"error": {"Lỗi", "Error"},
	"help_congvan": {
		"Cổng ký số, gửi nhận và lưu giữ văn bản điện tử.",
		"The gateway for signed official documents.",
	},
	"help_lang": {"Ngôn ngữ: vi hoặc en.", "Language: vi or en."},
	"help_demo": {
		"Chạy thử: ba cổng (xã, huyện, tỉnh) ký, gửi, kiểm tra và lưu văn bản thật trên máy này.",
		"Try it: three gateways (commune, district, province) sign, send, judge and keep real documents on this machine.",
	},
	"help_serve": {"Chạy cổng.", "Run a gateway."},
	"help_sign":  {"Ký số một tệp.", "Sign a file."},
	"help_renew": {
		"Gia hạn bằng chứng thời gian của văn bản đã ký, trước khi bằng chứng hết hiệu lực.",
		"Renew the proof of a signed document's time before it fades.",
	},
	"help_verify": {"Kiểm tra chữ ký số của các tệp.", "Judge the signatures of files."},
	"help_send": {
		"Trình, ký, đóng dấu và gửi một văn bản qua cổng.",
		"Submit, sign, seal and send a document through a gateway.",
	},
	"help_inbox": {"Xem, tiếp nhận hoặc từ chối văn bản đến.", "List, accept or refuse arrived documents."},
	"help_explain": {
		"Nói rõ văn bản đang ở đâu với từng nơi nhận và vì sao.",
		"Say where a document is with each recipient, and why.",
	},
	"help_evidence": {
		"Xuất và kiểm tra hồ sơ bằng chứng về đường đi của văn bản.",
		"Export and check what proves the way of a document.",
	},
	"help_evidence_export": {
		"Xuất hồ sơ bằng chứng của một văn bản đi hoặc đến.",
		"Export the evidence about an outgoing or incoming document.",
	},
	"help_evidence_check": {
		"Kiểm tra hồ sơ bằng chứng, không cần cổng và không cần mạng.",
		"Check an evidence file; neither a gateway nor a network is needed.",
	},
	"help_document":           {"Mã văn bản.", "The document's id."},
	"help_evidence_out":       {"Ghi vào tệp này.", "Write to this file."},
	"help_evidence_directory": {"Danh bạ, để biết khoá của các cổng.", "The directory, to know the gateways' keys by."},
	"help_evidence_file":      {"Hồ sơ bằng chứng.", "The evidence file."},
	"help_evidence_files":     {"Các tệp mà hồ sơ phải chứng minh.", "Files that the evidence must be about."},
	"evidence_proved":         {"BẰNG CHỨNG ĐÚNG", "PROVED"},
	"evidence_unsure":         {"BẰNG CHỨNG CHƯA ĐỦ CĂN CỨ", "NOT ENOUGH IS KNOWN"},
	"evidence_disproof":       {"BẰNG CHỨNG KHÔNG ĐÚNG", "NOT PROVED"},
	"evidence_log":            {"Nhật ký", "Log"},
	"evidence_witnesses":      {"cổng xác nhận", "witnesses"},
	"evidence_stamped":        {"Có trước", "All of it was there before"},
	"evidence_number":         {"số đến", "incoming number"},
	"help_config":             {"In cấu hình đang có hiệu lực.", "Print the configuration in force."},
	"help_version":            {"In phiên bản.", "Print the version."},

	"help_json":      {"In JSON, mỗi dòng một đối tượng.", "Print JSON, one object a line."},
	"help_once":      {"Kết thúc sau khi chạy xong.", "End when the story has been told."},
	"help_demo_file": {"Gửi thêm tệp PDF này.", "Send this PDF too."},
	"help_demo_data": {
		"Thư mục dữ liệu; mặc định là thư mục tạm, xoá khi kết thúc.",
		"Data folder; by default a temporary one, removed at the end.",
	},
	"help_demo_s3": {
		"Lưu tệp trong kho S3 này: s3://KHOÁ:BÍMẬT@máy:cổng/thùng.",
		"Keep files in this S3 store: s3://KEY:SECRET@host:port/bucket.",
	},
	"help_config_file": {"Tệp cấu hình (YAML).", "Configuration file (YAML)."},
	"help_serve_s3": {
		"Lưu tệp trong kho S3 này, thay cho thư mục.",
		"Keep files in this S3 store instead of the folder.",
	},
	"help_key": {"Khoá: tệp .p12/.pfx/.pem, pkcs11:… hoặc remote:…", "Key: a .p12/.pfx/.pem file, pkcs11:… or remote:…"},
	"help_password_file": {
		"Tệp chứa mật khẩu của khoá (nếu không: biến CONGVAN_KEY_PASSWORD, hoặc hỏi).",
		"File holding the key's password (else: the variable CONGVAN_KEY_PASSWORD, or a prompt).",
	},
	"judging": {"Đang kiểm tra", "Judging"},
	"help_report": {
		"Lập phiếu kiểm tra (PDF) tại đường dẫn này; chỉ cho một tệp.",
		"Write a report (PDF) to this path; for one file only.",
	},
	"help_report_key": {
		"Khoá để ký phiếu kiểm tra, như --key của lệnh sign.",
		"Key that signs the report, as --key of sign.",
	},
	"help_level": {"Mức chữ ký: B-B, B-T, B-LT, B-LTA.", "Signature level: B-B, B-T, B-LT, B-LTA."},
	"help_tsa": {
		"Địa chỉ dịch vụ dấu thời gian (có thể lặp lại).",
		"Address of a time-stamp authority (may be repeated).",
	},
	"help_lead": {
		"Gia hạn trước khi hết hiệu lực chừng này thời gian, ví dụ 4320h (180 ngày).",
		"Renew so long before the end, such as 4320h (180 days).",
	},
	"help_renew_in": {"Tệp PDF đã ký.", "The signed PDF."},
	"renew_until":   {"bằng chứng thời gian có hiệu lực đến", "the proof of its time holds until"},
	"renew_none":    {"chưa có dấu thời gian lưu trữ", "it has no archive time stamp yet"},
	"renew_not_due": {"chưa đến hạn, không thay đổi gì", "not due, nothing is changed"},
	"renew_due":     {"đã đến hạn: cho tên tệp kết quả để gia hạn", "due: name a file for the result to renew it"},
	"help_field": {
		"Tên ô chữ ký có sẵn, hoặc tên ô mới.",
		"An existing empty signature field, or the name of a new one.",
	},
	"help_page": {
		"Trang đặt hình chữ ký; -1 là trang cuối.",
		"Page of the visible signature; -1 is the last.",
	},
	"help_rect": {
		"Vị trí x,y,rộng,cao tính bằng mm từ góc dưới bên trái.",
		"Place x,y,width,height in mm from the lower left corner.",
	},
	"help_image":   {"Ảnh PNG của chữ ký hoặc con dấu.", "PNG image of the signature or seal."},
	"help_anchors": {"Thư mục chứng thư gốc tin cậy.", "Folder of trust anchors."},
	"help_reason":  {"Lý do ký.", "Reason for signing."},
	"help_in":      {"Tệp cần ký.", "The file to sign."},
	"help_out":     {"Tệp kết quả.", "Where the result goes."},
	"help_at":      {"Kiểm tra như tại thời điểm này (RFC 3339).", "Judge as at this moment (RFC 3339)."},
	"help_offline": {
		"Không hỏi mạng; tình trạng thu hồi có thể là không rõ.",
		"Ask nothing of the network; revocation may stay unknown.",
	},
	"help_content": {
		"Tệp được ký, khi chữ ký .p7s nằm riêng.",
		"The signed file, when the .p7s stands beside it.",
	},
	"help_keep_evidence": {
		"Ghi bằng chứng của kết quả vào tệp này, để sau này kiểm tra lại.",
		"Write what the verdict rests on to this file, to judge again later.",
	},
	"help_from_evidence": {
		"Kiểm tra lại chỉ từ tệp bằng chứng này, không cần mạng và thư mục chứng thư gốc.",
		"Judge again from this evidence alone, without network or folder of anchors.",
	},
	"help_etsi": {
		"Ghi báo cáo XML theo ETSI TS 119 102-2 vào tệp này.",
		"Write an XML report by ETSI TS 119 102-2 here.",
	},
	"again_same":    {"Giống kết quả kiểm tra ngày", "The same as was found on"},
	"again_differs": {"KHÁC kết quả kiểm tra ngày", "NOT as was found on"},
	"again_anchor": {
		"Theo chứng thư gốc ghi trong bằng chứng, SHA-256:",
		"Relying on the anchor that the evidence names, SHA-256:",
	},
	"help_files":  {"Tệp hoặc thư mục; - là đầu vào chuẩn.", "Files or folders; - is standard input."},
	"help_server": {"Địa chỉ cổng.", "Address of the gateway."},
	"help_token_file": {
		"Tệp chứa mã truy cập (nếu không: biến CONGVAN_TOKEN).",
		"File holding the access token (else: the variable CONGVAN_TOKEN).",
	},
	"help_to":            {"Mã cơ quan nhận (có thể lặp lại).", "Code of a receiving office (may be repeated)."},
	"help_subject":       {"Trích yếu.", "Subject."},
	"help_kind":          {"Loại văn bản: CV, QĐ, BC …", "Kind of document: CV, QĐ, BC …"},
	"help_signer":        {"Họ tên người ký.", "Name of the competent person."},
	"help_position":      {"Chức vụ người ký.", "Position of the competent person."},
	"help_urgency":       {"Độ khẩn 0–4.", "Urgency 0–4."},
	"help_secrecy":       {"Độ mật; chỉ none được nhận.", "Secrecy; only none is taken."},
	"help_leader_token":  {"Tệp mã truy cập của lãnh đạo, để ký.", "Token file of the leader, for signing."},
	"help_accept":        {"Tiếp nhận văn bản có mã này.", "Accept the arrival with this id."},
	"help_refuse":        {"Từ chối văn bản có mã này.", "Refuse the arrival with this id."},
	"help_refuse_reason": {"Lý do từ chối, ít nhất 10 ký tự.", "Reason for refusing, at least 10 characters."},
	"help_save":          {"Tải tệp của văn bản có mã này về đây.", "Save the file of the arrival with this id."},

	"help_allow": {
		"Địa chỉ nội bộ được phép hỏi (máy, địa chỉ hoặc dải CIDR).",
		"Addresses inside the house that may be asked (host, address or CIDR).",
	},
	"help_bench": {
		"Đo tốc độ và bộ nhớ trên máy này, bên cạnh giới hạn của máy và phần mềm khác.",
		"Measure time and memory on this machine, beside its bare limits and other programs.",
	},
	"help_bench_sign":     {"Đo việc ký.", "Measure signing."},
	"help_bench_verify":   {"Đo việc kiểm tra chữ ký.", "Measure verification."},
	"help_bench_exchange": {"Đo việc gửi nhận giữa hai cổng.", "Measure the exchange between two gateways."},
	"help_bench_quick":    {"Đo nhanh, dưới 30 giây, bỏ các cỡ lớn.", "Under 30 seconds, without the large sizes."},
	"help_bench_limit":    {"Dừng sau thời gian này, ví dụ 5m.", "Stop after this time, such as 5m."},
	"help_bench_data": {
		"Thư mục tạm nằm ở đây (mặc định: thư mục tạm của máy).",
		"Where the temporary folder is made (by default: the machine's own place).",
	},
	"help_bench_sizes": {"Các cỡ: page, 1MB, 100MB, 1GB.", "Sizes: page, 1MB, 100MB, 1GB."},
	"help_bench_profiles": {
		"Ghi hồ sơ CPU (pprof) vào thư mục này.",
		"Write processor profiles (pprof) into this folder.",
	},
	"help_bench_workers":   {"Số văn bản đi cùng lúc.", "Documents under way at the same time."},
	"help_bench_documents": {"Số văn bản.", "How many documents."},
	"help_bench_fan_out":   {"Số nơi nhận của một văn bản gửi rộng.", "Recipients of the widely sent document."},
	"help_bench_rate":      {"Số văn bản mỗi giây khi đo độ trễ.", "Documents a second when latency is measured."},
	"bench_sign": {
		"Ký: thời gian một chữ ký, bên cạnh giới hạn (tỷ lệ nhỏ hơn là tốt hơn).",
		"Signing: time of one signature beside the limit (a smaller ratio is better).",
	},
	"bench_verify": {
		"Kiểm tra: thời gian một tệp, bên cạnh giới hạn và phần mềm khác (tỷ lệ nhỏ hơn là tốt hơn).",
		"Verification: time of one file beside the limit and other programs (a smaller ratio is better).",
	},
	"bench_exchange": {
		"Gửi nhận: hai cổng trên máy này, TLS hai chiều, ghi bền; thời gian mỗi văn bản 32 KiB.",
		"Exchange: two gateways on this machine, mutual TLS, durable; time per document of 32 KiB.",
	},
	"bench_head": {
		"Việc\tBên cạnh\tThời gian\tcủa bên kia\tTỷ lệ\tTỷ lệ CPU\tMỗi giây\tMiB\tMiB bên kia\tp50 ms\tp99 ms",
		"Work\tBeside\tTime\tof the other\tRatio\tCPU ratio\tPer second\tMiB\tMiB of the other\tp50 ms\tp99 ms",
	},
	"bench_building":    {"dựng hai cổng", "building two gateways"},
	"bench_preparing":   {"lãnh đạo ký các văn bản", "the leader signs the documents"},
	"bench_bare":        {"giới hạn của máy", "the machine's bare limit"},
	"bench_submit":      {"nhận và kiểm tra (nơi gửi)", "submit, judged at the sender"},
	"bench_seal":        {"lấy số và đóng dấu", "number and seal"},
	"bench_send":        {"gửi → kiểm tra → biên nhận ở hai đầu", "send → judged → receipt at both ends"},
	"bench_whole":       {"cả đường đi", "the whole way"},
	"bench_all_there":   {"tới đủ, có biên nhận", "all there, with receipts"},
	"bench_no_time":     {"hết giờ, không đo", "no time left"},
	"bench_no_peer":     {"máy này không có", "not on this machine"},
	"bench_peer_failed": {"phần mềm kia bị dừng", "the other program broke down"},
	"bench_too_costly":  {"cần quá nhiều bộ nhớ", "takes too much memory"},
	"bench_no_smtp": {
		"cần Postfix, openssl và quyền root trên máy này", "needs Postfix, openssl and root on this machine",
	},
	"bench_mail":   {"gửi các văn bản ấy bằng thư điện tử", "the same documents as mail"},
	"bench_drain":  {"dồn rồi gửi qua PostgreSQL", "a full outbox over PostgreSQL"},
	"ask_password": {"Mật khẩu của khoá: ", "Password of the key: "},
	"serving":      {"Cổng đang chạy tại", "The gateway is at"},

	"demo_start": {
		"Ba cổng (xã, huyện, tỉnh) đang khởi động với chứng thư thử nghiệm. Cấp huyện đã kết thúc từ " +
			"01/7/2025; ở đây giữ lại để cho thấy đường chuyển tiếp ba cấp. Dữ liệu:",
		"Three gateways (commune, district, province) are starting with certificates on trial. Districts " +
			"ended on 1 July 2025; one is kept here to show the relay over three levels. Data:",
	},
	"demo_stays": {
		"Các cổng vẫn chạy; mở địa chỉ trên bằng trình duyệt, dán mã truy cập để đăng nhập. Ctrl-C để kết thúc.",
		"The gateways stay up; open an address above and paste a token to log in. Ctrl-C ends.",
	},
	"demo_equal": {"tải lại giống từng byte", "retrieved, equal byte for byte"},

	"help_id": {
		"Mã văn bản (ULID) tự đặt, để chạy lại không gửi hai lần.",
		"Document id (ULID) of your own, so that a second run sends nothing twice.",
	},
	"help_send_file": {"Tệp PDF cần gửi.", "The PDF to send."},
	"help_search": {
		"Tìm theo số ký hiệu, trích yếu, cơ quan; không cần dấu.",
		"Words of number, subject or office; accents are not needed.",
	},
	"help_limit":      {"Số văn bản nhiều nhất.", "At most so many."},
	"verdict_waiting": {"ĐANG KIỂM TRA", "BEING JUDGED"},

	"help_second_opinion": {
		"Hỏi thêm bộ kiểm tra pdfsign trong tiến trình riêng và nêu chỗ khác nhau.",
		"Ask the engine pdfsign too, in a process of its own, and say where it differs.",
	},
	"opinion_agrees": {"đồng ý", "agrees"},

	"verdict_passed":           {"CHỮ KÝ HỢP LỆ", "SIGNATURES VALID"},
	"verdict_indeterminate":    {"CHƯA ĐỦ CĂN CỨ KẾT LUẬN", "CANNOT BE DECIDED"},
	"verdict_failed":           {"KHÔNG HỢP LỆ", "NOT VALID"},
	"verdict_unsigned":         {"KHÔNG CÓ CHỮ KÝ SỐ", "NOT SIGNED"},
	"kind_signature":           {"Chữ ký", "Signature"},
	"kind_document_timestamp":  {"Dấu thời gian", "Time stamp"},
	"indication_TOTAL-PASSED":  {"hợp lệ", "valid"},
	"indication_TOTAL-FAILED":  {"KHÔNG hợp lệ", "NOT valid"},
	"indication_INDETERMINATE": {"chưa đủ căn cứ", "undecided"},
	"modification_none":        {"không thay đổi sau khi ký", "not changed after signing"},
	"modification_ltv": {
		"sau khi ký chỉ thêm dữ liệu chứng thực lâu dài",
		"only long-term evidence added after signing",
	},
	"modification_form_fill": {
		"sau khi ký có điền biểu mẫu hoặc ký thêm",
		"form filled or further signed after signing",
	},
	"modification_annotation": {"sau khi ký có thêm chú thích", "annotated after signing"},
	"modification_forbidden":  {"ĐÃ BỊ SỬA SAU KHI KÝ", "CHANGED AFTER SIGNING"},
	"modification_unknown":    {"không rõ có bị sửa sau khi ký hay không", "changes after signing cannot be told"},
	"signed_at":               {"ký lúc", "signed at"},
}
