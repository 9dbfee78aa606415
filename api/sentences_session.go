package api

// sessionSentences are about signing with keys that the gateway does not hold.
var sessionSentences = map[string]sentence{
	"session.uploaded": {
		"Đã nhận văn bản đã ký. Hãy quay lại trang văn bản.",
		"The signed document was taken in. Go back to the page of the document.",
	},
	"session.not_found": {
		"Không có phiên ký này. Hãy bắt đầu ký lại từ trang văn bản.",
		"There is no such signing session. Begin again on the page of the document.",
	},
	"session.no_such_document": {
		"Văn bản này không nằm trong phiên ký. Hãy bắt đầu một phiên ký cho văn bản này.",
		"The document is not part of the signing session. Begin a session for it.",
	},
	"session.no_such_link": {
		"Đường dẫn ký số không đúng. Hãy bắt đầu ký lại từ trang văn bản.",
		"The link for signing is not right. Begin again on the page of the document.",
	},
	"session.expired": {
		"Phiên ký đã quá 15 phút nên hết hạn; văn bản chưa thay đổi. Hãy bắt đầu ký lại.",
		"The signing session is over after 15 minutes; the document is unchanged. Begin again.",
	},
	"session.finished": {
		"Phiên ký này đã hoàn tất với một chữ ký khác. Hãy mở lại trang văn bản để xem.",
		"The signing session was finished with another signature. Look at the page of the document.",
	},
	"session.stale": {
		"Văn bản đã thay đổi sau khi bắt đầu phiên ký nên chữ ký này không dùng được. Hãy bắt đầu ký lại.",
		"The document has changed since the session began, so the signature cannot be used. Begin again.",
	},
	"session.step_taken": {
		"Văn bản đã có chữ ký của bước này rồi. Hãy mở lại trang văn bản để xem.",
		"The document carries the signature of this step already. Look at the page of the document.",
	},
	"session.known": {
		"Mã phiên ký này đã dùng. Hãy bắt đầu ký lại với mã khác.",
		"The id of the signing session is in use. Begin again with another.",
	},
	"session.id_taken": {
		"Mã phiên ký này đã dùng cho việc ký khác. Hãy bắt đầu ký lại với mã khác.",
		"The id of the signing session belongs to another one. Begin again with another id.",
	},
	"session.id": {
		"Mã phiên ký không đúng dạng. Hãy dùng một ULID, hoặc để trống.",
		"The id of the signing session is not well-formed. Use a ULID, or none.",
	},
	"session.unknown_way": {
		"Phiên ký không đi theo cách này. Hãy kiểm tra bước (signed, sealed) và cách ký (value, upload).",
		"The signing session does not go this way. Check the step (signed, sealed) and the way (value, upload).",
	},
	"session.documents": {
		"Danh sách văn bản của phiên ký không hợp lệ. Hãy nêu từ 1 đến 50 văn bản, mỗi văn bản một lần.",
		"The list of documents of the signing session is not valid. Name 1 to 50 documents, each once.",
	},
	"session.certificate": {
		"Thiếu chứng thư của khoá sẽ ký, hoặc chứng thư không đọc được. Hãy gửi chứng thư dạng DER.",
		"The certificate of the key that will sign is missing or cannot be read. Send it as DER.",
	},
	"session.attachments_first": {
		"Các phụ lục của văn bản chưa được ký đủ. Hãy ký từng phụ lục trước, rồi mới ký văn bản chính.",
		"The attachments of the document are not all signed. Sign each of them first, then the document itself.",
	},
	"session.not_yours": {
		"Bạn không có quyền hoàn tất phiên ký này. Hãy nhờ người có thẩm quyền ký hoặc văn thư giữ con dấu.",
		"You may not finish this signing session. Ask the signatory, or the clerk who holds the seal.",
	},
	"session.nothing_given": {
		"Chưa có chữ ký. Hãy gửi đúng một trong hai: giá trị chữ ký hoặc đối tượng CMS.",
		"There is no signature. Send exactly one of the two: the value or the CMS object.",
	},
	"session.signature_not_passed": {
		"Chữ ký trả về chưa được xác nhận hợp lệ nên không được nhận; văn bản chưa thay đổi. " +
			"Hãy kiểm tra chứng thư của thiết bị ký rồi ký lại.",
		"The signature that came back does not pass and was not taken; the document is unchanged. " +
			"Check the certificate of the token and sign again.",
	},
	"upload.no_file": {
		"Chưa có tệp đã ký. Hãy gửi tệp trong trường «uploadfile» của biểu mẫu.",
		"There is no signed file. Send it in the field “uploadfile” of a form.",
	},
	"act.attachment.sealed":      {"Đã ký số của cơ quan lên phụ lục", "An attachment was sealed"},
	"act.document.given_to_sign": {"Đã giao để ký bằng khoá bên ngoài", "Given out to be signed with a key elsewhere"},
}
