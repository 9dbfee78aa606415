package exchange

import (
	"context"
	"encoding/json"
	"fmt"

	"congvan/certs"
	"congvan/signing"
)

// signable gives the documents as they are to be signed, after every check that Sign and Seal make; for a seal each has
// its number then. All are checked before the first number is taken.
func (g *Gateway) signable(ctx context.Context, actor Actor, order SessionOrder) ([]Document, error) {
	documents := make([]Document, len(order.Documents))
	for i, id := range order.Documents {
		document, err := g.document(ctx, actor.Office, id)
		if err != nil {
			return nil, err
		}
		if err := g.checkStep(ctx, actor, document, order.Step); err != nil {
			return nil, err
		}
		identity := certs.Identity{Certificate: order.Certificate, Chain: order.Chain}
		if err := g.checkSigner(document, order.Step, identity); order.Certificate != nil && err != nil {
			return nil, err
		}
		documents[i] = document
	}
	if order.Step != StepSealed {
		return documents, nil
	}
	for i, id := range order.Documents {
		var err error
		if documents[i], err = g.number(ctx, actor, id); err != nil {
			return nil, err
		}
	}
	g.reach("numbered")
	return documents, nil
}

// checkStep wants the step to be the document's next one, and the actor's to take.
func (g *Gateway) checkStep(ctx context.Context, actor Actor, document Document, step Step) error {
	if document.has(step) {
		return Errorf(Conflict, "session.step_taken", "%s was %s already", document.ID, step)
	}
	if step == StepSealed {
		return g.checkLeader(ctx, document)
	}
	return g.checkSignatory(actor, document)
}

// checkSignatory wants the actor to be the document's signatory, and the document not to have its number yet.
func (g *Gateway) checkSignatory(actor Actor, document Document) error {
	if document.Numbering.Number != 0 {
		return Errorf(Conflict, "document.numbered", "%s has number %s", document.ID, document.Numbering)
	}
	if !sameName(actor.Name, document.Signatory.Name) {
		return Errorf(Denied, "sign.not_signatory", "%s is to be signed by %s", document.ID, document.Signatory.Name)
	}
	return g.checkIssuer(g.Directory(), actor.Office, g.today())
}

// checkSigner wants the certificate of a key that is not held here to name who is to take the step: the signatory, or
// the office. Its time, usage and strength are judged where the signature is made, and its trust when it has come.
func (g *Gateway) checkSigner(document Document, step Step, identity certs.Identity) error {
	if identity.Certificate == nil {
		return Errorf(Invalid, "session.certificate", "none for %s", document.ID)
	}
	holder := identity.Certificate.Subject.CommonName
	named := sameName(holder, document.Signatory.Name)
	if step == StepSealed {
		named = sameOffice(holder, g.Directory().NameOf(document.Office, g.today()))
	}
	if !named {
		return Errorf(Denied, "session.wrong_signer", "certificate of %q for the step %s of %s", holder, step, document.ID)
	}
	return nil
}

// prepareSession makes everything of the session but what comes from outside.
func (g *Gateway) prepareSession(
	ctx context.Context, actor Actor, order SessionOrder, documents []Document,
) (Session, error) {
	id := string(order.ID)
	if id == "" {
		var err error
		if id, err = g.newID(); err != nil {
			return Session{}, err
		}
	}
	now := g.now()
	session := Session{
		ID: SessionID(id), Office: actor.Office, Step: order.Step, Way: order.Way, By: actor.Name, CreatedAt: now,
		ExpiresAt: now.Add(SessionLife), Parts: make([]SessionPart, len(documents)),
	}
	for i, document := range documents {
		session.Parts[i] = SessionPart{Document: document.ID, Version: document.Current().Digest}
		if order.Way == ByUpload {
			continue
		}
		var err error
		if session.Parts[i].Prepared, err = g.prepare(ctx, order, document); err != nil {
			return Session{}, fmt.Errorf("prepare %s: %w", document.ID, err)
		}
	}
	return session, nil
}

// prepare makes the signature of one document but for its value.
func (g *Gateway) prepare(ctx context.Context, order SessionOrder, document Document) ([]byte, error) {
	wanted, err := g.sessionOrder(ctx, order, document)
	if err != nil {
		return nil, err
	}
	file := document.Current()
	blob, err := g.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return nil, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	prepared, err := signing.Prepare(ctx, blob, blob.Size(), wanted)
	if err != nil {
		return nil, signingError(err)
	}
	return json.Marshal(prepared)
}

// sessionOrder is how the signature is to be made: as with a key that is held here, but for the key. Images are shown
// where the gateway holds them.
func (g *Gateway) sessionOrder(ctx context.Context, order SessionOrder, document Document) (signing.Order, error) {
	leader, err := g.Keys.Leader(ctx, document.Office, document.Signatory.Name)
	if err != nil && KindOf(err) != NotFound {
		return signing.Order{}, err
	}
	identity := certs.Identity{Certificate: order.Certificate, Chain: order.Chain}
	if order.Step == StepSigned {
		leader.Identity = identity
		return g.leaderOrder(document, leader), nil
	}
	seal, err := g.Keys.Seal(ctx, document.Office)
	if err != nil && KindOf(err) != NotFound {
		return signing.Order{}, err
	}
	seal.Identity = identity
	return g.sealOrder(document, leader, seal), nil
}
