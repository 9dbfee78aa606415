package api

// evidenceSentences are about what a verdict rests on, kept to judge again later.
var evidenceSentences = map[string]sentence{
	"evidence.unreadable": {
		"Tệp bằng chứng bị hỏng hoặc không phải bằng chứng kiểm tra chữ ký. Hãy dùng bản sao khác.",
		"The evidence is damaged, or is no evidence of a verdict. Use another copy.",
	},
	"evidence.other_version": {
		"Tệp bằng chứng do phiên bản khác của congvan lập. Hãy dùng phiên bản mới hơn để đọc.",
		"The evidence was made by another version of congvan. Use a later one to read it.",
	},
	"evidence.too_large": {
		"Tệp bằng chứng lớn quá mức cho phép. Hãy kiểm tra lại tệp gốc bằng lệnh verify.",
		"The evidence is larger than is taken. Judge the file itself again.",
	},
	"evidence.none": {
		"Không có bằng chứng vì tệp không kiểm tra được. Hãy xem lý do trong kết quả kiểm tra.",
		"There is no evidence, because the file could not be examined. See the reason in the report.",
	},
	"evidence.foreign_anchor": {
		"Bằng chứng dựa vào một chứng thư gốc không có trong thư mục tin cậy. Đừng dựa vào bằng chứng này; hãy hỏi người " +
			"quản trị.",
		"The evidence rests on an anchor that is not in the folder of anchors. Do not rely on it; ask the administrator.",
	},
}
