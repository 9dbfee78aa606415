package pdf_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/signing/pdf"
)

// written are hexadecimal strings of all lengths as they are met: with white space or without, in either case, with
// long stretches of zeros, of an odd number of digits.
func written(random *rand.Rand) string {
	var text strings.Builder
	for range random.IntN(12) {
		switch random.IntN(4) {
		case 0:
			text.WriteString(strings.Repeat("0", random.IntN(300)))
		case 1:
			text.WriteString([]string{" ", "\r\n", "\t", "\x00"}[random.IntN(4)])
		case 2:
			for range random.IntN(2000) {
				text.WriteByte("0123456789abcdefABCDEF"[random.IntN(22)])
			}
		default:
			text.WriteByte("059aF"[random.IntN(5)])
		}
	}
	return text.String()
}

func TestHexadecimalIsDecodedInMemoryAndInBlocks(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		text := written(random)
		digits := strings.NewReplacer(" ", "", "\r", "", "\n", "", "\t", "", "\x00", "").Replace(text)
		want, err := hex.DecodeString(digits + strings.Repeat("0", len(digits)%2))
		if err != nil {
			t.Fatal(err)
		}
		f := simple(strings.Repeat(" ", random.IntN(40<<10)))
		f.object(5, "<"+text+">")
		data := f.table("")
		for _, file := range []io.ReaderAt{pdf.Memory(data), bytes.NewReader(data)} {
			doc, err := pdf.Open(file, int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := doc.Object(pdf.Ref{Number: 5})
			if diff := cmp.Diff(pdf.Object(pdf.String(want)), got); err != nil || diff != "" {
				t.Fatalf("%T, %q: %v\n%s", file, text, err, diff)
			}
		}
	}
}

func TestWhatIsNoDigitIsFoundWhereverItStands(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("00a1F2", 30) + strings.Repeat("0", 200) + strings.Repeat("3C", 40)
	for at := range len(digits) {
		f := simple("")
		f.object(5, "<"+digits[:at]+"g"+digits[at+1:]+">")
		data := f.table("")
		for _, file := range []io.ReaderAt{pdf.Memory(data), bytes.NewReader(data)} {
			doc, err := pdf.Open(file, int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := doc.Object(pdf.Ref{Number: 5}); pdf.Code(err) != pdf.ErrDamagedObject.Code() {
				t.Fatalf("%T, at %d: %v, %v", file, at, got, err)
			}
		}
	}
}

func TestAFileInMemoryEndsWhereItEnds(t *testing.T) {
	t.Parallel()
	memory, reader := pdf.Memory("congvan"), strings.NewReader("congvan")
	for offset := range int64(10) {
		for length := range 10 {
			a, b := make([]byte, length), make([]byte, length)
			n, err := memory.ReadAt(a, offset)
			m, want := reader.ReadAt(b, offset)
			if n != m || (err == nil) != (want == nil) && length > 0 || !bytes.Equal(a, b) {
				t.Errorf("%d bytes at %d: %d, %v; want %d, %v", length, offset, n, err, m, want)
			}
		}
	}
	if _, err := memory.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("there is nothing before the file")
	}
}
