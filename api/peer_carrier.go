package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"congvan/exchange"
)

// The patience of a gateway that calls another. A long upload is not cut as long as bytes go through.
const (
	dialPatience   = 10 * time.Second
	answerPatience = 60 * time.Second
	pingAfter      = 5 * time.Second  // of silence on a connection
	pongPatience   = 20 * time.Second // a slow line may have much to carry before
	stallPatience  = 30 * time.Second // in which not a byte goes through
	uploadsAtOnce  = 8                // of blobs to one gateway, so that its disk can sync them in groups
)

// PeerCarrier is the calling half of the wire: an [exchange.Carrier] over one HTTP/2 connection to each gateway. It
// calls only the address that the directory has for a gateway, and speaks only to a certificate that the directory has
// pinned; the operating system's anchors, proxies and redirections mean nothing to it.
type PeerCarrier struct {
	certificate tls.Certificate
	node        exchange.NodeID
	blobs       exchange.Blobs
	now         func() time.Time
	largest     int64 // file that is pulled, in bytes
	mutex       sync.Mutex
	// lines is guarded by mutex.
	lines map[exchange.NodeID]*line
}

// line is the connection to one gateway, as the directory had it when it was opened.
type line struct {
	entry     [sha256.Size]byte // of the address and the certificates
	node      exchange.NodeID
	base      string
	client    *http.Client
	transport *http.Transport
	now       func() time.Time
	credit    atomic.Pointer[Credit] // that was given last; nil: none was
	there     there
}

// largestPulled is the largest file that is pulled, in bytes.
const largestPulled = 4 << 30

// NewPeerCarrier makes the calling half for a gateway, which presents the certificate. Blobs are read when the other
// side lacks them.
func NewPeerCarrier(
	node exchange.NodeID, certificate tls.Certificate, blobs exchange.Blobs, now func() time.Time,
) *PeerCarrier {
	return &PeerCarrier{
		certificate: certificate, node: node, blobs: blobs, now: now, largest: largestPulled,
		lines: map[exchange.NodeID]*line{},
	}
}

// Carry brings the frames and whatever of the blobs the gateway lacks: it asks, sends what is missing, and then the
// frames in batches, with small blobs inside. Cut off and called again, it goes on where it was: what has arrived is
// not sent twice. Every error is of kind Unavailable, except for frames that could never be sent. Without frames it
// says hello.
func (p *PeerCarrier) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	if len(frames) == 0 {
		_, err := p.Greet(ctx, to)
		return nil, err
	}
	for _, frame := range frames {
		if err := checkFrame(frame); err != nil {
			return nil, err
		}
	}
	line, err := p.line(to)
	if err != nil {
		return nil, err
	}
	answers, err := p.carry(ctx, line, frames, blobs)
	if err == nil && !slices.ContainsFunc(answers, lacking) {
		line.there.add(blobs)
	} else {
		line.there.doubt()
	}
	return answers, err
}

func lacking(answer exchange.Answer) bool { return answer.Outcome == exchange.Missing }

// carry brings the blobs that do not go inside a batch, and then the frames, with the others inside the first batch.
func (p *PeerCarrier) carry(
	ctx context.Context, line *line, frames []exchange.Frame, blobs []exchange.Digest,
) (answers []exchange.Answer, err error) {
	fits := line.fit(frames[:batchLength(frames, line.allowed())])
	if err := p.bring(ctx, line, blobs, fits); err != nil {
		return nil, fmt.Errorf("blobs to %s: %w", line.node, err)
	}
	for len(frames) > 0 {
		batch := frames[:batchLength(frames, line.allowed())]
		frames = frames[len(batch):]
		var answer batchAnswer
		if err := p.post(ctx, line, batch, fits.files, &answer); err != nil {
			return nil, fmt.Errorf("frames to %s: %w", line.node, err)
		}
		fits.files = nil
		line.credit.Store(answer.Credit)
		answers = append(answers, answer.Answers...)
	}
	return answers, nil
}

