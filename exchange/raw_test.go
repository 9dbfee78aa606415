package exchange_test

import (
	"bytes"
	"context"
	"testing"

	"congvan/exchange"
	"congvan/exchange/exchangetest"
	"congvan/signing"
)

// worn is a shelf on which the bytes of files changed; those who compare are told, or find them mended.
type worn struct {
	*exchangetest.Shelf
	mended bool
	raw    *int // how often bytes were given that nobody compared
}

type bare struct{ *bytes.Reader }

func (bare) Close() error { return nil }

func (w worn) OpenRaw(_ context.Context, digest exchange.Digest) (exchange.Blob, error) {
	*w.raw++
	changed := bytes.Clone(w.Blobs()[digest])
	changed[len(changed)/2] ^= 1
	return bare{bytes.NewReader(changed)}, nil
}

func (w worn) Open(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	if !w.mended {
		return nil, exchange.Errorf(exchange.Internal, "blob.damaged", "%s", digest)
	}
	return w.Shelf.Open(ctx, digest)
}

func TestWhatWasJudgedIsWhatTheDigestNames(t *testing.T) {
	t.Parallel()
	for _, mended := range []bool{true, false} {
		w := newWorld(t, straight)
		w.Issue(t, communeNode, commune, district)
		w.Deliver(t)
		raw := 0
		w.Gateways[districtNode].Blobs = worn{w.Shelves[districtNode], mended, &raw}
		w.Judge(t, districtNode)
		judgement := w.Inbox(t, districtNode, district)[0].Judgement
		report, err := judgement.Examined()
		if err != nil || raw != 1 {
			t.Fatalf("read %d times, %v", raw, err)
		}
		if mended && judgement.Verdict != string(signing.Passed) {
			t.Errorf("judged by bytes that changed: %s %s", judgement.Verdict, judgement.Report)
		}
		if !mended && (judgement.Verdict != string(signing.Failed) || report.Error != "blob.damaged") {
			t.Errorf("damaged bytes: %s, %s", judgement.Verdict, report.Error)
		}
	}
}
