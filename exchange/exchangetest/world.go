// Package exchangetest is a small world for the tests of package exchange and of the verbs over it: three gateways of
// four offices with real keys, records in maps, and lines between them that work until a test puts others in their
// place. It knows nothing of databases: the engines pass storage/storagetest.
package exchangetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/exchange/decide"
	"congvan/exchange/outgoing"
	"congvan/exchange/reading"
)

// The offices of the world, and their gateways.
const (
	Commune  exchange.OfficeID = "xa-hai-hau"
	District exchange.OfficeID = "huyen-hai-hau"
	Province exchange.OfficeID = "tinh-nam-dinh"
	Interior exchange.OfficeID = "so-noi-vu" // another office of the province's gateway

	CommuneNode  exchange.NodeID = "cong-xa"
	DistrictNode exchange.NodeID = "cong-huyen"
	ProvinceNode exchange.NodeID = "cong-tinh"
)

// Names are what the offices are called; the holders of their seals are called the same.
var Names = map[exchange.OfficeID]string{
	Commune: "UBND xã Hải Hậu", District: "UBND huyện Hải Hậu", Province: "UBND tỉnh Nam Định", Interior: "Sở Nội vụ",
}

// LeaderName is what the leader of every office is called.
const LeaderName = "Nguyễn Văn An"

// Noon is the day on which all this happens: a Monday in Hanoi, under the three tiers that the fixtures have.
var Noon = time.Date(2026, time.June, 15, 5, 0, 0, 0, time.UTC)

// World is a few gateways and the lines between them.
type World struct {
	Directory atomic.Pointer[exchange.Directory]
	Gateways  map[exchange.NodeID]*exchange.Gateway
	Memories  map[exchange.NodeID]*Memory
	Shelves   map[exchange.NodeID]*Shelf
	Others    map[exchange.NodeID]certs.Identity // of gateways beside the three
	Now       func() time.Time
	stamps    certs.Stamper
}

// ThreeTiers is the directory of the fixtures: commune, district and province, each reached through the one above.
func ThreeTiers(tb testing.TB) exchange.DirectoryFile {
	tb.Helper()
	node := func(id, uplink exchange.NodeID) exchange.Node {
		der := People(tb).Nodes[id].Certificate.Raw
		return exchange.Node{ID: id, URL: "https://127.0.0.1:1", Uplink: uplink, Certificates: [][]byte{der}}
	}
	office := func(id exchange.OfficeID, code, notation string, host exchange.NodeID) exchange.Office {
		return exchange.Office{
			ID: id, Level: "any", Codes: []exchange.Code{{Scheme: exchange.QD20, Code: code}},
			Names: []exchange.Name{{Name: Names[id]}}, Hosts: []exchange.Host{{Node: host}}, Notation: notation,
		}
	}
	return exchange.DirectoryFile{
		Nodes: []exchange.Node{
			node(CommuneNode, DistrictNode), node(DistrictNode, ProvinceNode), node(ProvinceNode, ""),
		},
		Offices: []exchange.Office{
			office(Commune, "H40.03.12", "UBND", CommuneNode),
			office(District, "H40.03", "UBND", DistrictNode),
			office(Province, "H40", "UBND", ProvinceNode),
			office(Interior, "H40.20", "SNV", ProvinceNode),
		},
	}
}

// New has every gateway write by the line that the carrier gives it.
func New(tb testing.TB, carrier func(*World, exchange.NodeID) exchange.Carrier) *World {
	tb.Helper()
	directory, err := exchange.NewDirectory(ThreeTiers(tb))
	if err != nil {
		tb.Fatal(err)
	}
	w := &World{
		Gateways: map[exchange.NodeID]*exchange.Gateway{},
		Memories: map[exchange.NodeID]*Memory{}, Shelves: map[exchange.NodeID]*Shelf{},
		Now: func() time.Time { return Noon },
	}
	w.Directory.Store(directory)
	for _, node := range []exchange.NodeID{CommuneNode, DistrictNode, ProvinceNode} {
		w.Memories[node], w.Shelves[node] = NewMemory(), NewShelf()
		w.Gateways[node] = w.Gateway(tb, node, carrier(w, node))
	}
	return w
}

