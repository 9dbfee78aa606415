package exchange

import (
	"context"
	"time"
)

// Entry is one line of a gateway's log (nhật ký): who did what, when, about which document. Its JSON bytes are a leaf
// of the gateway's Merkle log, written in the same transaction as the act.
type Entry struct {
	Index    int64             `json:"-"`   // given by Records
	At       time.Time         `json:"at"`  // UTC
	Act      string            `json:"act"` // stable, such as document.sealed
	Actor    string            `json:"actor,omitempty"`
	Office   OfficeID          `json:"office,omitempty"`
	Document DocumentID        `json:"document,omitempty"`
	Detail   map[string]string `json:"detail,omitempty"` // digests, numbers, peers; never content
}

// actReceipt is the act of entries about receipts that came back.
const actReceipt = "receipt.received"

// OfReceipt says whether the entry only says that a receipt came back: timelines show the receipt itself.
func (e Entry) OfReceipt() bool { return e.Act == actReceipt }

// Digest is how the log names the receipt: the SHA-256 of its sealed bytes.
func (r Receipt) Digest() Digest { return digestOf(r.Sealed) }

// Endorsement (xác nhận nhật ký) is a checkpoint of this gateway's log with what others say of it: neighbours have
// signed it too, after they had checked that it extends what they had signed before, and an authority has stamped its
// time. Nothing before it can be changed unnoticed.
type Endorsement struct {
	Size  int64     // of the log
	Note  []byte    // the checkpoint, signed by this gateway and its witnesses; see package exchange/checkpoint
	Stamp []byte    // an RFC 3161 token over the SHA-256 of Note; empty when none could be had
	At    time.Time // when it was made, UTC
}

// Witnessed is the last checkpoint of another gateway's log that this gateway has signed as its witness.
type Witnessed struct {
	Size int64
	Root Digest
	Note []byte    // as the other gateway had signed it
	At   time.Time // when it was shown, UTC
}

// Note writes into the log what an administrator did to the gateway itself, and not to a document.
func (g *Gateway) Note(ctx context.Context, actor Actor, act string, detail map[string]string) error {
	if err := actor.May(ActManage); err != nil {
		return err
	}
	return g.Records.Update(ctx, func(tx Tx) error {
		_, err := tx.AppendLog(ctx, Entry{At: g.now(), Act: act, Actor: actor.Name, Office: actor.Office, Detail: detail})
		return err
	})
}
