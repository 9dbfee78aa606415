package storage_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

func openFolder(tb testing.TB, dir string) *storage.Folder {
	tb.Helper()
	folder, err := storage.OpenFolder(dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := folder.Close(); err != nil {
			tb.Error(err)
		}
	})
	return folder
}

// openS3 opens a bucket of its own.
func openS3(tb testing.TB, server *storagetest.S3, bucket string) *storage.S3 {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	store, err := storage.OpenS3(tb.Context(), storage.S3Config{
		Endpoint: server.Endpoint, Insecure: true, AccessKey: server.AccessKey, SecretKey: server.SecretKey,
		Bucket: bucket, Prefix: "congvan/blobs", Spool: tb.TempDir(), Transport: transport,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
	})
	return store
}

func TestBlobsInFolder(t *testing.T) {
	t.Parallel()
	storagetest.Blobs(t, func(tb testing.TB) exchange.Blobs {
		tb.Helper()
		return openFolder(tb, tb.TempDir())
	})
}

func TestBlobsInS3(t *testing.T) {
	t.Parallel()
	server := storagetest.StartS3(t)
	var buckets atomic.Int64
	storagetest.Blobs(t, func(tb testing.TB) exchange.Blobs {
		tb.Helper()
		return openS3(tb, server, fmt.Sprintf("bucket-%d", buckets.Add(1)))
	})
}
