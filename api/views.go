package api

import (
	"time"

	"congvan/exchange"
	"congvan/signing"
)

// OfficeName is an office as it is shown beside its id.
type OfficeName struct {
	Office exchange.OfficeID `json:"office" doc:"The id, which never changes"`
	Name   string            `json:"name" doc:"What it is called on the day of the document"`
}

// Document is an outgoing document (văn bản đi) as programs see it.
type Document struct {
	ID          exchange.DocumentID   `json:"id" doc:"A ULID, for ever and everywhere"`
	Office      OfficeName            `json:"office" doc:"That issues it"`
	Step        exchange.Step         `json:"step" enum:"submitted,signed,numbered,sealed,issued" doc:"How far it came"`
	Kind        exchange.Kind         `json:"kind" doc:"Loại văn bản, by its abbreviation: QĐ, TB, CV ..."`
	KindName    string                `json:"kind_name"`
	Subject     string                `json:"subject" doc:"Trích yếu"`
	Unit        string                `json:"unit,omitempty" doc:"Đơn vị soạn thảo, which ends the notation of a letter"`
	Urgency     exchange.Urgency      `json:"urgency" minimum:"0" maximum:"4" doc:"0 thường ... 3 hoả tốc, 4 hẹn giờ"`
	Secrecy     exchange.Secrecy      `json:"secrecy" enum:"none"`
	Signatory   exchange.Signatory    `json:"signatory" doc:"Người ký"`
	Recipients  []OfficeName          `json:"recipients" doc:"Nơi nhận"`
	RepliesTo   exchange.DocumentID   `json:"replies_to,omitempty"`
	Replaces    []exchange.DocumentID `json:"replaces,omitempty" doc:"Thay thế"`
	DueOn       exchange.Date         `json:"due_on,omitempty" doc:"Hạn trả lời, yyyy-mm-dd"`
	Number      string                `json:"number,omitempty" doc:"Số và ký hiệu, as written on the document: 15/QĐ-UBND"`
	Numbering   *exchange.Numbering   `json:"numbering,omitempty" doc:"The same in its parts"`
	CreatedAt   time.Time             `json:"created_at" doc:"UTC"`
	CreatedBy   string                `json:"created_by"`
	IssuedAt    *time.Time            `json:"issued_at,omitempty" doc:"UTC"`
	File        exchange.File         `json:"file" doc:"The main file as it stands now"`
	Versions    []Version             `json:"versions" doc:"Of the main file, oldest first; each extends the one before"`
	Attachments []exchange.File       `json:"attachments" doc:"As they stand now"`
	CopyOf      *exchange.Original    `json:"copy_of,omitempty" doc:"Bản sao: what it was made of"`
}

// Version is one revision of the main file.
type Version struct {
	Step        exchange.Step   `json:"step"`
	File        exchange.File   `json:"file"`
	Attachments []exchange.File `json:"attachments,omitempty" doc:"As they are from this version on"`
	Owed        signing.Level   `json:"owed,omitempty" doc:"The level that is still to be reached"`
	At          time.Time       `json:"at" doc:"UTC"`
	By          string          `json:"by" doc:"Who did it"`
}

// DocumentPage is a part of the list of documents, newest first.
type DocumentPage struct {
	Items []Document `json:"items"`
	Next  string     `json:"next,omitempty" doc:"The cursor of the next page; absent on the last"`
}

// Draft is what is handed in with a file: what the document says of itself.
type Draft struct {
	ID         exchange.DocumentID   `json:"id,omitempty" doc:"A ULID of the caller; else one is given"`
	Kind       exchange.Kind         `json:"kind" doc:"Loại văn bản, by its abbreviation: QĐ, TB, CV ..."`
	Subject    string                `json:"subject" maxLength:"500" doc:"Trích yếu"`
	Unit       string                `json:"unit,omitempty" doc:"Đơn vị soạn thảo, which ends the notation of a letter"`
	Urgency    exchange.Urgency      `json:"urgency,omitempty" minimum:"0" maximum:"4" doc:"0 thường ... 3 hoả tốc"`
	Secrecy    exchange.Secrecy      `json:"secrecy" doc:"Must be none: state secrets never enter"`
	Signatory  exchange.Signatory    `json:"signatory" doc:"Người ký"`
	Recipients []string              `json:"recipients,omitempty" doc:"Nơi nhận: ids or codes of offices, as of today"`
	Groups     []exchange.Group      `json:"groups,omitempty" doc:"Nhóm nơi nhận: all offices of a level under an office"`
	Except     []string              `json:"except,omitempty" doc:"Ids or codes of offices of the groups to leave out"`
	RepliesTo  exchange.DocumentID   `json:"replies_to,omitempty"`
	Replaces   []exchange.DocumentID `json:"replaces,omitempty" doc:"Issued by the office before, of the same kind"`
	DueOn      exchange.Date         `json:"due_on,omitempty" doc:"Hạn trả lời, yyyy-mm-dd"`
	FileName   string                `json:"file_name,omitempty" doc:"Instead of the name of the part"`
	Placement  *exchange.Placement   `json:"placement,omitempty" doc:"Where the leader's signature is shown"`
}

func (s *Server) document(d exchange.Document) Document {
	on := d.Numbering.Date
	if on == "" {
		on = exchange.Today(d.CreatedAt)
	}
	view := Document{
		ID: d.ID, Office: s.named(d.Office, on), Step: d.Step(),
		Kind: d.Kind, KindName: d.Kind.Name(), Subject: d.Subject, Unit: d.Unit,
		Urgency: d.Urgency, Secrecy: d.Secrecy, Signatory: d.Signatory,
		Recipients: make([]OfficeName, len(d.Recipients)), RepliesTo: d.RepliesTo, DueOn: d.DueOn,
		Replaces: d.Replaces,
		Number:   d.Numbering.String(), CreatedAt: d.CreatedAt, CreatedBy: d.CreatedBy, IssuedAt: moment(d.IssuedAt),
		File: d.Current(), Versions: make([]Version, len(d.Versions)), Attachments: orEmpty(d.Attached()), CopyOf: d.CopyOf,
	}
	if d.Numbering.Number != 0 {
		view.Numbering = &d.Numbering
	}
	for i, office := range d.Recipients {
		view.Recipients[i] = s.named(office, on)
	}
	for i, version := range d.Versions {
		view.Versions[i] = Version(version)
	}
	return view
}

func (s *Server) named(office exchange.OfficeID, on exchange.Date) OfficeName {
	return OfficeName{Office: office, Name: s.gateway.Directory().NameOf(office, on)}
}

// moment leaves out what has not happened.
func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// orEmpty makes JSON say [] where there is nothing, never null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
