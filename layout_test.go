// Package congvan holds no code, only the tests that keep the house in order.
package congvan

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// verbs are exchange and what is done with its documents in packages of their own.
var verbs = []string{
	"exchange", "exchange/checkpoint", "exchange/closing", "exchange/decide", "exchange/edxml", "exchange/evidence",
	"exchange/expiry", "exchange/handover", "exchange/outgoing", "exchange/readdress", "exchange/reading", "exchange/recall",
	"exchange/remind", "exchange/roll", "exchange/session", "exchange/transfer",
}

// floors is the house, ground floor first. A package may import what is listed
// for it and nothing else of ours. To add a package, add a line here and a
// paragraph to docs/architecture.md.
var floors = []struct {
	pkg     string
	imports []string
}{
	{"certs/cms", nil},
	{"signing/pdf", nil},
	{"pages", nil},
	{"sheet", nil},
	{"certs", []string{"certs/cms"}},
	{"signing", []string{"certs", "certs/cms", "signing/pdf", "pages"}},
	{"exchange", []string{"certs", "certs/cms", "signing"}},
	{"exchange/checkpoint", []string{"certs", "exchange"}},
	{"exchange/closing", []string{"exchange"}},
	{"exchange/reading", []string{"exchange", "signing"}},
	{"exchange/decide", []string{"exchange"}},
	{"exchange/outgoing", []string{"certs", "exchange", "exchange/reading", "signing"}},
	{"exchange/session", []string{"certs", "exchange", "exchange/outgoing", "exchange/reading", "signing"}},
	{"exchange/evidence", []string{"certs", "certs/cms", "exchange", "exchange/checkpoint", "signing"}},
	{"exchange/expiry", []string{"exchange"}},
	{"exchange/readdress", []string{"exchange"}},
	{"exchange/recall", []string{"exchange", "exchange/reading"}},
	{"exchange/transfer", []string{"exchange"}},
	{"exchange/edxml", []string{"exchange"}},
	{"exchange/handover", []string{"exchange", "exchange/outgoing", "exchange/reading"}},
	{"exchange/remind", []string{"exchange"}},
	{"exchange/roll", []string{"certs", "certs/cms", "exchange", "exchange/checkpoint"}},
	{"archive", []string{"certs", "signing", "exchange", "pages"}},
	{"storage", []string{"exchange", "archive"}},
	{"storage/audit", nil},
	{"api", append([]string{"certs", "signing", "archive", "pages", "sheet"}, verbs...)},
	{"web", append([]string{"api", "signing", "archive", "pages"}, verbs...)},
	{"cmd/congvan", append([]string{"certs", "signing", "pages", "archive", "storage", "storage/audit", "api", "web"}, verbs...)},
	// Helpers for tests. No package above imports them outside its tests.
	{"certs/certstest", []string{"certs", "certs/cms"}},
	{"exchange/exchangetest", []string{"certs", "certs/certstest", "exchange", "exchange/decide", "exchange/outgoing", "exchange/reading", "signing"}},
	{"storage/storagetest", []string{"exchange", "archive"}},
}

// rented is where each outside library may be used: as few doors as can be.
var rented = map[string][]string{
	"github.com/gin-gonic/gin":         {"api", "web"},
	"github.com/danielgtaylor/huma/v2": {"api"},
	"github.com/minio/minio-go/v7":     {"storage"},
	"github.com/digitorus/pdfsign":     {"signing"},
	"go.mozilla.org/pkcs7":             {"certs/cms"},
	"github.com/cloudflare/circl":      {"certs/cms"},
	"github.com/klippa-app/go-pdfium":  {"pages"},
	"github.com/ebitengine/purego":     {"certs", "certs/certstest"},
	"codeberg.org/go-pdf/fpdf":         {"sheet", "exchange/exchangetest"},
	"github.com/go-fonts/liberation":   {"sheet", "signing/pdf"},
	"rsc.io/qr":                        {"sheet"},
	"modernc.org/sqlite":               {"storage"},
	"github.com/jackc/pgx/v5":          {"storage", "storage/storagetest"},
}

const (
	longestFile     = 400 // lines
	longestFunction = 70  // lines
	longestLine     = 120 // columns
)

func TestLayout(t *testing.T) {
	allowed := map[string][]string{}
	for _, floor := range floors {
		allowed[floor.pkg] = floor.imports
	}
	documented := map[string]bool{}
	eachFile(t, func(name string, file *ast.File, fset *token.FileSet, source string) {
		pkg := path.Dir(name)
		if pkg == "." {
			return
		}
		imports, known := allowed[pkg]
		if !known {
			t.Errorf("%s: package %s is not in the house; see floors in layout_test.go", name, pkg)
		}
		test := strings.HasSuffix(name, "_test.go")
		documented[pkg] = documented[pkg] || file.Doc != nil && !test
		if lines := strings.Count(source, "\n"); lines > longestFile && !test {
			t.Errorf("%s: %d lines, at most %d", name, lines, longestFile)
		}
		for number, line := range strings.Split(source, "\n") {
			if len([]rune(line)) > longestLine && !strings.Contains(line, "http") {
				t.Errorf("%s:%d: line longer than %d", name, number+1, longestLine)
			}
		}
		if test {
			return
		}
		for _, spec := range file.Imports {
			target := strings.Trim(spec.Path.Value, `"`)
			if ours, ok := strings.CutPrefix(target, "congvan/"); ok && !slices.Contains(imports, ours) {
				t.Errorf("%s: %s may not import %s", name, pkg, ours)
			}
			for library, doors := range rented {
				if strings.HasPrefix(target, library) && !slices.Contains(doors, pkg) {
					t.Errorf("%s: %s is only for %v", name, library, doors)
				}
			}
		}
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1; n > longestFunction {
					t.Errorf("%s: %s is %d lines, at most %d", name, fn.Name.Name, n, longestFunction)
				}
			}
		}
	})
	for _, pkg := range slices.Sorted(maps.Keys(documented)) {
		if !documented[pkg] {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}

func eachFile(t *testing.T, visit func(name string, file *ast.File, fset *token.FileSet, source string)) {
	t.Helper()
	root := os.DirFS(".")
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || len(name) > 1 && strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, source, parser.ParseComments)
		if err != nil {
			return err
		}
		visit(name, file, fset, string(source))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
