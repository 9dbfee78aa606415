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
	"certificate.ended": {
		"Chứng thư đã hết hạn. Hãy xin chứng thư mới và thay vào cấu hình ngay.",
		"The certificate has ended. Get a new one and put it into the configuration at once.",
	},
	"certificate.ends_in_7_days": {
		"Chứng thư hết hạn trong 7 ngày tới. Hãy xin gia hạn ngay.",
		"The certificate ends within 7 days. Have it renewed at once.",
	},
	"certificate.ends_in_15_days": {
		"Chứng thư hết hạn trong 15 ngày tới. Hãy xin gia hạn trong tuần này.",
		"The certificate ends within 15 days. Have it renewed this week.",
	},
	"certificate.ends_in_30_days": {
		"Chứng thư hết hạn trong 30 ngày tới. Hãy chuẩn bị hồ sơ gia hạn.",
		"The certificate ends within 30 days. Prepare its renewal.",
	},
	"anchors.not_confirmed": {
		"Chưa thay đổi gì: cần xác nhận. Hãy xem kỹ chứng thư ở trên, rồi chạy lại với --yes.",
		"Nothing was changed: it has to be confirmed. Look at the certificate above, then run it again with --yes.",
	},
	"anchors.known_elsewhere": {
		"Chứng thư này đã có trong danh sách ở nhóm khác. Hãy gỡ ra trước (congvan certs remove), rồi thêm lại.",
		"The certificate is in another realm already. Remove it first (congvan certs remove), then add it again.",
	},
	"anchors.not_found": {
		"Không có chứng thư gốc nào mang mã SHA-256 này. Hãy xem mã bằng lệnh congvan certs list.",
		"No anchor has this SHA-256. Look at congvan certs list.",
	},
	"anchors.ambiguous": {
		"Nhiều chứng thư gốc có mã bắt đầu như vậy. Hãy ghi mã SHA-256 dài hơn.",
		"Several anchors begin like this. Give more of the SHA-256.",
	},
	"key.open_to_others": {
		"Người dùng khác trên máy đọc được tệp khoá hoặc tệp mật khẩu. Hãy đặt quyền 0600 cho cả hai tệp.",
		"Other users of the machine can read the key file or its password. Give both files the mode 0600.",
	},
}
