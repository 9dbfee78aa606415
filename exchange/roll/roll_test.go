package roll_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/checkpoint"
	"congvan/exchange/roll"
	"congvan/storage"
)

func now() time.Time { return time.Date(2025, 7, 15, 3, 0, 0, 0, time.UTC) }

// land is the three gateways of the fixture, an authority for each of two provinces, and the keeper's log.
type land struct {
	tb         testing.TB
	root       certs.Identity
	authority  *certs.Authority
	identities map[exchange.NodeID]certs.Identity
	file       exchange.DirectoryFile
	rolls      map[exchange.NodeID]*roll.Roll
	clock      atomic.Int64 // seconds after now
}

var admin = exchange.Actor{Name: "Quản trị", Office: "tinh-ninh-binh", Role: exchange.Administrator}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func refused(tb testing.TB, err error, code string) {
	tb.Helper()
	if exchange.CodeOf(err) != code || err == nil {
		tb.Errorf("%v, want %s", err, code)
	}
}

func newLand(tb testing.TB) *land {
	tb.Helper()
	authority, err := certs.NewAuthority(certs.Setting{URL: "http://127.0.0.1", Now: now})
	ok(tb, err)
	l := &land{
		tb: tb, authority: authority, identities: map[exchange.NodeID]certs.Identity{},
		rolls: map[exchange.NodeID]*roll.Roll{},
	}
	data, err := os.ReadFile("../testdata/reform.json")
	ok(tb, err)
	ok(tb, json.Unmarshal(data, &l.file))
	for i := range l.file.Nodes {
		node := &l.file.Nodes[i]
		identity, err := authority.Node(string(node.ID))
		ok(tb, err)
		l.identities[node.ID] = identity
		node.Certificates = [][]byte{identity.Certificate.Raw}
	}
	l.root = l.key("goc")
	for _, node := range l.file.Nodes {
		l.rolls[node.ID] = l.open(node.ID)
	}
	return l
}

func (l *land) key(name string) certs.Identity {
	l.tb.Helper()
	identity, err := l.authority.Node(name)
	ok(l.tb, err)
	return identity
}

func (l *land) now() time.Time { return now().Add(time.Duration(l.clock.Load()) * time.Second) }

// open makes a gateway's roll over new, empty records.
func (l *land) open(node exchange.NodeID) *roll.Roll {
	l.tb.Helper()
	records, err := storage.OpenRecords(l.tb.Context(), "sqlite:"+filepath.Join(l.tb.TempDir(), "records.db"))
	ok(l.tb, err)
	l.tb.Cleanup(func() { ok(l.tb, records.Close()) })
	return l.reopen(node, records)
}

func (l *land) reopen(node exchange.NodeID, records exchange.Records) *roll.Roll {
	l.tb.Helper()
	gateway := &exchange.Gateway{
		Node: node, Identity: l.identities[node], Records: records, Now: l.now, Log: slog.New(slog.DiscardHandler),
	}
	r := &roll.Roll{
		Gateway: gateway, File: exchange.DirectoryFile{Nodes: l.file.Nodes}, Line: line{l, node},
		Anchor: &roll.Anchor{Log: "thu", Keeper: "cong-tinh", Root: l.root.Certificate},
	}
	gateway.Directory = r.Directory
	ok(l.tb, r.Open(l.tb.Context()))
	return r
}

// line brings a question to the roll of another gateway.
type line struct {
	*land
	from exchange.NodeID
}

func (l line) Directory(ctx context.Context, to exchange.Node, question roll.Question) (roll.Answer, error) {
	return l.rolls[to.ID].Answer(ctx, l.from, question)
}

func (l *land) record(by string, changes ...roll.Change) roll.Record {
	return roll.Record{Log: "thu", By: by, At: l.now(), Changes: changes}
}

func (l *land) seal(record roll.Record, identity certs.Identity) [][]byte {
	l.tb.Helper()
	sealed, err := roll.SealAll(record, identity)
	ok(l.tb, err)
	return sealed
}

// begin publishes the fixture, as the root.
func (l *land) begin() {
	l.tb.Helper()
	keeper := l.rolls["cong-tinh"]
	sealed := l.seal(l.record(roll.Root, keeper.Changes(l.file, roll.Grant{})...), l.root)
	_, err := keeper.Publish(l.tb.Context(), admin, sealed)
	ok(l.tb, err)
}

