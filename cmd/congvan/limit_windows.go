package main

// limitMemory does nothing where only the collector's own limit holds.
func limitMemory(uint64) error { return nil }
