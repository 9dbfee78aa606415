package storage

import (
	"bytes"
	endian "encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
)

// packSummary is what a start needs to know of a sealed segment without reading it: how far it goes and its records,
// 16 bytes each. It can be made again from the segment.
type packSummary struct {
	end     int64
	records []packSlot // with offsets as places
}

const summaryMagic = "congvan index 1\n"

var errSummary = errors.New("no summary of a segment")

// encode gives the summary as it is in its file: magic, end, records, CRC-32C.
func (s packSummary) encode() []byte {
	content := make([]byte, 0, len(summaryMagic)+8+16*len(s.records)+4)
	content = append(content, summaryMagic...)
	content = endian.BigEndian.AppendUint64(content, uint64(s.end)) //nolint:gosec // no less than 0
	for _, record := range s.records {
		content = endian.BigEndian.AppendUint64(content, record.key)
		content = endian.BigEndian.AppendUint64(content, record.place)
	}
	return endian.BigEndian.AppendUint32(content, crc32.Checksum(content, crc32.MakeTable(crc32.Castagnoli)))
}

func decodeSummary(content []byte) (packSummary, error) {
	const least = len(summaryMagic) + 8 + 4
	if len(content) < least || !bytes.HasPrefix(content, []byte(summaryMagic)) {
		return packSummary{}, errSummary
	}
	body, sum := content[:len(content)-4], endian.BigEndian.Uint32(content[len(content)-4:])
	rest := body[len(summaryMagic):]
	if len(rest)%16 != 8 || crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)) != sum {
		return packSummary{}, errSummary
	}
	s := packSummary{
		end:     int64(endian.BigEndian.Uint64(rest)), //nolint:gosec // as we wrote it
		records: make([]packSlot, len(rest)/16),
	}
	for i := range s.records {
		record := rest[8+16*i:]
		s.records[i] = packSlot{endian.BigEndian.Uint64(record), endian.BigEndian.Uint64(record[8:])}
	}
	return s, nil
}

// write seals a segment: it gives the summary its name, durable.
func (s packSummary) write(staging, path string) (err error) {
	staged, err := os.CreateTemp(staging, "put-*")
	if err != nil {
		return err
	}
	_, err = staged.Write(s.encode())
	if err == nil {
		err = staged.Chmod(0o440)
	}
	if err == nil {
		err = staged.Sync()
	}
	if closed := staged.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(staged.Name(), path)
	}
	if err != nil {
		_ = os.Remove(staged.Name()) // when this fails the next start sweeps it
		return err
	}
	return syncDir(filepath.Dir(path))
}
