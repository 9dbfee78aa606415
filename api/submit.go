package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/oklog/ulid/v2"

	"congvan/exchange"
)

const (
	formOverhead = 1 << 20   // bytes of a form beside its files
	maxDraft     = 256 << 10 // bytes of the part "document"; enough for a few thousand recipients
	maxKey       = 128
)

// submitInput is a form whose parts are read as they come: "document" (JSON of [Draft]), any number of "attachment",
// and "file" at the end, which goes straight into the store. Huma is not told of a body, or it would read all of it.
type submitInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"128" doc:"Sent again with the same key, a document is taken once"`
	form *multipart.Reader
}

// Resolve opens the form before the handler runs.
func (in *submitInput) Resolve(ctx huma.Context) []error {
	c := humagin.Unwrap(ctx)
	mediaType, parameters, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err == nil && mediaType == "multipart/form-data" && parameters["boundary"] != "" {
		in.form = multipart.NewReader(c.Request.Body, parameters["boundary"])
	}
	return nil
}

type submittedOutput struct {
	Location string `header:"Location" doc:"Where the document can be read"`
	Body     Document
}

func (s *Server) submitDocument(ctx context.Context, actor exchange.Actor, in *submitInput) (*submittedOutput, error) {
	if in.form == nil {
		return nil, exchange.Errorf(exchange.Invalid, codeMediaType, "not multipart/form-data")
	}
	submission := &submission{server: s, actor: actor, form: in.form}
	if err := submission.readDraft(); err != nil {
		return nil, err
	}
	if err := submission.identify(ctx, in.Key); err != nil {
		return nil, err
	}
	document, err := submission.submit(ctx)
	if in.Key != "" && exchange.CodeOf(err) == "document.id_taken" {
		err = exchange.Errorf(exchange.Conflict, codeKeyReused, "%w", err)
	}
	if err != nil {
		return nil, err
	}
	return &submittedOutput{base + "/documents/" + string(document.ID), s.document(document)}, nil
}

// submission is a form on its way to the gateway. It is used once.
type submission struct {
	server *Server
	actor  exchange.Actor
	form   *multipart.Reader
	draft  exchange.Draft
}

// readDraft reads the first part.
func (s *submission) readDraft() error {
	part, err := s.next()
	if err != nil {
		return err
	}
	if part == nil || part.FormName() != "document" {
		return exchange.Errorf(exchange.Invalid, codePartOrder, `the first part is not "document"`)
	}
	var draft Draft
	decoder := json.NewDecoder(io.LimitReader(part, maxDraft))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&draft); err != nil {
		return exchange.Errorf(exchange.Invalid, codeRequestInvalid, "part document: %w", err)
	}
	s.draft = exchange.Draft{
		ID: draft.ID, Kind: draft.Kind, Subject: draft.Subject, Unit: draft.Unit, Urgency: draft.Urgency,
		Secrecy: draft.Secrecy, Signatory: draft.Signatory, RepliesTo: draft.RepliesTo, DueOn: draft.DueOn,
		Replaces: draft.Replaces,
		FileName: draft.FileName, Placement: draft.Placement, Groups: draft.Groups,
	}
	if draft.Secrecy != exchange.NotSecret {
		return nil // the gateway refuses it; nothing else is looked at
	}
	if s.draft.Recipients, err = s.offices(draft.Recipients, "recipients"); err == nil {
		s.draft.Except, err = s.offices(draft.Except, "except")
	}
	return err
}

// offices finds the offices of a list in the draft.
func (s *submission) offices(texts []string, where string) ([]exchange.OfficeID, error) {
	var found []exchange.OfficeID
	for i, text := range texts {
		office, err := s.server.recipient(text)
		if err != nil {
			return nil, &located{err, fmt.Sprintf("document.%s[%d]", where, i)}
		}
		found = append(found, office)
	}
	return found, nil
}

// recipient finds an office by its id, or by a code that is in force today.
func (s *Server) recipient(text string) (exchange.OfficeID, error) {
	directory, today := s.gateway.Directory(), exchange.Today(s.now())
	office, err := directory.Recipient(exchange.OfficeID(text), today)
	if exchange.CodeOf(err) == "recipient.unknown" {
		office, err = directory.Resolve(text, today)
	}
	return office.ID, err
}

// identify gives the document the id that belongs to the key. The id is recorded before anything is done with it, so
// that whoever asks again, after a crash or beside us, works on the same document. A draft that was refused may be
// corrected under the same key; another document may not be handed in under it, for that is another draft with the same
// id.
func (s *submission) identify(ctx context.Context, key string) error {
	if key == "" || s.draft.ID != "" {
		return nil
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) || len(key) > maxKey {
		return exchange.Errorf(exchange.Invalid, codeKeyInvalid, "%d bytes", len(key))
	}
	id, err := ulid.New(ulid.Timestamp(s.server.now()), rand.Reader)
	if err != nil {
		return exchange.Errorf(exchange.Internal, "internal", "make an identifier: %w", err)
	}
	asked := sha256.Sum256([]byte("submitDocument"))
	return s.server.gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		stored, known, err := tx.Remember(ctx, exchange.RequestKey{
			Office: s.actor.Office, Key: key, Request: exchange.Digest(hex.EncodeToString(asked[:])),
		}, []byte(id.String()))
		if err != nil {
			return err
		}
		s.draft.ID = exchange.DocumentID(id.String())
		if known {
			s.draft.ID = exchange.DocumentID(stored)
		}
		return nil
	})
}

// submit reads on to the file and hands the document in.
func (s *submission) submit(ctx context.Context) (exchange.Document, error) {
	if s.draft.Secrecy != exchange.NotSecret {
		return s.server.outgoing().Submit(ctx, s.actor, s.draft, strings.NewReader(""))
	}
	for first := true; ; first = false {
		part, err := s.next()
		switch {
		case err != nil:
			return exchange.Document{}, err
		case part == nil:
			return exchange.Document{}, exchange.Errorf(exchange.Invalid, codePartOrder, `no part "file" at the end`)
		case part.FormName() == "file":
			if s.draft.FileName == "" {
				s.draft.FileName = part.FileName()
			}
			return s.handIn(ctx, &lastPart{part: part, form: s.form})
		case part.FormName() != "attachment":
			return exchange.Document{}, exchange.Errorf(exchange.Invalid, codePartOrder, "part %.40q", part.FormName())
		}
		if err := s.attach(ctx, part, first); err != nil {
			return exchange.Document{}, err
		}
	}
}

// handIn gives the gateway the file. What is wrong with the form is told before what that led to.
func (s *submission) handIn(ctx context.Context, file *lastPart) (exchange.Document, error) {
	document, err := s.server.outgoing().Submit(ctx, s.actor, s.draft, file)
	if err != nil && file.err != nil {
		err = file.err
	}
	return document, err
}

// errRehearsal ends a submission that is only tried.
var errRehearsal = errors.New("rehearsal")

// attach keeps an attachment. Before the first one is read, the draft is tried without a file: nothing of a document
// that is going to be refused is kept, least of all of a secret one.
func (s *submission) attach(ctx context.Context, part *multipart.Part, first bool) error {
	desk := s.server.outgoing()
	if first {
		rehearsed := s.draft
		if rehearsed.FileName == "" {
			rehearsed.FileName = "document.pdf"
		}
		_, err := desk.Submit(ctx, s.actor, rehearsed, failing{})
		if !errors.Is(err, errRehearsal) {
			return err
		}
	}
	file, err := desk.Keep(ctx, s.actor, part.FileName(), part)
	if err != nil {
		return err
	}
	s.draft.Attachments = append(s.draft.Attachments, file)
	return nil
}

// next gives the next part, or nil at the end.
func (s *submission) next() (*multipart.Part, error) {
	part, err := s.form.NextRawPart()
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil //nolint:nilnil // no part and no error: the end of the form
	case err != nil:
		return nil, exchange.Errorf(exchange.Invalid, codeRequestInvalid, "read the form: %w", err)
	}
	return part, nil
}

type failing struct{}

// Read fails.
func (failing) Read([]byte) (int, error) { return 0, errRehearsal }

// lastPart is the content of a part that must be the last: when it is not, or the form is cut off, it cannot be read to
// its end, and nothing is kept.
type lastPart struct {
	part *multipart.Part
	form *multipart.Reader
	err  error // why it cannot be read to its end
}

// Read reads on.
func (l *lastPart) Read(p []byte) (int, error) {
	n, err := l.part.Read(p)
	if errors.Is(err, io.EOF) {
		err = l.ending()
	}
	if !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}

func (l *lastPart) ending() error {
	after, err := l.form.NextRawPart()
	if err == nil {
		return exchange.Errorf(exchange.Invalid, codePartOrder, `part %.40q after "file"`, after.FormName())
	}
	return err
}
