package api

import (
	"bytes"
	"context"
	endian "encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"congvan/exchange"
)

// Small files travel inside a batch, behind its last brace, one after the other to the end: the SHA-256 of each (32
// bytes), its length (4, most significant first), and its bytes. A gateway says in its credit that it reads them; one
// that does not takes the frames for those of files that are missing, and is brought the files one by one.

const (
	bodyDigest = 32
	bodyHeader = bodyDigest + 4
	// maxInside is how many bytes of files are put into one batch. What is more goes before it.
	maxInside = exchange.MaxBatch
	// groupSize and groupFiles are how much is read before it is kept together, with one flush of the disk.
	groupSize  = 4 << 20
	groupFiles = 256
)

// bodies are files out of a batch, one after the other in memory that is used again.
type bodies struct {
	bytes  []byte
	files  []bodyPlace
	header [bodyHeader]byte // was read last
	ahead  bool             // it is of a file that is not read yet
}

type bodyPlace struct {
	digest   exchange.Digest
	from, to int
}

// takeFiles keeps the files that come behind the frames of a batch, each when its digest is right. Those before one
// that is not right, or that was cut, stay.
func (s *PeerServer) takeFiles(ctx context.Context, r io.Reader) error {
	group, _ := s.groups.Get().(*bodies)
	defer s.groups.Put(group)
	group.ahead = false
	for count := 0; ; {
		more, cut := group.read(r)
		if count += len(group.files); count > maxPulled {
			return exchange.Errorf(exchange.Invalid, codeBatchTooLarge, "more than %d files", maxPulled)
		}
		if err := s.keep(ctx, group); err != nil {
			return err
		}
		if cut != nil || !more {
			return cut
		}
	}
}

// keep keeps the files of a group, all at once.
func (s *PeerServer) keep(ctx context.Context, group *bodies) error {
	ctx = context.WithoutCancel(ctx) // also when the line was cut: what came is not sent again
	var puts errgroup.Group
	for _, file := range group.files {
		puts.Go(func() error {
			_, _, err := s.gateway.Blobs.Put(ctx, bytes.NewReader(group.bytes[file.from:file.to]), file.digest, maxBody)
			return err
		})
	}
	return puts.Wait()
}

// read reads the next files, as many as go into a group, and says whether there may be more.
func (b *bodies) read(r io.Reader) (more bool, err error) {
	b.bytes, b.files = b.bytes[:0], b.files[:0]
	for len(b.files) < groupFiles {
		if !b.ahead {
			_, err := io.ReadFull(r, b.header[:])
			if errors.Is(err, io.EOF) {
				return false, nil
			}
			if err != nil {
				return false, cutBody(err)
			}
		}
		size := endian.BigEndian.Uint32(b.header[bodyDigest:])
		if size > maxBody {
			return false, exchange.Errorf(exchange.Invalid, codeFrameTooLarge, "a file of %d bytes inside a batch", size)
		}
		from := len(b.bytes)
		if b.ahead = from+int(size) > groupSize; b.ahead {
			return true, nil
		}
		b.bytes = append(b.bytes, make([]byte, size)...)
		if _, err := io.ReadFull(r, b.bytes[from:]); err != nil {
			return false, cutBody(err)
		}
		digest := exchange.Digest(hex.EncodeToString(b.header[:bodyDigest]))
		b.files = append(b.files, bodyPlace{digest, from, len(b.bytes)})
	}
	return true, nil
}

func cutBody(err error) error {
	return exchange.Errorf(exchange.Invalid, codeRequestInvalid, "a file inside a batch is cut: %w", err)
}

// there is what a gateway is known to have of the files that were brought last, so that they are brought once. It is
// bounded, and lost without harm.
type there struct {
	mutex sync.Mutex
	// blobs and sure are guarded by mutex.
	blobs map[exchange.Digest]bool
	sure  bool // the last batch went well: what is not among blobs is brought without asking whether it is there
}

// mostThere is how many files are remembered of a gateway: those of the batches before, and no more.
const mostThere = 512

func (t *there) add(blobs []exchange.Digest) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.sure = true
	if t.blobs == nil || len(t.blobs)+len(blobs) > mostThere {
		t.blobs = make(map[exchange.Digest]bool, len(blobs))
	}
	for _, digest := range blobs[:min(len(blobs), mostThere)] {
		t.blobs[digest] = true
	}
}

