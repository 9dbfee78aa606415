package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"regexp"
	"sync"
	"time"

	"congvan/exchange"
)

// The acts of the log entries that this package writes.
const (
	actArrivalFiled  = "arrival.filed"
	actDocumentFiled = "document.filed"
	actRetrieved     = "archive.retrieved"
)

var dossierForm = sync.OnceValue(func() *regexp.Regexp { // costs ten milliseconds
	return regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._/ -]{0,49}$`)
})

func (f Filing) check() error {
	if !dossierForm().MatchString(f.Dossier) {
		return exchange.Errorf(exchange.Invalid, "archive.dossier", "dossier %q", f.Dossier)
	}
	if _, known := f.Retention.Years(); !known {
		return exchange.Errorf(exchange.Invalid, "archive.retention", "retention %q", f.Retention)
	}
	return nil
}

// Filed is what the archive took over.
type Filed struct {
	At       time.Time // UTC
	Evidence exchange.Digest
	Filing   Filing
}

// Take (nộp lưu) files an accepted arrival of the actor's office, or of one whose documents it keeps: every file is
// read again and compared with its digest, copied to the second store, and the evidence is put beside it. It is done
// when it returns; asked again it gives what was filed first. Errors: Conflict archive.not_accepted, arrival.recalled,
// arrival.recall_pending; Invalid archive.damaged when bytes are not what they were.
func (k *Keeper) Take(
	ctx context.Context, actor exchange.Actor, id exchange.ArrivalID, filing Filing,
) (Filed, error) {
	if err := check(actor, filing); err != nil {
		return Filed{}, err
	}
	var arrival exchange.Arrival
	var evidence Evidence
	err := k.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		if arrival, err = k.arrival(ctx, tx, actor.Office, id); err != nil {
			return err
		}
		evidence, err = gather(ctx, tx, arrival.Office, arrival.Document)
		evidence.Judgement = arrival.Judgement
		return err
	})
	if err != nil {
		return Filed{}, err
	}
	if !arrival.FiledAt.IsZero() {
		return filedBefore(evidence.Entries, actArrivalFiled)
	}
	if status := arrival.Status(); status < exchange.Accepted {
		return Filed{}, exchange.Errorf(exchange.Conflict, "archive.not_accepted", "arrival %s is %s", id, status)
	}
	if err := arrival.Usable(); err != nil {
		return Filed{}, err
	}
	if evidence.Bundle, err = k.bundleOf(ctx, arrival.Judgement); err != nil {
		return Filed{}, err
	}
	files := append([]exchange.File{arrival.Header.Main}, arrival.Header.Attachments...)
	return k.file(ctx, taking{
		actor: actor, of: arrival.Office, act: actArrivalFiled, filing: filing, evidence: evidence, files: files,
		mark: func(tx exchange.Tx, at time.Time) error {
			arrival, err := tx.Arrival(ctx, arrival.Office, id)
			if err != nil {
				return err
			}
			if err := arrival.Usable(); err != nil { // a recall came meanwhile
				return err
			}
			return tx.MarkFiled(ctx, id, at)
		},
	})
}

// TakeDocument is [Keeper.Take] for a document that the actor's office has issued: the office that issues a document
// keeps the original (Decree 30/2020, Article 19(2)). Error: Conflict archive.not_issued.
func (k *Keeper) TakeDocument(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID, filing Filing,
) (Filed, error) {
	if err := check(actor, filing); err != nil {
		return Filed{}, err
	}
	var document exchange.Document
	var evidence Evidence
	err := k.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		if document, err = k.document(ctx, tx, actor.Office, id); err != nil {
			return err
		}
		evidence, err = gather(ctx, tx, document.Office, id)
		return err
	})
	if err != nil {
		return Filed{}, err
	}
	if filed, err := filedBefore(evidence.Entries, actDocumentFiled); err == nil {
		return filed, nil
	}
	if document.IssuedAt.IsZero() {
		return Filed{}, exchange.Errorf(exchange.Conflict, "archive.not_issued", "document %s is %s", id, document.Step())
	}
	files := append([]exchange.File{document.Current()}, document.Attached()...)
	return k.file(ctx, taking{
		actor: actor, of: document.Office, act: actDocumentFiled, filing: filing, evidence: evidence, files: files,
		mark: func(exchange.Tx, time.Time) error { return nil },
	})
}

func check(actor exchange.Actor, filing Filing) error {
	if err := actor.May(exchange.ActFile); err != nil {
		return err
	}
	return filing.check()
}

// taking is a document on its way into the archive.
type taking struct {
	actor    exchange.Actor
	of       exchange.OfficeID // whose document it is: the actor's office, or one that ended
	act      string            // of the log entry
	filing   Filing
	evidence Evidence
	files    []exchange.File // the main one first
	mark     func(tx exchange.Tx, at time.Time) error
}

// file copies and checks the files, keeps the evidence, and records both in one transaction, unless somebody else was
// quicker.
func (k *Keeper) file(ctx context.Context, t taking) (Filed, error) {
	for _, file := range t.files {
		if err := k.copy(ctx, file); err != nil {
			return Filed{}, err
		}
	}
	digest, err := k.keepEvidence(ctx, t.evidence)
	if err != nil {
		return Filed{}, err
	}
	filed := Filed{At: k.now(), Evidence: digest, Filing: t.filing}
	err = k.Records.Update(ctx, func(tx exchange.Tx) error {
		entries, err := tx.Entries(ctx, t.of, t.evidence.Document)
		if err != nil {
			return err
		}
		if before, err := filedBefore(entries, t.act); err == nil {
			filed = before
			return nil
		}
		if err := t.mark(tx, filed.At); err != nil {
			return err
		}
		if err := k.keepFirst(ctx, tx, t, filed.At); err != nil {
			return err
		}
		_, err = tx.AppendLog(ctx, exchange.Entry{
			At: filed.At, Act: t.act, Actor: t.actor.Name, Office: t.of, Document: t.evidence.Document,
			Detail: byHeir(t.actor.Office, t.of, map[string]string{
				"digest": string(t.files[0].Digest), "evidence": string(digest), "copies": k.copies(),
				"dossier": t.filing.Dossier, "retention": string(t.filing.Retention),
			}),
		})
		return err
	})
	return filed, err
}

func (k *Keeper) copies() string {
	if k.Second == nil {
		return "1"
	}
	return "2"
}

// filedBefore reads what was filed from the log.
func filedBefore(entries []exchange.Entry, act string) (Filed, error) {
	for _, entry := range entries {
		if entry.Act == act {
			return Filed{
				At: entry.At, Evidence: exchange.Digest(entry.Detail["evidence"]),
				Filing: Filing{Dossier: entry.Detail["dossier"], Retention: Retention(entry.Detail["retention"])},
			}, nil
		}
	}
	return Filed{}, exchange.Errorf(exchange.NotFound, "archive.not_filed", "no entry %s", act)
}

// copy reads the whole file again. The second store checks the digest as it writes.
func (k *Keeper) copy(ctx context.Context, file exchange.File) error {
	blob, err := k.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return orDamaged(file.Digest, err)
	}
	defer func() { _ = blob.Close() }() // it was only read
	if blob.Size() != file.Size {
		return damaged(file.Digest, "size is %d, was %d", blob.Size(), file.Size)
	}
	reader := io.NewSectionReader(blob, 0, blob.Size())
	if k.Second != nil {
		_, _, err := k.Second.Put(ctx, reader, file.Digest, file.Size)
		return orDamaged(file.Digest, err)
	}
	return compare(reader, file.Digest)
}

func compare(reader io.Reader, want exchange.Digest) error {
	hash := sha256.New()
	if _, err := io.Copy(hash, reader); err != nil {
		return orDamaged(want, err)
	}
	if found := exchange.Digest(hex.EncodeToString(hash.Sum(nil))); found != want {
		return damaged(want, "digest is %s", found)
	}
	return nil
}

// orDamaged tells bytes that are not what they were from a store that cannot be asked now.
func orDamaged(digest exchange.Digest, err error) error {
	switch {
	case err == nil:
		return nil
	case exchange.CodeOf(err) == "blob.digest_mismatch" || exchange.CodeOf(err) == "blob.damaged":
		return damaged(digest, "%w", err)
	case exchange.CodeOf(err) == "internal":
		return exchange.Errorf(exchange.Unavailable, "storage.unavailable", "read %s: %w", digest, err)
	}
	return err
}

func damaged(digest exchange.Digest, format string, args ...any) error {
	return exchange.Errorf(exchange.Invalid, "archive.damaged", "%s: "+format, append([]any{digest}, args...)...)
}
