package exchange_test

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/signing"
)

const (
	commune  exchange.OfficeID = "xa-hai-hau"
	district exchange.OfficeID = "huyen-hai-hau"
	province exchange.OfficeID = "tinh-nam-dinh"
	interior exchange.OfficeID = "so-noi-vu" // another office of the province's gateway

	communeNode  exchange.NodeID = "cong-xa"
	districtNode exchange.NodeID = "cong-huyen"
	provinceNode exchange.NodeID = "cong-tinh"
)

// names are what the offices are called; the holders of their seals are called the same.
var names = map[exchange.OfficeID]string{
	commune: "UBND xã Hải Hậu", district: "UBND huyện Hải Hậu", province: "UBND tỉnh Nam Định", interior: "Sở Nội vụ",
}

const leaderName = "Nguyễn Văn An"

// noon is the day on which all this happens: a Monday in Hanoi, under the three tiers that the fixtures have.
var noon = time.Date(2026, time.June, 15, 5, 0, 0, 0, time.UTC)

// identities are made once for the test binary.
type identities struct {
	authority *certs.Authority
	nodes     map[exchange.NodeID]certs.Identity
	seals     map[exchange.OfficeID]certs.Identity
	leaders   map[exchange.OfficeID]certs.Identity
	stranger  certs.Identity // a node's certificate that no directory has
}

var theIdentities = sync.OnceValues(func() (*identities, error) {
	authority, err := certs.NewAuthority(certs.Setting{
		Name: "CA thử", URL: "http://127.0.0.1:1", Now: func() time.Time { return noon.Add(-time.Minute) },
	})
	if err != nil {
		return nil, err
	}
	made := &identities{
		authority: authority, nodes: map[exchange.NodeID]certs.Identity{},
		seals: map[exchange.OfficeID]certs.Identity{}, leaders: map[exchange.OfficeID]certs.Identity{},
	}
	for _, node := range []exchange.NodeID{communeNode, districtNode, provinceNode} {
		if made.nodes[node], err = authority.Node(string(node)); err != nil {
			return nil, err
		}
	}
	if made.stranger, err = authority.Node("cong-la"); err != nil {
		return nil, err
	}
	for office, name := range names {
		if made.seals[office], err = authority.Seal(name, certs.ECDSAP256); err != nil {
			return nil, err
		}
		if made.leaders[office], err = authority.Leader(leaderName, "Chủ tịch", name, certs.ECDSAP256); err != nil {
			return nil, err
		}
	}
	return made, nil
})

func people(tb testing.TB) *identities {
	tb.Helper()
	made, err := theIdentities()
	if err != nil {
		tb.Fatal(err)
	}
	return made
}

// letter is a real PDF of one page.
var letter = sync.OnceValues(func() ([]byte, error) {
	document := fpdf.New("P", "mm", "A4", "")
	document.AddPage()
	document.SetFont("Times", "", 13)
	document.Cell(40, 10, "UBND XA HAI HAU - bao cao")
	var out bytes.Buffer
	err := document.Output(&out)
	return out.Bytes(), err
})

