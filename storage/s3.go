package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"

	"congvan/exchange"
)

// S3 keeps blobs in a bucket of any S3 server, at prefix/ab/cd/<sha256>. A blob is spooled on this machine until its
// digest is known, sent in one PUT with its MD5, and looked up again before it is acknowledged. Keys name their
// bytes, so that writing one twice is harmless: conditional PUTs are not relied on, servers differ in them.
type S3 struct {
	core   *minio.Core
	config S3Config
}

const (
	singlePut   = 5 << 30 // bytes; more than this must go in parts
	partSize    = 64 << 20
	s3Tries     = 3
	s3Questions = 16 // asked at the same time by Has
)

// OpenS3 opens the bucket, and makes it when it is not there and the server allows that.
func OpenS3(ctx context.Context, config S3Config) (*S3, error) {
	if config.Spool != "" {
		if err := makeDurable(config.Spool); err != nil {
			return nil, failed("make the spool folder", err)
		}
	}
	if config.Region == "" {
		config.Region = "us-east-1"
	}
	core, err := minio.NewCore(config.Endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(config.AccessKey, config.SecretKey, ""),
		Secure:       !config.Insecure,
		Region:       config.Region,
		BucketLookup: minio.BucketLookupAuto,
		Transport:    config.Transport,
		MaxRetries:   s3Tries,
		// Servers disagree about checksums after the body; a Content-MD5 before it is understood by all.
		TrailingHeaders: false,
	})
	if err != nil {
		return nil, exchange.Errorf(exchange.Invalid, codeS3URL, "set up the S3 client: %w", err)
	}
	store := &S3{core: core, config: config}
	there, err := core.BucketExists(ctx, config.Bucket)
	if err == nil && !there {
		err = core.MakeBucket(ctx, config.Bucket, minio.MakeBucketOptions{Region: config.Region})
	}
	if err != nil && !isS3(err, "BucketAlreadyOwnedByYou") {
		return nil, failedS3("open the bucket", err)
	}
	return store, nil
}

// Close lets the connections go.
func (s *S3) Close() error {
	if transport, ok := s.config.Transport.(*http.Transport); ok {
		transport.CloseIdleConnections()
	}
	return nil
}

// String names the bucket, for logs.
func (s *S3) String() string { return s.config.String() }

// Put keeps what r gives, as exchange.Blobs says.
func (s *S3) Put(
	ctx context.Context, r io.Reader, want exchange.Digest, limit int64,
) (exchange.Digest, int64, error) {
	spooled := &spool{dir: s.config.Spool}
	defer spooled.close()
	taken := &intake{sum: sha256.New()}
	if err := taken.take(ctx, spooled, r, limit, make([]byte, 64<<10)); err != nil {
		return "", 0, err
	}
	digest, err := taken.check(want)
	if err != nil {
		return "", 0, err
	}
	if s.keeps(ctx, digest, taken.size) {
		return digest, taken.size, nil
	}
	if err := s.send(ctx, digest, spooled.reader(taken.size), taken.size); err != nil {
		return "", 0, err
	}
	return digest, taken.size, nil
}

// keeps says whether good bytes are there. When in doubt it says no: they are sent again.
func (s *S3) keeps(ctx context.Context, digest exchange.Digest, size int64) bool {
	info, err := s.core.StatObject(ctx, s.config.Bucket, s.key(digest), minio.StatObjectOptions{})
	if err != nil || info.Size != size {
		return false
	}
	if size > smallBlob {
		return true
	}
	blob, err := s.Open(ctx, digest)
	return err == nil && blob.Close() == nil
}

func (s *S3) send(ctx context.Context, digest exchange.Digest, r io.Reader, size int64) error {
	_, err := s.core.Client.PutObject(ctx, s.config.Bucket, s.key(digest), r, size, minio.PutObjectOptions{
		ContentType:      "application/octet-stream",
		SendContentMd5:   true,
		DisableMultipart: size <= singlePut, // in parts, minio-go drops headers that Object Lock needs
		PartSize:         partSize,
		NumThreads:       1,
	})
	if err != nil {
		return failedS3("send a blob", err)
	}
	info, err := s.core.StatObject(ctx, s.config.Bucket, s.key(digest), minio.StatObjectOptions{})
	if err != nil {
		return failedS3("look up a sent blob", err)
	}
	if info.Size != size {
		return exchange.Errorf(exchange.Unavailable, codeUnavailable, "sent %d bytes, the store has %d", size, info.Size)
	}
	return nil
}

// Open gives the bytes for reading, as exchange.Blobs says, while ctx lives. Up to 1 MiB they are checked before they
// are given; larger ones are fetched in growing windows, and checked when they are read in order.
func (s *S3) Open(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	if !digest.Valid() {
		return nil, notFound(codeNoBlob, digest)
	}
	first, size, err := s.begin(ctx, digest)
	if err != nil {
		return nil, err
	}
	if size <= smallBlob {
		return wholeBlob(bytes.NewReader(first), digest, size)
	}
	reading, stop := context.WithCancel(ctx)
	windows := &windows{
		size:  size,
		fetch: func(p []byte, off int64) error { return s.fetch(reading, digest, p, off) },
		stop:  stop,
		kept:  []window{{off: 0, bytes: first}},
	}
	return newStreamBlob(windows, digest, size), nil
}

