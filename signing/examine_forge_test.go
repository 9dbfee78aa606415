package signing_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"maps"
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
	tb           testing.TB
	leader, seal certs.Identity
	once, twice  []byte
}

func newVictim(tb testing.TB, level signing.Level) victim {
	tb.Helper()
	v := victim{workshop: newWorkshop(tb), tb: tb}
	v.leader = certstest.Leader(tb, v.authority, certs.ECDSAP256)
	v.seal = certstest.Seal(tb, v.authority, certs.RSA2048)
	order := v.order(v.leader, level)
	order.Appearance = &signing.Appearance{
		Page: 1, X: 100, Y: 50, Width: 60, Height: 25, Lines: []string{"Nguyễn Văn An"},
	}
	v.once, _ = sign(tb, letter("1.000.000"), order)
	v.twice, _ = sign(tb, v.once, v.order(v.seal, level))
	return v
}

func (v victim) policy() signing.Policy {
	return signing.Policy{At: v.at, Anchors: v.authority.Anchors()}
}

func examine(tb testing.TB, data []byte, policy signing.Policy) signing.Report {
	tb.Helper()
	report, err := signing.Examine(tb.Context(), bytes.NewReader(data), int64(len(data)), policy)
	if err != nil {
		tb.Fatal(err)
	}
	keepChecks(tb, report, policy)
	return report
}

