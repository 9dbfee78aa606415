package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
)

// headerOffset says how many bytes of an upload are there already.
const headerOffset = "Upload-Offset"

// smallUpload is up to which size a blob that was cut begins anew: to ask how far it came would cost as much.
const smallUpload = 1 << 20

// headBlob says how much of a blob is here: 200 when it is whole, else 404 with the offset at which to go on.
func (s *PeerServer) headBlob(c *gin.Context, node exchange.NodeID) (any, error) {
	digest := exchange.Digest(c.Param("digest"))
	held, err := s.holds(c.Request.Context(), digest)
	if err != nil || held {
		return nil, err
	}
	if s.config.Uploads != nil {
		offset, err := s.config.Uploads.Offset(node, digest)
		if err != nil {
			return nil, err
		}
		c.Header(headerOffset, strconv.FormatInt(offset, 10))
	}
	return nil, exchange.Errorf(exchange.NotFound, "blob.not_found", "%s", digest)
}

// putBlob keeps the body under its digest. What is here already is not read a second time. A body with a Content-Range
// goes on where an earlier one was cut.
func (s *PeerServer) putBlob(c *gin.Context, node exchange.NodeID) (any, error) {
	digest, ctx := exchange.Digest(c.Param("digest")), c.Request.Context()
	whole := haveAnswer{Missing: []exchange.Digest{}}
	if held, err := s.holds(ctx, digest); err != nil || held {
		return whole, err
	}
	take := func(content io.Reader) error {
		_, _, err := s.gateway.Blobs.Put(ctx, content, digest, s.gateway.MaxFile)
		return err
	}
	ranged := c.GetHeader("Content-Range")
	if ranged == "" || s.config.Uploads == nil {
		return whole, take(c.Request.Body)
	}
	upload, err := s.upload(node, digest, ranged)
	if err != nil {
		return nil, err
	}
	return whole, s.config.Uploads.Append(ctx, upload, c.Request.Body, take)
}

// upload reads "bytes 3-9/10": the part goes to the end of the blob (RFC 9110, section 14.4).
func (s *PeerServer) upload(node exchange.NodeID, digest exchange.Digest, ranged string) (exchange.Upload, error) {
	var first, last, total int64
	_, err := fmt.Sscanf(ranged, "bytes %d-%d/%d", &first, &last, &total)
	if err != nil || first < 0 || first > last || last+1 != total || total > s.gateway.MaxFile {
		return exchange.Upload{}, exchange.Errorf(exchange.Invalid, codeRangeInvalid, "%.80q", ranged)
	}
	return exchange.Upload{From: node, Digest: digest, At: first, Total: total}, nil
}

func (s *PeerServer) holds(ctx context.Context, digest exchange.Digest) (bool, error) {
	if !digest.Valid() {
		return false, exchange.Errorf(exchange.Invalid, codeDigestInvalid, "%.80q", digest)
	}
	held, err := s.gateway.Blobs.Has(ctx, []exchange.Digest{digest})
	return held[digest], err
}

// upload brings a blob, from where an earlier attempt was cut.
func (p *PeerCarrier) upload(ctx context.Context, line *line, digest exchange.Digest) error {
	if !digest.Valid() {
		return exchange.Errorf(exchange.Unavailable, codePeerRefused, "asked for %.80q", digest)
	}
	blob, err := p.blobs.Open(ctx, digest)
	if err != nil {
		return err
	}
	defer blob.Close()
	from, size := int64(0), blob.Size()
	if size > smallUpload {
		if from, err = line.offset(ctx, digest); err != nil || from < 0 {
			return err
		}
		if from >= size {
			from = 0 // what is there is not of this blob: it begins anew
		}
	}
	part := func() io.ReadCloser { return io.NopCloser(io.NewSectionReader(blob, from, size-from)) }
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, line.base+pathBlob+string(digest), part())
	if err != nil {
		return exchange.Errorf(exchange.Internal, codePeerUnreachable, "%w", err)
	}
	if size > smallUpload {
		request.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, size-1, size))
	}
	request.ContentLength = size - from
	request.GetBody = func() (io.ReadCloser, error) { return part(), nil }
	return line.do(request, bounded{most: maxTold})
}

// offset asks how much of a blob the other side has; -1: all of it. A gateway that cannot tell has nothing.
func (l *line) offset(ctx context.Context, digest exchange.Digest) (int64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, l.base+pathBlob+string(digest), http.NoBody)
	if err != nil {
		return 0, exchange.Errorf(exchange.Internal, codePeerUnreachable, "%w", err)
	}
	response, err := l.call(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return -1, nil
	}
	offset, err := strconv.ParseInt(response.Header.Get(headerOffset), 10, 64)
	if err != nil || offset < 0 {
		return 0, nil // an older gateway says nothing of offsets
	}
	return offset, nil
}
