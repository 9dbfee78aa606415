package outgoing_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
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
	gateway := w.Gateways[CommuneNode]
	original := w.Issue(t, CommuneNode, Commune, Province)
	asked := outgoing.CopyDraft{Form: exchange.TrueCopy, Document: original.ID, Recipients: []exchange.OfficeID{District}}
	copied, err := Desk(gateway).Copy(t.Context(), Clerk(Commune), asked)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Desk(gateway).Copy(t.Context(), Clerk(Commune), asked)
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
	report := Examined(t, after)
	if report.Verdict != signing.Passed || len(report.Signatures) != 3 ||
		report.Signatures[1].Modification != signing.ModifiedFormFill {
		t.Errorf("%s: %+v", report.Verdict, report.Signatures)
	}
	if text := read(t, after); text != "" {
		for _, line := range []string{"SAO Y", Names[Commune], "15 06 2026; 12:00:00; +07:00"} {
			if !strings.Contains(text, line) {
				t.Errorf("%q is not on the page:\n%s", line, text)
			}
		}
	}
	if _, err := gateway.Send(t.Context(), Clerk(Commune), copied.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	w.Judge(t, DistrictNode)
	arrival := w.Inbox(t, DistrictNode, District)[0]
	if arrival.Judgement.Verdict != "passed" || len(arrival.Judgement.Findings()) > 0 {
		t.Errorf("judged %s, %v", arrival.Judgement.Verdict, arrival.Judgement.Findings())
	}
	w.copyOfTheCopy(t, arrival)
	events, err := Reader(gateway).Timeline(t.Context(), Clerk(Commune), original.ID)
	if err != nil || strings.Count(strings.Join(Acts(events), " "), "document.copied") != 1 {
		t.Errorf("history of the original: %v, %v", Acts(events), err)
	}
}

// copyOfTheCopy makes a sao lục of the sao y that arrived at the district.
func (w *world) copyOfTheCopy(t *testing.T, arrival exchange.Arrival) {
	t.Helper()
	gateway := w.Gateways[DistrictNode]
	asked := outgoing.CopyDraft{Form: exchange.CopyOfCopy, Arrival: arrival.ID}
	_, err := Desk(gateway).Copy(t.Context(), Clerk(District), asked)
	Refused(t, err, exchange.Conflict, "copy.not_accepted")
	if _, err := Decider(gateway).Accept(t.Context(), Clerk(District), arrival.ID); err != nil {
		t.Fatal(err)
	}
	copied, err := Desk(gateway).Copy(t.Context(), Clerk(District), asked)
	if err != nil || copied.Numbering.String() != "01/SL-UBND" || copied.CopyOf.Arrival != arrival.ID {
		t.Fatalf("%+v, %v", copied, err)
	}
	blob, err := w.Shelves[DistrictNode].Open(t.Context(), copied.Current().Digest)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, blob.Size())
	if _, err := blob.ReadAt(data, 0); err != nil {
		t.Fatal(err)
	}
	if report := Examined(t, data); report.Verdict != signing.Passed || len(report.Signatures) != 4 {
		t.Errorf("%s: %+v", report.Verdict, report.Signatures)
	}
	if text := read(t, data); text != "" && (!strings.Contains(text, "SAO LỤC") || !strings.Contains(text, "SAO Y")) {
		t.Errorf("on the page:\n%s", text)
	}
	asked.Form = exchange.TrueCopy
	_, err = Desk(gateway).Copy(t.Context(), Clerk(District), asked)
	Refused(t, err, exchange.Conflict, "copy.wrong_original")
	_, err = Desk(gateway).Sign(t.Context(), Leader(District), copied.ID)
	Refused(t, err, exchange.Conflict, "copy.not_signed")
}

