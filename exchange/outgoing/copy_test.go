package outgoing_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"congvan/exchange"
	"congvan/exchange/outgoing"
	"congvan/signing"
)

// read gives the words of a PDF, or nothing where pdftotext is not installed.
func read(tb testing.TB, data []byte) string {
	tb.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			tb.Fatal(err)
		}
		return ""
	}
	return peer(tb, "pdftotext", onDisk(tb, data), "-")
}

func TestACopyIsTheOriginalWithOneSignatureOfTheOfficeAsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[communeNode]
	original := w.Issue(t, communeNode, commune, province)
	asked := outgoing.CopyDraft{Form: exchange.TrueCopy, Document: original.ID, Recipients: []exchange.OfficeID{district}}
	copied, err := desk(gateway).Copy(t.Context(), clerk(commune), asked)
	if err != nil {
		t.Fatal(err)
	}
	again, err := desk(gateway).Copy(t.Context(), clerk(commune), asked)
	if err != nil || again.ID != copied.ID || again.Numbering != copied.Numbering || again.Current() != copied.Current() {
		t.Errorf("asked twice: %+v, %v", again, err)
	}
	if number := copied.Numbering.String(); number != "01/SY-UBND" || copied.CopyOf.Number != "01/BC-UBND" {
		t.Errorf("number %s of %+v", number, copied.CopyOf)
	}
	before, after := w.bytes(t, original.Current().Digest), w.bytes(t, copied.Current().Digest)
	if !bytes.HasPrefix(after, before) {
		t.Error("the original is not the beginning of the copy")
	}
	report := examined(t, after)
	if report.Verdict != signing.Passed || len(report.Signatures) != 3 ||
		report.Signatures[1].Modification != signing.ModifiedFormFill {
		t.Errorf("%s: %+v", report.Verdict, report.Signatures)
	}
	if text := read(t, after); text != "" {
		for _, line := range []string{"SAO Y", names[commune], "15 06 2026; 12:00:00; +07:00"} {
			if !strings.Contains(text, line) {
				t.Errorf("%q is not on the page:\n%s", line, text)
			}
		}
	}
	if _, err := gateway.Send(t.Context(), clerk(commune), copied.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	w.Judge(t, districtNode)
	arrival := w.Inbox(t, districtNode, district)[0]
	if arrival.Judgement.Verdict != "passed" || len(arrival.Judgement.Findings()) > 0 {
		t.Errorf("judged %s, %v", arrival.Judgement.Verdict, arrival.Judgement.Findings())
	}
	w.copyOfTheCopy(t, arrival)
	events, err := gateway.Timeline(t.Context(), clerk(commune), original.ID)
	if err != nil || strings.Count(strings.Join(acts(events), " "), "document.copied") != 1 {
		t.Errorf("history of the original: %v, %v", acts(events), err)
	}
}

// copyOfTheCopy makes a sao lục of the sao y that arrived at the district.
func (w *world) copyOfTheCopy(t *testing.T, arrival exchange.Arrival) {
	t.Helper()
	gateway := w.Gateways[districtNode]
	asked := outgoing.CopyDraft{Form: exchange.CopyOfCopy, Arrival: arrival.ID}
	_, err := desk(gateway).Copy(t.Context(), clerk(district), asked)
	refused(t, err, exchange.Conflict, "copy.not_accepted")
	if _, err := gateway.Accept(t.Context(), clerk(district), arrival.ID); err != nil {
		t.Fatal(err)
	}
	copied, err := desk(gateway).Copy(t.Context(), clerk(district), asked)
	if err != nil || copied.Numbering.String() != "01/SL-UBND" || copied.CopyOf.Arrival != arrival.ID {
		t.Fatalf("%+v, %v", copied, err)
	}
	blob, err := w.Shelves[districtNode].Open(t.Context(), copied.Current().Digest)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, blob.Size())
	if _, err := blob.ReadAt(data, 0); err != nil {
		t.Fatal(err)
	}
	if report := examined(t, data); report.Verdict != signing.Passed || len(report.Signatures) != 4 {
		t.Errorf("%s: %+v", report.Verdict, report.Signatures)
	}
	if text := read(t, data); text != "" && (!strings.Contains(text, "SAO LỤC") || !strings.Contains(text, "SAO Y")) {
		t.Errorf("on the page:\n%s", text)
	}
	asked.Form = exchange.TrueCopy
	_, err = desk(gateway).Copy(t.Context(), clerk(district), asked)
	refused(t, err, exchange.Conflict, "copy.wrong_original")
	_, err = desk(gateway).Sign(t.Context(), leader(district), copied.ID)
	refused(t, err, exchange.Conflict, "copy.not_signed")
}

