package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// workers is a pool of worker processes, an exchange.Examiner. They are started when there is work, and end with the
// pool. Up to width files are judged at once; more wait.
type workers struct {
	setup  setup
	source signing.RevocationSource // nil: off-line
	places chan struct{}
	mutex  sync.Mutex
	// parsed are certificates that workers asked about, by their bytes; guarded by mutex.
	parsed map[string]*x509.Certificate
	// idle is guarded by mutex; nil after Close.
	idle      []*worker
	shut      bool                          // guarded by mutex
	start     func(itself) (*worker, error) // startWorker, but in tests
	ourselves itself                        // what is started
}

// worker is one process and the pipes to it.
type worker struct {
	process *exec.Cmd
	in      io.WriteCloser
	pipe    *pipe
	told    bool // what is the same for every file
	end     context.CancelFunc
}

// The time one file may take: enough for the file to be read slowly, and for what a bounded parser may do.
const (
	examineTime   = 20 * time.Second
	examineSpeed  = 32 << 20 // bytes a second
	costlyCode    = "file.too_costly"
	workerMissing = "examiner.unavailable"
)

// newWorkers makes a pool for a set of anchors.
func newWorkers(width int, anchors certs.Anchors, source signing.RevocationSource, ourselves itself) *workers {
	pool := &workers{
		setup: setup{Online: source != nil, Required: true, Evidence: true}, source: source,
		places: make(chan struct{}, width), parsed: map[string]*x509.Certificate{}, start: startWorker,
		ourselves: ourselves,
	}
	for _, each := range anchors.List() {
		pool.setup.Anchors = append(pool.setup.Anchors, anchor{each.Certificate.Raw, each.Realm, each.From, each.Until})
	}
	return pool
}

// Examine judges a file in a worker. A file that makes its worker use too much time or memory is answered with a report
// that says so, never with an outage. Errors: Unavailable examiner.unavailable when no worker can be started.
func (w *workers) Examine(ctx context.Context, file io.ReaderAt, size int64, at time.Time) (signing.Report, error) {
	select {
	case w.places <- struct{}{}:
		defer func() { <-w.places }()
	case <-ctx.Done():
		return signing.Report{}, context.Cause(ctx)
	}
	for {
		hand, fresh, err := w.take()
		if err != nil {
			return signing.Report{}, exchange.Errorf(exchange.Unavailable, workerMissing, "start a worker: %w", err)
		}
		timer := time.AfterFunc(examineTime+time.Duration(size/examineSpeed)*time.Second, hand.end)
		report, err := w.examine(ctx, hand, file, size, at)
		inTime := timer.Stop()
		if inTime && err == nil {
			w.give(hand)
			return report, nil
		}
		hand.stop()
		switch {
		case ctx.Err() != nil:
			return signing.Report{}, context.Cause(ctx)
		case errors.Is(err, errFile):
			return signing.Report{}, exchange.Errorf(exchange.Unavailable, "file.interrupted", "%w", err)
		case errors.Is(err, errExamination):
			return signing.Report{}, exchange.Errorf(exchange.Internal, "internal", "%w", err)
		case fresh || !inTime:
			return tooCostly(file, size, at)
		}
		// A worker that had waited may have died before it saw this file: only a new one's death is the file's fault.
	}
}

// tooCostly is the report on a file whose worker died.
func tooCostly(file io.ReaderAt, size int64, at time.Time) (signing.Report, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(file, 0, size)); err != nil {
		return signing.Report{}, exchange.Errorf(exchange.Unavailable, "file.interrupted", "read: %w", err)
	}
	return signing.Report{
		SHA256: hex.EncodeToString(hash.Sum(nil)), Size: size, Verdict: signing.Indeterminate, Error: costlyCode,
		JudgedAt: at, Signatures: []signing.Signature{},
	}, nil
}

// What can go wrong beside the death of a worker: the file's own reader, and what the worker says.
var (
	errFile        = errors.New("read the file")
	errExamination = errors.New("the worker cannot examine")
)

