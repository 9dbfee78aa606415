package exchange

import (
	"context"
	"io"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/signing"
)

// Records keeps facts. Everything written in one Update is durable when Update returns nil, and none of it otherwise.
type Records interface {
	// Update runs fn in a transaction that sees all committed before it. fn may run more than once and must not touch
	// the world outside tx. A failed store is an Error of kind Unavailable.
	Update(ctx context.Context, fn func(tx Tx) error) error
	// View runs fn on one consistent state and writes nothing.
	View(ctx context.Context, fn func(tx Tx) error) error
}

// Tx is one transaction. Reads that find nothing give an Error of kind NotFound; every read of what belongs to an
// office takes the office, and another office's is NotFound too. Lists are newest first and paged by Page.
type Tx interface {
	// AddDocument records a submitted document, every field of it, with its versions. A known id is a Conflict.
	AddDocument(ctx context.Context, document Document) error
	Document(ctx context.Context, office OfficeID, id DocumentID) (Document, error)
	Documents(ctx context.Context, office OfficeID, page Page) ([]Document, error)
	AddVersion(ctx context.Context, id DocumentID, version Version) error
	// TakeNumber gives the register's next number to the subject (a DocumentID or ArrivalID), without gaps; asked
	// again for the same subject it gives the same number, notation and date. The notation is kept as given.
	TakeNumber(ctx context.Context, register Register, subject, notation string, on Date) (Numbering, error)
	// MarkIssued records that the document was issued by its message.
	MarkIssued(ctx context.Context, id DocumentID, at time.Time) error

	// AddMessage records a message; known says that the id was there already, and then the stored one is given.
	AddMessage(ctx context.Context, message Message) (stored Message, known bool, err error)
	Message(ctx context.Context, id MessageID) (Message, error)
	AddDeliveries(ctx context.Context, deliveries []Delivery) error
	// Owed lists deliveries without acknowledgement for a node, urgent lanes first, then oldest first.
	Owed(ctx context.Context, node NodeID, limit int) ([]Delivery, error)
	// OwedNodes lists the nodes to which something is owed.
	OwedNodes(ctx context.Context) ([]NodeID, error)
	// Acknowledge ends a delivery. Asked again it changes nothing.
	Acknowledge(ctx context.Context, delivery int64, acknowledgement Acknowledgement) error
	// Deliveries lists all deliveries of a message with their acknowledgements, for the timeline of its sender.
	Deliveries(ctx context.Context, id MessageID) ([]DeliveryState, error)

	// Refusals lists documents of the office of which a delivery was refused, a conflict, or stated undeliverable,
	// newest first. What was done about it since is not looked at. Page.Search is not.
	Refusals(ctx context.Context, office OfficeID, page Page) ([]DocumentID, error)

	// AddArrival records an arrival with its first receipt; a known (document, office) gives the stored one.
	AddArrival(ctx context.Context, arrival Arrival) (stored Arrival, known bool, err error)
	Arrival(ctx context.Context, office OfficeID, id ArrivalID) (Arrival, error)
	Arrivals(ctx context.Context, office OfficeID, page Page) ([]Arrival, error)
	// Unjudged lists arrivals without judgement, without their receipts, oldest first, of all offices: for the judging
	// loop only.
	Unjudged(ctx context.Context, limit int) ([]Arrival, error)
	AddJudgement(ctx context.Context, id ArrivalID, judgement Judgement) error
	MarkFiled(ctx context.Context, id ArrivalID, at time.Time) error
	// AddReceipt records a receipt about a document at an office, made here or brought back. A known id changes nothing.
	AddReceipt(ctx context.Context, receipt Receipt) error
	Receipts(ctx context.Context, document DocumentID) ([]Receipt, error)

	// Owing lists documents that were not issued yet and whose last version owes a level, after this id, in the order of
	// ids: for the raising job only.
	Owing(ctx context.Context, after DocumentID, limit int) ([]Document, error)
	// AddKept records the next file that the archive keeps of a document. An ordinal that is there is the Conflict
	// archive.kept_before: somebody else was quicker.
	AddKept(ctx context.Context, kept Kept) error
	// Kept lists the files that the archive of an office keeps of a document, oldest first.
	Kept(ctx context.Context, office OfficeID, document DocumentID) ([]Kept, error)
	// KeptDue lists the last kept file of each document that is due, most urgent first: for the renewing job only.
	KeptDue(ctx context.Context, at time.Time, limit int) ([]Kept, error)
	// Postpone sets when the last kept file of a document is due.
	Postpone(ctx context.Context, office OfficeID, document DocumentID, due time.Time) error

	// AppendLog appends an entry as the next leaf of the Merkle log, in the order of commits, and gives its index.
	AppendLog(ctx context.Context, entry Entry) (index int64, err error)
	// LogHead gives the size and the root hash of the log.
	LogHead(ctx context.Context) (size int64, root Digest, err error)
	// LogHashes gives hashes of the log, numbered as golang.org/x/mod/sumdb/tlog stores them, for proofs.
	LogHashes(ctx context.Context, ids []int64) ([]tlog.Hash, error)
	// Leaf gives the bytes of a leaf of the log, as they were hashed. NotFound: log.no_leaf.
	Leaf(ctx context.Context, index int64) ([]byte, error)
	// AddEndorsement records an endorsement of the log; Endorsement gives the newest. NotFound: log.not_endorsed.
	AddEndorsement(ctx context.Context, endorsement Endorsement) error
	Endorsement(ctx context.Context) (Endorsement, error)
	// AddWitnessed records a checkpoint of another gateway that was signed; Witnessed gives the last. NotFound:
	// log.not_witnessed.
	AddWitnessed(ctx context.Context, node NodeID, witnessed Witnessed) error
	Witnessed(ctx context.Context, node NodeID) (Witnessed, error)
	// Entries lists the log entries about one document that concern an office, oldest first.
	Entries(ctx context.Context, office OfficeID, document DocumentID) ([]Entry, error)

	// AddMidstates keeps states of hashes of some bytes; those that are known stay. Midstates gives what is kept.
	AddMidstates(ctx context.Context, digest Digest, states Midstates) error
	Midstates(ctx context.Context, digest Digest) (Midstates, error)

	// AddToken, Token and Tokens keep API tokens by the SHA-256 of the secret. Tokens lists those of an office, the newest
	// first.
	AddToken(ctx context.Context, token Token) error
	Token(ctx context.Context, hash Digest) (Token, error)
	Tokens(ctx context.Context, office OfficeID, limit int) ([]Token, error)
	// Remember records the answer to a keyed request; known gives the answer that was recorded first.
	Remember(ctx context.Context, key RequestKey, answer []byte) (stored []byte, known bool, err error)

	StandingRecords
	SessionRecords
	NoticeRecords
	RefusalRecords
	DeadlineRecords
	DirectoryRecords
	RegisterRecords
	MailboxRecords
	TransferRecords
}

