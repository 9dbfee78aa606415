package api

// mailboxSentences are about handing over to the document systems of an office.
var mailboxSentences = map[string]sentence{
	"mailbox.not_found": {
		"Cơ quan không có hộp giao nhận cho hệ thống này, hoặc mã truy cập là của hệ thống khác. Hãy kiểm tra tên hệ thống.",
		"The office has no mailbox for this system, or the token is another system's. Check the name of the system.",
	},
	"mailbox.not_offered": {
		"Sự kiện này chưa từng được giao cho hệ thống. Hãy dùng đúng mã sự kiện đã nhận.",
		"This event was never given to the system. Use the ids of the events that it was given.",
	},
	"mailbox.name": {
		"Tên hệ thống chỉ gồm chữ thường không dấu, chữ số và gạch nối, tối đa 40 ký tự. Hãy đặt tên khác.",
		"A system's name has small letters, digits and hyphens, at most 40. Choose another name.",
	},
	"mailbox.rule": {
		"Quy tắc giao nhận không đúng. Hãy dùng chủ đề arrival, judgement, decision, recall, status và mã loại văn bản " +
			"đã biết.",
		"The rule fits nothing. Use the topics arrival, judgement, decision, recall, status and known kinds of documents.",
	},
	"mailbox.url": {
		"Địa chỉ nhận không dùng được. Hãy dùng https://, hoặc http:// với địa chỉ IP nội bộ đã được cho phép.",
		"The address cannot be used. Use https://, or http:// with an inside IP address that is allowed.",
	},
	"mailbox.ask": {
		"Số sự kiện, thời hạn hoặc thời gian chờ nằm ngoài giới hạn. Hãy xem giới hạn trong tài liệu API.",
		"The number of events, the time or the wait is out of bounds. See the bounds in the description of the API.",
	},
	"mailbox.too_many": {
		"Cơ quan đã có quá nhiều hộp giao nhận. Hãy dùng lại một hộp không còn cần.",
		"The office has too many mailboxes. Use one again that is no longer needed.",
	},
	"mailbox.folder": {
		"Thư mục giao nhận do người vận hành đặt trong congvan.yaml. Hãy đề nghị người vận hành thay đổi ở đó.",
		"Folders are ordered by the operator in congvan.yaml. Ask the operator to change it there.",
	},
	"mailbox.pushed": {
		"Hộp này tự giao qua webhook hoặc thư mục nên không lấy được. Hãy bỏ địa chỉ webhook nếu hệ thống muốn tự lấy.",
		"This mailbox is pushed by a webhook or a folder. Take the webhook's address out if the system is to pull.",
	},
	"mailbox.no_url": {
		"Hộp này không có webhook. Hãy đặt địa chỉ nhận trước.",
		"This mailbox has no webhook. Order one first.",
	},
	"mailbox.no_webhooks": {
		"Cổng này chưa gửi được webhook. Hãy đề nghị người vận hành kiểm tra mailbox_key trong congvan.yaml.",
		"This gateway cannot call webhooks. Ask the operator to check mailbox_key in congvan.yaml.",
	},
	"mailbox.secret_lost": {
		"Không mở được khoá bí mật của webhook bằng mailbox_key hiện tại. Hãy đổi khoá bí mật rồi báo cho hệ thống nhận.",
		"The webhook's secret cannot be opened with the present mailbox_key. Rotate it and tell the system the new one.",
	},
	"mailbox.unreachable": {
		"Không kết nối được tới hệ thống nhận. Cổng tự thử lại; hãy kiểm tra địa chỉ và webhook_addresses.",
		"The system cannot be reached. The gateway tries again; check the address and webhook_addresses.",
	},
	"mailbox.answer": {
		"Hệ thống nhận trả lời lỗi. Cổng tự thử lại; hãy xem nhật ký của hệ thống nhận.",
		"The system answered with an error. The gateway tries again; look into the log of the system.",
	},
	"mailbox.declined": {
		"Hệ thống nhận không nhận một sự kiện. Cổng tự thử lại; hãy xem nhật ký của hệ thống nhận.",
		"The system declined an event. The gateway tries it again; look into the log of the system.",
	},
	"mailbox.folder_failed": {
		"Không đọc hoặc ghi được thư mục giao nhận. Hãy kiểm tra quyền và dung lượng; cổng tự thử lại.",
		"The folder cannot be read or written. Check its permissions and the disk; the gateway tries again.",
	},
	"mailbox.file_missing": {
		"Thiếu tệp PDF cùng tên hoặc tệp đính kèm. Hãy đặt đủ các tệp vào thư mục out rồi lưu lại tệp JSON.",
		"The PDF of the same name or an attachment is missing. Put it into the folder out and save the JSON file again.",
	},
	"mailbox.json": {
		"Tệp JSON không đọc được hoặc có mục lạ. Hãy sửa theo mẫu trong tài liệu rồi lưu lại.",
		"The JSON file cannot be read or has an unknown entry. Correct it as documented and save it again.",
	},
	"act.arrival.handed_over": {"Đã giao cho hệ thống quản lý văn bản", "Handed over to a document system"},
	"act.mailbox.ordered":     {"Đã đặt hộp giao nhận", "A mailbox was ordered"},
	"act.mailbox.rotated":     {"Đã đổi khoá bí mật của webhook", "The secret of a webhook was rotated"},
}
