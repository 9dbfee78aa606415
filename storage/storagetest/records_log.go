package storagetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
)

// merkle is a log in memory, made by the reference implementation.
type merkle struct {
	size   int64
	hashes []tlog.Hash
}

func (m *merkle) read(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(m.hashes)) {
			return nil, errors.New("no such hash")
		}
		found[i] = m.hashes[index]
	}
	return found, nil
}

func (m *merkle) append(t *testing.T, entry exchange.Entry) {
	t.Helper()
	leaf, err := json.Marshal(entry)
	ok(t, err)
	hashes, err := tlog.StoredHashes(m.size, leaf, tlog.HashReaderFunc(m.read))
	ok(t, err)
	m.hashes = append(m.hashes, hashes...)
	m.size++
}

func (m *merkle) root(t *testing.T) exchange.Digest {
	t.Helper()
	root, err := tlog.TreeHash(m.size, tlog.HashReaderFunc(m.read))
	ok(t, err)
	return exchange.Digest(hex.EncodeToString(root[:]))
}

func entry(n int) exchange.Entry {
	return exchange.Entry{
		At: Start().Add(time.Duration(n) * time.Millisecond), Act: "document.sealed", Actor: "văn thư", Office: Commune,
		Document: exchange.DocumentID(ID("DOC", n%3)), Detail: map[string]string{"số": fmt.Sprint(n), "b": "<&>"},
	}
}

func (s *story) appendLog(t *testing.T, entry exchange.Entry) (index int64, err error) {
	t.Helper()
	err = s.try(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		index, err = tx.AppendLog(ctx, entry)
		return err
	})
	return index, err
}

func (s *story) logHead(t *testing.T) (size int64, root exchange.Digest) {
	t.Helper()
	s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		size, root, err = tx.LogHead(ctx)
		return err
	})
	return size, root
}

func logHead(t *testing.T, s *story) {
	t.Helper()
	filled(t, entry(1), "Index")
	reference := &merkle{}
	for n := range 70 {
		size, root := s.logHead(t)
		equal(t, "size", size, reference.size)
		equal(t, "root", root, reference.root(t))
		index, err := s.appendLog(t, entry(n))
		ok(t, err)
		equal(t, "index", index, reference.size)
		reference.append(t, entry(n))
	}
	// Several leaves in one update, some in an update that fails: the log goes on as if that had never been.
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for n := range 5 {
			if _, err := tx.AppendLog(ctx, entry(n)); err != nil {
				return err
			}
			reference.append(t, entry(n))
		}
		size, root, err := tx.LogHead(ctx)
		equal(t, "size inside", size, reference.size)
		equal(t, "root inside", root, reference.root(t))
		return err
	})
	if err := s.try(t, func(ctx context.Context, tx exchange.Tx) error {
		_, err := tx.AppendLog(ctx, entry(99))
		return errors.Join(errOnPurpose, err)
	}); !errors.Is(err, errOnPurpose) {
		t.Fatal(err)
	}
	_, err := s.appendLog(t, entry(7))
	ok(t, err)
	reference.append(t, entry(7))
	size, root := s.logHead(t)
	equal(t, "size at the end", size, reference.size)
	equal(t, "root at the end", root, reference.root(t))
}

func logWithoutGaps(t *testing.T, s *story) {
	t.Helper()
	var mu sync.Mutex // guards leaves
	leaves := map[int64]exchange.Entry{}
	crowd(t, func(writer, turn int) {
		line := entry(writer*eachWrites + turn)
		var index int64
		err := s.try(t, func(ctx context.Context, tx exchange.Tx) (err error) {
			if index, err = tx.AppendLog(ctx, line); turn%4 == 2 {
				return errOnPurpose
			}
			return err
		})
		if (err != nil) != (turn%4 == 2) {
			t.Errorf("writer %d, turn %d: %v", writer, turn, err)
		}
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			leaves[index] = line
		}
	})
	reference := &merkle{}
	for index := range int64(len(leaves)) {
		reference.append(t, leaves[index])
	}
	size, root := s.logHead(t)
	equal(t, "size", size, int64(writers*eachWrites*3/4))
	equal(t, "size", size, reference.size)
	equal(t, "root", root, reference.root(t))
}

