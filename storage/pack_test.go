package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// segments gives the pack segments of a folder.
func segments(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "packs", "*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// interrupted gives a folder as a program leaves it that is killed: one segment, not sealed, with these blobs in
// groups of one.
func interrupted(t *testing.T, contents ...[]byte) (segment string, content []byte) {
	t.Helper()
	dir := t.TempDir()
	folder := openFolder(t, dir)
	for _, content := range contents {
		putIn(t, folder, content)
	}
	names := segments(t, dir)
	if len(names) != 1 {
		t.Fatalf("%d segments", len(names))
	}
	content, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(names[0]), content
}

// started opens a folder with one segment.
func started(t *testing.T, segment string, content []byte) (*storage.Folder, string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "packs", segment)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	folder, err := storage.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return folder, path
}

func closed(t *testing.T, folder *storage.Folder) {
	t.Helper()
	if err := folder.Close(); err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, blobs exchange.Blobs, content []byte) bool {
	t.Helper()
	kept, err := blobs.Has(t.Context(), []exchange.Digest{storagetest.Sum(content)})
	if err != nil {
		t.Fatal(err)
	}
	return kept[storagetest.Sum(content)]
}

func TestASegmentCutAnywhereKeepsWhatWasWhole(t *testing.T) {
	t.Parallel()
	contents := [][]byte{
		storagetest.Bytes(1, 30), nil, storagetest.Bytes(2, 20), storagetest.Bytes(3, 15),
	}
	name, content := interrupted(t, contents...)
	for length := range len(content) + 1 {
		folder, path := started(t, name, content[:length])
		end := min(length, 16)
		for n, at := 0, 16; n < len(contents); n++ {
			at += 52 + len(contents[n])
			if want := at <= length; has(t, folder, contents[n]) != want {
				t.Errorf("cut at %d: blob %d is there: %v", length, n, !want)
			}
			if at <= length {
				end = at
				if err := folder.Verify(t.Context(), storagetest.Sum(contents[n])); err != nil {
					t.Errorf("cut at %d: blob %d: %v", length, n, err)
				}
			}
		}
		info, err := os.Stat(path)
		switch {
		case length <= 16 && !errors.Is(err, os.ErrNotExist):
			t.Errorf("cut at %d: what was never written to is left", length)
		case length > 16 && (err != nil || info.Size() != int64(end)):
			t.Errorf("cut at %d: not cut to %d: %v", length, end, err)
		}
		putIn(t, folder, contents[3]) // whoever was not told that it is kept brings it again
		if err := folder.Verify(t.Context(), storagetest.Sum(contents[3])); err != nil {
			t.Errorf("cut at %d: %v", length, err)
		}
		closed(t, folder)
	}
}

func TestAChangedByteIsAnErrorOfOneBlobOnly(t *testing.T) {
	t.Parallel()
	contents := [][]byte{storagetest.Bytes(1, 12), storagetest.Bytes(2, 8), storagetest.Bytes(3, 10)}
	name, content := interrupted(t, contents...)
	for at := range content {
		changed := bytes.Clone(content)
		changed[at] ^= 0x10
		folder, _ := started(t, name, changed)
		for n, begin := 0, 16; n < len(contents); n++ {
			header, body := begin, begin+52
			begin = body + len(contents[n])
			err := folder.Verify(t.Context(), storagetest.Sum(contents[n]))
			switch {
			case at < header || at >= begin:
				if err != nil {
					t.Errorf("byte %d: blob %d: %v", at, n, err)
				}
			case at < body || n == 2: // nobody knows any more what it was, or whether it was acknowledged
				wantError(t, err, exchange.NotFound, "blob.not_found")
			default:
				wantError(t, err, exchange.Internal, "blob.damaged")
			}
			putIn(t, folder, contents[n])
			if err := folder.Verify(t.Context(), storagetest.Sum(contents[n])); err != nil {
				t.Errorf("byte %d: blob %d was put again: %v", at, n, err)
			}
		}
		closed(t, folder)
	}
}

