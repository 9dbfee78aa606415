package exchange

import (
	"fmt"
	"time"
)

// OfficeID names an office for ever, whatever its codes and names become. It is never reused.
type OfficeID string

// NodeID names a gateway (cổng).
type NodeID string

// Level is an administrative level (cấp). Levels are data with dates: commune, district and province until 30 June
// 2025, commune and province after. No code branches on them.
type Level string

// Date is a civil date in Asia/Ho_Chi_Minh, written yyyy-mm-dd; empty means none. Dates compare as strings.
type Date string

// Period is a span of days, both ends included; an empty end is open.
type Period struct {
	From Date `json:"from,omitempty"`
	To   Date `json:"to,omitempty"`
}

// Contains says whether the day lies in the period.
func (p Period) Contains(on Date) bool {
	return (p.From == "" || p.From <= on) && (p.To == "" || on <= p.To)
}

// Office is an office or organisation (cơ quan, tổ chức). Its codes, names, parents and hosting gateways are dated: an
// abolished office keeps its history and names its successors.
type Office struct {
	ID     OfficeID `json:"id"`
	Level  Level    `json:"level"`
	Exists Period   `json:"exists"`
	Codes  []Code   `json:"codes"`
	Names  []Name   `json:"names"`
	Parent []Parent `json:"parents,omitempty"` // cơ quan chủ quản
	Hosts  []Host   `json:"hosts,omitempty"`   // which gateway receives for it
	// Notation ends the number of the office's documents, such as "UBND": "15/QĐ-UBND".
	Notation string `json:"notation,omitempty"`
	// BookPerKind: outgoing documents of each kind run in a book of their own, not all in [SharedBook] (Decree 30/2020,
	// Article 15: the head of the office decides).
	BookPerKind bool        `json:"book_per_kind,omitempty"`
	Successors  []Successor `json:"successors,omitempty"`
	// ForwardUntil is the last day on which what is still sent to the office after its end goes to its one heir.
	ForwardUntil Date `json:"forward_until,omitempty"`
	// IssueUntil is the last day on which the office still issues and answers after its end: it is being wound up.
	IssueUntil Date `json:"issue_until,omitempty"`
}

// Code is an office code (mã định danh điện tử) and when it is valid.
type Code struct {
	Scheme Scheme `json:"scheme"`
	Code   string `json:"code"`
	Period
}

// Scheme is a system of office codes.
type Scheme string

// The schemes of codes. Neither can be computed from the other; the directory holds both.
const (
	QD20    Scheme = "qd20"    // Decision 20/2020/QĐ-TTg: H40.01.02
	QCVN102 Scheme = "qcvn102" // QCVN 102:2016/BTTTT: 000.00.13.H53
)

// Name is what an office is called, and when.
type Name struct {
	Name string `json:"name"`
	Period
}

// Parent is the office above, and when.
type Parent struct {
	Office OfficeID `json:"office"`
	Period
}

// Host is the gateway that sends and receives for an office, and when.
type Host struct {
	Node NodeID `json:"node"`
	Period
}

// Successor takes over an office's duties after its last day.
type Successor struct {
	Office OfficeID `json:"office"`
	Kind   string   `json:"kind"` // merge, split, rename, transfer
	On     Date     `json:"on"`
	Basis  string   `json:"basis,omitempty"` // the legal document
	// Files: of several it keeps the documents of the office that ended, and goes on with what was begun on them.
	Files bool `json:"files,omitempty"`
}

// Node is a gateway (cổng): a running congvan with a transport key, hosting one office or thousands.
type Node struct {
	ID     NodeID `json:"id"`
	URL    string `json:"url"`              // https, for other gateways; empty when it pulls
	Uplink NodeID `json:"uplink,omitempty"` // the gateway through which it is reached; empty: directly
	Pulls  bool   `json:"pulls,omitempty"`  // nobody can call it: it asks its uplink for what is owed to it
	// Certificates are DER of those the gateway may present and seal messages with; old and new overlap.
	Certificates [][]byte `json:"certificates"`
}

// vietnam is Asia/Ho_Chi_Minh, which has been +07:00 without summer time since 1975; no time zone database is needed.
var vietnam = time.FixedZone("+07", 7*60*60)

// Today is the civil date in Vietnam at a moment.
func Today(now time.Time) Date { return Date(now.In(vietnam).Format(time.DateOnly)) }

// InVietnam shows a moment in the time zone of Vietnam.
func InVietnam(at time.Time) time.Time { return at.In(vietnam) }

// Valid says whether the date is a day of the calendar, written yyyy-mm-dd.
func (d Date) Valid() bool {
	day, err := time.Parse(time.DateOnly, string(d))
	return err == nil && Date(day.Format(time.DateOnly)) == d
}

// Start is the moment at which the day begins in Vietnam; zero when the date is none.
func (d Date) Start() time.Time {
	day, err := time.ParseInLocation(time.DateOnly, string(d), vietnam)
	if err != nil {
		return time.Time{}
	}
	return day
}

// Year is the year of the date; 0 when the date is none.
func (d Date) Year() int {
	if !d.Valid() {
		return 0
	}
	return d.Start().Year()
}

// AddDays gives the date so many days later, or earlier. Of none it is none.
func (d Date) AddDays(days int) Date {
	if !d.Valid() {
		return ""
	}
	return Date(d.Start().AddDate(0, 0, days).Format(time.DateOnly))
}

// Long writes the date as on documents: "ngày 05 tháng 02 năm 2026"; a day below 10 and the months 1 and 2 have a
// leading zero (Decree 30/2020, Annex I). It is empty when the date is none.
func (d Date) Long() string {
	if !d.Valid() {
		return ""
	}
	year, month, day := d.Start().Date()
	if month <= time.February {
		return fmt.Sprintf("ngày %02d tháng %02d năm %d", day, month, year)
	}
	return fmt.Sprintf("ngày %02d tháng %d năm %d", day, month, year)
}

// overlaps says whether the two periods share a day.
func (p Period) overlaps(other Period) bool {
	return (p.To == "" || other.From == "" || other.From <= p.To) &&
		(other.To == "" || p.From == "" || p.From <= other.To)
}

// ended says whether the period is over on the day.
func (p Period) ended(on Date) bool { return p.To != "" && p.To < on }
