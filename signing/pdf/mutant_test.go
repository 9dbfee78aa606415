package pdf_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// seeds are whole, small documents of every kind: our own, and those of strangers when they are at hand.
func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	all := [][]byte{signedOnce(), twoRevisions(), compressed(), hybrid()}
	if _, err := os.Stat("../../../shared/corpus"); err != nil {
		return all
	}
	for _, name := range append(pdfsIn(tb, "inputs"), pdfsIn(tb, "signing")...) {
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		if len(data) < 40<<10 {
			all = append(all, data)
		}
	}
	return all
}

func TestMutantsNeitherPanicNorHang(t *testing.T) {
	t.Parallel()
	count := 10_000
	if testing.Short() {
		count = 1_000
	}
	all := seeds(t)
	var group sync.WaitGroup
	for worker := range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for seed := worker; seed < count; seed += runtime.GOMAXPROCS(0) {
				random := rand.New(rand.NewPCG(uint64(seed), 1))
				data := mutant(random, all)
				started := time.Now()
				err := examine(data)
				if took := calmly(time.Since(started), func() { _ = examine(data) }); took > longest {
					t.Errorf("seed %d took %v: %v", seed, took, err)
				}
				if strings.Contains(fmt.Sprint(err), "cannot be read") {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		})
	}
	group.Wait()
}

// mutant changes a document in a few places.
func mutant(random *rand.Rand, all [][]byte) []byte {
	data := bytes.Clone(all[random.IntN(len(all))])
	other := all[random.IntN(len(all))]
	for range 1 + random.IntN(6) {
		if len(data) < 16 {
			return data
		}
		at := random.IntN(len(data) - 8)
		switch random.IntN(8) {
		case 0:
			data[at] = byte(random.IntN(256))
		case 1:
			data[at] ^= 1 << random.IntN(8)
		case 2: // take a piece away
			data = append(data[:at:at], data[at+random.IntN(min(len(data)-at, 200)):]...)
		case 3: // say a piece twice
			piece := bytes.Clone(data[at : at+random.IntN(min(len(data)-at, 400))])
			data = append(data[:at:at], append(piece, data[at:]...)...)
		case 4: // a piece of another document
			from := random.IntN(len(other) - 8)
			piece := other[from : from+random.IntN(min(len(other)-from, 400))]
			data = append(data[:at:at], append(bytes.Clone(piece), data[at:]...)...)
		case 5: // another number
			if i := bytes.IndexAny(data[at:], "0123456789"); i >= 0 {
				data[at+i] = byte('0' + random.IntN(10))
			}
		case 6:
			token := tokens[random.IntN(len(tokens))]
			copy(data[at:], token)
		case 7: // the end is missing
			data = data[:at+8]
		}
	}
	return data
}

var tokens = []string{
	"<<", ">>", "[", "]", "(", ")", "<", ">", "/Prev 0", "/Length 99999999", "/Kids[1 0 R]", "1 0 R", "obj", "endobj",
	"stream\n", "endstream", "xref\n", "trailer", "startxref", "%%EOF", "/Size 9", "/Type/ObjStm", "/N 99999", "/First 0",
	"/W[1 2 3]", "/Index[0 9]", "/XRefStm 15", "/Encrypt 1 0 R", "-1", "99999999999999999999", "/Filter/FlateDecode",
	"/Parent 3 0 R", "/V 1 0 R", "/ByteRange[0 1 2 3]", "/Contents<00>", "\x00", "%", "#",
}

func FuzzOpen(f *testing.F) {
	whole := [][]byte{signedOnce(), twoRevisions(), compressed(), hybrid()}
	for _, data := range append(whole, objectStreamInItself(), pageLoop()) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<20 {
			t.Skip("too long to be worth while")
		}
		if err := examine(data); strings.Contains(fmt.Sprint(err), "cannot be read") {
			t.Error(err)
		}
	})
}

// signedOnce is a document with a form, an empty field and something like a signature.
func signedOnce() []byte {
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/DSS 9 0 R>>")
	f.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]/Rotate 90>>")
	f.object(3, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots[6 0 R 7 0 R]>>")
	f.packed(4, "", "BT /F 12 Tf (text) Tj ET")
	f.object(5, "<</Fields[6 0 R 7 0 R]/SigFlags 3>>")
	f.object(6, "<</FT/Sig/T(Signature1)/Subtype/Widget/Rect[0 0 0 0]/P 3 0 R/V 8 0 R"+
		"/Lock<</Type/SigFieldLock/Action/Include/Fields[(name)]>>>>")
	f.object(7, "<</FT/Tx/T(name)/Subtype/Widget/Rect[10 10 90 30]/P 3 0 R/V(An)>>")
	f.object(8, "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<3000>"+
		"/M(D:20260102030405+07'00')/Reason<FEFF00C1>/Reference[<</TransformMethod/DocMDP/TransformParams<</P 2>>>>]>>")
	f.object(9, "<</Certs[10 0 R 10 0 R]/CRLs[11 0 R]/VRI<</00FF<</Cert[10 0 R]/TU(D:2026)>>>>>>")
	f.packed(10, "", "certificate")
	f.stream(11, "", "list")
	return f.table("/ID[<00><01>]")
}

// twoRevisions replaces the contents of its page.
func twoRevisions() []byte {
	f := simple("BT (before) Tj ET")
	f.table("")
	f.stream(4, "", "BT (after) Tj ET")
	return f.table("")
}

// compressed has its objects in an object stream, and a second revision in the same manner.
func compressed() []byte {
	f := newFile()
	f.stream(4, "", "BT (text) Tj ET")
	f.packed(5, "/Type/ObjStm/N 3/First 16", "1 0 2 30 3 80   <</Type/Catalog/Pages 2 0 R>>"+
		"  <</Type/Pages/Kids[3 0 R]/Count 1>>               <</Type/Page/Parent 2 0 R/Contents 4 0 R>>")
	f.xrefStream(6, contained{1, 5, 0}, contained{2, 5, 1}, contained{3, 5, 2})
	f.stream(4, "", "BT (other) Tj ET")
	return f.xrefStream(7)
}

// hybrid hides an object from readers that only know tables.
func hybrid() []byte {
	f := simple("BT (text) Tj ET")
	f.packed(5, "/Type/ObjStm/N 1/First 4", "9 0 <</Hidden true>>")
	hidden := f.Len()
	var rows bytes.Buffer
	row(&rows, 2, 5, 0)
	f.packed(6, "/Type/XRef/W[1 4 4]/Index[9 1]/Size 10", rows.String())
	f.highest = 9
	return f.table(fmt.Sprintf("/XRefStm %d", hidden))
}
