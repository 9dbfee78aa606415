package api

// auditSentences are about comparing the records of gateways.
var auditSentences = map[string]sentence{
	"audit.unreadable": {
		"Không đọc được sổ sách để đối chiếu: cơ sở dữ liệu không mở được hoặc thuộc phiên bản khác. Hãy kiểm tra đường " +
			"dẫn và chạy congvan audit cùng phiên bản với cổng.",
		"The records cannot be read: the database does not open, or is of another version. Check the path, and run the " +
			"congvan audit of the gateway's own version.",
	},
}