// Page asks for a part of a list: at most Limit items after the item with this cursor; search words, folded, narrow it.
type Page struct {
	After  string // the cursor of the last item seen: its id; empty: from the newest
	Limit  int    // 1 to 200
	Search string // words in any order, with or without diacritics; empty: all
	// Source narrows the list to one of the office's sources; see [Gateway.Sources]. Records do not look at it.
	Source OfficeID
	// Inherited are further offices whose items are in the list. The gateway says which; nobody else does.
	Inherited []OfficeID
}

// Check refuses a page of no or too many items, and an actor who may not read.
func (p Page) Check(actor Actor) error {
	if p.Limit < 1 || p.Limit > 200 {
		return Errorf(Invalid, "page.limit", "limit %d, 1 to 200", p.Limit)
	}
	return actor.May(ActRead)
}

// Kept is the main file of a document as an office's archive keeps it. The first is the file as it was filed; each
// further one extends the one before with evidence for long-term validity or a new archive time stamp.
type Kept struct {
	Office   OfficeID
	Document DocumentID
	Ordinal  int // 0 is the first
	File     File
	Level    signing.Level // reached with it; empty: as it was filed
	At       time.Time     // UTC
	Due      time.Time     // when it is to be raised or renewed, UTC; zero: never
}

// DeliveryState is a delivery and its acknowledgement, when there is one.
type DeliveryState struct {
	Delivery
	Acknowledgement *Acknowledgement
}

// Judgement is what the examination of an arrival's main file found, as at a moment.
type Judgement struct {
	At      time.Time `json:"at"`      // UTC
	Verdict string    `json:"verdict"` // signing.Verdict, or "failed" when the file could not be examined
	Report  []byte    `json:"report"`  // JSON of signing.Report, and "findings"; see [Judgement.Findings]
}

// Digest is the SHA-256 of some bytes in lower-case hexadecimal: the name of those bytes.
type Digest string

// Blobs keeps bytes under their digest. What is stored is checked when written and when read.
type Blobs interface {
	// Put reads r to its end and keeps it, durable on return. want is the digest it must have, or empty; max is the
	// most bytes that are taken. Bytes already there are not stored twice. A reader that is Summed is told
	// the state of the hash. Errors of kind Invalid: blob.too_large,
	// blob.digest_mismatch, and nothing is kept; of kind Unavailable: storage.full, storage.unavailable.
	Put(ctx context.Context, r io.Reader, want Digest, max int64) (Digest, int64, error)
	// Open gives the bytes for reading at any offset; the caller closes it. NotFound when there are none.
	Open(ctx context.Context, digest Digest) (Blob, error)
	// Has says which of the digests are kept.
	Has(ctx context.Context, digests []Digest) (map[Digest]bool, error)
}

// Blob is an open blob. It may be read at any offset by several goroutines.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64 // bytes
}

// Token is an API token: a secret of 256 random bits, of which only the SHA-256 is kept.
type Token struct {
	Hash      Digest
	Name      string // who uses it, as shown in timelines
	Office    OfficeID
	Role      Role
	CreatedAt time.Time // UTC
	ExpiresAt time.Time // UTC; zero: never
	RevokedAt time.Time // UTC; zero: not revoked
}

// RequestKey is an Idempotency-Key of an office, bound to what was asked.
type RequestKey struct {
	Office  OfficeID
	Key     string
	Request Digest // of what was asked; the same key with another request is a Conflict
}
