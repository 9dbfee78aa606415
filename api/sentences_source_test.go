package api_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"congvan/api"
	"congvan/exchange"
	"congvan/signing"
)

// codeForm is the form of stable codes. Words of the source that have it are codes, unless they are named in notCodes.
var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

// notCodes are words that look like codes and are none: names of files, of formats and of hosts.
var notCodes = regexp.MustCompile(`^(adbe|etsi|event_[a-z]+|vcs|congvan|node)\.|\.again$|` +
	`\.(go|db|sql|json|jsonl|yaml|yml|pem|der|crt|cer|key|p12|pfx|p7s|pdf|png|css|js|html|txt|md|tsv|log|sock|` +
	`cms|csr|svg|ico|xml|edxml|local|com|vn|gz|zip|tmp|secret|pprof|cf|test)$`)

func TestEveryCodeInTheSourceHasASentence(t *testing.T) {
	t.Parallel()
	found := map[string][]string{}
	eachSource(t, func(name string, file *ast.File) {
		ast.Inspect(file, func(node ast.Node) bool {
			if _, ok := node.(*ast.ImportSpec); ok {
				return false
			}
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err == nil && codeForm.MatchString(text) && !notCodes.MatchString(text) {
				found[text] = append(found[text], name)
			}
			return true
		})
	})
	if len(found) < 150 {
		t.Fatalf("only %d codes were found: the search is broken", len(found))
	}
	for code, where := range found {
		if !api.HasSentence(code) && !api.HasSentence("act."+code) {
			t.Errorf("%s has no sentence (%s)", code, strings.Join(slices.Compact(where), ", "))
		}
	}
}

// The test finds the second argument of Errorf, the Code of composite literals, and constants that are named code:
// those are shown as errors, so that a sentence for an act is not enough.
func TestEveryErrorCodeHasASentenceOfItsOwn(t *testing.T) {
	t.Parallel()
	count := 0
	eachSource(t, func(name string, file *ast.File) {
		ast.Inspect(file, func(node ast.Node) bool {
			var literal ast.Expr
			switch n := node.(type) {
			case *ast.CallExpr:
				if called(n) == "Errorf" && len(n.Args) >= 3 {
					literal = n.Args[1]
				}
			case *ast.ValueSpec:
				if strings.HasPrefix(strings.ToLower(n.Names[0].Name), "code") && len(n.Values) == 1 {
					literal = n.Values[0]
				}
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
					literal = n.Value
				}
			}
			if code, ok := stringOf(literal); ok && code != "" && !strings.Contains(code, "%") && !notCodes.MatchString(code) {
				count++
				if !api.HasSentence(code) {
					t.Errorf("%s: error %s has no sentence", name, code)
				}
			}
			return true
		})
	})
	if count < 100 {
		t.Fatalf("only %d errors were found: the search is broken", count)
	}
}

func called(call *ast.CallExpr) string {
	switch function := call.Fun.(type) {
	case *ast.SelectorExpr:
		return function.Sel.Name
	case *ast.Ident:
		return function.Name
	}
	return ""
}

func stringOf(expression ast.Expr) (string, bool) {
	literal, ok := expression.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

func TestEveryReasonOfAReportHasASentence(t *testing.T) {
	t.Parallel()
	for _, code := range signing.Codes() {
		if !api.HasSentence(code.Code) {
			t.Errorf("%s has no sentence", code.Code)
		}
	}
	for _, verdict := range []signing.Verdict{signing.Passed, signing.Indeterminate, signing.Failed, signing.Unsigned} {
		if !api.HasSentence("verdict." + string(verdict)) {
			t.Errorf("verdict %s has no sentence", verdict)
		}
	}
}

func TestEveryCheckAndItsResultHaveNames(t *testing.T) {
	t.Parallel()
	names := []string{}
	for _, criterion := range signing.Criteria() {
		names = append(names, string(criterion))
	}
	for _, result := range []signing.Result{signing.CheckPassed, signing.CheckFailed, signing.CheckUnknown} {
		names = append(names, "check."+string(result))
	}
	for _, name := range names {
		if !api.HasSentence(name) {
			t.Errorf("%s has no name", name)
		}
	}
}

func TestNoCodeHasTwoSentences(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	eachSource(t, func(name string, file *ast.File) {
		if !strings.HasPrefix(name, "api/sentences") {
			return
		}
		ast.Inspect(file, func(node ast.Node) bool {
			entry, ok := node.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			if code, ok := stringOf(entry.Key); ok {
				if other := seen[code]; other != "" {
					t.Errorf("%s has a sentence in %s and in %s", code, other, name)
				}
				seen[code] = name
			}
			return true
		})
	})
	if len(seen) < 250 {
		t.Fatalf("only %d sentences were found: the search is broken", len(seen))
	}
}

func TestEveryStatusAndOutcomeHasWords(t *testing.T) {
	t.Parallel()
	for _, status := range []exchange.Status{
		exchange.Carried, exchange.Arrived, exchange.Refused, exchange.Accepted, exchange.Assigned, exchange.InProgress,
		exchange.Completed, exchange.RecallRequested, exchange.RecallAccepted, exchange.RecallRefused,
		exchange.Undeliverable,
	} {
		if !api.HasSentence("act.receipt." + string(status)) {
			t.Errorf("status %s has no words", status)
		}
	}
	for _, outcome := range []exchange.Outcome{
		exchange.Taken, exchange.Duplicate, exchange.Rejected, exchange.Clash, exchange.Later, exchange.Missing,
		exchange.Held,
	} {
		if !api.HasSentence("act.delivery." + string(outcome)) {
			t.Errorf("outcome %s has no words", outcome)
		}
	}
}

// eachSource visits the source of all packages, without tests and without the tests' helpers.
func eachSource(t *testing.T, visit func(name string, file *ast.File)) {
	t.Helper()
	root := rootOf(t)
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (len(name) > 1 && strings.HasPrefix(entry.Name(), ".") ||
			slices.Contains([]string{"testdata", "certstest", "storagetest"}, entry.Name())):
			return fs.SkipDir
		case entry.IsDir(), path.Ext(name) != ".go", strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		visit(name, file)
		return nil
	})
	must(t, err)
}

// rootOf finds the folder of go.mod.
func rootOf(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	must(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
}
