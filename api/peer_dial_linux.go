package api

import "syscall"

// userTimeout is TCP_USER_TIMEOUT (RFC 5482), which package syscall does not name on every processor.
const userTimeout = 0x12

// hearSoon sets for how long a connection waits for the other side.
func hearSoon(_, _ string, socket syscall.RawConn) error {
	var fault error
	err := socket.Control(func(descriptor uintptr) {
		fault = syscall.SetsockoptInt(int(descriptor), syscall.IPPROTO_TCP, userTimeout, int(unheardFor.Milliseconds()))
	})
	if err == nil {
		err = fault
	}
	return err
}
