package api

// certificateSentences say why a certificate may not be relied upon.
var certificateSentences = map[string]sentence{
	"certificate.unreadable": {
		"Không đọc được chứng thư số. Hãy xin lại tệp chứng thư từ đơn vị cấp.",
		"The certificate cannot be read. Ask the authority that issued it for the file again.",
	},
	"certificate.no_anchor": {
		"Chứng thư số không thuộc hệ thống chứng thực nào được cổng này tin cậy. " +
			"Hãy hỏi người ký dùng chứng thư của ai cấp, hoặc nhờ người quản trị bổ sung chứng thư gốc.",
		"The certificate belongs to no hierarchy that this gateway trusts. Ask the signer who issued it, " +
			"or ask the administrator to add the root certificate.",
	},
	"certificate.missing": {
		"Tệp không chứa chứng thư. Hãy xuất lại tệp .p12 kèm chứng thư.",
		"The file has no certificate. Export the .p12 again together with the certificate.",
	},
	"certificate.revoked": {
		"Chứng thư đã bị thu hồi nên không ký được. Người ký cần xin chứng thư mới.",
		"The certificate was revoked and cannot be used for signing. The signer has to get a new one.",
	},
	"certificate.chain_broken": {
		"Chứng thư số không do đơn vị ghi trên đó cấp: có thể là chứng thư giả. Đừng tin văn bản này; hãy báo người gửi.",
		"The certificate was not issued by whoever it names: it may be forged. Do not rely on the document; tell the sender.",
	},
	"certificate.too_complex": {
		"Chuỗi chứng thư trong tệp quá phức tạp nên không kiểm tra hết được. Hãy yêu cầu người gửi ký lại.",
		"The certificates in the file are too many to be checked. Ask the sender to sign again.",
	},
	"certificate.expired": {
		"Chứng thư số đã hết hạn tại thời điểm ký. Người ký cần gia hạn chứng thư rồi ký lại.",
		"The certificate had expired when it was used. The signer has to renew it and sign again.",
	},
	"certificate.not_yet_valid": {
		"Chứng thư số chưa có hiệu lực tại thời điểm ký. Hãy kiểm tra đồng hồ của máy ký, rồi ký lại.",
		"The certificate was not valid yet when it was used. Check the clock of the signing machine and sign again.",
	},
	"certificate.expired_issuer": {
		"Chứng thư của đơn vị cấp đã hết hạn tại thời điểm ký. Người ký cần xin chứng thư mới rồi ký lại.",
		"The issuer's certificate had expired at that moment. The signer has to get a new certificate and sign again.",
	},
	"certificate.issuer_not_yet_valid": {
		"Chứng thư của đơn vị cấp chưa có hiệu lực tại thời điểm ký. Hãy kiểm tra đồng hồ của máy ký.",
		"The issuer's certificate was not valid yet at that moment. Check the clock of the signing machine.",
	},
	"certificate.anchor_not_in_force": {
		"Chứng thư gốc không được cổng này công nhận cho thời điểm ký. Hãy nhờ người quản trị xem lại danh sách chứng " +
			"thư gốc.",
		"The root certificate is not recognised by this gateway for that moment. Ask the administrator to look at the " +
			"list of roots.",
	},
	"certificate.wrong_usage": {
		"Chứng thư số không được cấp để ký văn bản. Người ký cần dùng đúng chứng thư ký số.",
		"The certificate was not issued for signing documents. The signer has to use the right one.",
	},
	"certificate.weak_algorithm": {
		"Chứng thư số dùng thuật toán đã yếu. Người ký nên xin chứng thư mới.",
		"The certificate rests on an algorithm that has become weak. The signer should get a new one.",
	},
	"certificate.not_authority": {
		"Chứng thư số do một chứng thư không có quyền cấp ký ra. Đừng tin văn bản này; hãy báo người gửi.",
		"The certificate was issued by one that may not issue any. Do not rely on the document; tell the sender.",
	},
	"certificate.path_too_long": {
		"Chuỗi chứng thư dài hơn mức đơn vị cấp cho phép. Hãy báo người gửi xin chứng thư khác.",
		"The chain of certificates is longer than its authority allows. Ask the sender to get another certificate.",
	},
	"certificate.name_constraint": {
		"Tên trên chứng thư nằm ngoài phạm vi mà đơn vị cấp được phép cấp. Đừng tin văn bản này; hãy báo người gửi.",
		"The name in the certificate is outside what its issuer may issue for. Do not rely on the document; tell the sender.",
	},
	"certificate.unknown_extension": {
		"Chứng thư có điều kiện bắt buộc mà cổng này chưa hiểu. Hãy nhờ người quản trị cập nhật phần mềm.",
		"The certificate has a mandatory condition that this gateway does not know. Ask the administrator to update it.",
	},
}

