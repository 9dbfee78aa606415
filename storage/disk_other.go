//go:build !linux

package storage

import "os"

// flushData makes the bytes of a file durable.
func flushData(file *os.File) error { return file.Sync() }