// Gateway is one over the records and blobs that the node has.
func (w *World) Gateway(tb testing.TB, node exchange.NodeID, carrier exchange.Carrier) *exchange.Gateway {
	tb.Helper()
	identity, known := w.Others[node]
	if !known {
		identity = People(tb).Nodes[node]
	}
	return &exchange.Gateway{
		Node: node, Identity: identity, Directory: w.Directory.Load,
		Records: w.Memories[node], Blobs: w.Shelves[node], Carrier: carrier, Keys: Keyring{People(tb)},
		Rules:    exchange.SigningRules{Anchors: People(tb).Authority.Anchors(), Realms: exchange.DefaultRealms()},
		Examiner: Examiner{People(tb).Authority.Anchors()}, Stamper: w.Stamper(tb),
		Now: func() time.Time { return w.Now() }, Log: slog.New(slog.DiscardHandler), MaxFile: 64 << 20,
	}
}

// Stamper gives the time-stamping authority, which goes by the world's clock.
func (w *World) Stamper(tb testing.TB) certs.Stamper {
	tb.Helper()
	if w.stamps == nil {
		w.stamps = certstest.NewLocalStamper(tb, People(tb).Authority, func() time.Time { return w.Now() })
	}
	return w.stamps
}

// Wire is a line that works: it brings the blobs and the frames, and the answer back.
type Wire struct {
	World *World
	From  exchange.NodeID
}

// Straight is the [Wire] of a gateway.
func Straight(w *World, from exchange.NodeID) exchange.Carrier { return Wire{w, from} }

// Carry has the other gateway receive.
func (l Wire) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	goal := l.World.Gateways[to.ID]
	held, err := goal.Blobs.Has(ctx, blobs)
	if err != nil {
		return nil, err
	}
	for _, digest := range blobs {
		if held[digest] {
			continue
		}
		blob, err := l.World.Gateways[l.From].Blobs.Open(ctx, digest)
		if err != nil {
			return nil, err
		}
		_, _, err = goal.Blobs.Put(ctx, io.NewSectionReader(blob, 0, blob.Size()), digest, blob.Size())
		if err = errors.Join(err, blob.Close()); err != nil {
			return nil, err
		}
	}
	return goal.Receive(ctx, l.From, frames)
}

// Clerk is the clerk of an office.
func Clerk(office exchange.OfficeID) exchange.Actor {
	return exchange.Actor{Name: "Trần Thị Văn Thư", Office: office, Role: exchange.Clerk}
}

// Leader is the leader of an office, who signs its documents.
func Leader(office exchange.OfficeID) exchange.Actor {
	return exchange.Actor{Name: LeaderName, Office: office, Role: exchange.Leader}
}

// Draft is a report for the leader to sign.
func Draft(to ...exchange.OfficeID) exchange.Draft {
	return exchange.Draft{
		Kind: "BC", Subject: "Báo cáo kết quả ứng dụng chữ ký số", Secrecy: exchange.NotSecret,
		Signatory:  exchange.Signatory{Name: LeaderName, Position: "Chủ tịch", Capacity: exchange.OnBehalf},
		Recipients: to, FileName: "bao-cao.pdf",
	}
}

// Issue brings a document from the draft to the queue.
func (w *World) Issue(
	tb testing.TB, node exchange.NodeID, office exchange.OfficeID, to ...exchange.OfficeID,
) exchange.Document {
	tb.Helper()
	return w.Write(tb, node, office, Draft(to...))
}

// Write brings a draft to the queue.
func (w *World) Write(
	tb testing.TB, node exchange.NodeID, office exchange.OfficeID, wanted exchange.Draft,
) exchange.Document {
	tb.Helper()
	document := w.Prepare(tb, node, office, wanted)
	document, err := w.Gateways[node].Send(tb.Context(), Clerk(office), document.ID)
	if err != nil {
		tb.Fatalf("send: %v", err)
	}
	return document
}

// ID gives ULIDs in order.
func ID(n int) exchange.DocumentID {
	return exchange.DocumentID(fmt.Sprintf("01K0000000000000000000%04d", n))
}

// Desk is where the documents of a gateway are made ready.
func Desk(gateway *exchange.Gateway) outgoing.Desk { return outgoing.Desk{Gateway: gateway} }

