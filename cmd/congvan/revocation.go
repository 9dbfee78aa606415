package main

import (
	"context"
	"errors"
	"io"
	"os"

	"congvan/certs"
	"congvan/exchange"
	"congvan/storage"
)

// openFetcher gives the client for revocation data of a gateway, which keeps what it learns with the records.
func (c Config) openFetcher(
	p program, anchors certs.Anchors, records *storage.Records, offline bool,
) (*certs.Fetcher, error) {
	fetcher, err := certs.NewFetcher(certs.Fetching{
		Now: p.now, Anchors: anchors, Cache: storage.NewRevocationCache(records, p.now), Offline: offline,
		Outbound: c.outbound(),
	})
	if err != nil {
		return nil, failure(exchange.Invalid, "config.invalid", "allowed_addresses", err)
	}
	return fetcher, nil
}

// openKept opens the gateway's records for what is kept in them about certificates. The caller closes them.
func (c Config) openKept(
	ctx context.Context, p program, anchors certs.Anchors, offline bool,
) (*certs.Fetcher, io.Closer, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, nil, err
	}
	records, err := storage.OpenRecords(ctx, c.Records)
	if err != nil {
		return nil, nil, err
	}
	fetcher, err := c.openFetcher(p, anchors, records, offline)
	if err != nil {
		return nil, nil, errors.Join(err, records.Close())
	}
	return fetcher, records, nil
}
