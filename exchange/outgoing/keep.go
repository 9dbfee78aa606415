package outgoing

import (
	"bytes"
	"cmp"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// KeepBytes puts bytes, any or the wanted ones; of many it keeps the state of the SHA-256, so that signing them reads
// only what it needs.
func (d Desk) KeepBytes(
	ctx context.Context, r io.Reader, want exchange.Digest, limit int64,
) (exchange.Digest, int64, error) {
	from := &summed{Reader: r}
	digest, size, err := d.Gateway.Blobs.Put(ctx, from, want, limit)
	if err != nil || size < exchange.LargeFile || from.state == nil {
		return digest, size, err
	}
	return digest, size, d.keepMidstates(ctx, digest, exchange.Midstates{crypto.SHA256: from.state})
}

type summed struct {
	io.Reader
	state []byte
}

// Summed keeps the state.
func (s *summed) Summed(state []byte) { s.state = state }

func (d Desk) keepMidstates(ctx context.Context, digest exchange.Digest, states exchange.Midstates) error {
	return d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error { return tx.AddMidstates(ctx, digest, states) })
}

// keepExtended keeps the signed file: the old bytes, which stay its first bytes, and the tail.
func (d Desk) keepExtended(
	ctx context.Context, blob exchange.Blob, of exchange.Digest, signed signing.Signed,
) (exchange.Digest, error) {
	want := exchange.Digest(hex.EncodeToString(signed.SHA256[:]))
	extender, able := d.Gateway.Blobs.(exchange.Extender)
	switch {
	case signed.Size > d.Gateway.MaxFile:
		return "", exchange.Errorf(exchange.Invalid, "blob.too_large", "%d bytes, at most %d", signed.Size, d.Gateway.MaxFile)
	case able && blob.Size() >= exchange.LargeFile:
		extension := exchange.Extension{Of: of, Tail: signed.Tail, Digest: want, Size: signed.Size}
		if err := extender.Extend(ctx, extension); err != nil {
			return "", err
		}
	default:
		_, size, err := d.Gateway.Blobs.Put(ctx, signed.Reader(blob, blob.Size()), want, d.Gateway.MaxFile)
		if err != nil {
			return "", err
		}
		if size != signed.Size {
			return "", exchange.Errorf(exchange.Internal, "internal", "%s extends %s to %d bytes", want, of, size)
		}
	}
	if blob.Size() < exchange.LargeFile {
		return want, nil
	}
	return want, d.keepMidstates(ctx, want, signed.Midstates)
}

// keepTail keeps the file with a tail behind it.
func (d Desk) keepTail(
	ctx context.Context, file exchange.File, blob exchange.Blob, tail []byte,
) (exchange.File, error) {
	longer := func() io.Reader {
		return io.MultiReader(io.NewSectionReader(blob, 0, blob.Size()), bytes.NewReader(tail))
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, longer()); err != nil {
		return exchange.File{}, exchange.Errorf(exchange.Unavailable, "storage.unavailable", "read %s: %w", file.Digest, err)
	}
	want := exchange.Digest(hex.EncodeToString(hash.Sum(nil)))
	digest, size, err := d.Gateway.Blobs.Put(ctx, longer(), want, d.Gateway.MaxFile)
	return exchange.File{Name: file.Name, MediaType: file.MediaType, Digest: digest, Size: size}, err
}

// stamped wants the signature to have its time stamp: without proof of its time it is worth little once the certificate
// has ended.
func stamped(signed signing.Signed) error {
	if signed.Pending == "" || signed.Level != signing.LevelB {
		return nil
	}
	return exchange.Errorf(exchange.Unavailable, cmp.Or(certs.Code(signed.Owed), "timestamp.unavailable"),
		"level %s: %w", signed.Pending, signed.Owed)
}

// KeepStamped stores what was signed, when it has its time stamp; of a file that needed nothing more it gives the file.
func (d Desk) KeepStamped(
	ctx context.Context, blob exchange.Blob, file exchange.File, signed signing.Signed,
) (exchange.File, error) {
	if err := stamped(signed); err != nil || len(signed.Tail) == 0 {
		return file, err
	}
	return d.keepSigned(ctx, blob, file, signed)
}

// keepSigned stores the signed file: the old bytes with the tail.
func (d Desk) keepSigned(
	ctx context.Context, blob exchange.Blob, file exchange.File, signed signing.Signed,
) (exchange.File, error) {
	digest, err := d.keepExtended(ctx, blob, file.Digest, signed)
	if err != nil {
		return exchange.File{}, err
	}
	return exchange.File{Name: file.Name, MediaType: file.MediaType, Digest: digest, Size: signed.Size}, nil
}
