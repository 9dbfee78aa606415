package storage

import (
	"errors"
	"os"
	"syscall"
)

// syncDir does nothing: NTFS journals names itself and has no handle to flush them by.
func syncDir(string) error { return nil }

// holdAlone is always true: Windows refuses to remove a file that somebody has open, so sweeping is harmless.
func holdAlone(*os.File) bool { return true }

func share(*os.File) error { return nil }

const errorSharingViolation = syscall.Errno(32)

// openAlone opens a file that nobody else has opened for writing, and keeps others from it until it is closed; errHeld
// when somebody has.
func openAlone(path string, flags int) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	how := uint32(syscall.OPEN_EXISTING)
	if flags&os.O_CREATE != 0 {
		how = syscall.CREATE_NEW
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, syscall.FILE_SHARE_READ, nil,
		how, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errorSharingViolation) {
		return nil, errHeld
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// waitAlone does nothing: Windows appends the writes of several programs one after the other.
func waitAlone(*os.File) error { return nil }
