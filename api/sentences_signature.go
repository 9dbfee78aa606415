package api

// signatureSentences are the reasons of a judgement, in words that a clerk understands.
var signatureSentences = map[string]sentence{
	"signature.unreadable": {
		"Có chữ ký số nhưng không đọc được. Đừng tin văn bản này; hãy yêu cầu người gửi ký lại.",
		"There is a signature but it cannot be read. Do not rely on the document; ask the sender to sign again.",
	},
	"signature.too_large": {
		"Chữ ký số lớn hoặc phức tạp bất thường nên không kiểm tra. Hãy yêu cầu người gửi ký lại.",
		"The signature is unusually large or complex and was not examined. Ask the sender to sign again.",
	},
	"signature.not_one_signer": {
		"Chữ ký số không có đúng một người ký. Hãy yêu cầu người gửi ký lại.",
		"The signature does not have exactly one signer. Ask the sender to sign again.",
	},
	"signature.content_enclosed": {
		"Chữ ký số mang nội dung riêng, không phải nội dung của tệp. Đừng tin văn bản này; hãy báo người gửi.",
		"The signature carries content of its own, not that of the file. Do not rely on the document; tell the sender.",
	},
	"signature.not_der": {
		"Chữ ký số viết không đúng chuẩn mã hoá nhưng vẫn kiểm tra được. Không cần làm gì.",
		"The signature is not encoded as the standard demands, but could be examined. Nothing is to be done.",
	},
	"signature.unknown_sub_filter": {
		"Loại chữ ký số không xác định được. Hãy yêu cầu người gửi ký lại theo chuẩn PAdES.",
		"The kind of signature is not known. Ask the sender to sign again in the format PAdES.",
	},
	"signature.shared_by_fields": {
		"Nhiều ô ký cùng dùng một chữ ký. Đừng tin văn bản này; hãy báo người gửi.",
		"Several fields show one and the same signature. Do not rely on the document; tell the sender.",
	},
	"signature.dictionary_changed": {
		"Thông tin mô tả chữ ký đã bị thay sau khi ký. Đừng tin văn bản này; hãy báo người gửi.",
		"The description of the signature was replaced after signing. Do not rely on the document; tell the sender.",
	},
	"signature.attributes_sorted": {
		"Thứ tự thuộc tính trong chữ ký khác khi gửi nhưng không ảnh hưởng. Không cần làm gì.",
		"The order of attributes in the signature differs from what was sent; harmless. Nothing is to be done.",
	},
	"signature.attributes_contradict": {
		"Các thuộc tính trong chữ ký thiếu hoặc mâu thuẫn nhau. Hãy yêu cầu người gửi ký lại.",
		"Attributes of the signature are missing or contradict each other. Ask the sender to sign again.",
	},
	"signature.no_signed_attributes": {
		"Chữ ký không ghi ai đã ký. Hãy yêu cầu người gửi ký lại theo chuẩn PAdES.",
		"The signature does not say who signed. Ask the sender to sign again in the format PAdES.",
	},
	"signature.certificate_not_bound": {
		"Chữ ký không gắn chặt với chứng thư của người ký (chuẩn cũ). Nên yêu cầu người gửi ký theo chuẩn PAdES.",
		"The signature is not bound to the signer's certificate (an old format). PAdES should be asked for.",
	},
	"signature.legacy_format": {
		"Chữ ký dùng định dạng cũ, nay không nên dùng nữa. Nên yêu cầu người gửi ký theo chuẩn PAdES.",
		"The signature uses an old format that should not be used any more. PAdES should be asked for.",
	},
	"signature.claimed_time_after_proof": {
		"Thời gian ký tự khai muộn hơn dấu thời gian. Hãy tin dấu thời gian, và báo người ký kiểm tra đồng hồ.",
		"The claimed signing time is later than what the time stamp proves. Go by the time stamp; the signer's clock is " +
			"wrong.",
	},
	"signature.attribute_doubled": {
		"Một thuộc tính của chữ ký bị ghi hai lần. Hãy yêu cầu người gửi ký lại.",
		"An attribute of the signature is there twice. Ask the sender to sign again.",
	},
	"signature.wrong_digest_identifier": {
		"Chữ ký ghi sai tên thuật toán băm (lỗi phần mềm ký cũ); vẫn kiểm tra được. Không cần làm gì.",
		"The signature misnames its digest algorithm, as old programs do; it could be examined. Nothing is to be done.",
	},
	"signature.counter_signature": {
		"Đây là chữ ký xác nhận một chữ ký khác, không phải chữ ký trên nội dung văn bản.",
		"This signature countersigns another one; it is not one on the content.",
	},

	"integrity.content_changed": {
		"Nội dung đã bị thay đổi sau khi ký. Đừng dùng văn bản này; hãy yêu cầu gửi lại bản gốc.",
		"The content was changed after signing. Do not use this document; ask for the original.",
	},
	"integrity.value_wrong": {
		"Chữ ký không do khoá của chứng thư này tạo ra. Đừng dùng văn bản này; hãy báo người gửi.",
		"The signature was not made with the key of this certificate. Do not use this document; tell the sender.",
	},
	"integrity.unsupported_algorithm": {
		"Chữ ký dùng thuật toán mà cổng này chưa biết nên chưa kết luận được. Hãy nhờ người quản trị cập nhật phần mềm.",
		"The signature uses an algorithm that is not known here. Ask the administrator to update the program.",
	},
	"integrity.other_content_given": {
		"Chữ ký bao một nội dung khác với tệp đưa kèm. Hãy kiểm tra lại có đúng cặp tệp và chữ ký không.",
		"The signature encloses other content than the file given with it. Check that the two belong together.",
	},
	"integrity.content_missing": {
		"Chữ ký rời nhưng thiếu tệp được ký. Hãy kiểm tra lại cùng với tệp gốc.",
		"The signature is detached and the signed file is missing. Check it together with the file.",
	},

	"coverage.not_two_ranges": {
		"Chữ ký không bao trùm tệp theo đúng quy định. Đừng tin văn bản này; hãy báo người gửi.",
		"The signature does not cover the file as it must. Do not rely on the document; tell the sender.",
	},
	"coverage.outside_file": {
		"Chữ ký khai bao trùm phần nằm ngoài tệp: tệp có thể bị cắt. Hãy xin lại bản gốc.",
		"The signature claims bytes beyond the file, which may have been cut off. Ask for the original.",
	},
	"coverage.gap_is_not_contents": {
		"Có phần tệp không được chữ ký bảo vệ. Đừng tin văn bản này; hãy báo người gửi.",
		"A part of the file is not protected by the signature. Do not rely on the document; tell the sender.",
	},
	"coverage.delimiters_signed": {
		"Chữ ký bao trùm cả dấu ngoặc quanh nó; không ảnh hưởng. Không cần làm gì.",
		"The signature also covers the brackets around itself; harmless. Nothing is to be done.",
	},
	"coverage.not_a_revision": {
		"Chữ ký không kết thúc ở một phiên bản hoàn chỉnh của tệp. Đừng tin văn bản này; hãy báo người gửi.",
		"The signature does not end where a state of the document ends. Do not rely on the document; tell the sender.",
	},
	"coverage.overlap": {
		"Các chữ ký mâu thuẫn nhau về phần được ký. Đừng tin văn bản này; hãy báo người gửi.",
		"The signatures contradict each other about what they cover. Do not rely on the document; tell the sender.",
	},
	"coverage.trailing_data": {
		"Sau điểm kết thúc tệp còn dữ liệu không được ký. Hãy xin lại bản gốc.",
		"There is unsigned data after the end of the file. Ask for the original.",
	},

	"modification.forbidden": {
		"Văn bản đã bị sửa sau khi ký theo cách không được phép. Đừng dùng văn bản này; hãy yêu cầu gửi lại bản gốc.",
		"The document was changed after signing in a way that is not allowed. Do not use it; ask for the original.",
	},
	"modification.not_judged": {
		"Chưa đánh giá được phần thêm vào sau khi ký. Hãy tải bản đúng như đã ký để đối chiếu, hoặc xin lại bản gốc.",
		"What was added after signing could not be judged. Compare with the signed state, or ask for the original.",
	},
	"modification.ltv": {
		"Sau khi ký chỉ thêm bằng chứng để kiểm tra lâu dài. Không cần làm gì.",
		"Only evidence for long-term validity was added after signing. Nothing is to be done.",
	},
	"modification.form_fill": {
		"Sau khi ký có điền hoặc ký thêm vào ô đã chừa sẵn; chữ ký cho phép việc này. Hãy xem các ô đó có hợp lý không.",
		"Fields were filled in or signed after signing, which the signature allows. See that they make sense.",
	},
	"modification.annotation": {
		"Sau khi ký có thêm ghi chú; chữ ký cho phép việc này. Đừng coi ghi chú là nội dung đã ký.",
		"Remarks were added after signing, which the signature allows. Do not take them for what was signed.",
	},

	"certificate.signer_missing": {
		"Tệp không kèm chứng thư của người ký nên không biết ai ký. Hãy yêu cầu người gửi ký lại.",
		"The signer's certificate is not in the file, so nobody knows who signed. Ask the sender to sign again.",
	},
	"certificate.not_the_signed_one": {
		"Chứng thư kèm theo không phải chứng thư đã dùng để ký. Đừng tin văn bản này; hãy báo người gửi.",
		"The certificate is not the one that was used for signing. Do not rely on the document; tell the sender.",
	},
	"weak_algorithm": {
		"Thuật toán hoặc khoá đã quá yếu tại thời điểm ký. Hãy yêu cầu người gửi ký lại bằng khoá mạnh hơn.",
		"An algorithm or key was too weak at the time of signing. Ask the sender to sign again with a stronger key.",
	},

	"revocation.revoked": {
		"Chứng thư đã bị thu hồi và không có gì chứng minh chữ ký có trước đó. Đừng dùng văn bản này; hãy liên hệ cơ " +
			"quan gửi.",
		"The certificate was revoked, and nothing proves that the signature is older. Do not use it; contact the sending " +
			"office.",
	},
	"revocation.revoked_later": {
		"Chứng thư bị thu hồi sau khi ký; chữ ký vẫn có giá trị. Không cần làm gì.",
		"The certificate was revoked after the signature was made, which still holds. Nothing is to be done.",
	},
	"revocation.on_hold": {
		"Chứng thư đang bị tạm dừng. Hãy liên hệ cơ quan gửi trước khi dùng văn bản này.",
		"The certificate was suspended. Contact the sending office before the document is used.",
	},
	"revocation.issuer_revoked": {
		"Chứng thư của đơn vị cấp đã bị thu hồi. Đừng dùng văn bản này; hãy liên hệ cơ quan gửi.",
		"The certificate of the issuing authority was revoked. Do not use the document; contact the sending office.",
	},
	"revocation.issuer_unknown": {
		"Chưa biết chứng thư của đơn vị cấp có bị thu hồi hay không. Hãy kiểm tra lại khi có mạng.",
		"Nothing is known of the revocation of the issuing authority. Check again when there is a network.",
	},
	"revocation.not_checked": {
		"Chưa kiểm tra được chứng thư có bị thu hồi hay không. Hãy kiểm tra lại khi có mạng.",
		"Whether the certificate was revoked could not be checked. Check again when there is a network.",
	},
	"revocation.too_much_evidence": {
		"Tệp mang quá nhiều dữ liệu thu hồi nên không xem hết. Hãy yêu cầu người gửi ký lại.",
		"The file carries more revocation data than is examined. Ask the sender to sign again.",
	},

	"timestamp.none": {
		"Không có dấu thời gian tin cậy, thời điểm ký chỉ là tự khai. Nên yêu cầu ký kèm dấu thời gian.",
		"No trusted time stamp proves the time of signing. A time stamp should be asked for.",
	},
	"timestamp.unreadable": {
		"Không đọc được dấu thời gian. Hãy yêu cầu người gửi ký lại kèm dấu thời gian.",
		"A time stamp cannot be read. Ask the sender to sign again with a time stamp.",
	},
	"timestamp.other_content": {
		"Dấu thời gian thuộc về nội dung khác. Đừng tin thời điểm ký; hãy báo người gửi.",
		"A time stamp was made over something else. Do not rely on the time of signing; tell the sender.",
	},
	"timestamp.value_wrong": {
		"Chữ ký của dấu thời gian không đúng. Đừng tin thời điểm ký; hãy báo người gửi.",
		"A time stamp's own signature is wrong. Do not rely on the time of signing; tell the sender.",
	},
	"timestamp.certificate_missing": {
		"Dấu thời gian thiếu chứng thư của đơn vị cấp dấu thời gian. Hãy yêu cầu ký lại kèm dấu thời gian đầy đủ.",
		"The certificate of a time-stamping authority is missing. Ask for a signature with a complete time stamp.",
	},
	"timestamp.not_trusted": {
		"Đơn vị cấp dấu thời gian không được cổng này tin cậy. Hãy nhờ người quản trị xem lại danh sách chứng thư gốc.",
		"A time-stamping authority is not trusted here. Ask the administrator to look at the list of roots.",
	},
	"timestamp.certificate_expired": {
		"Chứng thư của dấu thời gian đã hết hạn và không có gì chứng minh dấu có trước đó. Cần gia hạn bằng chứng lưu trữ.",
		"The certificate of a time stamp has expired and nothing proves the stamp older. The archive evidence has to be " +
			"renewed.",
	},
	"timestamp.certificate_revoked": {
		"Chứng thư của dấu thời gian đã bị thu hồi. Đừng tin thời điểm ký; hãy báo người gửi.",
		"The certificate of a time stamp was revoked. Do not rely on the time of signing; tell the sender.",
	},
	"timestamp.revocation_unknown": {
		"Chưa biết chứng thư của dấu thời gian có bị thu hồi hay không. Hãy kiểm tra lại khi có mạng.",
		"It is not known whether the certificate of a time stamp was revoked. Check again when there is a network.",
	},
	"timestamp.weak_algorithm": {
		"Dấu thời gian dùng thuật toán đã yếu. Cần gia hạn bằng chứng lưu trữ.",
		"A time stamp rests on an algorithm that is no longer relied upon. The archive evidence has to be renewed.",
	},
	"timestamp.from_future": {
		"Dấu thời gian muộn hơn thời điểm kiểm tra. Hãy kiểm tra đồng hồ của máy chủ.",
		"A time stamp is from after the moment of judging. Check the clock of the server.",
	},
	"timestamp.out_of_order": {
		"Các dấu thời gian mâu thuẫn nhau về thứ tự. Đừng tin thời điểm ký; hãy báo người gửi.",
		"Time stamps contradict one another about what was first. Do not rely on the time of signing; tell the sender.",
	},

	"file.unsupported": {
		"Tệp không phải PDF và cũng không phải tệp chữ ký. Hãy chọn tệp PDF hoặc tệp .p7s.",
		"The file is neither a PDF nor a signature file. Choose a PDF or a .p7s file.",
	},
	"file.certificates_only": {
		"Tệp chỉ chứa chứng thư, không có chữ ký. Hãy chọn tệp chữ ký .p7s.",
		"The file holds certificates only, no signature. Choose the .p7s of the signature.",
	},
	"file.unreadable": {
		"Tệp bị hỏng nên không tìm được chữ ký. Hãy chép hoặc tải lại tệp gốc.",
		"The file is damaged so that its signatures cannot be found. Copy or download the original again.",
	},
	"file.too_many_signatures": {
		"Tệp có quá nhiều chữ ký nên không kiểm tra hết. Hãy xin lại bản gốc.",
		"The file has more signatures than are examined. Ask for the original.",
	},
	"file.repaired": {
		"Cấu trúc tệp bị hỏng, mỗi phần mềm có thể hiển thị khác nhau. Hãy xin lại bản gốc.",
		"The structure of the file is damaged, and programs may show it differently. Ask for the original.",
	},
	"file.encrypted": {
		"Tệp được đặt mật khẩu nên không xét hết được phần thêm sau khi ký. Hãy xin bản không đặt mật khẩu.",
		"The file is encrypted, and what was added after signing cannot be judged in full. Ask for one that is not.",
	},
	"file.hybrid": {
		"Tệp mang hai mục lục nội dung, phần mềm cũ và mới có thể hiển thị khác nhau. Hãy xin lại bản gốc.",
		"The file has two tables of contents; old and new programs may show it differently. Ask for the original.",
	},
	"file.orphan_signature": {
		"Trong tệp có chữ ký không thuộc ô ký nào. Đừng coi đó là chữ ký của văn bản.",
		"The file holds a signature that belongs to no field. Do not take it for one on the document.",
	},
	"file.usage_rights": {
		"Tệp cấp quyền cho phần mềm đọc; đó không phải chữ ký của văn bản.",
		"The file grants rights to a reader program; that is no signature on the document.",
	},
	"file.superseded_signature": {
		"Có chữ ký ở phiên bản trước đã bị gỡ đi. Hãy hỏi người gửi vì sao.",
		"An earlier signature was taken away by a later state of the document. Ask the sender why.",
	},
	"file.embedded_signature": {
		"Trong tệp có chứa một tệp đã ký khác. Hãy kiểm tra riêng tệp đó nếu cần.",
		"The file holds another signed file inside it. Check that one by itself if it matters.",
	},
	"file.bad_timestamp": {
		"Dấu thời gian trên văn bản bị hỏng. Hãy xin lại bản gốc.",
		"A time stamp over the document is broken. Ask for the original.",
	},
}

// verdictSentences are the headlines of a judgement.
var verdictSentences = map[string]sentence{
	"verdict.passed":        {"HỢP LỆ", "VALID"},
	"verdict.indeterminate": {"CHƯA KẾT LUẬN ĐƯỢC", "NOT DECIDED YET"},
	"verdict.failed":        {"KHÔNG HỢP LỆ", "NOT VALID"},
	"verdict.unsigned":      {"CHƯA KÝ SỐ", "NOT SIGNED"},
	"signature.removed": {
		"Một chữ ký đã có ở phiên bản trước bị gỡ khỏi phiên bản cuối. Hãy yêu cầu người gửi gửi lại bản gốc.",
		"A signature of an earlier revision was taken out of the last one. Ask the sender for the original.",
	},
}