// begin gets the first window of a blob and the size of the whole, in one request.
func (s *S3) begin(ctx context.Context, digest exchange.Digest) ([]byte, int64, error) {
	body, size, err := s.get(ctx, digest, 0, smallBlob-1)
	if isS3(err, "InvalidRange") { // of an empty object
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, failedS3("open a blob", err)
	}
	defer body.Close()
	first, err := io.ReadAll(io.LimitReader(body, smallBlob))
	if err == nil && int64(len(first)) != min(size, smallBlob) {
		err = io.ErrUnexpectedEOF
	}
	return first, size, failedS3("open a blob", err)
}

// fetch fills p with the bytes from off on. A line that breaks in the middle is tried again.
func (s *S3) fetch(ctx context.Context, digest exchange.Digest, p []byte, off int64) error {
	var err error
	for range s3Tries {
		var body io.ReadCloser
		if body, _, err = s.get(ctx, digest, off, off+int64(len(p))-1); err != nil {
			break // minio-go has tried again already
		}
		_, err = io.ReadFull(body, p)
		if err = errors.Join(err, body.Close()); err == nil || ctx.Err() != nil {
			break
		}
	}
	return failedS3("read a blob", err)
}

// get begins to read a range of a blob and gives the size of the whole.
func (s *S3) get(ctx context.Context, digest exchange.Digest, from, to int64) (io.ReadCloser, int64, error) {
	options := minio.GetObjectOptions{}
	if err := options.SetRange(from, to); err != nil {
		return nil, 0, err
	}
	body, info, header, err := s.core.GetObject(ctx, s.config.Bucket, s.key(digest), options)
	if err != nil {
		return nil, 0, err
	}
	_, total, ranged := strings.Cut(header.Get("Content-Range"), "/")
	if !ranged {
		return body, info.Size, nil
	}
	size, err := strconv.ParseInt(total, 10, 64)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("read the size in Content-Range: %w", err), body.Close())
	}
	return body, size, nil
}

// Has says which of the digests are kept. It asks for the names and does not read the bytes.
func (s *S3) Has(ctx context.Context, digests []exchange.Digest) (map[exchange.Digest]bool, error) {
	var mu sync.Mutex // guards kept
	kept := make(map[exchange.Digest]bool, len(digests))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s3Questions)
	for _, digest := range digests {
		if !digest.Valid() {
			continue
		}
		group.Go(func() error {
			_, err := s.core.StatObject(ctx, s.config.Bucket, s.key(digest), minio.StatObjectOptions{})
			if err != nil && !isS3(err, "NoSuchKey") {
				return failedS3("look for blobs", err)
			}
			mu.Lock()
			defer mu.Unlock()
			kept[digest] = err == nil
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return kept, nil
}

// Verify reads the blob from its first byte to its last: nil when it is what its name says, blob.damaged when not.
func (s *S3) Verify(ctx context.Context, digest exchange.Digest) error {
	blob, err := s.Open(ctx, digest)
	if err != nil {
		return err
	}
	return errors.Join(verify(ctx, blob, digest), blob.Close())
}

func (s *S3) key(digest exchange.Digest) string {
	return path.Join(s.config.Prefix, string(digest[:2]), string(digest[2:4]), string(digest))
}

func isS3(err error, code string) bool {
	answer, ok := errors.AsType[minio.ErrorResponse](err)
	return ok && answer.Code == code
}

// failedS3 makes an Error of an S3 server's answer, or of its silence.
func failedS3(doing string, err error) error {
	answer, _ := errors.AsType[minio.ErrorResponse](err)
	switch {
	case answer.Code == "NoSuchKey":
		return exchange.Errorf(exchange.NotFound, codeNoBlob, "%s: %w", doing, err)
	case answer.StatusCode == http.StatusInsufficientStorage, answer.Code == "QuotaExceeded":
		return exchange.Errorf(exchange.Unavailable, codeFull, "%s: %w", doing, err)
	default:
		return failed(doing, err)
	}
}

// spool keeps what is taken in until its digest is known: in memory while it is small, then in a file.
type spool struct {
	dir    string
	memory bytes.Buffer
	file   *os.File
}

// Write takes more bytes.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && s.memory.Len()+len(p) <= smallBlob {
		return s.memory.Write(p)
	}
	if s.file == nil {
		file, err := os.CreateTemp(s.dir, "congvan-spool-*")
		if err != nil {
			return 0, err
		}
		_ = os.Remove(file.Name()) // where that works, a crash leaves nothing; elsewhere close removes it
		s.file = file
		if _, err := s.memory.WriteTo(file); err != nil {
			return 0, err
		}
	}
	return s.file.Write(p)
}

func (s *spool) reader(size int64) io.Reader {
	if s.file == nil {
		return bytes.NewReader(s.memory.Bytes())
	}
	return io.NewSectionReader(s.file, 0, size)
}

func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
