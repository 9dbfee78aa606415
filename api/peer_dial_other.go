//go:build !linux

package api

import "syscall"

// hearSoon leaves it to the pings of HTTP/2 to find a dead connection.
func hearSoon(_, _ string, _ syscall.RawConn) error { return nil }
