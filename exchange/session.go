package exchange

import (
	"context"
	"crypto/x509"
	"slices"
	"time"
)

// SessionID names a signing session for ever: a ULID.
type SessionID string

const (
	// SessionLife is how long a signing session can be finished after it began.
	SessionLife = 15 * time.Minute
	// MaxSessionDocuments is the most documents of one session.
	MaxSessionDocuments = 50
	maxChain            = 10 // certificates that come with the signer's
)

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

// SessionOrder says what session is to begin.
type SessionOrder struct {
	ID          SessionID // given by the client so that it may ask again; empty: the gateway gives one
	Step        Step      // StepSigned or StepSealed
	Way         Way
	Documents   []DocumentID
	Certificate *x509.Certificate   // of the key that will sign; for ByValue only
	Chain       []*x509.Certificate // above it
}

// BeginSession prepares signatures with a key that is elsewhere, for ByValue over the documents as they stand, and
// records what was prepared. For a seal the numbers are taken first, as Seal does, and stay the documents' own whatever
// becomes of the session. One document that cannot be signed refuses all. Asked again with the id of a session of the
// office it gives that session. Errors: those of Sign and Seal; Conflict session.step_taken, session.id_taken; Invalid
// session.documents, session.certificate, session.unknown_way.
func (g *Gateway) BeginSession(ctx context.Context, actor Actor, order SessionOrder) (Session, error) {
	if err := order.check(actor); err != nil {
		return Session{}, err
	}
	if order.ID != "" {
		known, err := g.session(ctx, actor.Office, order.ID)
		if err == nil {
			return known, order.same(known)
		}
		if KindOf(err) != NotFound {
			return Session{}, err
		}
	}
	documents, err := g.signable(ctx, actor, order)
	if err != nil {
		return Session{}, err
	}
	session, err := g.prepareSession(ctx, actor, order, documents)
	if err != nil {
		return Session{}, err
	}
	if err := g.recordSession(ctx, actor, session, documents); CodeOf(err) != "session.known" || order.ID == "" {
		return session, err
	}
	known, err := g.session(ctx, actor.Office, order.ID) // begun by the same request at the same time
	if err != nil {
		return Session{}, Errorf(Conflict, "session.id_taken", "session %s is another's: %w", order.ID, err)
	}
	return known, order.same(known)
}

func (g *Gateway) recordSession(ctx context.Context, actor Actor, session Session, documents []Document) error {
	return g.Records.Update(ctx, func(tx Tx) error {
		if err := tx.AddSession(ctx, session); err != nil {
			return err
		}
		for _, document := range documents {
			if err := g.logSession(ctx, tx, actor, session, document); err != nil {
				return err
			}
		}
		return nil
	})
}

// Session gives a signing session of the actor's office as it stands.
func (g *Gateway) Session(ctx context.Context, actor Actor, id SessionID) (Session, error) {
	if err := actor.May(ActRead); err != nil {
		return Session{}, err
	}
	return g.session(ctx, actor.Office, id)
}

func (g *Gateway) session(ctx context.Context, office OfficeID, id SessionID) (Session, error) {
	var session Session
	err := g.Records.View(ctx, func(tx Tx) error {
		var err error
		session, err = tx.Session(ctx, office, id)
		return err
	})
	return session, err
}

// act is the right that a session needs.
func (step Step) act() Act {
	if step == StepSealed {
		return ActSeal
	}
	return ActSign
}

// check judges the order by itself.
func (o SessionOrder) check(actor Actor) error {
	if err := actor.May(o.Step.act()); err != nil {
		return err
	}
	switch {
	case o.Step != StepSigned && o.Step != StepSealed, o.Way != ByValue && o.Way != ByUpload:
		return Errorf(Invalid, "session.unknown_way", "step %q, way %q", o.Step, o.Way)
	case o.ID != "" && !validID(string(o.ID)):
		return Errorf(Invalid, "session.id", "%q is not a ULID", o.ID)
	case len(o.Documents) == 0 || len(o.Documents) > MaxSessionDocuments:
		return Errorf(Invalid, "session.documents", "%d documents, 1 to %d", len(o.Documents), MaxSessionDocuments)
	case (o.Certificate == nil) == (o.Way == ByValue) || len(o.Chain) > maxChain:
		return Errorf(Invalid, "session.certificate", "way %q, certificate %t", o.Way, o.Certificate != nil)
	}
	for i, id := range o.Documents {
		if slices.Contains(o.Documents[:i], id) {
			return Errorf(Invalid, "session.documents", "%s is named twice", id)
		}
	}
	return nil
}

// same wants the session that is known to be the one that is ordered.
func (o SessionOrder) same(known Session) error {
	var documents []DocumentID
	for _, part := range known.Parts {
		if part.Attachment == 0 {
			documents = append(documents, part.Document)
		}
	}
	if known.Step != o.Step || known.Way != o.Way || !slices.Equal(documents, o.Documents) {
		return Errorf(Conflict, "session.id_taken", "session %s is another", o.ID)
	}
	return nil
}

// part finds a part.
func (s Session) part(id PartID) (SessionPart, error) {
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

// logSession writes the leaf that says which version was given out to be signed, and in which session.
func (g *Gateway) logSession(ctx context.Context, tx Tx, actor Actor, session Session, document Document) error {
	_, err := tx.AppendLog(ctx, Entry{
		At: g.now(), Act: "document.given_to_sign", Actor: actor.Name, Office: document.Office, Document: document.ID,
		Detail: map[string]string{"digest": string(document.Current().Digest), "session": string(session.ID)},
	})
	return err
}
