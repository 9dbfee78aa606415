package signing_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
	"congvan/signing/pdf"
)

// hanoi is the zone that official documents show.
var hanoi = time.FixedZone("", 7*3600)

// workshop is what is needed to sign: an honest authority with everything it serves.
type workshop struct {
	authority *certs.Authority
	at        time.Time
	stamper   certs.Stamper
	evidence  *certs.Fetcher
}

func newWorkshop(tb testing.TB) workshop {
	tb.Helper()
	authority := certstest.NewAuthority(tb, certstest.At(certstest.Noon))
	return workshop{
		authority: authority, at: certstest.Noon.In(hanoi), stamper: certstest.Client(tb, authority.TimestampURL()),
		evidence: certstest.Fetcher(tb, authority.Anchors(), certstest.At(certstest.Noon)),
	}
}

func (w workshop) order(identity certs.Identity, level signing.Level) signing.Order {
	return signing.Order{Identity: identity, Level: level, Stamper: w.stamper, Evidence: w.evidence, At: w.at}
}

// sign signs and gives the whole new document, after checking the promises that hold for every signature.
func sign(tb testing.TB, document []byte, order signing.Order) ([]byte, signing.Signed) {
	tb.Helper()
	signed, err := signing.SignPDF(tb.Context(), bytes.NewReader(document), int64(len(document)), order)
	if err != nil {
		tb.Fatalf("sign: %v (%s)", err, signing.RefusalCode(err))
	}
	return whole(tb, document, signed), signed
}

func whole(tb testing.TB, document []byte, signed signing.Signed) []byte {
	tb.Helper()
	out, err := io.ReadAll(signed.Reader(bytes.NewReader(document), int64(len(document))))
	if err != nil {
		tb.Fatal(err)
	}
	if !bytes.HasPrefix(out, document) {
		tb.Fatal("the original is not a prefix of what was signed")
	}
	if int64(len(out)) != signed.Size || sum256(out) != signed.SHA256 {
		tb.Fatalf("size %d and digest are not those of the result, %d bytes", signed.Size, len(out))
	}
	return out
}

// openPDF opens a document or ends the test.
func openPDF(tb testing.TB, document []byte) *pdf.Document {
	tb.Helper()
	doc, err := pdf.Open(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// blank makes a document of n empty pages with a cross-reference table.
func blank(n int) []byte {
	var out bytes.Buffer
	var offsets []int
	object := func(format string, values ...any) {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n", len(offsets))
		fmt.Fprintf(&out, format, values...)
		out.WriteString("\nendobj\n")
	}
	out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	kids := strings.Builder{}
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", 3+i)
	}
	object("<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 595 842]>>", n, kids.String())
	for range n {
		object("<</Type/Page/Parent 2 0 R/Resources<<>>>>")
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f\r\n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n\r\n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return out.Bytes()
}

// padded is a one-page document that carries so many bytes of stuffing in a stream.
func padded(size int64) (io.ReaderAt, int64) {
	head := "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/Stuffing 4 0 R>>\nendobj\n" +
		"2 0 obj\n<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n" +
		"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\n"
	stream := fmt.Sprintf("4 0 obj\n<</Length %d>>\nstream\n", size)
	tail := "\nendstream\nendobj\n"
	start := int64(len(head)+len(stream)+len(tail)) + size
	var table strings.Builder
	fmt.Fprintf(&table, "xref\n0 5\n0000000000 65535 f\r\n")
	for _, text := range []string{"1 0 obj", "2 0 obj", "3 0 obj"} {
		fmt.Fprintf(&table, "%010d 00000 n\r\n", strings.Index(head, text))
	}
	fmt.Fprintf(&table, "%010d 00000 n\r\ntrailer\n<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF\n", len(head), start)
	first, last := head+stream, tail+table.String()
	return &stuffed{first, size, last}, int64(len(first)) + size + int64(len(last))
}

// stuffed is first, so many bytes of noise, and last; it holds only the two ends in memory.
type stuffed struct {
	first string
	size  int64
	last  string
}

func (s *stuffed) ReadAt(p []byte, offset int64) (int, error) {
	done := 0
	for done < len(p) {
		at, end := offset+int64(done), int64(len(s.first))+s.size
		var from string
		switch {
		case at < int64(len(s.first)):
			from = s.first[at:]
		case at < end:
			from = noise[at%4096:]
			from = from[:min(int64(len(from)), end-at)]
		case at < end+int64(len(s.last)):
			from = s.last[at-end:]
		default:
			return done, io.EOF
		}
		done += copy(p[done:], from)
	}
	return done, nil
}

var noise = strings.Repeat("congvan sealed bytes, line after line of nothing much....\n......", 1<<14)

// autograph is a blue signature and redSeal a round red seal, both on a transparent ground.
func autograph() *signing.Picture {
	const w, h = 300, 125
	picture := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range 20000 {
		t := float64(i) / 20000
		x, y := 15+270*t, 62+40*math.Sin(t*25)*(1-t*0.6)
		for dx := -1; dx <= 1; dx++ {
			picture.SetNRGBA(int(x)+dx, int(y), color.NRGBA{20, 40, 200, 255})
			picture.SetNRGBA(int(x), int(y)+dx, color.NRGBA{20, 40, 200, 255})
		}
	}
	return pngOf(picture)
}

func redSeal() *signing.Picture {
	const n = 300
	picture := image.NewNRGBA(image.Rect(0, 0, n, n))
	for y := range n {
		for x := range n {
			dx, dy := float64(x-n/2), float64(y-n/2)
			r, star := math.Hypot(dx, dy), 30*(1+0.5*math.Cos(5*math.Atan2(dy, dx)+math.Pi/2))
			if r < 148 && r > 140 || r < 132 && r > 129 || r < 50 && r > 45 || r < star {
				picture.SetNRGBA(x, y, color.NRGBA{220, 20, 30, 220})
			}
		}
	}
	return pngOf(picture)
}

func pngOf(picture image.Image) *signing.Picture {
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		panic(err)
	}
	made, err := signing.NewPicture(out.Bytes())
	if err != nil {
		panic(err)
	}
	return made
}

// peer finds another program. Without it the test is skipped, unless CONGVAN_REQUIRE_PEERS says that none may be.
func peer(tb testing.TB, name string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
		tb.Fatalf("%s is needed: %v", name, err)
	}
	tb.Skipf("%s is not installed", name)
	return ""
}

