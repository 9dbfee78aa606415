package session

import (
	"context"
	"io"
	"time"

	"congvan/exchange"
	"congvan/exchange/reading"
)

// Links are the secrets of a part's two links, told once.
type Links struct {
	Download, Upload string
	ExpiresAt        time.Time
}

// Link makes a pair of links for one part of a session that is finished by upload. Each call makes others: the
// secrets are kept nowhere. Whichever upload link is used first, the part is finished. Errors as for
// FinishUpload.
func (d Desk) Link(
	ctx context.Context, actor exchange.Actor, id exchange.SessionID, part exchange.PartID,
) (Links, error) {
	ending := ending{desk: d, actor: actor}
	done, err := ending.open(ctx, id, part, exchange.ByUpload)
	if err != nil {
		return Links{}, err
	}
	if done {
		return Links{}, exchange.Errorf(exchange.Conflict, "session.finished", "%v in session %s", part, id)
	}
	links := Links{ExpiresAt: ending.session.ExpiresAt}
	var kept []exchange.SessionLink
	for use, secret := range map[exchange.LinkUse]*string{
		exchange.LinkDownload: &links.Download, exchange.LinkUpload: &links.Upload,
	} {
		if *secret, err = d.Gateway.NewSecret(); err != nil {
			return Links{}, err
		}
		kept = append(kept, exchange.SessionLink{
			Hash: digestOf([]byte(*secret)), Use: use, Session: id, Office: actor.Office, PartID: part,
		})
	}
	err = d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error { return tx.AddSessionLinks(ctx, kept) })
	return links, err
}

// OpenLinked opens the document that a download link gives out: the version that its session is bound to. The caller
// closes the blob. Who began the session is written down as the reader. Errors: NotFound session.no_such_link; as for
// FinishUpload.
func (d Desk) OpenLinked(ctx context.Context, secret string) (exchange.Blob, exchange.File, error) {
	actor, link, err := d.follow(ctx, secret, exchange.LinkDownload)
	if err != nil {
		return nil, exchange.File{}, err
	}
	ending := ending{desk: d, actor: actor}
	done, err := ending.open(ctx, link.Session, link.PartID, exchange.ByUpload)
	if err != nil {
		return nil, exchange.File{}, err
	}
	if done {
		return nil, exchange.File{}, exchange.Errorf(exchange.Conflict, "session.finished", "%v in session %s", link.PartID,
			link.Session)
	}
	return reading.Desk{Gateway: d.Gateway}.OpenDocumentFile(ctx, actor, link.Document, ending.part.Version)
}

// FinishLinked is FinishUpload for whoever has the secret of an upload link, in the name of who began the session. It
// says which part was finished. A link that was used takes nothing but the same bytes again.
func (d Desk) FinishLinked(
	ctx context.Context, secret string, content io.Reader,
) (exchange.Document, exchange.PartID, error) {
	actor, link, err := d.follow(ctx, secret, exchange.LinkUpload)
	if err != nil {
		return exchange.Document{}, exchange.PartID{}, err
	}
	document, err := d.FinishUpload(ctx, actor, link.Session, link.PartID, content)
	return document, link.PartID, err
}

// follow finds what a secret is good for, and in whose name.
func (d Desk) follow(
	ctx context.Context, secret string, use exchange.LinkUse,
) (exchange.Actor, exchange.SessionLink, error) {
	var link exchange.SessionLink
	var session exchange.Session
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		if link, err = tx.SessionLink(ctx, digestOf([]byte(secret))); err != nil {
			return err
		}
		session, err = tx.Session(ctx, link.Office, link.Session)
		return err
	})
	if err == nil && link.Use != use {
		err = exchange.Errorf(exchange.NotFound, "session.no_such_link", "a link for %s", link.Use)
	}
	actor := exchange.Actor{Name: session.By, Office: link.Office, Role: exchange.Leader}
	if session.Step == exchange.StepSealed {
		actor.Role = exchange.Clerk
	}
	return actor, link, err
}
