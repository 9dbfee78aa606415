package exchange

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"congvan/certs/cms"
)

const (
	// MaxSealed is the largest sealed message, in bytes: a header that names [MaxRecipients] recipients fits.
	MaxSealed = 768 << 10
	// MaxFrames is the most frames that go to a gateway at once.
	MaxFrames = 64
	// MaxBatch is the most bytes of sealed messages that go to a gateway at once; a single one may reach it alone.
	MaxBatch = 4 << 20
)

// The sealed content is JSON whose first key tells what it is, so that the seal of one kind of statement can never be
// shown as that of another.
const (
	headerType  = "congvan.document.1"
	receiptType = "congvan.receipt.1"
)

type sealedHeader struct {
	Type string `json:"type"`
	Header
}

func (s *sealedHeader) form() string { return s.Type }

type sealedReceipt struct {
	Type string `json:"type"`
	Receipt
}

func (s *sealedReceipt) form() string { return s.Type }

// sealHeader makes the message of a document, with one signature for all that are made at the same moment.
func (g *Gateway) sealHeader(header Header) (Message, error) {
	statement, err := json.Marshal(sealedHeader{headerType, header})
	if err != nil {
		return Message{}, fmt.Errorf("encode the header of %s: %w", header.ID, err)
	}
	sealed, err := g.sealAlong(statement)
	if err != nil {
		return Message{}, fmt.Errorf("seal the header of %s: %w", header.ID, err)
	}
	if len(sealed) > MaxSealed {
		return Message{}, Errorf(Invalid, "message.too_large", "%s: %d bytes, at most %d", header.ID, len(sealed), MaxSealed)
	}
	return Message{
		ID: MessageID(header.ID), Kind: DocumentMessage, Origin: g.Node, Sealed: sealed, At: header.IssuedAt,
	}, nil
}

// sealReceipt completes a receipt of this gateway: its id, its node and the seal.
func (g *Gateway) sealReceipt(receipt Receipt) (Receipt, error) {
	sealed, err := g.sealReceipts([]Receipt{receipt})
	if err != nil {
		return Receipt{}, err
	}
	return sealed[0], nil
}

// sealReceipts completes receipts of this gateway with one signature for all of them.
func (g *Gateway) sealReceipts(receipts []Receipt) ([]Receipt, error) {
	if len(receipts) == 0 {
		return nil, nil
	}
	statements := make([][]byte, len(receipts))
	for i := range receipts {
		id, err := g.NewID()
		if err != nil {
			return nil, err
		}
		receipts[i].ID, receipts[i].Node = MessageID(id), g.Node
		if statements[i], err = json.Marshal(sealedReceipt{receiptType, receipts[i]}); err != nil {
			return nil, fmt.Errorf("encode receipt %s: %w", id, err)
		}
	}
	sealed, err := g.sealTogether(statements)
	if err != nil {
		return nil, fmt.Errorf("seal %d receipts: %w", len(receipts), err)
	}
	for i := range receipts {
		receipts[i].Sealed = sealed[i]
	}
	return receipts, nil
}

// seal makes a CMS SignedData with the gateway's own key, the JSON of the statement inside.
func (g *Gateway) seal(statement any) ([]byte, error) {
	content, err := json.Marshal(statement)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return g.sealContent(content)
}

func (g *Gateway) sealContent(content []byte) ([]byte, error) {
	return cms.SealMessage(content, g.Identity.Signer, g.Identity.Certificate, nil)
}

// OpenHeader checks the sealed header of a document by itself and against the directory: the seal, its own or that of
// the tree in which it was sealed with others, is that of the gateway which the header names. Errors are those of
// [OpenReceipt].
func OpenHeader(directory *Directory, sealed []byte) (Header, error) {
	return newOpener(directory).header(sealed)
}

// OpenReceipt checks a sealed receipt by itself and against the directory: the seal, its own or that of the tree in
// which it was sealed with others, is one of the gateway which the receipt names. Errors: Invalid message.unreadable,
// message.too_large; Untrusted message.bad_seal, message.foreign_seal.
func OpenReceipt(directory *Directory, sealed []byte) (Receipt, error) {
	return newOpener(directory).receipt(sealed)
}

// storedHeader reads the header of a message that was checked when it was stored.
func storedHeader(message Message) (Header, error) {
	var statement sealedHeader
	err := stored(message, &statement)
	return statement.Header, err
}