func TestAChangedByteOfASealedSegmentIsDamageOfOneBlob(t *testing.T) {
	t.Parallel()
	contents := [][]byte{storagetest.Bytes(1, 40), storagetest.Bytes(2, 20), storagetest.Bytes(3, 30)}
	dir := t.TempDir()
	folder := openFolder(t, dir)
	for _, content := range contents {
		putIn(t, folder, content)
	}
	closed(t, folder)
	path := segments(t, dir)[0]
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reading := openFolder(t, dir)
	for at := range good {
		harm(t, path, func([]byte) []byte {
			changed := bytes.Clone(good)
			changed[at] ^= 1
			return changed
		})
		for n, begin := 0, 16; n < len(contents); n++ {
			header := begin
			begin += 52 + len(contents[n])
			err := reading.Verify(t.Context(), storagetest.Sum(contents[n]))
			if hit := at >= header && at < begin; hit && exchange.CodeOf(err) != "blob.damaged" || !hit && err != nil {
				t.Errorf("byte %d: blob %d: %v", at, n, err)
			}
		}
	}
	putIn(t, reading, contents[2]) // its last byte is still changed
	if err := reading.Verify(t.Context(), storagetest.Sum(contents[2])); err != nil {
		t.Error(err)
	}
	closed(t, reading)
	if err := openFolder(t, dir).Verify(t.Context(), storagetest.Sum(contents[2])); err != nil {
		t.Errorf("mended, then started again: %v", err)
	}
}

