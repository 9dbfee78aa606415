package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"congvan/api"
	"congvan/archive"
	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/signing"
)

// story is one document of the demonstration.
type story struct {
	from     *place
	to       []*place
	kind     exchange.Kind
	subject  string
	urgency  exchange.Urgency
	name     string // of the file
	embedded string // path among the built-in files
	path     string // of the person's own file
}

// demoFacts is what the demonstration found, as --json prints it.
type demoFacts struct {
	Documents []documentFacts `json:"documents"`
	Screens   []screenFacts   `json:"screens"`
}

type screenFacts struct {
	Office string                   `json:"office"`
	URL    string                   `json:"url"`
	Tokens map[exchange.Role]string `json:"tokens"`
}

// documentFacts is one document from its submission to its retrieval at every recipient.
type documentFacts struct {
	ID         exchange.DocumentID `json:"id"`
	From       string              `json:"from"`
	Subject    string              `json:"subject"`
	File       string              `json:"file"`
	Number     string              `json:"number"`
	SHA256     exchange.Digest     `json:"sha256"` // of the file as issued
	Size       int64               `json:"size"`   // bytes
	Recipients []recipientFacts    `json:"recipients"`
	Timeline   []eventFacts        `json:"timeline"`
	Evidence   evidence.Result     `json:"evidence"` // exported by the sender, checked without any gateway
	Seconds    float64             `json:"seconds"`  // from submission to the last receipt
}

type recipientFacts struct {
	Office     string              `json:"office"`
	Verdict    string              `json:"verdict"`    // of the gateway there
	SHA256     exchange.Digest     `json:"sha256"`     // of the bytes retrieved there
	Equal      bool                `json:"equal"`      // byte for byte what was issued
	Signatures []signing.Signature `json:"signatures"` // of the bytes retrieved, judged again
	Receipts   []receiptFacts      `json:"receipts"`   // as the sender holds them
}

type receiptFacts struct {
	Status exchange.Status `json:"status"`
	Node   exchange.NodeID `json:"node"`
	At     time.Time       `json:"at"`
	Sealed []byte          `json:"sealed"` // CMS SignedData
	Valid  bool            `json:"seal_valid"`
}

type eventFacts struct {
	At     time.Time       `json:"at"`
	Where  string          `json:"where"`
	What   string          `json:"what"`
	Words  string          `json:"words"`
	Who    string          `json:"who,omitempty"`
	Digest exchange.Digest `json:"sha256,omitempty"`
}

// send takes one document the whole way: submitted, signed, sealed and sent at one office; judged, accepted and
// archived at each recipient; then retrieved there, compared and judged again.
func (d *demo) send(ctx context.Context, s story) (documentFacts, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience,
		failure(exchange.Unavailable, "demo.too_slow", s.subject, nil))
	defer cancel()
	start := d.program.now()
	document, err := d.issue(ctx, s)
	if err != nil {
		return documentFacts{}, err
	}
	facts := documentFacts{
		ID: document.ID, From: s.from.name, Subject: s.subject, File: document.File.Name, Number: document.Number,
		SHA256: document.File.Digest, Size: document.File.Size,
	}
	for _, there := range s.to {
		recipient, err := d.receive(ctx, s.from, there, document.ID)
		if err != nil {
			return facts, fmt.Errorf("%s: %w", there.name, err)
		}
		facts.Recipients = append(facts.Recipients, recipient)
	}
	if err := d.awaitReceipts(ctx, s, document.ID, &facts); err != nil {
		return facts, err
	}
	facts.Seconds = d.program.now().Sub(start).Seconds()
	if facts.Evidence, err = d.prove(ctx, s, document.ID); err != nil {
		return facts, err
	}
	facts.Timeline, err = d.timeline(ctx, s, document.ID)
	return facts, err
}

// prove has the sender export the evidence, keeps it in the sender's folder, and checks it with nothing but the
// directory and the anchors.
func (d *demo) prove(ctx context.Context, s story, id exchange.DocumentID) (evidence.Result, error) {
	var file bytes.Buffer
	if _, err := d.people[s.from.node].clerk.Evidence(ctx, id, &file); err != nil {
		return evidence.Result{}, fmt.Errorf("export evidence: %w", err)
	}
	node := d.nodes[s.from.node]
	kept := filepath.Join(d.world.dir, string(s.from.node), api.EvidenceName(id))
	if err := os.WriteFile(kept, file.Bytes(), 0o600); err != nil {
		return evidence.Result{}, err
	}
	anchors, err := loadAnchors(node.config.Anchors)
	if err != nil {
		return evidence.Result{}, err
	}
	result, err := evidence.Check(file.Bytes(), evidence.Trust{Directory: node.gateway.Directory(), Anchors: anchors})
	if err == nil && result.Verdict != evidence.Proved {
		why := strings.Join(slices.Concat(result.Faults, result.Doubts), ", ")
		err = failure(exchange.Untrusted, "demo.not_proved", why, nil)
	}
	return result, err
}

