package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

const (
	// headerVersion is the only version of headers that is written and read.
	headerVersion = 1
	// clockSkew is how far ahead of ours the clock of another gateway may run.
	clockSkew = 15 * time.Minute
)

// Header is what the sending gateway states about a document: the sealed content of its message, as JSON.
type Header struct {
	Version     int        `json:"v"` // 1
	ID          DocumentID `json:"id"`
	From        OfficeID   `json:"from"`
	FromName    string     `json:"from_name"` // as the office was called on the date of issue
	To          []OfficeID `json:"to"`
	Node        NodeID     `json:"node"`
	Kind        Kind       `json:"kind"`
	Subject     string     `json:"subject"`
	Urgency     Urgency    `json:"urgency"`
	Secrecy     Secrecy    `json:"secrecy"`
	Signatory   Signatory  `json:"signatory"`
	Numbering   Numbering  `json:"numbering"`
	RepliesTo   DocumentID `json:"replies_to,omitempty"`
	DueOn       Date       `json:"due_on,omitempty"`
	Main        File       `json:"main"`
	Attachments []File     `json:"attachments,omitempty"`
	IssuedAt    time.Time  `json:"issued_at"` // UTC
}

// Blobs lists the digests of all files of the document, the main one first.
func (h Header) Blobs() []Digest {
	digests := []Digest{h.Main.Digest}
	for _, file := range h.Attachments {
		digests = append(digests, file.Digest)
	}
	return digests
}

// check judges a header by itself and whether its gateway may speak for the office.
func (h Header) check(directory *Directory, now time.Time) error {
	switch {
	case h.Version != headerVersion:
		return Errorf(Invalid, "message.version", "version %d", h.Version)
	case h.Secrecy != NotSecret:
		return Errorf(Invalid, "secrecy.refused", "secrecy %q", h.Secrecy)
	case h.IssuedAt.After(now.Add(clockSkew)):
		return Errorf(Invalid, "message.from_future", "issued at %s, now %s", h.IssuedAt, now)
	case !validID(string(h.ID)) || !h.Numbering.Date.Valid() || h.Numbering.Number < 1 ||
		!isText(h.Subject, 1, maxSubject) || len(h.To) == 0 || len(h.To) > MaxRecipients:
		return Errorf(Invalid, "message.incomplete", "header of %q", h.ID)
	}
	if len(h.Attachments) > maxAttachments {
		return Errorf(Invalid, "message.incomplete", "%d attachments", len(h.Attachments))
	}
	for _, digest := range h.Blobs() {
		if !digest.Valid() {
			return Errorf(Invalid, "message.incomplete", "digest %q", digest)
		}
	}
	// A closed office issues nothing: on that day nobody hosts it any more.
	if host, err := directory.Host(h.From, Today(h.IssuedAt)); err != nil || host != h.Node {
		return Errorf(Untrusted, "message.not_its_office", "gateway %s does not send for %s", h.Node, h.From)
	}
	return nil
}

func digestOf(data []byte) Digest {
	sum := sha256.Sum256(data)
	return Digest(hex.EncodeToString(sum[:]))
}
