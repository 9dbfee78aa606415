package main

import (
	"context"
	"crypto/x509"
	"encoding/gob"
	"errors"
	"io"
	"runtime/debug"
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
)

// task is what the parent asks of a worker.
type task struct {
	Size     int64 // of the file, in bytes
	Head     []byte
	At       time.Time
	Anchors  []anchor
	Online   bool // the parent can be asked about revocation
	Required bool // signing.Policy.RequireRevocation
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
	line := &parentLine{in: gob.NewDecoder(p.in), out: gob.NewEncoder(p.out)}
	for {
		var next task
		if err := line.in.Decode(&next); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		done := question{}
		report, err := line.examine(ctx, next)
		if err != nil {
			done.Failure = err.Error()
		}
		done.Report = &report
		if err := line.out.Encode(done); err != nil {
			return err
		}
	}
}

// parentLine is the worker's end of the pipes.
type parentLine struct {
	in  *gob.Decoder
	out *gob.Encoder
}

func (l *parentLine) examine(ctx context.Context, next task) (signing.Report, error) {
	policy := signing.Policy{At: next.At, RequireRevocation: next.Required, Verifier: verifier()}
	anchors := make([]certs.Anchor, len(next.Anchors))
	for i, each := range next.Anchors {
		certificate, err := x509.ParseCertificate(each.DER)
		if err != nil {
			return signing.Report{}, err
		}
		anchors[i] = certs.Anchor{Certificate: certificate, Realm: each.Realm, From: each.From, Until: each.Until}
	}
	policy.Anchors = certs.NewAnchors(anchors...)
	if next.Online {
		policy.Revocation = l
	}
	return signing.Examine(ctx, &parentFile{line: l, head: next.Head, size: next.Size}, next.Size, policy)
}

func (l *parentLine) ask(q question) (answer, error) {
	var got answer
	if err := l.out.Encode(q); err != nil {
		return got, err
	}
	return got, l.in.Decode(&got)
}

// Check asks the parent what is known of a certificate. When the parent is gone, nothing is.
func (l *parentLine) Check(
	_ context.Context, certificate, issuer *x509.Certificate, at time.Time,
) certs.Revocation {
	got, err := l.ask(question{Certificate: certificate.Raw, Issuer: issuer.Raw, At: at})
	if err != nil {
		return certs.Revocation{}
	}
	return got.showResponder()
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
