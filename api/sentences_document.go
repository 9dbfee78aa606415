package api

// documentSentences are about documents that an office makes: handing in, signing, sealing, sending.
var documentSentences = map[string]sentence{
	"document.not_found": {
		"Không có văn bản này trong cơ quan của bạn. Hãy kiểm tra lại mã văn bản.",
		"Your office has no such document. Check its id.",
	},
	"document.id_taken": {
		"Mã văn bản này đã dùng cho một văn bản khác. Hãy để hệ thống tự cấp mã.",
		"Another document has this id. Let the gateway give one.",
	},
	"document.known": {
		"Văn bản mang mã này đã có. Hãy để hệ thống tự cấp mã.",
		"A document with this id is there already. Let the gateway give one.",
	},
	"document.not_pdf": {
		"Tệp chính không phải PDF. Hãy chuyển văn bản sang PDF rồi gửi lại.",
		"The main file is not a PDF. Convert the document to PDF and send it again.",
	},
	"document.unreadable": {
		"Không đọc được tệp chính: tệp bị hỏng, bị cụt hoặc đặt mật khẩu. Hãy xuất lại PDF từ bản gốc rồi gửi lại.",
		"The main file cannot be read: it is damaged, cut off or encrypted. Make the PDF again and send it again.",
	},
	"document.signature_failed": {
		"Tệp mang một chữ ký số không còn đúng. Hãy dùng bản gốc chưa bị sửa, hoặc ký lại từ đầu.",
		"The file carries a signature that does not hold. Use the unchanged original, or sign anew.",
	},
	"document.unsigned": {
		"Văn bản chưa có chữ ký số nào. Hãy ký trước rồi mới nâng mức chữ ký.",
		"The document has no signature. Sign it before its level is raised.",
	},
	"document.numbered": {
		"Văn bản đã được cấp số nên không ký thêm được nữa. Hãy đóng dấu và gửi, hoặc lập văn bản mới.",
		"The document has its number and cannot be signed any more. Seal and send it, or make a new one.",
	},
	"document.not_sealed": {
		"Văn bản chưa đóng dấu nên chưa gửi được. Hãy cấp số và đóng dấu trước.",
		"The document is not sealed and cannot be sent yet. Number and seal it first.",
	},
	"draft.id": {
		"Mã văn bản tự đặt không đúng: cần một ULID. Hãy bỏ trống để hệ thống tự cấp.",
		"The id is not a ULID. Leave it out and the gateway gives one.",
	},
	"draft.kind": {
		"Loại văn bản không có trong danh mục. Hãy dùng ký hiệu viết tắt theo Nghị định 30/2020, như QĐ, TB, CV.",
		"There is no such kind of document. Use the abbreviation of Decree 30/2020, such as QĐ, TB, CV.",
	},
	"draft.subject": {
		"Trích yếu còn trống, quá dài (tối đa 500 ký tự) hoặc có ký tự không in được. Hãy sửa lại.",
		"The subject is empty, longer than 500 characters, or has control characters. Correct it.",
	},
	"draft.unit": {
		"Ký hiệu đơn vị soạn thảo không đúng (tối đa 20 ký tự). Hãy sửa lại.",
		"The unit is not right (at most 20 characters). Correct it.",
	},
	"draft.urgency": {
		"Độ khẩn không đúng. Hãy chọn từ 0 (thường) đến 4 (hoả tốc hẹn giờ).",
		"The degree of urgency is not right. Choose from 0 (ordinary) to 4 (express, timed).",
	},
	"draft.signatory": {
		"Thiếu họ tên người ký, hoặc họ tên, chức vụ quá dài. Hãy bổ sung.",
		"The signatory's name is missing, or name or position is too long. Complete it.",
	},
	"draft.capacity": {
		"Thẩm quyền ký không đúng. Hãy dùng TM., KT., TL., TUQ., Q. hoặc để trống.",
		"The capacity is not right. Use TM., KT., TL., TUQ., Q. or leave it empty.",
	},
	"draft.recipients": {
		"Danh sách nơi nhận chưa đúng: cần ít nhất một nơi nhận, không trùng nhau và không có cơ quan gửi. Hãy sửa lại.",
		"The recipients are not right: at least one, none twice, and not the sender itself. Correct the list.",
	},
	"draft.replies_to": {
		"Mã văn bản được trả lời không đúng. Hãy lấy mã từ văn bản đến.",
		"The id of the document that is answered is not right. Take it from the incoming document.",
	},
	"draft.due_on": {
		"Hạn trả lời không đúng: cần ngày dạng yyyy-mm-dd, từ hôm nay trở đi. Hãy sửa lại.",
		"The due date is not right: yyyy-mm-dd, today or later. Correct it.",
	},
	"draft.placement": {
		"Vị trí chữ ký nằm ngoài trang. Hãy chọn lại vị trí, hoặc bỏ trống để đặt theo quy định.",
		"The place of the signature is not on the page. Choose another, or leave it out for the usual one.",
	},
	"draft.attachments": {
		"Có quá nhiều tệp đính kèm (tối đa 100). Hãy gộp bớt rồi gửi lại.",
		"There are too many attachments (at most 100). Put some together and send again.",
	},
	"secrecy.refused": {
		"Văn bản mật không được gửi qua hệ thống này; chưa có gì được lưu. Hãy gửi theo đường văn bản mật.",
		"State secrets never enter this system, and nothing was kept. Send it by the way for secret documents.",
	},
	"sign.not_signatory": {
		"Bạn không phải người ký ghi trên văn bản. Hãy chuyển cho đúng người ký, hoặc sửa thông tin người ký.",
		"You are not the signatory whom the document names. Pass it to that person, or correct the signatory.",
	},
	"sign.impossible": {
		"Không ký được tệp này. Hãy xuất lại PDF từ bản gốc rồi trình lại; nếu vẫn lỗi, báo người quản trị kèm mã yêu cầu.",
		"This file cannot be signed. Make the PDF again and hand it in anew; if it persists, tell the administrator the " +
			"request id.",
	},
	"sign.unavailable": {
		"Chưa ký được vì nơi giữ khoá hoặc máy chủ dấu thời gian không trả lời. Văn bản vẫn như cũ; hãy ký lại sau ít phút.",
		"The key or the time-stamp authority does not answer. The document is as it was; sign again in a few minutes.",
	},
	"sign.level_pending": {
		"Đã ký, nhưng chưa đạt mức chữ ký yêu cầu. Hãy nâng mức lại khi có mạng.",
		"It was signed, but not at the level asked for. Raise the level when there is a network.",
	},
	"sign.interrupted": {
		"Việc ký bị ngắt giữa chừng; văn bản vẫn như cũ. Hãy ký lại.",
		"The signing was interrupted; the document is as it was. Sign again.",
	},
	"seal.no_leader_signature": {
		"Văn bản chưa có chữ ký hợp lệ của người ký nên không đóng dấu được. Hãy trình người ký trước.",
		"The document has no valid signature of its signatory and cannot be sealed. Have it signed first.",
	},
	"register.closed": {
		"Sổ đăng ký của năm đã khoá. Hãy dùng sổ của năm nay.",
		"The register of that year is closed. Use this year's.",
	},

	"order.no_moment": {
		"Yêu cầu ký không ghi thời điểm. Hãy báo người quản trị.",
		"The order to sign does not say when. Tell the administrator.",
	},
	"order.no_identity": {
		"Chưa có chứng thư hoặc khoá để ký. Hãy nạp khoá ký cho cơ quan.",
		"There is no certificate or key to sign with. Give the office its key.",
	},
	"order.unknown_level": {
		"Mức chữ ký không đúng. Hãy dùng B-B, B-T, B-LT hoặc B-LTA.",
		"There is no such level. Use B-B, B-T, B-LT or B-LTA.",
	},
	"order.no_timestamp_source": {
		"Mức chữ ký này cần máy chủ dấu thời gian. Hãy khai địa chỉ dấu thời gian (--tsa) hoặc ký mức B-B.",
		"This level needs a time-stamp authority. Name one (--tsa), or sign at B-B.",
	},
	"order.no_evidence_source": {
		"Mức chữ ký này cần bằng chứng thu hồi. Hãy kiểm tra kết nối mạng, hoặc ký mức B-T.",
		"This level needs evidence of revocation. Check the network, or sign at B-T.",
	},
	"order.bad_midstate": {
		"Trạng thái băm đã lưu không dùng được. Hãy ký lại từ đầu.",
		"A kept hash state cannot be used. Sign again from the beginning.",
	},
	"signature.not_ours": {
		"Giá trị chữ ký trả về không thuộc văn bản đã chuẩn bị. Hãy ký lại từ đầu.",
		"The signature value does not belong to what was prepared. Sign again from the beginning.",
	},
	"session.unusable": {
		"Phiên ký không còn dùng được cho văn bản này. Hãy bắt đầu ký lại.",
		"The signing session does not fit this document any more. Begin again.",
	},
	"signing.invariant_broken": {
		"Ký xong nhưng tệp không giữ nguyên phần cũ nên đã huỷ; chưa có gì được lưu. Hãy báo người quản trị kèm tệp gốc.",
		"The signed file would not keep what was there before; nothing was kept. Tell the administrator, with the " +
			"original file.",
	},
}
