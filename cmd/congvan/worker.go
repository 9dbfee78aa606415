package main

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"congvan/certs"
	"congvan/signing"
)

// Foreign files are judged in worker processes: whatever a file does to its reader, memory and time end with the
// worker, and the gateway goes on. A worker opens no file and no connection: it asks its parent, over its standard
// input and output, for the bytes of the file and for what is known about certificates.

// workerMemory is how much a worker may use, in bytes: the collector works harder near the first limit, the operating
// system ends the process at the second.
const (
	workerSoftMemory = 256 << 20
	workerHardMemory = 640 << 20
	// workerGarbage lets a worker, whose files are small and short-lived, collect seldom: the soft limit still holds.
	workerGarbage = 400 // percent
)

// setup is what the parent tells a worker first, once: what is the same for every file.
type setup struct {
	Anchors  []anchor
	Online   bool // the parent can be asked about revocation
	Required bool // signing.Policy.RequireRevocation
	Evidence bool // what verdicts rest on is wanted too
}

// task is what the parent asks of a worker. The first bytes of the file follow it.
type task struct {
	Size int64 // of the file, in bytes
	Head int   // how many bytes follow
	At   time.Time
}

// anchor is certs.Anchor as it crosses the pipe.
type anchor struct {
	DER         []byte
	Realm       certs.Realm
	From, Until time.Time
}

// question is what a worker asks of its parent, one of: bytes of the file, what is known of a certificate, or nothing
// more, because the report is there.
type question struct {
	Offset, Length      int64
	Certificate, Issuer []byte // DER
	At                  time.Time
	Report              *signing.Report
	Evidence            int    // how many bytes follow: the report's bundle, encoded
	Failure             string // why there is none
}

// answer is the parent's.
type answer struct {
	Bytes      []byte
	Revocation certs.Revocation // but for its certificate
	Responder  []byte           // DER of that
}

// hideResponder takes the certificate out of what is sent: only its bytes can cross a pipe.
func (a answer) hideResponder() answer {
	if a.Revocation.Responder != nil {
		a.Responder, a.Revocation.Responder = a.Revocation.Responder.Raw, nil
	}
	return a
}

// showResponder puts it back.
func (a answer) showResponder() certs.Revocation {
	if certificate, err := x509.ParseCertificate(a.Responder); err == nil {
		a.Revocation.Responder = certificate
	}
	return a.Revocation
}

// workerCommand is the worker process. It is for this program only.
type workerCommand struct{}

// Run judges one file after the other until its input ends.
func (workerCommand) Run(ctx context.Context, p program) error {
	debug.SetMemoryLimit(workerSoftMemory)
	if err := limitMemory(workerHardMemory); err != nil {
		return err
	}
	debug.SetGCPercent(workerGarbage)
	runtime.GOMAXPROCS(1)
	line := &parentLine{pipe: newPipe(p.in, p.out), answers: map[asked]certs.Revocation{}}
	policy, err := line.prepare()
	if err != nil {
		return ended(err)
	}
	for {
		var next task
		if err := line.pipe.receive(&next); err != nil {
			return ended(err)
		}
		if err := line.receiveHead(next.Head); err != nil {
			return err
		}
		report, err := line.examine(ctx, policy, next)
		if err := line.report(report, err); err != nil {
			return err
		}
	}
}

// ended makes the end of the input the end of the work.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// parentLine is the worker's end of the pipes.
type parentLine struct {
	pipe    *pipe
	answers map[asked]certs.Revocation // good ones of the moment answered
	moment  time.Time
	head    []byte // of the file at hand; its room is used again: reports are sent before the next file comes
}

// receiveHead receives the first bytes of a file.
func (l *parentLine) receiveHead(n int) error {
	if n < 0 || n > blockSize {
		return errors.New("a head that is no block")
	}
	l.head = slices.Grow(l.head[:0], n)[:n]
	_, err := io.ReadFull(l.pipe.in, l.head)
	return err
}

// asked is a certificate and its issuer's: the same ones come back with every file, and parsed once they are shared.
type asked struct{ certificate, issuer *x509.Certificate }

