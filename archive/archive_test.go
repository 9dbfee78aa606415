package archive_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/google/go-cmp/cmp"

	"congvan/archive"
	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/exchange/decide"
	"congvan/exchange/outgoing"
	"congvan/exchange/reading"
	"congvan/signing"
	"congvan/storage"
	"congvan/storage/storagetest"
)

var noon = time.Date(2026, time.June, 15, 5, 0, 0, 0, time.UTC)

const (
	sender   exchange.OfficeID = "xa"
	receiver exchange.OfficeID = "tinh"
	leader                     = "Nguyễn Văn An"
)

var filing = archive.Filing{Dossier: "12.2026.UBND", Retention: archive.TwentyYears}

// house is one gateway with two offices, its archive, and the folder of the first copies.
type house struct {
	gateway *exchange.Gateway
	keeper  *archive.Keeper
	folder  string
}

type keys struct{ leader, seal certs.Identity }

func (k keys) Seal(context.Context, exchange.OfficeID) (exchange.Key, error) {
	return exchange.Key{Identity: k.seal}, nil
}

func (k keys) Leader(context.Context, exchange.OfficeID, string) (exchange.Key, error) {
	return exchange.Key{Identity: k.leader}, nil
}

type examiner struct{ anchors certs.Anchors }

func (e examiner) Examine(ctx context.Context, file io.ReaderAt, size int64, at time.Time) (signing.Report, error) {
	return signing.Examine(ctx, file, size, signing.Policy{At: at, Anchors: e.anchors})
}

func newHouse(t *testing.T) house {
	t.Helper()
	now := func() time.Time { return noon }
	authority, err := certs.NewAuthority(certs.Setting{
		URL: "http://127.0.0.1:1", Now: func() time.Time { return noon.Add(-time.Minute) },
	})
	must(t, err)
	node, err := authority.Node("cong")
	must(t, err)
	person, err := authority.Leader(leader, "Chủ tịch", "UBND xã", certs.ECDSAP256)
	must(t, err)
	seal, err := authority.Seal("UBND xã", certs.ECDSAP256)
	must(t, err)
	office := func(id exchange.OfficeID, name string) exchange.Office {
		return exchange.Office{
			ID: id, Level: "commune", Names: []exchange.Name{{Name: name}}, Notation: "UBND",
			Hosts: []exchange.Host{{Node: "cong"}},
		}
	}
	directory, err := exchange.NewDirectory(exchange.DirectoryFile{
		Nodes: []exchange.Node{
			{ID: "cong", URL: "https://127.0.0.1:1", Certificates: [][]byte{node.Certificate.Raw}},
		},
		Offices: []exchange.Office{office(sender, "UBND xã"), office(receiver, "UBND tỉnh")},
	})
	must(t, err)
	dir := t.TempDir()
	records, err := storage.OpenRecords(t.Context(), "sqlite:"+filepath.Join(dir, "records.db"))
	must(t, err)
	t.Cleanup(func() { must(t, records.Close()) })
	first, second := openFolder(t, filepath.Join(dir, "first")), openFolder(t, filepath.Join(dir, "second"))
	return house{
		gateway: &exchange.Gateway{
			Node: "cong", Identity: node, Directory: func() *exchange.Directory { return directory },
			Records: records, Blobs: first, Keys: keys{person, seal}, Examiner: examiner{authority.Anchors()},
			Rules:   exchange.SigningRules{Anchors: authority.Anchors(), Realms: exchange.DefaultRealms()},
			Stamper: certstest.NewLocalStamper(t, authority, now), Now: now, Log: slog.New(slog.DiscardHandler),
			MaxFile: 16 << 20,
		},
		keeper: &archive.Keeper{Records: records, Blobs: first, Second: second, Now: now},
		folder: filepath.Join(dir, "first"),
	}
}