func pdf(tb testing.TB) []byte {
	tb.Helper()
	data, err := letter()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// keyring holds the keys of all offices.
type keyring struct{ *identities }

func (k keyring) Seal(_ context.Context, office exchange.OfficeID) (exchange.Key, error) {
	identity, known := k.seals[office]
	if !known {
		return exchange.Key{}, exchange.Errorf(exchange.NotFound, "key.not_found", "%s", office)
	}
	return exchange.Key{Identity: identity}, nil
}

func (k keyring) Leader(_ context.Context, office exchange.OfficeID, name string) (exchange.Key, error) {
	identity, known := k.leaders[office]
	if !known || name != leaderName {
		return exchange.Key{}, exchange.Errorf(exchange.NotFound, "key.not_found", "%s", name)
	}
	return exchange.Key{Identity: identity}, nil
}

// noStamper is a time-stamping authority that cannot be reached.
type noStamper struct{}

func (noStamper) Stamp(context.Context, crypto.Hash, []byte) ([]byte, error) {
	return nil, certs.ErrTimestampUnavailable
}

// examiner judges with the real engine, off-line.
type examiner struct{ anchors certs.Anchors }

func (e examiner) Examine(
	ctx context.Context, file io.ReaderAt, size int64, at time.Time,
) (signing.Report, error) {
	return signing.Examine(ctx, file, size, signing.Policy{At: at, Anchors: e.anchors})
}

// world is a few gateways and the lines between them.
type world struct {
	directory atomic.Pointer[exchange.Directory]
	gateways  map[exchange.NodeID]*exchange.Gateway
	memories  map[exchange.NodeID]*memory
	shelves   map[exchange.NodeID]*shelf
	others    map[exchange.NodeID]certs.Identity // of gateways beside the three
	now       func() time.Time
	stamps    certs.Stamper
}

// threeTiers is the directory of the fixtures: commune, district and province, each reached through the one above.
func threeTiers(tb testing.TB) exchange.DirectoryFile {
	tb.Helper()
	node := func(id, uplink exchange.NodeID) exchange.Node {
		der := people(tb).nodes[id].Certificate.Raw
		return exchange.Node{ID: id, URL: "https://127.0.0.1:1", Uplink: uplink, Certificates: [][]byte{der}}
	}
	office := func(id exchange.OfficeID, code, notation string, host exchange.NodeID) exchange.Office {
		return exchange.Office{
			ID: id, Level: "any", Codes: []exchange.Code{{Scheme: exchange.QD20, Code: code}},
			Names: []exchange.Name{{Name: names[id]}}, Hosts: []exchange.Host{{Node: host}}, Notation: notation,
		}
	}
	return exchange.DirectoryFile{
		Nodes: []exchange.Node{
			node(communeNode, districtNode), node(districtNode, provinceNode), node(provinceNode, ""),
		},
		Offices: []exchange.Office{
			office(commune, "H40.03.12", "UBND", communeNode),
			office(district, "H40.03", "UBND", districtNode),
			office(province, "H40", "UBND", provinceNode),
			office(interior, "H40.20", "SNV", provinceNode),
		},
	}
}

func newWorld(tb testing.TB, carrier func(*world, exchange.NodeID) exchange.Carrier) *world {
	tb.Helper()
	directory, err := exchange.NewDirectory(threeTiers(tb))
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{
		gateways: map[exchange.NodeID]*exchange.Gateway{},
		memories: map[exchange.NodeID]*memory{}, shelves: map[exchange.NodeID]*shelf{},
		now: func() time.Time { return noon },
	}
	w.directory.Store(directory)
	for _, node := range []exchange.NodeID{communeNode, districtNode, provinceNode} {
		w.memories[node], w.shelves[node] = newMemory(), newShelf()
		w.gateways[node] = w.gateway(tb, node, carrier(w, node))
	}
	return w
}

func (w *world) gateway(tb testing.TB, node exchange.NodeID, carrier exchange.Carrier) *exchange.Gateway {
	tb.Helper()
	identity, known := w.others[node]
	if !known {
		identity = people(tb).nodes[node]
	}
	return &exchange.Gateway{
		Node: node, Identity: identity, Directory: w.directory.Load,
		Records: w.memories[node], Blobs: w.shelves[node], Carrier: carrier, Keys: keyring{people(tb)},
		Rules:    exchange.SigningRules{Anchors: people(tb).authority.Anchors(), Realms: exchange.DefaultRealms()},
		Examiner: examiner{people(tb).authority.Anchors()}, Stamper: w.stamper(tb),
		Now: func() time.Time { return w.now() }, Log: slog.New(slog.DiscardHandler), MaxFile: 64 << 20,
	}
}

// stamper gives the time-stamping authority, which goes by the world's clock.
func (w *world) stamper(tb testing.TB) certs.Stamper {
	tb.Helper()
	if w.stamps == nil {
		w.stamps = certstest.NewLocalStamper(tb, people(tb).authority, func() time.Time { return w.now() })
	}
	return w.stamps
}

// wire is a line that works: it brings the blobs and the frames, and the answer back.
type wire struct {
	world *world
	from  exchange.NodeID
}

func straight(w *world, from exchange.NodeID) exchange.Carrier { return wire{w, from} }

func (l wire) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	goal := l.world.gateways[to.ID]
	held, err := goal.Blobs.Has(ctx, blobs)
	if err != nil {
		return nil, err
	}
	for _, digest := range blobs {
		if held[digest] {
			continue
		}
		blob, err := l.world.gateways[l.from].Blobs.Open(ctx, digest)
		if err != nil {
			return nil, err
		}
		_, _, err = goal.Blobs.Put(ctx, io.NewSectionReader(blob, 0, blob.Size()), digest, blob.Size())
		if err = errors.Join(err, blob.Close()); err != nil {
			return nil, err
		}
	}
	return goal.Receive(ctx, l.from, frames)
}

