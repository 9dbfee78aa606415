// Package evidence answers: how does somebody who never saw our gateway convince himself that a document was sent,
// arrived and was accepted, and that nobody has rewritten the record since?
//
// A gateway's log is a Merkle tree. A [Notary] has its checkpoints signed by the neighbours, each of which looks first
// whether the log only grew since it signed last, and has them stamped by a time-stamping authority. [Notary.Export]
// puts what concerns one document into one file: the sealed header, the sealed receipts of every recipient, the lines
// of the log with their proofs, and the witnessed and stamped checkpoint. [Check] needs nothing but that file, and for
// full certainty the directory and the trust anchors.
//
// For paper, [Notary.Attest] states in a line what a judgement found.
//
// The package does not judge the signatures inside the document itself: that is package signing.
package evidence

import (
	"time"

	"congvan/exchange"
)

// fileType is the type of the only kind of file that is written and read.
const fileType = "congvan.evidence.1"

// File (hồ sơ bằng chứng) is what is exported about one document, as JSON. All bytes in it stand as they were signed or
// hashed.
type File struct {
	Type        string              `json:"type"`
	MadeAt      time.Time           `json:"made_at"` // UTC
	Node        exchange.NodeID     `json:"node"`    // whose log is proved
	Office      exchange.OfficeID   `json:"office"`  // that asked
	Document    exchange.DocumentID `json:"document"`
	Message     []byte              `json:"message"`  // the sealed header: CMS SignedData
	Receipts    [][]byte            `json:"receipts"` // sealed, oldest first
	Endorsement Endorsement         `json:"endorsement"`
	Leaves      []Leaf              `json:"leaves"`
	// Nodes are those that sealed or signed something in the file, as the directory of Node has them. Whoever checks
	// the file should know better.
	Nodes []exchange.Node `json:"nodes"`
}

// Endorsement is a checkpoint of the log, its witnesses' signatures and its time stamp.
type Endorsement struct {
	Note  []byte `json:"note"`            // as in golang.org/x/mod/sumdb/note
	Stamp []byte `json:"stamp,omitempty"` // RFC 3161, over the SHA-256 of Note
}

// Leaf is one line of the log and the proof that the checkpoint covers it.
type Leaf struct {
	Index int64    `json:"index"`
	Entry []byte   `json:"entry"` // the JSON that was hashed
	Proof [][]byte `json:"proof"` // RFC 6962, section 2.1.1
}
