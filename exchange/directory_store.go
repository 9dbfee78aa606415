package exchange

import (
	"context"
	"time"
)

// DirectoryRecords is the part of a transaction that keeps the signed log of the directory; see package exchange/roll.
type DirectoryRecords interface {
	// AddDirectoryRecord keeps a sealed record at its place in the log. A place that is taken is the Conflict
	// directory.moved: somebody else was quicker.
	AddDirectoryRecord(ctx context.Context, index int64, sealed []byte) error
	// DirectoryRecords gives sealed records from a place on, in order, at most so many.
	DirectoryRecords(ctx context.Context, from int64, limit int) ([][]byte, error)
}

// RegisterRecords is the part of a transaction that closes the books of offices that have ended; see package
// exchange/closing.
type RegisterRecords interface {
	// OpenRegisters lists the registers of all offices in which a number was taken and which were not closed, with the
	// last number of each.
	OpenRegisters(ctx context.Context) ([]BookEnd, error)
	// CloseRegister records that a register was closed with its last number. Asked again it changes nothing; added says
	// that it was not closed before.
	CloseRegister(ctx context.Context, end BookEnd) (added bool, err error)
}

// BookEnd is a register with the last number that was taken in it, and when it was closed.
type BookEnd struct {
	Register Register
	Last     int
	At       time.Time // UTC
}
