package storage

import (
	"errors"
	"os"
	"syscall"
)

// flushData makes the bytes of a file and its length durable, and leaves out its times.
func flushData(file *os.File) error {
	for {
		err := syscall.Fdatasync(int(file.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
