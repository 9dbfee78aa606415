package api

// pdfSentences say why a PDF cannot be read or signed.
var pdfSentences = map[string]sentence{
	"pdf.not_a_pdf": {
		"Tệp không phải PDF. Hãy chuyển văn bản sang PDF rồi làm lại.",
		"The file is not a PDF. Convert the document to PDF and try again.",
	},
	"pdf.truncated": {
		"Tệp PDF bị cụt, thiếu phần cuối. Hãy chép hoặc tải lại tệp gốc.",
		"The PDF is cut off before its end. Copy or download the original again.",
	},
	"pdf.encrypted": {
		"Tệp PDF đặt mật khẩu nên không ký được. Hãy bỏ mật khẩu rồi làm lại.",
		"The PDF is encrypted and cannot be signed. Remove the password and try again.",
	},
	"pdf.damaged": {
		"Tệp PDF bị hỏng, không ghép chữ ký an toàn được. Hãy xuất lại PDF từ bản gốc.",
		"The PDF is damaged and cannot be extended safely. Make the PDF again from its source.",
	},
	"pdf.damaged_xref": {
		"Mục lục trong tệp PDF bị hỏng. Hãy xuất lại PDF từ bản gốc.",
		"The table of contents inside the PDF is damaged. Make the PDF again from its source.",
	},
	"pdf.forward_reference": {
		"Một phiên bản trong tệp PDF trỏ đến phần viết sau nó. Hãy xin lại bản gốc.",
		"A revision of the PDF refers to what comes after it. Ask for the original.",
	},
	"pdf.damaged_object": {
		"Một phần của tệp PDF bị hỏng. Hãy xuất lại PDF từ bản gốc.",
		"A part of the PDF is damaged. Make the PDF again from its source.",
	},
	"pdf.damaged_stream": {
		"Một phần nén trong tệp PDF bị hỏng. Hãy xuất lại PDF từ bản gốc.",
		"A compressed part of the PDF is damaged. Make the PDF again from its source.",
	},
	"pdf.damaged_pages": {
		"Danh sách trang của tệp PDF bị hỏng. Hãy xuất lại PDF từ bản gốc.",
		"The pages of the PDF are damaged. Make the PDF again from its source.",
	},
	"pdf.damaged_form": {
		"Biểu mẫu trong tệp PDF bị hỏng. Hãy xuất lại PDF từ bản gốc.",
		"The form of the PDF is damaged. Make the PDF again from its source.",
	},
	"pdf.damaged_signature": {
		"Chữ ký trong tệp PDF bị hỏng. Hãy xin lại bản gốc.",
		"A signature in the PDF is damaged. Ask for the original.",
	},
	"pdf.unsupported_filter": {
		"Tệp PDF dùng kiểu nén chưa hỗ trợ. Hãy xuất lại PDF bằng phần mềm khác.",
		"The PDF uses a compression that is not supported. Make the PDF again with another program.",
	},
	"pdf.too_large": {
		"Tệp PDF lớn hơn mức cho phép. Hãy giảm dung lượng rồi làm lại.",
		"The PDF is larger than allowed. Make it smaller and try again.",
	},
	"pdf.too_large_to_extend": {
		"Tệp PDF quá lớn đối với cấu trúc của nó. Hãy xuất lại PDF phiên bản 1.5 trở lên.",
		"The PDF is too large for its structure. Make it again as PDF 1.5 or later.",
	},
	"pdf.too_complex": {
		"Tệp PDF phức tạp bất thường nên không xử lý. Hãy xuất lại PDF từ bản gốc.",
		"The PDF is unusually complex and is not read. Make the PDF again from its source.",
	},
	"pdf.no_revision": {
		"Tệp PDF không có phiên bản nào kết thúc ở chỗ đó. Hãy tải lại văn bản.",
		"No revision of the PDF ends there. Read the document again.",
	},
	"pdf.no_page": {
		"Văn bản không có trang này. Hãy chọn lại số trang.",
		"The document has no such page. Choose another page.",
	},
	"pdf.unreadable": {
		"Không đọc được tệp PDF. Hãy xuất lại PDF từ bản gốc.",
		"The PDF cannot be read. Make the PDF again from its source.",
	},
	"pdf.already_signed": {
		"Văn bản đã được ký nên không chuẩn bị lại được. Hãy dùng bản chưa ký.",
		"The document is signed already. Use the unsigned one.",
	},
	"pdf.certified_no_changes": {
		"Chữ ký chứng nhận trên văn bản cấm mọi thay đổi, kể cả ký thêm. Hãy xin bản cho phép ký thêm.",
		"A certification signature forbids any change, even another signature. Ask for a document that allows it.",
	},
	"pdf.certify_not_first": {
		"Chữ ký chứng nhận phải là chữ ký đầu tiên. Hãy ký thường, hoặc dùng bản chưa ký.",
		"Only the first signature may certify. Make an ordinary one, or use the unsigned document.",
	},
	"pdf.field_already_signed": {
		"Ô ký này đã có chữ ký. Hãy chọn ô khác.",
		"This signature field is signed already. Choose another.",
	},
	"pdf.field_locked": {
		"Ô này đã bị chữ ký trước khoá. Hãy chọn ô khác.",
		"An earlier signature has locked this field. Choose another.",
	},
	"pdf.field_name": {
		"Tên ô ký không hợp lệ hoặc đã dùng. Hãy đặt tên khác.",
		"A new field cannot have this name. Choose another.",
	},
	"pdf.field_of_another_kind": {
		"Ô này không phải ô ký. Hãy chọn ô khác.",
		"The field is not a signature field. Choose another.",
	},
	"pdf.field_value": {
		"Ô này không nhận nội dung đó. Hãy sửa nội dung.",
		"The field cannot hold this value. Correct it.",
	},
	"pdf.no_such_field": {
		"Văn bản không có ô này. Hãy kiểm tra tên ô.",
		"The document has no such field. Check its name.",
	},
	"pdf.seed_value": {
		"Ô ký đòi hỏi loại chữ ký khác. Hãy dùng chứng thư và mức chữ ký mà ô yêu cầu.",
		"The field demands another kind of signature. Use the certificate and level that it asks for.",
	},
	"pdf.font_lacks_character": {
		"Phông chữ không có một ký tự trong nội dung hiển thị. Hãy bỏ ký tự lạ.",
		"The font lacks a character of what is to be shown. Leave that character out.",
	},
	"pdf.text_does_not_fit": {
		"Nội dung hiển thị không vừa khung chữ ký. Hãy mở rộng khung hoặc rút gọn nội dung.",
		"The text does not fit into its box. Make the box larger or the text shorter.",
	},
	"pdf.image_unreadable": {
		"Ảnh chữ ký không phải PNG hoặc JPEG, hoặc quá lớn. Hãy chọn ảnh khác.",
		"The image is neither PNG nor JPEG, or it is too large. Choose another.",
	},
	"pdf.outside_page": {
		"Vị trí chữ ký nằm ngoài trang. Hãy chọn lại vị trí.",
		"The signature would not lie on the page. Choose another place.",
	},
	"pdf.no_room": {
		"Chữ ký lớn hơn chỗ đã chừa. Hãy ký lại; nếu vẫn lỗi, báo người quản trị.",
		"The signature is larger than the room kept for it. Sign again; if it persists, tell the administrator.",
	},
	"pdf.nothing_to_extend": {
		"Không có gì để thêm vào văn bản. Không cần làm gì.",
		"There is nothing to add to the document. Nothing is to be done.",
	},
	"pdf.tail_inconsistent": {
		"Phần ký thêm đọc lại không đúng nên đã huỷ; chưa có gì được lưu. Hãy báo người quản trị kèm tệp gốc.",
		"The new revision does not read back as it was meant; nothing was kept. Tell the administrator, with the file.",
	},
}

