package exchange

import "context"

// RawBlobs are Blobs that can be opened by who compares the bytes with their digest himself. They are not compared
// before they are given, which for small ones costs as much again as to read them.
type RawBlobs interface {
	OpenRaw(ctx context.Context, digest Digest) (Blob, error)
}

// OpenRaw opens a blob for a reader who compares all bytes with the digest before anything rests on them, and who then
// opens it as [Blobs] say to learn what is wrong.
func OpenRaw(ctx context.Context, blobs Blobs, digest Digest) (Blob, error) {
	if raw, able := blobs.(RawBlobs); able {
		return raw.OpenRaw(ctx, digest)
	}
	return blobs.Open(ctx, digest)
}