func TestAnExcerptIsAFileOfItsOwnUnderTheOfficesSignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[CommuneNode]
	original := w.Issue(t, CommuneNode, Commune, Province)
	asked := outgoing.CopyDraft{Form: exchange.Excerpt, Document: original.ID, Recipients: []exchange.OfficeID{Province}}
	_, err := Desk(gateway).Copy(t.Context(), Clerk(Commune), asked)
	Refused(t, err, exchange.Invalid, "copy.excerpt")
	part, err := Desk(gateway).Keep(t.Context(), Clerk(Commune), "phan-trich.pdf", bytes.NewReader(PDF(t)))
	if err != nil {
		t.Fatal(err)
	}
	asked.Excerpt = &part
	copied, err := Desk(gateway).Copy(t.Context(), Clerk(Commune), asked)
	if err != nil || copied.Numbering.String() != "01/TS-UBND" || copied.CopyOf.Digest != original.Current().Digest {
		t.Fatalf("%+v, %v", copied, err)
	}
	if report := Examined(t, w.bytes(t, copied.Current().Digest)); report.Verdict != signing.Passed {
		t.Errorf("%s", report.Verdict)
	}
	if _, err := gateway.Send(t.Context(), Clerk(Commune), copied.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	w.Judge(t, ProvinceNode)
	for _, arrival := range w.Inbox(t, ProvinceNode, Province) {
		if arrival.Judgement.Verdict != "passed" || len(arrival.Judgement.Findings()) > 0 {
			t.Errorf("%s judged %s, %v", arrival.Header.Kind, arrival.Judgement.Verdict, arrival.Judgement.Findings())
		}
	}
}

func TestNoCopyIsMadeOfWhatIsNotIssuedOrByWhoHoldsNoSeal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[CommuneNode]
	sealed := w.Prepare(t, CommuneNode, Commune, Draft(Province))
	asked := outgoing.CopyDraft{Form: exchange.TrueCopy, Document: sealed.ID}
	_, err := Desk(gateway).Copy(t.Context(), Clerk(Commune), asked)
	Refused(t, err, exchange.Conflict, "copy.not_issued")
	_, err = Desk(gateway).Copy(t.Context(), Leader(Commune), asked)
	Refused(t, err, exchange.Denied, "access.denied")
	asked.Form = "QĐ"
	if _, err := gateway.Send(t.Context(), Clerk(Commune), sealed.ID); err != nil {
		t.Fatal(err)
	}
	_, err = Desk(gateway).Copy(t.Context(), Clerk(Commune), asked)
	Refused(t, err, exchange.Invalid, "copy.form")
	plain := Draft(Province)
	plain.Kind = exchange.TrueCopy
	_, err = Desk(gateway).Submit(t.Context(), Clerk(Commune), plain, bytes.NewReader(PDF(t)))
	Refused(t, err, exchange.Invalid, "draft.kind")
}

func TestEveryAppendixIsSealedAndSentAsSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[CommuneNode]
	wanted := Draft(Province)
	for name, content := range map[string][]byte{"phu-luc.pdf": PDF(t), "so-lieu.csv": []byte("a,b\n1,2\n")} {
		file, err := Desk(gateway).Keep(t.Context(), Clerk(Commune), name, bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		wanted.Attachments = append(wanted.Attachments, file)
	}
	document := w.Write(t, CommuneNode, Commune, wanted)
	w.Deliver(t)
	arrived := w.Inbox(t, ProvinceNode, Province)[0].Header.Attachments
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
		report := Examined(t, kept)
		if report.Verdict != signing.Passed || len(report.Signatures) != 1 || report.Signatures[0].Signer != Names[Commune] ||
			!bytes.HasPrefix(kept, w.bytes(t, came.Digest)) {
			t.Errorf("%s: %s, %+v", file.Name, report.Verdict, report.Signatures)
		}
		if text := read(t, kept); text != "" &&
			(!strings.Contains(text, "01/BC-UBND") || !strings.Contains(text, "15 06 2026; 12:00:00; +07:00")) {
			t.Errorf("on the page:\n%s", text)
		}
		blob, _, err := Reader(gateway).OpenDocumentFile(t.Context(), Clerk(Commune), document.ID, file.Digest)
		if err != nil {
			t.Fatal(err)
		}
		_ = blob.Close()
	}
}
