package api

// ruleSentences say why a key may not sign here, and what is wrong with what was brought by hand.
var ruleSentences = map[string]sentence{
	"sign.wrong_realm": {
		"Chứng thư này thuộc hệ thống chứng thực không được phép ký văn bản của cơ quan tại cổng này. Hãy dùng chứng thư " +
			"chuyên dùng công vụ, hoặc nhờ người quản trị xem mục signing_realms của cấu hình.",
		"The certificate belongs to a hierarchy that may not sign documents of an office here. Use one of the official " +
			"hierarchy, or ask the administrator to look at signing_realms in the configuration.",
	},
	"sign.wrong_holder": {
		"Chứng thư không mang tên người ký văn bản. Hãy dùng khoá của chính người ký; nếu tên trên chứng thư viết khác, " +
			"nhờ người quản trị ghi tên đó vào mục holder của khoá.",
		"The certificate does not name the signatory. Use the signatory's own key; where the certificate spells the name " +
			"otherwise, ask the administrator to enter that name as the key's holder.",
	},
	"seal.wrong_holder": {
		"Chứng thư con dấu không mang tên cơ quan trong danh mục. Hãy dùng đúng con dấu của cơ quan; nếu tên trên chứng " +
			"thư viết khác, nhờ người quản trị ghi tên đó vào mục holder của khoá.",
		"The certificate of the seal does not name the office of the directory. Use the office's own seal; where the " +
			"certificate spells the name otherwise, ask the administrator to enter that name as the key's holder.",
	},
	"sign.revocation_unknown": {
		"Chưa biết chứng thư có bị thu hồi hay không nên chưa ký được. Hãy thử lại sau; nơi không có Internet, nhờ người " +
			"quản trị nạp danh sách thu hồi bằng lệnh congvan certs import.",
		"It is not known whether the certificate was revoked, so nothing was signed. Try again later; without the " +
			"Internet, ask the administrator to bring the revocation list by congvan certs import.",
	},
	"revocation.import_unreadable": {
		"Tệp không phải danh sách thu hồi (CRL) hay câu trả lời OCSP. Hãy tải lại tệp .crl từ đơn vị chứng thực.",
		"The file is neither a revocation list (CRL) nor an OCSP response. Get the .crl file from the authority again.",
	},
	"revocation.import_forged": {
		"Danh sách thu hồi không do đơn vị chứng thực ghi trên đó ký. Đừng dùng tệp này; hãy tải lại từ nguồn chính thức.",
		"The revocation list was not signed by the authority that it names. Do not use it; get it from the authority.",
	},
	"revocation.import_from_future": {
		"Danh sách thu hồi ghi thời điểm ở tương lai. Hãy kiểm tra đồng hồ của máy này, rồi tải lại danh sách.",
		"The revocation list speaks from the future. Check the clock of this machine, then get the list again.",
	},
	"revocation.import_not_kept": {
		"Chưa ghi được danh sách thu hồi vào nơi lưu. Hãy kiểm tra cơ sở dữ liệu và dung lượng đĩa rồi nạp lại.",
		"The revocation list could not be kept. Check the database and the free space, then import it again.",
	},
	"act.revocation.imported": {"Nạp dữ liệu thu hồi chứng thư", "Revocation data brought by hand"},
}
