package exchange

import (
	"context"
	"time"
)

// System names a document system of an office (hệ thống quản lý văn bản), such as "ioffice": 1 to 40 small letters,
// digits and hyphens. A token of the role [DocumentSystem] speaks for the system that it is named after.
type System string

// Mailbox (hộp giao nhận) is the way by which one document system of an office learns what happens: what it is given,
// how, and how far it has come in the log. It is no fact: what it hands over are lines of the log.
type Mailbox struct {
	Office    OfficeID
	System    System
	Order     MailboxOrder
	Secrets   []SealedSecret // of the webhook, newest first
	Position  int64          // the first line of the log that was not looked at yet
	CreatedAt time.Time      // UTC
	HandedAt  time.Time      // when something was acknowledged last, UTC; zero: never
	Trouble   Trouble        // zero when the last attempt to push went well
}

// MailboxOrder says what a system is given, and how.
type MailboxOrder struct {
	// Topics are arrival, judgement, decision, recall, status. Empty: all.
	Topics []string `json:"topics,omitempty" yaml:"topics,omitempty"`
	Kinds  []Kind   `json:"kinds,omitempty" yaml:"kinds,omitempty"` // of documents; empty: all
	// Units are those that drafted the office's documents; an arrival goes where the document it answers goes. Empty: all.
	Units  []string `json:"units,omitempty" yaml:"units,omitempty"`
	URL    string   `json:"url,omitempty" yaml:"-"`    // of the webhook; empty: the system pulls
	Folder bool     `json:"folder,omitempty" yaml:"-"` // what is handed over is put into a folder of this machine
	Paused bool     `json:"paused,omitempty" yaml:"-"` // nothing is handed over, and nothing is lost
}

// SealedSecret is a secret of a webhook that only the holder of the gateway's mailbox key can read.
type SealedSecret struct {
	Sealed []byte    `json:"sealed"`
	Until  time.Time `json:"until,omitzero"` // UTC; zero: until it is rotated
}

// Trouble is why nothing can be pushed at the moment.
type Trouble struct {
	Code     string // stable
	Detail   string // such as the HTTP status
	Failures int    // one after the other
	At       time.Time
	Next     time.Time // when it is tried again, UTC
}

// Pending is a line of the log that was given to a system and is not acknowledged, or had to wait for one before it.
type Pending struct {
	Index    int64
	Document DocumentID
	Until    time.Time // when the lease ends, UTC; zero: it was not given yet
	Tries    int
}

// MailboxRecords is the part of a transaction that keeps mailboxes.
type MailboxRecords interface {
	// SetMailbox records a mailbox as it is from now on, and its secrets. Position, CreatedAt, HandedAt and Trouble are
	// taken when it is new, and else stay.
	SetMailbox(ctx context.Context, mailbox Mailbox) error
	// Mailbox gives a mailbox of the office; NotFound mailbox.not_found.
	Mailbox(ctx context.Context, office OfficeID, system System) (Mailbox, error)
	// Mailboxes lists the mailboxes of an office by name.
	Mailboxes(ctx context.Context, office OfficeID) ([]Mailbox, error)
	// DueMailboxes lists mailboxes of all offices, without their secrets, into which something is to be pushed now: for
	// the pushing loop only.
	DueMailboxes(ctx context.Context, now time.Time) ([]Mailbox, error)
	// Occurrences lists the lines of the log that concern the office from this one on, oldest first.
	Occurrences(ctx context.Context, office OfficeID, from int64, limit int) ([]Entry, error)
	// MoveMailbox records that all lines before the position were looked at.
	MoveMailbox(ctx context.Context, office OfficeID, system System, position int64) error
	// Pending lists what was given and not acknowledged, oldest first.
	Pending(ctx context.Context, office OfficeID, system System, limit int) ([]Pending, error)
	// SetPending records that a line was given until then, or has to wait.
	SetPending(ctx context.Context, office OfficeID, system System, pending Pending) error
	// HandOver records that the system has acknowledged a line, once and for all; done says that it had before.
	// NotFound mailbox.not_offered: it was never given that line.
	HandOver(ctx context.Context, office OfficeID, system System, index int64, at time.Time) (done bool, err error)
	// Offered says whether the system was ever given a line.
	Offered(ctx context.Context, office OfficeID, system System, index int64) (bool, error)
	// SetTrouble records what came of the last attempt to push.
	SetTrouble(ctx context.Context, office OfficeID, system System, trouble Trouble) error
}
