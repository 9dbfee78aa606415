//go:build unix

package storage

import (
	"errors"
	"os"
	"syscall"
)

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	handle, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = handle.Sync()
	if closed := handle.Close(); err == nil {
		err = closed
	}
	return err
}

// holdAlone says whether no other process (nor another Folder of this one) holds the file, and then holds it shared
// until the file is closed.
func holdAlone(file *os.File) bool {
	descriptor := int(file.Fd())
	alone := syscall.Flock(descriptor, syscall.LOCK_EX|syscall.LOCK_NB) == nil
	return alone
}

// share holds the file together with others, until it is closed.
func share(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH)
}

// openAlone opens a file that nobody else has opened so, and holds it until it is closed; errHeld when somebody has.
func openAlone(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags, packMode)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errHeld
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// waitAlone holds the file alone until it is closed, as soon as nobody else does.
func waitAlone(file *os.File) error {
	for {
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