func run(tb testing.TB, name string, arguments ...string) (string, error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, arguments...).CombinedOutput()
	return string(out), err
}

// file writes bytes into the test's own folder.
func file(tb testing.TB, name string, data []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// shared finds a folder of the shared corpus, which is not part of the repository.
func shared(tb testing.TB, name string) string {
	tb.Helper()
	for folder := ".."; ; folder = filepath.Join(folder, "..") {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			path := filepath.Join(folder, "..", "shared", name)
			if _, err := os.Stat(path); err != nil {
				tb.Skipf("%s is not there", path)
			}
			return path
		}
		if len(folder) > 64 {
			tb.Fatal("no go.mod above")
		}
	}
}

var popplerLine = regexp.MustCompile(`(?m)^  - Signature Validation: (.*)$`)

// popplerVerdicts is what pdfsig says of every signature, in its order.
func popplerVerdicts(tb testing.TB, path string) []string {
	tb.Helper()
	out, _ := run(tb, peer(tb, "pdfsig"), "-nocert", path)
	var verdicts []string
	for _, match := range popplerLine.FindAllStringSubmatch(out, -1) {
		verdicts = append(verdicts, match[1])
	}
	return verdicts
}

// opensslAccepts verifies every signature of a document with the chain, ESS binding and content, by openssl.
func opensslAccepts(tb testing.TB, document []byte, authority *certs.Authority, at time.Time) {
	tb.Helper()
	signatures, err := openPDF(tb, document).Signatures()
	if err != nil {
		tb.Fatal(err)
	}
	for _, s := range signatures {
		opensslAcceptsOne(tb, document, s, authority, at)
	}
}

func opensslAcceptsOne(
	tb testing.TB, document []byte, s pdf.SignatureDict, authority *certs.Authority, at time.Time,
) {
	tb.Helper()
	out, err := run(tb, peer(tb, "openssl"), "cms", "-verify", "-binary", "-cades", "-inform", "DER",
		"-in", file(tb, "signature.der", s.Contents), "-content", file(tb, "content", covered(document, s)),
		"-out", os.DevNull, "-CAfile", file(tb, "root.pem", certs.EncodePEM(authority.Root())), "-purpose", "any",
		"-attime", fmt.Sprint(at.Unix()))
	if err != nil {
		tb.Errorf("openssl on %s: %v\n%s", s.Field, err, out)
	}
}
