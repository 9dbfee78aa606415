package evidence

import (
	"context"
	"crypto"
	"crypto/sha256"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
	"congvan/exchange/checkpoint"
)

const (
	// mostWitnesses is how many neighbours are asked: the uplink and some of those below. Three that would have to
	// conspire are enough, and a ministry has three thousand neighbours.
	mostWitnesses = 3
	// witnessPatience is how long one of them may take.
	witnessPatience = 10 * time.Second
	maxProof        = 64 // hashes: a log of 2^64 leaves needs no more
	maxNote         = 16 << 10
)

// Question asks a neighbour to sign a checkpoint as its witness.
type Question struct {
	Checkpoint []byte      `json:"checkpoint"` // signed by the gateway that asks
	From       int64       `json:"from"`       // the size that the neighbour is thought to have signed last
	Proof      []tlog.Hash `json:"proof"`      // that the log of size From is the beginning of this one
}

// Answer is the neighbour's answer: its signature, or the size that it has really signed last.
type Answer struct {
	Note []byte `json:"note,omitempty"` // the checkpoint with the neighbour's signature
	Size int64  `json:"size,omitempty"` // what the neighbour has signed last, when Question.From was wrong
	Last []byte `json:"last,omitempty"` // the checkpoint of that size, as the asking gateway had signed it
}

// Line brings a question to another gateway. An error means that the gateway could not be reached or would not sign.
type Line interface {
	Countersign(ctx context.Context, to exchange.Node, question Question) (Answer, error)
}

// Notary (công chứng nhật ký) has the log of one gateway endorsed, is a witness for the logs of its neighbours, and
// exports evidence. Its fields are set once, before use; all methods may be called by several goroutines.
type Notary struct {
	Gateway *exchange.Gateway
	Line    Line // to the neighbours; nil: nobody is asked
}

// Run endorses the log at once and then every so often until ctx ends, when there is something new in it.
func (n *Notary) Run(ctx context.Context, every time.Duration) {
	exchange.Every(ctx, every, func() {
		if !n.Gateway.Owns("endorse") { // two checkpoints at once would look as if the log had been rolled back
			return
		}
		_, err := n.Endorse(ctx)
		if err != nil && ctx.Err() == nil && exchange.KindOf(err) != exchange.NotFound { // an empty log is no error
			n.Gateway.Log.LogAttrs(ctx, slog.LevelError, "cannot endorse the log", slog.Any("error", err))
		}
	})
}

// Endorse has the log as it stands signed by this gateway and its neighbours, and stamped, and records that. Neighbours
// that cannot be reached and authorities that do not answer are left out and asked the next time. When nothing was
// added since the last time and nothing is missing, it gives what is there. An empty log is not endorsed: NotFound
// log.not_endorsed. Error: Conflict checkpoint.rolled_back when a neighbour shows a later checkpoint of ours.
func (n *Notary) Endorse(ctx context.Context) (exchange.Endorsement, error) {
	g := n.Gateway
	last, size, err := n.standing(ctx)
	if err != nil {
		return exchange.Endorsement{}, err
	}
	if size == 0 {
		return exchange.Endorsement{}, exchange.Errorf(exchange.NotFound, "log.not_endorsed", "the log is empty")
	}
	if last.Size == size && n.complete(last) {
		return last, nil
	}
	signed, err := checkpoint.Of(ctx, g)
	if err != nil {
		return exchange.Endorsement{}, err
	}
	size, _, err = checkpoint.Open(g.Node, g.Identity.Certificate, signed)
	if err != nil {
		return exchange.Endorsement{}, err
	}
	noted, err := n.gather(ctx, signed, size, last.Size)
	if err != nil {
		return exchange.Endorsement{}, err
	}
	made := exchange.Endorsement{Size: size, Note: noted, Stamp: n.stamp(ctx, noted), At: g.Now().UTC()}
	err = g.Records.Update(ctx, func(tx exchange.Tx) error { return tx.AddEndorsement(ctx, made) })
	return made, err
}

// standing gives the newest endorsement, zero when there is none, and the size of the log.
func (n *Notary) standing(ctx context.Context) (last exchange.Endorsement, size int64, err error) {
	err = n.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		if size, _, err = tx.LogHead(ctx); err != nil {
			return err
		}
		if last, err = tx.Endorsement(ctx); exchange.KindOf(err) == exchange.NotFound {
			return nil
		}
		return err
	})
	return last, size, err
}

func (n *Notary) complete(last exchange.Endorsement) bool {
	if len(last.Stamp) == 0 && n.Gateway.Stamper != nil {
		return false
	}
	head, err := checkpoint.OpenWitnessed(n.Gateway.Directory().Nodes(), n.Gateway.Node, last.Note)
	return err == nil && len(head.Witnesses) >= len(n.neighbours())
}

