// Package checkpoint answers: how does a gateway sign the state of its log, and how is such a statement checked?
//
// A checkpoint is a note as of golang.org/x/mod/sumdb/note whose text is "congvan/" and the gateway's id, the size of
// the log, and its root in base64. Others may sign the same text as witnesses. Whether one log extends another is not
// asked here: see package exchange/evidence.
package checkpoint

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"congvan/certs"
	"congvan/exchange"
)

// Of gives the size and root of the gateway's log, signed by the gateway. Who keeps one can prove later that nothing
// before it was changed.
func Of(ctx context.Context, gateway *exchange.Gateway) ([]byte, error) {
	var size int64
	var root exchange.Digest
	err := gateway.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		size, root, err = tx.LogHead(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return Sign(gateway.Node, gateway.Identity, size, root)
}

// Sign signs the size and root of a log as its origin, as [Of] does for a gateway's own; [Open] checks it. A log that
// is not a gateway's has an origin with a slash in it, which no gateway has.
func Sign(origin exchange.NodeID, identity certs.Identity, size int64, root exchange.Digest) ([]byte, error) {
	hash, err := hex.DecodeString(string(root))
	if err != nil {
		return nil, exchange.Errorf(exchange.Internal, "internal", "root of the log: %w", err)
	}
	signer, err := newNoteKey(origin, identity.Certificate)
	if err != nil {
		return nil, err
	}
	signer.signer = identity.Signer
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.name, size, base64.StdEncoding.EncodeToString(hash))
	return note.Sign(&note.Note{Text: text}, signer)
}

// Countersign adds the gateway's signature, as a witness, to a checkpoint of another gateway that it has checked.
func Countersign(
	gateway *exchange.Gateway, origin exchange.NodeID, certificate *x509.Certificate, signed []byte,
) ([]byte, error) {
	key, err := newNoteKey(origin, certificate)
	if err != nil {
		return nil, err
	}
	opened, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return nil, exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "open: %w", err)
	}
	signer, err := newNoteKey(gateway.Node, gateway.Identity.Certificate)
	if err != nil {
		return nil, err
	}
	signer.signer = gateway.Identity.Signer
	return note.Sign(&note.Note{Text: opened.Text, Sigs: opened.Sigs}, signer)
}

// Head is what a checkpoint states, and the other gateways that have signed it.
type Head struct {
	Size      int64
	Root      exchange.Digest
	Witnesses []exchange.NodeID
}

// OpenWitnessed checks the signatures on a checkpoint of the gateway, and gives the size and root that it states and
// the other gateways that have signed it. Signatures of gateways that are not among the nodes do not count; a wrong one
// of a node that is makes it all void. Error: Untrusted checkpoint.invalid.
func OpenWitnessed(nodes []exchange.Node, origin exchange.NodeID, signed []byte) (Head, error) {
	var keys []note.Verifier
	for _, node := range nodes {
		for _, der := range node.Certificates {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return Head{}, exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "certificate of %s: %w",
					node.ID, err)
			}
			if key, err := newNoteKey(node.ID, certificate); err == nil { // else it cannot have signed
				keys = append(keys, key)
			}
		}
	}
	opened, err := note.Open(signed, note.VerifierList(keys...))
	if err != nil {
		return Head{}, exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "open: %w", err)
	}
	var head Head
	own := false
	for _, signature := range opened.Sigs {
		if node := exchange.NodeID(strings.TrimPrefix(signature.Name, noteOrigin)); node == origin {
			own = true
		} else {
			head.Witnesses = append(head.Witnesses, node)
		}
	}
	if !own {
		return Head{}, exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "not signed by %s", origin)
	}
	head.Size, head.Root, err = readCheckpoint(opened.Text, noteOrigin+string(origin))
	return head, err
}

// Merge puts the signatures of several copies of one checkpoint under one text; a copy with another text is left out.
// Nothing is checked: see [OpenWitnessed].
func Merge(first []byte, others ...[]byte) []byte {
	text, signatures, found := strings.Cut(string(first), "\n\n")
	if !found {
		return first
	}
	for _, other := range others {
		otherText, lines, found := strings.Cut(string(other), "\n\n")
		if !found || otherText != text {
			continue
		}
		for line := range strings.Lines(lines) {
			if !strings.Contains(signatures, line) {
				signatures += line
			}
		}
	}
	return []byte(text + "\n\n" + signatures)
}

// Open checks a checkpoint of the gateway with one of its certificates, and gives the size and root that it states.
// Error: Untrusted checkpoint.invalid.
func Open(
	node exchange.NodeID, certificate *x509.Certificate, signed []byte,
) (size int64, root exchange.Digest, err error) {
	key, err := newNoteKey(node, certificate)
	if err != nil {
		return 0, "", err
	}
	opened, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return 0, "", exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "open: %w", err)
	}
	return readCheckpoint(opened.Text, key.name)
}

func readCheckpoint(text, want string) (size int64, root exchange.Digest, err error) {
	var origin, encoded string
	if _, err := fmt.Sscanf(text, "%s\n%d\n%s\n", &origin, &size, &encoded); err != nil || origin != want {
		return 0, "", exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "text of %q: %v", origin, err)
	}
	hash, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(hash) != sha256.Size || size < 0 {
		return 0, "", exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "size %d, root %q", size, encoded)
	}
	return size, exchange.Digest(hex.EncodeToString(hash)), nil
}