// post posts a batch with the blobs inside.
func (p *PeerCarrier) post(
	ctx context.Context, line *line, batch []exchange.Frame, inside []insideFile, answer *batchAnswer,
) error {
	encoded, err := json.Marshal(batchQuestion{Frames: batch})
	if err != nil {
		return exchange.Errorf(exchange.Internal, codeFrameInvalid, "%w", err)
	}
	return line.post(ctx, pathBatch, func() io.Reader {
		return &batchBody{ctx: ctx, blobs: p.blobs, inside: inside, ready: bytes.NewReader(encoded)}
	}, answersIn(answer, asked(batch)))
}

// Greet says hello to a gateway: I am here again. It gives what the other says of itself.
func (p *PeerCarrier) Greet(ctx context.Context, to exchange.Node) (Hello, error) {
	line, err := p.line(to)
	if err != nil {
		return Hello{}, err
	}
	var theirs Hello
	ours := Hello{Versions: []int{wireVersion}, Node: p.node, At: p.now().UTC()}
	if err := line.ask(ctx, pathHello, ours, bounded{maxTold, one(&theirs)}); err != nil {
		return Hello{}, fmt.Errorf("hello to %s: %w", to.ID, err)
	}
	line.credit.Store(theirs.Credit)
	for _, version := range theirs.Versions {
		if version == wireVersion && theirs.Node == to.ID {
			return theirs, nil
		}
	}
	return theirs, exchange.Errorf(exchange.Unavailable, codePeerVersion,
		"%s speaks versions %v and calls itself %s", to.ID, theirs.Versions, theirs.Node)
}

// Close lets go of all connections that are not in use.
func (p *PeerCarrier) Close() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, line := range p.lines {
		line.transport.CloseIdleConnections()
	}
}

// allowed is what the other side will take at once.
func (l *line) allowed() Credit {
	credit := fullCredit()
	if given := l.credit.Load(); given != nil {
		credit.Frames, credit.Bytes = min(credit.Frames, given.Frames), min(credit.Bytes, given.Bytes)
		credit.File = min(maxBody, given.File)
	}
	return credit
}

// batchLength says how many of the frames the other side takes in one batch. It is at least one: who has no room
// refuses it, and says when to come back.
func batchLength(frames []exchange.Frame, credit Credit) int {
	size := int64(0)
	for i, frame := range frames {
		size += frameSize(frame)
		if i > 0 && (i >= credit.Frames || size > credit.Bytes) {
			return i
		}
	}
	return len(frames)
}

// frameSize is about how long a frame is in a batch.
func frameSize(frame exchange.Frame) int64 {
	size := int64(len(frame.Sealed)*4/3 + 256)
	for _, office := range frame.To {
		size += int64(len(office) + 4)
	}
	return size
}

// line gives the connection to a gateway; a new one when the directory has another address or certificate for it.
func (p *PeerCarrier) line(to exchange.Node) (*line, error) {
	entry := entryOf(to)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if held := p.lines[to.ID]; held != nil {
		if held.entry == entry {
			return held, nil
		}
		held.transport.CloseIdleConnections()
	}
	address, err := url.Parse(to.URL)
	if err != nil || address.Scheme != "https" || address.Host == "" {
		return nil, exchange.Errorf(exchange.Unavailable, codePeerUnreachable, "%s has no address: %.200q", to.ID, to.URL)
	}
	opened := newLine(p.tls(to), strings.TrimSuffix(to.URL, "/"))
	opened.entry, opened.node, opened.now = entry, to.ID, p.now
	p.lines[to.ID] = opened
	return opened, nil
}

