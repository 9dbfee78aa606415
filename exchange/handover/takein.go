package handover

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"congvan/exchange"
	"congvan/exchange/outgoing"
)

const (
	resultEnding = ".ket-qua.json"
	faultEnding  = ".loi.txt"
	maxOutgoing  = 256 << 10       // bytes of the JSON
	quiet        = 2 * time.Second // since a file was written last
	patience     = time.Minute     // with a file that is not complete
)

// Outgoing is the JSON that is put beside a PDF of the same name to have it handed in.
type Outgoing struct {
	Kind        exchange.Kind       `json:"kind"`
	Subject     string              `json:"subject"`
	Unit        string              `json:"unit,omitempty"`
	Urgency     exchange.Urgency    `json:"urgency,omitempty"`
	Secrecy     exchange.Secrecy    `json:"secrecy"`
	Signatory   exchange.Signatory  `json:"signatory"`
	Recipients  []string            `json:"recipients"` // ids or codes of offices
	RepliesTo   exchange.DocumentID `json:"replies_to,omitempty"`
	DueOn       exchange.Date       `json:"due_on,omitempty"`
	Attachments []string            `json:"attachments,omitempty"` // names of files in the same folder
	SHA256      string              `json:"sha256,omitempty"`      // of the PDF
}

// Result is what is put beside it when it was handed in.
type Result struct {
	Document exchange.DocumentID `json:"document"`
	Step     exchange.Step       `json:"step"`
	At       time.Time           `json:"at"` // UTC
}

// takeIn looks into every folder that nobody looks into, each in a goroutine of its own.
func (d *Desk) takeIn(ctx context.Context, under *sync.Map, work *sync.WaitGroup) {
	type desk struct{ Holder }
	for of := range d.Folders {
		if _, busy := under.LoadOrStore(desk{of}, true); busy {
			continue
		}
		work.Go(func() {
			defer under.Delete(desk{of})
			d.warn(ctx, of, d.TakeIn(ctx, of))
		})
	}
}

// TakeIn hands in what lies complete in the folder of a mailbox: NAME.json with NAME.pdf. Beside them it puts
// NAME.ket-qua.json, or NAME.loi.txt with a sentence that says what to do; when one of the two files is newer, it is
// tried again. The same bytes make the same document, however often they are taken in.
func (d *Desk) TakeIn(ctx context.Context, of Holder) error {
	root, err := os.OpenRoot(d.Folders[of].Path)
	if err != nil {
		return unwritable(err)
	}
	defer root.Close() //nolint:errcheck // as in drop
	entries, err := fs.ReadDir(root.FS(), outFolder)
	if err != nil {
		return unwritable(err)
	}
	var failed error
	for _, entry := range entries {
		name, found := strings.CutSuffix(entry.Name(), ".json")
		if !found || strings.HasSuffix(entry.Name(), resultEnding) || !entry.Type().IsRegular() || ctx.Err() != nil {
			continue
		}
		paper := &paper{desk: d, of: of, root: root, name: path.Join(outFolder, name)}
		failed = errors.Join(failed, paper.take(ctx))
	}
	return failed
}

// paper is one document in the folder.
type paper struct {
	desk    *Desk
	of      Holder
	root    *os.Root
	name    string // without ending
	changed time.Time
}

// take hands the paper in, unless that was done before or it is not complete.
func (p *paper) take(ctx context.Context) error {
	if _, err := p.root.Stat(p.name + resultEnding); err == nil {
		return nil
	}
	incomplete := p.look()
	age := p.desk.Gateway.Now().Sub(p.changed)
	fault, err := p.root.Stat(p.name + faultEnding)
	if err == nil && !fault.ModTime().Before(p.changed) || age < quiet {
		return nil
	}
	document, err := exchange.Document{}, incomplete
	if incomplete == nil {
		document, err = p.submit(ctx)
	}
	unfinished := incomplete != nil || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
	switch kind := exchange.KindOf(err); {
	case err == nil:
		return p.finish(document)
	case unfinished && age < patience:
		return nil
	case kind == exchange.Unavailable || kind == exchange.Internal:
		return err // tried again
	default:
		return p.explain(err)
	}
}

// look says whether both files are there.
func (p *paper) look() error {
	for _, ending := range []string{".json", ".pdf"} {
		info, err := p.root.Stat(p.name + ending)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return exchange.Errorf(exchange.Invalid, "mailbox.file_missing", "%w", err)
		case err != nil:
			return unwritable(err)
		case !info.Mode().IsRegular():
			return exchange.Errorf(exchange.Invalid, "mailbox.file_missing", "%s is no file", p.name+ending)
		case info.ModTime().After(p.changed):
			p.changed = info.ModTime()
		}
	}
	return nil
}

func (p *paper) submit(ctx context.Context) (exchange.Document, error) {
	order, text, err := p.read()
	if err != nil {
		return exchange.Document{}, err
	}
	digest, err := p.digest(p.name + ".pdf")
	if err != nil {
		return exchange.Document{}, err
	}
	if order.SHA256 != "" && !strings.EqualFold(order.SHA256, digest) {
		return exchange.Document{}, exchange.Errorf(exchange.Invalid, "blob.digest_mismatch", "the PDF has %s", digest)
	}
	draft, err := p.desk.draft(order)
	if err != nil {
		return exchange.Document{}, err
	}
	// The folder is the operator's; who can write into it hands in like a clerk, and neither signs nor seals.
	clerk := exchange.Actor{Name: string(p.of.System), Office: p.of.Office, Role: exchange.Clerk}
	if draft.Attachments, err = p.attach(ctx, clerk, order); err != nil {
		return exchange.Document{}, err
	}
	if draft.ID, draft.FileName, err = p.identify(ctx, text, digest); err != nil {
		return exchange.Document{}, err
	}
	file, err := p.root.Open(p.name + ".pdf")
	if err != nil {
		return exchange.Document{}, unwritable(err)
	}
	defer file.Close() //nolint:errcheck // only read
	return p.desk.outgoing().Submit(ctx, clerk, draft, file)
}

