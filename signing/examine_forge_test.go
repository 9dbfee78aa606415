package signing_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
	"congvan/signing"
	"congvan/signing/pdf"
)

// letter is an unsigned letter about money, with a form field for its number.
func letter(amount string) []byte {
	var out bytes.Buffer
	offsets := map[int]int{}
	object := func(number int, text string) {
		offsets[number] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", number, text)
	}
	stream := func(text string) string { return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(text), text) }
	out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>")
	object(2, "<</Type/Pages/Count 2/Kids[3 0 R 8 0 R]/MediaBox[0 0 595 842]>>")
	object(3, "<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R/Annots[7 0 R]>>")
	object(4, stream("BT /F1 12 Tf 100 700 Td (Kinh phi: "+amount+" dong) Tj ET"))
	object(5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	object(6, "<</Fields[7 0 R]/DR<</Font<</F1 5 0 R>>>>/DA(/F1 10 Tf 0 g)>>")
	object(7, "<</Type/Annot/Subtype/Widget/FT/Tx/T(number)/Rect[100 750 200 770]/P 3 0 R/F 4>>")
	object(8, "<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 5 0 R>>>>/Contents 9 0 R>>")
	object(9, stream("BT /F1 12 Tf 100 700 Td (Trang hai) Tj ET"))
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 10\n0000000000 65535 f\r\n")
	for number := 1; number < 10; number++ {
		fmt.Fprintf(&out, "%010d 00000 n\r\n", offsets[number])
	}
	fmt.Fprintf(&out, "trailer\n<</Root 1 0 R/Size 10>>\nstartxref\n%d\n%%%%EOF\n", start)
	return out.Bytes()
}

// victim is a letter signed by a leader, and then by the office's seal.
type victim struct {
	workshop
	leader, seal certs.Identity
	once, twice  []byte
}

func newVictim(t testing.TB, level signing.Level) victim {
	t.Helper()
	v := victim{workshop: newWorkshop(t)}
	v.leader = certstest.Leader(t, v.authority, certs.ECDSAP256)
	v.seal = certstest.Seal(t, v.authority, certs.RSA2048)
	order := v.order(v.leader, level)
	order.Appearance = &signing.Appearance{Page: 1, X: 100, Y: 50, Width: 60, Height: 25, Lines: []string{"Nguyễn Văn An"}}
	v.once, _ = sign(t, letter("1.000.000"), order)
	v.twice, _ = sign(t, v.once, v.order(v.seal, level))
	return v
}

func (v victim) policy() signing.Policy {
	return signing.Policy{At: v.at, Anchors: v.authority.Anchors()}
}

