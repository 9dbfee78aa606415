package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"congvan/exchange"
	"congvan/signing"
)

// maxAnswer is the most bytes of an answer that is not a file.
const maxAnswer = 64 << 20

// Client speaks to a server of this package for a program, such as "congvan send". Its errors are exchange.Errors with
// the kind and the code that the server gave; the [Problem] is their cause. It may be used by several goroutines.
type Client struct {
	base  string
	token string
	lang  Lang
	http  *http.Client
}

// NewClient makes a client for the server at an address such as http://127.0.0.1:8080, which bears the token and wants
// sentences in the language. With a nil doer, a client of its own is used, which neither knows proxies nor follows
// redirections.
func NewClient(address, token string, lang Lang, doer *http.Client) *Client {
	if doer == nil {
		doer = &http.Client{
			Transport: &http.Transport{
				ForceAttemptHTTP2:     true,
				TLSHandshakeTimeout:   dialPatience,
				ResponseHeaderTimeout: 5 * time.Minute,
				IdleConnTimeout:       time.Minute,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &Client{base: strings.TrimSuffix(address, "/") + base, token: token, lang: lang, http: doer}
}

// Self says on whose behalf the token speaks.
func (c *Client) Self(ctx context.Context) (Self, error) { return get[Self](ctx, c, "/me", nil) }

// Documents lists outgoing documents.
func (c *Client) Documents(ctx context.Context, page exchange.Page) (DocumentPage, error) {
	return get[DocumentPage](ctx, c, "/documents", query(page))
}

// Document reads one outgoing document.
func (c *Client) Document(ctx context.Context, id exchange.DocumentID) (Document, error) {
	return get[Document](ctx, c, "/documents/"+url.PathEscape(string(id)), nil)
}

// Sign signs as the competent person.
func (c *Client) Sign(ctx context.Context, id exchange.DocumentID) (Document, error) {
	return post[Document](ctx, c, "/documents/"+url.PathEscape(string(id))+"/sign", nil)
}

// Seal takes the number and applies the office's seal.
func (c *Client) Seal(ctx context.Context, id exchange.DocumentID) (Document, error) {
	return post[Document](ctx, c, "/documents/"+url.PathEscape(string(id))+"/seal", nil)
}

// Send issues the document.
func (c *Client) Send(ctx context.Context, id exchange.DocumentID) (Document, error) {
	return post[Document](ctx, c, "/documents/"+url.PathEscape(string(id))+"/send", nil)
}

// Timeline reads what happened to a document, outgoing or incoming.
func (c *Client) Timeline(ctx context.Context, id exchange.DocumentID) (Timeline, error) {
	return get[Timeline](ctx, c, "/documents/"+url.PathEscape(string(id))+"/timeline", nil)
}

// Inbox lists incoming documents.
func (c *Client) Inbox(ctx context.Context, page exchange.Page) (ArrivalPage, error) {
	return get[ArrivalPage](ctx, c, "/inbox", query(page))
}

// Arrival reads one incoming document.
func (c *Client) Arrival(ctx context.Context, id exchange.ArrivalID) (Arrival, error) {
	return get[Arrival](ctx, c, "/inbox/"+url.PathEscape(string(id)), nil)
}

// Report reads how the signatures of an incoming document were judged.
func (c *Client) Report(ctx context.Context, id exchange.ArrivalID) (JudgedReport, error) {
	return get[JudgedReport](ctx, c, "/inbox/"+url.PathEscape(string(id))+"/report", nil)
}

// Accept accepts an incoming document.
func (c *Client) Accept(ctx context.Context, id exchange.ArrivalID) (Arrival, error) {
	return post[Arrival](ctx, c, "/inbox/"+url.PathEscape(string(id))+"/accept", nil)
}

// Refuse refuses an incoming document with a reason.
func (c *Client) Refuse(ctx context.Context, id exchange.ArrivalID, reason string) (Arrival, error) {
	return post[Arrival](ctx, c, "/inbox/"+url.PathEscape(string(id))+"/refuse", map[string]string{"reason": reason})
}

// Advance reports how the work on an incoming document goes.
func (c *Client) Advance(ctx context.Context, id exchange.ArrivalID, status exchange.Status) (Arrival, error) {
	return post[Arrival](ctx, c, "/inbox/"+url.PathEscape(string(id))+"/status", map[string]any{"status": status})
}

// Offices searches the directory.
func (c *Client) Offices(ctx context.Context, search string) (OfficeList, error) {
	return get[OfficeList](ctx, c, "/offices", url.Values{"q": {search}})
}

// CreateToken makes a token for somebody of the administrator's office; until may be zero.
func (c *Client) CreateToken(
	ctx context.Context, name string, role exchange.Role, until time.Time,
) (NewTokenAnswer, error) {
	question := map[string]any{"name": name, "role": role}
	if !until.IsZero() {
		question["expires_at"] = until
	}
	return post[NewTokenAnswer](ctx, c, "/tokens", question)
}

// RevokeToken revokes a token by its id.
func (c *Client) RevokeToken(ctx context.Context, id exchange.Digest) error {
	response, err := c.do(ctx, http.MethodDelete, "/tokens/"+url.PathEscape(string(id)), "", nil)
	if err != nil {
		return err
	}
	return response.body.Close()
}

// Verify has a file judged.
func (c *Client) Verify(ctx context.Context, file io.Reader) (signing.Report, error) {
	response, err := c.do(ctx, http.MethodPost, "/verify", "application/octet-stream", file)
	return answer[signing.Report](response, err)
}

// Content writes a file of an outgoing document; with an empty digest, the main file as it stands. What was written has
// been compared with its digest.
func (c *Client) Content(
	ctx context.Context, id exchange.DocumentID, digest exchange.Digest, w io.Writer,
) (exchange.Digest, error) {
	return c.fetch(ctx, "/documents/"+url.PathEscape(string(id))+"/content", digest, w)
}

// ArrivalContent writes a file of an incoming document; with an empty digest, the main file.
func (c *Client) ArrivalContent(
	ctx context.Context, id exchange.ArrivalID, digest exchange.Digest, w io.Writer,
) (exchange.Digest, error) {
	return c.fetch(ctx, "/inbox/"+url.PathEscape(string(id))+"/content", digest, w)
}

func (c *Client) fetch(
	ctx context.Context, path string, digest exchange.Digest, w io.Writer,
) (exchange.Digest, error) {
	if digest != "" {
		path += "?digest=" + url.QueryEscape(string(digest))
	}
	response, err := c.do(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return "", err
	}
	defer response.body.Close()
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w, hash), response.body); err != nil {
		return "", exchange.Errorf(exchange.Unavailable, codeServerUnreachable, "read the file: %w", err)
	}
	got := exchange.Digest(hex.EncodeToString(hash.Sum(nil)))
	if stated := strings.Trim(response.header.Get("ETag"), `"`); stated != string(got) {
		return "", exchange.Errorf(exchange.Unavailable, "blob.digest_mismatch", "%s arrived, %.80q was stated", got, stated)
	}
	return got, nil
}

func query(page exchange.Page) url.Values {
	values := url.Values{}
	if page.Search != "" {
		values.Set("q", page.Search)
	}
	if page.After != "" {
		values.Set("after", page.After)
	}
	if page.Limit > 0 {
		values.Set("limit", strconv.Itoa(page.Limit))
	}
	return values
}

func get[T any](ctx context.Context, c *Client, path string, values url.Values) (T, error) {
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	response, err := c.do(ctx, http.MethodGet, path, "", nil)
	return answer[T](response, err)
}

func post[T any](ctx context.Context, c *Client, path string, question any) (T, error) {
	if question == nil {
		response, err := c.do(ctx, http.MethodPost, path, "", nil)
		return answer[T](response, err)
	}
	body, err := json.Marshal(question)
	if err != nil {
		var none T
		return none, exchange.Errorf(exchange.Internal, "internal", "encode the question: %w", err)
	}
	response, err := c.do(ctx, http.MethodPost, path, "application/json", bytes.NewReader(body))
	return answer[T](response, err)
}

// received is a good answer, whose body whoever has it closes.
type received struct {
	header http.Header
	body   io.ReadCloser
}

// answer reads the JSON of a good answer and closes it.
func answer[T any](response *received, err error) (T, error) {
	var value T
	if err != nil {
		return value, err
	}
	defer response.body.Close()
	if err := json.NewDecoder(io.LimitReader(response.body, maxAnswer)).Decode(&value); err != nil {
		return value, exchange.Errorf(exchange.Unavailable, codeServerUnexpected, "read the answer: %w", err)
	}
	return value, nil
}

// do asks, and gives a response only when all is well.
func (c *Client) do(ctx context.Context, method, path, mediaType string, body io.Reader) (*received, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, exchange.Errorf(exchange.Invalid, codeServerUnreachable, "%w", err)
	}
	return c.send(request, mediaType)
}