// delegate gives the subtree to a new key.
func (l *land) delegate(id, code string) certs.Identity {
	l.tb.Helper()
	key := l.key(id)
	_, err := l.rolls["cong-tinh"].Publish(l.tb.Context(), admin, l.seal(l.record(roll.Root, roll.Change{
		Version: 1, Authority: &roll.Authority{
			ID: id, Name: id, Certificate: key.Certificate.Raw, Grants: []roll.Grant{{Scheme: exchange.QD20, Code: code}},
		},
	}), l.root))
	ok(l.tb, err)
	return key
}

func (l *land) office(id exchange.OfficeID) exchange.Office {
	l.tb.Helper()
	office, err := l.rolls["cong-tinh"].Directory().Office(id)
	ok(l.tb, err)
	return office
}

func (l *land) pull(node, from exchange.NodeID) error {
	l.tb.Helper()
	peer, err := l.rolls[node].Directory().Node(from)
	ok(l.tb, err)
	return l.rolls[node].Pull(l.tb.Context(), peer)
}

func TestTheFoldOfTheLogIsExactlyTheDirectoryThatWasPublished(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.begin()
	want, err := exchange.NewDirectory(l.rolls["cong-tinh"].Current())
	ok(t, err)
	direct, err := exchange.NewDirectory(sorted(l.file))
	ok(t, err)
	one, err := want.Version()
	ok(t, err)
	two, err := direct.Version()
	ok(t, err)
	if one != two {
		t.Errorf("the fold is %s, the file %s", one, two)
	}
	for _, step := range [][2]exchange.NodeID{{"cong-huyen", "cong-tinh"}, {"cong-xa", "cong-huyen"}} {
		ok(t, l.pull(step[0], step[1]))
		got, err := l.rolls[step[0]].Directory().Version()
		ok(t, err)
		if got != one {
			t.Errorf("%s has another directory", step[0])
		}
	}
	// After a restart everything is read and checked again.
	records := l.rolls["cong-xa"].Gateway.Records
	if diff := cmp.Diff(l.rolls["cong-xa"].Standing(), l.reopen("cong-xa", records).Standing()); diff != "" {
		t.Errorf("after a restart (-before +after):\n%s", diff)
	}
}

