package main

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"congvan/api"
	"congvan/exchange"
	"congvan/signing"
	"congvan/signing/pdf"
)

// A clerk hands in paper with open lines and an appendix, the leader signs, the clerk seals: number and date stand in
// their lines, the appendix is sealed too, everything is made to last, and a copy takes one button.
func TestThePaperOfAClerkIsFilledSealedAndCopied(t *testing.T) {
	t.Parallel()
	stage := openTheatre(t)
	path := stage.world.configs["commune"]
	config, err := loadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	config.Level = signing.LevelLTA
	if err := config.write(path); err != nil {
		t.Fatal(err)
	}
	defer stage.start(t, "")()
	staff := stage.staff["commune"]
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	commune := stage.world.places[0]
	document, err := staff.clerk.Submit(t.Context(), api.Submission{
		Draft: api.Draft{
			Kind: "BC", Subject: "Báo cáo kết quả ứng dụng chữ ký số", Secrecy: exchange.NotSecret,
			Recipients: []string{"H40"}, Signatory: exchange.Signatory{Name: commune.leader, Position: commune.position},
		},
		File:        api.NamedFile{Name: "letter.pdf", Content: bytes.NewReader(letter)},
		Attachments: []api.NamedFile{{Name: "phu-luc.pdf", Content: bytes.NewReader(letter)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := staff.leader.Sign(t.Context(), document.ID); err != nil {
		t.Fatal(err)
	}
	if document, err = staff.clerk.Seal(t.Context(), document.ID); err != nil {
		t.Fatal(err)
	}
	for _, digest := range []exchange.Digest{document.File.Digest, document.Attachments[0].Digest} {
		var content bytes.Buffer
		if _, err := staff.clerk.Content(t.Context(), document.ID, digest, &content); err != nil {
			t.Fatal(err)
		}
		report, err := staff.clerk.Verify(t.Context(), bytes.NewReader(content.Bytes()))
		if err != nil || report.Verdict != signing.Passed {
			t.Fatalf("%s, %v: %+v", report.Verdict, err, report.Signatures)
		}
		if digest == document.File.Digest {
			checkPaper(t, content.Bytes(), report)
		} else if len(report.Signatures) != 1 || report.Signatures[0].Signer != commune.name {
			t.Errorf("the appendix: %+v", report.Signatures)
		}
	}
	if _, err := staff.clerk.Send(t.Context(), document.ID); err != nil {
		t.Fatal(err)
	}
	clerk := stage.logIn(t, "commune")
	page, status := clerk.post(t, "/outbox/"+string(document.ID)+"/copy", url.Values{"form": {"SY"}})
	if status != 200 || !strings.Contains(page, "01/SY-UBND") || !strings.Contains(page, "CHỮ KÝ HỢP LỆ") {
		t.Errorf("copying: %d\n%s", status, page)
	}
}

// checkPaper wants number and date in fields, the leader's signature inside the signer's block, and long-term levels.
func checkPaper(t *testing.T, data []byte, report signing.Report) {
	t.Helper()
	if len(report.Signatures) != 3 || report.Signatures[2].Kind == signing.KindSignature {
		t.Fatalf("signatures: %+v", report.Signatures)
	}
	leader := report.Signatures[0]
	if leader.Modification != signing.ModifiedFormFill || leader.Level != signing.LevelLTA {
		t.Errorf("the leader's signature: %s, %s", leader.Modification, leader.Level)
	}
	doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	fields, err := doc.Fields()
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]string{
		"congvan_digits": `^01$`, "congvan_day": `^\d\d$`, "congvan_month": `^(0[12]|[3-9]|1[0-2])$`,
		"congvan_year": `^20\d\d$`,
	}
	for _, field := range fields {
		form, known := wanted[field.Name]
		if !known {
			continue
		}
		value, _ := field.Dict["V"].(pdf.String)
		if !regexp.MustCompile(form).MatchString(value.Text()) {
			t.Errorf("%s is %q", field.Name, value.Text())
		}
		delete(wanted, field.Name)
	}
	if len(wanted) > 0 {
		t.Errorf("no field for %v", wanted)
	}
}
