package storagetest

import (
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"congvan/exchange"
)

// Place is where a folder of blobs keeps one.
type Place struct {
	Path string
	At   int64 // of its first byte in the file
	Size int64
}

// Places reads a folder of blobs as the runbook describes it, without the engine: blobs with a file of their own, and
// those in pack segments. Of a blob that is kept twice it gives the last place.
func Places(tb testing.TB, dir string) map[exchange.Digest]Place {
	tb.Helper()
	places := map[exchange.Digest]Place{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if strings.HasSuffix(path, ".pack") {
			return packed(path, places)
		}
		info, err := entry.Info()
		if digest := exchange.Digest(entry.Name()); err == nil && digest.Valid() {
			places[digest] = Place{Path: path, Size: info.Size()}
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return places
}

// packed reads the headers of a segment up to what is none: "cvb1", length, mark, SHA-256, checksum.
func packed(path string, places map[exchange.Digest]Place) error {
	const first, header = 16, 52
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for at := first; at+header <= len(content) && string(content[at:at+4]) == "cvb1"; {
		size := int(binary.BigEndian.Uint32(content[at+4:]))
		digest := exchange.Digest(hex.EncodeToString(content[at+16 : at+48]))
		places[digest] = Place{Path: path, At: int64(at + header), Size: int64(size)}
		at += header + size
	}
	return nil
}

// Flip changes one bit of a kept blob behind the engine's back.
func Flip(tb testing.TB, place Place) {
	tb.Helper()
	content, err := os.ReadFile(place.Path)
	if err == nil {
		content[place.At+place.Size/2] ^= 1
		err = os.Chmod(place.Path, 0o600) // #nosec G302 -- as it was while it grew
	}
	if err == nil {
		err = os.WriteFile(place.Path, content, 0o600)
	}
	if err != nil {
		tb.Fatal(err)
	}
}