func sorted(file exchange.DirectoryFile) exchange.DirectoryFile {
	file.Nodes, file.Offices = slices.Clone(file.Nodes), slices.Clone(file.Offices) // directories rest on the others
	slices.SortFunc(file.Nodes, func(a, b exchange.Node) int { return strings.Compare(string(a.ID), string(b.ID)) })
	slices.SortFunc(file.Offices, func(a, b exchange.Office) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return file
}

func TestAnAuthorityWritesOnlyInsideItsPrefix(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.begin()
	key := l.delegate("ninh-binh", "H42")
	keeper := l.rolls["cong-tinh"]
	publish := func(record roll.Record) error {
		_, err := keeper.Publish(t.Context(), admin, l.seal(record, key))
		return err
	}
	renamed := l.office("xa-hai-anh")
	renamed.Names = []exchange.Name{{Name: "UBND xã Hải Anh Mới"}}
	ok(t, publish(l.record("ninh-binh", roll.Change{Version: 2, Office: &renamed})))
	if got := keeper.Directory().NameOf("xa-hai-anh", "2025-08-01"); got != "UBND xã Hải Anh Mới" {
		t.Errorf("it is called %q", got)
	}
	before := keeper.Standing()
	for what, change := range map[string]roll.Change{
		"an office of another province": func() roll.Change {
			office := l.office("huyen-hai-hau")
			return roll.Change{Version: 2, Office: &office}
		}(),
		"an office that takes a code of another province": func() roll.Change {
			office := l.office("xa-hai-anh")
			office.Codes = append(slices.Clone(office.Codes), exchange.Code{Scheme: exchange.QD20, Code: "H420.1"})
			return roll.Change{Version: 3, Office: &office}
		}(),
		"an office without a code": {Version: 1, Office: &exchange.Office{
			ID: "la", Names: []exchange.Name{{Name: "Cơ quan lạ"}},
		}},
		"a gateway of the root": func() roll.Change {
			node, err := keeper.Directory().Node("cong-xa")
			ok(t, err)
			node.URL = "https://khac.example"
			return roll.Change{Version: 2, Node: &node, Under: roll.Grant{Scheme: exchange.QD20, Code: "H42"}}
		}(),
		"more than it has to somebody else": {Version: 1, Authority: &roll.Authority{
			ID: "ban", Certificate: key.Certificate.Raw, Grants: []roll.Grant{{Scheme: exchange.QD20, Code: "H40"}},
		}},
		"the root": {Version: 1, Authority: &roll.Authority{
			ID: roll.Root, Certificate: key.Certificate.Raw, Grants: []roll.Grant{{Scheme: exchange.QD20, Code: "H42"}},
		}},
	} {
		if err := publish(l.record("ninh-binh", change)); exchange.CodeOf(err) != "directory.outside_prefix" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if diff := cmp.Diff(before, keeper.Standing()); diff != "" {
		t.Errorf("something was kept:\n%s", diff)
	}
	// Delegated further, and taken back.
	end := roll.Authority{
		ID: "ninh-binh", Certificate: key.Certificate.Raw, Revoked: true, Grants: []roll.Grant{{Scheme: "qd20", Code: "H42"}},
	}
	_, err := keeper.Publish(t.Context(), admin,
		l.seal(l.record(roll.Root, roll.Change{Version: 2, Authority: &end}), l.root))
	ok(t, err)
	refused(t, publish(l.record("ninh-binh", roll.Change{Version: 3, Office: &renamed})), "directory.foreign_seal")
}

func TestARecordThatMustNotBeIsRefusedAndSaidSo(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.begin()
	keeper := l.rolls["cong-tinh"]
	office := l.office("xa-hai-anh")
	office.Names = []exchange.Name{{Name: "Tên khác"}}
	sealed := l.seal(l.record(roll.Root, roll.Change{Version: 2, Office: &office}), l.root)
	_, err := keeper.Publish(t.Context(), admin, sealed)
	ok(t, err)
	reused := l.office("xa-hai-hau-moi")
	reused.Codes = append(slices.Clone(reused.Codes), exchange.Code{
		Scheme: exchange.QD20, Code: "h40.03", Period: exchange.Period{From: "2025-08-01"},
	})
	broken := l.office("xa-hai-hau-moi")
	broken.Parent = []exchange.Parent{{Office: "khong-co"}}
	foreign := l.record(roll.Root, roll.Change{Version: 2, Office: &reused})
	foreign.Log = "log khác"
	damaged := slices.Clone(sealed[0])
	damaged[len(damaged)-20] ^= 1
	many := make([]roll.Change, 201)
	huge, err := roll.Seal(l.record(roll.Root, many...), l.root.Signer, l.root.Certificate)
	ok(t, err)
	for code, records := range map[string][][]byte{
		"directory.replayed":       sealed,
		"directory.code_reused":    l.seal(l.record(roll.Root, roll.Change{Version: 2, Office: &reused}), l.root),
		"directory.invalid":        l.seal(l.record(roll.Root, roll.Change{Version: 2, Office: &broken}), l.root),
		"directory.other_log":      l.seal(foreign, l.root),
		"directory.foreign_seal":   l.seal(l.record(roll.Root, roll.Change{Version: 2, Office: &broken}), l.key("la")),
		"directory.bad_seal":       {damaged},
		"directory.record_invalid": {huge},
	} {
		_, err := keeper.Publish(t.Context(), admin, records)
		refused(t, err, code)
	}
	_, err = l.rolls["cong-xa"].Publish(t.Context(), admin, sealed)
	refused(t, err, "directory.not_keeper")
	clerk := admin
	clerk.Role = exchange.Clerk
	_, err = keeper.Publish(t.Context(), clerk, sealed)
	refused(t, err, "access.denied")
	// A clean state is left: what is in order still goes in.
	again := l.office("xa-hai-hau-moi")
	again.Names = []exchange.Name{{Name: "UBND xã Hải Hậu Mới"}}
	_, err = keeper.Publish(t.Context(), admin,
		l.seal(l.record(roll.Root, roll.Change{Version: 2, Office: &again}), l.root))
	ok(t, err)
}

func TestTwoDirectoriesOfOneKeeperAreFoundOutAndBothHeadsKept(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.begin()
	ok(t, l.pull("cong-huyen", "cong-tinh"))
	ok(t, l.pull("cong-xa", "cong-huyen"))
	honest := l.rolls["cong-tinh"]
	// The keeper shows the district another history, of the same beginning.
	forked := l.open("cong-tinh")
	peer, err := honest.Directory().Node("cong-huyen")
	ok(t, err)
	ok(t, forked.Pull(t.Context(), peer))
	rename := func(keeper *roll.Roll, name string) {
		office := l.office("xa-hai-anh")
		office.Names = []exchange.Name{{Name: name}}
		_, err := keeper.Publish(t.Context(), admin,
			l.seal(l.record(roll.Root, roll.Change{Version: 2, Office: &office}), l.root))
		ok(t, err)
	}
	rename(honest, "Một")
	rename(forked, "Hai")
	ok(t, l.pull("cong-huyen", "cong-tinh"))
	l.rolls["cong-tinh"] = forked
	ok(t, l.pull("cong-xa", "cong-tinh"))
	// They meet: the same size, another root.
	refused(t, l.pull("cong-xa", "cong-huyen"), "directory.forked")
	if got := l.rolls["cong-huyen"].Standing().Warnings; !slices.Contains(got, "directory.forked") {
		t.Errorf("who is shown a fork is not warned: %v", got)
	}
	// And when one has grown further.
	another := l.office("xa-hai-hau-moi")
	another.Names = []exchange.Name{{Name: "Ba"}}
	_, err = forked.Publish(t.Context(), admin,
		l.seal(l.record(roll.Root, roll.Change{Version: 2, Office: &another}), l.root))
	ok(t, err)
	l.rolls["cong-huyen"] = l.reopen("cong-huyen", l.rolls["cong-huyen"].Gateway.Records)
	before := l.rolls["cong-huyen"].Standing().Root
	refused(t, l.rolls["cong-huyen"].Pull(t.Context(), peerOf(t, honest, "cong-tinh")), "directory.forked")
	if l.rolls["cong-huyen"].Standing().Root != before {
		t.Error("the other directory was taken over")
	}
	kept := 0
	ok(t, l.rolls["cong-huyen"].Gateway.Records.View(t.Context(), func(tx exchange.Tx) error {
		size, _, err := tx.LogHead(t.Context())
		ok(t, err)
		for index := range size {
			leaf, err := tx.Leaf(t.Context(), index)
			ok(t, err)
			var entry exchange.Entry
			ok(t, json.Unmarshal(leaf, &entry))
			if entry.Act == "directory.forked" && entry.Detail["note"] != entry.Detail["last_note"] &&
				entry.Detail["note"] != "" && entry.Detail["last_note"] != "" {
				kept++
			}
		}
		return nil
	}))
	if kept == 0 {
		t.Error("the two heads are not kept")
	}
}

func peerOf(tb testing.TB, r *roll.Roll, id exchange.NodeID) exchange.Node {
	tb.Helper()
	node, err := r.Directory().Node(id)
	ok(tb, err)
	return node
}

// liar answers as it likes.
type liar func(question roll.Question) roll.Answer

func (l liar) Directory(_ context.Context, _ exchange.Node, question roll.Question) (roll.Answer, error) {
	return l(question), nil
}

func TestWhatANeighbourMakesUpIsNotTakenOver(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.begin()
	ok(t, l.pull("cong-huyen", "cong-tinh"))
	commune, keeper := l.rolls["cong-xa"], l.rolls["cong-tinh"]
	key := l.delegate("ninh-binh", "H42")
	honest, err := keeper.Answer(t.Context(), "cong-xa", roll.Question{})
	ok(t, err)
	stolen := l.office("huyen-hai-hau")
	evil := l.seal(l.record("ninh-binh", roll.Change{Version: 2, Office: &stolen}), key)
	signed, err := checkpoint.Sign("directory/thu", l.identities["cong-huyen"], honest.Size, honest.Root)
	ok(t, err)
	for what, test := range map[string]struct {
		lie  func(roll.Question) roll.Answer
		code string
	}{
		"a huge count": {func(roll.Question) roll.Answer {
			return roll.Answer{Size: 1 << 60, Head: honest.Head, Root: honest.Root}
		}, "directory.unproved"},
		"too many at once": {func(roll.Question) roll.Answer {
			return roll.Answer{Size: 1 << 60, Head: honest.Head, Records: make([][]byte, 5000)}
		}, "directory.too_large"},
		"a head of somebody else": {func(roll.Question) roll.Answer {
			answer := honest
			answer.Head = signed
			return answer
		}, "checkpoint.invalid"},
		"less than the head covers": {func(roll.Question) roll.Answer {
			answer := honest
			answer.Size, answer.Records = 1, answer.Records[:1]
			return answer
		}, "directory.unproved"},
		"a record outside of the prefix": {func(roll.Question) roll.Answer {
			answer := honest
			answer.Size, answer.Records = honest.Size+1, append(slices.Clone(honest.Records), evil...)
			return answer
		}, "directory.outside_prefix"},
	} {
		commune.Line = liar(test.lie)
		if err := commune.Pull(t.Context(), exchange.Node{ID: "cong-huyen"}); exchange.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", what, err, test.code)
		}
		if standing := commune.Standing(); standing.Size != 0 || standing.Source != "file" {
			t.Errorf("%s: taken over: %+v", what, standing)
		}
	}
}

func TestADirectoryThatNobodyConfirmsForADayIsStale(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	l.begin()
	ok(t, l.pull("cong-huyen", "cong-tinh"))
	stale := func() bool { return slices.Contains(l.rolls["cong-huyen"].Standing().Warnings, "directory.stale") }
	if stale() {
		t.Error("stale at once")
	}
	l.clock.Store(25 * 3600)
	if !stale() {
		t.Error("not stale after a day")
	}
	ok(t, l.pull("cong-huyen", "cong-tinh"))
	if stale() {
		t.Error("stale after it was confirmed")
	}
}

func TestAFileIsTakenOnlyAsItWasSeen(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	var written []exchange.DirectoryFile
	r := &roll.Roll{
		Gateway: l.rolls["cong-xa"].Gateway, File: l.file,
		Replace: func(file exchange.DirectoryFile) error { written = append(written, file); return nil },
	}
	ok(t, r.Open(t.Context()))
	if got := r.Standing(); got.Source != "file" || !slices.Equal(got.Warnings, []string{"directory.unsigned"}) {
		t.Errorf("standing %+v", got)
	}
	file := exchange.DirectoryFile{Offices: []exchange.Office{
		l.file.Offices[6],
		{
			ID: "xa-moi", Level: "commune", Names: []exchange.Name{{Name: "UBND xã Mới"}},
			Codes: []exchange.Code{{Scheme: exchange.QD20, Code: "H42.99"}},
			Hosts: []exchange.Host{{Node: "cong-xa"}},
		},
	}}
	file.Offices[0].Names = []exchange.Name{{Name: "UBND xã Hải Hậu đổi tên"}}
	file.Offices[0].Exists.To = "2025-12-31"
	file.Offices[0].Hosts = []exchange.Host{{Node: "cong-huyen"}}
	file.Offices[0].Parent = nil
	review, err := r.Review(file)
	ok(t, err)
	var kinds []string
	for _, difference := range review.Differences {
		kinds = append(kinds, string(difference.Office)+" "+difference.Kind)
	}
	want := []string{
		"xa-hai-hau-moi closed", "xa-hai-hau-moi renamed", "xa-hai-hau-moi moved", "xa-hai-hau-moi rehosted", "xa-moi added",
	}
	if diff := cmp.Diff(want, kinds); diff != "" || review.LeftOut != 7 {
		t.Errorf("%d left out, differences (-want +got):\n%s", review.LeftOut, diff)
	}
	_, err = r.Approve(t.Context(), admin, file, "another")
	refused(t, err, "directory.changed")
	if len(written) > 0 {
		t.Fatal("written without approval")
	}
	_, err = r.Approve(t.Context(), admin, file, review.Digest)
	ok(t, err)
	if len(written) != 1 || len(written[0].Offices) != len(l.file.Offices)+1 {
		t.Errorf("written: %d", len(written))
	}
	if _, err := r.Directory().Office("xa-moi"); err != nil {
		t.Errorf("not in force: %v", err)
	}
	_, err = r.Approve(t.Context(), admin, file, review.Digest)
	refused(t, err, "directory.changed") // it is in force: the difference is another one, none
	file.Offices[1].Codes[0].Code = "H40.03"
	_, err = r.Review(file)
	refused(t, err, "directory.code_reused")
}
