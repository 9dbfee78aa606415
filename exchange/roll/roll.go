// Package roll answers: who says which offices and gateways there are, and how does everybody come to see the same?
//
// The directory is the fold of an append-only log of records (danh bạ có chữ ký). Each is sealed by an authority: the
// pinned root, or one to which a subtree of codes was delegated, and nobody may write outside of it. One gateway,
// the keeper, puts records in order and signs the head of the log. Every gateway holds the whole log, checks each seal,
// each right and the head by itself, and only then uses what came, all of it at once. Two heads of the keeper that
// contradict each other are kept as proof and told.
//
// A gateway without an anchor uses its file, for which nobody has signed, and says so.
//
// The package does not carry anything itself, and does not decide what a directory means: that is package exchange.
package roll

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
	"congvan/exchange/checkpoint"
)

// Anchor is what a gateway knows of the log from its configuration, and from nobody else.
type Anchor struct {
	Log    string            // the name of the log
	Keeper exchange.NodeID   // the gateway that signs its head
	Root   *x509.Certificate // of the authority that may write everything
}

// Roll is the directory of one gateway. Its fields are set once, before [Roll.Open]; all methods may be called by
// several goroutines.
type Roll struct {
	Gateway *exchange.Gateway
	Anchor  *Anchor                // nil: there is no log, File is the directory
	File    exchange.DirectoryFile // what stands until the first record is here
	// Replace keeps the file of a gateway without a log; nil: the file cannot be replaced.
	Replace func(file exchange.DirectoryFile) error
	Line    Line // to other gateways; nil: nobody is asked

	current atomic.Pointer[snapshot]
	writing sync.Mutex // guards what follows [Roll.now] to the next snapshot
	// spoken is when a neighbour's head was last held against ours, UnixMilli; forked says that two heads contradicted.
	spoken atomic.Int64
	forked atomic.Bool
}

// snapshot is the directory as it stands: immutable.
type snapshot struct {
	state     state
	directory *exchange.Directory
	size      int64
	hashes    []tlog.Hash // as tlog stores them
	root      exchange.Digest
	note      []byte // the keeper's; nil before the first record
}

// Open reads the log from the records, checks all of it, and makes the directory. It is called once.
func (r *Roll) Open(ctx context.Context) error {
	base, err := exchange.NewDirectory(r.File)
	if err != nil {
		return err
	}
	empty := &snapshot{directory: base, root: exchange.Digest(hex.EncodeToString(make([]byte, tlog.HashSize)))}
	if r.Anchor == nil {
		empty.state = unsigned(r.File)
		r.current.Store(empty)
		return nil
	}
	empty.state = newState(r.Anchor.Log, r.Anchor.Root)
	r.current.Store(empty)
	records, head, err := r.stored(ctx)
	if err != nil || len(records) == 0 {
		return err
	}
	next, err := r.extend(empty, records, head.Note)
	if err != nil {
		return err
	}
	r.current.Store(next)
	r.spoken.Store(head.At.UnixMilli())
	return nil
}

// unsigned is the state of a file for which nobody has signed.
func unsigned(file exchange.DirectoryFile) state {
	s := newState("", &x509.Certificate{})
	for _, node := range file.Nodes {
		s.nodes[node.ID] = node
	}
	for _, office := range file.Offices {
		s.offices[office.ID] = office
	}
	return s
}

// origin is the name under which the log's head is signed.
func (a *Anchor) origin() exchange.NodeID { return exchange.NodeID("directory/" + a.Log) }

// readAtOnce is how many records are read from the database at once.
const readAtOnce = 64

// stored reads the records up to the head that was accepted last.
func (r *Roll) stored(ctx context.Context) (records [][]byte, head exchange.Witnessed, err error) {
	err = r.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		records = nil
		var err error
		head, err = tx.Witnessed(ctx, r.Anchor.origin())
		if err != nil && exchange.KindOf(err) == exchange.NotFound {
			return nil // the log is empty
		}
		for err == nil && int64(len(records)) < head.Size {
			var part [][]byte
			if part, err = tx.DirectoryRecords(ctx, int64(len(records)), readAtOnce); err == nil && len(part) == 0 {
				return exchange.Errorf(exchange.Internal, "directory.damaged", "record %d is missing", len(records))
			}
			records = append(records, part...)
		}
		return err
	})
	return records, head, err
}

func (r *Roll) now() *snapshot { return r.current.Load() }

// Directory gives the directory as it stands, for [exchange.Gateway].
func (r *Roll) Directory() *exchange.Directory { return r.now().directory }

// Current gives the directory as it stands as a file.
func (r *Roll) Current() exchange.DirectoryFile { return r.now().file(r.File) }

func (s *snapshot) file(base exchange.DirectoryFile) exchange.DirectoryFile {
	if s.size == 0 && s.state.log != "" {
		return base
	}
	return s.state.file()
}

