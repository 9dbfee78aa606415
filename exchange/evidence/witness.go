package evidence

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/hex"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
	"congvan/exchange/checkpoint"
)

// Witness looks at a checkpoint of a neighbour's log: when the log has only grown since this gateway signed last, it
// signs, and what it signed is durable before the answer. When the neighbour does not know what was signed last, the
// answer says so. A log that was rewritten is never signed: it is entered in this gateway's own log with both
// checkpoints, which prove it, and refused. Errors: Denied node.unknown; Invalid checkpoint.too_large; Untrusted
// checkpoint.invalid, checkpoint.forked.
func (n *Notary) Witness(ctx context.Context, from exchange.NodeID, question Question) (Answer, error) {
	if len(question.Checkpoint) > maxNote || len(question.Proof) > maxProof {
		return Answer{}, exchange.Errorf(exchange.Invalid, "checkpoint.too_large", "%d bytes, %d hashes",
			len(question.Checkpoint), len(question.Proof))
	}
	shown, certificate, err := n.open(from, question.Checkpoint)
	if err != nil {
		return Answer{}, err
	}
	answer, forked := Answer{}, error(nil)
	err = n.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		last, err := tx.Witnessed(ctx, from)
		if err != nil && exchange.KindOf(err) != exchange.NotFound {
			return err
		}
		if question.From != last.Size {
			answer, forked = Answer{Size: last.Size, Last: last.Note}, nil
			return nil
		}
		if forked = follows(shown, last, question.Proof); forked != nil {
			return n.alarm(ctx, tx, from, shown, last)
		}
		answer = Answer{}
		if shown.Size == last.Size {
			return nil
		}
		return tx.AddWitnessed(ctx, from, shown)
	})
	if err != nil || forked != nil || answer.Size > 0 {
		return answer, cmp.Or(err, forked)
	}
	answer.Note, err = checkpoint.Countersign(n.Gateway, from, certificate, question.Checkpoint)
	return answer, err
}

// open checks that the checkpoint is signed by the neighbour with a key that the directory has for it.
func (n *Notary) open(from exchange.NodeID, signed []byte) (exchange.Witnessed, *x509.Certificate, error) {
	node, err := n.Gateway.Directory().Node(from)
	if err != nil {
		return exchange.Witnessed{}, nil, exchange.Errorf(exchange.Denied, "node.unknown", "gateway %q", from)
	}
	for _, der := range node.Certificates {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			continue // the directory was checked when it was loaded
		}
		if size, root, err := checkpoint.Open(from, certificate, signed); err == nil {
			return exchange.Witnessed{Size: size, Root: root, Note: signed, At: n.Gateway.Now().UTC()}, certificate, nil
		}
	}
	return exchange.Witnessed{}, nil, exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "not signed by %s", from)
}

// follows says whether the log that is shown has the one that was signed last as its beginning.
func follows(shown, last exchange.Witnessed, proof []tlog.Hash) error {
	fault := func(err error) error {
		return exchange.Errorf(exchange.Untrusted, "checkpoint.forked", "size %d after %d: %v", shown.Size, last.Size, err)
	}
	switch {
	case last.Size == 0:
		return nil
	case shown.Size < last.Size, shown.Size == last.Size && shown.Root != last.Root:
		return fault(nil)
	case shown.Size == last.Size:
		return nil
	}
	newer, err := hashOf(shown.Root)
	if err != nil {
		return fault(err)
	}
	older, err := hashOf(last.Root)
	if err != nil {
		return fault(err)
	}
	if err := tlog.CheckTree(proof, shown.Size, newer, last.Size, older); err != nil {
		return fault(err)
	}
	return nil
}

// alarm keeps both checkpoints, each signed by the gateway that forked its log.
func (n *Notary) alarm(
	ctx context.Context, tx exchange.Tx, from exchange.NodeID, shown, last exchange.Witnessed,
) error {
	_, err := tx.AppendLog(ctx, exchange.Entry{
		At: n.Gateway.Now().UTC(), Act: "checkpoint.forked", Detail: map[string]string{
			"peer": string(from), "size": strconv.FormatInt(shown.Size, 10), "last": strconv.FormatInt(last.Size, 10),
			"note": string(shown.Note), "last_note": string(last.Note),
		},
	})
	return err
}

func hashOf(digest exchange.Digest) (tlog.Hash, error) {
	raw, err := hex.DecodeString(string(digest))
	if err != nil || len(raw) != tlog.HashSize {
		return tlog.Hash{}, exchange.Errorf(exchange.Invalid, "checkpoint.invalid", "root %q", digest)
	}
	return tlog.Hash(raw), nil
}