// prepare reads the setup. The anchors stay for all files, and with them what was proved of authorities' signatures.
func (l *parentLine) prepare() (signing.Policy, error) {
	var told setup
	if err := l.pipe.receive(&told); err != nil {
		return signing.Policy{}, err
	}
	policy := signing.Policy{RequireRevocation: told.Required, Verifier: verifier(), NoBundle: !told.Evidence}
	anchors := make([]certs.Anchor, len(told.Anchors))
	for i, each := range told.Anchors {
		certificate, err := x509.ParseCertificate(each.DER)
		if err != nil {
			return signing.Policy{}, err
		}
		anchors[i] = certs.Anchor{Certificate: certificate, Realm: each.Realm, From: each.From, Until: each.Until}
	}
	policy.Anchors = certs.NewAnchors(anchors...)
	if told.Online {
		policy.Revocation = l
	}
	return policy, nil
}

// examine judges a file. One that came whole is judged by one thread: there is nothing in it to be done at once, and
// threads that wait for work wake each other. Of a large one several digests may be taken at once.
func (l *parentLine) examine(ctx context.Context, policy signing.Policy, next task) (signing.Report, error) {
	policy.At = next.At
	if int64(len(l.head)) == next.Size {
		return signing.Examine(ctx, signing.Memory(l.head), next.Size, policy)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU()))
	return signing.Examine(ctx, &parentFile{line: l, head: l.head, size: next.Size}, next.Size, policy)
}

// report gives the parent the report, or why there is none. What it rests on is encoded here, once: whoever keeps it
// keeps these bytes.
func (l *parentLine) report(found signing.Report, failed error) error {
	done := question{Report: &found}
	if failed != nil {
		done.Failure = failed.Error()
	}
	var evidence []byte
	if found.Bundle != nil {
		var err error
		if evidence, err = found.Bundle.Encode(); err != nil && !errors.Is(err, signing.ErrBundleTooLarge) {
			return err
		}
		found.Bundle = nil
	}
	done.Evidence = len(evidence)
	return l.pipe.send(done, evidence)
}

func (l *parentLine) ask(q question) (answer, error) {
	var got answer
	if err := l.pipe.send(q, nil); err != nil {
		return got, err
	}
	return got, l.pipe.receive(&got)
}

// goodFor is how long a worker relies on a good answer before it asks again: what the parent learns meanwhile counts
// that much later.
const goodFor = time.Second

// Check asks the parent what is known of a certificate. When the parent is gone, nothing is.
func (l *parentLine) Check(
	_ context.Context, certificate, issuer *x509.Certificate, at time.Time,
) certs.Revocation {
	if at.Before(l.moment) || at.Sub(l.moment) >= goodFor || len(l.answers) >= maxParsed {
		clear(l.answers)
		l.moment = at
	}
	key := asked{certificate, issuer}
	if known, ok := l.answers[key]; ok && !at.After(known.NextUpdate) {
		return known
	}
	got, err := l.ask(question{Certificate: certificate.Raw, Issuer: issuer.Raw, At: at})
	if err != nil {
		return certs.Revocation{}
	}
	found := got.showResponder()
	if found.Status == certs.StatusGood {
		l.answers[key] = found
	}
	return found
}

// parentFile reads the file through the parent, a block at a time. The first block came with the task.
type parentFile struct {
	line  *parentLine
	head  []byte
	size  int64
	block []byte
	start int64 // of block in the file
}

// blockSize is how much of a file crosses the pipe at once, in bytes.
const blockSize = 1 << 20

// ReadAt reads as io.ReaderAt does. It is used by one goroutine.
func (f *parentFile) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, errors.New("read before the file")
	}
	read := 0
	for read < len(p) {
		at := offset + int64(read)
		if at >= f.size {
			return read, io.EOF
		}
		if err := f.load(at); err != nil {
			return read, err
		}
		read += copy(p[read:], f.block[at-f.start:])
	}
	return read, nil
}

// load makes the block that holds the offset the current one.
func (f *parentFile) load(at int64) error {
	if at < int64(len(f.head)) {
		f.block, f.start = f.head, 0
		return nil
	}
	if at >= f.start && at < f.start+int64(len(f.block)) {
		return nil
	}
	start := at - at%blockSize
	got, err := f.line.ask(question{Offset: start, Length: min(blockSize, f.size-start)})
	if err != nil || start+int64(len(got.Bytes)) <= at {
		return errors.Join(errors.New("the parent cannot read the file"), err)
	}
	f.block, f.start = got.Bytes, start
	return nil
}