// issue does what the issuing office's people do.
func (d *demo) issue(ctx context.Context, s story) (api.Document, error) {
	staff := d.people[s.from.node]
	file, err := s.open()
	if err != nil {
		return api.Document{}, err
	}
	defer done(file)
	draft := api.Draft{
		Kind: s.kind, Subject: s.subject, Urgency: s.urgency, Secrecy: exchange.NotSecret,
		Signatory: exchange.Signatory{Name: s.from.leader, Position: s.from.position, Capacity: exchange.OnBehalf},
		Unit:      "VP",
	}
	for _, there := range s.to {
		draft.Recipients = append(draft.Recipients, there.code)
	}
	document, err := staff.clerk.Submit(ctx, api.Submission{
		Draft: draft, File: api.NamedFile{Name: cmp.Or(s.name, filepath.Base(s.path)), Content: file},
	})
	if err != nil {
		return document, err
	}
	if document, err = staff.leader.Sign(ctx, document.ID); err != nil {
		return document, err
	}
	if document, err = staff.clerk.Seal(ctx, document.ID); err != nil {
		return document, err
	}
	return staff.clerk.Send(ctx, document.ID)
}

// receive waits for the document, accepts and archives it there, and retrieves it again.
func (d *demo) receive(ctx context.Context, from, there *place, id exchange.DocumentID) (recipientFacts, error) {
	facts := recipientFacts{Office: there.name}
	staff, node := d.people[there.node], d.nodes[there.node]
	arrival, err := await(ctx, func() (api.Arrival, bool, error) {
		list, err := staff.clerk.Inbox(ctx, exchange.Page{Limit: 50})
		for _, arrival := range list.Items {
			if arrival.Document == id && arrival.Judgement != nil {
				return arrival, true, err
			}
		}
		return api.Arrival{}, false, err
	})
	if err != nil {
		return facts, err
	}
	facts.Verdict = arrival.Judgement.Verdict
	if facts.Verdict != string(signing.Passed) {
		return facts, failure(exchange.Untrusted, "demo.not_passed", there.name, nil)
	}
	if _, err = staff.clerk.Accept(ctx, arrival.ID); err != nil {
		return facts, err
	}
	archivist := exchange.Actor{Name: "Lưu trữ", Office: there.office, Role: exchange.Archivist}
	filing := archive.Filing{Dossier: "CV-2026", Retention: archive.TwentyYears}
	if _, err = node.keeper.Take(ctx, archivist, arrival.ID, filing); err != nil {
		return facts, err
	}
	return facts, d.retrieve(ctx, from, there, arrival, &facts)
}

