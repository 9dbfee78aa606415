package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/oklog/ulid/v2"

	"congvan/exchange"
	"congvan/exchange/session"
)

// sessionRoutes are those of signatures whose keys the gateway does not hold.
func (s *Server) sessionRoutes() {
	add(s, route{"beginSession", http.MethodPost, "/signing-sessions", "", 201, 0}, s.beginSession)
	add(s, route{"readSession", http.MethodGet, "/signing-sessions/{id}", exchange.ActRead, 200, 0}, s.readSession)
	add(s, route{"finishSession", http.MethodPost, "/signing-sessions/{id}/finish", "", 200, maxFinish}, s.finishSession)
	add(s, route{"linkSession", http.MethodPost, "/signing-sessions/{id}/links", "", 201, 0}, s.linkSession)
	add(s, route{"readSessionContent", http.MethodGet, "/signing-sessions/{id}/content", "", 200, 0},
		s.readSessionContent)
}

// maxFinish is the most bytes of the values or CMS objects that finish a session.
const maxFinish = 8 << 20

type beginSessionInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"128" doc:"Sent again with the same key, one session is begun"`
	Body SessionOrder
}

// SessionOrder says what session is to begin.
type SessionOrder struct {
	Step        exchange.Step         `json:"step" enum:"signed,sealed" doc:"The leader's signature, or the seal"`
	Way         exchange.Way          `json:"way" enum:"value,upload" doc:"What comes back: values or CMS, or whole files"`
	Documents   []exchange.DocumentID `json:"documents" maxItems:"50" doc:"That are to be signed"`
	Certificate []byte                `json:"certificate,omitempty" doc:"Of the key, DER in base64; for way value"`
	Chain       [][]byte              `json:"chain,omitempty" maxItems:"10" doc:"The certificates above it, likewise"`
}

type sessionOutput struct {
	Location string `header:"Location" doc:"Where the session can be read"`
	Body     SigningSession
}

func (s *Server) sessions() session.Desk { return session.Desk{Gateway: s.gateway} }

func (s *Server) beginSession(
	ctx context.Context, actor exchange.Actor, in *beginSessionInput,
) (*sessionOutput, error) {
	order := session.Order{Step: in.Body.Step, Way: in.Body.Way, Documents: in.Body.Documents}
	var err error
	if len(in.Body.Certificate) > 0 {
		if order.Certificate, err = certificateOf(in.Body.Certificate); err != nil {
			return nil, err
		}
	}
	for _, der := range in.Body.Chain {
		certificate, err := certificateOf(der)
		if err != nil {
			return nil, err
		}
		order.Chain = append(order.Chain, certificate)
	}
	if order.ID, err = s.sessionID(ctx, actor, in); err != nil {
		return nil, err
	}
	session, err := s.sessions().Begin(ctx, actor, order)
	if err != nil {
		return nil, err
	}
	return s.shownSession(ctx, actor, session)
}

func certificateOf(der []byte) (*x509.Certificate, error) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, exchange.Errorf(exchange.Invalid, "session.certificate", "%w", err)
	}
	return certificate, nil
}

// sessionID gives the id that belongs to the Idempotency-Key and to what is asked with it; none without a key.
func (s *Server) sessionID(
	ctx context.Context, actor exchange.Actor, in *beginSessionInput,
) (exchange.SessionID, error) {
	if in.Key == "" {
		return "", nil
	}
	asked, err := json.Marshal(in.Body)
	if err != nil {
		return "", exchange.Errorf(exchange.Internal, "internal", "write the order: %w", err)
	}
	request := sha256.Sum256(append([]byte("beginSession "+actor.Name+"\n"), asked...))
	id, err := ulid.New(ulid.Timestamp(s.now()), rand.Reader)
	if err != nil {
		return "", exchange.Errorf(exchange.Internal, "internal", "make an identifier: %w", err)
	}
	given := id.String()
	err = s.gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		stored, _, err := tx.Remember(ctx, exchange.RequestKey{
			Office: actor.Office, Key: in.Key, Request: exchange.Digest(hex.EncodeToString(request[:])),
		}, []byte(id.String()))
		given = string(stored)
		return err
	})
	return exchange.SessionID(given), err
}

type sessionInput struct {
	ID exchange.SessionID `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
}

