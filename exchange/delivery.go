package exchange

import (
	"context"
	"time"
)

// Message is what gateways carry: a header sealed by the gateway it comes from (CMS SignedData, header inside). The
// bytes that were sealed are the bytes that are stored and sent; nothing is ever encoded again.
type Message struct {
	ID     MessageID
	Kind   MessageKind
	Origin NodeID // that sealed it
	Sealed []byte
	At     time.Time // when this gateway made it or took it in, UTC
}

// MessageID names a message: the DocumentID for a document, a ULID of its own for a receipt.
type MessageID string

// MessageKind tells what a message carries.
type MessageKind string

// The kinds of message.
const (
	DocumentMessage MessageKind = "document"
	ReceiptMessage  MessageKind = "receipt"
)

// Delivery (lượt gửi) is the duty to bring one message to one office. It is a fact; it is done when an Acknowledgement
// exists, and until then it is owed, however long that takes.
type Delivery struct {
	ID      int64 // given by Records, growing
	Message MessageID
	To      OfficeID
	Node    NodeID // the next gateway on the way
	Lane    Urgency
	At      time.Time // when it was owed, UTC
}

// Acknowledgement is a gateway's answer to a delivery; with it the delivery is done.
type Acknowledgement struct {
	Outcome Outcome
	Code    string    // stable, when refused
	Receipt []byte    // the sealed receipt of the gateway that answered; empty for ReceiptMessage
	At      time.Time // when the answer came, UTC
}

// Outcome is a gateway's answer for one office of one message.
type Outcome string

// The outcomes. Only Later and Missing leave the delivery owed.
const (
	Taken     Outcome = "accepted"  // durable there; the receipt says so
	Duplicate Outcome = "duplicate" // was taken before; carries the original receipt, byte for byte
	Rejected  Outcome = "refused"   // will never be taken: a person must look
	Clash     Outcome = "conflict"  // same message id, other bytes: an alarm on both sides
	Later     Outcome = "later"     // overloaded or full: try again
	Missing   Outcome = "missing"   // some blobs are not there yet: send them first
)

// Frame is one message on the wire, for the offices that are reached through the gateway it is sent to.
type Frame struct {
	ID     MessageID   `json:"id"`
	Kind   MessageKind `json:"kind"`
	Sealed []byte      `json:"sealed"`
	To     []OfficeID  `json:"to"`
}

// Answer is the receiving gateway's answer for one office of one frame.
type Answer struct {
	ID      MessageID `json:"id"`
	To      OfficeID  `json:"to"`
	Outcome Outcome   `json:"outcome"`
	Code    string    `json:"code,omitempty"`
	Receipt []byte    `json:"receipt,omitempty"`
}

// Carrier brings frames to another gateway.
type Carrier interface {
	// Carry brings the frames and whatever of blobs the gateway lacks. It gives an answer for each office of each
	// frame, or an error of kind Unavailable when it is not known what arrived: then everything is sent again. Without
	// frames it is a greeting: it still asks the gateway, which thereby learns that this one can be reached again.
	Carry(ctx context.Context, to Node, frames []Frame, blobs []Digest) ([]Answer, error)
}
