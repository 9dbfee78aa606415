package api

// wireSentences are about what gateways say to each other, and about deliveries that stand still.
var wireSentences = map[string]sentence{
	codePeerAnswer: {
		"Cổng ở đầu bên kia trả lời sai giao thức nên câu trả lời không được tính; văn bản vẫn nằm trong hàng đợi. Nếu " +
			"kéo dài, hãy báo người quản trị cổng đó.",
		"The gateway at the other end does not answer as the protocol says, so its answer does not count; what is owed " +
			"stays in the queue. If it persists, tell the administrator of that gateway.",
	},
	codePeerEnded: {
		"Chứng thư của cổng ở một trong hai đầu đã hết hạn hoặc chưa có hiệu lực. Hãy kiểm tra đồng hồ máy; cấp chứng thư " +
			"mới, thêm vào danh bạ cạnh chứng thư cũ rồi khởi động lại cổng đó.",
		"The certificate of the gateway at one of the two ends has ended or has not begun. Check the clocks; issue a new " +
			"certificate, add it to the directory beside the old one, and start that gateway again.",
	},
	"upload.busy": {
		"Tệp này đang được tải lên qua một kết nối khác. Hãy chờ; cổng tự thử lại sau ít giây.",
		"Another connection is bringing this file. Wait: the gateway tries again by itself in a few seconds.",
	},
	"document.not_issued": {
		"Văn bản chưa ban hành nên chưa có gì để gửi lại. Hãy ban hành trước.",
		"The document is not issued, so there is nothing to send again. Issue it first.",
	},
	"draft.group": {
		"Hôm nay không có cơ quan nào thuộc nhóm nơi nhận này. Hãy kiểm tra cấp và cơ quan cấp trên trong danh bạ.",
		"No office belongs to this group of recipients today. Check the level and the office above in the directory.",
	},
	"act.document.addressed": {"Đã xác định nơi nhận theo nhóm", "Recipients taken from groups of the directory"},
	"act.document.resent":    {"Đã gửi lại cho những nơi chưa chuyển được", "Sent again where it did not get through"},
	"upload.offset": {
		"Phần tệp gửi tiếp không khớp với phần đã nhận. Hãy chờ; cổng tự hỏi lại và gửi tiếp đúng chỗ.",
		"The part of the file does not continue what is here. Wait: the gateway asks again and goes on from there.",
	},
}
