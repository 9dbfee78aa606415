package storage

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"congvan/exchange"
)

// OfficeWord is the word that keeps a search in an office.
var OfficeWord = officeWord

// DocumentWords is what a document is found by, as it is written into the index.
func DocumentWords(document exchange.Document) string {
	return strings.Join(append([]string{officeWord(document.Office)}, documentWords(document)...), " ")
}

// OpenImpatient opens records on PostgreSQL that wait only so long for one statement.
func OpenImpatient(ctx context.Context, dsn string, patience time.Duration) (*Records, error) {
	engine := postgresEngine(dsn)
	engine.patience = patience
	return openRecords(ctx, engine)
}

// LimitTo makes the cache keep at most so many bytes in the records.
func (c *RevocationCache) LimitTo(most int64) { c.most = most }

// OnFlush does something before each flush of a segment, which fails when that fails.
func (f *Folder) OnFlush(do func(file *os.File) error) {
	f.packs.flush = func(file *os.File) error { return errors.Join(do(file), flushData(file)) }
}

// FullAt makes segments be full at so many bytes.
func (f *Folder) FullAt(size int64) { f.packs.full = size }

// FlushData makes the bytes of a file durable.
var FlushData = flushData

// IndexBytes is how much memory the index of the segments takes.
func (f *Folder) IndexBytes() (size int64) {
	for _, table := range f.packs.index.tables {
		size += int64(cap(table.slots)) * 16
	}
	return size
}