// neighbours are those whose signatures are asked for: the uplink first.
func (n *Notary) neighbours() []exchange.Node {
	if n.Line == nil {
		return nil
	}
	directory := n.Gateway.Directory()
	own, err := directory.Node(n.Gateway.Node)
	if err != nil {
		return nil
	}
	var uplink, below []exchange.Node
	for _, node := range directory.Nodes() {
		switch {
		case node.ID == own.Uplink:
			uplink = append(uplink, node)
		case node.Uplink == own.ID:
			below = append(below, node)
		}
	}
	all := slices.Concat(uplink, below)
	return all[:min(len(all), mostWitnesses)]
}

// gather asks the neighbours for their signatures and puts those that came under the checkpoint.
func (n *Notary) gather(ctx context.Context, signed []byte, size, from int64) ([]byte, error) {
	gathered := signed
	for _, neighbour := range n.neighbours() {
		note, err := n.ask(ctx, neighbour, signed, size, min(from, size))
		switch {
		case exchange.CodeOf(err) == "checkpoint.rolled_back":
			return nil, err
		case err != nil:
			n.Gateway.Log.LogAttrs(ctx, slog.LevelWarn, "no witness", slog.String("peer", string(neighbour.ID)),
				slog.Any("error", err))
			continue
		}
		gathered = checkpoint.Merge(gathered, note)
	}
	return gathered, nil
}

// ask asks one neighbour, and once more when it has signed another size last than was thought.
func (n *Notary) ask(
	ctx context.Context, neighbour exchange.Node, signed []byte, size, from int64,
) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, witnessPatience)
	defer cancel()
	for range 2 {
		proof, err := n.extends(ctx, size, from)
		if err != nil {
			return nil, err
		}
		answer, err := n.Line.Countersign(ctx, neighbour, Question{Checkpoint: signed, From: from, Proof: proof})
		if err != nil {
			return nil, err
		}
		if len(answer.Note) > 0 {
			return n.accept(neighbour, signed, answer.Note)
		}
		if answer.Size > size {
			return nil, n.rolledBack(neighbour, size, answer)
		}
		from = max(answer.Size, 0)
	}
	return nil, exchange.Errorf(exchange.Unavailable, "checkpoint.unsettled", "%s changes its mind", neighbour.ID)
}

// accept wants the neighbour's own signature under our text, and keeps nothing else of its answer.
func (n *Notary) accept(neighbour exchange.Node, signed, note []byte) ([]byte, error) {
	merged := checkpoint.Merge(signed, note)
	own, err := n.Gateway.Directory().Node(n.Gateway.Node)
	if err != nil {
		return nil, err
	}
	head, err := checkpoint.OpenWitnessed([]exchange.Node{own, neighbour}, own.ID, merged)
	if err != nil || !slices.Contains(head.Witnesses, neighbour.ID) {
		return nil, exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "answer of %s: %v", neighbour.ID, err)
	}
	return merged, nil
}

// rolledBack says that this gateway has signed a larger log than it has now: its records were put back to an older
// state. The neighbour must show our own signature.
func (n *Notary) rolledBack(neighbour exchange.Node, size int64, answer Answer) error {
	own, err := n.Gateway.Directory().Node(n.Gateway.Node)
	if err != nil {
		return err
	}
	shown, err := checkpoint.OpenWitnessed([]exchange.Node{own}, own.ID, answer.Last)
	if err != nil || shown.Size <= size {
		return exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "%s claims size %d: %v",
			neighbour.ID, answer.Size, err)
	}
	return exchange.Errorf(exchange.Conflict, "checkpoint.rolled_back",
		"%s has a checkpoint of ours of size %d, the log has %d", neighbour.ID, shown.Size, size)
}

// extends proves that the log of size from is the beginning of that of size.
func (n *Notary) extends(ctx context.Context, size, from int64) ([]tlog.Hash, error) {
	if from == 0 || from == size {
		return nil, nil
	}
	var proof []tlog.Hash
	err := n.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		proof, err = tlog.ProveTree(size, from, reader(ctx, tx))
		return err
	})
	return proof, err
}

func (n *Notary) stamp(ctx context.Context, note []byte) []byte {
	if n.Gateway.Stamper == nil {
		return nil
	}
	sum := sha256.Sum256(note)
	token, err := n.Gateway.Stamper.Stamp(ctx, crypto.SHA256, sum[:])
	if err != nil {
		n.Gateway.Log.LogAttrs(ctx, slog.LevelWarn, "the log is not stamped", slog.Any("error", err))
		return nil
	}
	return token
}

// reader reads hashes of the log in a transaction.
func reader(ctx context.Context, tx exchange.Tx) tlog.HashReader {
	return tlog.HashReaderFunc(func(ids []int64) ([]tlog.Hash, error) { return tx.LogHashes(ctx, ids) })
}
