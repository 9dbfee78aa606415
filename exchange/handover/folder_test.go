package handover_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/handover"
	"congvan/signing"
)

func contextWithEnd(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(context.WithoutCancel(t.Context()))
}

// withFolder orders a folder for a system of the commune and opens it.
func (g *gate) withFolder(t *testing.T, folder string) {
	t.Helper()
	g.desk.Folders = map[handover.Holder]handover.Folder{of("cu"): {Path: folder}}
	ok(t, g.desk.Furnish(t.Context()))
}

func listed(t *testing.T, folder string) (names []string) {
	t.Helper()
	ok(t, filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(folder, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	}))
	slices.Sort(names)
	return names
}

func TestWhatHappensIsPutIntoTheFolderWholeAndUnderSafeNames(t *testing.T) {
	t.Parallel()
	g, folder := newGate(t), t.TempDir()
	g.withFolder(t, folder)
	arrival := g.arrive(t, commune)
	g.judged(t, arrival)
	g.arrive(t, province)
	ok(t, g.desk.Push(t.Context(), of("cu")))
	want := []string{
		"000000000001-arrival.received/bien-nhan-01.p7s", "000000000001-arrival.received/phu-luc-01.pdf",
		"000000000001-arrival.received/su-kien.json", "000000000001-arrival.received/van-ban.pdf",
		"000000000001-arrival.received/xong", "000000000004-arrival.judged/su-kien.json",
		"000000000004-arrival.judged/xong",
	}
	got := listed(t, filepath.Join(folder, "in"))
	shape := func(names []string) (list []string) {
		for _, name := range names {
			_, rest, _ := strings.Cut(name, "-")
			list = append(list, rest)
		}
		return list
	}
	if !slices.Equal(shape(got), shape(want)) {
		t.Fatalf("the folder has %v", got)
	}
	content, err := os.ReadFile(filepath.Join(folder, "in", filepath.Dir(got[3]), "van-ban.pdf"))
	ok(t, err)
	if !strings.Contains(string(content), "main of "+string(arrival.ID)) {
		t.Errorf("the file is %q", content)
	}
	if left := listed(t, filepath.Join(folder, ".congvan", "new")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestACrashPutsAnEventIntoTheFolderOnce ends the program at every step; the system takes away what it sees.
func TestACrashPutsAnEventIntoTheFolderOnce(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"folder-made", "folder-marked", "folder-shown"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			g, folder := newGate(t), t.TempDir()
			g.withFolder(t, folder)
			g.arrive(t, commune)
			taken := 0
			takeAway := func() {
				entries, err := os.ReadDir(filepath.Join(folder, "in"))
				ok(t, err)
				for _, entry := range entries {
					taken++
					ok(t, os.RemoveAll(filepath.Join(folder, "in", entry.Name())))
				}
			}
			for range 2 {
				func() {
					defer func() { _ = recover() }()
					g.gateway.Failpoint = func(at string) {
						if at == point {
							panic("crash")
						}
					}
					ok(t, g.desk.Push(t.Context(), of("cu")))
				}()
				takeAway()
				g.restart(t)
				g.withFolder(t, folder)
				g.clock = g.clock.Add(10 * time.Minute)
			}
			ok(t, g.desk.Push(t.Context(), of("cu")))
			takeAway()
			ok(t, g.desk.Push(t.Context(), of("cu")))
			takeAway()
			if taken != 1 {
				t.Errorf("the system saw it %d times", taken)
			}
		})
	}
}

// unsigned says of every file that nobody has signed it.
type unsigned struct{}

func (unsigned) Examine(context.Context, io.ReaderAt, int64, time.Time) (signing.Report, error) {
	return signing.Report{Verdict: signing.Unsigned}, nil
}

const order = `{"kind":"CV","subject":"V/v báo cáo","unit":"VP","secrecy":"none","recipients":["H42"],
	"signatory":{"name":"Nguyễn Văn An","position":"Chủ tịch","capacity":"TM."}}`

// withOffices makes the gateway able to take documents in.
func (g *gate) withOffices(t *testing.T) {
	t.Helper()
	office := func(id exchange.OfficeID, code string) exchange.Office {
		return exchange.Office{
			ID: id, Level: "commune", Notation: "UBND", Names: []exchange.Name{{Name: string(id)}},
			Codes: []exchange.Code{{Scheme: exchange.QD20, Code: code}}, Hosts: []exchange.Host{{Node: "xa-1"}},
		}
	}
	authority, err := certs.NewAuthority(certs.Setting{URL: "http://127.0.0.1", Now: g.gateway.Now})
	ok(t, err)
	identity, err := authority.Node("xa-1")
	ok(t, err)
	certificates := [][]byte{identity.Certificate.Raw}
	directory, err := exchange.NewDirectory(exchange.DirectoryFile{
		Nodes:   []exchange.Node{{ID: "xa-1", URL: "https://xa-1", Certificates: certificates}},
		Offices: []exchange.Office{office(commune, "H42.25.11"), office(province, "H42")},
	})
	ok(t, err)
	g.gateway.Directory = func() *exchange.Directory { return directory }
	g.gateway.Examiner = unsigned{}
}

