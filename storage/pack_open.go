package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// load reads what segments there are. Those that nobody writes to and that have no summary are sealed first: their
// writer was interrupted. Whoever is alone in the folder also removes those that were never written to.
func (p *packs) load(alone bool) error {
	if err := makeDurable(p.dir); err != nil {
		return err
	}
	p.index.reserve(p.summarisedRecords())
	p.refreshing.Lock()
	defer p.refreshing.Unlock()
	return p.list(func(name string) error {
		summary, err := p.recover(name, alone)
		if errors.Is(err, errLeft) {
			return p.meet(name)
		}
		if err != nil {
			return err
		}
		p.know(packSegment{name: name, end: summary.end}, summary.records)
		return nil
	})
}

// summarisedRecords says how many records the summaries hold, by their sizes.
func (p *packs) summarisedRecords() (records int) {
	entries, _ := os.ReadDir(p.dir) // whoever reads it next says what is wrong with it
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && strings.HasSuffix(entry.Name(), summarySuffix) {
			records += int(info.Size() / 16)
		}
	}
	return records
}

// view reads what segments there are in a folder that cannot be written to.
func (p *packs) view() error {
	p.refreshing.Lock()
	defer p.refreshing.Unlock()
	return p.list(p.meet)
}

// list visits the segments that we do not know yet; the caller holds refreshing.
func (p *packs) list(visit func(name string) error) error {
	seen, err := p.listed()
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(p.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	known := p.known()
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), packSuffix)
		if !ok || known[name] {
			continue
		}
		if err := visit(name); err != nil {
			return err
		}
	}
	p.seen = seen
	return nil
}

// known gives the names of the segments that we know.
func (p *packs) known() map[string]bool {
	p.mutex.RLock()
	defer p.mutex.RUnlock()
	known := make(map[string]bool, len(p.segments))
	for _, segment := range p.segments {
		known[segment.name] = true
	}
	return known
}

// listed is the size of the list of segments. The file is opened each time: so a network file system asks its server.
func (p *packs) listed() (int64, error) {
	list, err := os.Open(filepath.Join(p.dir, listName))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	info, err := list.Stat()
	if closed := list.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// know adds a segment and its records, and gives its number.
func (p *packs) know(segment packSegment, records []packSlot) int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.segments = append(p.segments, segment)
	p.add(len(p.segments)-1, records)
	return len(p.segments) - 1
}

// add adds records of a segment; the caller holds the mutex.
func (p *packs) add(number int, records []packSlot) {
	for _, record := range records {
		p.index.add(packSlot{record.key, placeOf(number, int64(record.place))}) //nolint:gosec // an offset
	}
}

// errLeft says that a segment was left as it is.
var errLeft = errors.New("the segment cannot be sealed")

// recover gives the summary of a segment, and makes it when nobody writes to the segment any more; errLeft when
// somebody does, or the segment may not be touched or is empty.
func (p *packs) recover(name string, alone bool) (packSummary, error) {
	if summary, err := p.summarised(name); err == nil {
		return summary, nil
	}
	path := p.path(name)
	_ = os.Chmod(path, packMode) // one that was sealed, and whose summary is gone; openAlone says when that fails
	file, err := openAlone(path, os.O_RDWR)
	if errors.Is(err, errHeld) || errors.Is(err, fs.ErrNotExist) || codeOf(err) == codeReadOnly {
		return packSummary{}, errLeft
	}
	if err != nil {
		return packSummary{}, err
	}
	defer func() { _ = file.Close() }() // what was changed was flushed
	if summary, err := p.summarised(name); err == nil {
		return summary, nil // it was sealed meanwhile
	}
	info, err := file.Stat()
	if err != nil {
		return packSummary{}, err
	}
	if info.Size() > int64(len(packMagic)) {
		return p.mend(file, name, info.Size())
	}
	if !alone {
		return packSummary{}, errLeft // somebody may be about to write to it
	}
	return packSummary{}, errors.Join(errLeft, os.Remove(path))
}

