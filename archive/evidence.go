package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"congvan/exchange"
)

const (
	evidenceVersion = 1
	largestEvidence = 256 << 20 // bytes
)

// Evidence (hồ sơ bằng chứng) is everything beside the files that proves a document: what was sealed, who said what
// about it, how it was judged, and the entries of the gateway's log. It is kept as one JSON file.
type Evidence struct {
	Version   int                 `json:"v"` // 1
	Document  exchange.DocumentID `json:"document"`
	Office    exchange.OfficeID   `json:"office"` // that filed it
	Header    []byte              `json:"header"` // as sealed by the issuing gateway
	Receipts  [][]byte            `json:"receipts"`
	Judgement *exchange.Judgement `json:"judgement,omitempty"`
	Bundle    []byte              `json:"bundle,omitempty"` // the JSON of a signing.Bundle: what the judgement rests on
	Entries   []exchange.Entry    `json:"entries"`
}

// gather collects the evidence as far as the office may see it.
func gather(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, id exchange.DocumentID,
) (Evidence, error) {
	evidence := Evidence{Version: evidenceVersion, Document: id, Office: office}
	message, err := tx.Message(ctx, exchange.MessageID(id))
	if err != nil && exchange.KindOf(err) != exchange.NotFound {
		return Evidence{}, err
	}
	evidence.Header = message.Sealed
	_, notIssuer := tx.Document(ctx, office, id)
	if notIssuer != nil && exchange.KindOf(notIssuer) != exchange.NotFound {
		return Evidence{}, notIssuer
	}
	receipts, err := tx.Receipts(ctx, id)
	if err != nil {
		return Evidence{}, err
	}
	for _, receipt := range receipts {
		if notIssuer == nil || receipt.Office == office || receipt.For == office {
			evidence.Receipts = append(evidence.Receipts, receipt.Sealed)
		}
	}
	evidence.Entries, err = tx.Entries(ctx, office, id)
	return evidence, err
}

// bundleOf gives what a judgement rests on; nil where nothing was kept.
func (k *Keeper) bundleOf(ctx context.Context, judgement *exchange.Judgement) ([]byte, error) {
	if judgement == nil || judgement.Bundle() == "" {
		return nil, nil
	}
	blob, err := k.openWhole(ctx, judgement.Bundle())
	if err != nil {
		return nil, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	data, err := io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
	if err != nil {
		return nil, exchange.Errorf(exchange.Unavailable, "storage.unavailable", "read evidence: %w", err)
	}
	return data, nil
}

func (k *Keeper) keepEvidence(ctx context.Context, evidence Evidence) (exchange.Digest, error) {
	data, err := json.Marshal(evidence)
	if err != nil {
		return "", exchange.Errorf(exchange.Internal, "internal", "encode evidence: %w", err)
	}
	digest, _, err := k.Blobs.Put(ctx, bytes.NewReader(data), "", largestEvidence)
	if err != nil || k.Second == nil {
		return digest, err
	}
	_, _, err = k.Second.Put(ctx, bytes.NewReader(data), digest, largestEvidence)
	return digest, err
}

// Retrieved is a document as the archive gives it back. The caller closes Main.
type Retrieved struct {
	Arrival  exchange.Arrival
	Filed    Filed
	Kept     []exchange.Kept // the files with evidence for long-term validity, oldest first; may be none
	Main     exchange.Blob   // as it was filed; every byte was compared with the digest just now
	Evidence Evidence
}

// Retrieve (khai thác) gives back a filed arrival of the actor's office with its evidence. Bytes that are damaged or
// gone in the first store come from the second. Who asked is logged before anything is given. Errors: NotFound
// archive.not_filed; Invalid archive.damaged when no copy is whole.
func (k *Keeper) Retrieve(ctx context.Context, actor exchange.Actor, id exchange.ArrivalID) (Retrieved, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return Retrieved{}, err
	}
	var found Retrieved
	err := k.Records.Update(ctx, func(tx exchange.Tx) error {
		var err error
		if found.Arrival, err = k.arrival(ctx, tx, actor.Office, id); err != nil {
			return err
		}
		of := found.Arrival.Office
		entries, err := tx.Entries(ctx, of, found.Arrival.Document)
		if err != nil {
			return err
		}
		if found.Filed, err = filedBefore(entries, actArrivalFiled); err != nil {
			return err
		}
		if found.Kept, err = tx.Kept(ctx, of, found.Arrival.Document); err != nil {
			return err
		}
		_, err = tx.AppendLog(ctx, exchange.Entry{
			At: k.now(), Act: actRetrieved, Actor: actor.Name, Office: of, Document: found.Arrival.Document,
			Detail: byHeir(actor.Office, of, map[string]string{"digest": string(found.Arrival.Header.Main.Digest)}),
		})
		return err
	})
	if err != nil {
		return Retrieved{}, err
	}
	if found.Evidence, err = k.readEvidence(ctx, found.Filed.Evidence); err != nil {
		return Retrieved{}, err
	}
	found.Main, err = k.openWhole(ctx, found.Arrival.Header.Main.Digest)
	return found, err
}

func (k *Keeper) readEvidence(ctx context.Context, digest exchange.Digest) (Evidence, error) {
	blob, err := k.openWhole(ctx, digest)
	if err != nil {
		return Evidence{}, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	var evidence Evidence
	if err := json.NewDecoder(io.NewSectionReader(blob, 0, blob.Size())).Decode(&evidence); err != nil {
		return Evidence{}, exchange.Errorf(exchange.Internal, "internal", "read evidence %s: %w", digest, err)
	}
	return evidence, nil
}

// openWhole opens the first copy whose bytes are whole.
func (k *Keeper) openWhole(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	var failures []error
	for _, store := range []exchange.Blobs{k.Blobs, k.Second} {
		if store == nil {
			continue
		}
		blob, err := store.Open(ctx, digest)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if err := compare(io.NewSectionReader(blob, 0, blob.Size()), digest); err != nil {
			failures = append(failures, err, blob.Close())
			continue
		}
		return blob, nil
	}
	return nil, exchange.Errorf(exchange.Invalid, "archive.damaged", "no whole copy of %s: %w",
		digest, errors.Join(failures...))
}
