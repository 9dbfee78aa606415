package storage

import (
	"bytes"
	"crypto/sha256"
	endian "encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"strconv"

	"congvan/exchange"
)

// A pack segment is a file of up to some 256 MiB that holds small blobs one after the other, each behind a header:
//
//	magic, length of the blob (4 bytes), mark (8), SHA-256 (32), CRC-32C (4)
//
// All before the mark was flushed when the record was written. The CRC is also over the name of the segment, which is
// random, and the place in it: bytes that somebody hands in are never taken for a header. A segment only grows, and
// only by the one who made it; once sealed it has a summary (see packSummary) and never changes.
const (
	packMagic    = "congvan pack 1\n\x00"
	packFull     = 256 << 20
	recordMagic  = "cvb1"
	recordHeader = len(recordMagic) + 4 + 8 + sha256.Size + 4
)

// recordPlace is a record as its header describes it.
type recordPlace struct {
	at     int64 // of the header
	size   int64 // of the blob
	mark   int64
	digest [sha256.Size]byte
}

func (r recordPlace) end() int64 { return r.at + int64(recordHeader) + r.size }

// keyOf is by which the index finds a digest.
func (r recordPlace) key() uint64 { return endian.BigEndian.Uint64(r.digest[:]) }

func keyOf(digest exchange.Digest) (uint64, error) {
	return strconv.ParseUint(string(digest[:16]), 16, 64)
}

// packCRC is the checksum of a header in the segment of that name.
func packCRC(name string, at int64, header []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	place := endian.BigEndian.AppendUint64([]byte(name), uint64(at)) //nolint:gosec // at is no less than 0
	return crc32.Update(crc32.Checksum(place, table), table, header[:recordHeader-4])
}

// frame fills the header, the first bytes of framed, for the blob behind it.
func frame(framed []byte, name string, place recordPlace) {
	header := append(framed[:0], recordMagic...)
	header = endian.BigEndian.AppendUint32(header, uint32(place.size)) //nolint:gosec // small blobs only
	header = endian.BigEndian.AppendUint64(header, uint64(place.mark)) //nolint:gosec // no less than 0
	header = append(header, place.digest[:]...)
	endian.BigEndian.AppendUint32(header, packCRC(name, place.at, framed))
}

// unframe reads a header; false when there is none.
func unframe(header []byte, name string, at int64) (recordPlace, bool) {
	if len(header) < recordHeader || !bytes.HasPrefix(header, []byte(recordMagic)) ||
		endian.BigEndian.Uint32(header[recordHeader-4:]) != packCRC(name, at, header) {
		return recordPlace{}, false
	}
	rest := header[len(recordMagic):]
	return recordPlace{
		at: at, size: int64(endian.BigEndian.Uint32(rest)),
		mark:   int64(endian.BigEndian.Uint64(rest[4:])), //nolint:gosec // as we wrote it
		digest: [sha256.Size]byte(rest[12:]),
	}, true
}

// packReader reads the headers of a segment in order.
type packReader struct {
	io.ReaderAt
	name   string
	size   int64  // of the file
	window []byte // what was read last,
	at     int64  // and from where
}

const packWindow = 4 << 10

// header gives the record at an offset; false when no whole record is there.
func (r *packReader) header(at int64) (recordPlace, bool, error) {
	end := at + int64(recordHeader)
	if end > r.size {
		return recordPlace{}, false, nil
	}
	if at < r.at || end > r.at+int64(len(r.window)) {
		if err := r.move(at, packWindow); err != nil {
			return recordPlace{}, false, err
		}
	}
	if end > r.at+int64(len(r.window)) {
		return recordPlace{}, false, nil // the file became shorter
	}
	place, ok := unframe(r.window[at-r.at:], r.name, at)
	return place, ok && place.end() <= r.size, nil
}

func (r *packReader) move(at int64, length int) error {
	if cap(r.window) < length {
		r.window = make([]byte, length)
	}
	n, err := r.ReadAt(r.window[:length], at)
	r.window, r.at = r.window[:n], at
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// follow visits the records from an offset on, up to what is no record, and says where that is.
func (r *packReader) follow(from int64, visit func(recordPlace)) (int64, error) {
	for {
		place, ok, err := r.header(from)
		if err != nil || !ok {
			return from, err
		}
		visit(place)
		from = place.end()
	}
}

// all visits all records, also those behind a damaged header.
func (r *packReader) all(visit func(recordPlace)) error {
	next := int64(len(packMagic))
	for found := true; found; {
		stopped, err := r.follow(next, visit)
		if err != nil {
			return err
		}
		if next, found, err = r.search(stopped + 1); err != nil {
			return err
		}
	}
	return nil
}

// search looks for the next header.
func (r *packReader) search(from int64) (int64, bool, error) {
	const step = 256 << 10
	for from+int64(recordHeader) <= r.size {
		if err := r.move(from, step); err != nil {
			return 0, false, err
		}
		if len(r.window) < recordHeader {
			return 0, false, nil
		}
		for in := 0; ; in++ {
			next := bytes.Index(r.window[in:], []byte(recordMagic))
			if next < 0 || in+next+recordHeader > len(r.window) {
				break
			}
			in += next
			if place, ok := unframe(r.window[in:], r.name, from+int64(in)); ok && place.end() <= r.size {
				return place.at, true, nil
			}
		}
		from += int64(len(r.window) - recordHeader + 1)
	}
	return 0, false, nil
}

// intact says whether the bytes of a record are those of its digest.
func (r *packReader) intact(place recordPlace) (bool, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, io.NewSectionReader(r, place.at+int64(recordHeader), place.size))
	return err == nil && [sha256.Size]byte(sum.Sum(nil)) == place.digest, err
}

// rawDigest gives the bytes of a valid digest.
func rawDigest(digest exchange.Digest) (raw [sha256.Size]byte, err error) {
	_, err = hex.Decode(raw[:], []byte(digest))
	return raw, err
}
