package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// mount puts a small file system of its own on a folder. Only root can.
func mount(t *testing.T, dir, options string) {
	t.Helper()
	if os.Getuid() != 0 {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			t.Fatal("this test needs root")
		}
		t.Skip("only root can mount a small disk")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skip("the kernel of this machine lets nobody mount: ", err) // as in many containers
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

func TestAFullDiskLosesNothingAndSaysSo(t *testing.T) {
	t.Parallel()
	stage := openTheatre(t)
	blobs := filepath.Join(stage.world.dir, "commune", "blobs")
	mount(t, blobs, "size=400k")
	stage.start(t, "")
	clerk := stage.staff["commune"].clerk
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	submit := func(id exchange.DocumentID, file []byte) error {
		_, err := clerk.Submit(t.Context(), api.Submission{
			Draft: api.Draft{
				ID: id, Kind: "CV", Subject: "V/v đầy đĩa", Secrecy: exchange.NotSecret, Recipients: []string{"H40"},
				Signatory: exchange.Signatory{Name: stage.world.places[0].leader},
			},
			File: api.NamedFile{Name: "letter.pdf", Content: bytes.NewReader(file)},
		})
		return err
	}
	scanned, err := demoFiles.ReadFile("demo/scanned.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if err := submit("", letter); err != nil {
		t.Fatalf("while there is room: %v", err)
	}
	if err := submit("", scanned); exchange.CodeOf(err) != "storage.full" {
		t.Fatalf("with a full disk: %v", err)
	}
	list, err := clerk.Documents(t.Context(), exchange.Page{Limit: 10})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("%d documents are there, %v", len(list.Items), err)
	}
	if err := syscall.Mount("tmpfs", blobs, "tmpfs", syscall.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	if err := submit("", scanned); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestAReadOnlyDataFolderIsNamed(t *testing.T) {
	t.Parallel()
	p := program{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: os.Getenv, now: time.Now}
	cast := places()[:2]
	cast[0].rsa, cast[1].above = false, nil
	world, err := buildWorld(t.Context(), p, t.TempDir(), "", cast)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = world.close() }()
	folder := filepath.Join(world.dir, "commune")
	config, err := os.ReadFile(world.configs["commune"])
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "congvan.yaml")
	text := strings.ReplaceAll(string(config), "data: "+folder, "data: "+filepath.Join(folder, "readonly"))
	if err := os.WriteFile(elsewhere, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(folder, "readonly")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	mount(t, data, "size=1m")
	if err := syscall.Mount("tmpfs", data, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=1m"); err != nil {
		t.Fatal(err)
	}
	got := command(t, nil, "serve", "--config", elsewhere)
	if got.code != exitFailed || !strings.Contains(got.err, "read_only]") {
		t.Errorf("exit %d: %s", got.code, got.err)
	}
}

// The credit is lowered by what is really left of a disk, and by what really waits.
func TestTheLoadIsThatOfTheDiskAndTheQueue(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mount(t, dir, "size=1m")
	records, err := storage.OpenRecords(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "congvan.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = records.Close() }()
	clock := time.Now()
	l := &load{data: dir, records: records, now: func() time.Time { return clock }, log: slog.New(slog.DiscardHandler)}
	if empty := l.read(t.Context()); empty.Disk < 0.9 || empty.Waiting != 0 {
		t.Errorf("of an empty disk: %+v", empty)
	}
	if err := os.WriteFile(filepath.Join(dir, "full"), make([]byte, 1000<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		err := records.Update(t.Context(), func(tx exchange.Tx) error {
			_, _, err := tx.AddArrival(t.Context(), storagetest.Arrival(storagetest.Commune, n))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if soon := l.read(t.Context()); soon.Disk < 0.9 {
		t.Errorf("looked again within a second: %+v", soon)
	}
	clock = clock.Add(2 * time.Second)
	if full := l.read(t.Context()); full.Disk > 0.05 || full.Waiting != 3 {
		t.Errorf("of a full disk with three waiting: %+v", full)
	}
}
