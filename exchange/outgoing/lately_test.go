package outgoing_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
	"congvan/signing"
)

// counted counts examinations.
type counted struct {
	exchange.Examiner
	count *atomic.Int64
}

func (c counted) Examine(
	ctx context.Context, file io.ReaderAt, size int64, at time.Time,
) (signing.Report, error) {
	c.count.Add(1)
	return c.Examiner.Examine(ctx, file, size, at)
}

func TestALetterIsExaminedOnceWhenItIsSealedAtOnce(t *testing.T) {
	t.Parallel()
	letter := PDF(t)
	signed, err := signing.SignPDF(t.Context(), bytes.NewReader(letter), int64(len(letter)), signing.Order{
		Identity: People(t).Leaders[Commune], Level: signing.LevelB, At: Noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	letter = slices.Concat(letter, signed.Tail)
	for _, test := range []struct {
		after time.Duration
		want  int64
	}{{0, 1}, {59 * time.Second, 1}, {61 * time.Second, 2}, {-time.Second, 2}} {
		var count atomic.Int64
		w := newWorld(t)
		gateway := w.Gateways[CommuneNode]
		gateway.Examiner = counted{gateway.Examiner, &count}
		document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), Draft(Province), bytes.NewReader(letter))
		if err != nil {
			t.Fatal(err)
		}
		w.Now = func() time.Time { return Noon.Add(test.after) }
		if _, err := Desk(gateway).Seal(t.Context(), Clerk(Commune), document.ID); err != nil {
			t.Fatal(err)
		}
		if count.Load() != test.want {
			t.Errorf("sealed %v after it was handed in: examined %d times, want %d", test.after, count.Load(), test.want)
		}
	}
}

// opened counts the blobs that are opened.
type opened struct {
	exchange.Blobs
	count *atomic.Int64
}

func (o opened) Open(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	o.count.Add(1)
	return o.Blobs.Open(ctx, digest)
}

func TestALetterIsNotReadBackWhileItIsHandedIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what     string
		stuffing int
		want     int64
	}{{"a letter", 32 << 10, 0}, {"a large file", exchange.LargeFile, 1}} {
		letter := largePDF(test.stuffing)
		signed, err := signing.SignPDF(t.Context(), bytes.NewReader(letter), int64(len(letter)), signing.Order{
			Identity: People(t).Leaders[Commune], Level: signing.LevelB, At: Noon,
			Appearance: &signing.Appearance{Page: 1, X: 120, Y: 40, Width: 40, Height: 20, Lines: []string{"An"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		letter = slices.Concat(letter, signed.Tail)
		var count atomic.Int64
		w := newWorld(t)
		gateway := w.Gateways[CommuneNode]
		gateway.Blobs = opened{gateway.Blobs, &count}
		document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), Draft(Province), bytes.NewReader(letter))
		if err != nil {
			t.Fatal(err)
		}
		if count.Load() != test.want {
			t.Errorf("%s: opened %d times, want %d", test.what, count.Load(), test.want)
		}
		if !document.Has(exchange.StepSigned) || document.Placement == nil || int(document.Placement.X) != 120 {
			t.Errorf("%s: %s, signed at %+v", test.what, document.Step(), document.Placement)
		}
		if kept := w.bytes(t, document.Current().Digest); !bytes.Equal(kept, letter) {
			t.Errorf("%s: kept %d bytes of %d", test.what, len(kept), len(letter))
		}
	}
}
