package storage

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // what S3 checks the line with, no proof of anything
	"encoding/base64"
	"io"

	"github.com/minio/minio-go/v7"

	"congvan/exchange"
)

// The sizes of parts: every one but the last has at least the least, and one copied inside the server at most the most.
const (
	leastPart = 5 << 20
	mostCopy  = 5 << 30
)

// Extend keeps an extension, as exchange.Extender says. The server composes it from its own copy of the old bytes and
// the tail; where it cannot, because it does not know how or the old bytes are too few, all of it is sent.
func (s *S3) Extend(ctx context.Context, extension exchange.Extension) error {
	if !extension.Of.Valid() || !extension.Digest.Valid() {
		return notFound(codeNoBlob, extension.Of)
	}
	info, err := s.core.StatObject(ctx, s.config.Bucket, s.key(extension.Of), minio.StatObjectOptions{})
	switch {
	case err != nil:
		return failedS3("extend a blob", err)
	case info.Size+int64(len(extension.Tail)) != extension.Size:
		return damaged(extension.Of)
	case s.keeps(ctx, extension.Digest, extension.Size):
		return nil
	case info.Size >= leastPart && s.compose(ctx, extension, info) == nil:
		return nil
	case ctx.Err() != nil:
		return stopped(ctx, "extend a blob")
	}
	return s.extendBySending(ctx, extension)
}

// compose has the server put the extension together, and looks it up afterwards.
func (s *S3) compose(ctx context.Context, extension exchange.Extension, base minio.ObjectInfo) error {
	bucket, key := s.config.Bucket, s.key(extension.Digest)
	upload, err := s.core.NewMultipartUpload(ctx, bucket, key, minio.PutObjectOptions{
		ContentType: "application/octet-stream",
	})
	if err != nil {
		return failedS3("begin to compose a blob", err)
	}
	parts, err := s.parts(ctx, upload, extension, base)
	if err == nil {
		_, err = s.core.CompleteMultipartUpload(ctx, bucket, key, upload, parts, minio.PutObjectOptions{})
	}
	if err != nil {
		_ = s.core.AbortMultipartUpload(context.WithoutCancel(ctx), bucket, key, upload) // the bucket's rules end it else
		return failedS3("compose a blob", err)
	}
	made, err := s.core.StatObject(ctx, bucket, key, minio.StatObjectOptions{})
	if err == nil && made.Size != extension.Size {
		err = io.ErrUnexpectedEOF
	}
	return failedS3("look up a composed blob", err)
}

func (s *S3) parts(
	ctx context.Context, upload string, extension exchange.Extension, base minio.ObjectInfo,
) ([]minio.CompletePart, error) {
	bucket, from, key := s.config.Bucket, s.key(extension.Of), s.key(extension.Digest)
	var parts []minio.CompletePart
	for at := int64(0); at < base.Size; {
		length := min(base.Size-at, mostCopy)
		if rest := base.Size - at - length; rest > 0 && rest < leastPart {
			length -= leastPart // the next part may not be too small
		}
		part, err := s.core.CopyObjectPart(ctx, bucket, from, bucket, key, upload, len(parts)+1, at, length,
			map[string]string{"x-amz-copy-source-if-match": base.ETag})
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		at += length
	}
	sum := md5.Sum(extension.Tail) //nolint:gosec // see the import
	tail, err := s.core.PutObjectPart(ctx, bucket, key, upload, len(parts)+1, bytes.NewReader(extension.Tail),
		int64(len(extension.Tail)), minio.PutObjectPartOptions{Md5Base64: base64.StdEncoding.EncodeToString(sum[:])})
	if err != nil {
		return nil, err
	}
	return append(parts, minio.CompletePart{PartNumber: tail.PartNumber, ETag: tail.ETag}), nil
}

// extendBySending fetches the old bytes and sends all of them.
func (s *S3) extendBySending(ctx context.Context, extension exchange.Extension) error {
	blob, err := s.Open(ctx, extension.Of)
	if err != nil {
		return err
	}
	defer func() { _ = blob.Close() }() // it was only read
	whole := io.MultiReader(io.NewSectionReader(blob, 0, blob.Size()), bytes.NewReader(extension.Tail))
	_, _, err = s.Put(ctx, whole, extension.Digest, extension.Size)
	return err
}