// update appends an incremental update with a cross-reference table.
func update(tb testing.TB, data []byte, objects map[int]string, root string) []byte {
	tb.Helper()
	doc := openPDF(tb, data)
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
func rewritten(tb testing.TB, data []byte, number int, change func(pdf.Dict)) string {
	tb.Helper()
	dict, err := openPDF(tb, data).Dict(pdf.Ref{Number: number})
	if err != nil || dict == nil {
		tb.Fatalf("object %d: %v", number, err)
	}
	dict = maps.Clone(dict)
	change(dict)
	return string(pdf.Append(nil, dict))
}

// replaced swaps a text for another of the same length, once.
func replaced(tb testing.TB, data []byte, from, to string) []byte {
	tb.Helper()
	at := bytes.Index(data, []byte(from))
	if at < 0 || len(from) != len(to) {
		tb.Fatalf("cannot replace %q by %q", from, to)
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

func signatureOf(tb testing.TB, data []byte, index int) pdf.SignatureDict {
	tb.Helper()
	signatures, err := openPDF(tb, data).Signatures()
	if err != nil || len(signatures) <= index {
		tb.Fatalf("%d signatures: %v", len(signatures), err)
	}
	return signatures[index]
}

// covered gives the bytes that a signature covers.
func covered(data []byte, s pdf.SignatureDict) []byte {
	return append(bytes.Clone(data[:s.ByteRange[1]]), data[s.ByteRange[2]:s.ByteRange[2]+s.ByteRange[3]]...)
}

// transplanted puts another CMS object into a signature.
func transplanted(tb testing.TB, data []byte, s pdf.SignatureDict, object []byte) []byte {
	tb.Helper()
	room := int(s.ContentsTo-s.ContentsAt) - 2
	text := hex.EncodeToString(object)
	if len(text) > room {
		tb.Fatalf("%d hexadecimal digits do not fit into %d", len(text), room)
	}
	out := bytes.Clone(data)
	copy(out[s.ContentsAt+1:], text+strings.Repeat("0", room-len(text)))
	return out
}

// ranged writes another byte range over the old one. Both stand in brackets; the new one is padded with blanks.
func ranged(tb testing.TB, data []byte, s pdf.SignatureDict, values ...int64) []byte {
	tb.Helper()
	from := bytes.LastIndex(data[:s.ContentsAt], []byte("/ByteRange"))
	if from < 0 {
		from = int(s.ContentsTo) + bytes.Index(data[s.ContentsTo:], []byte("/ByteRange"))
	}
	open := from + bytes.IndexByte(data[from:], '[')
	shut := open + bytes.IndexByte(data[open:], ']')
	text := strings.Trim(fmt.Sprint(values), "[]")
	if len(text) > shut-open-1 {
		tb.Fatalf("byte range %q does not fit", text)
	}
	out := bytes.Clone(data)
	copy(out[open+1:], text+strings.Repeat(" ", shut-open-1-len(text)))
	return out
}

// forgery is one attack: what an attacker makes of a signed letter.
type forgery struct {
	name string
	make func(v victim) []byte
}

const nineBillion = "BT /F1 12 Tf 100 700 Td (Kinh phi: 9.000.000.000 dong) Tj ET"

// incremental are attacks by an update after the signatures: every byte that was signed is still there.
func incremental() []forgery {
	body := func(text string) string { return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(text), text) }
	change := func(number int, key pdf.Name, value pdf.Object) func(victim) []byte {
		return func(v victim) []byte {
			text := rewritten(v.tb, v.twice, number, func(d pdf.Dict) { d[key] = value })
			return update(v.tb, v.twice, map[int]string{number: text}, "")
		}
	}
	return []forgery{
		{"another amount on the page", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{4: body(nineBillion)}, "")
		}},
		{"another amount after the leader's signature, then the seal", func(v victim) []byte {
			changed := update(v.tb, v.once, map[int]string{4: body(nineBillion)}, "")
			sealed, _ := sign(v.tb, changed, v.order(v.seal, signing.LevelB))
			return sealed
		}},
		{"an empty page", func(v victim) []byte { return update(v.tb, v.twice, map[int]string{4: body("")}, "") }},
		{"another content stream", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{
				3:  rewritten(v.tb, v.twice, 3, func(d pdf.Dict) { d["Contents"] = pdf.Ref{Number: 90} }),
				90: body("BT /F1 12 Tf 100 700 Td (Kinh phi: 9 dong) Tj ET"),
			}, "")
		}},
		{"one more content stream", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{
				3: rewritten(v.tb, v.twice, 3, func(d pdf.Dict) {
					d["Contents"] = pdf.Array{pdf.Ref{Number: 4}, pdf.Ref{Number: 90}}
				}),
				90: body("1 1 1 rg 90 690 300 30 re f BT /F1 12 Tf 100 700 Td (Kinh phi: 9 dong) Tj ET"),
			}, "")
		}},
		{"pages in another order", change(2, "Kids", pdf.Array{pdf.Ref{Number: 8}, pdf.Ref{Number: 3}})},
		{"a page less", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{2: rewritten(v.tb, v.twice, 2, func(d pdf.Dict) {
				d["Kids"], d["Count"] = pdf.Array{pdf.Ref{Number: 3}}, int64(1)
			})}, "")
		}},
		{"a page more", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{
				2: rewritten(v.tb, v.twice, 2, func(d pdf.Dict) {
					d["Kids"], d["Count"] = pdf.Array{pdf.Ref{Number: 3}, pdf.Ref{Number: 8}, pdf.Ref{Number: 90}}, int64(3)
				}),
				90: "<</Type/Page/Parent 2 0 R>>",
			}, "")
		}},
		{"a smaller page box", change(3, "CropBox", pdf.Array{int64(0), int64(0), int64(595), int64(650)})},
		{"a turned page", change(3, "Rotate", int64(180))},
		{"another font", change(5, "BaseFont", pdf.Name("Symbol"))},
		{"other resources", change(3, "Resources", pdf.Dict{})},
		{"an action on opening", change(1, "OpenAction", pdf.Dict{
			"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)"),
		})},
		{"additional actions", change(3, "AA", pdf.Dict{"O": pdf.Dict{"S": pdf.Name("URI"), "URI": pdf.String("http://a")}})},
		{"layers", change(1, "OCProperties", pdf.Dict{"OCGs": pdf.Array{}, "D": pdf.Dict{}})},
		{"an XFA form", change(6, "XFA", pdf.String("<xfa/>"))},
		{"an attached file", change(1, "Names", pdf.Dict{"EmbeddedFiles": pdf.Dict{"Names": pdf.Array{}}})},
		{"a field taken away", func(v victim) []byte {
			fields := signatureOf(v.tb, v.twice, 0).FieldRef
			return update(v.tb, v.twice, map[int]string{6: rewritten(v.tb, v.twice, 6, func(d pdf.Dict) {
				d["Fields"] = pdf.Array{fields, signatureOf(v.tb, v.twice, 1).FieldRef}
			})}, "")
		}},
		{"the second signature taken away", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{6: rewritten(v.tb, v.twice, 6, func(d pdf.Dict) {
				d["Fields"] = pdf.Array{pdf.Ref{Number: 7}, signatureOf(v.tb, v.twice, 0).FieldRef}
			})}, "")
		}},
		{"the second signature emptied", func(v victim) []byte {
			field := signatureOf(v.tb, v.twice, 1).FieldRef.Number
			emptied := rewritten(v.tb, v.twice, field, func(d pdf.Dict) { delete(d, "V") })
			return update(v.tb, v.twice, map[int]string{field: emptied}, "")
		}},
		{"the reason of the first signature replaced", func(v victim) []byte {
			value := signatureOf(v.tb, v.twice, 0).ValueRef.Number
			return update(v.tb, v.twice, map[int]string{value: rewritten(v.tb, v.twice, value, func(d pdf.Dict) {
				d["Reason"] = pdf.String("Duyet chi 9 ty")
			})}, "")
		}},
		{"the time of the first signature replaced", func(v victim) []byte {
			value := signatureOf(v.tb, v.twice, 0).ValueRef.Number
			return update(v.tb, v.twice, map[int]string{value: rewritten(v.tb, v.twice, value, func(d pdf.Dict) {
				d["M"] = pdf.String("D:20200101000000Z")
			})}, "")
		}},
		{"signatures exchanged between fields", func(v victim) []byte {
			a, b := signatureOf(v.tb, v.twice, 0), signatureOf(v.tb, v.twice, 1)
			return update(v.tb, v.twice, map[int]string{
				a.FieldRef.Number: rewritten(v.tb, v.twice, a.FieldRef.Number, func(d pdf.Dict) { d["V"] = b.ValueRef }),
				b.FieldRef.Number: rewritten(v.tb, v.twice, b.FieldRef.Number, func(d pdf.Dict) { d["V"] = a.ValueRef }),
			}, "")
		}},
		{"the picture of the signature replaced", func(v victim) []byte {
			field := signatureOf(v.tb, v.twice, 0).FieldRef.Number
			return update(v.tb, v.twice, map[int]string{
				field: rewritten(v.tb, v.twice, field, func(d pdf.Dict) { d["AP"] = pdf.Dict{"N": pdf.Ref{Number: 90}} }),
				90: "<</Type/XObject/Subtype/Form/BBox[0 0 100 50]/Length 30>>\nstream\n" +
					"BT (Tran Van Binh) Tj ET      \nendstream",
			}, "")
		}},
		{"the picture of the signature moved over the amount", func(v victim) []byte {
			field := signatureOf(v.tb, v.twice, 0).FieldRef.Number
			return update(v.tb, v.twice, map[int]string{field: rewritten(v.tb, v.twice, field, func(d pdf.Dict) {
				d["Rect"] = pdf.Array{int64(90), int64(690), int64(400), int64(720)}
			})}, "")
		}},
		{"a text field over the amount", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{
				3: rewritten(v.tb, v.twice, 3, func(d pdf.Dict) {
					d["Annots"] = append(slices.Clone(d["Annots"].(pdf.Array)), pdf.Ref{Number: 90})
				}),
				6: rewritten(v.tb, v.twice, 6, func(d pdf.Dict) {
					d["Fields"] = append(slices.Clone(d["Fields"].(pdf.Array)), pdf.Ref{Number: 90})
				}),
				90: "<</Type/Annot/Subtype/Widget/FT/Tx/T(over)/V(9.000.000.000)/Rect[90 690 400 720]/P 3 0 R/F 4>>",
			}, "")
		}},
		{"a stamp over the amount", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{
				3: rewritten(v.tb, v.twice, 3, func(d pdf.Dict) {
					d["Annots"] = append(slices.Clone(d["Annots"].(pdf.Array)), pdf.Ref{Number: 90})
				}),
				90: "<</Type/Annot/Subtype/FreeText/Contents(9.000.000.000)/Rect[90 690 400 720]/P 3 0 R/F 4>>",
			}, "")
		}},
		{"another catalog", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{
				90: "<</Type/Catalog/Pages 91 0 R/AcroForm 6 0 R>>", 91: "<</Type/Pages/Kids[92 0 R]/Count 1>>",
				92: "<</Type/Page/Parent 91 0 R/MediaBox[0 0 595 842]>>",
			}, "90 0 R")
		}},
		{"another form", func(v victim) []byte {
			return update(v.tb, v.twice, map[int]string{6: "<</Fields[]>>"}, "")
		}},
		{"the first page shared by both", change(2, "Kids", pdf.Array{pdf.Ref{Number: 8}, pdf.Ref{Number: 8}})},
	}
}

