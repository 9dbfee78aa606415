package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"congvan/exchange"
)

// What another gateway says is read piece by piece and counted, because three bytes of JSON can become an element of a
// hundred: a text within its limit could fill the memory. Each key may come once, and the text must be whole: what two
// programs could read in two ways is refused.

// piece reads one value.
type piece func(decoder *json.Decoder) error

// one reads a value that is bounded by the text it is in.
func one(into any) piece {
	return func(decoder *json.Decoder) error { return decoder.Decode(into) }
}

// object reads an object, each key once. Those that are not known are left unread: a newer gateway may say more.
func object(pieces map[string]piece) piece {
	return func(decoder *json.Decoder) error {
		if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
			return errors.Join(err, errNoObject)
		}
		seen := make(map[string]bool, len(pieces))
		for decoder.More() {
			if err := readKey(decoder, pieces, seen); err != nil {
				return err
			}
		}
		_, err := decoder.Token()
		return err
	}
}

func readKey(decoder *json.Decoder, pieces map[string]piece, seen map[string]bool) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	key, _ := token.(string) // of an object it always is
	read, known := pieces[key]
	if !known {
		return decoder.Decode(new(json.RawMessage))
	}
	if seen[key] {
		return exchange.Errorf(exchange.Invalid, codeRequestInvalid, "%q twice", key)
	}
	seen[key] = true
	if err := read(decoder); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

var errNoObject = errors.New("no object")

// list reads a list of at most so many; more are an error with the code.
func list[T any](into *[]T, most int, code string, read func(*T) piece) piece {
	return func(decoder *json.Decoder) error {
		token, err := decoder.Token()
		if err != nil || token == nil { // null is the empty list
			return err
		}
		if token != json.Delim('[') {
			return errors.New("no list")
		}
		for decoder.More() {
			if len(*into) == most {
				return exchange.Errorf(exchange.Invalid, code, "more than %d", most)
			}
			var next T
			if err := read(&next)(decoder); err != nil {
				return err
			}
			*into = append(*into, next)
		}
		_, err = decoder.Token()
		return err
	}
}

// plain reads an element of a list as it is.
func plain[T any](into *T) piece { return one(into) }

// frameIn reads a frame and holds it to the limits before the next is read.
func frameIn(frame *exchange.Frame) piece {
	read := object(map[string]piece{
		"id": one(&frame.ID), "kind": one(&frame.Kind), "sealed": one(&frame.Sealed),
		"to": list(&frame.To, exchange.MaxRecipients, codeFrameTooLarge, plain),
	})
	return func(decoder *json.Decoder) error {
		if err := read(decoder); err != nil {
			return err
		}
		return checkFrame(*frame)
	}
}

// framesIn reads the frames of one batch.
func framesIn(into *[]exchange.Frame) piece {
	return list(into, exchange.MaxFrames, codeBatchTooLarge, frameIn)
}

// readWhole reads one value and wants nothing behind it.
func readWhole(r io.Reader, read piece) error {
	decoder := json.NewDecoder(r)
	if err := read(decoder); err != nil {
		return err
	}
	switch _, err := decoder.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errors.New("something follows")
}

// decode reads what another gateway asks, from a body that is limited already.
func decode(r io.Reader, read piece) error { return refused(readWhole(r, read)) }

// decodeBefore is decode of a body that goes on behind the text, and gives what follows.
func decodeBefore(r io.Reader, read piece) (behind io.Reader, err error) {
	decoder := json.NewDecoder(r)
	if err := read(decoder); err != nil {
		return nil, refused(err)
	}
	return io.MultiReader(decoder.Buffered(), r), nil
}

// refused makes every error about what another gateway asks one that it is told.
func refused(err error) error {
	if _, coded := errors.AsType[*exchange.Error](err); err == nil || coded {
		return err
	}
	return exchange.Errorf(exchange.Invalid, codeRequestInvalid, "%s", strings.ToValidUTF8(err.Error(), "?"))
}

// bounded is how an answer is read: so many bytes at most.
type bounded struct {
	most int64
	read piece // nil: nothing that is said counts
}

// from reads the answer. A line that breaks meanwhile is no fault of the other gateway; anything else is.
func (a bounded) from(body io.Reader) error {
	limited := &io.LimitedReader{R: body, N: a.most + 1}
	watched := &watchedReader{source: limited}
	var err error
	if a.read == nil {
		_, err = io.Copy(io.Discard, watched)
	} else {
		err = readWhole(watched, a.read)
	}
	switch {
	case limited.N <= 0:
		return exchange.Errorf(exchange.Unavailable, codePeerAnswer, "more than %d bytes", a.most)
	case err == nil:
		return nil
	case watched.err != nil:
		return exchange.Errorf(exchange.Unavailable, codePeerUnreachable, "read the answer: %w", watched.err)
	}
	return exchange.Errorf(exchange.Unavailable, codePeerAnswer, "%s", strings.ToValidUTF8(err.Error(), "?"))
}

// watchedReader remembers why it could not be read on.
type watchedReader struct {
	source io.Reader
	err    error
}

// Read reads on.
func (w *watchedReader) Read(into []byte) (int, error) {
	n, err := w.source.Read(into)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
