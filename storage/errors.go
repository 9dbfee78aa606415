package storage

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"congvan/exchange"
)

// Codes of failed stores that are common to all engines.
const (
	codeUnavailable = "storage.unavailable"
	codeFull        = "storage.full"
	codeReadOnly    = "storage.read_only"
	codeDamaged     = "storage.damaged"
	codeDSN         = "storage.dsn"
)

// failed makes an Error of what a file system or a network said. An Error stays what it is.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*exchange.Error](err); ok {
		return err
	}
	return exchange.Errorf(exchange.Unavailable, codeOf(err), "%s: %w", doing, err)
}

func codeOf(err error) string {
	switch {
	case isFull(err):
		return codeFull
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return codeReadOnly
	default:
		return codeUnavailable
	}
}

// stopped is the Error of a caller who gave up before anything was written.
func stopped(ctx context.Context, doing string) error {
	return failed(doing, context.Cause(ctx))
}

func notFound(code string, id any) error {
	return &exchange.Error{Kind: exchange.NotFound, Code: code, Err: fmt.Errorf("no %v", id)}
}

func conflict(code string, id any) error {
	return &exchange.Error{Kind: exchange.Conflict, Code: code, Err: fmt.Errorf("%v", id)}
}
