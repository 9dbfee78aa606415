// Package exchange answers: what is an official document, who may issue it, where must it go, and has it arrived?
//
// A document is submitted, signed by a leader, numbered, sealed by the office and sent; each recipient's gateway takes
// it in, judges it, and a clerk accepts or refuses it; signed receipts come back by the same queue. Everything kept is
// an append-only fact; a state is derived from the facts. The package knows nothing of SQL, S3, HTTP or PDF: it states
// what it needs of the world in [Records], [Blobs], [Carrier], [Keys] and [Examiner].
package exchange

import (
	"time"

	"congvan/signing"
)

// DocumentID names a document (văn bản) for ever and everywhere: a ULID given by the gateway that took it in. It cannot
// be guessed. The legal identifier of edXML is derived from Office, Number and Date.
type DocumentID string

// Document is an official document (văn bản) as the issuing office made it. Its content is a file named by digest.
type Document struct {
	ID          DocumentID
	Office      OfficeID // that issues it
	Kind        Kind
	Subject     string // trích yếu
	Urgency     Urgency
	Secrecy     Secrecy
	Signatory   Signatory
	Recipients  []OfficeID
	RepliesTo   DocumentID   // phúc đáp; empty when it answers nothing
	Replaces    []DocumentID // thay thế: documents of the office that are out of date with it
	DueOn       Date         // hạn trả lời; empty when none is set
	Unit        string       // đơn vị soạn thảo, such as "VX"; it ends the notation of a letter
	Placement   *Placement   // where the signatures are shown; nil: where Annex I of Decree 30/2020 puts them
	Attachments []File       // phụ lục, tệp đính kèm, beside the main file, as they came; see [Document.Attached]
	CopyOf      *Original    // bản sao: what it was made of; nil for what is no copy
	CreatedAt   time.Time    // UTC
	CreatedBy   string       // who submitted it

	Versions  []Version // of the main file, oldest first; the last is current
	Numbering Numbering // zero until the number is taken
	IssuedAt  time.Time // ban hành, UTC; zero until it is issued
}

// File is a stored file: bytes named by their digest, which never change.
type File struct {
	Name      string `json:"name"`       // as given by the sender; never used as a path
	MediaType string `json:"media_type"` // as found in the bytes, not as claimed
	Digest    Digest `json:"digest"`
	Size      int64  `json:"size"` // bytes
}

// Version is one revision of the main file. Every version but the first is an incremental extension of the one before.
type Version struct {
	Step        Step
	File        File
	Attachments []File        // as they are from this version on; nil: as before
	Owed        signing.Level // that was ordered and could not be reached yet; empty: nothing is owed
	At          time.Time     // UTC
	By          string        // who did it
}

// Step is an act that made a version or moved the document on.
type Step string

// The steps of an outgoing document (văn bản đi), in order. A step once taken is a fact.
const (
	StepSubmitted Step = "submitted" // trình: taken in, not signed by us
	StepPrepared  Step = "prepared"  // đã chừa ô điền số và ngày, trước chữ ký đầu tiên
	StepSigned    Step = "signed"    // người có thẩm quyền đã ký
	StepNumbered  Step = "numbered"  // đã cấp số; the intent before the seal
	StepSealed    Step = "sealed"    // cơ quan đã ký số
	StepRaised    Step = "raised"    // đã bổ sung dữ liệu để kiểm tra lâu dài
	StepIssued    Step = "issued"    // ban hành: deliveries are owed
)

// Step says how far the document has come. It is derived from the facts.
func (d Document) Step() Step {
	switch {
	case !d.IssuedAt.IsZero():
		return StepIssued
	case d.Has(StepSealed):
		return StepSealed
	case d.Numbering.Number != 0:
		return StepNumbered
	case d.Has(StepSigned):
		return StepSigned
	default:
		return StepSubmitted
	}
}

// Current is the file as it stands now. A document always has one.
func (d Document) Current() File { return d.Versions[len(d.Versions)-1].File }

// Attached are the attachments as they stand now: the PDF files among them sealed with the main file.
func (d Document) Attached() []File {
	files := d.Attachments
	for _, version := range d.Versions {
		if version.Attachments != nil {
			files = version.Attachments
		}
	}
	return files
}

// Has says whether a step was taken that made a version.
func (d Document) Has(step Step) bool {
	for _, version := range d.Versions {
		if version.Step == step {
			return true
		}
	}
	return false
}

// Signatory is the competent person (người ký) and in which capacity that person signs (Decree 30/2020, Article 13).
type Signatory struct {
	Name     string   `json:"name"`
	Position string   `json:"position"`
	Capacity Capacity `json:"capacity,omitempty"`
}