// examine gives the worker its task and answers its questions until the report is there.
func (w *workers) examine(
	ctx context.Context, hand *worker, file io.ReaderAt, size int64, at time.Time,
) (signing.Report, error) {
	head := make([]byte, min(size, blockSize))
	if _, err := io.ReadFull(io.NewSectionReader(file, 0, size), head); err != nil {
		return signing.Report{}, errors.Join(errFile, err)
	}
	if err := hand.tell(w.setup, task{Size: size, Head: len(head), At: at}, head); err != nil {
		return signing.Report{}, err
	}
	for {
		var asked question
		if err := hand.pipe.receive(&asked); err != nil {
			return signing.Report{}, err
		}
		if asked.Failure != "" {
			return signing.Report{}, fmt.Errorf("%w: %s", errExamination, asked.Failure)
		}
		if asked.Report != nil {
			return hand.take(asked)
		}
		reply, err := w.reply(ctx, file, size, asked)
		if err != nil {
			return signing.Report{}, err
		}
		if err := hand.pipe.send(reply, nil); err != nil {
			return signing.Report{}, err
		}
	}
}

// take completes the report with the evidence that follows it, and with the empty lists that gob leaves out.
func (h *worker) take(told question) (signing.Report, error) {
	report := *told.Report
	if report.Signatures == nil {
		report.Signatures = []signing.Signature{}
	}
	for i := range report.Signatures {
		if report.Signatures[i].Reasons == nil {
			report.Signatures[i].Reasons = []string{}
		}
	}
	if told.Evidence <= 0 || told.Evidence > signing.MaxBundle {
		return report, nil
	}
	evidence, err := h.pipe.receiveBytes(told.Evidence)
	report.Bundle = &signing.Bundle{Encoded: evidence}
	return report, err
}

func (w *workers) reply(ctx context.Context, file io.ReaderAt, size int64, asked question) (answer, error) {
	if asked.Certificate == nil {
		if asked.Offset < 0 || asked.Length < 0 || asked.Length > blockSize || asked.Offset > size-asked.Length {
			return answer{}, errors.New("the worker asks for bytes that are not there")
		}
		data := make([]byte, asked.Length)
		if _, err := io.ReadFull(io.NewSectionReader(file, asked.Offset, asked.Length), data); err != nil {
			return answer{}, errors.Join(errFile, err)
		}
		return answer{Bytes: data}, nil
	}
	certificate, err := w.certificate(asked.Certificate)
	if err != nil {
		return answer{}, err
	}
	issuer, err := w.certificate(asked.Issuer)
	if err != nil || w.source == nil {
		return answer{}, err
	}
	return answer{Revocation: w.source.Check(ctx, certificate, issuer, asked.At)}.hideResponder(), nil
}

// maxParsed bounds the memory of certificates to about 2 MiB; when it is full it begins anew.
const maxParsed = 512

// certificate parses a certificate, or gives the one that was parsed before: an office's documents carry the same few.
func (w *workers) certificate(der []byte) (*x509.Certificate, error) {
	w.mutex.Lock()
	known := w.parsed[string(der)]
	w.mutex.Unlock()
	if known != nil {
		return known, nil
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.parsed) >= maxParsed {
		clear(w.parsed)
	}
	w.parsed[string(der)] = certificate
	return certificate, nil
}

// take gives an idle worker, or starts one.
func (w *workers) take() (hand *worker, fresh bool, err error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.shut {
		return nil, false, os.ErrClosed
	}
	if last := len(w.idle) - 1; last >= 0 {
		hand = w.idle[last]
		w.idle = w.idle[:last]
		return hand, false, nil
	}
	hand, err = w.start(w.ourselves)
	return hand, true, err
}

func (w *workers) give(hand *worker) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.shut {
		hand.stop()
		return
	}
	w.idle = append(w.idle, hand)
}

// Close ends the workers.
func (w *workers) Close() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.shut = true
	for _, hand := range w.idle {
		hand.stop()
	}
	w.idle = nil
	return nil
}

// startWorker starts this program again, as a worker, with nothing of the environment.
func startWorker(ourselves itself) (*worker, error) {
	self, err := ourselves()
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(context.Background())
	process := exec.CommandContext(ctx, self, "worker") //nolint:gosec // ourselves
	process.Env = []string{}
	hand := &worker{process: process, end: end}
	if hand.in, err = process.StdinPipe(); err != nil {
		end()
		return nil, err
	}
	out, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		end()
		return nil, err
	}
	hand.pipe = newPipe(out, hand.in)
	return hand, nil
}

// tell gives the worker its task with the head of the file, and the setup before the first.
func (h *worker) tell(first setup, next task, head []byte) error {
	if !h.told {
		if err := h.pipe.send(first, nil); err != nil {
			return err
		}
		h.told = true
	}
	return h.pipe.send(next, head)
}

// stop ends the process and waits for it.
func (h *worker) stop() {
	h.end()
	_ = h.in.Close()     // the process is ending
	_ = h.process.Wait() // killed
}
