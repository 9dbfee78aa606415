package session

import (
	"context"
	"encoding/json"
	"fmt"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/outgoing"
	"congvan/signing"
)

// signable gives the documents as they are to be signed, after every check that Sign and Seal make; for a seal each has
// its number then. All are checked before the first number is taken.
func (d Desk) signable(ctx context.Context, actor exchange.Actor, order Order) ([]exchange.Document, error) {
	documents := make([]exchange.Document, len(order.Documents))
	for i, id := range order.Documents {
		document, err := d.Gateway.Recorded(ctx, actor.Office, id)
		if err != nil {
			return nil, err
		}
		if err := d.outgoing().CheckStep(ctx, actor, document, order.Step); err != nil {
			return nil, err
		}
		if order.Certificate != nil {
			if err := d.checkSigner(ctx, document, order.Step, order.identity()); err != nil {
				return nil, err
			}
		}
		documents[i] = document
	}
	if order.Step != exchange.StepSealed {
		return documents, nil
	}
	for i, id := range order.Documents {
		var err error
		if documents[i], err = d.outgoing().Number(ctx, actor, id); err != nil {
			return nil, err
		}
	}
	d.Gateway.Reach("numbered")
	return documents, nil
}

// checkSigner wants a key that is not held here to be one that may take the step now, as those that are held.
func (d Desk) checkSigner(
	ctx context.Context, document exchange.Document, step exchange.Step, identity certs.Identity,
) error {
	role, holder := keyRole(step), document.Signatory.Name
	if role == exchange.SealKey {
		holder = d.Gateway.Directory().NameOf(document.Office, exchange.Today(d.Gateway.Now()))
	}
	return d.Gateway.Rules.CheckKey(ctx, exchange.Key{Identity: identity}, role, holder, d.now())
}

// keyRole is that of the key which takes the step.
func keyRole(step exchange.Step) exchange.KeyRole {
	if step == exchange.StepSealed {
		return exchange.SealKey
	}
	return exchange.LeaderKey
}

// prepareAll makes everything of the session but what comes from outside.
func (d Desk) prepareAll(
	ctx context.Context, actor exchange.Actor, order Order, documents []exchange.Document,
) (exchange.Session, error) {
	id := string(order.ID)
	if id == "" {
		var err error
		if id, err = d.Gateway.NewID(); err != nil {
			return exchange.Session{}, err
		}
	}
	now := d.now()
	session := exchange.Session{
		ID: exchange.SessionID(id), Office: actor.Office, Step: order.Step, Way: order.Way, By: actor.Name, CreatedAt: now,
		ExpiresAt: now.Add(exchange.SessionLife),
	}
	for _, document := range documents {
		parts, err := d.prepareAttachments(ctx, order, document)
		if err != nil {
			return exchange.Session{}, fmt.Errorf("prepare %s: %w", document.ID, err)
		}
		main, err := d.prepareMain(ctx, order, document)
		if err != nil {
			return exchange.Session{}, fmt.Errorf("prepare %s: %w", document.ID, err)
		}
		session.Parts = append(append(session.Parts, parts...), main)
	}
	return session, nil
}

func (d Desk) prepareMain(ctx context.Context, order Order, document exchange.Document) (exchange.SessionPart, error) {
	part := exchange.SessionPart{PartID: exchange.PartID{Document: document.ID}, Version: document.Current().Digest}
	if order.Way == exchange.ByUpload {
		return part, nil
	}
	wanted, err := d.outgoing().StepOrder(ctx, document, order.Step, order.identity())
	if err != nil {
		return part, err
	}
	part.Prepared, err = d.prepare(ctx, document.Current(), wanted)
	return part, err
}

// prepareAttachments makes a part of each attachment that Seal would seal, also for a tool that signs by itself.
func (d Desk) prepareAttachments(
	ctx context.Context, order Order, document exchange.Document,
) ([]exchange.SessionPart, error) {
	if order.Step != exchange.StepSealed || document.CopyOf != nil {
		return nil, nil
	}
	wanted := d.outgoing().AttachmentOrder(document, exchange.Key{Identity: order.identity()})
	var parts []exchange.SessionPart
	for i, file := range document.Attachments {
		if file.MediaType != outgoing.PDF {
			continue
		}
		part := exchange.SessionPart{PartID: exchange.PartID{Document: document.ID, Attachment: i + 1}, Version: file.Digest}
		var err error
		part.Prepared, err = d.prepare(ctx, file, wanted)
		if d.outgoing().StaysUnsealed(ctx, document, err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("attachment %s: %w", file.Digest, err)
		}
		if order.Way == exchange.ByUpload {
			part.Prepared = nil
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// identity is the key that will sign, without what signs.
func (o Order) identity() certs.Identity {
	return certs.Identity{Certificate: o.Certificate, Chain: o.Chain}
}

// prepare makes the signature on one file but for its value.
func (d Desk) prepare(ctx context.Context, file exchange.File, wanted signing.Order) ([]byte, error) {
	blob, err := d.Gateway.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return nil, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	if wanted.Midstates, err = exchange.KeptMidstates(ctx, d.Gateway.Records, file); err != nil {
		return nil, err
	}
	prepared, err := signing.Prepare(ctx, blob, blob.Size(), wanted)
	if err != nil {
		return nil, outgoing.SigningError(err)
	}
	return json.Marshal(prepared)
}
