package exchange

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is the kind of a document (loại văn bản) by its abbreviation (Decree 30/2020, Article 7 and Annex III); a letter
// and a thư công have none in their notation and are named "CV" and "TC2" here.
type Kind string

// The two kinds whose notation carries no abbreviation.
const (
	Letter       Kind = "CV"  // công văn
	PublicLetter Kind = "TC2" // thư công
)

// kinds are the 29 kinds of administrative document and the three kinds of copy, in the order of the Decree.
var kinds = []struct {
	kind Kind
	name string
	copy bool
}{
	{"NQ", "Nghị quyết", false},
	{"QĐ", "Quyết định", false},
	{"CT", "Chỉ thị", false},
	{"QC", "Quy chế", false},
	{"QyĐ", "Quy định", false},
	{"TC", "Thông cáo", false},
	{"TB", "Thông báo", false},
	{"HD", "Hướng dẫn", false},
	{"CTr", "Chương trình", false},
	{"KH", "Kế hoạch", false},
	{"PA", "Phương án", false},
	{"ĐA", "Đề án", false},
	{"DA", "Dự án", false},
	{"BC", "Báo cáo", false},
	{"BB", "Biên bản", false},
	{"TTr", "Tờ trình", false},
	{"HĐ", "Hợp đồng", false},
	{Letter, "Công văn", false},
	{"CĐ", "Công điện", false},
	{"BGN", "Bản ghi nhớ", false},
	{"BTT", "Bản thỏa thuận", false},
	{"GUQ", "Giấy ủy quyền", false},
	{"GM", "Giấy mời", false},
	{"GGT", "Giấy giới thiệu", false},
	{"GNP", "Giấy nghỉ phép", false},
	{"PG", "Phiếu gửi", false},
	{"PC", "Phiếu chuyển", false},
	{"PB", "Phiếu báo", false},
	{PublicLetter, "Thư công", false},
	{"SY", "Bản sao y", true},
	{"TS", "Bản trích sao", true},
	{"SL", "Bản sao lục", true},
}

// Kinds lists all kinds in the order of the Decree; those of copies come last.
func Kinds() []Kind {
	list := make([]Kind, len(kinds))
	for i, entry := range kinds {
		list[i] = entry.kind
	}
	return list
}

// Known says whether the kind is one of the Decree's.
func (k Kind) Known() bool { return k.index() >= 0 }

// Name is the Vietnamese name of the kind, or the kind itself when it is not known.
func (k Kind) Name() string {
	if i := k.index(); i >= 0 {
		return kinds[i].name
	}
	return string(k)
}

// IsCopy says whether the kind is one of the three kinds of copy (bản sao).
func (k Kind) IsCopy() bool {
	i := k.index()
	return i >= 0 && kinds[i].copy
}

// Abbreviation is what the kind adds to a notation; a letter and a thư công add nothing.
func (k Kind) Abbreviation() string {
	if k == Letter || k == PublicLetter {
		return ""
	}
	return string(k)
}

func (k Kind) index() int {
	for i, entry := range kinds {
		if entry.kind == k {
			return i
		}
	}
	return -1
}

// Notation makes the notation (ký hiệu) without the number: "QĐ-UBND" for a kind with an abbreviation, "UBND-VX" for a
// letter, whose drafting unit ends it (Decree 30/2020, Annex I). A missing part is left out.
func Notation(kind Kind, office, unit string) string {
	parts := []string{kind.Abbreviation(), office}
	if kind.Abbreviation() == "" {
		parts = append(parts, unit)
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return strings.Join(parts, "-")
}

// String writes number and notation as on the document: "15/QĐ-UBND"; below ten with a leading zero: "05/UBND-VX". It
// is empty when no number was taken.
func (n Numbering) String() string {
	switch {
	case n.Number == 0:
		return ""
	case n.Notation == "":
		return fmt.Sprintf("%02d", n.Number)
	default:
		return fmt.Sprintf("%02d/%s", n.Number, n.Notation)
	}
}
