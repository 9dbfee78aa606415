package api

import (
	"context"
	"net"
	"time"
)

// dialAgain is how long a call for a connection waits for an answer before another is made beside it: a line that is
// back is used at once, where the operating system would ask again only after twice as long each time.
const dialAgain = time.Second

// unheardFor is how long bytes may be on their way without a word from the other side before a connection counts as
// dead, where the operating system tells. A slow line says something in that time; one that was cut does not, and the
// connection would stay silent for as long again after it is back.
const unheardFor = 4 * time.Second

// dialPeer connects to another gateway, and gives the first connection that comes about.
func dialPeer(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	dialer := net.Dialer{Control: hearSoon}
	type result struct {
		conn net.Conn
		err  error
	}
	results, open := make(chan result), 0
	call := func() {
		open++
		go func() {
			conn, err := dialer.DialContext(ctx, network, address)
			results <- result{conn, err}
		}()
	}
	defer func() { // whoever comes later is not needed any more
		cancel()
		for range open {
			if late := <-results; late.conn != nil {
				_ = late.conn.Close()
			}
		}
	}()
	ticker := time.NewTicker(dialAgain)
	defer ticker.Stop()
	call()
	for {
		select {
		case <-ticker.C:
			call()
		case first := <-results:
			open--
			if first.err == nil || open == 0 {
				return first.conn, first.err
			}
		}
	}
}