func TestADamagedSummaryIsMadeAgain(t *testing.T) {
	t.Parallel()
	for name, change := range harms() {
		dir := t.TempDir()
		folder := openFolder(t, dir)
		var digests []exchange.Digest
		for n := range 20 {
			digests = append(digests, putIn(t, folder, storagetest.Bytes(uint64(n), 10*n)))
		}
		closed(t, folder)
		summary := strings.TrimSuffix(segments(t, dir)[0], ".pack") + ".idx"
		good, err := os.ReadFile(summary)
		if err != nil {
			t.Fatal(err)
		}
		harm(t, summary, change)
		folder = openFolder(t, dir)
		for _, digest := range digests {
			if err := folder.Verify(t.Context(), digest); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if again, err := os.ReadFile(summary); err != nil || !bytes.Equal(again, good) {
			t.Errorf("%s: another summary was written: %v", name, err)
		}
	}
}

func TestBytesThatLookLikeRecordsAreBytes(t *testing.T) {
	t.Parallel()
	inner, outer := []byte("inner"), []byte("outer")
	name, segment := interrupted(t, inner) // a segment, handed in as if it were a document
	folder, path := started(t, name, segment)
	closed(t, folder)
	dir := filepath.Dir(filepath.Dir(path))
	folder = openFolder(t, dir)
	document := putIn(t, folder, append(bytes.Repeat([]byte("cvb1"), 1000), segment...))
	putIn(t, folder, outer)
	place := storagetest.Places(t, dir)[document]
	content, err := os.ReadFile(place.Path)
	if err != nil {
		t.Fatal(err)
	}
	content[place.At-1] ^= 1 // the document's header is damaged, so that its bytes are searched for records
	again, _ := started(t, filepath.Base(place.Path), content)
	if has(t, again, inner) || !has(t, again, outer) {
		t.Errorf("inner %v, outer %v", has(t, again, inner), has(t, again, outer))
	}
	closed(t, again)
}

func countFlushes(folder *storage.Folder) *atomic.Int64 {
	var count atomic.Int64
	folder.OnFlush(func(*os.File) error { count.Add(1); return nil })
	return &count
}

// A power cut is played by what the segment held when it was flushed last.
func TestNothingIsAcknowledgedBeforeItIsFlushed(t *testing.T) {
	t.Parallel()
	folder := openFolder(t, t.TempDir())
	var flushed atomic.Pointer[[]byte]
	folder.OnFlush(func(file *os.File) error {
		content, err := os.ReadFile(file.Name())
		flushed.Store(&content)
		return err
	})
	var all sync.WaitGroup
	for writer := range 8 {
		all.Go(func() {
			for n := range 10 {
				content := storagetest.Bytes(uint64(writer*100+n), 500)
				_, _, err := folder.Put(t.Context(), bytes.NewReader(content), "", 1000)
				if err != nil || !bytes.Contains(*flushed.Load(), content) {
					t.Errorf("%d of writer %d was not flushed: %v", n, writer, err)
				}
			}
		})
	}
	all.Wait()
}

func TestManyWritersShareFlushes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := openFolder(t, dir)
	const writers, each = 32, 20
	flushes := countFlushes(folder)
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for n := range each {
				content := fmt.Appendf(nil, "%d-%d", writer, n)
				if n%5 == 0 {
					content = fmt.Appendf(nil, "the same %d", n) // as others bring
				}
				digest, _, err := folder.Put(t.Context(), bytes.NewReader(content), "", 1<<20)
				if err == nil {
					err = folder.Verify(t.Context(), digest)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	const different = writers*each*4/5 + each/5
	if n := flushes.Load(); n > different {
		t.Errorf("%d flushes for %d blobs", n, different)
	}
	var size int64
	for _, place := range storagetest.Places(t, dir) {
		size += 52 + place.Size
	}
	info, err := os.Stat(segments(t, dir)[0])
	if err != nil || info.Size() != 16+size || len(storagetest.Places(t, dir)) != different {
		t.Errorf("%d blobs, %d bytes in %v: %v", len(storagetest.Places(t, dir)), size, info, err)
	}
	t.Logf("%d flushes for %d puts", flushes.Load(), writers*each)
}

func TestASegmentThatCannotBeFlushedIsLeft(t *testing.T) {
	t.Parallel()
	for _, fault := range []error{syscall.EIO, syscall.ENOSPC} {
		dir := t.TempDir()
		folder := openFolder(t, dir)
		before, lost, after := []byte("before"), []byte("lost"), []byte("after")
		putIn(t, folder, before)
		folder.OnFlush(func(*os.File) error { return fault })
		_, _, err := folder.Put(t.Context(), bytes.NewReader(lost), "", 100)
		wantError(t, err, exchange.Unavailable, map[error]string{
			syscall.EIO: "storage.unavailable", syscall.ENOSPC: "storage.full",
		}[fault])
		if has(t, folder, lost) {
			t.Error("what could not be flushed is there")
		}
		folder.OnFlush(func(*os.File) error { return nil })
		putIn(t, folder, after)
		if n := len(segments(t, dir)); n != 2 {
			t.Errorf("%d segments", n)
		}
		other := openFolder(t, dir)
		if !has(t, other, before) || has(t, other, lost) || !has(t, other, after) {
			t.Errorf("before %v, lost %v, after %v", has(t, other, before), has(t, other, lost), has(t, other, after))
		}
	}
}

func TestWhatAnotherProgramPutsIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := openFolder(t, dir), openFolder(t, dir)
	var contents [][]byte
	for n := range 40 {
		content := fmt.Appendf(nil, "%d", n)
		writer, reader := first, second
		if n%3 == 0 {
			writer, reader = second, first
		}
		if has(t, reader, content) {
			t.Errorf("%d is there already", n)
		}
		putIn(t, writer, content)
		if n%2 == 0 && !has(t, reader, content) {
			t.Errorf("%d is not there", n)
		}
		if err := reader.Verify(t.Context(), storagetest.Sum(content)); err != nil {
			t.Errorf("%d: %v", n, err)
		}
		contents = append(contents, content)
		if n == 20 { // one ends and is started again
			closed(t, first)
			first = openFolder(t, dir)
		}
	}
	for _, folder := range []*storage.Folder{first, second, openFolder(t, dir)} {
		for n, content := range contents {
			if err := folder.Verify(t.Context(), storagetest.Sum(content)); err != nil {
				t.Errorf("%d: %v", n, err)
			}
		}
	}
	for _, content := range contents { // what a closed program has put is not put again
		putIn(t, second, content)
	}
	if n := len(segments(t, dir)); n > 4 {
		t.Errorf("%d segments", n)
	}
}

func TestWhatAnotherProgramHasWrittenByHalvesIsNotThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writer, reader := openFolder(t, dir), openFolder(t, dir)
	content := storagetest.Bytes(1, 1000)
	digest := putIn(t, writer, content)
	storagetest.Flip(t, storagetest.Places(t, dir)[digest])
	if has(t, reader, content) {
		t.Error("bytes that are not whole are there")
	}
	_, err := reader.Open(t.Context(), digest)
	wantError(t, err, exchange.NotFound, "blob.not_found")
	putIn(t, reader, content)
	if err := reader.Verify(t.Context(), digest); err != nil {
		t.Error(err)
	}
}

