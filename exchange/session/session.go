// Package session answers: how is a document signed with a key that the gateway does not hold?
//
// A session (phiên ký) says what is to be signed, for one or several documents and their attachments, and takes back
// what the key made of it within a quarter of an hour: signature values, or whole files that a tool signed by itself.
// Between beginning and finishing nothing is held but what the records say; any process may finish it. What is asked of
// a signature is the same as in package outgoing, which this one rests on; tokens and tools are not known here.
package session

import (
	"context"
	"crypto/x509"
	"slices"
	"time"

	"congvan/exchange"
	"congvan/exchange/outgoing"
)

// Desk is where sessions are begun and finished. All methods may be called by several goroutines.
type Desk struct {
	Gateway *exchange.Gateway
}

func (d Desk) outgoing() outgoing.Desk { return outgoing.Desk{Gateway: d.Gateway} }

// now is the moment in UTC, as precise as records keep it.
func (d Desk) now() time.Time { return d.Gateway.Now().UTC().Truncate(time.Millisecond) }

const (
	// MaxDocuments is the most documents of one session.
	MaxDocuments = 50
	maxChain     = 10 // certificates that come with the signer's
)

// Order says what session is to begin.
type Order struct {
	ID          exchange.SessionID // given by the client so that it may ask again; empty: the gateway gives one
	Step        exchange.Step      // StepSigned or StepSealed
	Way         exchange.Way
	Documents   []exchange.DocumentID
	Certificate *x509.Certificate   // of the key that will sign; for ByValue only
	Chain       []*x509.Certificate // above it
}

// Begin prepares signatures with a key that is elsewhere, for ByValue over the documents as they stand, and
// records what was prepared. For a seal the numbers are taken first, as Seal does, and stay the documents' own whatever
// becomes of the session. One document that cannot be signed refuses all. Asked again with the id of a session of the
// office it gives that session. Errors: those of Sign and Seal; Conflict session.step_taken, session.id_taken; Invalid
// session.documents, session.certificate, session.unknown_way.
func (d Desk) Begin(ctx context.Context, actor exchange.Actor, order Order) (exchange.Session, error) {
	if err := order.check(actor); err != nil {
		return exchange.Session{}, err
	}
	if order.ID != "" {
		known, err := d.find(ctx, actor.Office, order.ID)
		if err == nil {
			return known, order.same(known)
		}
		if exchange.KindOf(err) != exchange.NotFound {
			return exchange.Session{}, err
		}
	}
	documents, err := d.signable(ctx, actor, order)
	if err != nil {
		return exchange.Session{}, err
	}
	session, err := d.prepareAll(ctx, actor, order, documents)
	if err != nil {
		return exchange.Session{}, err
	}
	if err := d.record(ctx, actor, session, documents); exchange.CodeOf(err) != "session.known" || order.ID == "" {
		return session, err
	}
	known, err := d.find(ctx, actor.Office, order.ID) // begun by the same request at the same time
	if err != nil {
		return exchange.Session{}, exchange.Errorf(exchange.Conflict, "session.id_taken", "session %s is another's: %w",
			order.ID, err)
	}
	return known, order.same(known)
}

func (d Desk) record(
	ctx context.Context, actor exchange.Actor, session exchange.Session, documents []exchange.Document,
) error {
	return d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		if err := tx.AddSession(ctx, session); err != nil {
			return err
		}
		for _, document := range documents {
			if err := d.log(ctx, tx, actor, session, document); err != nil {
				return err
			}
		}
		return nil
	})
}

// Find gives a signing session of the actor's office as it stands.
func (d Desk) Find(ctx context.Context, actor exchange.Actor, id exchange.SessionID) (exchange.Session, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return exchange.Session{}, err
	}
	return d.find(ctx, actor.Office, id)
}

func (d Desk) find(ctx context.Context, office exchange.OfficeID, id exchange.SessionID) (exchange.Session, error) {
	var session exchange.Session
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		session, err = tx.Session(ctx, office, id)
		return err
	})
	return session, err
}

// actOf is the right that a session needs.
func actOf(step exchange.Step) exchange.Act {
	if step == exchange.StepSealed {
		return exchange.ActSeal
	}
	return exchange.ActSign
}

// check judges the order by itself.
func (o Order) check(actor exchange.Actor) error {
	if err := actor.May(actOf(o.Step)); err != nil {
		return err
	}
	switch {
	case o.Step != exchange.StepSigned && o.Step != exchange.StepSealed,
		o.Way != exchange.ByValue && o.Way != exchange.ByUpload:
		return exchange.Errorf(exchange.Invalid, "session.unknown_way", "step %q, way %q", o.Step, o.Way)
	case o.ID != "" && !exchange.ValidID(string(o.ID)):
		return exchange.Errorf(exchange.Invalid, "session.id", "%q is not a ULID", o.ID)
	case len(o.Documents) == 0 || len(o.Documents) > MaxDocuments:
		return exchange.Errorf(exchange.Invalid, "session.documents", "%d documents, 1 to %d", len(o.Documents), MaxDocuments)
	case (o.Certificate == nil) == (o.Way == exchange.ByValue) || len(o.Chain) > maxChain:
		return exchange.Errorf(exchange.Invalid, "session.certificate", "way %q, certificate %t", o.Way, o.Certificate != nil)
	}
	for i, id := range o.Documents {
		if slices.Contains(o.Documents[:i], id) {
			return exchange.Errorf(exchange.Invalid, "session.documents", "%s is named twice", id)
		}
	}
	return nil
}

// same wants the session that is known to be the one that is ordered.
func (o Order) same(known exchange.Session) error {
	var documents []exchange.DocumentID
	for _, part := range known.Parts {
		if part.Attachment == 0 {
			documents = append(documents, part.Document)
		}
	}
	if known.Step != o.Step || known.Way != o.Way || !slices.Equal(documents, o.Documents) {
		return exchange.Errorf(exchange.Conflict, "session.id_taken", "session %s is another", o.ID)
	}
	return nil
}

// log writes the leaf that says which version was given out to be signed, and in which session.
func (d Desk) log(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, session exchange.Session, document exchange.Document,
) error {
	_, err := tx.AppendLog(ctx, exchange.Entry{
		At: d.now(), Act: "document.given_to_sign", Actor: actor.Name, Office: document.Office, Document: document.ID,
		Detail: map[string]string{"digest": string(document.Current().Digest), "session": string(session.ID)},
	})
	return err
}