// touching are attacks on the signed bytes and on the signature itself.
func touching() []forgery {
	list := []forgery{
		{"the amount changed in place", func(v victim) []byte {
			return replaced(v.tb, v.twice, "1.000.000", "9.000.000")
		}},
		{"the second page changed in place", func(v victim) []byte {
			return replaced(v.tb, v.twice, "Trang hai", "Trang bay")
		}},
		{"the header changed", func(v victim) []byte { return replaced(v.tb, v.twice, "%PDF-1.7", "%PDF-1.4") }},
		{"the last byte changed", func(v victim) []byte { return flipped(v.twice, int64(len(v.twice)-3)) }},
		{"a digit of the value changed", func(v victim) []byte {
			s := signatureOf(v.tb, v.twice, 1)
			object, _ := cms.Parse(s.Contents)
			at := bytes.Index(s.Contents, object.Signers[0].Signature)
			s.Contents[at+20] ^= 0x10
			return transplanted(v.tb, v.twice, s, bytes.TrimRight(s.Contents, "\x00"))
		}},
		{"the signed digest changed", func(v victim) []byte {
			s := signatureOf(v.tb, v.twice, 1)
			object, _ := cms.Parse(s.Contents)
			at := bytes.Index(s.Contents, object.Signers[0].MessageDigest)
			s.Contents[at] ^= 0x10
			return transplanted(v.tb, v.twice, s, bytes.TrimRight(s.Contents, "\x00"))
		}},
		{"the second signature zeroed", func(v victim) []byte {
			return transplanted(v.tb, v.twice, signatureOf(v.tb, v.twice, 1), nil)
		}},
		{"the second signature no longer hexadecimal", func(v victim) []byte {
			s := signatureOf(v.tb, v.twice, 1)
			out := bytes.Clone(v.twice)
			copy(out[s.ContentsAt+1:], "zz")
			return out
		}},
		{"the second byte range misspelt", func(v victim) []byte {
			s := signatureOf(v.tb, v.twice, 1)
			at := bytes.LastIndex(v.twice[:s.ContentsAt], []byte("/ByteRange"))
			out := bytes.Clone(v.twice)
			copy(out[at:], "/BiteRange")
			return out
		}},
		{"the first signature copied over the second", func(v victim) []byte {
			first := signatureOf(v.tb, v.twice, 0)
			return transplanted(v.tb, v.twice, signatureOf(v.tb, v.twice, 1), bytes.TrimRight(first.Contents, "\x00"))
		}},
		{"bytes hidden beside the signature", func(v victim) []byte {
			s := signatureOf(v.tb, v.twice, 1)
			out := bytes.Clone(v.twice)
			copy(out[s.ContentsTo-9:], ">(hidden)")
			return out
		}},
		{"text after the end", func(v victim) []byte { return append(bytes.Clone(v.twice), "\nKinh phi: 9 ty\n"...) }},
		{"a comment after the end", func(v victim) []byte { return append(bytes.Clone(v.twice), "%hello"...) }},
		{"much text after the end", func(v victim) []byte {
			return append(bytes.Clone(v.twice), strings.Repeat("abcdefgh", 5000)...)
		}},
		{"another document after the end", func(v victim) []byte {
			return append(bytes.Clone(v.twice), letter("9.000.000")...)
		}},
		{"a second trailer after the end", func(v victim) []byte {
			offset, _ := openPDF(v.tb, v.twice).LastXRef()
			return fmt.Appendf(bytes.Clone(v.twice), "trailer\n<</Root 2 0 R>>\nstartxref\n%d\n%%%%EOF\n", offset)
		}},
		{"cut inside the last signature", func(v victim) []byte {
			return v.twice[:signatureOf(v.tb, v.twice, 1).ContentsAt+100]
		}},
		{"cut before the last end", func(v victim) []byte { return v.twice[:len(v.twice)-20] }},
		{"a document in front", func(v victim) []byte {
			return append([]byte("%PDF-1.7\n% another beginning\n"), v.twice...)
		}},
	}
	for i := range 8 {
		list = append(list, forgery{fmt.Sprintf("byte %d of 8 changed", i+1), func(v victim) []byte {
			s := signatureOf(v.tb, v.twice, 0)
			end := s.ByteRange[1]
			at := 9 + end*int64(i)/8
			if v.twice[at] == '\n' || v.twice[at] == ' ' {
				at++
			}
			return flipped(v.twice, at)
		}})
	}
	return list
}

