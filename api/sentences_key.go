package api

// keySentences are about keys, and about the authorities that are asked while signing.
var keySentences = map[string]sentence{
	"key.away": {
		"Hiện không liên lạc được một khoá ký. Nhận, gửi và tra cứu vẫn chạy; riêng việc ký bằng khoá đó phải chờ. " +
			"Quản trị hãy chạy «congvan certs check» để biết khoá nào và vì sao.",
		"A signing key cannot be reached now. All else works; signing with that key has to wait. " +
			"Run congvan certs check to see which key it is, and why.",
	},
	"key.password": {
		"Mật khẩu của khoá ký thiếu hoặc không đúng. Hãy nhập lại, hoặc chỉ tệp mật khẩu bằng --password-file.",
		"The password of the key is missing or not right. Enter it again, or name its file with --password-file.",
	},
	"key.wrong_password": {
		"Mật khẩu của khoá ký không đúng. Hãy nhập lại mật khẩu.",
		"The password of the key is not right. Enter it again.",
	},
	"key.unreadable": {
		"Không đọc được tệp khoá. Hãy dùng tệp .p12/.pfx hoặc .pem do đơn vị chứng thực cấp.",
		"The key file cannot be read. Use the .p12/.pfx or .pem file that the authority gave.",
	},
	"key.not_found": {
		"Không tìm thấy khoá ký. Hãy kiểm tra đường dẫn, hoặc nạp khoá cho người ký và cơ quan.",
		"The key was not found. Check the path, or give the signatory and the office their keys.",
	},
	"key.missing": {
		"Tệp không chứa khoá bí mật. Hãy xuất lại tệp .p12 kèm khoá bí mật.",
		"The file has no private key. Export the .p12 again together with the private key.",
	},
	"key.mismatch": {
		"Không chứng thư nào trong tệp đi cùng khoá bí mật. Hãy dùng đúng cặp khoá và chứng thư.",
		"No certificate in the file belongs to the private key. Use the pair that belongs together.",
	},
	"key.not_exportable": {
		"Khoá này không lấy ra khỏi nơi giữ được. Hãy ký tại nơi giữ khoá.",
		"The key cannot leave where it lives. Sign there.",
	},
	"key.no_seal": {
		"Cổng chưa giữ con dấu số của cơ quan này. Hãy nạp khoá con dấu của cơ quan.",
		"This gateway does not hold the seal of the office. Give it the key of the seal.",
	},
	"key.no_leader": {
		"Cổng chưa giữ khoá của người ký này. Hãy nạp khoá, hoặc ký bên ngoài rồi trình lại.",
		"This gateway does not hold the signatory's key. Give it the key, or sign elsewhere and hand in the signed file.",
	},
	"key.not_of_certificate": {
		"Khoá bí mật không đi cùng chứng thư. Hãy dùng đúng cặp khoá và chứng thư.",
		"The private key does not belong to the certificate. Use the pair that belongs together.",
	},
	"key.weak": {
		"Khoá hoặc thuật toán quá yếu để ký. Hãy dùng khoá RSA từ 2048 bit hoặc ECDSA P-256 trở lên.",
		"The key or the hash is too weak to sign with. Use RSA of 2048 bits or more, or ECDSA P-256 or more.",
	},
	"key.unsupported": {
		"Loại khoá này chưa hỗ trợ. Hãy dùng khoá RSA, ECDSA hoặc Ed25519.",
		"Keys of this kind are not supported. Use RSA, ECDSA or Ed25519.",
	},
	"anchors.none": {
		"Chưa có chứng thư gốc nào để kiểm tra. Hãy chỉ thư mục chứng thư gốc bằng --anchors.",
		"There is no root certificate to judge by. Name the folder of roots with --anchors.",
	},
	"anchors.unreadable": {
		"Thư mục chứng thư gốc không đọc được. Hãy kiểm tra đường dẫn và các tệp .crt, .pem trong đó.",
		"The folder of roots cannot be read. Check the path and the .crt and .pem files in it.",
	},
	"outbound.forbidden_address": {
		"Địa chỉ này không được phép gọi đến. Hãy thêm vào allowed_addresses nếu đúng là máy chủ của bạn.",
		"This address may not be called. Add it to allowed_addresses if it is a server of yours.",
	},
	"outbound.unusable_answer": {
		"Máy chủ bên ngoài trả lời không dùng được. Hãy thử lại sau; nếu vẫn vậy, kiểm tra địa chỉ máy chủ đó.",
		"An outside server gave an answer that cannot be used. Try again later; if it persists, check its address.",
	},
	"timestamp.no_authority": {
		"Mức chữ ký này cần máy chủ dấu thời gian. Hãy khai địa chỉ bằng --tsa, hoặc ký mức B-B.",
		"This level needs a time-stamp authority. Name one with --tsa, or sign at B-B.",
	},
	"timestamp.unavailable": {
		"Máy chủ dấu thời gian không trả lời. Hãy thử lại sau ít phút; văn bản chưa bị thay đổi.",
		"The time-stamp authority does not answer. Try again in a few minutes; the document is unchanged.",
	},
	"timestamp.refused": {
		"Máy chủ dấu thời gian từ chối cấp. Hãy kiểm tra địa chỉ và tài khoản dấu thời gian.",
		"The time-stamp authority refused. Check its address and the account.",
	},
	"timestamp.wrong_imprint": {
		"Dấu thời gian nhận về thuộc nội dung khác nên bị loại. Hãy ký lại; nếu vẫn vậy, đổi máy chủ dấu thời gian.",
		"The time stamp is of something else and was not used. Sign again; if it persists, use another authority.",
	},
	"timestamp.wrong_nonce": {
		"Dấu thời gian nhận về trả lời câu hỏi khác nên bị loại. Hãy ký lại; nếu vẫn vậy, đổi máy chủ dấu thời gian.",
		"The time stamp answers another question and was not used. Sign again; if it persists, use another authority.",
	},
	"timestamp.wrong_time": {
		"Giờ của dấu thời gian lệch xa giờ máy chủ. Hãy chỉnh lại đồng hồ máy chủ rồi ký lại.",
		"The time stamp's time is far from ours. Correct the clock of the server and sign again.",
	},
	"timestamp.wrong_signer": {
		"Chứng thư của dấu thời gian thiếu hoặc không đúng mục đích. Hãy đổi máy chủ dấu thời gian.",
		"The certificate of the time stamp is missing or not for time stamps. Use another authority.",
	},
	"timestamp.expired": {
		"Chứng thư của dấu thời gian không có hiệu lực lúc cấp dấu. Hãy đổi máy chủ dấu thời gian.",
		"The certificate of the time stamp was not valid at its time. Use another authority.",
	},
	"timestamp.bad_signature": {
		"Chữ ký của dấu thời gian không đúng nên bị loại. Hãy ký lại; nếu vẫn vậy, đổi máy chủ dấu thời gian.",
		"The signature of the time stamp is wrong, and it was not used. Sign again; if it persists, use another authority.",
	},
}
