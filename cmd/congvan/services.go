package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"congvan/exchange"
	"congvan/storage"
)

// store is where files are kept, until it is closed.
type store interface {
	exchange.Blobs
	io.Closer
}

// openBlobs opens where the files are kept: the folder, or an S3 store when an address is given.
func openBlobs(ctx context.Context, folder, address, spool string) (store, error) {
	if shared, found := strings.CutPrefix(address, "folder:"); found {
		folder, address = shared, ""
	}
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