func (c *Client) send(request *http.Request, mediaType string) (*received, error) {
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	request.Header.Set("Accept-Language", string(c.lang))
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		if inner, ok := errors.AsType[*exchange.Error](err); ok {
			return nil, inner // our own, from the body that was being sent
		}
		return nil, exchange.Errorf(exchange.Unavailable, codeServerUnreachable, "%w", err)
	}
	if response.StatusCode >= http.StatusOK && response.StatusCode < http.StatusMultipleChoices {
		return &received{response.Header, response.Body}, nil
	}
	defer response.Body.Close()
	return nil, refusalOf(response)
}

// refusalOf makes an Error of a problem document.
func refusalOf(response *http.Response) error {
	problem := &Problem{}
	err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(problem)
	if err != nil || problem.Code == "" {
		return exchange.Errorf(exchange.Unavailable, codeServerUnexpected, "status %d, no problem", response.StatusCode)
	}
	problem.cause = fmt.Errorf("status %d, request %s: %s", problem.Status, problem.RequestID, problem.Detail)
	return &exchange.Error{Kind: kindOfStatus(response.StatusCode), Code: problem.Code, Err: problem}
}

// kindOfStatus is the way back from a status to what the caller can do.
func kindOfStatus(status int) exchange.ErrorKind {
	for kind, own := range statusOfKind {
		if own == status {
			return kind
		}
	}
	switch {
	case status == http.StatusUnauthorized:
		return exchange.Denied
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status > http.StatusInternalServerError:
		return exchange.Unavailable
	case status >= http.StatusInternalServerError:
		return exchange.Internal
	default:
		return exchange.Invalid
	}
}
