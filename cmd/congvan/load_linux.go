package main

import "syscall"

// freeShare is the share of the disk under a folder that we may still write; 1 where that is not known.
func freeShare(folder string) float64 {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil || disk.Blocks == 0 {
		return 1
	}
	return float64(disk.Bavail) / float64(disk.Blocks)
}