func (d *Desk) outgoing() outgoing.Desk { return outgoing.Desk{Gateway: d.Gateway} }

func (p *paper) read() (order Outgoing, text []byte, err error) {
	file, err := p.root.Open(p.name + ".json")
	if err != nil {
		return order, nil, unwritable(err)
	}
	defer file.Close() //nolint:errcheck // only read
	text, err = io.ReadAll(io.LimitReader(file, maxOutgoing+1))
	if err != nil {
		return order, nil, unwritable(err)
	}
	if len(text) > maxOutgoing {
		return order, nil, exchange.Errorf(exchange.Invalid, "mailbox.json", "more than %d bytes", maxOutgoing)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&order); err != nil {
		return order, nil, exchange.Errorf(exchange.Invalid, "mailbox.json", "decode: %w", err)
	}
	return order, text, nil
}

func (p *paper) digest(name string) (string, error) {
	file, err := p.root.Open(name)
	if err != nil {
		return "", unwritable(err)
	}
	defer file.Close() //nolint:errcheck // only read
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", unwritable(err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// draft finds the recipients by id or by a code that is in force today.
func (d *Desk) draft(order Outgoing) (exchange.Draft, error) {
	draft := exchange.Draft{
		Kind: order.Kind, Subject: order.Subject, Unit: order.Unit, Urgency: order.Urgency, Secrecy: order.Secrecy,
		Signatory: order.Signatory, RepliesTo: order.RepliesTo, DueOn: order.DueOn,
	}
	if order.Secrecy != exchange.NotSecret {
		return draft, nil // the gateway refuses it; nothing else is looked at
	}
	directory, today := d.Gateway.Directory(), exchange.Today(d.Gateway.Now())
	for _, text := range order.Recipients {
		office, err := directory.Recipient(exchange.OfficeID(text), today)
		if exchange.CodeOf(err) == "recipient.unknown" {
			office, err = directory.Resolve(text, today)
		}
		if err != nil {
			return draft, err
		}
		draft.Recipients = append(draft.Recipients, office.ID)
	}
	return draft, nil
}

func (p *paper) attach(ctx context.Context, clerk exchange.Actor, order Outgoing) ([]exchange.File, error) {
	if order.Secrecy != exchange.NotSecret {
		return nil, nil
	}
	var kept []exchange.File
	for _, name := range order.Attachments {
		if name != path.Base(name) || strings.ContainsAny(name, `/\`) {
			return nil, exchange.Errorf(exchange.Invalid, "file.name", "attachment %.100q", name)
		}
		file, err := p.root.Open(path.Join(outFolder, name))
		if err != nil {
			return nil, exchange.Errorf(exchange.Invalid, "mailbox.file_missing", "attachment: %w", err)
		}
		one, err := p.desk.outgoing().Keep(ctx, clerk, name, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
		kept = append(kept, one)
	}
	return kept, nil
}

// identify gives the paper the id and the file name that belong to its bytes, before anything is done with it: taken in
// again, after a crash or as a copy, it is the same document.
func (p *paper) identify(
	ctx context.Context, text []byte, digest string,
) (id exchange.DocumentID, name string, err error) {
	made, err := ulid.New(ulid.Timestamp(p.desk.Gateway.Now()), rand.Reader)
	if err != nil {
		return "", "", exchange.Errorf(exchange.Internal, "internal", "make an identifier: %w", err)
	}
	sum := sha256.Sum256([]byte(string(p.of.System) + "\n" + digest + "\n" + string(text)))
	asked := hex.EncodeToString(sum[:])
	key := exchange.RequestKey{Office: p.of.Office, Key: "folder:" + asked, Request: exchange.Digest(asked)}
	err = p.desk.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		stored, _, err := tx.Remember(ctx, key, []byte(made.String()+" "+path.Base(p.name)+".pdf"))
		first, rest, _ := strings.Cut(string(stored), " ")
		id, name = exchange.DocumentID(first), rest
		return err
	})
	return id, name, err
}

func (p *paper) finish(document exchange.Document) error {
	p.desk.reach("folder-submitted")
	told, err := json.MarshalIndent(Result{document.ID, document.Step(), document.CreatedAt}, "", " ")
	if err != nil {
		return err
	}
	return p.put(resultEnding, told)
}

// explain puts down what is wrong with the paper.
func (p *paper) explain(fault error) error {
	code := exchange.CodeOf(fault)
	return p.put(faultEnding, []byte(p.desk.Sentence(code)+"\n\n("+code+")\n"))
}

// put writes a file beside the paper: whole, or not at all.
func (p *paper) put(ending string, content []byte) error {
	beside := path.Join(making, path.Base(p.name)+ending)
	if err := writeFile(p.root, beside, bytes.NewReader(content)); err != nil {
		return unwritable(err)
	}
	if err := p.root.Rename(beside, p.name+ending); err != nil {
		return unwritable(err)
	}
	if ending == resultEnding {
		if err := p.root.Remove(p.name + faultEnding); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unwritable(err)
		}
	}
	if err := syncFolder(p.root, outFolder); err != nil {
		return unwritable(err)
	}
	return nil
}
