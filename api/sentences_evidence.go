package api

// evidenceSentences are about the endorsed log and the evidence files made from it.
var evidenceSentences = map[string]sentence{
	"evidence.unreadable": {
		"Tệp này không phải hồ sơ bằng chứng của cổng. Hãy xuất lại bằng lệnh congvan evidence export.",
		"This is no evidence file. Export it again with congvan evidence export.",
	},
	"evidence.too_large": {
		"Hồ sơ bằng chứng quá lớn (tối đa 256 MiB). Hãy kiểm tra lại tệp.",
		"The evidence file is too large (256 MiB at most). Look whether it is the right file.",
	},
	"evidence.keys_unknown": {
		"Chưa có danh bạ để đối chiếu khoá của các cổng. Hãy so mã băm chứng thư với danh bạ đã công bố, " +
			"hoặc kiểm tra lại với --directory.",
		"No directory was given to know the gateways' keys by. Compare the digests of the certificates with the published " +
			"directory, or check again with --directory.",
	},
	"evidence.not_issued": {
		"Văn bản chưa ban hành khi xuất hồ sơ: chưa có gì chứng minh việc gửi. Hãy xuất lại sau khi ban hành.",
		"The document was not issued when this was exported: nothing proves that it was sent. Export again " +
			"after the issue.",
	},
	"evidence.other_document": {
		"Hồ sơ chứa dữ liệu của văn bản khác. Không dùng hồ sơ này; hãy yêu cầu cơ quan xuất lại.",
		"The file has data about another document. Do not rely on it; ask for it to be exported again.",
	},
	"evidence.other_content": {
		"Nội dung được nêu không trùng với văn bản đã gửi. Không dùng hồ sơ này; hãy báo cơ quan đã xuất.",
		"It speaks of other content than what was sent. Do not rely on it; tell the office that exported it.",
	},
	"evidence.leaf_not_proved": {
		"Có dòng nhật ký không khớp với nhật ký đã được xác nhận: đã bị sửa. Không dùng hồ sơ này; hãy yêu " +
			"cầu cơ quan xuất lại.",
		"A line of the log does not fit the endorsed log: it was changed. Do not rely on this file; ask for " +
			"it to be exported again.",
	},
	"evidence.contradiction": {
		"Có nơi nhận vừa tiếp nhận vừa từ chối. Hãy liên hệ hai cơ quan để làm rõ.",
		"A recipient has both accepted and refused. Ask both offices to clear this up.",
	},
	"evidence.no_witness": {
		"Chưa có cổng nào khác ký xác nhận nhật ký này. Hãy xuất lại khi cổng đã kết nối với cổng cấp trên.",
		"No other gateway has signed this log as its witness. Export again when the gateway has reached its uplink.",
	},
	"evidence.not_stamped": {
		"Nhật ký chưa có dấu thời gian. Hãy xuất lại khi kết nối được với cơ quan cấp dấu thời gian.",
		"The log has no time stamp. Export again when a time-stamping authority can be reached.",
	},
	"evidence.stamp_invalid": {
		"Dấu thời gian của nhật ký không đúng. Không dùng hồ sơ này; hãy yêu cầu xuất lại.",
		"The time stamp of the log does not hold. Do not rely on this file; ask for it to be exported again.",
	},
	"evidence.stamp_unknown_authority": {
		"Chưa biết cơ quan cấp dấu thời gian. Hãy kiểm tra lại với --anchors là thư mục chứng thư gốc tin cậy.",
		"The time-stamping authority is unknown. Check again with --anchors and the folder of trusted roots.",
	},
	"evidence.not_covered": {
		"Tệp đưa vào không phải tệp mà hồ sơ này chứng minh. Hãy kiểm tra lại tệp.",
		"The file is not the one that this evidence is about. Look whether it is the right file.",
	},
	"log.not_endorsed": {
		"Nhật ký còn trống nên chưa xác nhận được. Hãy thử lại sau khi có văn bản đầu tiên.",
		"The log is empty and cannot be endorsed. Try again after the first document.",
	},
	"log.no_leaf": {
		"Không có dòng nhật ký này. Hãy kiểm tra lại số thứ tự.",
		"The log has no such line. Look at the index again.",
	},
	"log.not_witnessed": {
		"Chưa xác nhận nhật ký nào của cổng này. Hãy chờ lần xác nhận đầu tiên.",
		"No checkpoint of that gateway was witnessed yet. Wait for the first.",
	},
	"checkpoint.too_large": {
		"Yêu cầu xác nhận nhật ký quá lớn. Hãy báo người quản trị cổng bên kia.",
		"The checkpoint that is shown is too large. Tell the administrator of the other gateway.",
	},
	"checkpoint.forked": {
		"CẢNH BÁO: nhật ký của cổng bên kia đã bị viết lại. Cả hai bản ký đã được giữ làm bằng chứng; hãy " +
			"báo ngay cơ quan quản lý.",
		"ALARM: the other gateway's log was rewritten. Both signed versions are kept as proof; tell the " +
			"supervising office.",
	},
	"checkpoint.rolled_back": {
		"CẢNH BÁO: dữ liệu cổng này cũ hơn những gì nó đã ký. Hãy dừng cổng và phục hồi từ bản sao lưu mới nhất.",
		"ALARM: this gateway's records are older than what it has signed. Stop it and restore the newest backup.",
	},
	"checkpoint.unsettled": {
		"Cổng láng giềng trả lời không nhất quán khi xác nhận nhật ký. Cổng sẽ tự thử lại; nếu còn lặp lại, " +
			"hãy báo người quản trị cổng đó.",
		"A neighbour contradicts itself about this log. It is asked again; if that goes on, tell its administrator.",
	},
	"act.evidence.exported": {"Đã xuất hồ sơ bằng chứng", "Evidence exported"},
	"act.checkpoint.forked": {"CẢNH BÁO: cổng khác đã viết lại nhật ký", "ALARM: another gateway rewrote its log"},
}
