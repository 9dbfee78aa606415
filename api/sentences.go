package api

import "maps"

// sentence is what people are told: what happened, and what to do next.
type sentence struct {
	vi, en string
}

// in gives the sentence in a language.
func (s sentence) in(lang Lang) string {
	if lang == English {
		return s.en
	}
	return s.vi
}

// catalogue is the one place where people are spoken to: every stable code of every package has its sentence here, in
// both languages. It never changes. A test reads the source of all packages and fails when a code has no sentence.
var catalogue = assemble(
	kindSentences,
	requestSentences,
	documentSentences,
	exchangeSentences,
	fileSentences,
	pdfSentences,
	keySentences,
	ruleSentences,
	certificateSentences,
	revocationSentences,
	signatureSentences,
	checkSentences,
	sessionSentences,
	evidenceSentences,
	explainSentences,
	paperSentences,
	opinionSentences,
	changeSentences,
	verdictSentences,
	actSentences,
	archiveSentences,
	bundleSentences,
	deviceSentences,
	copySentences,
	recallSentences,
	wireSentences,
	rollSentences,
	heirSentences,
	transferSentences,
	auditSentences,
	commandSentences,
	deadlineSentences,
	mailboxSentences,
)

func assemble(parts ...map[string]sentence) map[string]sentence {
	whole := map[string]sentence{}
	for _, part := range parts {
		maps.Copy(whole, part)
	}
	return whole
}

// Sentence gives the words for a code in a language: what happened and what to do next. A code that is not in the
// catalogue, as one of a later version of another gateway, gives a sentence that names it.
func Sentence(code string, lang Lang) string {
	if words, known := catalogue[code]; known {
		return words.in(lang)
	}
	return sentence{
		vi: "Có lỗi mang mã «" + code + "». Hãy báo mã này cho người quản trị.",
		en: "An error with the code “" + code + "” occurred. Tell this code to the administrator.",
	}.in(lang)
}

// HasSentence says whether the catalogue knows the code.
func HasSentence(code string) bool {
	_, known := catalogue[code]
	return known
}

// kindSentences are the titles of problems, one for each kind of error.
var kindSentences = map[string]sentence{
	"kind.internal":    {"Lỗi của hệ thống", "An error of ours"},
	"kind.invalid":     {"Yêu cầu không hợp lệ", "The request is not valid"},
	"kind.denied":      {"Không được phép", "Not allowed"},
	"kind.not_found":   {"Không tìm thấy", "Not found"},
	"kind.conflict":    {"Trạng thái đã thay đổi", "Things have changed meanwhile"},
	"kind.untrusted":   {"Chữ ký số không đạt", "A digital signature does not pass"},
	"kind.unavailable": {"Tạm thời chưa thực hiện được", "Not possible at the moment"},
	"internal": {
		"Hệ thống gặp lỗi ngoài dự kiến. Hãy thử lại; nếu vẫn lỗi, báo cho người quản trị kèm mã yêu cầu.",
		"Something unexpected went wrong. Try again; if it persists, tell the administrator the request id.",
	},
}