// stored reads the statement of a message without looking at its seal.
func stored(message Message, statement any) error {
	content, err := statementOf(message.Sealed)
	if err == nil {
		err = json.Unmarshal(content, statement)
	}
	if err != nil {
		return Errorf(Internal, "internal", "read stored message %s: %w", message.ID, err)
	}
	return nil
}

// statementOf gives what was sealed.
func statementOf(sealed []byte) ([]byte, error) {
	if isLeaf(sealed) {
		return bytes.SplitN(sealed, []byte("\n"), 3)[1], nil
	}
	unread := errors.New("not asked for")
	data, err := cms.ParseWith(sealed, func([]byte) (*x509.Certificate, error) { return nil, unread })
	if err != nil {
		return nil, err
	}
	return data.Content, nil
}

var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Valid says whether the digest has the form of one.
func (d Digest) Valid() bool { return digestForm.MatchString(string(d)) }

const (
	// headerVersion is the only version of headers that is written and read.
	headerVersion = 1
	// clockSkew is how far ahead of ours the clock of another gateway may run.
	clockSkew = 15 * time.Minute
)

// Header is what the sending gateway states about a document: the sealed content of its message, as JSON.
type Header struct {
	Version     int           `json:"v"` // 1
	ID          DocumentID    `json:"id"`
	From        OfficeID      `json:"from"`
	FromName    string        `json:"from_name"` // as the office was called on the date of issue
	To          []OfficeID    `json:"to"`
	Node        NodeID        `json:"node"`
	Kind        Kind          `json:"kind"`
	Subject     string        `json:"subject"`
	Urgency     Urgency       `json:"urgency"`
	Secrecy     Secrecy       `json:"secrecy"`
	Signatory   Signatory     `json:"signatory"`
	Numbering   Numbering     `json:"numbering"`
	RepliesTo   DocumentID    `json:"replies_to,omitempty"`
	Replaces    []DocumentID  `json:"replaces,omitempty"` // thay thế: issued by the same office before
	CopyOf      *Original     `json:"copy_of,omitempty"`  // bản sao: what it was made of
	After       []Predecessor `json:"after,omitempty"`    // what it is to arrive after
	DueOn       Date          `json:"due_on,omitempty"`
	Main        File          `json:"main"`
	Attachments []File        `json:"attachments,omitempty"`
	IssuedAt    time.Time     `json:"issued_at"` // UTC
}

// Blobs lists the digests of all files of the document, the main one first.
func (h Header) Blobs() []Digest {
	digests := []Digest{h.Main.Digest}
	for _, file := range h.Attachments {
		digests = append(digests, file.Digest)
	}
	return digests
}

func (h Header) files() []File { return append([]File{h.Main}, h.Attachments...) }

// check judges a header by itself and whether its gateway may speak for the office.
func (h Header) check(directory *Directory, now time.Time) error {
	switch {
	case h.Version != headerVersion:
		return Errorf(Invalid, "message.version", "version %d", h.Version)
	case h.Secrecy != NotSecret:
		return Errorf(Invalid, "secrecy.refused", "secrecy %q", h.Secrecy)
	case h.IssuedAt.After(now.Add(clockSkew)):
		return Errorf(Invalid, "message.from_future", "issued at %s, now %s", h.IssuedAt, now)
	case !ValidID(string(h.ID)) || !h.Numbering.Date.Valid() || h.Numbering.Number < 1 ||
		!isText(h.Subject, 1, maxSubject) || len(h.To) == 0 || len(h.To) > MaxRecipients:
		return Errorf(Invalid, "message.incomplete", "header of %q", h.ID)
	}
	if len(h.Attachments) > maxAttachments || len(h.Replaces) > maxReplaced {
		return Errorf(Invalid, "message.incomplete", "%d attachments, %d replaced", len(h.Attachments), len(h.Replaces))
	}
	for _, digest := range h.Blobs() {
		if !digest.Valid() {
			return Errorf(Invalid, "message.incomplete", "digest %q", digest)
		}
	}
	if err := h.checkAfter(); err != nil {
		return err
	}
	// A closed office issues nothing: on that day nobody speaks for it any more.
	if host, err := directory.Speaker(h.From, Today(h.IssuedAt)); err != nil || host != h.Node {
		return Errorf(Untrusted, "message.not_its_office", "gateway %s does not send for %s", h.Node, h.From)
	}
	return nil
}

func digestOf(data []byte) Digest {
	sum := sha256.Sum256(data)
	return Digest(hex.EncodeToString(sum[:]))
}