// doubt forgets everything: after a batch that was cut the gateway is asked what of it came.
func (t *there) doubt() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.sure, t.blobs = false, nil
}

// lacks gives those that the gateway is not known to have, and says whether they are brought without asking.
func (t *there) lacks(blobs []exchange.Digest) (lacking []exchange.Digest, sure bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, digest := range blobs {
		if !t.blobs[digest] {
			lacking = append(lacking, digest)
		}
	}
	return lacking, t.sure
}

// inside is what goes inside a batch.
type inside struct {
	small map[exchange.Digest]int64 // sizes of those that may, as their headers state them
	room  int64                     // bytes
	files []insideFile              // that do
}

type insideFile struct {
	digest exchange.Digest
	size   int64
}

// fit says what the gateway takes inside a batch with the frames.
func (l *line) fit(frames []exchange.Frame) *inside {
	credit := l.allowed()
	fits := &inside{small: map[exchange.Digest]int64{}, room: min(maxInside, credit.Bytes)}
	for _, frame := range frames {
		fits.room -= frameSize(frame)
		for _, file := range frame.Files {
			if file.Size >= 0 && file.Size <= credit.File {
				fits.small[file.Digest] = file.Size
			}
		}
	}
	return fits
}

// add puts a blob inside when it fits.
func (i *inside) add(digest exchange.Digest) bool {
	size, small := i.small[digest]
	if !small || size+bodyHeader > i.room {
		return false
	}
	i.room -= size + bodyHeader
	i.files = append(i.files, insideFile{digest, size})
	return true
}

// bring puts the small blobs that the other side is not known to have inside the batch, and sends what it lacks of the
// others. After a batch that did not go well it sends all so: nothing that was stated falsely is tried twice.
func (p *PeerCarrier) bring(ctx context.Context, line *line, blobs []exchange.Digest, fits *inside) error {
	asked, sure := line.there.lacks(blobs)
	if sure {
		asked = slices.DeleteFunc(asked, fits.add)
	}
	for len(asked) > 0 {
		part := asked[:min(len(asked), maxHave)]
		asked = asked[len(part):]
		var answer haveAnswer
		missing := list(&answer.Missing, len(part), codePeerAnswer, plain)
		read := bounded{maxHaveBody, object(map[string]piece{"missing": missing})}
		if err := line.ask(ctx, pathHave, haveQuestion{Digests: part}, read); err != nil {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(uploadsAtOnce)
		for _, digest := range answer.Missing {
			group.Go(func() error { return p.upload(ctx, line, digest) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// batchBody reads a batch: its frames, and then the files inside, of which one at a time is in memory.
type batchBody struct {
	ctx    context.Context //nolint:containedctx // io.Reader has none to give
	blobs  exchange.Blobs
	inside []insideFile
	ready  *bytes.Reader // what is read next
}

// Read reads on.
func (b *batchBody) Read(into []byte) (int, error) {
	for b.ready.Len() == 0 {
		if len(b.inside) == 0 {
			return 0, io.EOF
		}
		content, err := b.file(b.inside[0])
		if err != nil {
			return 0, err
		}
		b.inside, b.ready = b.inside[1:], bytes.NewReader(content)
	}
	return b.ready.Read(into)
}

// file gives a file with its header. What is larger than stated is left out, and goes its own way when the other side
// misses it. The other side compares it with its digest; when that fails it goes its own way, too, and is compared
// here.
func (b *batchBody) file(file insideFile) ([]byte, error) {
	blob, err := exchange.OpenRaw(b.ctx, b.blobs, file.digest)
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	if blob.Size() > file.size {
		return nil, nil
	}
	content := make([]byte, bodyHeader+blob.Size())
	if _, err := hex.Decode(content, []byte(file.digest)); err != nil {
		return nil, exchange.Errorf(exchange.Internal, codeDigestInvalid, "%.80q: %w", file.digest, err)
	}
	endian.BigEndian.PutUint32(content[bodyDigest:], uint32(blob.Size())) //nolint:gosec // at most maxBody
	_, err = io.ReadFull(io.NewSectionReader(blob, 0, blob.Size()), content[bodyHeader:])
	return content, err
}
