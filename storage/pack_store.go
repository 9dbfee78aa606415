package storage

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"congvan/exchange"
)

// packs keeps the small blobs of a folder in segments. Whoever writes has a segment of its own, held alone as long as
// it grows, so that several programs may use one folder; what another program has put is found when it is asked for.
type packs struct {
	dir     string
	staging string
	full    int64                     // bytes from which on a segment is full
	flush   func(file *os.File) error // makes the bytes of a file durable

	mutex    sync.RWMutex // guards index and segments
	index    packIndex
	segments []packSegment

	refreshing sync.Mutex // held while new segments and records of other programs are looked for; guards seen
	seen       int64      // size of the list of segments when we last read the folder

	joining sync.Mutex // guards next
	next    *packGroup

	turn   sync.Mutex // guards grown and closed; whoever holds it writes
	grown  *grownSegment
	closed bool
}

const (
	packsName     = "packs"
	packSuffix    = ".pack"
	summarySuffix = ".idx"
	packMode      = 0o640  // the group may read, as what is sealed
	listName      = "list" // grows with every new segment, so that other programs look for it
)

// packSegment is a segment that we know.
type packSegment struct {
	name string
	// end is where the records end that are durable; 0 while another program may write to the segment. What is in such a
	// one is checked whenever it is asked for, and never spares a put.
	end  int64
	read int64 // how far the headers were read of what another program writes
}

// errHeld says that another program holds a file.
var errHeld = errors.New("another program holds the file")

func newPacks(dir, staging string) *packs {
	return &packs{dir: filepath.Join(dir, packsName), staging: staging, full: packFull, flush: flushData}
}

func (p *packs) path(name string) string    { return filepath.Join(p.dir, name+packSuffix) }
func (p *packs) summary(name string) string { return filepath.Join(p.dir, name+summarySuffix) }

// candidate is a record that may be the one that is looked for.
type candidate struct {
	packSegment
	at int64
}

// candidates gives the records that may be those of a digest, the last ones first.
func (p *packs) candidates(digest exchange.Digest) ([]candidate, error) {
	key, err := keyOf(digest)
	if err != nil {
		return nil, err
	}
	var room [4]uint64
	p.mutex.RLock()
	defer p.mutex.RUnlock()
	places := p.index.find(key, room[:0])
	found := make([]candidate, 0, len(places))
	for i := len(places) - 1; i >= 0; i-- {
		number, at := partsOf(places[i])
		if segment := p.segments[number]; segment.end == 0 || at < segment.end {
			found = append(found, candidate{segment, at})
		}
	}
	return found, nil
}

// look says what is at a candidate's place: nil when it is another blob's, or nothing that counts; blob.damaged when
// it was the digest's. With whole it gives all bytes of the blob, otherwise it looks at the header only, when that is
// enough.
func (p *packs) look(place candidate, digest exchange.Digest, whole bool) ([]byte, error) {
	file, err := os.Open(p.path(place.name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("open a segment", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	content, err := readRecord(file, place, digest, whole || place.end == 0)
	if exchange.CodeOf(err) == codeBlobDamage && place.end == 0 {
		return nil, nil
	}
	return content, err
}

// readRecord gives the bytes of a record, or its header only.
func readRecord(file io.ReaderAt, place candidate, digest exchange.Digest, whole bool) ([]byte, error) {
	header := make([]byte, recordHeader)
	if _, err := file.ReadAt(header, place.at); err != nil && !errors.Is(err, io.EOF) {
		return nil, failed("read a segment", err)
	}
	want, err := rawDigest(digest)
	if err != nil {
		return nil, err
	}
	found, ok := unframe(header, place.name, place.at)
	switch {
	case !ok:
		return nil, damaged(digest)
	case found.digest != want:
		return nil, nil
	case !whole:
		return header, nil
	}
	content := make([]byte, found.size)
	if n, err := file.ReadAt(content, place.at+int64(recordHeader)); n < len(content) && !errors.Is(err, io.EOF) {
		return nil, failed("read a blob", err)
	}
	if sha256.Sum256(content) != want {
		return nil, damaged(digest)
	}
	return content, nil
}

// open gives a blob, checked; nil when no segment we know has it.
func (p *packs) open(digest exchange.Digest) (exchange.Blob, error) {
	places, err := p.candidates(digest)
	if err != nil {
		return nil, err
	}
	for _, place := range places {
		content, failure := p.look(place, digest, true)
		if failure == nil && content != nil {
			return memoryBlob{bytes.NewReader(content)}, nil
		}
		err = errors.Join(err, failure)
	}
	if err != nil && exchange.CodeOf(err) == codeBlobDamage {
		return nil, damaged(digest)
	}
	return nil, err
}

// has says whether a segment we know has a blob. It does not read bytes that were checked when they were put.
func (p *packs) has(digest exchange.Digest) (bool, error) {
	places, err := p.candidates(digest)
	if err != nil {
		return false, err
	}
	for _, place := range places {
		content, err := p.look(place, digest, false)
		if err != nil && exchange.CodeOf(err) != codeBlobDamage {
			return false, err
		}
		if content != nil {
			return true, nil
		}
	}
	return false, nil
}

// holds says whether just these bytes are durable in a segment.
func (p *packs) holds(digest exchange.Digest, content []byte) bool {
	places, err := p.candidates(digest)
	if err != nil {
		return false
	}
	for _, place := range places {
		if place.end == 0 {
			continue
		}
		if kept, err := p.look(place, digest, true); err == nil && kept != nil && bytes.Equal(kept, content) {
			return true
		}
	}
	return false
}
