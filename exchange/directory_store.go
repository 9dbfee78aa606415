package exchange

import "context"

// DirectoryRecords is the part of a transaction that keeps the signed log of the directory; see package exchange/roll.
type DirectoryRecords interface {
	// AddDirectoryRecord keeps a sealed record at its place in the log. A place that is taken is the Conflict
	// directory.moved: somebody else was quicker.
	AddDirectoryRecord(ctx context.Context, index int64, sealed []byte) error
	// DirectoryRecords gives sealed records from a place on, in order, at most so many.
	DirectoryRecords(ctx context.Context, from int64, limit int) ([][]byte, error)
}
