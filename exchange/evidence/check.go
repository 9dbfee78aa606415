package evidence

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/exchange"
	"congvan/exchange/checkpoint"
)

// MaxFile is the largest evidence that is read, in bytes: a document with twenty thousand recipients fits.
const MaxFile = 256 << 20

// Trust is what the one who checks knows by himself.
type Trust struct {
	Directory *exchange.Directory // nil: the gateways' keys are taken from the file, and the verdict says so
	Anchors   certs.Anchors       // for the time stamp; empty: the authority stays unknown
}

// Verdict says whether the evidence holds.
type Verdict string

// The verdicts.
const (
	Proved   Verdict = "proved"   // everything holds, and on keys that the one who checks knew before
	Unsure   Verdict = "unsure"   // everything holds by itself, but rests on something unknown: see the doubts
	Disproof Verdict = "disproof" // something is forged, damaged or contradicts itself: see the faults
)

// Level is how far a fact goes (the five levels of evidence; ETSI EN 319 522-1, 6.2).
type Level int

// The levels.
const (
	Sent    Level = iota + 1 // gửi: the issuing gateway owes the document
	OnWay                    // chuyển: durable at a gateway on the way
	AtGoal                   // đến: durable at the recipient's gateway
	Decided                  // tiếp nhận hoặc từ chối: a clerk has decided
	Acted                    // xử lý: the work, and requests to take the document back
)

// Fact is one thing that the evidence proves.
type Fact struct {
	Level  Level             `json:"level"`
	Act    string            `json:"act"`              // a stable code: of the log entry, or "receipt." and the status
	Office exchange.OfficeID `json:"office,omitempty"` // whose act it was
	Node   exchange.NodeID   `json:"node"`             // that sealed it, or in whose log it stands
	By     string            `json:"by,omitempty"`
	Number int               `json:"number,omitempty"` // in the incoming register
	Reason string            `json:"reason,omitempty"`
	At     time.Time         `json:"at"`              // UTC, as stated by Node
	Index  *int64            `json:"index,omitempty"` // of the leaf; nil for a receipt
}

// Result is what checking an evidence file found.
type Result struct {
	Verdict   Verdict             `json:"verdict"`
	Faults    []string            `json:"faults,omitempty"` // stable codes
	Doubts    []string            `json:"doubts,omitempty"` // stable codes
	Document  exchange.DocumentID `json:"document"`
	Header    *exchange.Header    `json:"header,omitempty"` // nil when the document was not issued
	Facts     []Fact              `json:"facts"`            // oldest first
	Node      exchange.NodeID     `json:"node"`
	LogSize   int64               `json:"log_size"`
	Witnesses []exchange.NodeID   `json:"witnesses"`
	StampedAt time.Time           `json:"stamped_at,omitzero"` // UTC: everything was there before
	StampedBy string              `json:"stamped_by,omitempty"`
	Keys      []Key               `json:"keys"` // that it rests on
}

// Key is a certificate of a gateway that the evidence rests on.
type Key struct {
	Node   exchange.NodeID `json:"node"`
	SHA256 string          `json:"sha256"` // of the certificate's DER, to be compared with the published one
}

// Check judges an evidence file by itself and by what is trusted. It needs no network and no gateway. An error means
// that the data is no evidence file at all: Invalid evidence.unreadable, evidence.too_large.
func Check(data []byte, trust Trust) (Result, error) {
	if len(data) > MaxFile {
		return Result{}, exchange.Errorf(exchange.Invalid, "evidence.too_large", "%d bytes, at most %d", len(data), MaxFile)
	}
	var file File
	if err := json.Unmarshal(data, &file); err != nil {
		return Result{}, exchange.Errorf(exchange.Invalid, "evidence.unreadable", "decode: %w", err)
	}
	if file.Type != fileType {
		return Result{}, exchange.Errorf(exchange.Invalid, "evidence.unreadable", "type %.80q", file.Type)
	}
	c := checking{file: file, trust: trust, directory: trust.Directory, result: Result{
		Document: file.Document, Node: file.Node, Facts: []Fact{}, Witnesses: []exchange.NodeID{}, Keys: []Key{},
	}}
	if c.directory == nil {
		c.doubt("evidence.keys_unknown")
		stated, err := exchange.NewDirectory(exchange.DirectoryFile{Nodes: file.Nodes})
		if err != nil {
			return Result{}, exchange.Errorf(exchange.Invalid, "evidence.unreadable", "gateways: %w", err)
		}
		c.directory = stated
	}
	c.header()
	c.log()
	c.receipts()
	c.oneAnswer()
	c.exclusive()
	c.keys()
	return c.conclude(), nil
}