func entryOf(node exchange.Node) [sha256.Size]byte {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q", node.URL)
	for _, der := range node.Certificates {
		fmt.Fprintf(hash, "%x,", sha256.Sum256(der))
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

func (p *PeerCarrier) tls(to exchange.Node) *tls.Config {
	config := meet(p.certificate, p.now, func(leaf *x509.Certificate) error {
		for _, pinned := range to.Certificates {
			if bytes.Equal(pinned, leaf.Raw) {
				return nil
			}
		}
		return exchange.Errorf(exchange.Denied, codePeerUnknown, "certificate %s is not of %s", leaf.SerialNumber, to.ID)
	})
	config.InsecureSkipVerify = true // no chain counts: VerifyConnection compares with the pins
	return config
}

func newLine(config *tls.Config, base string) *line {
	transport := &http.Transport{
		TLSClientConfig:       config,
		ForceAttemptHTTP2:     true,
		DialContext:           dialPeer,
		TLSHandshakeTimeout:   dialPatience,
		ResponseHeaderTimeout: answerPatience,
		IdleConnTimeout:       5 * time.Minute,
		DisableCompression:    true,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout:  pingAfter,
			PingTimeout:      pongPatience,
			WriteByteTimeout: stallPatience,
		},
	}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &line{base: base, client: client, transport: transport}
}

// ask posts a question and reads the answer.
func (l *line) ask(ctx context.Context, path string, question any, answer bounded) error {
	body, err := json.Marshal(question)
	if err != nil {
		return exchange.Errorf(exchange.Internal, codeFrameInvalid, "%w", err)
	}
	return l.post(ctx, path, func() io.Reader { return bytes.NewReader(body) }, answer)
}

// post posts a body, which is made anew when the connection was closed before it was read.
func (l *line) post(ctx context.Context, path string, body func() io.Reader, answer bounded) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.base+path, body())
	if err != nil {
		return exchange.Errorf(exchange.Internal, codePeerUnreachable, "%w", err)
	}
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(body()), nil }
	request.Header.Set("Content-Type", "application/json")
	return l.do(request, answer)
}

func (l *line) do(request *http.Request, answer bounded) error {
	response, err := l.call(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return peerRefusal(response)
	}
	return answer.from(response.Body)
}

// call sends a request. Who answers is asked for its certificate each time: it may end in the middle of a connection,
// which then is not used again.
func (l *line) call(request *http.Request) (*http.Response, error) {
	response, err := l.client.Do(request)
	if err == nil {
		if err = inTime(response.TLS.PeerCertificates[0], l.now()); err == nil {
			return response, nil
		}
		_ = response.Body.Close() // what it says does not count
		l.transport.CloseIdleConnections()
	}
	if inner, ok := errors.AsType[*exchange.Error](err); ok {
		return nil, exchange.Errorf(exchange.Unavailable, inner.Code, "%w", err)
	}
	return nil, exchange.Errorf(exchange.Unavailable, codePeerUnreachable, "%w", err)
}

// asked counts the offices of the frames: an answer is due for each, and no more.
func asked(frames []exchange.Frame) int {
	count := 0
	for _, frame := range frames {
		count += len(frame.To)
	}
	return count
}

// answersIn reads the answer to a batch.
func answersIn(answer *batchAnswer, most int) bounded {
	return bounded{maxAnswerBody, object(map[string]piece{
		"answers": list(&answer.Answers, most, codePeerAnswer, plain), "credit": one(&answer.Credit),
	})}
}

// peerRefusal says why the other side did not take something. Whatever it is, a later attempt may fare better: a person
// has put the directory right, a disk was emptied, a programme was mended.
func peerRefusal(response *http.Response) error {
	body := io.LimitReader(response.Body, maxTold)
	var problem struct {
		Code      string `json:"code"`
		RequestID string `json:"request_id"`
	}
	err := exchange.Errorf(exchange.Unavailable, codePeerRefused, "status %d", response.StatusCode)
	if json.NewDecoder(body).Decode(&problem) == nil && problem.Code != "" {
		err = exchange.Errorf(exchange.Unavailable, codePeerRefused, "status %d, code %.80q, request %.40q",
			response.StatusCode, problem.Code, problem.RequestID)
	}
	seconds, none := strconv.Atoi(response.Header.Get("Retry-After"))
	if none != nil || seconds < 0 || seconds > maxRetryAfter {
		return err
	}
	return &exchange.Busy{After: time.Duration(seconds) * time.Second, Err: err}
}

// maxRetryAfter is how long another gateway may make this one wait, in seconds.
const maxRetryAfter = 900
