package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"congvan/exchange"
)

// manyOwed is how many messages are owed to a gateway that answers, but never takes anything.
const manyOwed = 100_000

// held counts what is read at once for one gateway, and is the line to it, which is cut in the middle of every batch.
type held struct {
	exchange.Records
	mutex sync.Mutex
	// batches, deliveries, frames and bytes are guarded by mutex; all but the first are the most at once.
	batches, deliveries, frames, bytes int
}

// View hands out a transaction that is counted.
func (h *held) View(ctx context.Context, fn func(tx exchange.Tx) error) error {
	return h.Records.View(ctx, func(tx exchange.Tx) error { return fn(&heldTx{Tx: tx, held: h}) })
}

// Carry takes a greeting, and loses everything else.
func (h *held) Carry(
	_ context.Context, _ exchange.Node, frames []exchange.Frame, _ []exchange.Digest,
) ([]exchange.Answer, error) {
	if len(frames) == 0 {
		return nil, nil
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.batches++
	h.frames = max(h.frames, len(frames))
	return nil, exchange.Errorf(exchange.Unavailable, "peer.unreachable", "the line was cut")
}

type heldTx struct {
	exchange.Tx
	held  *held
	bytes int
}

// Owed counts the deliveries that are listed.
func (t *heldTx) Owed(ctx context.Context, node exchange.NodeID, limit int) ([]exchange.Delivery, error) {
	owed, err := t.Tx.Owed(ctx, node, limit)
	t.held.mutex.Lock()
	defer t.held.mutex.Unlock()
	t.held.deliveries = max(t.held.deliveries, len(owed))
	return owed, err
}

// Message counts the bytes that are read in this transaction.
func (t *heldTx) Message(ctx context.Context, id exchange.MessageID) (exchange.Message, error) {
	message, err := t.Tx.Message(ctx, id)
	t.bytes += len(message.Sealed)
	t.held.mutex.Lock()
	defer t.held.mutex.Unlock()
	t.held.bytes = max(t.held.bytes, t.bytes)
	return message, err
}

func TestWhatIsHeldForAGatewayThatTakesNothingIsBounded(t *testing.T) {
	t.Parallel()
	p := program{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: os.Getenv, now: time.Now}
	cast := places()[:2]
	cast[0].rsa, cast[1].above = false, nil
	world, err := buildWorld(t.Context(), p, t.TempDir(), "", cast)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = world.close() }()
	config, err := loadConfig(world.configs["commune"])
	if err != nil {
		t.Fatal(err)
	}
	node, err := openNode(t.Context(), p, config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(config.Data, "congvan.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		"pragma synchronous = off", "begin",
		fmt.Sprintf("create temp table n as with recursive c (n) as (select 1 union all select n + 1 from c where n < %d) "+
			"select n from c", manyOwed),
		"insert into message (id, kind, origin, sealed, at) " +
			"select 'M' || n, 'receipt', 'commune', zeroblob(case when n between 6 and 25 then 700000 else 600 end), n from n",
		"insert into delivery (id, message, to_office, node, lane, at) " +
			"select n, 'M' || n, 'huyen-hai-hau', 'district', 0, n from n",
		"insert into owed (node, rank, delivery) select 'district', 0, n from n", "commit",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}

	counted := &held{Records: node.gateway.Records}
	node.gateway.Records, node.gateway.Carrier = counted, counted
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- node.run(ctx) }()
	until(t, "three batches were tried", func() bool {
		counted.mutex.Lock()
		defer counted.mutex.Unlock()
		return counted.batches >= 3
	})
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	var owed int
	err = db.QueryRowContext(context.Background(), "select count(*) from owed").Scan(&owed)
	if err != nil || owed != manyOwed {
		t.Errorf("%d of %d are owed still, %v", owed, manyOwed, err)
	}
	if err := node.close(); err != nil {
		t.Error(err)
	}
	t.Logf("at most %d deliveries, %d frames and %d bytes at once", counted.deliveries, counted.frames, counted.bytes)
	const listed = 4096 + 3*exchange.MaxFrames // deliveries that are looked at for one batch, those of the others beside
	if counted.deliveries > listed || counted.frames > exchange.MaxFrames || counted.frames < 2 ||
		counted.bytes < exchange.MaxBatch/2 || counted.bytes > exchange.MaxBatch+exchange.MaxSealed {
		t.Errorf("at most %d deliveries, %d frames and %d bytes at once", counted.deliveries, counted.frames, counted.bytes)
	}
}
