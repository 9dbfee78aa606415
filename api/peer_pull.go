package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"congvan/exchange"
)

// pullWait is how long a question for what is owed waits for something. It is shorter than answerPatience.
const pullWait = 25 * time.Second

// downloadTries is how often the download of one blob goes on after a cut before the whole question is asked again.
const downloadTries = 5

// offered are the files that gateways that pull were told of last: these they may read, and no others. It is bounded by
// what goes into one batch for each gateway; after a restart they ask again.
type offered struct {
	mutex sync.Mutex
	// blobs is guarded by mutex.
	blobs map[exchange.NodeID]map[exchange.Digest]bool
}

func (o *offered) set(to exchange.NodeID, digests []exchange.Digest) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	delete(o.blobs, to)
	if len(digests) == 0 {
		return
	}
	o.blobs[to] = make(map[exchange.Digest]bool, len(digests))
	for _, digest := range digests {
		o.blobs[to][digest] = true
	}
}

func (o *offered) has(to exchange.NodeID, digest exchange.Digest) bool {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.blobs[to][digest]
}

// pull records a gateway's answers and gives it what is owed to it. Who it is says its certificate; it is given nothing
// of another's.
func (s *PeerServer) pull(c *gin.Context, node exchange.NodeID) (any, error) {
	var question pullQuestion
	answers := list(&question.Answers, mostPulledAnswers, codeBatchTooLarge, plain)
	if err := decode(c.Request.Body, object(map[string]piece{"answers": answers})); err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	if err := s.gateway.Answered(ctx, node, question.Answers); err != nil {
		return nil, err
	}
	frames, blobs, err := s.gateway.Owing(ctx, node, pullWait)
	if err != nil {
		return nil, err
	}
	s.offered.set(node, blobs)
	return pullAnswer{Frames: frames, Blobs: blobs}, nil
}

// getBlob gives a file that was offered to the gateway, from where a Range says.
func (s *PeerServer) getBlob(c *gin.Context, node exchange.NodeID) (any, error) {
	digest := exchange.Digest(c.Param("digest"))
	if !s.offered.has(node, digest) {
		return nil, exchange.Errorf(exchange.NotFound, "blob.not_found", "%.80q is not offered to %s", digest, node)
	}
	blob, err := s.gateway.Blobs.Open(c.Request.Context(), digest)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	c.Header("Content-Type", "application/octet-stream")
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, io.NewSectionReader(blob, 0, blob.Size()))
	return nil, nil //nolint:nilnil // it has answered
}

// Pull asks a gateway for what it owes this one, as exchange.Puller says.
func (p *PeerCarrier) Pull(
	ctx context.Context, from exchange.Node, answers []exchange.Answer,
) ([]exchange.Frame, error) {
	line, err := p.line(from)
	if err != nil {
		return nil, err
	}
	var given pullAnswer
	read := bounded{maxAnswerBody, object(map[string]piece{
		"frames": framesIn(&given.Frames), "blobs": list(&given.Blobs, maxPulled, codePeerAnswer, digestIn),
	})}
	if err := line.ask(ctx, pathPull, pullQuestion{Answers: answers}, read); err != nil {
		return nil, fmt.Errorf("pull from %s: %w", from.ID, err)
	}
	held, err := p.blobs.Has(ctx, given.Blobs)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(uploadsAtOnce)
	for _, digest := range given.Blobs {
		if !held[digest] {
			group.Go(func() error { return p.download(ctx, line, digest) })
		}
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("blobs from %s: %w", from.ID, err)
	}
	return given.Frames, nil
}

// digestIn reads the digest of a file that is given.
func digestIn(digest *exchange.Digest) piece {
	return func(decoder *json.Decoder) error {
		if err := decoder.Decode(digest); err != nil || digest.Valid() {
			return err
		}
		return exchange.Errorf(exchange.Invalid, codeDigestInvalid, "%.80q", *digest)
	}
}

// mostPulledAnswers is how many answers may come at once: as many deliveries as one batch can be made of.
const mostPulledAnswers = exchange.MaxFrames * 4096

// maxPulled is how many files one batch may have: 101 of each document.
const maxPulled = exchange.MaxFrames * 101

// download keeps a file of the other side, and goes on where the line was cut.
func (p *PeerCarrier) download(ctx context.Context, line *line, digest exchange.Digest) error {
	body := &download{ctx: ctx, line: line, digest: digest}
	defer body.close()
	_, _, err := p.blobs.Put(ctx, body, digest, p.largest)
	return err
}

// download reads a file of the other side.
type download struct {
	ctx    context.Context //nolint:containedctx // io.Reader has none to give
	line   *line
	digest exchange.Digest
	at     int64
	body   io.ReadCloser
	cuts   int
}

// Read reads on, over a new connection when the last was cut.
func (d *download) Read(into []byte) (int, error) {
	for {
		n, err := d.read(into)
		if n > 0 || err == nil || errors.Is(err, io.EOF) {
			return n, err
		}
		if d.cuts++; d.cuts >= downloadTries || d.ctx.Err() != nil {
			return 0, err
		}
	}
}

// read reads once. After a fault the next opens anew.
func (d *download) read(into []byte) (int, error) {
	if d.body == nil {
		if err := d.open(); err != nil {
			return 0, err
		}
	}
	n, err := d.body.Read(into)
	d.at += int64(n)
	switch {
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	case n > 0:
		d.close()
		return n, nil
	default:
		d.close()
		return 0, exchange.Errorf(exchange.Unavailable, codePeerUnreachable, "%w", err)
	}
}

func (d *download) open() error {
	request, err := http.NewRequestWithContext(d.ctx, http.MethodGet, d.line.base+pathBlob+string(d.digest), http.NoBody)
	if err != nil {
		return exchange.Errorf(exchange.Internal, codePeerUnreachable, "%w", err)
	}
	want := http.StatusOK
	if d.at > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.at))
		want = http.StatusPartialContent
	}
	response, err := d.line.call(request)
	if err != nil {
		return err
	}
	if response.StatusCode != want {
		defer response.Body.Close()
		return peerRefusal(response)
	}
	d.body = response.Body
	return nil
}

func (d *download) close() {
	if d.body != nil {
		_ = d.body.Close() // it was only read
		d.body = nil
	}
}