func (s *Server) readSession(ctx context.Context, actor exchange.Actor, in *sessionInput) (*sessionOutput, error) {
	session, err := s.sessions().Find(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return s.shownSession(ctx, actor, session)
}

type finishSessionInput struct {
	ID   exchange.SessionID `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
	Body struct {
		Documents []SessionValue `json:"documents" minItems:"1" maxItems:"500" doc:"Attachments first"`
	}
}

// SessionValue is what the key made for one file: one of the two.
type SessionValue struct {
	ID         exchange.DocumentID `json:"id"`
	Attachment int                 `json:"attachment,omitempty" minimum:"0" doc:"As in the session; 0: the main file"`
	Signature  []byte              `json:"signature,omitempty" doc:"The bare signature value, in base64"`
	CMS        []byte              `json:"cms,omitempty" doc:"A whole detached CMS object, DER in base64"`
}

// SessionResult says for each file that was to be finished whether it was: one of the two.
type SessionResult struct {
	ID         exchange.DocumentID `json:"id"`
	Attachment int                 `json:"attachment,omitempty" doc:"0: the main file"`
	Document   *Document           `json:"document,omitempty" doc:"As it stands now"`
	Problem    *Problem            `json:"problem,omitempty" doc:"Why it was not finished"`
}

type finishSessionOutput struct {
	Body struct {
		Documents []SessionResult `json:"documents"`
	}
}

// finishSession finishes as many files as it can, in the order in which they were sent. When it can finish none, the
// answer is the first's problem.
func (s *Server) finishSession(
	ctx context.Context, actor exchange.Actor, in *finishSessionInput,
) (*finishSessionOutput, error) {
	out, finished := &finishSessionOutput{}, 0
	var first error
	for _, value := range in.Body.Documents {
		result := SessionResult{ID: value.ID, Attachment: value.Attachment}
		given := session.Given{Value: value.Signature, CMS: value.CMS}
		part := exchange.PartID{Document: value.ID, Attachment: value.Attachment}
		document, err := s.sessions().Finish(ctx, actor, in.ID, part, given)
		if err == nil {
			shown := s.document(document)
			result.Document, finished = &shown, finished+1
		} else {
			result.Problem = NewProblem(err, LanguageOf(ctx))
			if first == nil {
				first = err
			}
		}
		out.Body.Documents = append(out.Body.Documents, result)
	}
	if finished == 0 {
		return nil, first
	}
	return out, nil
}

type linkSessionInput struct {
	ID   exchange.SessionID `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
	Body struct {
		Document   exchange.DocumentID `json:"document" doc:"Of the session, that a tool is to sign"`
		Attachment int                 `json:"attachment,omitempty" minimum:"0" doc:"Of the document; 0: the main file"`
	}
}

type linkSessionOutput struct{ Body SessionLinks }

func (s *Server) linkSession(
	ctx context.Context, actor exchange.Actor, in *linkSessionInput,
) (*linkSessionOutput, error) {
	part := exchange.PartID{Document: in.Body.Document, Attachment: in.Body.Attachment}
	links, err := s.sessions().Link(ctx, actor, in.ID, part)
	if err != nil {
		return nil, err
	}
	return &linkSessionOutput{ShownLinks(links)}, nil
}

type sessionContentInput struct {
	ID         exchange.SessionID  `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
	Document   exchange.DocumentID `query:"document" required:"true" maxLength:"64" doc:"Of the session"`
	Attachment int                 `query:"attachment" minimum:"0" doc:"Of the document; 0 or left out: the main file"`
}

// readSessionContent answers with everything that the signature covers.
func (s *Server) readSessionContent(
	ctx context.Context, actor exchange.Actor, in *sessionContentInput,
) (*contentOutput, error) {
	part := exchange.PartID{Document: in.Document, Attachment: in.Attachment}
	content, err := s.sessions().Open(ctx, actor, in.ID, part)
	if err != nil {
		return nil, err
	}
	asked := callOf(ctx)
	return &contentOutput{Body: func(out huma.Context) {
		defer func() { _ = content.Close() }() // it was only read
		out.SetHeader("Content-Type", "application/octet-stream")
		out.SetHeader("Content-Length", strconv.FormatInt(content.Size, 10))
		if _, err := io.Copy(out.BodyWriter(), content); err != nil {
			asked.cause = exchange.Errorf(exchange.Unavailable, codeCancelled, "%w", err)
		}
	}}, nil
}