func openFolder(t *testing.T, dir string) *storage.Folder {
	t.Helper()
	folder, err := storage.OpenFolder(dir)
	must(t, err)
	t.Cleanup(func() { must(t, folder.Close()) })
	return folder
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func actor(office exchange.OfficeID, role exchange.Role) exchange.Actor {
	return exchange.Actor{Name: leader, Office: office, Role: role}
}

// letter sends a letter from one office to the other, and gives it at both ends, judged.
func (h house) letter(t *testing.T) (exchange.Document, exchange.Arrival) {
	t.Helper()
	paper := fpdf.New("P", "mm", "A4", "")
	paper.AddPage()
	var file bytes.Buffer
	must(t, paper.Output(&file))
	desk := outgoing.Desk{Gateway: h.gateway}
	document, err := desk.Submit(t.Context(), actor(sender, exchange.Clerk), exchange.Draft{
		Kind: "BC", Subject: "Báo cáo", Secrecy: exchange.NotSecret, Signatory: exchange.Signatory{Name: leader},
		Recipients: []exchange.OfficeID{receiver}, FileName: "bao-cao.pdf",
	}, &file)
	must(t, err)
	_, err = desk.Sign(t.Context(), actor(sender, exchange.Leader), document.ID)
	must(t, err)
	_, err = desk.Seal(t.Context(), actor(sender, exchange.Clerk), document.ID)
	must(t, err)
	document, err = h.gateway.Send(t.Context(), actor(sender, exchange.Clerk), document.ID)
	must(t, err)
	must(t, h.gateway.DeliverNow(t.Context()))
	_, err = h.gateway.Judge(t.Context())
	must(t, err)
	arrivals, err := reading.Desk{Gateway: h.gateway}.Arrivals(
		t.Context(), actor(receiver, exchange.Clerk), exchange.Page{Limit: 1},
	)
	must(t, err)
	return document, arrivals[0]
}

func refused(t *testing.T, err error, kind exchange.ErrorKind, code string) {
	t.Helper()
	if exchange.KindOf(err) != kind || exchange.CodeOf(err) != code {
		t.Errorf("error %v (%s), want %s %s", err, exchange.KindOf(err), kind, code)
	}
}

func TestAFiledArrivalComesBackWholeWithItsEvidence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	document, arrival := h.letter(t)
	archivist := actor(receiver, exchange.Archivist)
	_, err := h.keeper.Take(t.Context(), archivist, arrival.ID, filing)
	refused(t, err, exchange.Conflict, "archive.not_accepted")
	_, err = h.keeper.Retrieve(t.Context(), archivist, arrival.ID)
	refused(t, err, exchange.NotFound, "archive.not_filed")
	_, err = decide.Desk{Gateway: h.gateway}.Accept(t.Context(), actor(receiver, exchange.Clerk), arrival.ID)
	must(t, err)

	filed, err := h.keeper.Take(t.Context(), archivist, arrival.ID, filing)
	must(t, err)
	again, err := h.keeper.Take(t.Context(), archivist, arrival.ID, archive.Filing{
		Dossier: "13.2026", Retention: archive.Permanent,
	})
	if err != nil || !cmp.Equal(filed, again) {
		t.Errorf("filed twice: %v\n%s", err, cmp.Diff(filed, again))
	}
	found, err := h.keeper.Retrieve(t.Context(), archivist, arrival.ID)
	must(t, err)
	defer found.Main.Close()
	if !found.Arrival.FiledAt.Equal(noon) || !cmp.Equal(found.Filed, filed) {
		t.Errorf("filed at %s as %+v", found.Arrival.FiledAt, found.Filed)
	}
	if found.Main.Size() != document.Current().Size || found.Arrival.Header.Main.Digest != document.Current().Digest {
		t.Error("the bytes are not those that were issued")
	}
	evidence := found.Evidence
	if len(evidence.Header) == 0 || len(evidence.Receipts) != 2 || evidence.Judgement.Verdict != "passed" {
		t.Errorf("evidence: header of %d bytes, %d receipts, judged %+v",
			len(evidence.Header), len(evidence.Receipts), evidence.Judgement)
	}
	if digest := sha256.Sum256(evidence.Bundle); hex.EncodeToString(digest[:]) != string(evidence.Judgement.Bundle()) {
		t.Errorf("what the judgement rests on is not in the evidence: %d bytes", len(evidence.Bundle))
	}
	var acts []string
	for _, entry := range evidence.Entries {
		acts = append(acts, entry.Act)
	}
	want := []string{"arrival.received", "arrival.judged", "arrival.shown", "arrival.accepted"}
	if !slices.Equal(acts, want) {
		t.Errorf("log in the evidence: %v", acts)
	}
	events, err := reading.Desk{Gateway: h.gateway}.Timeline(t.Context(), archivist, document.ID)
	must(t, err)
	asked := func(event reading.Event) bool {
		return event.Act == "archive.retrieved" && event.Actor == archivist.Name
	}
	if !slices.ContainsFunc(events, asked) {
		t.Errorf("who asked is not in the log: %+v", events)
	}
}