// reranged are attacks by the byte range.
func reranged() []forgery {
	to := func(values func(r []int64) []int64) func(victim) []byte {
		return func(v victim) []byte {
			s := signatureOf(v.tb, v.twice, 1)
			return ranged(v.tb, v.twice, s, values(slices.Clone(s.ByteRange))...)
		}
	}
	return []forgery{
		{"the range ends a byte early", to(func(r []int64) []int64 { r[3]--; return r })},
		{"the range ends beyond the file", to(func(r []int64) []int64 { r[3]++; return r })},
		{"the range begins late", to(func(r []int64) []int64 { return []int64{1, r[1] - 1, r[2], r[3]} })},
		{"the gap begins early", to(func(r []int64) []int64 { r[1]--; return r })},
		{"the gap ends late", to(func(r []int64) []int64 { r[2]++; r[3]--; return r })},
		{"no second part", to(func(r []int64) []int64 { return r[:2] })},
		{"an empty second part", to(func(r []int64) []int64 { r[3] = 0; return r })},
		{"one part only", to(func(r []int64) []int64 { return []int64{0, r[2] + r[3]} })},
		{"three numbers", to(func(r []int64) []int64 { return r[:3] })},
		{"five numbers", to(func(r []int64) []int64 { return []int64{0, 9, 9, 9, 9} })},
		{"negative numbers", to(func(r []int64) []int64 { return []int64{0, r[1], r[2], -1} })},
		{"a huge number", to(func(r []int64) []int64 { return []int64{0, 9, 9, 1 << 62} })},
		{"numbers that overflow", to(func([]int64) []int64 { return []int64{0, 1, 1<<63 - 1, 1<<63 - 1} })},
		{"parts exchanged", to(func(r []int64) []int64 { return []int64{r[2], r[3], 0, r[1]} })},
		{"the first signature's range", func(v victim) []byte {
			return ranged(v.tb, v.twice, signatureOf(v.tb, v.twice, 1), signatureOf(v.tb, v.twice, 0).ByteRange...)
		}},
		{"400 pairs over one megabyte", func(v victim) []byte { return amplified(v, 400) }},
		{"3000 pairs over one megabyte", func(v victim) []byte { return amplified(v, 3000) }},
	}
}

