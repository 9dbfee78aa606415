package api

// commandSentences are about the command line, the configuration and the start of the program.
var commandSentences = map[string]sentence{
	"usage.wrong": {
		"Lệnh chưa đúng cách dùng. Hãy thêm --help để xem hướng dẫn.",
		"That is not how the command is used. Add --help to see how.",
	},
	"usage.unknown_command": {
		"Không có lệnh này. Hãy chạy congvan --help để xem các lệnh.",
		"There is no such command. Run congvan --help for the commands.",
	},
	"usage.time": {
		"Thời điểm không đúng dạng. Hãy viết như 2026-03-15T08:00:00+07:00.",
		"That is not a moment. Write it like 2026-03-15T08:00:00+07:00.",
	},
	"port.taken": {
		"Cổng mạng đã có chương trình khác dùng. Hãy chọn cổng khác bằng --listen, hoặc dừng chương trình kia.",
		"Another program uses this port. Choose another with --listen, or stop that program.",
	},
	"port.denied": {
		"Không được phép dùng cổng mạng này. Hãy chọn cổng từ 1024 trở lên, hoặc cấp quyền cho congvan.",
		"This port may not be used. Choose one from 1024 on, or give congvan the right.",
	},
	"data.read_only": {
		"Thư mục dữ liệu không cho ghi. Hãy cấp quyền ghi cho tài khoản chạy congvan, hoặc chọn thư mục khác bằng --data.",
		"The data folder cannot be written to. Give the account the right to write, or choose another folder with --data.",
	},
	"data.in_use": {
		"Thư mục dữ liệu đang được một congvan khác dùng. Hãy dừng chương trình kia, hoặc chọn thư mục khác bằng --data.",
		"Another congvan uses this data folder. Stop it, or choose another folder with --data.",
	},
	"data.newer": {
		"Dữ liệu thuộc phiên bản congvan mới hơn. Hãy cập nhật chương trình.",
		"The data was made by a newer congvan. Update the program.",
	},
	"config.missing": {
		"Chưa có tệp cấu hình. Hãy tạo tệp bằng congvan config, hoặc chỉ đường dẫn bằng --config.",
		"There is no configuration. Make one with congvan config, or name it with --config.",
	},
	"config.not_found": {
		"Không tìm thấy tệp cấu hình. Hãy kiểm tra đường dẫn sau --config.",
		"The configuration was not found. Check the path after --config.",
	},
	"config.unknown_key": {
		"Tệp cấu hình có mục không biết. Hãy sửa tên mục; danh sách mục có ở lệnh congvan config.",
		"The configuration has an unknown key. Correct its name; congvan config lists them all.",
	},
	"config.invalid": {
		"Tệp cấu hình có giá trị không đúng. Hãy sửa chỗ được nêu rồi chạy lại.",
		"The configuration has a value that is not right. Correct what is named and start again.",
	},
	"server.unreachable": {
		"Không liên lạc được với máy chủ congvan. Hãy kiểm tra địa chỉ và xem máy chủ đã chạy chưa.",
		"The congvan server cannot be reached. Check the address and that the server runs.",
	},
	"server.unexpected": {
		"Máy chủ trả lời không đúng mẫu. Hãy kiểm tra địa chỉ có phải của congvan, và phiên bản hai bên.",
		"The server's answer has an unexpected form. Check that the address is a congvan's, and the versions.",
	},
	"demo.failed": {
		"Bản trình diễn dừng giữa chừng. Hãy xem bước lỗi ở trên; chạy lại với --log debug để xem chi tiết.",
		"The demo did not get through. Look at the step named above; run it again with --log debug for details.",
	},
	"demo.too_slow": {
		"Bản trình diễn chờ quá lâu một bước. Hãy chạy lại khi máy rảnh hơn.",
		"A step of the demo took too long. Run it again when the machine is less busy.",
	},
	"demo.not_passed": {
		"Văn bản đến nơi nhưng chữ ký không đạt. Hãy giữ lại thư mục dữ liệu và báo cho nhóm phát triển.",
		"The document arrived but its signatures do not pass. Keep the data folder and tell the developers.",
	},
	"demo.not_equal": {
		"Tệp lấy về không giống tệp đã gửi. Hãy giữ lại thư mục dữ liệu và báo cho nhóm phát triển.",
		"What was retrieved is not what was sent. Keep the data folder and tell the developers.",
	},
	"demo.not_proved": {
		"Hồ sơ bằng chứng vừa xuất không kiểm tra được. Hãy giữ lại thư mục dữ liệu và báo cho nhóm phát triển.",
		"The evidence that was exported does not hold. Keep the data folder and tell the developers.",
	},
	"verify.second_opinion": {
		"Không chạy được bộ kiểm tra thứ hai. Kết quả của congvan vẫn đầy đủ; hãy thử lại nếu cần đối chiếu.",
		"The second opinion could not be had. Our own result is complete; try again if you need both.",
	},
	"examiner.unavailable": {
		"Không khởi động được tiến trình kiểm tra chữ ký. Hãy thử lại; nếu vẫn lỗi, xem bộ nhớ và quyền chạy của máy.",
		"The process that examines signatures cannot be started. Try again; then look at the machine's memory and rights.",
	},
}