func TestAReadOnlyFolderShowsWhatWasNotSealed(t *testing.T) {
	t.Parallel()
	contents := [][]byte{[]byte("first"), []byte("second"), []byte("third")}
	name, content := interrupted(t, contents...)
	dir := storagetest.Tmpfs(t, "1m")
	path := filepath.Join(dir, "blobs", "packs", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	content[len(content)-1] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	storagetest.ReadOnly(t, dir)
	folder := openFolder(t, filepath.Join(dir, "blobs"))
	for n, want := range []bool{true, true, false} {
		if has(t, folder, contents[n]) != want {
			t.Errorf("blob %d is there: %v", n, !want)
		}
	}
	_, _, err := folder.Put(t.Context(), bytes.NewReader([]byte("new")), "", 100)
	wantError(t, err, exchange.Unavailable, "storage.read_only")
}

func TestAFullDiskTakesSmallBlobsWhenThereIsRoomAgain(t *testing.T) {
	t.Parallel()
	dir := storagetest.Tmpfs(t, "2m")
	folder := openFolder(t, filepath.Join(dir, "blobs"))
	var kept []exchange.Digest
	var err error
	for n := 0; err == nil; n++ {
		var digest exchange.Digest
		content := bytes.NewReader(storagetest.Bytes(uint64(n), 70_000))
		if digest, _, err = folder.Put(t.Context(), content, "", 1<<20); err == nil {
			kept = append(kept, digest)
		}
	}
	wantError(t, err, exchange.Unavailable, "storage.full")
	putIn(t, folder, []byte("small enough"))
	storagetest.Resize(t, dir, "8m")
	for n := range 20 {
		kept = append(kept, putIn(t, folder, storagetest.Bytes(uint64(1000+n), 70_000)))
	}
	closed(t, folder)
	again := openFolder(t, filepath.Join(dir, "blobs"))
	for _, digest := range kept {
		if err := again.Verify(t.Context(), digest); err != nil {
			t.Error(err)
		}
	}
	if n := len(segments(t, filepath.Join(dir, "blobs"))); n != 1 {
		t.Errorf("%d segments: a full disk is no fault of a segment", n)
	}
}

func TestAFolderOnAFullDiskStarts(t *testing.T) {
	t.Parallel()
	contents := [][]byte{[]byte("first"), []byte("second")}
	name, content := interrupted(t, contents...)
	dir := storagetest.Tmpfs(t, "256k")
	for folder, file := range map[string][]byte{"blobs/packs/" + name: content, "blobs/staging/lock": nil} {
		path := filepath.Join(dir, folder)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "filler"), make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	folder := openFolder(t, filepath.Join(dir, "blobs"))
	for _, content := range contents {
		if err := folder.Verify(t.Context(), storagetest.Sum(content)); err != nil {
			t.Error(err)
		}
	}
	_, _, err := folder.Put(t.Context(), bytes.NewReader([]byte("new")), "", 100)
	wantError(t, err, exchange.Unavailable, "storage.full")
}

func TestSegmentsAreSealedWhenTheyAreFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	folder := openFolder(t, dir)
	folder.FullAt(10_000)
	digests := map[exchange.Digest]bool{}
	for n := range 100 {
		digests[putIn(t, folder, storagetest.Bytes(uint64(n), 1000))] = true
	}
	summaries, err := filepath.Glob(filepath.Join(dir, "packs", "*.idx"))
	if n := len(segments(t, dir)); err != nil || n != 10 || len(summaries) != n-1 {
		t.Errorf("%d segments, %d summaries, %v", n, len(summaries), err)
	}
	other := openFolder(t, dir)
	for _, digest := range slices.Sorted(maps.Keys(digests)) {
		if err := errors.Join(folder.Verify(t.Context(), digest), other.Verify(t.Context(), digest)); err != nil {
			t.Error(err)
		}
	}
}

func TestAReaderFindsWhatAKilledWriterHadAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	watching := openFolder(t, dir)
	var acknowledged []string
	look := func(when string) {
		for _, digest := range acknowledged {
			if err := watching.Verify(t.Context(), exchange.Digest(digest)); err != nil {
				t.Errorf("%s: %s: %v", when, digest, err)
			}
		}
	}
	for range 2 {
		acknowledged = append(acknowledged, killed(t, "blobs "+dir, 60)...)
		look("killed")
		closed(t, openFolder(t, dir)) // seals what was left
		look("sealed by another")
	}
	sealed, err := filepath.Glob(filepath.Join(dir, "packs", "*.idx"))
	if err != nil || len(sealed) != 2 {
		t.Errorf("%d sealed, %v", len(sealed), err)
	}
}
