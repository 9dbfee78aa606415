package api

// deadlineSentences are about what is due by when: duties, reminders and reports.
var deadlineSentences = map[string]sentence{
	"deadlines.invalid": {
		"Tệp lịch làm việc và thời hạn có chỗ không đúng. Hãy sửa chỗ được nêu rồi chạy lại; mẫu có ở docs/configuration.md.",
		"The file of working days and deadlines is not right. Correct what is named; docs/configuration.md has an example.",
	},
	"report.period": {
		"Kỳ báo cáo không đúng. Hãy chọn ngày đầu không sau ngày cuối, nhiều nhất 366 ngày, viết như 2026-03-31.",
		"That is no period. Choose a first day not after the last, 366 days at most, written like 2026-03-31.",
	},
	"report.duty": {
		"Không có loại thời hạn này. Hãy chọn một trong các loại nêu trong báo cáo.",
		"There is no such duty. Choose one that the report names.",
	},
	"act.deadline.reminded": {"Đã nhắc việc theo thời hạn", "The office was reminded of what is due"},

	"deadline.duty_issue":   {"Phát hành sau khi ký", "Issue after signing"},
	"deadline.duty_answers": {"Được các nơi nhận trả lời", "Answers by the recipients"},
	"deadline.duty_receive": {"Tiếp nhận hoặc trả lại văn bản đến", "Accept or send back what arrived"},
	"deadline.duty_decide":  {"Trả lại khi còn đủ thời gian xử lý", "Send back while time is left"},
	"deadline.duty_present": {"Trình, chuyển giao sau khi vào sổ", "Hand over after it was entered"},
	"deadline.duty_answer":  {"Trả lời văn bản đến", "Answer what arrived"},

	"deadline.outcome_early":   {"trước hạn", "early"},
	"deadline.outcome_on_time": {"đúng hạn", "on time"},
	"deadline.outcome_late":    {"quá hạn", "late"},
	"deadline.outcome_running": {"còn trong hạn", "not due yet"},
	"deadline.outcome_unknown": {
		"chưa kết luận: lịch nghỉ của năm chưa được khai báo",
		"undecided: the holidays of the year were not stated",
	},

	"deadline.stage_submitted":   {"trình", "submitted"},
	"deadline.stage_signed":      {"ký", "signed"},
	"deadline.stage_numbered":    {"cấp số", "numbered"},
	"deadline.stage_sealed":      {"đóng dấu", "sealed"},
	"deadline.stage_issued":      {"ban hành", "issued"},
	"deadline.stage_carried":     {"cổng trung gian chuyển", "carried by a gateway"},
	"deadline.stage_arrived":     {"đến nơi nhận", "arrived"},
	"deadline.stage_accepted":    {"tiếp nhận, vào sổ", "accepted"},
	"deadline.stage_refused":     {"trả lại", "sent back"},
	"deadline.stage_assigned":    {"phân công", "assigned"},
	"deadline.stage_in_progress": {"bắt đầu xử lý", "in progress"},
	"deadline.stage_completed":   {"hoàn thành", "completed"},

	"deadline.leg_outgoing": {"tại cơ quan, đến khi ban hành", "within the office, until issued"},
	"deadline.leg_sent":     {"từ khi ban hành, qua từng nơi nhận", "from issue through each recipient"},
	"deadline.leg_incoming": {"văn bản đến", "what arrived"},

	"deadline.formula": {
		"Tỷ lệ đúng hạn = (trước hạn + đúng hạn) ÷ (trước hạn + đúng hạn + quá hạn). Quá hạn gồm cả việc chưa xong mà " +
			"đã qua hạn. Việc còn trong hạn và việc chưa kết luận không tính. Văn bản đi tính theo ngày trình, " +
			"văn bản đến theo ngày đến.",
		"Share on time = (early + on time) ÷ (early + on time + late). Late includes what is not done and past due. " +
			"What is not due yet and what is undecided do not count. Outgoing documents belong to the day they were " +
			"handed in, incoming ones to the day they arrived.",
	},
	"report.alarm": {
		"CẢNH BÁO: tỷ lệ quá hạn đã đến ngưỡng. Hãy xem danh sách quá hạn và đôn đốc nơi đang giữ.",
		"ALARM: the share of late ones has reached the threshold. See the list of late ones and urge who holds them.",
	},
	"report.unknown_year": {
		"Chưa khai báo lịch nghỉ của năm này nên không ai bị tính quá hạn. Hãy bổ sung vào tệp «deadlines» của cấu hình.",
		"The holidays of this year were not stated, so nobody is called late. Add them to the file that the configuration " +
			"names at “deadlines”.",
	},
}
