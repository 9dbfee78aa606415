package main

import (
	"bufio"
	"encoding/gob"
	"io"
)

// pipe is one end of the pipes between a worker and its parent: small values by gob, large pieces of bytes behind them
// as they are. What is sent leaves at once.
type pipe struct {
	in    *bufio.Reader
	out   *bufio.Writer
	read  *gob.Decoder
	write *gob.Encoder
}

// pipeBuffer holds a letter of the usual size with what goes with it: one call of the operating system each way.
const pipeBuffer = 64 << 10

func newPipe(in io.Reader, out io.Writer) *pipe {
	p := &pipe{in: bufio.NewReaderSize(in, pipeBuffer), out: bufio.NewWriterSize(out, pipeBuffer)}
	p.read, p.write = gob.NewDecoder(p.in), gob.NewEncoder(p.out)
	return p
}

// send sends a value, and the bytes that the value announces.
func (p *pipe) send(value any, bytes []byte) error {
	if err := p.write.Encode(value); err != nil {
		return err
	}
	if _, err := p.out.Write(bytes); err != nil {
		return err
	}
	return p.out.Flush()
}

// receive receives a value.
func (p *pipe) receive(value any) error { return p.read.Decode(value) }

// receiveBytes receives so many bytes behind a value.
func (p *pipe) receiveBytes(n int) ([]byte, error) {
	bytes := make([]byte, n)
	_, err := io.ReadFull(p.in, bytes)
	return bytes, err
}