func examine(t testing.TB, data []byte, policy signing.Policy) signing.Report {
	t.Helper()
	report, err := signing.Examine(t.Context(), bytes.NewReader(data), int64(len(data)), policy)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// update appends an incremental update with a cross-reference table.
func update(t testing.TB, data []byte, objects map[int]string, root string) []byte {
	t.Helper()
	doc := openPDF(t, data)
	prev, _ := doc.LastXRef()
	out := bytes.NewBuffer(bytes.Clone(data))
	if !bytes.HasSuffix(data, []byte("\n")) {
		out.WriteByte('\n')
	}
	var table strings.Builder
	size := doc.HighestObject() + 1
	for _, number := range slices.Sorted(maps.Keys(objects)) {
		fmt.Fprintf(&table, "%d 1\n%010d 00000 n\r\n", number, out.Len())
		fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", number, objects[number])
		size = max(size, number+1)
	}
	start := out.Len()
	if root == "" {
		root = fmt.Sprintf("%d 0 R", doc.Root().Number)
	}
	fmt.Fprintf(out, "xref\n%strailer\n<</Root %s/Size %d/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", table.String(), root, size,
		prev, start)
	return out.Bytes()
}

// rewritten gives an object of the document as text, with changes.
func rewritten(t testing.TB, data []byte, number int, change func(pdf.Dict)) string {
	t.Helper()
	dict, err := openPDF(t, data).Dict(pdf.Ref{Number: number})
	if err != nil || dict == nil {
		t.Fatalf("object %d: %v", number, err)
	}
	dict = maps.Clone(dict)
	change(dict)
	return string(pdf.Append(nil, dict))
}

// replaced swaps a text for another of the same length, once.
func replaced(t testing.TB, data []byte, from, to string) []byte {
	t.Helper()
	at := bytes.Index(data, []byte(from))
	if at < 0 || len(from) != len(to) {
		t.Fatalf("cannot replace %q by %q", from, to)
	}
	out := bytes.Clone(data)
	copy(out[at:], to)
	return out
}

func flipped(data []byte, at int64) []byte {
	out := bytes.Clone(data)
	out[at] ^= 0x01
	return out
}

func signatureOf(t testing.TB, data []byte, index int) pdf.SignatureDict {
	t.Helper()
	signatures, err := openPDF(t, data).Signatures()
	if err != nil || len(signatures) <= index {
		t.Fatalf("%d signatures: %v", len(signatures), err)
	}
	return signatures[index]
}

// covered gives the bytes that a signature covers.
func covered(data []byte, s pdf.SignatureDict) []byte {
	return append(bytes.Clone(data[:s.ByteRange[1]]), data[s.ByteRange[2]:s.ByteRange[2]+s.ByteRange[3]]...)
}

// transplanted puts another CMS object into a signature.
func transplanted(t testing.TB, data []byte, s pdf.SignatureDict, object []byte) []byte {
	t.Helper()
	room := int(s.ContentsTo-s.ContentsAt) - 2
	text := hex.EncodeToString(object)
	if len(text) > room {
		t.Fatalf("%d hexadecimal digits do not fit into %d", len(text), room)
	}
	out := bytes.Clone(data)
	copy(out[s.ContentsAt+1:], text+strings.Repeat("0", room-len(text)))
	return out
}

// ranged writes another byte range over the old one. Both stand in brackets; the new one is padded with blanks.
func ranged(t testing.TB, data []byte, s pdf.SignatureDict, values ...int64) []byte {
	t.Helper()
	from := bytes.LastIndex(data[:s.ContentsAt], []byte("/ByteRange"))
	if from < 0 {
		from = int(s.ContentsTo) + bytes.Index(data[s.ContentsTo:], []byte("/ByteRange"))
	}
	open := from + bytes.IndexByte(data[from:], '[')
	shut := open + bytes.IndexByte(data[open:], ']')
	text := strings.Trim(fmt.Sprint(values), "[]")
	if len(text) > shut-open-1 {
		t.Fatalf("byte range %q does not fit", text)
	}
	out := bytes.Clone(data)
	copy(out[open+1:], text+strings.Repeat(" ", shut-open-1-len(text)))
	return out
}

// forgery is one attack: what an attacker makes of a signed letter.
type forgery struct {
	name string
	make func(t *testing.T, v victim) []byte
}

// incremental are attacks by an update after the signatures: every byte that was signed is still there.
func incremental() []forgery {
	body := func(text string) string { return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(text), text) }
	change := func(number int, key pdf.Name, value pdf.Object) func(*testing.T, victim) []byte {
		return func(t *testing.T, v victim) []byte {
			text := rewritten(t, v.twice, number, func(d pdf.Dict) { d[key] = value })
			return update(t, v.twice, map[int]string{number: text}, "")
		}
	}
	return []forgery{
		{"another amount on the page", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{4: body("BT /F1 12 Tf 100 700 Td (Kinh phi: 9.000.000.000 dong) Tj ET")}, "")
		}},
		{"another amount after the leader's signature, then the seal", func(t *testing.T, v victim) []byte {
			changed := update(t, v.once, map[int]string{4: body("BT /F1 12 Tf 100 700 Td (Kinh phi: 9.000.000.000 dong) Tj ET")}, "")
			sealed, _ := sign(t, changed, v.order(v.seal, signing.LevelB))
			return sealed
		}},
		{"an empty page", func(t *testing.T, v victim) []byte { return update(t, v.twice, map[int]string{4: body("")}, "") }},
		{"another content stream", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{
				3:  rewritten(t, v.twice, 3, func(d pdf.Dict) { d["Contents"] = pdf.Ref{Number: 90} }),
				90: body("BT /F1 12 Tf 100 700 Td (Kinh phi: 9 dong) Tj ET"),
			}, "")
		}},
		{"one more content stream", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{
				3:  rewritten(t, v.twice, 3, func(d pdf.Dict) { d["Contents"] = pdf.Array{pdf.Ref{Number: 4}, pdf.Ref{Number: 90}} }),
				90: body("1 1 1 rg 90 690 300 30 re f BT /F1 12 Tf 100 700 Td (Kinh phi: 9 dong) Tj ET"),
			}, "")
		}},
		{"pages in another order", change(2, "Kids", pdf.Array{pdf.Ref{Number: 8}, pdf.Ref{Number: 3}})},
		{"a page less", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{2: rewritten(t, v.twice, 2, func(d pdf.Dict) {
				d["Kids"], d["Count"] = pdf.Array{pdf.Ref{Number: 3}}, int64(1)
			})}, "")
		}},
		{"a page more", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{
				2: rewritten(t, v.twice, 2, func(d pdf.Dict) {
					d["Kids"], d["Count"] = pdf.Array{pdf.Ref{Number: 3}, pdf.Ref{Number: 8}, pdf.Ref{Number: 90}}, int64(3)
				}),
				90: "<</Type/Page/Parent 2 0 R>>",
			}, "")
		}},
		{"a smaller page box", change(3, "CropBox", pdf.Array{int64(0), int64(0), int64(595), int64(650)})},
		{"a turned page", change(3, "Rotate", int64(180))},
		{"another font", change(5, "BaseFont", pdf.Name("Symbol"))},
		{"other resources", change(3, "Resources", pdf.Dict{})},
		{"an action on opening", change(1, "OpenAction", pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")})},
		{"additional actions", change(3, "AA", pdf.Dict{"O": pdf.Dict{"S": pdf.Name("URI"), "URI": pdf.String("http://a")}})},
		{"layers", change(1, "OCProperties", pdf.Dict{"OCGs": pdf.Array{}, "D": pdf.Dict{}})},
		{"an XFA form", change(6, "XFA", pdf.String("<xfa/>"))},
		{"an attached file", change(1, "Names", pdf.Dict{"EmbeddedFiles": pdf.Dict{"Names": pdf.Array{}}})},
		{"a field taken away", func(t *testing.T, v victim) []byte {
			fields := signatureOf(t, v.twice, 0).FieldRef
			return update(t, v.twice, map[int]string{6: rewritten(t, v.twice, 6, func(d pdf.Dict) {
				d["Fields"] = pdf.Array{fields, signatureOf(t, v.twice, 1).FieldRef}
			})}, "")
		}},
		{"the second signature taken away", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{6: rewritten(t, v.twice, 6, func(d pdf.Dict) {
				d["Fields"] = pdf.Array{pdf.Ref{Number: 7}, signatureOf(t, v.twice, 0).FieldRef}
			})}, "")
		}},
		{"the second signature emptied", func(t *testing.T, v victim) []byte {
			field := signatureOf(t, v.twice, 1).FieldRef.Number
			return update(t, v.twice, map[int]string{field: rewritten(t, v.twice, field, func(d pdf.Dict) { delete(d, "V") })}, "")
		}},
		{"the reason of the first signature replaced", func(t *testing.T, v victim) []byte {
			value := signatureOf(t, v.twice, 0).ValueRef.Number
			return update(t, v.twice, map[int]string{value: rewritten(t, v.twice, value, func(d pdf.Dict) {
				d["Reason"] = pdf.String("Duyet chi 9 ty")
			})}, "")
		}},
		{"the time of the first signature replaced", func(t *testing.T, v victim) []byte {
			value := signatureOf(t, v.twice, 0).ValueRef.Number
			return update(t, v.twice, map[int]string{value: rewritten(t, v.twice, value, func(d pdf.Dict) {
				d["M"] = pdf.String("D:20200101000000Z")
			})}, "")
		}},
		{"signatures exchanged between fields", func(t *testing.T, v victim) []byte {
			a, b := signatureOf(t, v.twice, 0), signatureOf(t, v.twice, 1)
			return update(t, v.twice, map[int]string{
				a.FieldRef.Number: rewritten(t, v.twice, a.FieldRef.Number, func(d pdf.Dict) { d["V"] = b.ValueRef }),
				b.FieldRef.Number: rewritten(t, v.twice, b.FieldRef.Number, func(d pdf.Dict) { d["V"] = a.ValueRef }),
			}, "")
		}},
		{"the picture of the signature replaced", func(t *testing.T, v victim) []byte {
			field := signatureOf(t, v.twice, 0).FieldRef.Number
			return update(t, v.twice, map[int]string{
				field: rewritten(t, v.twice, field, func(d pdf.Dict) { d["AP"] = pdf.Dict{"N": pdf.Ref{Number: 90}} }),
				90: "<</Type/XObject/Subtype/Form/BBox[0 0 100 50]/Length 30>>\nstream\n" +
					"BT (Tran Van Binh) Tj ET      \nendstream",
			}, "")
		}},
		{"the picture of the signature moved over the amount", func(t *testing.T, v victim) []byte {
			field := signatureOf(t, v.twice, 0).FieldRef.Number
			return update(t, v.twice, map[int]string{field: rewritten(t, v.twice, field, func(d pdf.Dict) {
				d["Rect"] = pdf.Array{int64(90), int64(690), int64(400), int64(720)}
			})}, "")
		}},
		{"a text field over the amount", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{
				3: rewritten(t, v.twice, 3, func(d pdf.Dict) {
					d["Annots"] = append(slices.Clone(d["Annots"].(pdf.Array)), pdf.Ref{Number: 90})
				}),
				6: rewritten(t, v.twice, 6, func(d pdf.Dict) {
					d["Fields"] = append(slices.Clone(d["Fields"].(pdf.Array)), pdf.Ref{Number: 90})
				}),
				90: "<</Type/Annot/Subtype/Widget/FT/Tx/T(over)/V(9.000.000.000)/Rect[90 690 400 720]/P 3 0 R/F 4>>",
			}, "")
		}},
		{"a stamp over the amount", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{
				3: rewritten(t, v.twice, 3, func(d pdf.Dict) {
					d["Annots"] = append(slices.Clone(d["Annots"].(pdf.Array)), pdf.Ref{Number: 90})
				}),
				90: "<</Type/Annot/Subtype/FreeText/Contents(9.000.000.000)/Rect[90 690 400 720]/P 3 0 R/F 4>>",
			}, "")
		}},
		{"another catalog", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{
				90: "<</Type/Catalog/Pages 91 0 R/AcroForm 6 0 R>>", 91: "<</Type/Pages/Kids[92 0 R]/Count 1>>",
				92: "<</Type/Page/Parent 91 0 R/MediaBox[0 0 595 842]>>",
			}, "90 0 R")
		}},
		{"another form", func(t *testing.T, v victim) []byte {
			return update(t, v.twice, map[int]string{6: "<</Fields[]>>"}, "")
		}},
		{"the first page shared by both", change(2, "Kids", pdf.Array{pdf.Ref{Number: 8}, pdf.Ref{Number: 8}})},
	}
}