// Decider is where the offices of a gateway decide on what came.
func Decider(gateway *exchange.Gateway) decide.Desk { return decide.Desk{Gateway: gateway} }

// Reader is where the offices of a gateway read.
func Reader(gateway *exchange.Gateway) reading.Desk { return reading.Desk{Gateway: gateway} }

// Issue seals and sends in one go.
func Issue(
	ctx context.Context, gateway *exchange.Gateway, actor exchange.Actor, id exchange.DocumentID,
) (exchange.Document, error) {
	if document, err := Desk(gateway).Seal(ctx, actor, id); err != nil {
		return document, err
	}
	return gateway.Send(ctx, actor, id)
}

// Prepare brings a document from the draft to the seal.
func (w *World) Prepare(
	tb testing.TB, node exchange.NodeID, office exchange.OfficeID, wanted exchange.Draft,
) exchange.Document {
	tb.Helper()
	desk := Desk(w.Gateways[node])
	document, err := desk.Submit(tb.Context(), Clerk(office), wanted, bytes.NewReader(PDF(tb)))
	if err != nil {
		tb.Fatalf("submit: %v", err)
	}
	if _, err := desk.Sign(tb.Context(), Leader(office), document.ID); err != nil {
		tb.Fatalf("sign: %v", err)
	}
	document, err = desk.Seal(tb.Context(), Clerk(office), document.ID)
	if err != nil {
		tb.Fatalf("seal: %v", err)
	}
	return document
}

// Deliver lets every gateway bring what it owes until nobody owes anything.
func (w *World) Deliver(tb testing.TB) {
	tb.Helper()
	for range 20 {
		for _, node := range []exchange.NodeID{CommuneNode, DistrictNode, ProvinceNode} {
			if err := w.Gateways[node].DeliverNow(tb.Context()); err != nil {
				tb.Fatalf("%s delivers: %v", node, err)
			}
		}
		if w.Idle(tb) {
			return
		}
	}
	tb.Fatal("after twenty rounds something is owed still")
}

// Idle says whether nothing is owed.
func (w *World) Idle(tb testing.TB) bool {
	tb.Helper()
	for _, memory := range w.Memories {
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

// Inbox lists the arrivals at an office, which are shown with it.
func (w *World) Inbox(tb testing.TB, node exchange.NodeID, office exchange.OfficeID) []exchange.Arrival {
	tb.Helper()
	arrivals, err := Reader(w.Gateways[node]).Arrivals(tb.Context(), Clerk(office), exchange.Page{Limit: 200})
	if err != nil {
		tb.Fatal(err)
	}
	return arrivals
}

// Judge has a gateway judge what arrived.
func (w *World) Judge(tb testing.TB, node exchange.NodeID) {
	tb.Helper()
	if _, err := w.Gateways[node].Judge(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// Refused wants an error of the kind and code.
func Refused(tb testing.TB, err error, kind exchange.ErrorKind, code string) {
	tb.Helper()
	if err == nil || exchange.KindOf(err) != kind || exchange.CodeOf(err) != code {
		tb.Errorf("error %v (%s, %s), want %s, %s", err, exchange.KindOf(err), exchange.CodeOf(err), kind, code)
	}
}

// Statuses gives those of receipts, in their order.
func Statuses(receipts []exchange.Receipt) []exchange.Status {
	var list []exchange.Status
	for _, receipt := range receipts {
		list = append(list, receipt.Status)
	}
	return list
}

// Acts gives those of a timeline, in their order.
func Acts(entries []reading.Event) []string {
	var list []string
	for _, event := range entries {
		list = append(list, event.Act)
	}
	return slices.Clip(list)
}

// SealedAt gives the sealed bytes of a message.
func (w *World) SealedAt(tb testing.TB, node exchange.NodeID, id exchange.DocumentID) []byte {
	tb.Helper()
	return w.Memories[node].Facts().Messages[exchange.MessageID(id)].Sealed
}

// Logged gives a detail of all leaves of an act.
func (w *World) Logged(tb testing.TB, node exchange.NodeID, act, key string) []string {
	tb.Helper()
	var found []string
	for _, entry := range w.Memories[node].Facts().Entries {
		if entry.Act == act {
			found = append(found, entry.Detail[key])
		}
	}
	return found
}
