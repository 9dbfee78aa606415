package outgoing_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/exchange/exchangetest"
	"congvan/signing"
)

func TestAWrongDraftIsRefusedBeforeAByteIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[communeNode]
	for code, change := range map[string]func(*exchange.Draft){
		"draft.id":            func(d *exchange.Draft) { d.ID = "15/QĐ" },
		"draft.kind":          func(d *exchange.Draft) { d.Kind = "XX" },
		"draft.subject":       func(d *exchange.Draft) { d.Subject = "  " },
		"draft.unit":          func(d *exchange.Draft) { d.Unit = strings.Repeat("V", 21) },
		"draft.urgency":       func(d *exchange.Draft) { d.Urgency = 5 },
		"draft.signatory":     func(d *exchange.Draft) { d.Signatory.Name = "" },
		"draft.capacity":      func(d *exchange.Draft) { d.Signatory.Capacity = "HỘ" },
		"draft.replies_to":    func(d *exchange.Draft) { d.RepliesTo = "15/QĐ" },
		"draft.due_on":        func(d *exchange.Draft) { d.DueOn = "2026-06-14" },
		"draft.placement":     func(d *exchange.Draft) { d.Placement = &exchange.Placement{Page: 0, X: 10, Y: 10} },
		"draft.recipients":    func(d *exchange.Draft) { d.Recipients = []exchange.OfficeID{province, province} },
		"recipient.unknown":   func(d *exchange.Draft) { d.Recipients = []exchange.OfficeID{"so-y-te"} },
		"attachment.missing":  func(d *exchange.Draft) { d.Attachments = []exchange.File{{Name: "a.pdf", Digest: "00"}} },
		"draft.attachments":   func(d *exchange.Draft) { d.Attachments = make([]exchange.File, 101) },
		"file.name":           func(d *exchange.Draft) { d.FileName = "../../etc/passwd" },
		"secrecy.refused":     func(d *exchange.Draft) { d.Secrecy = "mật" },
		"secrecy.refused ":    func(d *exchange.Draft) { d.Secrecy = "" },
		"secrecy.refused  ":   func(d *exchange.Draft) { d.Subject = "TUYỆT MẬT: kế hoạch" },
		"draft.subject ":      func(d *exchange.Draft) { d.Subject = "hai\ndòng" },
		"draft.subject  ":     func(d *exchange.Draft) { d.Subject = strings.Repeat("đ", 501) },
		"draft.recipients ":   func(d *exchange.Draft) { d.Recipients = nil },
		"draft.recipients  ":  func(d *exchange.Draft) { d.Recipients = []exchange.OfficeID{commune} },
		"draft.placement ":    func(d *exchange.Draft) { d.Placement = &exchange.Placement{Page: 1, X: -1} },
		"draft.recipients   ": func(d *exchange.Draft) { d.Recipients = make([]exchange.OfficeID, exchange.MaxRecipients+1) },
	} {
		wrong := draft(province)
		change(&wrong)
		unread := iotest.ErrReader(errors.New("was read"))
		_, err := desk(gateway).Submit(t.Context(), clerk(commune), wrong, unread)
		if exchange.CodeOf(err) != strings.TrimSpace(code) {
			t.Errorf("want %s: %v", code, err)
		}
	}
	if kept := len(w.Shelves[communeNode].Blobs()); kept > 0 {
		t.Errorf("%d blobs were kept", kept)
	}
}

func TestOfASecretOnlyALineWithoutContentIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := draft(province)
	secret.Secrecy, secret.Subject = "tối mật", "Phương án bảo vệ"
	_, err := desk(w.Gateways[communeNode]).Submit(t.Context(), clerk(commune), secret, bytes.NewReader(pdf(t)))
	refused(t, err, exchange.Invalid, "secrecy.refused")
	facts := w.Memories[communeNode].Facts()
	want := []exchange.Entry{{
		At: noon, Act: "document.secret_refused", Actor: clerk(commune).Name, Office: commune,
	}}
	if diff := cmp.Diff(want, facts.Entries); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if len(facts.Documents) > 0 || len(w.Shelves[communeNode].Blobs()) > 0 {
		t.Error("something of the secret was kept")
	}
	ordinary := draft(province)
	ordinary.Subject = "Quy chế bảo mật thông tin"
	_, err = desk(w.Gateways[communeNode]).Submit(t.Context(), clerk(commune), ordinary, bytes.NewReader(pdf(t)))
	if err != nil {
		t.Errorf("an ordinary word is taken for a mark: %v", err)
	}
}

func TestAFileThatIsNoPDFIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, test := range []struct {
		name, code string
		content    io.Reader
	}{
		{"empty", "file.empty", strings.NewReader("")},
		{"text", "document.not_pdf", strings.NewReader("kính gửi")},
		{"program", "document.not_pdf", strings.NewReader("MZ\x90\x00")},
		{"cut off", "file.interrupted", iotest.ErrReader(io.ErrUnexpectedEOF)},
		{"too large", "blob.too_large", io.MultiReader(strings.NewReader("%PDF-1.7\n"), zeros(65<<20))},
	} {
		_, err := desk(w.Gateways[communeNode]).Submit(t.Context(), clerk(commune), draft(province), test.content)
		if exchange.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", test.name, err, test.code)
		}
	}
	truncated := bytes.NewReader(pdf(t)[:len(pdf(t))/2])
	_, err := desk(w.Gateways[communeNode]).Submit(t.Context(), clerk(commune), draft(province), truncated)
	if exchange.KindOf(err) != exchange.Invalid || !strings.HasPrefix(exchange.CodeOf(err), "pdf.") {
		t.Errorf("half a file: %v", err)
	}
	if documents := len(w.Memories[communeNode].Facts().Documents); documents > 0 {
		t.Errorf("%d documents were recorded", documents)
	}
}

func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAskedAgainWithTheSameIDItIsTheSameDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway, wanted := w.Gateways[communeNode], draft(province)
	wanted.ID = id(1)
	first, err := desk(gateway).Submit(t.Context(), clerk(commune), wanted, bytes.NewReader(pdf(t)))
	if err != nil {
		t.Fatal(err)
	}
	again, err := desk(gateway).Submit(t.Context(), clerk(commune), wanted, bytes.NewReader(pdf(t)))
	if err != nil || !cmp.Equal(first, again) {
		t.Errorf("%v\n%s", err, cmp.Diff(first, again))
	}
	wanted.Subject += " khác"
	_, err = desk(gateway).Submit(t.Context(), clerk(commune), wanted, bytes.NewReader(pdf(t)))
	refused(t, err, exchange.Conflict, "document.id_taken")
	_, err = desk(w.Gateways[communeNode]).Submit(t.Context(), clerk(district), wanted, bytes.NewReader(pdf(t)))
	refused(t, err, exchange.Denied, "office.not_hosted")
}

func TestADocumentSignedElsewhereIsSignedAlready(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[communeNode]
	signed := signedBy(t, pdf(t), w, commune)
	document, err := desk(gateway).Submit(t.Context(), clerk(commune), draft(province), bytes.NewReader(signed))
	if err != nil {
		t.Fatal(err)
	}
	if document.Step() != exchange.StepSigned || document.Versions[1].By != leaderName {
		t.Errorf("step %s, versions %+v", document.Step(), document.Versions)
	}
	document, err = desk(gateway).Seal(t.Context(), clerk(commune), document.ID)
	if err != nil || document.Numbering.Number != 1 {
		t.Errorf("sealed: %+v, %v", document.Numbering, err)
	}
	// One byte of the signed revision is changed: what is presented as an original is none.
	broken := bytes.Clone(signed)
	broken[bytes.Index(broken, []byte("/MediaBox"))+12] ^= 1
	_, err = desk(gateway).Submit(t.Context(), clerk(commune), draft(province), bytes.NewReader(broken))
	refused(t, err, exchange.Untrusted, "document.signature_failed")
	// The signature of somebody else is not that of the signatory.
	other := draft(province)
	other.Signatory.Name = "Lê Thị Bình"
	document, err = desk(gateway).Submit(t.Context(), clerk(commune), other, bytes.NewReader(signed))
	if err != nil || document.Step() != exchange.StepSubmitted {
		t.Errorf("step %s, %v", document.Step(), err)
	}
}

