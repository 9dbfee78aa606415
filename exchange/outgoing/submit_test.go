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
	. "congvan/exchange/exchangetest"
	"congvan/signing"
)

func TestAWrongDraftIsRefusedBeforeAByteIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[CommuneNode]
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
		"draft.recipients":    func(d *exchange.Draft) { d.Recipients = []exchange.OfficeID{Province, Province} },
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
		"draft.recipients  ":  func(d *exchange.Draft) { d.Recipients = []exchange.OfficeID{Commune} },
		"draft.placement ":    func(d *exchange.Draft) { d.Placement = &exchange.Placement{Page: 1, X: -1} },
		"draft.recipients   ": func(d *exchange.Draft) { d.Recipients = make([]exchange.OfficeID, exchange.MaxRecipients+1) },
	} {
		wrong := Draft(Province)
		change(&wrong)
		unread := iotest.ErrReader(errors.New("was read"))
		_, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), wrong, unread)
		if exchange.CodeOf(err) != strings.TrimSpace(code) {
			t.Errorf("want %s: %v", code, err)
		}
	}
	if kept := len(w.Shelves[CommuneNode].Blobs()); kept > 0 {
		t.Errorf("%d blobs were kept", kept)
	}
}

func TestOfASecretOnlyALineWithoutContentIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := Draft(Province)
	secret.Secrecy, secret.Subject = "tối mật", "Phương án bảo vệ"
	_, err := Desk(w.Gateways[CommuneNode]).Submit(t.Context(), Clerk(Commune), secret, bytes.NewReader(PDF(t)))
	Refused(t, err, exchange.Invalid, "secrecy.refused")
	facts := w.Memories[CommuneNode].Facts()
	want := []exchange.Entry{{
		At: Noon, Act: "document.secret_refused", Actor: Clerk(Commune).Name, Office: Commune,
	}}
	if diff := cmp.Diff(want, facts.Entries); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if len(facts.Documents) > 0 || len(w.Shelves[CommuneNode].Blobs()) > 0 {
		t.Error("something of the secret was kept")
	}
	ordinary := Draft(Province)
	ordinary.Subject = "Quy chế bảo mật thông tin"
	_, err = Desk(w.Gateways[CommuneNode]).Submit(t.Context(), Clerk(Commune), ordinary, bytes.NewReader(PDF(t)))
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
		_, err := Desk(w.Gateways[CommuneNode]).Submit(t.Context(), Clerk(Commune), Draft(Province), test.content)
		if exchange.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", test.name, err, test.code)
		}
	}
	truncated := bytes.NewReader(PDF(t)[:len(PDF(t))/2])
	_, err := Desk(w.Gateways[CommuneNode]).Submit(t.Context(), Clerk(Commune), Draft(Province), truncated)
	if exchange.KindOf(err) != exchange.Invalid || !strings.HasPrefix(exchange.CodeOf(err), "pdf.") {
		t.Errorf("half a file: %v", err)
	}
	if documents := len(w.Memories[CommuneNode].Facts().Documents); documents > 0 {
		t.Errorf("%d documents were recorded", documents)
	}
}

func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAskedAgainWithTheSameIDItIsTheSameDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway, wanted := w.Gateways[CommuneNode], Draft(Province)
	wanted.ID = ID(1)
	first, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), wanted, bytes.NewReader(PDF(t)))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), wanted, bytes.NewReader(PDF(t)))
	if err != nil || !cmp.Equal(first, again) {
		t.Errorf("%v\n%s", err, cmp.Diff(first, again))
	}
	wanted.Subject += " khác"
	_, err = Desk(gateway).Submit(t.Context(), Clerk(Commune), wanted, bytes.NewReader(PDF(t)))
	Refused(t, err, exchange.Conflict, "document.id_taken")
	_, err = Desk(w.Gateways[CommuneNode]).Submit(t.Context(), Clerk(District), wanted, bytes.NewReader(PDF(t)))
	Refused(t, err, exchange.Denied, "office.not_hosted")
}

func TestADocumentSignedElsewhereIsSignedAlready(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[CommuneNode]
	signed := signedBy(t, PDF(t), w, Commune)
	document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), Draft(Province), bytes.NewReader(signed))
	if err != nil {
		t.Fatal(err)
	}
	if document.Step() != exchange.StepSigned || document.Versions[1].By != LeaderName {
		t.Errorf("step %s, versions %+v", document.Step(), document.Versions)
	}
	document, err = Desk(gateway).Seal(t.Context(), Clerk(Commune), document.ID)
	if err != nil || document.Numbering.Number != 1 {
		t.Errorf("sealed: %+v, %v", document.Numbering, err)
	}
	// One byte of the signed revision is changed: what is presented as an original is none.
	broken := bytes.Clone(signed)
	broken[bytes.Index(broken, []byte("/MediaBox"))+12] ^= 1
	_, err = Desk(gateway).Submit(t.Context(), Clerk(Commune), Draft(Province), bytes.NewReader(broken))
	Refused(t, err, exchange.Untrusted, "document.signature_failed")
	// The signature of somebody else is not that of the signatory.
	other := Draft(Province)
	other.Signatory.Name = "Lê Thị Bình"
	document, err = Desk(gateway).Submit(t.Context(), Clerk(Commune), other, bytes.NewReader(signed))
	if err != nil || document.Step() != exchange.StepSubmitted {
		t.Errorf("step %s, %v", document.Step(), err)
	}
}

