package api

// deviceSentences are about keys that live elsewhere: in a USB token (PKCS #11) or at a remote signing service.
var deviceSentences = map[string]sentence{
	"token.unsupported": {
		"Bản congvan này không dùng được USB token. Hãy cài bản có hỗ trợ PKCS#11.",
		"This congvan cannot use tokens. Install the one with support for PKCS #11.",
	},
	"token.bad_address": {
		"Địa chỉ USB token không đúng. Hãy viết như pkcs11:token=TÊN?module-path=/đường/dẫn/thư-viện.so.",
		"The address of the token is not right. Write it like pkcs11:token=NAME?module-path=/path/to/library.so.",
	},
	"token.module": {
		"Không nạp được thư viện của USB token. Hãy kiểm tra đường dẫn và cài trình điều khiển của nhà cung cấp.",
		"The token's library cannot be used. Check its path and install the vendor's driver.",
	},
	"token.absent": {
		"Không thấy USB token. Hãy cắm token rồi ký lại.",
		"The token is not there. Plug it in and sign again.",
	},
	"token.ambiguous": {
		"Có nhiều token hoặc khoá phù hợp. Hãy ghi rõ tên token và nhãn khoá trong địa chỉ.",
		"Several tokens or keys fit. Name the token and the label of the key in the address.",
	},
	"token.wrong_pin": {
		"Mã PIN của USB token không đúng. Hãy nhập lại cẩn thận: sai nhiều lần token sẽ bị khoá.",
		"The PIN is wrong. Enter it again with care: after several failures the token locks itself.",
	},
	"token.pin_locked": {
		"Mã PIN của USB token đã bị khoá. Hãy liên hệ đơn vị cấp token để mở khoá.",
		"The PIN is locked. Ask whoever issued the token to unlock it.",
	},
	"token.gone": {
		"USB token đã bị rút ra hoặc đóng lại giữa chừng. Hãy cắm lại rồi ký lại.",
		"The token was removed or closed. Plug it in again and sign again.",
	},
	"token.fault": {
		"USB token báo lỗi. Hãy rút ra cắm lại; nếu vẫn lỗi, liên hệ đơn vị cấp token.",
		"The token reports a fault. Plug it in again; if it persists, ask whoever issued it.",
	},
	"key.wrong_signature": {
		"Thiết bị giữ khoá trả về chữ ký sai nên đã huỷ; chưa có gì được lưu. Hãy ký lại; nếu vẫn lỗi, đổi thiết bị.",
		"The device gave a wrong signature, and nothing was kept. Sign again; if it persists, use another device.",
	},
	"remote.bad_address": {
		"Địa chỉ dịch vụ ký từ xa không đúng. Hãy kiểm tra lại địa chỉ trong cấu hình.",
		"The address of the remote signing service is not right. Check it in the configuration.",
	},
	"remote.login": {
		"Dịch vụ ký từ xa từ chối đăng nhập. Hãy kiểm tra tài khoản và mật khẩu ứng dụng.",
		"The remote signing service refuses the login. Check the account and its password.",
	},
	"remote.credential": {
		"Tài khoản ký từ xa không có khoá dùng được. Hãy kiểm tra chứng thư của tài khoản đó.",
		"The remote signing service holds no usable key. Check the certificate of the account.",
	},
	"remote.mode": {
		"Khoá từ xa đòi cách xác nhận mà congvan chưa hỗ trợ. Hãy đổi cách xác nhận tại nhà cung cấp.",
		"The remote key cannot be unlocked by this program. Choose another way to confirm at the provider.",
	},
	"remote.algorithm": {
		"Khoá từ xa không hỗ trợ thuật toán cần dùng. Hãy xin khoá RSA hoặc ECDSA với SHA-256.",
		"The remote key does not offer the algorithm. Ask for an RSA or ECDSA key with SHA-256.",
	},
	"remote.unauthorised": {
		"Khoá từ xa chưa được mở: sai PIN hoặc mã OTP. Hãy nhập lại rồi ký lại.",
		"The remote key was not unlocked: the PIN or the OTP is wrong. Enter it again and sign again.",
	},
	"remote.refused": {
		"Người ký đã từ chối trên điện thoại. Hãy trao đổi với người ký rồi ký lại.",
		"The signer refused on the telephone. Talk to the signer and sign again.",
	},
	"remote.unconfirmed": {
		"Người ký chưa xác nhận kịp trên điện thoại. Hãy ký lại và xác nhận trong thời gian cho phép.",
		"The signer did not confirm in time. Sign again and confirm on the telephone in time.",
	},
	"remote.unavailable": {
		"Dịch vụ ký từ xa không trả lời. Hãy thử lại sau ít phút; văn bản chưa bị thay đổi.",
		"The remote signing service does not answer. Try again in a few minutes; the document is unchanged.",
	},
	"remote.unusable_answer": {
		"Dịch vụ ký từ xa trả lời không dùng được. Hãy thử lại; nếu vẫn lỗi, báo nhà cung cấp.",
		"The remote signing service gave an answer that cannot be used. Try again; if it persists, tell the provider.",
	},
}