// checking is one check under way.
type checking struct {
	file      File
	trust     Trust
	directory *exchange.Directory
	stated    []exchange.Receipt // that hold
	result    Result
}

func (c *checking) fault(code string) { c.result.Faults = append(c.result.Faults, code) }
func (c *checking) doubt(code string) { c.result.Doubts = append(c.result.Doubts, code) }

func (c *checking) header() {
	if len(c.file.Message) == 0 {
		c.doubt("evidence.not_issued")
		return
	}
	header, err := exchange.OpenHeader(c.directory, c.file.Message)
	switch {
	case err != nil:
		c.fault(exchange.CodeOf(err))
	case header.ID != c.file.Document:
		c.fault("evidence.other_document")
	default:
		c.result.Header = &header
	}
}

// log checks the checkpoint, its witnesses, its stamp and that it covers every leaf.
func (c *checking) log() {
	head, err := checkpoint.OpenWitnessed(c.directory.Nodes(), c.file.Node, c.file.Endorsement.Note)
	if err != nil {
		c.fault("checkpoint.invalid")
		return
	}
	c.result.LogSize, c.result.Witnesses = head.Size, append(c.result.Witnesses, head.Witnesses...)
	if len(head.Witnesses) == 0 {
		c.doubt("evidence.no_witness")
	}
	c.stamp()
	tree, err := hashOf(head.Root)
	if err != nil {
		c.fault("checkpoint.invalid")
		return
	}
	for _, leaf := range c.file.Leaves {
		c.leaf(leaf, head.Size, tree)
	}
}

func (c *checking) leaf(leaf Leaf, size int64, root tlog.Hash) {
	proof := make(tlog.RecordProof, len(leaf.Proof))
	for i, hash := range leaf.Proof {
		if len(hash) != tlog.HashSize {
			c.fault("evidence.leaf_not_proved")
			return
		}
		proof[i] = tlog.Hash(hash)
	}
	if leaf.Index < 0 || leaf.Index >= size ||
		tlog.CheckRecord(proof, size, root, leaf.Index, tlog.RecordHash(leaf.Entry)) != nil {
		c.fault("evidence.leaf_not_proved")
		return
	}
	var entry exchange.Entry
	if err := json.Unmarshal(leaf.Entry, &entry); err != nil || entry.Document != c.file.Document {
		c.fault("evidence.other_document")
		return
	}
	if entry.Act == "document.issued" {
		c.issued(entry)
	}
	if level := levelOf(entry.Act); level > 0 {
		c.result.Facts = append(c.result.Facts, Fact{
			Level: level, Act: entry.Act, Office: entry.Office, Node: c.file.Node, By: entry.Actor, At: entry.At,
			Index: &leaf.Index,
		})
	}
}

// issued compares the leaf of the issue with the sealed header: the log binds exactly these bytes.
func (c *checking) issued(entry exchange.Entry) {
	sum := sha256.Sum256(c.file.Message)
	if c.result.Header == nil || entry.Detail["message"] != hex.EncodeToString(sum[:]) ||
		entry.Detail["digest"] != string(c.result.Header.Main.Digest) {
		c.fault("evidence.other_content")
	}
}

// levelOf gives the level of an act of the log; 0 for those that are not shown: receipts show themselves.
func levelOf(act string) Level {
	switch act {
	case "document.submitted", "document.signed", "document.signed_elsewhere", "document.numbered", "document.sealed",
		"document.issued":
		return Sent
	case "arrival.judged":
		return AtGoal
	default:
		return 0
	}
}

func (c *checking) stamp() {
	if len(c.file.Endorsement.Stamp) == 0 {
		c.doubt("evidence.not_stamped")
		return
	}
	token, err := cms.ParseTimestampToken(c.file.Endorsement.Stamp)
	if err != nil {
		c.fault("evidence.stamp_invalid")
		return
	}
	sum := sha256.Sum256(c.file.Endorsement.Note)
	signer := token.FindSigner(nil)
	if signer == nil || !token.Covers(crypto.SHA256, sum[:]) || token.Verify(signer) != nil {
		c.fault("evidence.stamp_invalid")
		return
	}
	c.result.StampedAt, c.result.StampedBy = token.Info.Time.UTC(), signer.Subject.CommonName
	standing := c.trust.Anchors.Check(signer, token.SignedData.Certificates, token.Info.Time, certs.ForTimestamping)
	if !standing.Trusted {
		c.doubt("evidence.stamp_unknown_authority")
	}
}

