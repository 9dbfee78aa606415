package api

import (
	"context"
	"time"

	"congvan/exchange"
	"congvan/exchange/session"
)

// SigningSession is a signing session as programs see it.
type SigningSession struct {
	ID        exchange.SessionID `json:"id"`
	Step      exchange.Step      `json:"step" enum:"signed,sealed"`
	Way       exchange.Way       `json:"way" enum:"value,upload"`
	State     string             `json:"state" enum:"open,expired,finished" doc:"Finished: every document is"`
	CreatedAt time.Time          `json:"created_at" doc:"UTC"`
	ExpiresAt time.Time          `json:"expires_at" doc:"UTC; nothing can be finished from then on"`
	Documents []SessionDocument  `json:"documents"`
}

// SessionDocument is one file of a session. The attachments of a document stand before its main file, and are finished
// before.
type SessionDocument struct {
	ID         exchange.DocumentID `json:"id"`
	Attachment int                 `json:"attachment,omitempty" doc:"Of the document; 0: the main file"`
	Name       string              `json:"name" doc:"Of the file"`
	Version    exchange.Digest     `json:"version" doc:"SHA-256 of the file that is to be signed"`
	State      string              `json:"state" enum:"open,expired,finished"`
	Number     string              `json:"number,omitempty" doc:"Số và ký hiệu, once it is taken"`
	Result     exchange.Digest     `json:"result,omitempty" doc:"SHA-256 of the signed file"`
	Prepared   *ToSign             `json:"to_sign,omitempty" doc:"What the key is to sign; for way value while open"`
}

// ToSign is what a key is to sign. A key that signs digests is given Hash; one that hashes by itself, Attributes; a
// program that makes whole CMS objects, ContentDigest or the content itself.
type ToSign struct {
	Algorithm     string `json:"algorithm" doc:"Such as RSA-PKCS1-SHA-256, RSA-PSS-SHA-256, ECDSA-SHA-256, Ed25519"`
	Attributes    []byte `json:"attributes" doc:"The signed attributes, DER in base64"`
	Hash          []byte `json:"hash" doc:"Of the attributes, in base64; for Ed25519 the attributes themselves"`
	ContentHash   string `json:"content_hash" doc:"The hash of ContentDigest, such as SHA-256"`
	ContentDigest []byte `json:"content_digest" doc:"Of everything the signature covers, in base64"`
}

// The states of a session and of its documents.
const (
	stateOpen     = "open"
	stateExpired  = "expired"
	stateFinished = "finished"
)

func (s *Server) shownSession(
	ctx context.Context, actor exchange.Actor, session exchange.Session,
) (*sessionOutput, error) {
	shown := SigningSession{
		ID: session.ID, Step: session.Step, Way: session.Way, State: stateFinished, CreatedAt: session.CreatedAt,
		ExpiresAt: session.ExpiresAt, Documents: make([]SessionDocument, len(session.Parts)),
	}
	over := !s.now().Before(session.ExpiresAt)
	for i, part := range session.Parts {
		document, err := s.reading().Document(ctx, actor, part.Document)
		if err != nil {
			return nil, err
		}
		one, err := shownPart(part, over)
		if err != nil {
			return nil, err
		}
		one.Name, one.Number = part.Of(document).Name, document.Numbering.String()
		if one.State != stateFinished {
			shown.State = one.State
		}
		shown.Documents[i] = one
	}
	return &sessionOutput{base + "/signing-sessions/" + string(session.ID), shown}, nil
}

func shownPart(part exchange.SessionPart, over bool) (SessionDocument, error) {
	shown := SessionDocument{
		ID: part.Document, Attachment: part.Attachment, Version: part.Version, State: stateOpen,
	}
	switch {
	case part.Outcome != nil:
		shown.State, shown.Result = stateFinished, part.Outcome.Result
		return shown, nil
	case over:
		shown.State = stateExpired
		return shown, nil
	case len(part.Prepared) == 0:
		return shown, nil
	}
	prepared, err := part.Signing()
	if err != nil {
		return shown, err
	}
	hash, _ := prepared.Input()
	shown.Prepared = &ToSign{
		Algorithm: prepared.Scheme.String(), Attributes: prepared.Attributes, Hash: hash,
		ContentHash: prepared.Hash.String(), ContentDigest: prepared.Digest,
	}
	return shown, nil
}

// SessionLinks are two addresses that need no token: whoever has them may take the document out, and bring it back.
type SessionLinks struct {
	Download  string    `json:"download" doc:"Where the tool fetches the document; relative to this gateway"`
	Upload    string    `json:"upload" doc:"Where it brings the signed file, once; relative to this gateway"`
	ExpiresAt time.Time `json:"expires_at" doc:"UTC"`
}

// ShownLinks gives the addresses of a pair of links.
func ShownLinks(links session.Links) SessionLinks {
	return SessionLinks{
		Download: base + linkPath + links.Download + linkFile, Upload: base + linkPath + links.Upload,
		ExpiresAt: links.ExpiresAt,
	}
}