// revocationSentences say what is not known of a certificate's revocation, and why.
var revocationSentences = map[string]sentence{
	"revocation.unknown": {
		"Chưa biết chứng thư số có bị thu hồi hay không. Hãy kiểm tra lại khi có mạng.",
		"It is not known whether the certificate was revoked. Check again when there is a network.",
	},
	"revocation.missing": {
		"Văn bản không kèm bằng chứng về việc thu hồi chứng thư. Hãy kiểm tra lại khi có mạng.",
		"The document carries no evidence about revocation. Check again when there is a network.",
	},
	"revocation.no_evidence": {
		"Chưa lấy đủ bằng chứng về thu hồi. Hãy kiểm tra kết nối mạng rồi làm lại.",
		"Not all evidence of revocation could be had. Check the network and try again.",
	},
	"revocation.offline": {
		"Đang làm việc không có mạng nên chưa hỏi được tình trạng thu hồi. Hãy kiểm tra lại khi có mạng.",
		"This is off-line work, and nobody was asked about revocation. Check again when there is a network.",
	},
	"revocation.no_source": {
		"Chứng thư không cho biết hỏi tình trạng thu hồi ở đâu. Hãy nhờ người quản trị nhập danh sách thu hồi.",
		"The certificate does not say where to ask about revocation. Ask the administrator to import the revocation list.",
	},
	"revocation.unreadable": {
		"Không đọc được câu trả lời về thu hồi. Hãy kiểm tra lại sau; nếu vẫn vậy, báo đơn vị cấp chứng thư.",
		"The answer about revocation cannot be read. Check again later; if it persists, tell the authority.",
	},
	"revocation.refused": {
		"Máy chủ của đơn vị cấp chứng thư từ chối trả lời. Hãy kiểm tra lại sau.",
		"The authority's server refused to answer. Check again later.",
	},
	"revocation.not_covered": {
		"Câu trả lời về thu hồi không nói về chứng thư này. Hãy kiểm tra lại khi có mạng.",
		"The answer about revocation does not speak of this certificate. Check again when there is a network.",
	},
	"revocation.wrong_issuer": {
		"Câu trả lời về thu hồi không phải của đơn vị đã cấp chứng thư, nên không được tính. Hãy kiểm tra lại khi có mạng.",
		"The answer about revocation is not from whoever issued the certificate and does not count. Check again with a " +
			"network.",
	},
	"revocation.bad_signature": {
		"Chữ ký trên câu trả lời về thu hồi không đúng, nên không được tính. Hãy kiểm tra lại khi có mạng.",
		"The signature on the answer about revocation is wrong, and it does not count. Check again when there is a network.",
	},
	"revocation.responder_unauthorised": {
		"Máy trả lời tình trạng thu hồi không được uỷ quyền, nên không được tính. Hãy báo đơn vị cấp chứng thư.",
		"The responder was not authorised, and its answer does not count. Tell the authority.",
	},
	"revocation.responder_unproved": {
		"Chưa chứng minh được thẩm quyền của máy trả lời tình trạng thu hồi. Hãy kiểm tra lại khi có mạng.",
		"The responder's authority is not proved. Check again when there is a network.",
	},
	"revocation.stale": {
		"Thông tin thu hồi đã cũ. Hãy kiểm tra lại khi có mạng để lấy thông tin mới.",
		"What is known of revocation is out of date. Check again when there is a network.",
	},
	"revocation.from_future": {
		"Thông tin thu hồi mang thời điểm trong tương lai. Hãy kiểm tra đồng hồ của máy chủ.",
		"What is known of revocation comes from the future. Check the clock of the server.",
	},
	"revocation.after_expiry": {
		"Thông tin thu hồi được lập sau khi chứng thư hết hạn nên không đủ để kết luận. Cần thông tin từ khi chứng thư " +
			"còn hạn.",
		"The revocation data was made after the certificate expired and proves nothing. Data from before is needed.",
	},
	"revocation.outside_issuer_validity": {
		"Thông tin thu hồi được lập ngoài thời hạn chứng thư của đơn vị cấp, nên không được tính.",
		"The revocation data was made outside the validity of the issuer's certificate and does not count.",
	},
	"revocation.unknown_extension": {
		"Danh sách thu hồi có điều kiện mà cổng này chưa hiểu. Hãy nhờ người quản trị cập nhật phần mềm.",
		"The revocation list has a condition that this gateway does not know. Ask the administrator to update it.",
	},
	"revocation.delta_list": {
		"Chỉ có danh sách thu hồi bổ sung, chưa đủ để kết luận. Hãy nhờ người quản trị nhập danh sách đầy đủ.",
		"There is only a delta of the revocation list. Ask the administrator to import the full list.",
	},
	"revocation.indirect_list": {
		"Danh sách thu hồi do bên khác lập, cổng này chưa dùng được. Hãy nhờ người quản trị nhập danh sách của đơn vị cấp.",
		"The revocation list is an indirect one, which is not used here. Ask the administrator to import the issuer's own.",
	},
	"revocation.weak_algorithm": {
		"Thông tin thu hồi được ký bằng thuật toán đã yếu. Hãy kiểm tra lại khi có mạng để lấy thông tin mới.",
		"The revocation data is signed with an algorithm that has become weak. Check again when there is a network.",
	},
}
