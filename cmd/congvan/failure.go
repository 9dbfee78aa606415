package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// failure is an error with the stable code whose sentence the person is shown, and what it is about: a path, an
// address. The cause is shown behind it only where no sentence could say more.
func failure(kind exchange.ErrorKind, code, about string, err error) error {
	if err == nil {
		return exchange.Errorf(kind, code, "%s", about)
	}
	return exchange.Errorf(kind, code, "%s: %w", about, err)
}

func usageError(err error) error { return failure(exchange.Invalid, "usage.wrong", "congvan", err) }

// codeOf finds the stable code of an error, of the domain's or of the machine's own.
func codeOf(err error) string {
	for _, code := range []string{exchange.CodeOf(err), signing.RefusalCode(err), certs.Code(err)} {
		if code != "" && code != "internal" {
			return code
		}
	}
	var network *net.OpError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "port.taken"
	case errors.Is(err, syscall.ENOSPC):
		return "storage.full"
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return "data.read_only"
	case errors.Is(err, fs.ErrNotExist):
		return "file.not_found"
	case errors.As(err, &network):
		return "server.unreachable"
	}
	return "internal"
}

// complain says what went wrong and what to do next: the sentence of the code, then the code and the cause for whoever
// helps.
func (p program) complain(err error) {
	code := codeOf(err)
	fmt.Fprintf(p.err, "%s: %s\n  [%s] %v\n", p.say.word("error"), api.Sentence(code, p.say.lang), code, err)
}
