package exchange

import "time"

// Receipt (phản hồi) is a signed statement about one document at one office. The sealed bytes are what counts; the
// fields are what they say.
type Receipt struct {
	ID       MessageID  `json:"id"`
	Document DocumentID `json:"document"`
	// Content is that of the main file that the statement is about. A refusal at a door names none.
	Content Digest   `json:"content,omitempty"`
	Office  OfficeID `json:"office"` // about whose copy it speaks
	// For is the office that the document was addressed to, when that had ended and Office is its heir.
	For OfficeID `json:"for,omitempty"`
	// Arrival is known where it was made, and only when that is kept under the name of an office that has ended: the
	// receipt is about that arrival, not about one of Office.
	Arrival ArrivalID `json:"-"`
	Node    NodeID    `json:"node"` // that sealed it
	Status  Status    `json:"status"`
	Reason  string    `json:"reason,omitempty"` // mandatory for Refused
	Number  int       `json:"number,omitempty"` // in the incoming register, for Accepted
	By      string    `json:"by,omitempty"`     // the person who acted
	At      time.Time `json:"at"`               // UTC
	LogSize int64     `json:"log_size"`         // of the log of Node when it was made; see docs/wire.md

	// From, Message and After are for what a gateway says at its door; see [Receipt.AtDoor].
	From    NodeID    `json:"from,omitempty"`    // that brought the message which is refused
	Message Digest    `json:"message,omitempty"` // the SHA-256 of that message, sealed; not of a state secret
	After   MessageID `json:"after,omitempty"`   // the refusal of Node that was known when it was asked again

	Sealed []byte `json:"-"`
}

// Extension is how the name of a file with the sealed bytes ends: p7s for CMS, leaf for a receipt that was sealed with
// others.
func (r Receipt) Extension() string {
	if isLeaf(r.Sealed) {
		return "leaf"
	}
	return "p7s"
}

// Status is what a receipt states. The digits are edXML's status codes; unknown codes are kept and shown.
type Status string

// The statuses.
const (
	Carried         Status = "carried" // chuyển tiếp: durable at a gateway on the way
	Arrived         Status = "01"      // đã đến
	Refused         Status = "02"      // từ chối tiếp nhận, with a reason
	Accepted        Status = "03"      // đã tiếp nhận, vào sổ
	Assigned        Status = "04"      // phân công
	InProgress      Status = "05"      // đang xử lý
	Completed       Status = "06"      // hoàn thành
	RecallRequested Status = "13"      // lấy lại
	RecallAccepted  Status = "15"      // đồng ý cập nhật, lấy lại
	RecallRefused   Status = "16"      // từ chối cập nhật, lấy lại

	// Undeliverable is stated by a gateway that refuses a message at its door, or that took it and has no way for it;
	// Reason is the code.
	Undeliverable Status = "undeliverable" // không chuyển được
)

// Arrival (văn bản đến) is a document at one office that this gateway hosts.
type Arrival struct {
	ID        ArrivalID
	Office    OfficeID // to whom it came
	Document  DocumentID
	Header    Header    // as sealed by the sending gateway; with very many recipients To is this office alone
	ArrivedAt time.Time // UTC
	Receipts  []Receipt // made here about it, oldest first; the first is Arrived
	Judgement *Judgement
	FiledAt   time.Time // when the archive took it, UTC; zero before
	ShownAt   time.Time // when it was first shown to anybody, UTC; zero before; see [Gateway.Show]
}

// ArrivalID names an arrival: a ULID of the gateway that took it in.
type ArrivalID string

// Status is the last status that counts: 03 to 06 only ever move forward, 02 ends (domain rules of edXML).
func (a Arrival) Status() Status { return max(Arrived, lastStatus(a.Receipts)) }

// lastStatus gives the furthest of the statuses that count. Before arrival those of gateways on the way count.
func lastStatus(receipts []Receipt) Status {
	var last, way Status
	for _, receipt := range receipts {
		switch receipt.Status {
		case Arrived, Refused, Accepted, Assigned, InProgress, Completed:
			if last != Refused { // it ended this delivery, whatever is said later
				last = max(last, receipt.Status)
			}
		case Carried, Undeliverable:
			way = max(way, receipt.Status)
		case RecallRequested, RecallAccepted, RecallRefused, RecipientsAdded, Transferred, TakenOver:
		}
	}
	if last == "" {
		return way
	}
	return last
}

// check judges a receipt by itself and whether its gateway may speak for the office.
func (r Receipt) check(directory *Directory, now time.Time) error {
	switch {
	case r.At.After(now.Add(clockSkew)):
		return Errorf(Invalid, "message.from_future", "made at %s, now %s", r.At, now)
	case !ValidID(string(r.ID)) || !ValidID(string(r.Document)) || !r.Content.Valid() && !r.AtDoor() || r.Status == "" ||
		len(r.Status) > 20 || !isText(r.By, 0, maxName):
		return Errorf(Invalid, "message.incomplete", "receipt %q", r.ID)
	case (r.Status == Refused || r.Status == RecallRefused) && !ValidReason(r.Reason):
		return Errorf(Invalid, "message.incomplete", "receipt %q: a refusal without a reason", r.ID)
	case r.Status == Carried || r.Status == Undeliverable:
		return r.checkDoor()
	}
	if err := r.inherits(directory); err != nil {
		return err
	}
	if host, err := directory.Speaker(r.Office, Today(r.At)); err != nil || host != r.Node {
		return Errorf(Untrusted, "receipt.not_its_office", "gateway %s does not answer for %s", r.Node, r.Office)
	}
	return nil
}
