package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// fill writes until nothing more fits on the disk, and gives the way to make room again.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0 && err == nil; {
		if _, err = file.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size, err = size/2, nil
		}
	}
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// The disk of a gateway, with its records and its files, fills up while documents travel: the receiver says that it has
// no room, the sender that it cannot issue; when there is room again everything goes on, and nothing was lost or
// doubled.
func TestADiskThatIsFullAtEitherEndHoldsUpAndLosesNothing(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	mount(t, disk, "size=64m")
	s := newStorm(t, func(config *Config) {
		config.Data, config.Records = disk, "sqlite:"+filepath.Join(disk, "congvan.db")
	})
	var empty func()
	full := func() { empty = fill(t, disk) }
	s.during("a full disk at the receiver", full, func() { empty() })
	s.from, s.to = s.to, s.from
	s.during("a full disk at the sender", full, func() { empty() })
	s.settle()
}
