package handover

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"reflect"
	"strconv"

	"congvan/exchange"
	"congvan/exchange/reading"
)

// The folders of an office without an interface. Nothing in a name comes from outside.
const (
	inFolder  = "in"           // what happens, a folder for each event
	outFolder = "out"          // what is to be handed in
	making    = ".congvan/new" // events that are being written
	given     = ".congvan/given"

	folderMode = 0o750
	fileMode   = 0o640 // the document system is another user of the same group
)

// Furnish makes the folders and their mailboxes as they are ordered, and forgets marks of what was acknowledged. It is
// called before [Desk.Run]. Error: Unavailable mailbox.folder_failed.
func (d *Desk) Furnish(ctx context.Context) error {
	for of, folder := range d.Folders {
		if err := d.furnish(ctx, of, folder.Order); err != nil {
			return err
		}
		if err := d.openFolder(ctx, of, folder.Path); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) openFolder(ctx context.Context, of Holder, folder string) error {
	for _, name := range []string{inFolder, outFolder, making, given} {
		if err := os.MkdirAll(path.Join(folder, name), folderMode); err != nil {
			return unwritable(err)
		}
	}
	var pending []exchange.Pending
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) (err error) {
		pending, err = tx.Pending(ctx, of.Office, of.System, mostPending)
		return err
	})
	if err != nil {
		return err
	}
	open := map[string]bool{}
	for _, one := range pending {
		open[strconv.FormatInt(one.Index, 10)] = true
	}
	marks, err := os.ReadDir(path.Join(folder, given))
	if err != nil {
		return unwritable(err)
	}
	for _, mark := range marks {
		if open[mark.Name()] {
			continue
		}
		if err := os.Remove(path.Join(folder, given, mark.Name())); err != nil {
			return unwritable(err)
		}
	}
	return nil
}

// furnish makes the mailbox of a folder as the configuration orders it.
func (d *Desk) furnish(ctx context.Context, of Holder, order exchange.MailboxOrder) error {
	order.Folder = true
	return d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		mailbox, err := d.standing(ctx, tx, of.Office, of.System)
		if err != nil || reflect.DeepEqual(mailbox.Order, order) {
			return err
		}
		mailbox.Order = order
		return d.set(ctx, tx, exchange.Actor{Name: "congvan.yaml", Office: of.Office}, mailbox, "mailbox.ordered")
	})
}

func unwritable(err error) error {
	return exchange.Errorf(exchange.Unavailable, "mailbox.folder_failed", "%w", err)
}

// drop puts an event into the folder of its mailbox: everything is written and flushed beside, then marked as given,
// then shown by renaming. After a crash the mark says whether it was shown; the system may have taken it away since.
func (d *Desk) drop(ctx context.Context, of Holder, event Occurrence) error {
	folder, configured := d.Folders[of]
	if !configured {
		return exchange.Errorf(exchange.Unavailable, "mailbox.folder_failed", "%s has no folder here", of.System)
	}
	index, err := indexOf(d.Gateway.Node, event.ID)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(folder.Path)
	if err != nil {
		return unwritable(err)
	}
	defer root.Close() //nolint:errcheck // nothing was written through it that is not flushed
	number := strconv.FormatInt(index, 10)
	mark, made := path.Join(given, number), path.Join(making, number)
	_, err = root.Stat(mark)
	if errors.Is(err, fs.ErrNotExist) {
		if err = d.make(ctx, root, of, event, made); err == nil {
			d.reach("folder-made")
			err = writeFile(root, mark, bytes.NewReader(nil))
		}
	}
	if err != nil {
		return unwritable(err)
	}
	d.reach("folder-marked")
	if err := show(root, made, path.Join(inFolder, fmt.Sprintf("%012d-%s", index, event.Type))); err != nil {
		return unwritable(err)
	}
	d.reach("folder-shown")
	return nil
}

func (d *Desk) reach(point string) {
	if d.Gateway.Failpoint != nil {
		d.Gateway.Failpoint(point)
	}
}

// show renames what was made; when it is not there any more, it was shown before.
func show(root *os.Root, made, shown string) error {
	err := root.Rename(made, shown)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, syncFolder(root, path.Dir(made)), syncFolder(root, path.Dir(shown)))
}

// make writes the folder of one event, the mark "xong" at its end.
func (d *Desk) make(ctx context.Context, root *os.Root, of Holder, event Occurrence, made string) error {
	if err := root.RemoveAll(made); err != nil {
		return err
	}
	if err := root.Mkdir(made, folderMode); err != nil {
		return err
	}
	told, err := json.MarshalIndent(event, "", " ")
	if err != nil {
		return err
	}
	if err := writeFile(root, path.Join(made, "su-kien.json"), bytes.NewReader(told)); err != nil {
		return err
	}
	if event.Type == arrived {
		if err := d.makeArrival(ctx, root, of, event, made); err != nil {
			return err
		}
	}
	if err := writeFile(root, path.Join(made, "xong"), bytes.NewReader(nil)); err != nil {
		return err
	}
	return syncFolder(root, path.Dir(made))
}

// makeArrival writes the files of a document and the receipts about it.
func (d *Desk) makeArrival(ctx context.Context, root *os.Root, of Holder, event Occurrence, made string) error {
	files := map[string]exchange.Digest{"van-ban.pdf": event.Data.File.Digest}
	for i, file := range event.Data.Attachments {
		files[fmt.Sprintf("phu-luc-%02d%s", i+1, endingOf(file.MediaType))] = file.Digest
	}
	for name, digest := range files {
		blob, _, err := d.open(ctx, of, event, digest)
		if err != nil {
			return err
		}
		err = writeFile(root, path.Join(made, name), io.NewSectionReader(blob, 0, blob.Size()))
		if err := errors.Join(err, blob.Close()); err != nil {
			return err
		}
	}
	reader := exchange.Actor{Name: string(of.System), Office: of.Office, Role: exchange.Archivist}
	arrival, err := reading.Desk{Gateway: d.Gateway}.Arrival(ctx, reader, event.Data.Arrival)
	if err != nil {
		return err
	}
	for i, receipt := range arrival.Receipts {
		name := path.Join(made, fmt.Sprintf("bien-nhan-%02d.%s", i+1, receipt.Extension()))
		if err := writeFile(root, name, bytes.NewReader(receipt.Sealed)); err != nil {
			return err
		}
	}
	return nil
}

// endingOf gives a file the ending of what was found in its bytes; the sender's name stands in the JSON only.
func endingOf(mediaType string) string {
	switch mediaType {
	case "application/pdf":
		return ".pdf"
	case "image/png":
		return ".png"
	case "image/jpeg":
		return ".jpg"
	case "application/zip":
		return ".zip"
	default:
		return ".bin"
	}
}

// writeFile writes a file and flushes it and its name.
func writeFile(root *os.Root, name string, content io.Reader) error {
	file, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Sync(), file.Close(), syncFolder(root, path.Dir(name)))
}

func syncFolder(root *os.Root, name string) error {
	folder, err := root.Open(name)
	if err != nil {
		return err
	}
	err = folder.Sync()
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil // Windows flushes names by itself
	}
	return errors.Join(err, folder.Close())
}
