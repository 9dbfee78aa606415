//go:build unix

package main

import "syscall"

// limitMemory makes the operating system end this process when it takes more data memory, and keeps it from leaving
// core files.
func limitMemory(bytes uint64) error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return err
	}
	return syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes})
}
