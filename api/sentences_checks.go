package api

// checkSentences are the names of the six checks that the law demands of every signature, and their results.
var checkSentences = map[string]sentence{
	"check.validity": {"Chứng thư còn hiệu lực lúc ký", "Certificate valid at signing time"},
	"check.status": {
		"Chứng thư không bị thu hồi lúc ký (OCSP, CRL)",
		"Certificate not revoked at signing time (OCSP, CRL)",
	},
	"check.algorithms": {"Thuật toán và độ dài khoá được phép dùng", "Algorithms and key length allowed"},
	"check.purpose":    {"Chứng thư đúng mục đích, đúng phạm vi", "Certificate used for its purpose, within its scope"},
	"check.signer": {
		"Đúng người ký, đúng khoá, do tổ chức tin cậy cấp",
		"The signer's own key, certified by a trusted authority",
	},
	"check.digest": {"Nội dung đúng như lúc ký", "Content as it was signed"},
	"rule.leader": {
		"Người có thẩm quyền ghi trên văn bản đã ký",
		"Signed by the competent person whom it names",
	},
	"rule.seal": {
		"Cơ quan ban hành đã ký số (đóng dấu)",
		"Sealed by the office that issues it",
	},
	"rule.order": {
		"Ký trước, đóng dấu sau, dấu bao trùm chữ ký",
		"Signed first, then sealed, the seal over all",
	},
	"rule.office": {
		"Cơ quan có vào ngày ban hành, người ký thuộc cơ quan",
		"Office in being then, signatory of that office",
	},
	"rule.realm": {
		"Chứng thư chuyên dùng công vụ",
		"Certificates for public offices",
	},
	"check.passed":  {"Đạt", "Passed"},
	"check.failed":  {"Không đạt", "Failed"},
	"check.unknown": {"Chưa rõ", "Not known"},

	"signature.not_reached": {
		"Chưa kiểm tra được vì chữ ký có lỗi trước đó. Hãy xem các lý do của chữ ký.",
		"Not checked, because the signature has a fault that comes before. See the reasons of the signature.",
	},
}