func clerk(office exchange.OfficeID) exchange.Actor {
	return exchange.Actor{Name: "Trần Thị Văn Thư", Office: office, Role: exchange.Clerk}
}

func leader(office exchange.OfficeID) exchange.Actor {
	return exchange.Actor{Name: leaderName, Office: office, Role: exchange.Leader}
}

func draft(to ...exchange.OfficeID) exchange.Draft {
	return exchange.Draft{
		Kind: "BC", Subject: "Báo cáo kết quả ứng dụng chữ ký số", Secrecy: exchange.NotSecret,
		Signatory:  exchange.Signatory{Name: leaderName, Position: "Chủ tịch", Capacity: exchange.OnBehalf},
		Recipients: to, FileName: "bao-cao.pdf",
	}
}

// issue brings a document from the draft to the queue.
func (w *world) issue(
	tb testing.TB, node exchange.NodeID, office exchange.OfficeID, to ...exchange.OfficeID,
) exchange.Document {
	tb.Helper()
	return w.write(tb, node, office, draft(to...))
}

func (w *world) write(
	tb testing.TB, node exchange.NodeID, office exchange.OfficeID, wanted exchange.Draft,
) exchange.Document {
	tb.Helper()
	document := w.prepare(tb, node, office, wanted)
	document, err := w.gateways[node].Send(tb.Context(), clerk(office), document.ID)
	if err != nil {
		tb.Fatalf("send: %v", err)
	}
	return document
}

// prepare brings a document from the draft to the seal.
func (w *world) prepare(
	tb testing.TB, node exchange.NodeID, office exchange.OfficeID, wanted exchange.Draft,
) exchange.Document {
	tb.Helper()
	gateway := w.gateways[node]
	document, err := gateway.Submit(tb.Context(), clerk(office), wanted, bytes.NewReader(pdf(tb)))
	if err != nil {
		tb.Fatalf("submit: %v", err)
	}
	if _, err := gateway.Sign(tb.Context(), leader(office), document.ID); err != nil {
		tb.Fatalf("sign: %v", err)
	}
	document, err = gateway.Seal(tb.Context(), clerk(office), document.ID)
	if err != nil {
		tb.Fatalf("seal: %v", err)
	}
	return document
}

// deliver lets every gateway bring what it owes until nobody owes anything.
func (w *world) deliver(tb testing.TB) {
	tb.Helper()
	for range 20 {
		for _, node := range []exchange.NodeID{communeNode, districtNode, provinceNode} {
			if err := w.gateways[node].DeliverNow(tb.Context()); err != nil {
				tb.Fatalf("%s delivers: %v", node, err)
			}
		}
		if w.idle(tb) {
			return
		}
	}
	tb.Fatal("after twenty rounds something is owed still")
}

func (w *world) idle(tb testing.TB) bool {
	tb.Helper()
	for _, memory := range w.memories {
		var nodes []exchange.NodeID
		err := memory.View(context.WithoutCancel(tb.Context()), func(tx exchange.Tx) error {
			var err error
			nodes, err = tx.OwedNodes(tb.Context())
			return err
		})
		if err != nil || len(nodes) > 0 {
			return false
		}
	}
	return true
}

func (w *world) inbox(tb testing.TB, node exchange.NodeID, office exchange.OfficeID) []exchange.Arrival {
	tb.Helper()
	arrivals, err := w.gateways[node].Arrivals(tb.Context(), clerk(office), exchange.Page{Limit: 200})
	if err != nil {
		tb.Fatal(err)
	}
	return arrivals
}

func (w *world) judge(tb testing.TB, node exchange.NodeID) {
	tb.Helper()
	if _, err := w.gateways[node].Judge(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// refused wants an error of the kind and code.
func refused(tb testing.TB, err error, kind exchange.ErrorKind, code string) {
	tb.Helper()
	if err == nil || exchange.KindOf(err) != kind || exchange.CodeOf(err) != code {
		tb.Errorf("error %v (%s, %s), want %s, %s", err, exchange.KindOf(err), exchange.CodeOf(err), kind, code)
	}
}

func statuses(receipts []exchange.Receipt) []exchange.Status {
	var list []exchange.Status
	for _, receipt := range receipts {
		list = append(list, receipt.Status)
	}
	return list
}

func acts(entries []exchange.Event) []string {
	var list []string
	for _, event := range entries {
		list = append(list, event.Act)
	}
	return slices.Clip(list)
}