func TestAnExcerptIsAFileOfItsOwnUnderTheOfficesSignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[communeNode]
	original := w.Issue(t, communeNode, commune, province)
	asked := outgoing.CopyDraft{Form: exchange.Excerpt, Document: original.ID, Recipients: []exchange.OfficeID{province}}
	_, err := desk(gateway).Copy(t.Context(), clerk(commune), asked)
	refused(t, err, exchange.Invalid, "copy.excerpt")
	part, err := desk(gateway).Keep(t.Context(), clerk(commune), "phan-trich.pdf", bytes.NewReader(pdf(t)))
	if err != nil {
		t.Fatal(err)
	}
	asked.Excerpt = &part
	copied, err := desk(gateway).Copy(t.Context(), clerk(commune), asked)
	if err != nil || copied.Numbering.String() != "01/TS-UBND" || copied.CopyOf.Digest != original.Current().Digest {
		t.Fatalf("%+v, %v", copied, err)
	}
	if report := examined(t, w.bytes(t, copied.Current().Digest)); report.Verdict != signing.Passed {
		t.Errorf("%s", report.Verdict)
	}
	if _, err := gateway.Send(t.Context(), clerk(commune), copied.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	w.Judge(t, provinceNode)
	for _, arrival := range w.Inbox(t, provinceNode, province) {
		if arrival.Judgement.Verdict != "passed" || len(arrival.Judgement.Findings()) > 0 {
			t.Errorf("%s judged %s, %v", arrival.Header.Kind, arrival.Judgement.Verdict, arrival.Judgement.Findings())
		}
	}
}

func TestNoCopyIsMadeOfWhatIsNotIssuedOrByWhoHoldsNoSeal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[communeNode]
	sealed := w.Prepare(t, communeNode, commune, draft(province))
	asked := outgoing.CopyDraft{Form: exchange.TrueCopy, Document: sealed.ID}
	_, err := desk(gateway).Copy(t.Context(), clerk(commune), asked)
	refused(t, err, exchange.Conflict, "copy.not_issued")
	_, err = desk(gateway).Copy(t.Context(), leader(commune), asked)
	refused(t, err, exchange.Denied, "access.denied")
	asked.Form = "QĐ"
	if _, err := gateway.Send(t.Context(), clerk(commune), sealed.ID); err != nil {
		t.Fatal(err)
	}
	_, err = desk(gateway).Copy(t.Context(), clerk(commune), asked)
	refused(t, err, exchange.Invalid, "copy.form")
	plain := draft(province)
	plain.Kind = exchange.TrueCopy
	_, err = desk(gateway).Submit(t.Context(), clerk(commune), plain, bytes.NewReader(pdf(t)))
	refused(t, err, exchange.Invalid, "draft.kind")
}

func TestEveryAppendixIsSealedAndSentAsSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[communeNode]
	wanted := draft(province)
	for name, content := range map[string][]byte{"phu-luc.pdf": pdf(t), "so-lieu.csv": []byte("a,b\n1,2\n")} {
		file, err := desk(gateway).Keep(t.Context(), clerk(commune), name, bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		wanted.Attachments = append(wanted.Attachments, file)
	}
	document := w.Write(t, communeNode, commune, wanted)
	w.Deliver(t)
	arrived := w.Inbox(t, provinceNode, province)[0].Header.Attachments
	for i, file := range document.Attached() {
		came, kept := document.Attachments[i], w.bytes(t, file.Digest)
		if arrived[i] != file {
			t.Errorf("the header has %+v, sealed is %+v", arrived[i], file)
		}
		if file.MediaType != "application/pdf" {
			if file != came {
				t.Errorf("%s was changed", file.Name)
			}
			continue
		}
		report := examined(t, kept)
		if report.Verdict != signing.Passed || len(report.Signatures) != 1 || report.Signatures[0].Signer != names[commune] ||
			!bytes.HasPrefix(kept, w.bytes(t, came.Digest)) {
			t.Errorf("%s: %s, %+v", file.Name, report.Verdict, report.Signatures)
		}
		if text := read(t, kept); text != "" &&
			(!strings.Contains(text, "01/BC-UBND") || !strings.Contains(text, "15 06 2026; 12:00:00; +07:00")) {
			t.Errorf("on the page:\n%s", text)
		}
		blob, _, err := gateway.OpenDocumentFile(t.Context(), clerk(commune), document.ID, file.Digest)
		if err != nil {
			t.Fatal(err)
		}
		_ = blob.Close()
	}
}
