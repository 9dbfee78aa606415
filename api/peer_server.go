package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/exchange/roll"
)

// PeerConfig is what the door for other gateways is made of.
type PeerConfig struct {
	Gateway     *exchange.Gateway
	Notary      *evidence.Notary // nil: the checkpoints of others are not witnessed
	Roll        *roll.Roll       // nil: the directory's log is not given on
	Certificate tls.Certificate  // this gateway's, as its record in the directory has it
	Log         *slog.Logger
	Now         func() time.Time
	Limits      Limits // PerOffice counts for a gateway here
	// Load tells how much this gateway can take; nil: nothing but the places lower the credit. It is asked often.
	Load func(ctx context.Context) Load
	// Uploads keeps what has come of large blobs that were cut; nil: they begin anew.
	Uploads Uploads
}

// Uploads keeps what has come of uploads that were cut; package storage gives it.
type Uploads interface {
	// Offset says how many bytes of a gateway's upload are here.
	Offset(from exchange.NodeID, digest exchange.Digest) (int64, error)
	// Append adds to an upload, and gives the whole to take when the last byte has come.
	Append(ctx context.Context, upload exchange.Upload, r io.Reader, take func(whole io.Reader) error) error
}

// PeerServer is the door for other gateways: mutual TLS 1.3, on a listener of its own. Who is on the other side is said
// by the certificate, which the directory has pinned; it may bring blobs and frames, and read what is owed to it.
type PeerServer struct {
	door
	gateway *exchange.Gateway
	config  PeerConfig
	places  *places[exchange.NodeID]
	offered offered
	groups  sync.Pool // of *bodies, as they were read
	handler http.Handler
}

// NewPeerServer makes the door for other gateways.
func NewPeerServer(config PeerConfig) *PeerServer {
	limits := config.Limits.orDefaults()
	s := &PeerServer{
		door:    door{log: config.Log, now: config.Now, limits: limits},
		gateway: config.Gateway,
		config:  config,
		places:  newPlaces[exchange.NodeID](limits.Concurrent, limits.PerOffice),
		offered: offered{blobs: map[exchange.NodeID]map[exchange.Digest]bool{}},
	}
	s.groups.New = func() any { return new(bodies) }
	engine := s.engine()
	engine.POST(pathHello, s.peer(maxHelloBody, s.hello))
	engine.POST(pathHave, s.peer(maxHaveBody, s.have))
	engine.PUT(pathBlob+":digest", s.peer(config.Gateway.MaxFile, s.putBlob))
	engine.HEAD(pathBlob+":digest", s.peer(maxHelloBody, s.headBlob))
	engine.GET(pathBlob+":digest", s.peer(maxHelloBody, s.getBlob))
	engine.POST(pathBatch, s.peer(maxBatchBody, s.batch))
	if config.Notary != nil {
		engine.POST(pathWitness, s.peer(maxWitness, s.witness))
	}
	if config.Roll != nil {
		engine.POST(pathDirectory, s.peer(maxDirQuery, s.directory))
	}
	engine.POST(pathPull, s.peer(maxBatchBody, s.pull))
	s.handler = engine
	return s
}

// Handler gives the handler, for a server that has [PeerServer.TLS].
func (s *PeerServer) Handler() http.Handler { return s.handler }

// TLS gives the configuration that the listener must have.
func (s *PeerServer) TLS() *tls.Config {
	config := meet(s.config.Certificate, s.now, func(leaf *x509.Certificate) error {
		_, err := s.gateway.Directory().NodeOf(leaf)
		return err
	})
	config.ClientAuth = tls.RequireAnyClientCert
	return config
}

// Serve answers other gateways until the context ends. It owns the listener.
func (s *PeerServer) Serve(ctx context.Context, listener net.Listener) error {
	return s.serve(ctx, listener, s.Handler(), s.TLS())
}

// peer finds out which gateway asks and lets it in when there is a place, before a byte of the body is read. The
// directory is asked each time: a gateway that was struck off is cut off in the middle of a connection.
func (s *PeerServer) peer(most int64, answer func(*gin.Context, exchange.NodeID) (any, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		node, err := s.identify(c.Request)
		if err != nil {
			s.refuse(c, err)
			return
		}
		request := callOf(c.Request.Context())
		request.peer = node
		if err := request.body.limit(most); err != nil {
			s.refuse(c, err)
			return
		}
		release, err := s.places.take(node)
		if err != nil {
			s.refuse(c, err)
			return
		}
		defer release()
		given, err := answer(c, node)
		if err != nil {
			s.refuse(c, err)
			return
		}
		if given != nil {
			c.JSON(http.StatusOK, given)
		}
	}
}

