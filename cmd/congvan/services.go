package main

import (
	"context"
	"errors"
	"io"
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
	"congvan/storage"
)

// examiner judges as this gateway does: its anchors, its sources of revocation.
type examiner struct {
	anchors certs.Anchors
	fetcher *certs.Fetcher
}

// Examine judges a file as at a moment. A revocation status that cannot be learnt makes it indeterminate.
func (e examiner) Examine(ctx context.Context, file io.ReaderAt, size int64, at time.Time) (signing.Report, error) {
	return signing.Examine(ctx, file, size, signing.Policy{
		At: at, Anchors: e.anchors, Revocation: e.fetcher, RequireRevocation: true,
	})
}

// openBlobs opens where the files are kept: the folder, or an S3 store when an address is given.
func openBlobs(ctx context.Context, folder, address, spool string) (exchange.Blobs, error) {
	if address == "" {
		return storage.OpenFolder(folder)
	}
	settings, err := storage.ParseS3URL(address)
	if err != nil {
		return nil, err
	}
	settings.Spool = spool
	return storage.OpenS3(ctx, settings)
}

// closeAll closes what can be closed, last first, and joins what goes wrong.
func closeAll(all []io.Closer) error {
	var err error
	for i := len(all) - 1; i >= 0; i-- {
		err = errors.Join(err, all[i].Close())
	}
	return err
}

// done closes what was only read: nothing can be lost.
func done(reader io.Closer) { _ = reader.Close() }
