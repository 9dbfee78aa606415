package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"congvan/exchange"
	"congvan/exchange/roll"
)

// maxDirectory is the most bytes of a directory that is brought for comparison: all offices of the country fit.
const maxDirectory = 64 << 20

// directoryRoutes are there when the gateway has a roll.
func (s *Server) directoryRoutes() {
	if s.config.Roll == nil {
		return
	}
	add(s, route{"readDirectory", http.MethodGet, "/directory", exchange.ActManage, 200, 0}, s.readDirectory)
	add(s, route{"compareDirectory", http.MethodPost, "/directory/diff", exchange.ActManage, 200, maxDirectory},
		s.compareDirectory)
	add(s, route{"approveDirectory", http.MethodPost, "/directory/approve", exchange.ActManage, 200, maxDirectory},
		s.approveDirectory)
	add(s, route{"publishDirectory", http.MethodPost, "/directory/records", exchange.ActManage, 200, maxDirectory},
		s.publishDirectory)
}

// DirectoryState is how the directory stands and what it says.
type DirectoryState struct {
	Standing  roll.Standing   `json:"standing"`
	Directory json.RawMessage `json:"directory" doc:"As a file of the directory"`
}

type directoryOutput struct{ Body DirectoryState }

func (s *Server) readDirectory(_ context.Context, _ exchange.Actor, _ *struct{}) (*directoryOutput, error) {
	file, err := json.Marshal(s.config.Roll.Current())
	if err != nil {
		return nil, exchange.Errorf(exchange.Internal, "internal", "encode the directory: %w", err)
	}
	return &directoryOutput{DirectoryState{s.config.Roll.Standing(), file}}, nil
}

// DirectoryReview is how a file differs from the directory, and what an authority would have to seal to bring it in.
type DirectoryReview struct {
	roll.Review
	Standing roll.Standing   `json:"standing"`
	Changes  json.RawMessage `json:"changes,omitempty" doc:"For an authority's record; absent without a signed log"`
}

type reviewInput struct {
	verifyInput
	Digest exchange.Digest `query:"digest" maxLength:"64" doc:"To approve: of the difference that was shown"`
	Scheme exchange.Scheme `query:"scheme" enum:"qd20,qcvn102" doc:"With code: whose new gateways are"`
	Code   string          `query:"code" maxLength:"35"`
}

type reviewOutput struct{ Body DirectoryReview }

// file reads the directory that was brought.
func (in *reviewInput) directory() (exchange.DirectoryFile, error) {
	if in.err != nil {
		return exchange.DirectoryFile{}, in.err
	}
	data, err := io.ReadAll(io.LimitReader(in.file, maxDirectory))
	if err != nil {
		return exchange.DirectoryFile{}, exchange.Errorf(exchange.Invalid, codeRequestInvalid, "read the body: %w", err)
	}
	return exchange.ReadDirectoryFile(data)
}

func (s *Server) compareDirectory(_ context.Context, _ exchange.Actor, in *reviewInput) (*reviewOutput, error) {
	file, err := in.directory()
	if err != nil {
		return nil, err
	}
	answer := DirectoryReview{Standing: s.config.Roll.Standing()}
	if answer.Review, err = s.config.Roll.Review(file); err != nil {
		return nil, err
	}
	if answer.Standing.Log != "" {
		changes := s.config.Roll.Changes(file, roll.Grant{Scheme: in.Scheme, Code: in.Code})
		if answer.Changes, err = json.Marshal(changes); err != nil {
			return nil, exchange.Errorf(exchange.Internal, "internal", "encode the changes: %w", err)
		}
	}
	return &reviewOutput{answer}, nil
}

func (s *Server) approveDirectory(
	ctx context.Context, actor exchange.Actor, in *reviewInput,
) (*reviewOutput, error) {
	file, err := in.directory()
	if err != nil {
		return nil, err
	}
	review, err := s.config.Roll.Approve(ctx, actor, file, in.Digest)
	return &reviewOutput{DirectoryReview{Review: review, Standing: s.config.Roll.Standing()}}, err
}

type recordsInput struct {
	Body struct {
		Records [][]byte `json:"records" minItems:"1" maxItems:"1024" doc:"Sealed by an authority, in order"`
	}
}

type directoryStandingOutput struct{ Body roll.Standing }

func (s *Server) publishDirectory(
	ctx context.Context, actor exchange.Actor, in *recordsInput,
) (*directoryStandingOutput, error) {
	standing, err := s.config.Roll.Publish(ctx, actor, in.Body.Records)
	return &directoryStandingOutput{standing}, err
}

// Directory gives how the directory of the gateway stands and what it says.
func (c *Client) Directory(ctx context.Context) (DirectoryState, error) {
	return get[DirectoryState](ctx, c, "/directory", nil)
}

// CompareDirectory tells how a file differs from the directory; new gateways would be those of the grant.
func (c *Client) CompareDirectory(ctx context.Context, file []byte, under roll.Grant) (DirectoryReview, error) {
	path := "/directory/diff"
	if under != (roll.Grant{}) {
		path += "?" + url.Values{"scheme": {string(under.Scheme)}, "code": {under.Code}}.Encode()
	}
	response, err := c.do(ctx, http.MethodPost, path, "application/octet-stream", bytes.NewReader(file))
	return answer[DirectoryReview](response, err)
}

// ApproveDirectory brings in a file, when the difference is still that which was shown.
func (c *Client) ApproveDirectory(
	ctx context.Context, file []byte, digest exchange.Digest,
) (DirectoryReview, error) {
	path := "/directory/approve?digest=" + url.QueryEscape(string(digest))
	response, err := c.do(ctx, http.MethodPost, path, "application/octet-stream", bytes.NewReader(file))
	return answer[DirectoryReview](response, err)
}

// PublishDirectory puts sealed records at the end of the directory's log.
func (c *Client) PublishDirectory(ctx context.Context, records [][]byte) (roll.Standing, error) {
	return post[roll.Standing](ctx, c, "/directory/records", map[string]any{"records": records})
}
