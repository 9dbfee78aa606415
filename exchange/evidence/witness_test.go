package evidence_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/exchange/checkpoint"
	"congvan/exchange/evidence"
	"congvan/storage"
)

// pair is a commune's gateway and its uplink, which is its witness.
type pair struct {
	authority       *certs.Authority
	commune, uplink *evidence.Notary
	identities      map[exchange.NodeID]certs.Identity
	directory       *exchange.Directory
	cut             bool // the line
}

func now() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

func newPair(t *testing.T) *pair {
	t.Helper()
	authority, err := certs.NewAuthority(certs.Setting{URL: "http://127.0.0.1", Now: now})
	ok(t, err)
	p := &pair{authority: authority, identities: map[exchange.NodeID]certs.Identity{}}
	var file exchange.DirectoryFile
	for id, uplink := range map[exchange.NodeID]exchange.NodeID{"huyen": "", "xa": "huyen"} {
		identity, err := authority.Node(string(id))
		ok(t, err)
		p.identities[id] = identity
		file.Nodes = append(file.Nodes, exchange.Node{
			ID: id, URL: "https://" + string(id), Uplink: uplink, Certificates: [][]byte{identity.Certificate.Raw},
		})
	}
	p.directory, err = exchange.NewDirectory(file)
	ok(t, err)
	p.commune, p.uplink = p.notary(t, "xa"), p.notary(t, "huyen")
	return p
}

// notary is one with new, empty records.
func (p *pair) notary(t *testing.T, node exchange.NodeID) *evidence.Notary {
	t.Helper()
	records, err := storage.OpenRecords(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "records.db"))
	ok(t, err)
	t.Cleanup(func() { ok(t, records.Close()) })
	return &evidence.Notary{Line: line{p}, Gateway: &exchange.Gateway{
		Node: node, Identity: p.identities[node], Directory: func() *exchange.Directory { return p.directory },
		Records: records, Stamper: certstest.NewLocalStamper(t, p.authority, now), Now: now,
		Log: slog.New(slog.DiscardHandler),
	}}
}

// line brings the commune's questions to its uplink.
type line struct{ pair *pair }