// amplified is a document of a megabyte with a signature that claims to cover it again and again.
func amplified(v victim, pairs int) []byte {
	value := signatureOf(v.tb, v.twice, 0).ValueRef.Number
	stuffing := strings.Repeat("x", 1<<20)
	stream := fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(stuffing), stuffing)
	data := update(v.tb, v.twice, map[int]string{90: stream}, "")
	ranges := pdf.Array{}
	for range pairs {
		ranges = append(ranges, int64(0), int64(1<<20))
	}
	ranged := rewritten(v.tb, data, value, func(d pdf.Dict) { d["ByteRange"] = ranges })
	return update(v.tb, data, map[int]string{value: ranged}, "")
}

// wrapped are attacks that show another document, with the genuine one inside it.
func wrapped() []forgery {
	inside := func(before, after string) func(victim) []byte {
		return func(v victim) []byte {
			genuine := signatureOf(v.tb, v.once, 0)
			head := "%PDF-1.7\n"
			var offsets []int
			var out bytes.Buffer
			out.WriteString(head)
			object := func(text string) {
				offsets = append(offsets, out.Len())
				fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", len(offsets), text)
			}
			object("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]/SigFlags 3>>>>")
			object("<</Type/Pages/Count 1/Kids[3 0 R]>>")
			object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>")
			object("<</Length 50>>\nstream\nBT /F1 12 Tf 100 700 Td (Kinh phi: 9 ty) Tj ET     \nendstream")
			object("<</FT/Sig/T(Signature1)/V 6 0 R/Subtype/Widget/Rect[0 0 0 0]>>")
			offsets = append(offsets, 0)
			fmt.Fprintf(&out, before, len(v.once))
			base := out.Len()
			out.Write(v.once)
			out.WriteString(after)
			offsets[5] = out.Len()
			shift := int64(base)
			fmt.Fprintf(&out, "6 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[%d %d %d %d]"+
				"/Contents<%s>>>\nendobj\n", shift, genuine.ByteRange[1], shift+genuine.ByteRange[2], genuine.ByteRange[3],
				hex.EncodeToString(genuine.Contents))
			start := out.Len()
			fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f\r\n", len(offsets)+1)
			for _, offset := range offsets {
				fmt.Fprintf(&out, "%010d 00000 n\r\n", offset)
			}
			fmt.Fprintf(&out, "trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
			return out.Bytes()
		}
	}
	return []forgery{
		{"the genuine file in a stream", inside("7 0 obj\n<</Length %d>>\nstream\n", "\nendstream\nendobj\n")},
		{"the genuine file between objects", inside("%% %d bytes\n", "\n")},
		{"the genuine file first, the range unchanged", func(v victim) []byte {
			// A catalog of the attacker's follows; the signature stays what and where it was.
			return update(v.tb, v.once, map[int]string{
				90: fmt.Sprintf("<</Type/Catalog/Pages 91 0 R/AcroForm<</Fields[%d 0 R]/SigFlags 3>>>>",
					signatureOf(v.tb, v.once, 0).FieldRef.Number),
				91: "<</Type/Pages/Kids[92 0 R]/Count 1>>",
				92: "<</Type/Page/Parent 91 0 R/MediaBox[0 0 595 842]/Contents 93 0 R>>",
				93: "<</Length 20>>\nstream\nBT (9 ty) Tj ET     \nendstream",
			}, "90 0 R")
		}},
	}
}

// impostors are signatures by people whom nobody trusts, made to look as if somebody did.
func impostors() []forgery {
	resigned := func(identity func(v victim) certs.Identity, more func(*cms.Draft, victim)) func(victim) []byte {
		return func(v victim) []byte {
			changed := replaced(v.tb, v.once, "1.000.000", "9.000.000")
			s := signatureOf(v.tb, changed, 0)
			attacker := identity(v)
			draft := cms.Draft{
				Scheme: cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA256}, Certificate: attacker.Certificate,
				Chain: attacker.Chain, ContentDigest: digest256(covered(changed, s)),
			}
			if more != nil {
				more(&draft, v)
			}
			object, err := cms.Sign(attacker.Signer, draft)
			if err != nil {
				v.tb.Fatal(err)
			}
			return transplanted(v.tb, changed, s, object)
		}
	}
	alone := func(v victim) certs.Identity {
		return certstest.Make(v.tb, certstest.Spec{Name: v.leader.Certificate.Subject.CommonName})
	}
	return []forgery{
		{"signed by himself", resigned(alone, nil)},
		{"signed by himself, with the trusted certificates beside", resigned(alone, func(d *cms.Draft, v victim) {
			d.Chain = []*x509.Certificate{v.leader.Certificate, v.authority.Issuing()}
		})},
		{"with the leader's name and number", resigned(func(v victim) certs.Identity {
			return certstest.Make(v.tb, certstest.Spec{Name: "x", Adjust: func(c *x509.Certificate) {
				c.RawSubject, c.SerialNumber = v.leader.Certificate.RawIssuer, v.leader.Certificate.SerialNumber
			}})
		}, func(d *cms.Draft, v victim) {
			d.Chain = []*x509.Certificate{v.leader.Certificate, v.authority.Issuing()}
		})},
		{"with the leader's certificate and another key", func(v victim) []byte {
			changed := replaced(v.tb, v.once, "1.000.000", "9.000.000")
			s := signatureOf(v.tb, changed, 0)
			other := certstest.Key(v.tb, certs.ECDSAP256)
			draft := cms.Draft{
				Scheme: cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA256}, Certificate: v.leader.Certificate,
				Chain: v.leader.Chain, ContentDigest: digest256(covered(changed, s)),
			}
			attributes, err := cms.SignedAttributes(draft)
			if err != nil {
				v.tb.Fatal(err)
			}
			value, err := draft.Scheme.Sign(other, attributes)
			if err != nil {
				v.tb.Fatal(err)
			}
			object, err := cms.Assemble(draft, attributes, value)
			if err != nil {
				v.tb.Fatal(err)
			}
			return transplanted(v.tb, changed, s, object)
		}},
		{"certified by the leader, who is no authority", resigned(func(v victim) certs.Identity {
			attacker := certstest.Make(v.tb, certstest.Spec{Name: "Chu tich", Issuer: &v.leader})
			attacker.Chain = attacker.Chain[:2]
			return attacker
		}, nil)},
		{"certified by a false authority of the same name", resigned(func(v victim) certs.Identity {
			false1 := certstest.Make(v.tb, certstest.Spec{Name: "x", CA: true, Adjust: func(c *x509.Certificate) {
				c.RawSubject = v.authority.Issuing().RawSubject
				c.SubjectKeyId = v.authority.Issuing().SubjectKeyId
			}})
			return certstest.Make(v.tb, certstest.Spec{Name: "Chu tich", Issuer: &false1})
		}, nil)},
		{"certified for another use", resigned(func(v victim) certs.Identity {
			return certstest.Issue(v.tb, v.authority, certs.Order{Use: certs.UseNode, Hosts: []string{"127.0.0.1"}})
		}, nil)},
		{"certified no longer", resigned(func(v victim) certs.Identity {
			return certstest.Issue(v.tb, v.authority, certs.Order{From: v.at.AddDate(-2, 0, 0), Until: v.at.AddDate(-1, 0, 0)})
		}, nil)},
		{"certified not yet", resigned(func(v victim) certs.Identity {
			return certstest.Issue(v.tb, v.authority, certs.Order{From: v.at.AddDate(0, 1, 0), Until: v.at.AddDate(1, 0, 0)})
		}, nil)},
		{"bound to another certificate with the same key", resigned(func(v victim) certs.Identity {
			return certstest.Make(v.tb, certstest.Spec{Name: "x", Like: &v.leader})
		}, func(d *cms.Draft, v victim) { d.Chain = []*x509.Certificate{v.leader.Certificate} })},
		{"with the content enclosed", func(v victim) []byte {
			s := signatureOf(v.tb, v.once, 0)
			object, err := cms.Sign(v.leader.Signer, cms.Draft{
				Scheme: cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA256}, Certificate: v.leader.Certificate,
				Content: []byte("another content, honestly signed"),
			})
			if err != nil {
				v.tb.Fatal(err)
			}
			return transplanted(v.tb, v.once, s, object)
		}},
		{"the token of a time stamp as a signature", func(v victim) []byte {
			s := signatureOf(v.tb, v.once, 0)
			token, err := v.stamper.Stamp(v.tb.Context(), crypto.SHA256, digest256(covered(v.once, s)))
			if err != nil {
				v.tb.Fatal(err)
			}
			return transplanted(v.tb, v.once, s, token)
		}},
	}
}

