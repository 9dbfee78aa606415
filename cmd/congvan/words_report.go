package main

// reportWords are the words about reports: Vietnamese, then English.
var reportWords = map[string][2]string{
	"help_report_command": {"Báo cáo của cơ quan.", "Reports of an office."},
	"help_report_on_time": {
		"Đếm việc trước hạn, đúng hạn, quá hạn và thời gian từng chặng trong một kỳ.",
		"Count what was early, on time and late, and the time per hop, in a period.",
	},
	"help_report_from": {"Ngày đầu của kỳ, như 2026-03-01.", "The first day of the period, such as 2026-03-01."},
	"help_report_to":   {"Ngày cuối của kỳ.", "The last day of the period."},
	"help_report_areas": {
		"Cộng nơi nhận theo địa bàn của ngày này, như 2025-06-30 (cũ) hoặc 2025-07-01 (mới); không nêu: ngày cuối kỳ.",
		"Add up recipients by the areas of this day, such as 2025-06-30 (old) or 2025-07-01 (new); else the last day.",
	},
	"report_areas":    {"Theo địa bàn ngày", "By the areas of"},
	"report_no_area":  {"Không thuộc một địa bàn", "Of no one area"},
	"report_area":     {"gửi %d · đến %d · đúng hạn %d · quá hạn %d", "sent %d · arrived %d · in time %d · late %d"},
	"help_report_csv": {"In dạng CSV, mỗi số một dòng.", "Print CSV, one line for each number."},
}