func (s *PeerServer) identify(r *http.Request) (exchange.NodeID, error) {
	if r.TLS == nil || r.TLS.Version < tls.VersionTLS13 || len(r.TLS.PeerCertificates) == 0 {
		return "", exchange.Errorf(exchange.Denied, codePeerUnknown, "no certificate over TLS 1.3")
	}
	leaf := r.TLS.PeerCertificates[0]
	if err := inTime(leaf, s.now()); err != nil { // it may end in the middle of a connection
		return "", err
	}
	node, err := s.gateway.Directory().NodeOf(leaf)
	if err != nil {
		return "", exchange.Errorf(exchange.Denied, codePeerUnknown, "%w", err)
	}
	return node, nil
}

func (s *PeerServer) hello(c *gin.Context, node exchange.NodeID) (any, error) {
	var theirs Hello
	if err := decode(c.Request.Body, one(&theirs)); err != nil {
		return nil, err
	}
	if _, err := s.gateway.Receive(c.Request.Context(), node, nil); err != nil {
		return nil, err
	}
	return Hello{
		Versions: []int{wireVersion}, Node: s.gateway.Node, At: s.now().UTC(), Credit: s.credit(c.Request.Context()),
	}, nil
}

func (s *PeerServer) have(c *gin.Context, _ exchange.NodeID) (any, error) {
	var question haveQuestion
	read := object(map[string]piece{"digests": list(&question.Digests, maxHave, codeBatchTooLarge, plain)})
	if err := decode(c.Request.Body, read); err != nil {
		return nil, err
	}
	for _, digest := range question.Digests {
		if !digest.Valid() {
			return nil, exchange.Errorf(exchange.Invalid, codeDigestInvalid, "%.80q", digest)
		}
	}
	held, err := s.gateway.Blobs.Has(c.Request.Context(), question.Digests)
	if err != nil {
		return nil, err
	}
	answer := haveAnswer{Missing: []exchange.Digest{}}
	for _, digest := range question.Digests {
		if !held[digest] {
			answer.Missing = append(answer.Missing, digest)
		}
	}
	return answer, nil
}

func (s *PeerServer) batch(c *gin.Context, node exchange.NodeID) (any, error) {
	frames, files, err := readFrames(c.Request.Body)
	if err != nil {
		return nil, err
	}
	if err := s.takeFiles(c.Request.Context(), files); err != nil {
		return nil, err
	}
	answers, err := s.gateway.Receive(c.Request.Context(), node, frames)
	if err != nil {
		return nil, err
	}
	return batchAnswer{Answers: answers, Credit: s.credit(c.Request.Context())}, nil
}

// readFrames reads a batch frame by frame and stops at the first that is too much. It gives what comes behind. A batch
// that was cut is not taken in part.
func readFrames(r io.Reader) (frames []exchange.Frame, behind io.Reader, err error) {
	behind, err = decodeBefore(r, object(map[string]piece{"frames": framesIn(&frames)}))
	if err != nil {
		return nil, nil, err
	}
	if len(frames) == 0 {
		return nil, nil, exchange.Errorf(exchange.Invalid, codeRequestInvalid, "a batch without frames")
	}
	return frames, behind, nil
}

func checkFrame(frame exchange.Frame) error {
	switch {
	case len(frame.Sealed) > exchange.MaxSealed:
		return exchange.Errorf(exchange.Invalid, codeFrameTooLarge, "%d bytes sealed", len(frame.Sealed))
	case len(frame.To) > exchange.MaxRecipients:
		return exchange.Errorf(exchange.Invalid, codeFrameTooLarge, "to %d offices", len(frame.To))
	case frame.ID == "", len(frame.ID) > 64, len(frame.Sealed) == 0, len(frame.To) == 0:
		return exchange.Errorf(exchange.Invalid, codeFrameInvalid, "no id, nothing sealed, or to nobody")
	case frame.Kind != exchange.DocumentMessage && frame.Kind != exchange.ReceiptMessage &&
		frame.Kind != exchange.NoticeMessage:
		return exchange.Errorf(exchange.Invalid, codeFrameInvalid, "kind %.20q", frame.Kind)
	}
	return nil
}