func digest256(data []byte) []byte {
	sum := sum256(data)
	return sum[:]
}

func TestNoForgeryPasses(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	if report := examine(t, v.twice, v.policy()); report.Verdict != signing.Passed || len(report.Signatures) != 2 {
		t.Fatalf("the genuine letter: %s", summary(report))
	}
	families := map[string][]forgery{
		"incremental": incremental(), "touching": touching(), "reranged": reranged(), "wrapped": wrapped(),
		"impostors": impostors(),
	}
	count := 0
	for _, family := range slices.Sorted(maps.Keys(families)) {
		for _, attack := range families[family] {
			count++
			t.Run(family+"/"+attack.name, func(t *testing.T) {
				t.Parallel()
				v := v
				v.tb = t
				data := attack.make(v)
				began := time.Now()
				report := examine(t, data, v.policy())
				if took := time.Since(began); took > slack*2*time.Second {
					t.Errorf("took %v", took)
				}
				if report.Verdict == signing.Passed {
					t.Fatalf("passed: %s", summary(report))
				}
				proved := report.Verdict == signing.Failed || report.Verdict == signing.Unsigned || report.Error != ""
				if family != "impostors" && !proved {
					t.Errorf("not failed: %s", summary(report))
				}
			})
		}
	}
	if count < 60 {
		t.Errorf("only %d forgeries", count)
	}
}
