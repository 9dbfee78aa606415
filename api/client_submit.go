package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"

	"congvan/exchange"
)

// Submission is what a client hands in: a draft, its file, and what lies beside it. The readers are read once.
type Submission struct {
	Draft       Draft
	File        NamedFile
	Attachments []NamedFile
	// Key makes the submission safe to repeat: sent again with the same key, the document is taken once. Empty: it is not.
	Key string
}

// NamedFile is a stream and the name under which it is handed in.
type NamedFile struct {
	Name    string
	Content io.Reader
}

// Submit hands in a document. The files are streamed, whatever their size.
func (c *Client) Submit(ctx context.Context, submission Submission) (Document, error) {
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/documents", reader)
	if err != nil {
		return Document{}, exchange.Errorf(exchange.Invalid, codeServerUnreachable, "%w", err)
	}
	if submission.Key != "" {
		request.Header.Set("Idempotency-Key", submission.Key)
	}
	form := multipart.NewWriter(writer)
	written := make(chan struct{})
	go func() {
		defer close(written)
		writer.CloseWithError(submission.write(form))
	}()
	response, err := c.send(request, form.FormDataContentType())
	_ = reader.Close() // nobody reads on when the server has answered early
	<-written
	return answer[Document](response, err)
}

// write writes the parts in the order that the server demands.
func (s Submission) write(form *multipart.Writer) error {
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="document"`)
	header.Set("Content-Type", "application/json")
	part, err := form.CreatePart(header)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(part).Encode(s.Draft); err != nil {
		return err
	}
	for _, attachment := range s.Attachments {
		if err := writeFile(form, "attachment", attachment); err != nil {
			return err
		}
	}
	if err := writeFile(form, "file", s.File); err != nil {
		return err
	}
	return form.Close()
}

func writeFile(form *multipart.Writer, field string, file NamedFile) error {
	part, err := form.CreateFormFile(field, file.Name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, file.Content); err != nil {
		return fmt.Errorf("read %s: %w", file.Name, err)
	}
	return nil
}