// signedBy is the file with the signature of the office's leader, made by another program.
func signedBy(t *testing.T, file []byte, w *world, office exchange.OfficeID) []byte {
	t.Helper()
	reader := bytes.NewReader(file)
	signed, err := signing.SignPDF(t.Context(), reader, reader.Size(), signing.Order{
		Identity: people(t).Leaders[office], Level: signing.LevelB, At: w.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(signed.Reader(reader, reader.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAttachmentsAreKeptAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[communeNode]
	for content, want := range map[string]string{
		"%PDF-1.7 …": "application/pdf", "PK\x03\x04…": "application/zip", "một dòng": "application/octet-stream",
	} {
		file, err := desk(gateway).Keep(t.Context(), clerk(commune), "phu-luc.pdf", strings.NewReader(content))
		if err != nil || file.MediaType != want || file.Size != int64(len(content)) {
			t.Errorf("%q: %+v, %v", content, file, err)
		}
	}
	_, err := desk(gateway).Keep(t.Context(), clerk(commune), "phu-luc.pdf", strings.NewReader("\x7fELF"))
	refused(t, err, exchange.Invalid, "file.executable")

	file, err := desk(gateway).Keep(t.Context(), clerk(commune), "phu-luc.txt", strings.NewReader("một dòng"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := draft(province)
	wanted.Attachments = []exchange.File{file}
	document, err := desk(gateway).Submit(t.Context(), clerk(commune), wanted, bytes.NewReader(pdf(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := desk(gateway).Sign(t.Context(), leader(commune), document.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := exchangetest.Issue(t.Context(), gateway, clerk(commune), document.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	arrival := w.Inbox(t, provinceNode, province)[0]
	blob, got, err := w.Gateways[provinceNode].OpenArrivalFile(t.Context(), clerk(province), arrival.ID, file.Digest)
	if err != nil || got != file || blob.Size() != file.Size {
		t.Errorf("the attachment at the other end: %+v, %v", got, err)
	}
}

func TestVerifyKeepsNothingButALine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	signed := signedBy(t, pdf(t), w, district)
	report, err := w.Gateways[communeNode].Verify(
		context.WithoutCancel(t.Context()), clerk(commune), bytes.NewReader(signed), int64(len(signed)))
	if err != nil || report.Verdict != signing.Passed {
		t.Errorf("%s, %v", report.Verdict, err)
	}
	entries := w.Memories[communeNode].Facts().Entries
	if len(entries) != 1 || entries[0].Act != "file.verified" || entries[0].Detail["digest"] != report.SHA256 {
		t.Errorf("log %+v", entries)
	}
	if len(w.Shelves[communeNode].Blobs()) > 0 {
		t.Error("the file was kept")
	}
	_, err = w.Gateways[communeNode].Verify(t.Context(), clerk(commune), bytes.NewReader(nil), 65<<20)
	refused(t, err, exchange.Invalid, "blob.too_large")
}

// Without a time stamp nothing is signed and nothing is lost: the same act is done again when an authority answers.
func TestWithoutATimestampNothingIsSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[communeNode]
	document, err := desk(gateway).Submit(t.Context(), clerk(commune), draft(district), bytes.NewReader(pdf(t)))
	if err != nil {
		t.Fatal(err)
	}
	gateway.Stamper = noStamper{}
	_, err = desk(gateway).Sign(t.Context(), leader(commune), document.ID)
	refused(t, err, exchange.Unavailable, "timestamp.unavailable")
	gateway.Stamper = w.Stamper(t)
	if _, err := desk(gateway).Sign(t.Context(), leader(commune), document.ID); err != nil {
		t.Fatal(err)
	}
	gateway.Stamper = noStamper{}
	_, err = desk(gateway).Seal(t.Context(), clerk(commune), document.ID)
	refused(t, err, exchange.Unavailable, "timestamp.unavailable")
	gateway.Stamper = w.Stamper(t)
	sealed, err := desk(gateway).Seal(t.Context(), clerk(commune), document.ID)
	if err != nil || sealed.Numbering.Number != 1 {
		t.Errorf("number %d, %v", sealed.Numbering.Number, err)
	}
}
