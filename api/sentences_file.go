package api

// fileSentences are about files as such and about the store that keeps them.
var fileSentences = map[string]sentence{
	"file.not_found": {
		"Không tìm thấy tệp. Hãy kiểm tra lại đường dẫn.",
		"The file was not found. Check the path.",
	},
	"file.unopenable": {
		"Không mở được tệp. Hãy kiểm tra quyền đọc tệp.",
		"The file cannot be opened. Check that you may read it.",
	},
	"file.unwritable": {
		"Không ghi được tệp kết quả. Hãy kiểm tra thư mục đích và quyền ghi.",
		"The result cannot be written. Check the folder and that you may write there.",
	},
	"file.exists": {
		"Tệp kết quả đã có. Hãy chọn tên khác để không ghi đè.",
		"The file for the result exists already. Choose another name so that nothing is overwritten.",
	},
	"file.empty": {
		"Tệp rỗng. Hãy chọn lại tệp có nội dung.",
		"The file is empty. Choose one with content.",
	},
	"file.not_a_pdf": {
		"Tệp không phải PDF. Hãy chuyển văn bản sang PDF rồi gửi lại.",
		"The file is not a PDF. Convert the document to PDF and send it again.",
	},
	"file.truncated": {
		"Tệp PDF bị cụt, thiếu phần cuối. Hãy chép hoặc tải lại tệp gốc.",
		"The PDF is cut off before its end. Copy or download the original again.",
	},
	"file.too_large": {
		"Tệp lớn hơn mức cho phép. Hãy giảm dung lượng tệp rồi gửi lại.",
		"The file is larger than allowed. Make it smaller and send it again.",
	},
	"file.name": {
		"Tên tệp không hợp lệ: không dùng dấu / \\ hoặc ký tự điều khiển, tối đa 255 byte. Hãy đổi tên tệp.",
		"The file name is not valid: no / \\ or control characters, at most 255 bytes. Rename the file.",
	},
	"file.executable": {
		"Không nhận tệp chương trình. Hãy chỉ đính kèm tài liệu.",
		"Programs are not taken. Attach documents only.",
	},
	"file.interrupted": {
		"Tệp chưa tải lên hết thì đường truyền bị ngắt; chưa có gì được lưu. Hãy gửi lại.",
		"The line was cut before the file had arrived; nothing was kept. Send it again.",
	},
	"attachment.missing": {
		"Chưa có nội dung của tệp đính kèm. Hãy tải tệp đính kèm lên trước rồi gửi văn bản.",
		"The bytes of an attachment are not there. Upload the attachment first, then hand in the document.",
	},
	"blob.not_found": {
		"Không có nội dung tệp này trên cổng. Hãy tải lại trang; nếu văn bản vẫn thiếu tệp, báo người quản trị.",
		"The bytes of this file are not here. Reload; if the document still lacks its file, tell the administrator.",
	},
	"blob.too_large": {
		"Tệp lớn hơn mức cho phép. Hãy giảm dung lượng tệp rồi gửi lại.",
		"The file is larger than allowed. Make it smaller and send it again.",
	},
	"blob.digest_mismatch": {
		"Nội dung nhận được không khớp mã băm: tệp bị thay đổi trên đường truyền. Hãy gửi lại.",
		"What arrived does not match its digest: it was changed on the way. Send it again.",
	},
	"blob.damaged": {
		"Tệp lưu trên đĩa bị hỏng. Hãy báo ngay người quản trị để phục hồi từ bản sao lưu.",
		"The stored file is damaged. Tell the administrator at once to restore it from the backup.",
	},
	"storage.unavailable": {
		"Kho dữ liệu tạm thời không truy cập được. Hãy thử lại sau ít phút; nếu vẫn lỗi, báo người quản trị.",
		"The store cannot be reached for the moment. Try again in a few minutes; if it persists, tell the administrator.",
	},
	"storage.full": {
		"Ổ đĩa đã đầy, chưa có gì được lưu. Hãy nhờ người quản trị giải phóng dung lượng rồi làm lại.",
		"The disk is full and nothing was kept. Ask the administrator to make room, then do it again.",
	},
	"storage.read_only": {
		"Thư mục dữ liệu không cho ghi. Hãy cấp quyền ghi cho tài khoản chạy congvan, rồi thử lại.",
		"The data folder cannot be written to. Give the account that runs congvan the right to write, and try again.",
	},
	"storage.damaged": {
		"Dữ liệu lưu trữ bị hỏng. Hãy báo ngay người quản trị để phục hồi từ bản sao lưu.",
		"Stored data is damaged. Tell the administrator at once to restore it from the backup.",
	},
	"storage.newer": {
		"Cơ sở dữ liệu thuộc phiên bản congvan mới hơn. Hãy cập nhật chương trình.",
		"The database was made by a newer congvan. Update the program.",
	},
	"storage.migration_changed": {
		"Cấu trúc cơ sở dữ liệu không khớp chương trình này. Hãy dùng bản congvan phát hành chính thức.",
		"The database does not fit this program. Use a released congvan.",
	},
	"storage.s3_url": {
		"Địa chỉ kho S3 không đúng. Hãy viết như https://host:port/bucket.",
		"The address of the S3 store is not right. Write it like https://host:port/bucket.",
	},
	"storage.dsn": {
		"Địa chỉ cơ sở dữ liệu không đúng. Hãy sửa lại trong tệp cấu hình.",
		"The address of the database is not right. Correct it in the configuration.",
	},
	"file.trailing_data": {
		"Sau phần cuối của tệp còn dữ liệu thừa không thuộc chữ ký nào. Hãy yêu cầu người gửi gửi lại bản gốc.",
		"There is data after the end of the file that no signature covers. Ask the sender for the original.",
	},
	"file.too_costly": {
		"Không kiểm tra được tệp: tốn quá nhiều thời gian hoặc bộ nhớ. Đừng tin tệp này; hãy yêu cầu người gửi gửi lại.",
		"The file could not be examined: it takes too much time or memory. Do not rely on it; ask the sender again.",
	},
	"upload.not_an_extension": {
		"Tệp tải lên không bắt đầu bằng đúng văn bản đã giao. Hãy ký lại trên bản vừa tải về.",
		"The uploaded file does not begin with the document that was given out. Sign the downloaded copy again.",
	},
	"upload.not_one_signature": {
		"Tệp tải lên phải thêm đúng một chữ ký. Hãy tải lại văn bản và ký một lần.",
		"The uploaded file must add exactly one signature. Download the document again and sign once.",
	},
}
