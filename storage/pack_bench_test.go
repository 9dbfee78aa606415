package storage_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// BenchmarkPut measures durable puts of 32 KiB by so many callers at a time, and the flushes each costs, beside the
// bare limit, and beside a file a blob, as folders kept small blobs before. The bare limit is one caller who appends
// as many bytes as all callers together and flushes them, without a digest or an index.
func BenchmarkPut(b *testing.B) {
	for _, writers := range []int{1, 8, 32} {
		b.Run(fmt.Sprintf("segments-%d", writers), func(b *testing.B) {
			folder := openFolder(b, b.TempDir())
			flushes := countFlushes(folder)
			putMany(b, writers, func(content []byte) error {
				_, _, err := folder.Put(b.Context(), bytes.NewReader(content), "", 1<<20)
				return err
			})
			b.ReportMetric(float64(flushes.Load())/float64(b.N), "flushes/put")
		})
		b.Run(fmt.Sprintf("bare-%d", writers), func(b *testing.B) {
			file, err := os.Create(filepath.Join(b.TempDir(), "bare"))
			if err != nil {
				b.Fatal(err)
			}
			together := storagetest.Bytes(1, writers*(blobOfBench+52))
			b.SetBytes(blobOfBench)
			for n := 0; n < b.N; n += writers {
				_, err := file.Write(together)
				if err = errors.Join(err, storage.FlushData(file)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
			b.ReportMetric(1/float64(writers), "flushes/put")
			if err := file.Close(); err != nil {
				b.Fatal(err)
			}
		})
		b.Run(fmt.Sprintf("files-%d", writers), func(b *testing.B) {
			dir := b.TempDir()
			putMany(b, writers, func(content []byte) error { return putNamed(dir, content) })
			b.ReportMetric(3, "flushes/put")
		})
	}
}

const blobOfBench = 32 << 10

// putMany puts b.N different blobs from so many goroutines.
func putMany(b *testing.B, writers int, put func(content []byte) error) {
	b.Helper()
	b.SetBytes(blobOfBench)
	b.ReportAllocs()
	var last atomic.Int64
	var all sync.WaitGroup
	content := storagetest.Bytes(1, blobOfBench)
	b.ResetTimer()
	for range writers {
		all.Go(func() {
			own := bytes.Clone(content)
			for n := last.Add(1); n <= int64(b.N); n = last.Add(1) {
				binary.BigEndian.PutUint64(own, uint64(n))
				if err := put(own); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
}

// putNamed is the least that a file a blob takes: its bytes, its name and the name of its folder flushed.
func putNamed(dir string, content []byte) error {
	digest := storagetest.Sum(content)
	path := fileOf(dir, digest)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	staged, err := os.CreateTemp(dir, "put-*")
	if err != nil {
		return err
	}
	_, err = staged.Write(content)
	err = errors.Join(err, staged.Sync(), staged.Close(), os.Rename(staged.Name(), path))
	return errors.Join(err, flushFolder(filepath.Dir(path)), flushFolder(filepath.Dir(filepath.Dir(path))))
}

func flushFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// BenchmarkOpenFolder measures the start of a folder with many sealed blobs, and what its index holds in memory.
func BenchmarkOpenFolder(b *testing.B) {
	dir := b.TempDir()
	folder := openFolder(b, dir)
	folder.FullAt(8000 * 152) // 8,000 blobs, as of 32 KiB in a whole segment
	var last atomic.Int64
	var all sync.WaitGroup
	digests := make([]exchange.Digest, *rowsFlag)
	for range 256 {
		all.Go(func() {
			for n := last.Add(1); n <= int64(len(digests)); n = last.Add(1) {
				content := fmt.Appendf(nil, "%100d", n)
				digest, _, err := folder.Put(b.Context(), bytes.NewReader(content), "", 1<<20)
				if err != nil {
					b.Error(err)
				}
				digests[n-1] = digest
			}
		})
	}
	all.Wait()
	if err := folder.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		again, err := storage.OpenFolder(dir)
		if err != nil {
			b.Fatal(err)
		}
		if kept, err := again.Has(b.Context(), digests[:1]); err != nil || !kept[digests[0]] {
			b.Fatal("the blob is not there", err)
		}
		b.ReportMetric(float64(again.IndexBytes())/float64(len(digests)), "index-bytes/blob")
		if err := again.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