// Placement says where on the page the signatures are shown: the lower left corner of the leader's signature. The
// office's seal is placed from it. Number and Date are the places left free for them on the same page, Blanks those in
// the printed lines of any page; without, they are shown under the seal.
type Placement struct {
	Page   int     `json:"page"`             // 1 is the first; -1 the last
	X      float64 `json:"x"`                // millimetres from the left
	Y      float64 `json:"y"`                // millimetres from below
	Width  float64 `json:"width,omitempty"`  // of the room, in whose middle the image stands, in millimetres;
	Height float64 `json:"height,omitempty"` // 0: the corner is that of the image
	Number *Spot   `json:"number,omitempty"`
	Date   *Spot   `json:"date,omitempty"`
	Blanks []Blank `json:"blanks,omitempty"`
	Found  bool    `json:"found,omitempty"` // by the words of the page; nobody said where
}

// Spot is where a line of text begins, in millimetres from the page's lower left corner.
type Spot struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Blank (chỗ để trống) is room on a page for a part of number and date.
type Blank struct {
	Part  Part    `json:"part"`
	Page  int     `json:"page"`  // 1 is the first; -1 the last
	X     float64 `json:"x"`     // millimetres from the left
	Y     float64 `json:"y"`     // of the foot of the letters, millimetres from below
	Width float64 `json:"width"` // millimetres
}

// Part is what is written into a blank.
type Part string

// The parts of number and date.
const (
	PartNumber Part = "number" // số và ký hiệu
	PartDigits Part = "digits" // số: the notation is printed behind it
	PartDate   Part = "date"   // ngày … tháng … năm …
	PartDay    Part = "day"
	PartMonth  Part = "month"
	PartYear   Part = "year"
)

// Capacity is the authority by which a person signs (thẩm quyền ký). Empty: in the person's own right.
type Capacity string

// The capacities of Decree 30/2020, Article 13.
const (
	OnBehalf    Capacity = "TM."  // thay mặt
	ForHead     Capacity = "KT."  // ký thay
	ByOrder     Capacity = "TL."  // thừa lệnh
	ByDelegated Capacity = "TUQ." // thừa uỷ quyền
	Acting      Capacity = "Q."   // quyền
)

// Urgency is the degree of urgency (độ khẩn); the value is edXML's Priority.
type Urgency int

// The degrees of urgency.
const (
	Ordinary     Urgency = iota // thường
	Urgent                      // khẩn
	MostUrgent                  // thượng khẩn
	Express                     // hoả tốc
	ExpressTimed                // hoả tốc hẹn giờ
)

// Secrecy is the degree of secrecy (độ mật). Anything but None never enters (Law on protection of state secrets).
type Secrecy string

// NotSecret is the only secrecy this gateway carries.
const NotSecret Secrecy = "none"

// Numbering is the number and notation (số và ký hiệu) a document was given, and in which register.
type Numbering struct {
	Register Register `json:"register"`
	Number   int      `json:"number"`   // số; 1 is the first of the year; 0 means none was taken
	Notation string   `json:"notation"` // ký hiệu without the number, such as "QĐ-UBND"; see [Numbering.String]
	Date     Date     `json:"date"`     // ngày ban hành
}

// Register names a book (sổ đăng ký) in which numbers run without gaps from 1 January to 31 December (Decree 30/2020,
// Articles 15 and 22).
type Register struct {
	Office    OfficeID  `json:"office"`
	Direction Direction `json:"direction"`
	Book      string    `json:"book"` // such as "VB" or a kind's abbreviation; the office decides
	Year      int       `json:"year"`
}

// Direction tells the register of outgoing documents from that of incoming ones.
type Direction string

// The directions.
const (
	Outgoing Direction = "outgoing" // văn bản đi
	Incoming Direction = "incoming" // văn bản đến
)

const (
	// SharedBook is the register book of offices that number all kinds of document in one sequence.
	SharedBook = "VB"
	// CopyBook is the book of copies: all kinds of copy have one sequence (Decree 30/2020, Annex I).
	CopyBook = "BS"
)

// Register names the book in which the office enters a document of the kind on the day.
func (o Office) Register(direction Direction, kind Kind, on Date) Register {
	book := SharedBook
	if direction == Outgoing && o.BookPerKind {
		book = string(kind)
	}
	if direction == Outgoing && kind.IsCopy() {
		book = CopyBook
	}
	return Register{Office: o.ID, Direction: direction, Book: book, Year: on.Year()}
}