// extend checks records that follow on a snapshot, and the head that covers them, and gives the next snapshot. Nothing
// is used before all of it holds: seals, rights, versions, codes, the directory without contradiction, the keeper's
// signature.
func (r *Roll) extend(from *snapshot, records [][]byte, note []byte) (*snapshot, error) {
	next, err := from.with(records)
	if err != nil {
		return nil, err
	}
	size, root, err := r.openHead(next.directory, note)
	if err != nil {
		return nil, err
	}
	if size != next.size || root != next.root {
		return nil, exchange.Errorf(exchange.Untrusted, "directory.unproved",
			"the head is of %d records, root %s; here %d, %s", size, root, next.size, next.root)
	}
	next.note = bytes.Clone(note)
	return next, nil
}

// with applies records and makes the directory that they lead to.
func (s *snapshot) with(records [][]byte) (*snapshot, error) {
	next := &snapshot{state: s.state.clone(), size: s.size, hashes: s.hashes[:len(s.hashes):len(s.hashes)]}
	for _, sealed := range records {
		if err := next.state.applySealed(sealed); err != nil {
			return nil, exchange.Errorf(exchange.KindOf(err), exchange.CodeOf(err), "record %d: %w", next.size, err)
		}
		added, err := tlog.StoredHashes(next.size, sealed, next.reader())
		if err != nil {
			return nil, exchange.Errorf(exchange.Internal, "internal", "hash record %d: %w", next.size, err)
		}
		next.hashes = append(next.hashes, added...)
		next.size++
	}
	var err error
	if next.root, err = next.rootAt(next.size); err != nil {
		return nil, err
	}
	next.directory, err = exchange.NewDirectory(next.state.file())
	return next, err
}

func (s *snapshot) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(ids []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(ids))
		for i, id := range ids {
			if id < 0 || id >= int64(len(s.hashes)) {
				return nil, exchange.Errorf(exchange.Internal, "internal", "hash %d of %d", id, len(s.hashes))
			}
			found[i] = s.hashes[id]
		}
		return found, nil
	})
}

// rootAt gives the root that the log had at a size.
func (s *snapshot) rootAt(size int64) (exchange.Digest, error) {
	hash, err := tlog.TreeHash(size, s.reader())
	if err != nil {
		return "", exchange.Errorf(exchange.Internal, "internal", "root at %d: %w", size, err)
	}
	return exchange.Digest(hex.EncodeToString(hash[:])), nil
}

// openHead checks that the keeper signed the head with a key that the directory has for it.
func (r *Roll) openHead(directory *exchange.Directory, note []byte) (int64, exchange.Digest, error) {
	if len(note) > maxNote {
		return 0, "", exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "%d bytes", len(note))
	}
	node, err := directory.Node(r.Anchor.Keeper)
	if err != nil {
		return 0, "", exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "the keeper: %w", err)
	}
	for _, der := range node.Certificates {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			continue // the directory was checked when it was made
		}
		if size, root, err := checkpoint.Open(r.Anchor.origin(), certificate, note); err == nil {
			return size, root, nil
		}
	}
	return 0, "", exchange.Errorf(exchange.Untrusted, "checkpoint.invalid", "not signed by %s", node.ID)
}

// equal compares as JSON: that is what is sealed and shown.
func equal(a, b any) bool {
	one, errOne := json.Marshal(a)
	two, errTwo := json.Marshal(b)
	return errOne == nil && errTwo == nil && bytes.Equal(one, two)
}

// Standing is how the directory stands, for people.
type Standing struct {
	Source   string          `json:"source" enum:"file,log"` // file: nobody has signed for it
	Log      string          `json:"log,omitempty"`
	Keeper   exchange.NodeID `json:"keeper,omitempty"`
	Size     int64           `json:"size"` // records
	Root     exchange.Digest `json:"root,omitempty"`
	Head     []byte          `json:"head,omitempty"` // as the keeper signed it
	Checked  time.Time       `json:"checked,omitzero" doc:"When a neighbour last showed the same or a later head, UTC"`
	Warnings []string        `json:"warnings" doc:"Codes: directory.unsigned, directory.stale, directory.forked"`
}

// staleAfter is how long no neighbour may have been heard before people are warned (notes: warn after a day).
const staleAfter = 24 * time.Hour

// Standing gives how the directory stands.
func (r *Roll) Standing() Standing {
	if r.Anchor == nil {
		return Standing{Source: "file", Warnings: []string{"directory.unsigned"}}
	}
	now := r.now()
	standing := Standing{
		Source: "log", Log: r.Anchor.Log, Keeper: r.Anchor.Keeper, Size: now.size, Root: now.root, Head: now.note,
		Warnings: []string{},
	}
	if now.size == 0 {
		standing.Source = "file"
		standing.Warnings = append(standing.Warnings, "directory.unsigned")
	}
	if at := r.spoken.Load(); at > 0 {
		standing.Checked = time.UnixMilli(at).UTC()
	}
	if r.Gateway.Node != r.Anchor.Keeper && r.Gateway.Now().Sub(standing.Checked) > staleAfter {
		standing.Warnings = append(standing.Warnings, "directory.stale")
	}
	if r.forked.Load() {
		standing.Warnings = append(standing.Warnings, "directory.forked")
	}
	return standing
}
