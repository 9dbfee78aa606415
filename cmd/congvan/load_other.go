//go:build !linux

package main

// freeShare is the share of the disk under a folder that we may still write; 1 where that is not known.
func freeShare(string) float64 { return 1 }