func (l line) Countersign(
	ctx context.Context, to exchange.Node, question evidence.Question,
) (evidence.Answer, error) {
	if l.pair.cut || to.ID != "huyen" {
		return evidence.Answer{}, exchange.Errorf(exchange.Unavailable, "peer.unreachable", "cut")
	}
	return l.pair.uplink.Witness(ctx, "xa", question)
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// write appends lines to the log of a gateway.
func write(t *testing.T, notary *evidence.Notary, what string, lines int) {
	t.Helper()
	ok(t, notary.Gateway.Records.Update(t.Context(), func(tx exchange.Tx) error {
		for n := range lines {
			entry := exchange.Entry{At: now(), Act: "file.verified", Detail: map[string]string{"n": what + strconv.Itoa(n)}}
			if _, err := tx.AppendLog(t.Context(), entry); err != nil {
				return err
			}
		}
		return nil
	}))
}

func witnesses(t *testing.T, p *pair, endorsement exchange.Endorsement) []exchange.NodeID {
	t.Helper()
	head, err := checkpoint.OpenWitnessed(p.directory.Nodes(), "xa", endorsement.Note)
	ok(t, err)
	if head.Size != endorsement.Size {
		t.Errorf("the note says %d, the endorsement %d", head.Size, endorsement.Size)
	}
	return head.Witnesses
}

func TestAWitnessSignsALogThatOnlyGrows(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	if _, err := p.commune.Endorse(t.Context()); exchange.CodeOf(err) != "log.not_endorsed" {
		t.Errorf("an empty log: %v", err)
	}
	for round, lines := range []int{1, 7, 1, 64, 3} {
		write(t, p.commune, strconv.Itoa(round), lines)
		p.cut = round == 2
		endorsement, err := p.commune.Endorse(t.Context())
		ok(t, err)
		if got := len(witnesses(t, p, endorsement)); got != 1 && !p.cut || got != 0 && p.cut {
			t.Errorf("round %d: %d witnesses", round, got)
		}
		if len(endorsement.Stamp) == 0 {
			t.Errorf("round %d: not stamped", round)
		}
	}
	again, err := p.commune.Endorse(t.Context())
	ok(t, err)
	last, err := p.commune.Endorse(t.Context())
	ok(t, err)
	if string(again.Note) != string(last.Note) {
		t.Error("a log that has not grown was endorsed again")
	}
}

func TestAWitnessRefusesARewrittenLogAndKeepsTheProof(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	write(t, p.commune, "as it was", 5)
	_, err := p.commune.Endorse(t.Context())
	ok(t, err)
	for name, lines := range map[string]int{"of the same length": 5, "longer": 9} {
		liar := p.notary(t, "xa")
		write(t, liar, "as it suits", lines)
		note, err := checkpoint.Of(t.Context(), liar.Gateway)
		ok(t, err)
		_, err = p.uplink.Witness(t.Context(), "xa", evidence.Question{Checkpoint: note, From: 5})
		if exchange.CodeOf(err) != "checkpoint.forked" {
			t.Errorf("a rewritten log %s: %v", name, err)
		}
		endorsement, err := liar.Endorse(t.Context())
		ok(t, err)
		if got := witnesses(t, p, endorsement); len(got) != 0 {
			t.Errorf("a rewritten log %s is witnessed by %v", name, got)
		}
	}
	entries := alarms(t, p.uplink)
	if len(entries) == 0 {
		t.Fatal("no alarm is on the record")
	}
	for _, note := range []string{entries[0].Detail["note"], entries[0].Detail["last_note"]} {
		if _, _, err := checkpoint.Open("xa", p.identities["xa"].Certificate, []byte(note)); err != nil {
			t.Errorf("the alarm does not prove itself: %v", err)
		}
	}
}

func alarms(t *testing.T, notary *evidence.Notary) []exchange.Entry {
	t.Helper()
	var found []exchange.Entry
	ok(t, notary.Gateway.Records.View(t.Context(), func(tx exchange.Tx) error {
		entries, err := tx.Entries(t.Context(), "", "")
		for _, entry := range entries {
			if entry.Act == "checkpoint.forked" {
				found = append(found, entry)
			}
		}
		return err
	}))
	return found
}

func TestRecordsThatWerePutBackAreNoticed(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	write(t, p.commune, "as it was", 9)
	_, err := p.commune.Endorse(t.Context())
	ok(t, err)
	restored := p.notary(t, "xa") // from a backup of three lines
	write(t, restored, "as it was", 3)
	if _, err := restored.Endorse(t.Context()); exchange.CodeOf(err) != "checkpoint.rolled_back" {
		t.Errorf("a rolled back log: %v", err)
	}
}

func TestAWitnessSignsOnlyForGatewaysThatItKnows(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	write(t, p.commune, "as it was", 2)
	note, err := checkpoint.Of(t.Context(), p.commune.Gateway)
	ok(t, err)
	for name, c := range map[string]struct {
		from     exchange.NodeID
		question evidence.Question
		code     string
	}{
		"a stranger":        {"la", evidence.Question{Checkpoint: note}, "node.unknown"},
		"in another's name": {"huyen", evidence.Question{Checkpoint: note}, "checkpoint.invalid"},
		"a changed text":    {"xa", evidence.Question{Checkpoint: append([]byte("x"), note...)}, "checkpoint.invalid"},
		"an endless note":   {"xa", evidence.Question{Checkpoint: make([]byte, 1<<20)}, "checkpoint.too_large"},
		"nothing":           {"xa", evidence.Question{}, "checkpoint.invalid"},
	} {
		if _, err := p.uplink.Witness(t.Context(), c.from, c.question); exchange.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
