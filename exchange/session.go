package exchange

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"congvan/signing"
)

// SessionID names a signing session for ever: a ULID.
type SessionID string

// SessionLife is how long a signing session can be finished after it began.
const SessionLife = 15 * time.Minute

// Way says what comes back to finish a session.
type Way string

// The ways.
const (
	// ByValue: the gateway says what is to be signed, and gets signature values or whole CMS objects.
	ByValue Way = "value"
	// ByUpload: a tool takes the document out, signs it by itself, and brings the whole file back.
	ByUpload Way = "upload"
)

// Session (phiên ký) is one act of signing with a key that the gateway does not hold: for the signature of a leader or
// the seal of an office, on one or several documents; the seal goes onto their PDF attachments too. Each file is bound
// to the version that stood when the session began. Between beginning and finishing no key and no file is held; any
// process may finish it.
type Session struct {
	ID        SessionID
	Office    OfficeID
	Step      Step // that it takes: StepSigned or StepSealed
	Way       Way
	By        string // who began it
	CreatedAt time.Time
	ExpiresAt time.Time
	Parts     []SessionPart
}

// PartID names a part of a session: the main file of a document, or one of its attachments, as a seal goes onto each.
type PartID struct {
	Document   DocumentID
	Attachment int // 1 is the first that came with the document; 0: the main file
}

// SessionPart is one file of a session. The attachments of a document come before its main file, and are finished
// before: with the main file the document is sealed.
type SessionPart struct {
	PartID
	Version  Digest          // of the file that is to be signed
	Prepared []byte          // JSON of signing.Session; empty where a whole file comes back
	Outcome  *SessionOutcome // nil while it is open
}

// SessionOutcome is how a part of a session ended. It is recorded in the transaction that adds the signed version.
type SessionOutcome struct {
	Given  Digest // of what was given to finish it: asked again with the same, the answer is the same
	Result Digest // of the signed file
	At     time.Time
}

// Part finds a part. Error: NotFound session.no_such_document.
func (s Session) Part(id PartID) (SessionPart, error) {
	i := slices.IndexFunc(s.Parts, func(part SessionPart) bool { return part.PartID == id })
	if i < 0 {
		return SessionPart{}, Errorf(NotFound, "session.no_such_document", "%v is not in session %s", id, s.ID)
	}
	return s.Parts[i], nil
}

// Next is what is to be finished next of a document; done says that nothing is left.
func (s Session) Next(id DocumentID) (next PartID, done bool) {
	for _, part := range s.Parts {
		if part.Document == id && part.Outcome == nil {
			return part.PartID, false
		}
	}
	return PartID{Document: id}, true
}

// Of gives the file of a document that the part names, as it stands. There may be none.
func (p PartID) Of(document Document) File {
	switch {
	case p.Attachment == 0:
		return document.Current()
	case p.Attachment > 0 && p.Attachment <= len(document.Attachments):
		return document.Attachments[p.Attachment-1]
	}
	return File{}
}

// LinkUse says what a link is for.
type LinkUse string

// The uses of links.
const (
	LinkDownload LinkUse = "download" // of the version that is to be signed
	LinkUpload   LinkUse = "upload"   // of the signed file; it works once
)

// SessionLink is a right to take one file of a session out, or to bring it back signed, for whoever has the secret:
// a signing tool on a desk sends no cookie. Of the secret, 256 random bits, only the SHA-256 is kept. It ends with the
// session.
type SessionLink struct {
	Hash    Digest
	Use     LinkUse
	Session SessionID
	Office  OfficeID
	PartID
}

// Signing gives what was prepared for the key; of a part that is finished by upload nothing was.
func (p SessionPart) Signing() (signing.Session, error) {
	var prepared signing.Session
	if err := json.Unmarshal(p.Prepared, &prepared); err != nil {
		return prepared, Errorf(Internal, "internal", "read what was prepared for %s: %w", p.Document, err)
	}
	return prepared, nil
}

// SessionRecords is the part of a transaction that keeps signing sessions.
type SessionRecords interface {
	// AddSession records a session with its parts. A known id is the Conflict session.known.
	AddSession(ctx context.Context, session Session) error
	// Session gives a session of the office with the outcomes of its parts; NotFound session.not_found.
	Session(ctx context.Context, office OfficeID, id SessionID) (Session, error)
	// FinishSession records the outcome of one part, once: a second is the Conflict session.finished.
	FinishSession(ctx context.Context, id SessionID, part PartID, outcome SessionOutcome) error
	// AddSessionLinks and SessionLink keep links by the SHA-256 of their secrets; NotFound session.no_such_link.
	AddSessionLinks(ctx context.Context, links []SessionLink) error
	SessionLink(ctx context.Context, hash Digest) (SessionLink, error)
	// ForgetPrepared takes out what was prepared for parts that are finished, or whose session has expired at the moment.
	// Of what became of them nothing is lost. It says of how many parts, at most the limit.
	ForgetPrepared(ctx context.Context, at time.Time, limit int) (int, error)
}
