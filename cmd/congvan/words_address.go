package main

// addressWords are the words about further recipients: Vietnamese, then English.
var addressWords = map[string][2]string{
	"help_address": {
		"Gửi văn bản đã ban hành cho thêm nơi nhận, hoặc cho cơ quan khác thay nơi nhận không chuyển được.",
		"Send an issued document to further offices, or to others in the place of one that does not get it.",
	},
	"help_address_to": {"Mã định danh của nơi nhận thêm.", "Codes of the further recipients."},
	"help_address_group": {
		"Nhóm nơi nhận: CẤP hoặc CẤP@CƠ-QUAN, như commune@tinh-ninh-binh.",
		"Groups of recipients: LEVEL or LEVEL@OFFICE, such as commune@tinh-ninh-binh.",
	},
	"help_address_except": {"Cơ quan trong nhóm không gửi.", "Offices of the groups that are left out."},
	"help_address_instead": {
		"Nơi nhận cũ không chuyển được hoặc đã từ chối.",
		"The recipient that it does not get through to, or that has refused it.",
	},
	"help_address_reason": {"Lý do, ghi trong thông báo đã ký.", "The reason; it is in the signed notice."},
	"address_done":        {"đã gửi thêm", "goes to them, too"},
}
