package exchangetest

import (
	"context"
	"encoding/hex"
	"encoding/json"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
)

func (t *transaction) AppendLog(_ context.Context, entry exchange.Entry) (int64, error) {
	entry.Index = int64(len(t.facts.Entries))
	leaf, err := json.Marshal(entry)
	if err != nil {
		return 0, err
	}
	t.facts.Entries = append(t.facts.Entries, entry)
	t.facts.Leaves = append(t.facts.Leaves, tlog.RecordHash(leaf))
	return entry.Index, nil
}

// hashes are those of the log, numbered as tlog stores them.
func (t *transaction) hashes() (tlog.HashReader, error) {
	stored := map[int64]tlog.Hash{}
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		list := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			list[i] = stored[index]
		}
		return list, nil
	})
	for i, leaf := range t.facts.Leaves {
		hashes, err := tlog.StoredHashesForRecordHash(int64(i), leaf, reader)
		if err != nil {
			return nil, err
		}
		for j, hash := range hashes {
			stored[tlog.StoredHashIndex(0, int64(i))+int64(j)] = hash
		}
	}
	return reader, nil
}

func (t *transaction) LogHead(context.Context) (int64, exchange.Digest, error) {
	reader, err := t.hashes()
	if err != nil {
		return 0, "", err
	}
	root, err := tlog.TreeHash(int64(len(t.facts.Leaves)), reader)
	return int64(len(t.facts.Leaves)), exchange.Digest(hex.EncodeToString(root[:])), err
}

func (t *transaction) LogHashes(_ context.Context, ids []int64) ([]tlog.Hash, error) {
	reader, err := t.hashes()
	if err != nil {
		return nil, err
	}
	return reader.ReadHashes(ids)
}

func (t *transaction) Leaf(_ context.Context, index int64) ([]byte, error) {
	return json.Marshal(t.facts.Entries[index])
}

func (t *transaction) AddEndorsement(_ context.Context, endorsement exchange.Endorsement) error {
	t.facts.endorsed = append(t.facts.endorsed, endorsement)
	return nil
}

func (t *transaction) Endorsement(context.Context) (exchange.Endorsement, error) {
	if len(t.facts.endorsed) == 0 {
		return exchange.Endorsement{}, notFound("log.not_endorsed")
	}
	return t.facts.endorsed[len(t.facts.endorsed)-1], nil
}

func (t *transaction) AddWitnessed(_ context.Context, node exchange.NodeID, last exchange.Witnessed) error {
	t.facts.witnessed[node] = last
	return nil
}

func (t *transaction) Witnessed(_ context.Context, node exchange.NodeID) (exchange.Witnessed, error) {
	if last, known := t.facts.witnessed[node]; known {
		return last, nil
	}
	return exchange.Witnessed{}, notFound("log.not_witnessed")
}

func (t *transaction) Entries(
	_ context.Context, office exchange.OfficeID, id exchange.DocumentID,
) ([]exchange.Entry, error) {
	var list []exchange.Entry
	for _, entry := range t.facts.Entries {
		if entry.Document == id && entry.Office == office {
			list = append(list, entry)
		}
	}
	return list, nil
}