func (c *checking) receipts() {
	for _, sealed := range c.file.Receipts {
		receipt, err := exchange.OpenReceipt(c.directory, sealed)
		switch {
		case err != nil:
			c.fault(exchange.CodeOf(err))
			continue
		case receipt.Document != c.file.Document:
			c.fault("evidence.other_document")
			continue
		case c.result.Header != nil && !c.about(receipt):
			c.fault("evidence.other_content")
			continue
		}
		level := receiptLevel(receipt.Status)
		if level > OnWay && c.trust.Directory != nil {
			if host, err := c.directory.Host(receipt.Office, exchange.Today(receipt.At)); err != nil || host != receipt.Node {
				c.fault("receipt.not_its_office")
				continue
			}
		}
		c.stated = append(c.stated, receipt)
		c.result.Facts = append(c.result.Facts, Fact{
			Level: level, Act: "receipt." + string(receipt.Status), Office: receipt.Office, Node: receipt.Node,
			By: receipt.By, Number: receipt.Number, Reason: receipt.Reason, At: receipt.At,
		})
	}
}

// about says whether a receipt speaks of the content that was sent, and a refusal at a door of the sealed header.
func (c *checking) about(receipt exchange.Receipt) bool {
	if receipt.AtDoor() {
		sum := sha256.Sum256(c.file.Message)
		return receipt.SpeaksOf(exchange.Digest(hex.EncodeToString(sum[:])))
	}
	return receipt.Content == c.result.Header.Main.Digest
}

func receiptLevel(status exchange.Status) Level {
	switch status { //nolint:exhaustive // all others, those not known yet too, are about the work
	case exchange.Carried, exchange.Undeliverable:
		return OnWay
	case exchange.Arrived:
		return AtGoal
	case exchange.Accepted, exchange.Refused:
		return Decided
	default:
		return Acted
	}
}

// oneAnswer wants that no gateway has both refused a copy at its door and taken it.
func (c *checking) oneAnswer() {
	for i, receipt := range c.stated {
		if slices.ContainsFunc(c.stated[:i], receipt.Contradicts) {
			c.fault("evidence.two_answers")
		}
	}
}

// exclusive wants that no copy was both accepted and refused, nor withdrawn before anybody saw it and then decided on.
func (c *checking) exclusive() {
	type copyAt struct {
		office exchange.OfficeID
		act    string
	}
	seen := map[copyAt]exchange.NodeID{}
	for _, fact := range c.result.Facts {
		if fact.Index == nil {
			seen[copyAt{fact.Office, fact.Act}] = fact.Node
			if fact.Reason == exchange.WithdrawnUnseen {
				seen[copyAt{fact.Office, fact.Reason}] = fact.Node
			}
		}
	}
	for at := range seen {
		_, accepted := seen[copyAt{at.office, "receipt." + string(exchange.Accepted)}]
		_, refused := seen[copyAt{at.office, "receipt." + string(exchange.Refused)}]
		_, unseen := seen[copyAt{at.office, exchange.WithdrawnUnseen}]
		if accepted && refused || unseen && (accepted || refused) {
			c.fault("evidence.contradiction")
			return
		}
	}
}

func (c *checking) keys() {
	nodes := map[exchange.NodeID]bool{c.file.Node: true}
	for _, node := range c.result.Witnesses {
		nodes[node] = true
	}
	for _, fact := range c.result.Facts {
		nodes[fact.Node] = true
	}
	for _, node := range c.directory.Nodes() {
		for _, der := range node.Certificates {
			if nodes[node.ID] {
				sum := sha256.Sum256(der)
				c.result.Keys = append(c.result.Keys, Key{Node: node.ID, SHA256: hex.EncodeToString(sum[:])})
			}
		}
	}
}

func (c *checking) conclude() Result {
	slices.SortStableFunc(c.result.Facts, func(a, b Fact) int { return a.At.Compare(b.At) })
	slices.Sort(c.result.Faults)
	c.result.Faults = slices.Compact(c.result.Faults)
	c.result.Verdict = Proved
	if len(c.result.Doubts) > 0 {
		c.result.Verdict = Unsure
	}
	if len(c.result.Faults) > 0 {
		c.result.Verdict = Disproof
	}
	return c.result
}

// Covers says whether the bytes are the document, or one of the attachments, that the evidence is about.
func (r Result) Covers(content []byte) bool {
	if r.Header == nil {
		return false
	}
	sum := sha256.Sum256(content)
	digest := exchange.Digest(hex.EncodeToString(sum[:]))
	return slices.Contains(r.Header.Blobs(), digest)
}
