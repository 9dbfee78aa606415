package api

// archiveSentences are about handing over to the archive and getting back from it.
var archiveSentences = map[string]sentence{
	"archive.dossier": {
		"Mã hồ sơ không đúng: 1 đến 50 chữ, số và dấu . _ / -, bắt đầu bằng chữ hoặc số. Hãy sửa lại.",
		"The dossier is not right: 1 to 50 letters, digits and . _ / -, beginning with one of the first two. Correct it.",
	},
	"archive.retention": {
		"Thời hạn lưu trữ không đúng. Hãy dùng mã từ 01 (vĩnh viễn) đến 06 (10 năm).",
		"There is no such retention. Use a code from 01 (permanent) to 06 (10 years).",
	},
	"archive.not_accepted": {
		"Văn bản chưa được tiếp nhận nên chưa nộp lưu được. Hãy tiếp nhận, vào sổ trước.",
		"The document was not accepted and cannot be filed yet. Accept it first.",
	},
	"archive.not_issued": {
		"Văn bản chưa ban hành nên chưa nộp lưu được. Hãy gửi văn bản trước.",
		"The document was not issued and cannot be filed yet. Send it first.",
	},
	"archive.not_filed": {
		"Văn bản chưa được nộp lưu. Hãy nộp lưu trước khi khai thác từ kho lưu trữ.",
		"The document was not filed. File it before it is retrieved from the archive.",
	},
	"archive.damaged": {
		"Tệp lưu trữ không còn nguyên vẹn ở bản nào. Hãy báo ngay người quản trị để phục hồi từ bản sao lưu.",
		"No stored copy of the file is whole. Tell the administrator at once to restore it from the backup.",
	},
	"archive.evidence": {
		"Tệp bằng chứng lưu trữ không đọc được. Hãy báo ngay người quản trị để phục hồi từ bản sao lưu.",
		"The evidence file cannot be read. Tell the administrator at once to restore it from the backup.",
	},
}
