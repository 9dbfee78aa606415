package signing_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"congvan/signing"
	"congvan/signing/pdf"
)

// TestKillersGetAnAnswer shows files that end or exhaust other programs to the whole examiner.
func TestKillersGetAnAnswer(t *testing.T) {
	v := newVictim(t, signing.LevelB)
	nested := func(n int) []byte { return bytes.Repeat([]byte{0x30, 0x80}, n) }
	asSignedData := []byte("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80")
	plain := func(body string) []byte { return []byte("%PDF-1.7\n" + body) }
	for _, tc := range []struct {
		name string
		data []byte
	}{
		{"8 MB of nested BER", nested(4 << 20)},
		{"nested BER in signed data", append(bytes.Clone(asSignedData), nested(400<<10)...)},
		{"nested BER in a PDF", manyFields(t, v, 1, "<"+strings.Repeat("3080", 100<<10)+">")},
		{"a table of 400,000,000 objects", plain("xref\n400000000 1\n0000000000 65535 f\r\ntrailer\n" +
			"<</Root 1 0 R/Size 400000001>>\nstartxref\n9\n%%EOF\n")},
		{"a million nested arrays", plain("1 0 obj\n" + strings.Repeat("[", 1<<20) + "\nendobj\ntrailer\n<</Root 1 0 R>>\n" +
			"startxref\n0\n%%EOF\n")},
		{"nested dictionaries", plain("1 0 obj\n" + strings.Repeat("<</A", 1<<18) + "\nendobj\ntrailer\n<</Root 1 0 R>>\n" +
			"startxref\n0\n%%EOF\n")},
		{"3000 fields with one signature", shareSignature(t, v, 3000)},
		{"3000 fields with the same bytes signed", manyFields(t, v, 3000, "<3000>")},
		{"900 fields with megabytes of signature", manyFields(t, v, 900, "<"+strings.Repeat("30", 2<<10)+">")},
		{"a megabyte of byte ranges", append(bytes.Clone(v.twice), strings.Repeat("/ByteRange", 100<<10)...)},
		{"a megabyte of startxref", append(bytes.Clone(v.twice), strings.Repeat("startxref 9 %%EOF\n", 60<<10)...)},
		{"a megabyte of objects", append(bytes.Clone(v.twice), strings.Repeat("1 0 obj<</A", 100<<10)...)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			report := examine(t, tc.data, v.policy())
			took := time.Since(began)
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d bytes: %s %s in %v, %d MiB allocated", len(tc.data), report.Verdict, report.Error, took, allocated)
			if report.Verdict == signing.Passed {
				t.Error("passed")
			}
			if took > slack*2*time.Second {
				t.Errorf("took %v", took)
			}
			if allocated > 512 {
				t.Errorf("allocated %d MiB", allocated)
			}
		})
	}
}

// manyFields adds so many signature fields, each with a signature dictionary of its own that claims the same bytes.
func manyFields(t *testing.T, v victim, n int, contents string) []byte {
	t.Helper()
	objects := map[int]string{}
	var fields pdf.Array
	for i := range n {
		number := 100 + 2*i
		fields = append(fields, pdf.Ref{Number: number})
		objects[number] = fmt.Sprintf("<</FT/Sig/T(F%d)/V %d 0 R>>", i, number+1)
		objects[number+1] = "<</Type/Sig/Filter/A/SubFilter/ETSI.CAdES.detached/ByteRange[0 100 200 300]/Contents" +
			contents + ">>"
	}
	objects[6] = rewritten(t, v.twice, 6, func(d pdf.Dict) { d["Fields"] = fields })
	return update(t, v.twice, objects, "")
}

// shareSignature adds so many fields that all show the first signature.
func shareSignature(t *testing.T, v victim, n int) []byte {
	t.Helper()
	value := signatureOf(t, v.twice, 0).ValueRef
	objects := map[int]string{}
	var fields pdf.Array
	for i := range n {
		fields = append(fields, pdf.Ref{Number: 100 + i})
		objects[100+i] = fmt.Sprintf("<</FT/Sig/T(F%d)/V %d 0 R>>", i, value.Number)
	}
	objects[6] = rewritten(t, v.twice, 6, func(d pdf.Dict) { d["Fields"] = fields })
	return update(t, v.twice, objects, "")
}
