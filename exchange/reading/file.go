package reading

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"

	"congvan/exchange"
	"congvan/signing"
)

// OpenDocumentFile opens a file of a document of the actor's office for reading: a version of the main file or an
// attachment; with an empty digest the main file as it stands. Who read what is logged before the first byte is given.
// The caller closes the blob.
func (d Desk) OpenDocumentFile(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID, digest exchange.Digest,
) (exchange.Blob, exchange.File, error) {
	document, err := d.Document(ctx, actor, id)
	if err != nil {
		return nil, exchange.File{}, err
	}
	files := []exchange.File{document.Current()}
	for _, version := range document.Versions {
		files = append(append(files, version.File), version.Attachments...)
	}
	return d.openFile(ctx, actor, id, append(files, document.Attachments...), digest)
}

// OpenArrivalFile is [Desk.OpenDocumentFile] for an arrival at the actor's office.
func (d Desk) OpenArrivalFile(
	ctx context.Context, actor exchange.Actor, id exchange.ArrivalID, digest exchange.Digest,
) (exchange.Blob, exchange.File, error) {
	arrival, err := d.Arrival(ctx, actor, id)
	if err != nil {
		return nil, exchange.File{}, err
	}
	files := append([]exchange.File{arrival.Header.Main}, arrival.Header.Attachments...)
	return d.openFile(ctx, actor, arrival.Document, files, digest)
}

func (d Desk) openFile(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID, files []exchange.File, digest exchange.Digest,
) (exchange.Blob, exchange.File, error) {
	wanted := cmp.Or(digest, files[0].Digest)
	i := slices.IndexFunc(files, func(file exchange.File) bool { return file.Digest == wanted })
	if i < 0 {
		return nil, exchange.File{}, exchange.Errorf(exchange.NotFound, "file.unknown", "%s is no file of %s", wanted, id)
	}
	err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		_, err := tx.AppendLog(ctx, exchange.Entry{
			At: d.now(), Act: "file.read", Actor: actor.Name, Office: actor.Office, Document: id,
			Detail: map[string]string{"digest": string(wanted)},
		})
		return err
	})
	if err != nil {
		return nil, exchange.File{}, err
	}
	blob, err := d.Gateway.Blobs.Open(ctx, wanted)
	return blob, files[i], err
}

// OpenBundle gives the evidence on which the judgement of an arrival at the actor's office rests: the JSON of a
// [signing.Bundle]. The caller closes it. Errors: Unavailable arrival.not_judged; NotFound bundle.none.
func (d Desk) OpenBundle(ctx context.Context, actor exchange.Actor, id exchange.ArrivalID) (exchange.Blob, error) {
	arrival, err := d.Arrival(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if arrival.Judgement == nil {
		return nil, exchange.Errorf(exchange.Unavailable, "arrival.not_judged", "%s was not judged yet", id)
	}
	digest := arrival.Judgement.Bundle()
	if digest == "" {
		return nil, exchange.Errorf(exchange.NotFound, "bundle.none", "%s was judged without evidence", id)
	}
	return d.Gateway.Blobs.Open(ctx, digest)
}

// Verify has any file judged as it stands now, and keeps nothing of it but a line in the log with its digest.
func (d Desk) Verify(ctx context.Context, actor exchange.Actor, file io.ReaderAt, size int64) (signing.Report, error) {
	if err := actor.May(exchange.ActVerify); err != nil {
		return signing.Report{}, err
	}
	if size > d.Gateway.MaxFile {
		return signing.Report{}, exchange.Errorf(exchange.Invalid, "blob.too_large", "%d bytes, at most %d", size,
			d.Gateway.MaxFile)
	}
	report, err := d.Gateway.Examiner.Examine(ctx, file, size, d.now())
	if err != nil {
		return signing.Report{}, err
	}
	digest := report.SHA256
	if digest == "" {
		hash := sha256.New()
		if _, err := io.Copy(hash, io.NewSectionReader(file, 0, size)); err != nil {
			return signing.Report{}, exchange.Errorf(exchange.Unavailable, "file.interrupted", "read: %w", err)
		}
		digest = hex.EncodeToString(hash.Sum(nil))
	}
	err = d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		_, err := tx.AppendLog(ctx, exchange.Entry{
			At: d.now(), Act: "file.verified", Actor: actor.Name, Office: actor.Office,
			Detail: map[string]string{"digest": digest, "verdict": string(report.Verdict)},
		})
		return err
	})
	return report, err
}
