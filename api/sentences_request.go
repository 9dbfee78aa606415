package api

// requestSentences are about who asks and how: tokens, rights, the shape of a request, other gateways on the wire.
var requestSentences = map[string]sentence{
	codeTokenMissing: {
		"Chưa đăng nhập. Hãy đăng nhập, hoặc gửi mã truy cập trong tiêu đề Authorization: Bearer.",
		"Nobody is logged in. Log in, or send a token in the header Authorization: Bearer.",
	},
	codeTokenInvalid: {
		"Mã truy cập không đúng. Hãy kiểm tra lại, hoặc xin người quản trị cấp mã mới.",
		"The token is not right. Check it, or ask the administrator for a new one.",
	},
	codeTokenExpired: {
		"Mã truy cập đã hết hạn. Hãy xin người quản trị cấp mã mới.",
		"The token has expired. Ask the administrator for a new one.",
	},
	codeTokenRevoked: {
		"Mã truy cập đã bị huỷ. Hãy xin người quản trị cấp mã mới.",
		"The token was revoked. Ask the administrator for a new one.",
	},
	codeTokenLife: {
		"Thời hạn của mã truy cập không đúng: phải sau bây giờ và tối đa 730 ngày. Hãy chọn lại.",
		"The token's life is not right: it ends after now and within 730 days. Choose another moment.",
	},
	codeTokenUnknown: {
		"Không có mã truy cập này trong cơ quan. Hãy tải lại danh sách mã truy cập.",
		"This office has no such token. Read the list of tokens again.",
	},
	"token.not_found": {
		"Không có mã truy cập này. Hãy tải lại danh sách mã truy cập.",
		"There is no such token. Read the list of tokens again.",
	},
	"token.known": {
		"Mã truy cập này đã có. Hãy tạo mã mới.",
		"This token is there already. Make a new one.",
	},
	"access.cross_site": {
		"Yêu cầu đến từ một trang khác nên bị chặn. Hãy mở lại trang congvan rồi làm lại.",
		"The request came from another site and was stopped. Open the page of congvan again and repeat it there.",
	},
	"access.denied": {
		"Vai trò của bạn không được làm việc này. Hãy nhờ người có thẩm quyền trong cơ quan, hoặc xin người quản trị cấp " +
			"quyền.",
		"Your role may not do this. Ask the competent person of your office, or ask the administrator for the right.",
	},
	codeRequestInvalid: {
		"Yêu cầu chưa đúng mẫu. Hãy sửa những chỗ được nêu rồi gửi lại.",
		"The request does not have the right form. Correct what is named and send it again.",
	},
	codeRequestTooLarge: {
		"Dữ liệu gửi lên lớn hơn mức cho phép. Hãy chia nhỏ hoặc giảm dung lượng tệp rồi gửi lại.",
		"What was sent is larger than allowed. Split it or make the file smaller, and send it again.",
	},
	codeRequestTooSlow: {
		"Đường truyền quá chậm hoặc bị ngắt, dữ liệu chưa đến đủ. Hãy kiểm tra mạng rồi gửi lại.",
		"The line is too slow or was cut, and not everything arrived. Check the network and send it again.",
	},
	codeTooManyRequests: {
		"Đang có quá nhiều yêu cầu cùng lúc. Hãy chờ vài giây rồi thử lại.",
		"There are too many requests at the same time. Wait a few seconds and try again.",
	},
	codeNoRoute: {
		"Không có địa chỉ này. Hãy kiểm tra đường dẫn; danh sách địa chỉ có tại /api/v1/openapi.json.",
		"There is no such address. Check the path; all addresses are listed in /api/v1/openapi.json.",
	},
	codeNoMethod: {
		"Địa chỉ này không nhận phương thức đó. Hãy xem tiêu đề Allow để biết phương thức đúng.",
		"This address does not take that method. The header Allow names those it takes.",
	},
	codeMediaType: {
		"Kiểu dữ liệu gửi lên không được hỗ trợ. Hãy gửi đúng kiểu ghi trong tài liệu OpenAPI.",
		"That media type is not supported. Send the one named in the OpenAPI document.",
	},
	codeNotAcceptable: {
		"Không có câu trả lời theo kiểu dữ liệu đã yêu cầu. Hãy bỏ tiêu đề Accept hoặc nhận application/json.",
		"There is no answer of the media type asked for. Leave out the header Accept, or accept application/json.",
	},
	codeCancelled: {
		"Yêu cầu đã bị ngắt trước khi xong. Hãy mở lại để xem việc đã hoàn thành chưa trước khi làm lại.",
		"The request was cut off before it was done. Look whether the work was done before doing it again.",
	},
	codeKeyReused: {
		"Khoá Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khoá mới cho mỗi văn bản mới.",
		"This Idempotency-Key was used for another request. Use a new key for every new document.",
	},
	codeKeyInvalid: {
		"Khoá Idempotency-Key không đúng: cần từ 1 đến 128 ký tự ASCII in được. Hãy sửa rồi gửi lại.",
		"The Idempotency-Key is not right: it has 1 to 128 printable ASCII characters. Correct it and send again.",
	},
	codePartOrder: {
		"Các phần của biểu mẫu sai thứ tự: phần document trước, rồi các attachment, cuối cùng là file. Hãy sửa rồi gửi lại.",
		"The parts of the form are out of order: document first, then each attachment, file at the end. Correct it and " +
			"send again.",
	},
	codeProblemUnknown: {
		"Không có mã lỗi này. Hãy tìm trong danh sách tại /api/v1/problems.",
		"There is no such code. Look for it in the list at /api/v1/problems.",
	},
	codeRangeInvalid: {
		"Phần tệp được yêu cầu không tồn tại. Hãy tải lại cả tệp.",
		"The part of the file that was asked for does not exist. Fetch the whole file.",
	},

	codePeerUnknown: {
		"Cổng ở đầu bên kia không có trong danh bạ, hoặc chứng thư của cổng đó đã đổi. Hãy cập nhật danh bạ ở cả hai bên.",
		"The gateway at the other end is not in the directory, or its certificate has changed. Update the directory at " +
			"both ends.",
	},
	codePeerUnreachable: {
		"Chưa liên lạc được với cổng nhận. Văn bản vẫn nằm trong hàng đợi và sẽ tự gửi lại.",
		"The receiving gateway cannot be reached. What is owed stays in the queue and is sent again by itself.",
	},
	codePeerRefused: {
		"Cổng nhận chưa nhận được dữ liệu. Hệ thống sẽ tự gửi lại; nếu kéo dài, hãy báo người quản trị hai bên.",
		"The receiving gateway did not take the data. It is sent again by itself; if it persists, tell both administrators.",
	},
	codePeerVersion: {
		"Hai cổng không cùng phiên bản giao thức. Hãy cập nhật phần mềm của cổng cũ hơn.",
		"The two gateways speak no common version. Update the older one.",
	},
	codeBatchTooLarge: {
		"Lô dữ liệu giữa hai cổng vượt mức cho phép. Hãy cập nhật phần mềm của cổng gửi.",
		"A batch between gateways is over the limit. Update the sending gateway.",
	},
	codeFrameInvalid: {
		"Thông điệp giữa hai cổng không đúng mẫu. Hãy báo người quản trị của cổng gửi.",
		"A message between gateways does not have the right form. Tell the administrator of the sending gateway.",
	},
	codeFrameTooLarge: {
		"Thông điệp giữa hai cổng lớn hơn mức cho phép. Hãy giảm số nơi nhận hoặc báo người quản trị của cổng gửi.",
		"A message between gateways is over the limit. Name fewer recipients, or tell the administrator of the sending " +
			"gateway.",
	},
	codeDigestInvalid: {
		"Mã băm không đúng: cần SHA-256 viết bằng 64 chữ số thập lục phân thường. Hãy sửa rồi gửi lại.",
		"That is not a digest: a SHA-256 in 64 lower-case hexadecimal digits is needed. Correct it and send again.",
	},
}
