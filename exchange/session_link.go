package exchange

import (
	"context"
	"encoding/base64"
	"io"
	"time"
)

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

// Links are the secrets of a part's two links, told once.
type Links struct {
	Download, Upload string
	ExpiresAt        time.Time
}

// LinkSession makes a pair of links for one part of a session that is finished by upload. Each call makes others: the
// secrets are kept nowhere. Whichever upload link is used first, the part is finished. Errors as for
// FinishUpload.
func (g *Gateway) LinkSession(
	ctx context.Context, actor Actor, id SessionID, part PartID,
) (Links, error) {
	ending := ending{gateway: g, actor: actor}
	done, err := ending.open(ctx, id, part, ByUpload)
	if err != nil {
		return Links{}, err
	}
	if done {
		return Links{}, Errorf(Conflict, "session.finished", "%v in session %s", part, id)
	}
	links := Links{ExpiresAt: ending.session.ExpiresAt}
	var kept []SessionLink
	for use, secret := range map[LinkUse]*string{LinkDownload: &links.Download, LinkUpload: &links.Upload} {
		if *secret, err = g.newSecret(); err != nil {
			return Links{}, err
		}
		kept = append(kept, SessionLink{
			Hash: digestOf([]byte(*secret)), Use: use, Session: id, Office: actor.Office, PartID: part,
		})
	}
	err = g.Records.Update(ctx, func(tx Tx) error { return tx.AddSessionLinks(ctx, kept) })
	return links, err
}

func (g *Gateway) newSecret() (string, error) {
	var secret [32]byte
	if _, err := io.ReadFull(g.random(), secret[:]); err != nil {
		return "", Errorf(Internal, "internal", "make a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(secret[:]), nil
}

// OpenLinked opens the document that a download link gives out: the version that its session is bound to. The caller
// closes the blob. Who began the session is written down as the reader. Errors: NotFound session.no_such_link; as for
// FinishUpload.
func (g *Gateway) OpenLinked(ctx context.Context, secret string) (Blob, File, error) {
	actor, link, err := g.follow(ctx, secret, LinkDownload)
	if err != nil {
		return nil, File{}, err
	}
	ending := ending{gateway: g, actor: actor}
	done, err := ending.open(ctx, link.Session, link.PartID, ByUpload)
	if err != nil {
		return nil, File{}, err
	}
	if done {
		return nil, File{}, Errorf(Conflict, "session.finished", "%v in session %s", link.PartID, link.Session)
	}
	return g.OpenDocumentFile(ctx, actor, link.Document, ending.part.Version)
}

// FinishLinked is FinishUpload for whoever has the secret of an upload link, in the name of who began the session. It
// says which part was finished. A link that was used takes nothing but the same bytes again.
func (g *Gateway) FinishLinked(ctx context.Context, secret string, content io.Reader) (Document, PartID, error) {
	actor, link, err := g.follow(ctx, secret, LinkUpload)
	if err != nil {
		return Document{}, PartID{}, err
	}
	document, err := g.FinishUpload(ctx, actor, link.Session, link.PartID, content)
	return document, link.PartID, err
}

// follow finds what a secret is good for, and in whose name.
func (g *Gateway) follow(ctx context.Context, secret string, use LinkUse) (Actor, SessionLink, error) {
	var link SessionLink
	var session Session
	err := g.Records.View(ctx, func(tx Tx) error {
		var err error
		if link, err = tx.SessionLink(ctx, digestOf([]byte(secret))); err != nil {
			return err
		}
		session, err = tx.Session(ctx, link.Office, link.Session)
		return err
	})
	if err == nil && link.Use != use {
		err = Errorf(NotFound, "session.no_such_link", "a link for %s", link.Use)
	}
	actor := Actor{Name: session.By, Office: link.Office, Role: Leader}
	if session.Step == StepSealed {
		actor.Role = Clerk
	}
	return actor, link, err
}