// retrieve reads the document back through the recipient's gateway, compares it byte for byte with what the sender
// holds, and has it judged again.
func (d *demo) retrieve(
	ctx context.Context, from, there *place, arrival api.Arrival, facts *recipientFacts,
) (err error) {
	issued, err := os.CreateTemp(d.world.dir, "issued-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, issued.Close(), os.Remove(issued.Name())) }()
	if _, err := d.people[from.node].clerk.Content(ctx, arrival.Document, "", issued); err != nil {
		return fmt.Errorf("read what was issued: %w", err)
	}
	if _, err := issued.Seek(0, io.SeekStart); err != nil {
		return err
	}
	clerk := d.people[there.node].clerk
	comparison := &comparer{want: bufio.NewReader(issued)}
	if facts.SHA256, err = clerk.ArrivalContent(ctx, arrival.ID, "", comparison); err != nil {
		return fmt.Errorf("retrieve what arrived: %w", err)
	}
	if facts.Equal = comparison.ended() && facts.SHA256 == arrival.File.Digest; !facts.Equal {
		return failure(exchange.Internal, "demo.not_equal", string(facts.SHA256), nil)
	}
	if _, err := issued.Seek(0, io.SeekStart); err != nil {
		return err
	}
	report, err := clerk.Verify(ctx, io.NopCloser(issued))
	if err != nil {
		return err
	}
	facts.Signatures = report.Signatures
	if report.Verdict != signing.Passed {
		return failure(exchange.Untrusted, "demo.not_passed", there.name, nil)
	}
	return nil
}

// comparer is a writer that compares what is written with what it reads.
type comparer struct {
	want  *bufio.Reader
	other bool // something differed
}

func (c *comparer) Write(p []byte) (int, error) {
	want := make([]byte, len(p))
	if _, err := io.ReadFull(c.want, want); err != nil || !bytes.Equal(p, want) {
		c.other = true
	}
	return len(p), nil
}

// ended says whether all that was written was equal and nothing is left.
func (c *comparer) ended() bool {
	_, err := c.want.ReadByte()
	return !c.other && errors.Is(err, io.EOF)
}

// awaitReceipts waits until the sender holds the signed acceptance of every recipient, and checks every seal.
func (d *demo) awaitReceipts(ctx context.Context, s story, id exchange.DocumentID, facts *documentFacts) error {
	directory := d.nodes[s.from.node].gateway.Directory()
	for i, there := range s.to {
		receipts, err := await(ctx, func() ([]api.Receipt, bool, error) {
			timeline, err := d.people[s.from.node].clerk.Timeline(ctx, id)
			at := slices.IndexFunc(timeline.Recipients, func(p api.Progress) bool { return p.Office.Office == there.office })
			if err != nil || at < 0 {
				return nil, false, err
			}
			return timeline.Recipients[at].Receipts, timeline.Recipients[at].Status == exchange.Accepted, nil
		})
		if err != nil {
			return err
		}
		for _, receipt := range receipts {
			_, broken := exchange.OpenReceipt(directory, receipt.Sealed)
			facts.Recipients[i].Receipts = append(facts.Recipients[i].Receipts, receiptFacts{
				Status: receipt.Status, Node: receipt.Node, At: receipt.At, Sealed: receipt.Sealed, Valid: broken == nil,
			})
			err = errors.Join(err, broken)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// timeline puts together what each place's log tells about the document.
func (d *demo) timeline(ctx context.Context, s story, id exchange.DocumentID) ([]eventFacts, error) {
	var all []eventFacts
	for _, here := range append([]*place{s.from}, s.to...) {
		timeline, err := d.people[here.node].clerk.Timeline(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, event := range timeline.Events {
			if event.Receipt != nil && here != s.from {
				continue // the sender's timeline has it
			}
			where := here.name
			if event.Receipt != nil {
				where = event.Office.Name
			}
			all = append(all, eventFacts{
				At: event.At, Where: where, What: event.Act, Words: event.Words, Who: event.Actor,
				Digest: exchange.Digest(cmp.Or(event.Detail["digest"], event.Detail["receipt"])),
			})
		}
	}
	slices.SortStableFunc(all, func(a, b eventFacts) int { return a.At.Compare(b.At) })
	return all, nil
}

// await asks until the answer is there, an error comes, or the context ends.
func await[T any](ctx context.Context, ask func() (T, bool, error)) (T, error) {
	for {
		answer, found, err := ask()
		if err != nil && ctx.Err() != nil {
			return answer, context.Cause(ctx)
		}
		if err != nil || found {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return answer, context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// print tells one document's story to people.
func (d *demo) print(facts documentFacts) {
	if d.command.JSON {
		return
	}
	out := d.program.out
	fmt.Fprintf(out, "\n%s  %s — %s\n", facts.Number, facts.Subject, facts.From)
	for _, event := range facts.Timeline {
		if event.What == "file.read" || event.What == "file.verified" {
			continue
		}
		digest := string(event.Digest)
		fmt.Fprintf(out, "  %s  %-34s %-32s %-16s %.12s\n",
			exchange.InVietnam(event.At).Format("15:04:05.000"), event.Where, event.Words, event.Who, digest)
	}
	fmt.Fprintf(out, "  %s: %s %s\n", d.program.say.word("evidence_"+string(facts.Evidence.Verdict)),
		d.program.say.word("evidence_witnesses"), facts.Evidence.Witnesses)
	for _, recipient := range facts.Recipients {
		fmt.Fprintf(out, "  → %s: %s; %s\n", recipient.Office, d.program.say.word("verdict_"+recipient.Verdict),
			d.program.say.word("demo_equal"))
		for _, signature := range recipient.Signatures {
			printSignature(d.program, signature)
		}
	}
}