// put writes a file as it was written a while ago.
func (g *gate) put(t *testing.T, path, content string) {
	t.Helper()
	ok(t, os.WriteFile(path, []byte(content), 0o600))
	ok(t, os.Chtimes(path, g.clock.Add(-10*time.Second), g.clock.Add(-10*time.Second)))
}

func (g *gate) documents(t *testing.T) (list []exchange.Document) {
	t.Helper()
	ok(t, g.gateway.Records.View(t.Context(), func(tx exchange.Tx) (err error) {
		list, err = tx.Documents(t.Context(), commune, exchange.Page{Limit: 10})
		return err
	}))
	return list
}

func TestAPaperInTheFolderIsHandedInOnce(t *testing.T) {
	t.Parallel()
	g, folder := newGate(t), t.TempDir()
	g.withOffices(t)
	g.withFolder(t, folder)
	out := func(name string) string { return filepath.Join(folder, "out", name) }
	pdf := emptyPDF(t)
	g.put(t, out("cv.json"), order[:40])
	g.put(t, out("cv.pdf"), pdf)
	ok(t, g.desk.TakeIn(t.Context(), of("cu")))
	if names := listed(t, filepath.Join(folder, "out")); len(names) != 2 || len(g.documents(t)) != 0 {
		t.Fatalf("a JSON that is being written is taken for wrong: %v", names)
	}
	g.put(t, out("cv.json"), order)
	func() { // it crashes after it was handed in, before that is told
		defer func() { _ = recover() }()
		g.gateway.Failpoint = func(at string) {
			if at == "folder-submitted" {
				panic("crash")
			}
		}
		ok(t, g.desk.TakeIn(t.Context(), of("cu")))
		t.Error("it did not crash")
	}()
	g.restart(t)
	g.withOffices(t)
	g.withFolder(t, folder)
	for range 2 {
		ok(t, g.desk.TakeIn(t.Context(), of("cu")))
	}
	g.put(t, out("cv-lan-hai.json"), order)
	g.put(t, out("cv-lan-hai.pdf"), pdf)
	ok(t, g.desk.TakeIn(t.Context(), of("cu")))
	documents := g.documents(t)
	if len(documents) != 1 || documents[0].Recipients[0] != province || documents[0].CreatedBy != "cu" {
		t.Fatalf("%d documents: %+v", len(documents), documents)
	}
	for _, name := range []string{"cv", "cv-lan-hai"} {
		text, err := os.ReadFile(out(name + ".ket-qua.json"))
		ok(t, err)
		var result handover.Result
		ok(t, json.Unmarshal(text, &result))
		if result.Document != documents[0].ID {
			t.Errorf("%s: %+v", name, result)
		}
	}
}

func TestWhatIsWrongInTheFolderIsSaidBesideItAndTriedAgainWhenItIsSaved(t *testing.T) {
	t.Parallel()
	g, folder := newGate(t), t.TempDir()
	g.withOffices(t)
	g.withFolder(t, folder)
	out := func(name string) string { return filepath.Join(folder, "out", name) }
	for name, wrong := range map[string]struct{ order, code string }{
		"nơi nhận": {strings.Replace(order, "H42", "H99", 1), "recipient.unknown"},
		"mật":      {strings.Replace(order, `"none"`, `"secret"`, 1), "secrecy.refused"},
		"lạ":       {strings.Replace(order, `"unit"`, `"unitt"`, 1), "mailbox.json"},
		"tổng":     {strings.Replace(order, `{"kind"`, `{"sha256":"00","kind"`, 1), "blob.digest_mismatch"},
		"ra ngoài": {strings.Replace(order, `{"kind"`, `{"attachments":["../x"],"kind"`, 1), "file.name"},
	} {
		g.put(t, out(name+".pdf"), emptyPDF(t))
		g.put(t, out(name+".json"), wrong.order)
		ok(t, g.desk.TakeIn(t.Context(), of("cu")))
		text, err := os.ReadFile(out(name + ".loi.txt"))
		ok(t, err)
		if !strings.Contains(string(text), "Câu của "+wrong.code) {
			t.Errorf("%s: %s, want %s", name, text, wrong.code)
		}
	}
	if len(g.documents(t)) != 0 {
		t.Fatal("something wrong was handed in")
	}
	g.clock = time.Now().Add(time.Minute) // the files beside are as old as the machine says
	g.put(t, out("nơi nhận.json"), order)
	ok(t, g.desk.TakeIn(t.Context(), of("cu")))
	if _, err := os.Stat(out("nơi nhận.loi.txt")); len(g.documents(t)) != 1 || err == nil {
		t.Errorf("%d documents after it was corrected", len(g.documents(t)))
	}
}

// emptyPDF is a letter of one page.
func emptyPDF(t *testing.T) string {
	t.Helper()
	document := fpdf.New("P", "mm", "A4", "")
	document.SetCreationDate(time.Unix(0, 0))
	document.SetModificationDate(time.Unix(0, 0))
	document.AddPage()
	var out strings.Builder
	ok(t, document.Output(&out))
	return out.String()
}
