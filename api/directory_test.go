package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"slices"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/roll"
)

func TestAFileComesIntoTheDirectoryOnlyAsItWasSeen(t *testing.T) {
	t.Parallel()
	var kept []exchange.DirectoryFile
	w := newWorld(t, func(config *api.Config) {
		now := config.Gateway.Directory()
		file := exchange.DirectoryFile{Nodes: now.Nodes(), Offices: now.Offices("", 9)}
		config.Roll = &roll.Roll{
			Gateway: config.Gateway, File: file,
			Replace: func(file exchange.DirectoryFile) error { kept = append(kept, file); return nil },
		}
		must(t, config.Roll.Open(t.Context()))
	})
	administrator := w.province.client(t, "Người quản trị", department, exchange.Administrator)
	state, err := administrator.Directory(t.Context())
	must(t, err)
	if state.Standing.Source != "file" || !slices.Contains(state.Standing.Warnings, "directory.unsigned") {
		t.Errorf("standing %+v", state.Standing)
	}
	file, err := exchange.ReadDirectoryFile(state.Directory)
	must(t, err)
	file.Offices[0].Names[0].Name += " (đổi tên)"
	changed, err := json.Marshal(file)
	must(t, err)
	review, err := administrator.CompareDirectory(t.Context(), changed, roll.Grant{})
	must(t, err)
	if len(review.Differences) != 1 || review.Differences[0].Kind != "renamed" || len(kept) > 0 {
		t.Fatalf("differences %+v", review.Differences)
	}
	if _, err = administrator.ApproveDirectory(t.Context(), changed, "la"); exchange.CodeOf(err) != "directory.changed" {
		t.Errorf("another digest: %v", err)
	}
	if _, err = administrator.ApproveDirectory(t.Context(), changed, review.Digest); err != nil || len(kept) != 1 {
		t.Errorf("approved: %v", err)
	}
	_, err = administrator.PublishDirectory(t.Context(), [][]byte{{1}})
	if exchange.CodeOf(err) != "directory.not_keeper" {
		t.Errorf("no log is here: %v", err)
	}
	clerk := w.province.client(t, "Văn thư", department, exchange.Clerk)
	if _, err := clerk.CompareDirectory(t.Context(), changed, roll.Grant{}); exchange.KindOf(err) != exchange.Denied {
		t.Errorf("a clerk: %v", err)
	}
}

func TestTheDirectoryLogCrossesTheWire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root, err := w.authority.Node("goc")
	must(t, err)
	open := func(n *node) *roll.Roll {
		r := &roll.Roll{
			Gateway: n.gateway, File: exchange.DirectoryFile{Nodes: n.gateway.Directory().Nodes()}, Line: n.carrier,
			Anchor: &roll.Anchor{Log: "thu", Keeper: w.province.entry.ID, Root: root.Certificate},
		}
		must(t, r.Open(t.Context()))
		return r
	}
	keeper, commune := open(w.province), open(w.commune)
	file := exchange.DirectoryFile{
		Nodes: w.province.gateway.Directory().Nodes(), Offices: w.province.gateway.Directory().Offices("", 9),
	}
	records, err := roll.SealAll(roll.Record{
		Log: "thu", By: roll.Root, At: time.Now().UTC(), Changes: keeper.Changes(file, roll.Grant{}),
	}, root)
	must(t, err)
	_, err = keeper.Publish(t.Context(), exchange.Actor{Name: "Quản trị", Role: exchange.Administrator}, records)
	must(t, err)

	peers := api.NewPeerServer(api.PeerConfig{
		Gateway: w.province.gateway, Roll: keeper, Certificate: w.province.certificate,
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- peers.Serve(ctx, listener) }()
	t.Cleanup(func() {
		w.commune.carrier.Close()
		cancel()
		must(t, <-served)
	})
	entry := w.province.entry
	entry.URL = "https://" + listener.Addr().String()
	must(t, commune.Pull(t.Context(), entry))
	if got, want := commune.Standing(), keeper.Standing(); got.Source != "log" || !bytes.Equal(got.Head, want.Head) {
		t.Errorf("the commune has %+v, the keeper %+v", got, want)
	}
}