// changeSentences say what was changed after a signature.
var changeSentences = map[string]sentence{
	"change.page_content":         {"Nội dung trang đã bị sửa.", "The content of a page was changed."},
	"change.appearance":           {"Hình hiển thị của một ô đã bị sửa.", "The look of a field was changed."},
	"change.appearance_shared":    {"Hình hiển thị dùng chung đã bị sửa.", "A look shared by several was changed."},
	"change.page_resources":       {"Hình hoặc phông của trang đã bị thay.", "Images or fonts of a page were replaced."},
	"change.pages":                {"Trang đã bị thêm, bớt hoặc đổi chỗ.", "Pages were added, removed or moved."},
	"change.font":                 {"Phông chữ đã bị thay.", "A font was replaced: text may look different."},
	"change.annotation":           {"Ghi chú đã bị sửa.", "A remark was changed."},
	"change.annotation_added":     {"Đã thêm ghi chú.", "A remark was added."},
	"change.annotation_removed":   {"Đã xoá ghi chú.", "A remark was removed."},
	"change.annotation_order":     {"Thứ tự ghi chú đã đổi.", "The order of remarks was changed."},
	"change.covering":             {"Có phần thêm vào che lên nội dung đã ký.", "Something now covers what was signed."},
	"change.visibility":           {"Phần đã ký bị ẩn đi hoặc hiện ra.", "What was signed was hidden or shown."},
	"change.layers":               {"Các lớp hiển thị đã bị đổi.", "The layers that are shown were changed."},
	"change.form":                 {"Biểu mẫu đã bị đổi.", "The form was changed."},
	"change.field_added":          {"Đã thêm ô biểu mẫu.", "A field was added."},
	"change.field_removed":        {"Đã xoá ô biểu mẫu.", "A field was removed."},
	"change.field_filled":         {"Đã điền ô biểu mẫu.", "A field was filled in."},
	"change.locked_field":         {"Ô đã bị khoá vẫn bị sửa.", "A locked field was changed."},
	"change.signature":            {"Đã ký thêm.", "Another signature was added."},
	"change.signature_field":      {"Ô ký đã được thêm hoặc ký.", "A signature field was added or signed."},
	"change.signature_value":      {"Một chữ ký có trước đã bị sửa.", "An earlier signature was changed."},
	"change.signature_appearance": {"Hình hiển thị của một chữ ký đã bị sửa.", "The look of a signature was changed."},
	"change.timestamp":            {"Đã thêm dấu thời gian.", "A time stamp was added."},
	"change.evidence":             {"Đã thêm bằng chứng để kiểm tra lâu dài.", "Evidence for the long term was added."},
	"change.metadata":             {"Thông tin mô tả tệp đã đổi.", "The metadata was changed."},
	"change.information":          {"Thông tin về tệp đã đổi.", "The information about the file was changed."},
	"change.extensions":           {"Khai báo mở rộng của tệp đã đổi.", "The declared extensions were changed."},
	"change.version":              {"Phiên bản PDF khai báo đã đổi.", "The declared version of PDF was changed."},
	"change.structure":            {"Cấu trúc nội dung đã bị đổi.", "The structure of the content was changed."},
	"change.outline":              {"Mục lục đã bị đổi.", "The outline was changed."},
	"change.attachment":           {"Tệp đính kèm bên trong đã bị đổi.", "An embedded file was changed."},
	"change.permissions":          {"Quyền trên văn bản đã bị đổi.", "The permissions were changed."},
	"change.encryption":           {"Việc mã hoá tệp đã bị đổi.", "The encryption was changed."},
	"change.action":               {"Hành động tự chạy đã bị thêm hoặc sửa.", "An automatic action was added or changed."},
	"change.javascript":           {"Mã chương trình đã bị thêm hoặc sửa.", "A script was added or changed."},
	"change.xfa":                  {"Biểu mẫu động (XFA) đã bị đổi.", "The dynamic form (XFA) was changed."},
	"change.object":               {"Một phần của tệp đã bị đổi.", "A part of the file was changed."},
	"change.ambiguous":            {"Có phần đọc được theo hai cách khác nhau.", "Something can be read in two ways."},
}
