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
		if order.Certificate != nil {
			if err := g.checkSigner(ctx, document, order.Step, order.identity()); err != nil {
				return nil, err
			}
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
		return g.checkSealable(ctx, document)
	}
	return g.checkSignatory(actor, document)
}

// checkSignatory wants the actor to be the document's signatory, and the document not to have its number yet. A copy
// has none: only the office signs it.
func (g *Gateway) checkSignatory(actor Actor, document Document) error {
	if document.CopyOf != nil {
		return Errorf(Conflict, "copy.not_signed", "%s is a copy", document.ID)
	}
	if document.Numbering.Number != 0 {
		return Errorf(Conflict, "document.numbered", "%s has number %s", document.ID, document.Numbering)
	}
	if !sameName(actor.Name, document.Signatory.Name) {
		return Errorf(Denied, "sign.not_signatory", "%s is to be signed by %s", document.ID, document.Signatory.Name)
	}
	return g.checkIssuer(g.Directory(), actor.Office, g.today())
}

// checkSigner wants a key that is not held here to be one that may take the step now, as those that are held.
func (g *Gateway) checkSigner(ctx context.Context, document Document, step Step, identity certs.Identity) error {
	role, holder := step.keyRole(), document.Signatory.Name
	if role == SealKey {
		holder = g.Directory().NameOf(document.Office, g.today())
	}
	return g.Rules.CheckKey(ctx, Key{Identity: identity}, role, holder, g.now())
}

// keyRole is that of the key which takes the step.
func (step Step) keyRole() KeyRole {
	if step == StepSealed {
		return SealKey
	}
	return LeaderKey
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
		ExpiresAt: now.Add(SessionLife),
	}
	for _, document := range documents {
		parts, err := g.prepareAttachments(ctx, order, document)
		if err != nil {
			return Session{}, fmt.Errorf("prepare %s: %w", document.ID, err)
		}
		main, err := g.prepareMain(ctx, order, document)
		if err != nil {
			return Session{}, fmt.Errorf("prepare %s: %w", document.ID, err)
		}
		session.Parts = append(append(session.Parts, parts...), main)
	}
	return session, nil
}

func (g *Gateway) prepareMain(ctx context.Context, order SessionOrder, document Document) (SessionPart, error) {
	part := SessionPart{PartID: PartID{Document: document.ID}, Version: document.Current().Digest}
	if order.Way == ByUpload {
		return part, nil
	}
	wanted, err := g.sessionOrder(ctx, order, document)
	if err != nil {
		return part, err
	}
	part.Prepared, err = g.prepare(ctx, document.Current(), wanted)
	return part, err
}

// prepareAttachments makes a part of each attachment that Seal would seal, also for a tool that signs by itself.
func (g *Gateway) prepareAttachments(
	ctx context.Context, order SessionOrder, document Document,
) ([]SessionPart, error) {
	if order.Step != StepSealed || document.CopyOf != nil {
		return nil, nil
	}
	wanted := g.attachmentOrder(document, Key{Identity: order.identity()})
	var parts []SessionPart
	for i, file := range document.Attachments {
		if file.MediaType != pdfType {
			continue
		}
		part := SessionPart{PartID: PartID{Document: document.ID, Attachment: i + 1}, Version: file.Digest}
		var err error
		part.Prepared, err = g.prepare(ctx, file, wanted)
		if g.staysUnsealed(ctx, document, err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("attachment %s: %w", file.Digest, err)
		}
		if order.Way == ByUpload {
			part.Prepared = nil
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// identity is the key that will sign, without what signs.
func (o SessionOrder) identity() certs.Identity {
	return certs.Identity{Certificate: o.Certificate, Chain: o.Chain}
}

// prepare makes the signature on one file but for its value.
func (g *Gateway) prepare(ctx context.Context, file File, wanted signing.Order) ([]byte, error) {
	blob, err := g.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return nil, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	if wanted.Midstates, err = g.midstates(ctx, file); err != nil {
		return nil, err
	}
	prepared, err := signing.Prepare(ctx, blob, blob.Size(), wanted)
	if err != nil {
		return nil, signingError(err)
	}
	return json.Marshal(prepared)
}

// sessionOrder is how the signature is to be made: as with a key that is held here, but for the key. Images are shown
// where the gateway holds them.
func (g *Gateway) sessionOrder(ctx context.Context, order SessionOrder, document Document) (signing.Order, error) {
	leader, err := looksOf(g.Keys.Leader(ctx, document.Office, document.Signatory.Name))
	if err != nil {
		return signing.Order{}, err
	}
	if order.Step == StepSigned {
		leader.Identity = order.identity()
		return g.leaderOrder(document, leader), nil
	}
	seal, err := looksOf(g.Keys.Seal(ctx, document.Office))
	if err != nil {
		return signing.Order{}, err
	}
	seal.Identity = order.identity()
	return g.sealOrder(document, leader, seal), nil
}
