package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Receipts that are made together, and headers of documents that are issued at the same moment, are sealed together:
// the gateway signs the root of a Merkle tree (RFC 6962, section 2.1) whose leaves they are, and each is kept and sent
// as its statement, the path from it to the root, and the seal of the root. It proves itself alone, as one with a seal
// of its own does.

const (
	// leafForm is the first line of a statement that was sealed with others.
	leafForm = "congvan.leaf.1"
	// treeType is the type of the sealed content that names a root.
	treeType = "congvan.tree.1"
)

// tree is what the seal of a Merkle tree states.
type tree struct {
	Type string `json:"type"`
	Node NodeID `json:"node"` // that sealed it
	Size int64  `json:"size"` // how many statements there are
	Root Digest `json:"root"`
}

func (t *tree) form() string { return t.Type }

// leaf is a statement of a tree, with what proves that it is one. Its bytes are lines of text and then the seal:
//
//	congvan.leaf.1
//	{"type":"congvan.receipt.1",…}
//	5 64
//	<hash in base64> <hash in base64> …
//	<CMS SignedData>
//
// The numbers are its place, from 0, and the size of the tree; the hashes lead from it to the root.
type leaf struct {
	statement []byte
	index     int64
	size      int64
	path      tlog.RecordProof
	seal      []byte
}

// sealTogether seals statements: one alone by itself, several as a tree with one signature.
func (g *Gateway) sealTogether(statements [][]byte) ([][]byte, error) {
	if len(statements) == 1 {
		sealed, err := g.sealContent(statements[0])
		return [][]byte{sealed}, err
	}
	var hashes hashes
	for i, statement := range statements {
		grown, err := tlog.StoredHashes(int64(i), statement, hashes)
		if err != nil {
			return nil, fmt.Errorf("grow the tree: %w", err)
		}
		hashes = append(hashes, grown...)
	}
	size := int64(len(statements))
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return nil, fmt.Errorf("root of the tree: %w", err)
	}
	seal, err := g.seal(&tree{Type: treeType, Node: g.Node, Size: size, Root: Digest(hex.EncodeToString(root[:]))})
	if err != nil {
		return nil, err
	}
	sealed := make([][]byte, size)
	for i, statement := range statements {
		path, err := tlog.ProveRecord(size, int64(i), hashes)
		if err != nil {
			return nil, fmt.Errorf("path in the tree: %w", err)
		}
		sealed[i] = leaf{statement: statement, index: int64(i), size: size, path: path, seal: seal}.encode()
	}
	return sealed, nil
}

// hashes are those of a tree, as tlog numbers them.
type hashes []tlog.Hash

// ReadHashes gives hashes by their numbers, as tlog.HashReader says.
func (h hashes) ReadHashes(numbers []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(numbers))
	for i, number := range numbers {
		if number < 0 || number >= int64(len(h)) {
			return nil, fmt.Errorf("hash %d of %d", number, len(h))
		}
		found[i] = h[number]
	}
	return found, nil
}

func (l leaf) encode() []byte {
	out := make([]byte, 0, len(leafForm)+len(l.statement)+len(l.seal)+45*len(l.path)+32)
	out = fmt.Appendf(out, "%s\n%s\n%d %d\n", leafForm, l.statement, l.index, l.size)
	for i := range l.path {
		if i > 0 {
			out = append(out, ' ')
		}
		out = base64.StdEncoding.AppendEncode(out, l.path[i][:])
	}
	return append(append(out, '\n'), l.seal...)
}

func isLeaf(sealed []byte) bool { return bytes.HasPrefix(sealed, []byte(leafForm+"\n")) }

// parseLeaf reads a leaf. There is one way to write each: others could pass for another receipt with the same id.
func parseLeaf(sealed []byte) (leaf, error) {
	var read leaf
	lines := bytes.SplitN(sealed, []byte("\n"), 5)
	if len(lines) != 5 || string(lines[0]) != leafForm {
		return read, fmt.Errorf("a leaf of %d parts", len(lines))
	}
	read.statement, read.seal = lines[1], lines[4]
	if _, err := fmt.Sscanf(string(lines[2]), "%d %d", &read.index, &read.size); err != nil {
		return read, fmt.Errorf("place in the tree: %w", err)
	}
	for text := range strings.FieldsSeq(string(lines[3])) {
		hash, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(hash) != tlog.HashSize {
			return read, fmt.Errorf("hash %.60q", text)
		}
		read.path = append(read.path, tlog.Hash(hash))
	}
	if !bytes.Equal(read.encode(), sealed) {
		return read, errors.New("not written as it should be")
	}
	return read, nil
}

// in says whether the leaf is one of the tree.
func (l leaf) in(sealed tree) error {
	root, err := hex.DecodeString(string(sealed.Root))
	if err != nil || len(root) != tlog.HashSize || l.size != sealed.Size || l.index < 0 || l.index >= l.size {
		return fmt.Errorf("leaf %d of %d in a tree of %d", l.index, l.size, sealed.Size)
	}
	return tlog.CheckRecord(l.path, l.size, tlog.Hash(root), l.index, tlog.RecordHash(l.statement))
}
