package storage

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"

	"congvan/exchange"
)

// packPut is a blob on its way into a segment.
type packPut struct {
	digest exchange.Digest
	framed []byte // room for the header, then the bytes
	at     int64  // where it was written
	err    error
}

func (p *packPut) content() []byte { return p.framed[recordHeader:] }

// packGroup is what is flushed together. Its first caller writes it.
type packGroup struct {
	puts []*packPut
	done chan struct{}
}

// grownSegment is the segment we write to. Its file is held alone.
type grownSegment struct {
	file    *os.File
	number  int
	name    string
	size    int64
	records []packSlot // durable ones
	named   bool       // its name is durable, and others were told
	broken  bool       // nothing is written to it again
}

// put keeps a blob, durable on return. Those who come while others are flushed are flushed together.
func (p *packs) put(digest exchange.Digest, framed []byte) error {
	put := &packPut{digest: digest, framed: framed}
	group, first := p.join(put)
	if !first {
		<-group.done
		return put.err
	}
	p.turn.Lock()
	p.joining.Lock()
	p.next = nil // from now on others begin the next group
	p.joining.Unlock()
	p.write(group.puts)
	p.turn.Unlock()
	close(group.done)
	return put.err
}

func (p *packs) join(put *packPut) (group *packGroup, first bool) {
	p.joining.Lock()
	defer p.joining.Unlock()
	if first = p.next == nil; first {
		p.next = &packGroup{done: make(chan struct{})}
	}
	p.next.puts = append(p.next.puts, put)
	return p.next, first
}

// write writes a group and says in each put what became of it.
func (p *packs) write(group []*packPut) {
	if err := p.makeRoom(); err != nil {
		for _, put := range group {
			put.err = err
		}
		return
	}
	segment, mark := p.grown, p.grown.size
	written, twins := p.append(segment, group)
	if len(written) > 0 {
		if err := p.settle(segment, mark); err != nil {
			for _, put := range written {
				put.err = err
			}
		} else {
			p.publish(segment, written)
		}
	}
	for put, first := range twins {
		put.err = first.err
	}
}

// append writes each blob of the group once that is not kept yet. It gives those it wrote, and those whose bytes
// another one of the group brings.
func (p *packs) append(segment *grownSegment, group []*packPut) (written []*packPut, twins map[*packPut]*packPut) {
	mark := segment.size
	firsts := make(map[exchange.Digest]*packPut, len(group))
	twins = map[*packPut]*packPut{}
	for _, put := range group {
		if first := firsts[put.digest]; first != nil {
			twins[put] = first
			continue
		}
		firsts[put.digest] = put
		if p.holds(put.digest, put.content()) {
			continue // whoever wrote before us has written the same
		}
		if put.err = failed("keep a blob", segment.append(put, mark)); put.err == nil {
			written = append(written, put)
		}
	}
	return written, twins
}

var errBroken = errors.New("the segment failed")

// append writes one blob behind the others. What a full disk took of it is cut off again.
func (s *grownSegment) append(put *packPut, mark int64) error {
	if s.broken {
		return errBroken
	}
	digest, err := rawDigest(put.digest)
	if err != nil {
		return err
	}
	place := recordPlace{at: s.size, size: int64(len(put.content())), mark: mark, digest: digest}
	frame(put.framed, s.name, place)
	if _, err := s.file.WriteAt(put.framed, s.size); err != nil {
		s.broken = s.file.Truncate(s.size) != nil
		return err
	}
	put.at, s.size = s.size, place.end()
	return nil
}

// settle makes what was written since the mark durable, and the name of a new segment. What could not be flushed is
// never trusted again: the system may have forgotten that it is not on the disk.
func (p *packs) settle(segment *grownSegment, mark int64) error {
	err := failed("flush a segment", p.flush(segment.file))
	if err == nil && !segment.named {
		err = failed("name a segment", p.name(segment.name))
	}
	segment.named = segment.named || err == nil
	if err != nil {
		segment.broken = true
		segment.size = mark
		_ = segment.file.Truncate(mark) // when this fails the summary says so
	}
	return err
}

// name makes the name of a segment durable and tells others of it.
func (p *packs) name(name string) error {
	if err := syncDir(p.dir); err != nil {
		return err
	}
	return p.tell(name)
}

// tell adds the segment to the list, by whose size other programs see that there is a new one.
func (p *packs) tell(name string) (err error) {
	list, err := os.OpenFile(filepath.Join(p.dir, listName), os.O_CREATE|os.O_WRONLY|os.O_APPEND, packMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	if err := waitAlone(list); err != nil {
		return err
	}
	_, err = list.WriteString(name + "\n")
	return err
}

// publish lets readers find what is durable.
func (p *packs) publish(segment *grownSegment, written []*packPut) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, put := range written {
		key, err := keyOf(put.digest)
		if err != nil {
			continue // it is a digest of ours
		}
		segment.records = append(segment.records, packSlot{key, uint64(put.at)}) //nolint:gosec // no less than 0
		p.index.add(packSlot{key, placeOf(segment.number, put.at)})
	}
	p.segments[segment.number].end = segment.size
}

// makeRoom sees to it that there is a segment to write to.
func (p *packs) makeRoom() error {
	if p.closed {
		return exchange.Errorf(exchange.Unavailable, codeUnavailable, "the folder is closed")
	}
	if p.grown != nil && !p.grown.broken && p.grown.size < p.full {
		return nil
	}
	p.seal()
	segment, err := p.begin()
	if errors.Is(err, errHeld) { // somebody who starts looked at it first, and leaves it
		segment, err = p.begin()
	}
	p.grown = segment
	return failed("begin a segment", err)
}

// begin makes a segment and holds it. It has no durable name yet.
func (p *packs) begin() (*grownSegment, error) {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	name := hex.EncodeToString(random[:])
	p.refreshing.Lock() // until we know it, so that it is not taken for another's
	defer p.refreshing.Unlock()
	file, err := openAlone(p.path(name), os.O_CREATE|os.O_EXCL|os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if _, err = file.WriteString(packMagic); err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(p.path(name)))
	}
	number := p.know(packSegment{name: name, end: 1}, nil) // nothing of it counts before it is published
	return &grownSegment{file: file, number: number, name: name, size: int64(len(packMagic))}, nil
}

// seal ends the segment we write to. When its summary cannot be written the next start makes it: all that is
// acknowledged is durable without.
func (p *packs) seal() {
	segment := p.grown
	if segment == nil {
		return
	}
	p.grown = nil
	if len(segment.records) == 0 {
		_ = os.Remove(p.path(segment.name)) // nothing is lost with it, and nothing when it stays
	} else if err := (packSummary{segment.size, segment.records}).write(p.staging, p.summary(segment.name)); err == nil {
		_ = segment.file.Chmod(0o440) // only a courtesy to people
	}
	_ = segment.file.Close() // all of it was flushed
}

// close ends what is being written, and seals it.
func (p *packs) close() {
	p.turn.Lock()
	defer p.turn.Unlock()
	p.seal()
	p.closed = true
}