func entriesOfOffice(t *testing.T, s *story) {
	t.Helper()
	var want []exchange.Entry
	for n := range 9 {
		line := entry(n)
		line.At = line.At.In(time.FixedZone("+07", 7*3600)) // a leaf is written in UTC whatever comes
		if n%2 == 1 {
			line.Office = Province
		}
		index, err := s.appendLog(t, line)
		ok(t, err)
		if line.Office == Commune && line.Document == entry(0).Document {
			line.Index, line.At = index, line.At.UTC()
			want = append(want, line)
		}
	}
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		entries, err := tx.Entries(ctx, Commune, entry(0).Document)
		equal(t, "entries", entries, want)
		return err
	})
	equal(t, "how many", len(want), 2)
}

func tokens(t *testing.T, s *story) {
	t.Helper()
	sum := sha256.Sum256([]byte("secret"))
	token := exchange.Token{
		Hash: exchange.Digest(hex.EncodeToString(sum[:])), Name: "văn thư xã", Office: Commune, Role: exchange.Clerk,
		CreatedAt: Start(), ExpiresAt: Start().Add(time.Hour),
	}
	filled(t, token, "RevokedAt")
	read := func(hash exchange.Digest) (found exchange.Token, err error) {
		err = s.records.View(t.Context(), func(tx exchange.Tx) (err error) {
			found, err = tx.Token(t.Context(), hash)
			return err
		})
		return found, err
	}
	add := func(token exchange.Token) error {
		return s.try(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddToken(ctx, token) })
	}
	_, err := read(token.Hash)
	refused(t, err, exchange.NotFound, "token.not_found")
	ok(t, add(token))
	refused(t, add(token), exchange.Conflict, "token.known")
	found, err := read(token.Hash)
	ok(t, err)
	equal(t, "token", found, token)
	for later := range 2 {
		revoked := token
		revoked.Name, revoked.RevokedAt = "khác", Start().Add(time.Duration(later)*time.Minute)
		ok(t, add(revoked))
	}
	token.RevokedAt = Start()
	found, err = read(token.Hash)
	ok(t, err)
	equal(t, "revoked token", found, token)

	newer := token
	newer.Hash, newer.RevokedAt, newer.CreatedAt = DigestOf(1), time.Time{}, Start().Add(time.Second)
	foreign := newer
	foreign.Hash, foreign.Office = DigestOf(2), Province
	ok(t, add(newer))
	ok(t, add(foreign))
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		all, err := tx.Tokens(ctx, Commune, 10)
		equal(t, "tokens of the office", all, []exchange.Token{newer, token})
		ok(t, err)
		one, err := tx.Tokens(ctx, Commune, 1)
		equal(t, "the newest", one, []exchange.Token{newer})
		return err
	})
}

func remembered(t *testing.T, s *story) {
	t.Helper()
	remember := func(key exchange.RequestKey, answer string) (stored string, known bool, err error) {
		err = s.try(t, func(ctx context.Context, tx exchange.Tx) error {
			bytes, was, err := tx.Remember(ctx, key, []byte(answer))
			stored, known = string(bytes), was
			return err
		})
		return stored, known, err
	}
	key := exchange.RequestKey{Office: Commune, Key: "k", Request: DigestOf(1)}
	for turn, answer := range []string{"first", "second"} {
		stored, known, err := remember(key, answer)
		ok(t, err)
		equal(t, "stored", stored, "first")
		equal(t, "known", known, turn == 1)
	}
	stored, known, err := remember(exchange.RequestKey{Office: Province, Key: "k", Request: DigestOf(2)}, "theirs")
	ok(t, err)
	equal(t, "another office's", stored, "theirs")
	equal(t, "known to another office", known, false)
	_, _, err = remember(exchange.RequestKey{Office: Commune, Key: "k", Request: DigestOf(2)}, "other")
	refused(t, err, exchange.Conflict, "request.key_reused")
}