// summarised reads the summary of a segment.
func (p *packs) summarised(name string) (packSummary, error) {
	content, err := os.ReadFile(p.summary(name))
	if err != nil {
		return packSummary{}, err
	}
	return decodeSummary(content)
}

// mend seals a segment whose writer was interrupted: it cuts the torn end off and flushes the rest. What stood before
// the last mark was durable, so that what is wrong there is damage, to be reported; what came later is only kept
// when it is whole, for nobody may have been told of it.
func (p *packs) mend(file *os.File, name string, size int64) (packSummary, error) {
	reader := &packReader{ReaderAt: file, name: name, size: size}
	var found []recordPlace
	mark := int64(0)
	err := reader.all(func(place recordPlace) {
		found = append(found, place)
		mark = max(mark, place.mark)
	})
	if err != nil {
		return packSummary{}, err
	}
	summary := packSummary{end: int64(len(packMagic))}
	for _, place := range found {
		whole := place.at < mark
		if !whole {
			if whole, err = reader.intact(place); err != nil {
				return packSummary{}, err
			}
		}
		if whole {
			summary.end = place.end()
			summary.records = append(summary.records, packSlot{place.key(), uint64(place.at)}) //nolint:gosec // no less than 0
		}
	}
	if err := p.cut(file, summary.end, size); err != nil {
		return packSummary{}, fmt.Errorf("%w: %w", errLeft, err) // it is mended when the disk is well
	}
	if err := summary.write(p.staging, p.summary(name)); err == nil {
		_ = file.Chmod(0o440) // only a courtesy to people
	}
	return summary, nil // what could not be written is made again at the next start
}

// cut takes away what stands behind the end, and flushes the rest.
func (p *packs) cut(file *os.File, end, size int64) error {
	if end < size {
		if err := file.Truncate(end); err != nil {
			return err
		}
	}
	return p.flush(file)
}

// meet reads a segment that another program writes to, or that we may not seal.
func (p *packs) meet(name string) error {
	if summary, err := p.summarised(name); err == nil {
		p.know(packSegment{name: name, end: summary.end}, summary.records)
		return nil
	}
	return p.catchUp(p.know(packSegment{name: name, read: int64(len(packMagic))}, nil))
}

// refresh reads what other programs have put since.
func (p *packs) refresh() error {
	p.refreshing.Lock()
	defer p.refreshing.Unlock()
	seen, err := p.listed()
	if err == nil && seen != p.seen {
		err = p.list(p.meet)
	}
	for _, number := range p.unsealed() {
		if err == nil {
			err = p.catchUp(number)
		}
	}
	return failed("look for segments", err)
}

// unsealed gives the segments that others write to.
func (p *packs) unsealed() (numbers []int) {
	p.mutex.RLock()
	defer p.mutex.RUnlock()
	for number, segment := range p.segments {
		if segment.end == 0 {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// catchUp reads the headers that another program has added; the caller holds refreshing.
func (p *packs) catchUp(number int) error {
	p.mutex.RLock()
	segment := p.segments[number]
	p.mutex.RUnlock()
	if summary, err := p.summarised(segment.name); err == nil {
		p.know(packSegment{name: segment.name, end: summary.end}, summary.records)
		p.forget(number)
		return nil
	}
	file, err := os.Open(p.path(segment.name))
	if errors.Is(err, fs.ErrNotExist) {
		p.forget(number) // it stayed empty
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	reader := &packReader{ReaderAt: file, name: segment.name, size: info.Size()}
	var records []packSlot
	segment.read, err = reader.follow(segment.read, func(place recordPlace) {
		records = append(records, packSlot{place.key(), uint64(place.at)}) //nolint:gosec // no less than 0
	})
	if err != nil || len(records) == 0 {
		return err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.segments[number].read = segment.read
	p.add(number, records)
	return nil
}

// forget makes nothing of a segment count any more, as we know it.
func (p *packs) forget(number int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.segments[number].end = 1
}