// signedBy is the file with the signature of the office's leader, made by another program.
func signedBy(t *testing.T, file []byte, w *world, office exchange.OfficeID) []byte {
	t.Helper()
	reader := bytes.NewReader(file)
	signed, err := signing.SignPDF(t.Context(), reader, reader.Size(), signing.Order{
		Identity: People(t).Leaders[office], Level: signing.LevelB, At: w.Now(),
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
	gateway := w.Gateways[CommuneNode]
	for content, want := range map[string]string{
		"%PDF-1.7 …": "application/pdf", "PK\x03\x04…": "application/zip", "một dòng": "application/octet-stream",
	} {
		file, err := Desk(gateway).Keep(t.Context(), Clerk(Commune), "phu-luc.pdf", strings.NewReader(content))
		if err != nil || file.MediaType != want || file.Size != int64(len(content)) {
			t.Errorf("%q: %+v, %v", content, file, err)
		}
	}
	_, err := Desk(gateway).Keep(t.Context(), Clerk(Commune), "phu-luc.pdf", strings.NewReader("\x7fELF"))
	Refused(t, err, exchange.Invalid, "file.executable")

	file, err := Desk(gateway).Keep(t.Context(), Clerk(Commune), "phu-luc.txt", strings.NewReader("một dòng"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := Draft(Province)
	wanted.Attachments = []exchange.File{file}
	document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), wanted, bytes.NewReader(PDF(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Desk(gateway).Sign(t.Context(), Leader(Commune), document.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := Issue(t.Context(), gateway, Clerk(Commune), document.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	arrival := w.Inbox(t, ProvinceNode, Province)[0]
	blob, got, err := Reader(w.Gateways[ProvinceNode]).OpenArrivalFile(
		t.Context(), Clerk(Province), arrival.ID, file.Digest,
	)
	if err != nil || got != file || blob.Size() != file.Size {
		t.Errorf("the attachment at the other end: %+v, %v", got, err)
	}
}

func TestVerifyKeepsNothingButALine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	signed := signedBy(t, PDF(t), w, District)
	report, err := Reader(w.Gateways[CommuneNode]).Verify(
		context.WithoutCancel(t.Context()), Clerk(Commune), bytes.NewReader(signed), int64(len(signed)))
	if err != nil || report.Verdict != signing.Passed {
		t.Errorf("%s, %v", report.Verdict, err)
	}
	entries := w.Memories[CommuneNode].Facts().Entries
	if len(entries) != 1 || entries[0].Act != "file.verified" || entries[0].Detail["digest"] != report.SHA256 {
		t.Errorf("log %+v", entries)
	}
	if len(w.Shelves[CommuneNode].Blobs()) > 0 {
		t.Error("the file was kept")
	}
	_, err = Reader(w.Gateways[CommuneNode]).Verify(t.Context(), Clerk(Commune), bytes.NewReader(nil), 65<<20)
	Refused(t, err, exchange.Invalid, "blob.too_large")
}

// Without a time stamp nothing is signed and nothing is lost: the same act is done again when an authority answers.
func TestWithoutATimestampNothingIsSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[CommuneNode]
	document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), Draft(District), bytes.NewReader(PDF(t)))
	if err != nil {
		t.Fatal(err)
	}
	gateway.Stamper = NoStamper{}
	_, err = Desk(gateway).Sign(t.Context(), Leader(Commune), document.ID)
	Refused(t, err, exchange.Unavailable, "timestamp.unavailable")
	gateway.Stamper = w.Stamper(t)
	if _, err := Desk(gateway).Sign(t.Context(), Leader(Commune), document.ID); err != nil {
		t.Fatal(err)
	}
	gateway.Stamper = NoStamper{}
	_, err = Desk(gateway).Seal(t.Context(), Clerk(Commune), document.ID)
	Refused(t, err, exchange.Unavailable, "timestamp.unavailable")
	gateway.Stamper = w.Stamper(t)
	sealed, err := Desk(gateway).Seal(t.Context(), Clerk(Commune), document.ID)
	if err != nil || sealed.Numbering.Number != 1 {
		t.Errorf("number %d, %v", sealed.Numbering.Number, err)
	}
}
