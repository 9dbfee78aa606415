package api

// exchangeSentences are about offices, arrivals and what travels between gateways.
var exchangeSentences = map[string]sentence{
	"recipient.unknown": {
		"Không có nơi nhận này trong danh bạ. Hãy kiểm tra mã định danh, hoặc tìm lại theo tên cơ quan.",
		"The directory has no such recipient. Check the code, or search by the name of the office.",
	},
	"recipient.closed": {
		"Nơi nhận đã chấm dứt hoạt động. Hãy chọn cơ quan kế thừa được nêu trong danh bạ.",
		"The recipient has ended. Choose among the successors that the directory names.",
	},
	"recipient.not_yet": {
		"Nơi nhận chưa được thành lập vào hôm nay. Hãy chọn cơ quan đang hoạt động.",
		"The recipient does not exist yet today. Choose an office that does.",
	},
	"recipient.code_expired": {
		"Mã định danh của nơi nhận đã hết hiệu lực, cơ quan nay dùng mã khác. Hãy tìm lại theo tên để lấy mã mới.",
		"The recipient's code is not in force any more; the office has another. Search by name for the new one.",
	},
	"recipient.no_gateway": {
		"Nơi nhận chưa có cổng nhận văn bản điện tử. Hãy gửi bản giấy, hoặc báo người quản trị cập nhật danh bạ.",
		"No gateway receives for the recipient. Send it on paper, or ask the administrator to update the directory.",
	},
	"office.unknown": {
		"Không có cơ quan này trong danh bạ. Hãy kiểm tra lại, hoặc cập nhật danh bạ.",
		"The directory has no such office. Check it, or update the directory.",
	},
	"office.closed": {
		"Cơ quan đã chấm dứt hoạt động nên không phát hành văn bản được. Hãy dùng tài khoản của cơ quan kế thừa.",
		"The office has ended and issues nothing any more. Use an account of its successor.",
	},
	"office.not_hosted": {
		"Cổng này không phục vụ cơ quan của bạn. Hãy dùng cổng ghi trong danh bạ, hoặc báo người quản trị.",
		"This gateway does not host your office. Use the one that the directory names, or tell the administrator.",
	},
	"office.no_host": {
		"Danh bạ chưa ghi cổng nào nhận cho cơ quan này. Hãy báo người quản trị cập nhật danh bạ.",
		"The directory names no gateway that receives for this office. Ask the administrator to update it.",
	},
	"node.unknown": {
		"Cổng này không có trong danh bạ. Hãy báo người quản trị cập nhật danh bạ.",
		"The directory has no such gateway. Ask the administrator to update it.",
	},
	"directory.invalid": {
		"Tệp danh bạ có mâu thuẫn nên không dùng. Hãy sửa những chỗ nêu trong nhật ký rồi nạp lại.",
		"The directory contradicts itself and is not used. Correct what the log names and load it again.",
	},

	"arrival.not_found": {
		"Không có văn bản đến này trong cơ quan của bạn. Hãy tải lại danh sách văn bản đến.",
		"Your office has no such incoming document. Read the list again.",
	},
	"arrival.known": {
		"Văn bản này đã được ghi nhận từ trước. Hãy tải lại danh sách văn bản đến.",
		"This document was recorded before. Read the list again.",
	},
	codeNotJudged: {
		"Chữ ký của văn bản này đang được kiểm tra. Hãy chờ vài giây rồi làm lại.",
		"The signatures of this document are still being examined. Wait a few seconds and try again.",
	},
	"arrival.refused": {
		"Văn bản đã bị từ chối nên không đổi được nữa. Nếu nhầm, hãy liên hệ cơ quan gửi để gửi lại.",
		"The document was refused, and that stays so. If it was a mistake, ask the sending office to send it again.",
	},
	"arrival.accepted": {
		"Văn bản đã được tiếp nhận, vào sổ nên không từ chối được nữa. Hãy trao đổi trực tiếp với cơ quan gửi.",
		"The document was accepted and entered; it cannot be refused any more. Talk to the sending office.",
	},
	"arrival.not_accepted": {
		"Văn bản chưa được tiếp nhận. Hãy tiếp nhận, vào sổ trước khi báo tình trạng xử lý.",
		"The document was not accepted yet. Accept it before its progress is reported.",
	},
	"arrival.past": {
		"Tình trạng xử lý chỉ đi tới, không lùi lại. Hãy tải lại để xem tình trạng hiện nay.",
		"Progress only goes forward. Read the present status again.",
	},
	"arrival.reason": {
		"Cần ghi lý do từ chối từ 10 đến 500 ký tự; lý do sẽ được gửi đến cơ quan gửi. Hãy bổ sung.",
		"A reason of 10 to 500 characters is needed; it is sent to the sending office. Complete it.",
	},
	"arrival.status": {
		"Tình trạng không đúng. Hãy dùng 04 (phân công), 05 (đang xử lý) hoặc 06 (hoàn thành).",
		"There is no such status to report. Use 04 (assigned), 05 (in progress) or 06 (completed).",
	},
	"file.unknown": {
		"Văn bản không có tệp này. Hãy tải lại văn bản để xem các tệp của nó.",
		"The document has no such file. Read the document again to see its files.",
	},
	"file.other_size": {
		"Dung lượng tệp nhận được khác với thông tin bên gửi. Hãy từ chối và yêu cầu gửi lại.",
		"The file that arrived has another size than the sender states. Refuse it and ask for it again.",
	},
	"page.limit": {
		"Số dòng mỗi trang phải từ 1 đến 200. Hãy sửa lại.",
		"A page has 1 to 200 items. Correct the limit.",
	},
	"page.search": {
		"Câu tìm có quá nhiều từ. Hãy bớt từ rồi tìm lại.",
		"The search has too many words. Use fewer.",
	},
	"page.cursor": {
		"Không tiếp tục được danh sách từ chỗ này. Hãy mở lại danh sách từ đầu.",
		"The list cannot be continued from there. Read it from its beginning.",
	},
	"page.not_found": {
		"Văn bản không có trang này. Hãy chọn trang khác.",
		"The document has no such page. Choose another.",
	},
	"page.not_drawn": {
		"Không hiển thị được trang này. Hãy tải tệp về và mở bằng phần mềm đọc PDF.",
		"The page cannot be shown. Save the file and open it with a PDF reader.",
	},
	"record.not_text": {
		"Dữ liệu có ký tự không hợp lệ. Hãy xoá ký tự lạ rồi gửi lại.",
		"There are characters that are not text. Remove them and send again.",
	},

	"message.not_found": {
		"Không có thông điệp này trên cổng. Hãy tải lại dòng thời gian của văn bản.",
		"This gateway has no such message. Read the document's timeline again.",
	},
	"message.not_addressed": {
		"Cổng nhận không phục vụ cơ quan này và không chuyển tiếp được. Hãy cập nhật danh bạ rồi gửi lại.",
		"The gateway does not host that office and cannot pass the document on. Update the directory and send it again.",
	},
	"route.circle": {
		"Đường chuyển giữa các cổng đi vòng tròn. Hãy báo người quản trị sửa danh bạ.",
		"The way between the gateways runs in a circle. Ask the administrator to correct the directory.",
	},
	"blob.missing": {
		"Các tệp của văn bản đang được gửi. Hệ thống tự gửi tiếp; không cần làm gì.",
		"The files of the document are still on their way. Nothing is to be done.",
	},
	"receipt.unknown_document": {
		"Phản hồi nói về văn bản mà cổng này không có. Hãy báo người quản trị hai bên.",
		"The receipt speaks of a document that is not here. Tell both administrators.",
	},
	"delivery.not_found": {
		"Không có lượt gửi này. Hãy tải lại dòng thời gian của văn bản.",
		"There is no such delivery. Read the document's timeline again.",
	},
	"message.unreadable": {
		"Thông điệp của cổng gửi không đọc được. Hãy báo người quản trị của cổng gửi.",
		"The message of the sending gateway cannot be read. Tell its administrator.",
	},
	"message.too_large": {
		"Thông điệp lớn hơn mức cho phép. Hãy giảm số nơi nhận rồi gửi lại.",
		"The message is larger than allowed. Name fewer recipients and send again.",
	},
	"message.version": {
		"Thông điệp thuộc phiên bản mới hơn. Hãy cập nhật phần mềm của cổng này.",
		"The message is of a newer version. Update this gateway.",
	},
	"message.bad_seal": {
		"Niêm phong của cổng gửi không đúng: thông điệp bị sửa hoặc giả mạo. Hãy báo người quản trị hai bên.",
		"The seal of the sending gateway is wrong: the message was changed or forged. Tell both administrators.",
	},
	"message.foreign_seal": {
		"Niêm phong không thuộc cổng đã nêu tên. Hãy cập nhật danh bạ; nếu vẫn vậy, báo người quản trị hai bên.",
		"The seal is not one of the gateway that is named. Update the directory; if it persists, tell both administrators.",
	},
	"message.incomplete": {
		"Thông điệp thiếu thông tin bắt buộc. Hãy báo người quản trị của cổng gửi.",
		"The message lacks what it must have. Tell the administrator of the sending gateway.",
	},
	"message.from_future": {
		"Thông điệp mang thời điểm trong tương lai. Hãy kiểm tra đồng hồ của cả hai cổng.",
		"The message comes from the future. Check the clocks of both gateways.",
	},
	"message.not_its_office": {
		"Cổng gửi không phục vụ cơ quan ghi trên văn bản. Hãy báo người quản trị hai bên.",
		"The sending gateway does not host the office that the document names. Tell both administrators.",
	},
	"receipt.false": {
		"Phản hồi không đúng với văn bản đã gửi. Hãy báo người quản trị hai bên.",
		"The receipt does not fit the document that was sent. Tell both administrators.",
	},
	"receipt.not_addressed": {
		"Phản hồi đến từ cơ quan không phải nơi nhận của văn bản. Hãy báo người quản trị.",
		"The receipt comes from an office that is no recipient of the document. Tell the administrator.",
	},
	"receipt.not_its_office": {
		"Phản hồi do cổng không phục vụ cơ quan đó lập. Hãy báo người quản trị hai bên.",
		"The receipt was made by a gateway that does not host that office. Tell both administrators.",
	},
	"receipt.other_content": {
		"Phản hồi nói về một nội dung khác với bản đã gửi. Hãy báo ngay người quản trị hai bên.",
		"The receipt speaks of other content than what was sent. Tell both administrators at once.",
	},
	"delivery.later": {
		"Cổng nhận đang bận. Văn bản vẫn nằm trong hàng đợi và sẽ tự gửi lại.",
		"The receiving gateway is busy. What is owed stays in the queue and is sent again by itself.",
	},
	"checkpoint.invalid": {
		"Điểm kiểm của nhật ký không đúng. Hãy báo ngay người quản trị: nhật ký của một cổng có thể đã bị sửa.",
		"A checkpoint of a log is wrong. Tell the administrator at once: a log may have been changed.",
	},
	"checkpoint.key": {
		"Khoá của cổng không ký được điểm kiểm của nhật ký. Hãy cấp cho cổng khoá ECDSA P-256.",
		"The gateway's key cannot sign checkpoints of the log. Give it an ECDSA P-256 key.",
	},

	"statute.unsigned": {
		"Văn bản không có chữ ký số. Nên từ chối và yêu cầu gửi lại bản đã ký số.",
		"The document is not signed. It should be refused, and a signed one asked for.",
	},
	"statute.no_leader_signature": {
		"Không có chữ ký hợp lệ của người ký ghi trên văn bản. Nên hỏi lại cơ quan gửi trước khi tiếp nhận.",
		"There is no valid signature of the signatory whom the document names. Ask the sending office before accepting.",
	},
	"statute.no_office_seal": {
		"Văn bản chưa có chữ ký số của cơ quan. Nên từ chối và yêu cầu đóng dấu.",
		"The document lacks the signature of the office. It should be refused until it is sealed.",
	},
	"statute.wrong_office": {
		"Chữ ký cơ quan không phải của cơ quan ghi trên văn bản. Đừng tiếp nhận; hãy liên hệ cơ quan được nêu tên.",
		"The document is sealed by another office than it names. Do not accept it; contact the office that it names.",
	},
	"statute.sealed_before_signed": {
		"Cơ quan đóng dấu trước khi người có thẩm quyền ký. Nên hỏi lại cơ quan gửi trước khi tiếp nhận.",
		"The office sealed before the competent person signed. Ask the sending office before accepting.",
	},
	"statute.order_unknown": {
		"Không xác định được chữ ký nào có trước. Nên hỏi lại cơ quan gửi trước khi tiếp nhận.",
		"Nobody can tell which signature came first. Ask the sending office before accepting.",
	},
	"statute.office_not_in_being": {
		"Theo danh bạ, cơ quan ban hành không tồn tại vào ngày ghi trên văn bản. Hãy hỏi lại cơ quan gửi, hoặc cập nhật " +
			"danh bạ.",
		"By the directory the issuing office did not exist on the date of the document. Ask the sending office, or bring " +
			"the directory up to date.",
	},
	"statute.signatory_of_other_office": {
		"Chứng thư của người ký không ghi cơ quan ban hành văn bản. Nên hỏi lại cơ quan gửi trước khi tiếp nhận.",
		"The signatory's certificate does not name the issuing office. Ask the sending office before accepting.",
	},
	"statute.wrong_realm": {
		"Chữ ký không dùng chứng thư chuyên dùng công vụ. Nên yêu cầu cơ quan gửi ký bằng chứng thư do Ban Cơ yếu Chính " +
			"phủ cấp.",
		"A signature does not use a certificate for public offices. Ask the sender to sign with one.",
	},
}