func TestTheOriginalIsKeptByTheOfficeThatIssuedIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	document, _ := h.letter(t)
	archivist := actor(sender, exchange.Archivist)
	filed, err := h.keeper.TakeDocument(t.Context(), archivist, document.ID, filing)
	must(t, err)
	again, err := h.keeper.TakeDocument(t.Context(), archivist, document.ID, filing)
	if err != nil || !cmp.Equal(filed, again) {
		t.Errorf("filed twice: %v\n%s", err, cmp.Diff(filed, again))
	}
	_, err = h.keeper.TakeDocument(t.Context(), actor(receiver, exchange.Archivist), document.ID, filing)
	refused(t, err, exchange.NotFound, "document.not_found")
	kept, err := h.keeper.Second.Has(t.Context(), []exchange.Digest{document.Current().Digest, filed.Evidence})
	must(t, err)
	if len(kept) != 2 {
		t.Errorf("in the second store: %v", kept)
	}
}

func TestADamagedCopyIsNoticedAndTheOtherOneGiven(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	document, arrival := h.letter(t)
	_, err := decide.Desk{Gateway: h.gateway}.Accept(t.Context(), actor(receiver, exchange.Clerk), arrival.ID)
	must(t, err)
	archivist := actor(receiver, exchange.Archivist)
	_, err = h.keeper.Take(t.Context(), archivist, arrival.ID, filing)
	must(t, err)
	h.damage(t, document.Current().Digest)
	found, err := h.keeper.Retrieve(t.Context(), archivist, arrival.ID)
	must(t, err)
	must(t, found.Main.Close())
	h.keeper.Second = nil
	_, err = h.keeper.Retrieve(t.Context(), archivist, arrival.ID)
	refused(t, err, exchange.Invalid, "archive.damaged")
}

func TestNothingDamagedIsFiled(t *testing.T) {
	t.Parallel()
	for _, second := range []bool{true, false} {
		h := newHouse(t)
		if !second {
			h.keeper.Second = nil
		}
		document, _ := h.letter(t)
		h.damage(t, document.Current().Digest)
		_, err := h.keeper.TakeDocument(t.Context(), actor(sender, exchange.Clerk), document.ID, filing)
		refused(t, err, exchange.Invalid, "archive.damaged")
	}
}

// damage changes one byte of a blob in the first store.
func (h house) damage(t *testing.T, digest exchange.Digest) {
	t.Helper()
	place, kept := storagetest.Places(t, h.folder)[digest]
	if !kept {
		t.Fatalf("%s is not kept", digest)
	}
	storagetest.Flip(t, place)
}

func TestFilingNeedsTheRightADossierAndAPeriod(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	document, _ := h.letter(t)
	_, err := h.keeper.TakeDocument(t.Context(), actor(sender, exchange.Leader), document.ID, filing)
	refused(t, err, exchange.Denied, "access.denied")
	_, err = h.keeper.Retrieve(t.Context(), actor(sender, exchange.Administrator), "none")
	refused(t, err, exchange.Denied, "access.denied")
	archivist := actor(sender, exchange.Archivist)
	for code, wrong := range map[string]archive.Filing{
		"archive.dossier":   {Dossier: "", Retention: archive.TenYears},
		"archive.dossier ":  {Dossier: "a\nb", Retention: archive.TenYears},
		"archive.retention": {Dossier: "12.2026", Retention: "07"},
	} {
		_, err := h.keeper.TakeDocument(t.Context(), archivist, document.ID, wrong)
		refused(t, err, exchange.Invalid, strings.TrimSpace(code))
		_, err = h.keeper.Take(t.Context(), archivist, "none", wrong)
		refused(t, err, exchange.Invalid, strings.TrimSpace(code))
	}
	if years, known := archive.TwentyYears.Years(); years != 20 || !known {
		t.Errorf("%d years", years)
	}
	if years, known := archive.Permanent.Years(); years != 0 || !known {
		t.Errorf("for ever is %d years", years)
	}
}
