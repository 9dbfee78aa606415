package outgoing_test

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
	"congvan/signing"
	"congvan/storage"
)

// counting counts what is read of blobs, while nobody examines.
type counting struct {
	*storage.Folder
	examining atomic.Bool
	read      atomic.Int64
}

func (c *counting) Open(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	blob, err := c.Folder.Open(ctx, digest)
	return countedBlob{blob, c}, err
}

type countedBlob struct {
	exchange.Blob
	by *counting
}

func (b countedBlob) ReadAt(p []byte, offset int64) (int, error) {
	n, err := b.Blob.ReadAt(p, offset)
	if !b.by.examining.Load() {
		b.by.read.Add(int64(n))
	}
	return n, err
}

// looking examines, and is not counted.
type looking struct {
	exchange.Examiner
	at *counting
}

func (l looking) Examine(ctx context.Context, file io.ReaderAt, size int64, at time.Time) (signing.Report, error) {
	l.at.examining.Store(true)
	defer l.at.examining.Store(false)
	return l.Examiner.Examine(ctx, file, size, at)
}

// largePDF is a page with so many bytes of stuffing.
func largePDF(size int) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	offsets := make([]int, 0, 4)
	for i, object := range []string{
		"<</Type/Catalog/Pages 2 0 R/Stuffing 4 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
		fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", size, bytes.Repeat([]byte("congvan "), size/8)),
	} {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := out.Len()
	out.WriteString("xref\n0 5\n0000000000 65535 f\r\n")
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n\r\n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF\n", start)
	return out.Bytes()
}

// inFolder is the gateway of the commune with its bytes in a folder.
func inFolder(t *testing.T) (*exchange.Gateway, *storage.Folder) {
	t.Helper()
	folder, err := storage.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	gateway := newWorld(t).Gateways[CommuneNode]
	gateway.Blobs = folder
	return gateway, folder
}

func TestSigningALargeFileReadsOnlyItsStructure(t *testing.T) {
	t.Parallel()
	gateway, folder := inFolder(t)
	blobs := &counting{Folder: folder}
	gateway.Blobs, gateway.Examiner = blobs, looking{gateway.Examiner, blobs}
	original := largePDF(8 << 20)
	document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), Draft(Province), bytes.NewReader(original))
	if err != nil {
		t.Fatal(err)
	}
	blobs.read.Store(0)
	if _, err := Desk(gateway).Sign(t.Context(), Leader(Commune), document.ID); err != nil || blobs.read.Load() > 1<<20 {
		t.Errorf("sign: %d bytes were read of %d: %v", blobs.read.Load(), len(original), err)
	}
	blobs.read.Store(0)
	sealed, err := Desk(gateway).Seal(t.Context(), Clerk(Commune), document.ID)
	if err != nil || blobs.read.Load() > 1<<20 {
		t.Errorf("seal: %d bytes were read: %v", blobs.read.Load(), err)
	}
	if err := blobs.Verify(t.Context(), sealed.Current().Digest); err != nil {
		t.Error(err)
	}
}

func TestAWrongHashStateIsNotUsed(t *testing.T) {
	t.Parallel()
	gateway, folder := inFolder(t)
	document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), Draft(Province), bytes.NewReader(largePDF(2<<20)))
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := signing.Midstates(t.Context(), bytes.NewReader([]byte("other bytes")))
	if err != nil {
		t.Fatal(err)
	}
	gateway.Records = lying{gateway.Records, exchange.Midstates{crypto.SHA256: other[crypto.SHA256]}}
	signed, err := Desk(gateway).Sign(t.Context(), Leader(Commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Verify(t.Context(), signed.Current().Digest); err != nil {
		t.Error(err)
	}
}

// lying records give another state than was kept.
type lying struct {
	exchange.Records
	states exchange.Midstates
}

func (l lying) View(ctx context.Context, fn func(tx exchange.Tx) error) error {
	return l.Records.View(ctx, func(tx exchange.Tx) error { return fn(lyingTx{tx, l.states}) })
}

type lyingTx struct {
	exchange.Tx
	states exchange.Midstates
}

func (l lyingTx) Midstates(context.Context, exchange.Digest) (exchange.Midstates, error) {
	return l.states, nil
}