// actSentences say what happened, for timelines.
var actSentences = map[string]sentence{
	"act.document.submitted":        {"Đã trình văn bản", "Handed in"},
	"act.document.signed":           {"Người có thẩm quyền đã ký", "Signed by the competent person"},
	"act.document.signed_elsewhere": {"Đã có chữ ký của người ký khi trình", "Was signed before it was handed in"},
	"act.document.numbered":         {"Đã cấp số", "Numbered"},
	"act.document.sealed":           {"Cơ quan đã ký số, đóng dấu", "Sealed by the office"},
	"act.document.issued":           {"Đã ban hành, chuyển vào hàng đợi gửi", "Issued, and owed to the recipients"},
	"act.document.delivered":        {"Đã chuyển đến cổng tiếp theo", "Brought to the next gateway"},
	"act.document.secret_refused":   {"Đã từ chối một văn bản mật, không lưu gì", "Refused a state secret, kept nothing"},
	"act.arrival.received":          {"Văn bản đã đến", "Arrived"},
	"act.arrival.judged":            {"Đã kiểm tra chữ ký số", "Signatures examined"},
	"act.arrival.accepted":          {"Đã tiếp nhận, vào sổ", "Accepted and entered"},
	"act.arrival.refused":           {"Đã từ chối tiếp nhận", "Refused"},
	"act.arrival.assigned":          {"Đã phân công xử lý", "Assigned"},
	"act.arrival.in_progress":       {"Đang xử lý", "In progress"},
	"act.arrival.completed":         {"Đã hoàn thành", "Completed"},
	"act.arrival.filed":             {"Đã nộp lưu", "Handed over to the archive"},
	"act.document.filed":            {"Đã nộp lưu bản gốc", "The original was handed over to the archive"},
	"act.archive.retrieved":         {"Đã khai thác từ kho lưu trữ", "Retrieved from the archive"},
	"act.file.read":                 {"Đã mở tệp", "File read"},
	"act.file.verified":             {"Đã kiểm tra chữ ký của một tệp", "File verified"},
	"act.message.relayed":           {"Đã chuyển tiếp", "Passed on"},
	"act.message.refused":           {"Đã từ chối một thông điệp từ cổng khác", "Refused a message of another gateway"},
	"act.message.clash":             {"Cảnh báo: cùng mã nhưng khác nội dung", "Alarm: the same id with other content"},
	"act.message.undeliverable":     {"Không chuyển tiếp được", "Cannot be passed on"},
	"act.token.created":             {"Đã cấp mã truy cập", "Token made"},
	"act.token.revoked":             {"Đã huỷ mã truy cập", "Token revoked"},

	"act.receipt.received":      {"Đã nhận phản hồi", "Receipt received"},
	"act.receipt.carried":       {"Đã đến cổng chuyển tiếp", "At a gateway on the way"},
	"act.receipt.undeliverable": {"Không chuyển được đến nơi nhận", "Cannot be delivered"},
	"act.receipt.01":            {"Đã đến nơi nhận", "Arrived at the recipient"},
	"act.receipt.02":            {"Nơi nhận từ chối", "Refused by the recipient"},
	"act.receipt.03":            {"Nơi nhận đã tiếp nhận", "Accepted by the recipient"},
	"act.receipt.04":            {"Nơi nhận đã phân công xử lý", "Assigned at the recipient"},
	"act.receipt.05":            {"Nơi nhận đang xử lý", "In progress at the recipient"},
	"act.receipt.06":            {"Nơi nhận đã hoàn thành", "Completed by the recipient"},
	"act.receipt.13":            {"Yêu cầu lấy lại", "Recall requested"},
	"act.receipt.15":            {"Đồng ý cho lấy lại", "Recall accepted"},
	"act.receipt.16":            {"Từ chối cho lấy lại", "Recall refused"},

	"act.delivery.owed":      {"Đang chờ gửi", "Waiting to be sent"},
	"act.delivery.accepted":  {"Cổng tiếp theo đã nhận", "Taken by the next gateway"},
	"act.delivery.duplicate": {"Cổng tiếp theo đã nhận từ trước", "Was taken by the next gateway before"},
	"act.delivery.refused":   {"Cổng tiếp theo từ chối: cần xem xét", "Refused by the next gateway: somebody must look"},
	"act.delivery.conflict":  {"Cảnh báo: cổng tiếp theo có nội dung khác", "Alarm: the next gateway has other content"},
	"act.delivery.later":     {"Cổng tiếp theo đang bận, sẽ gửi lại", "The next gateway is busy; it is tried again"},
	"act.delivery.missing":   {"Đang gửi các tệp", "The files are being sent"},
}
