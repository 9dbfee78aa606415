package web

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every word that a template or the code asks for must be there, in both languages, and every word that is there must
// be asked for.
func TestEveryWordIsThereAndUsed(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	templates, err := filepath.Glob("templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	asked := regexp.MustCompile(
		`(?:Word|word\(lang(?:\(c\))?,|word\(p\.Lang,|\.show\(c, [A-Za-z.]+, "[a-z]+",) ?"([a-z_]+)"`)
	used := map[string]bool{}
	for _, name := range append(sources, templates...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range asked.FindAllStringSubmatch(string(data), -1) {
			used[match[1]] = true
		}
	}
	for key := range used {
		pair, known := words[key]
		if !known && !strings.HasSuffix(key, "_") {
			t.Errorf("no word for %q", key)
		}
		if known && (pair[0] == "" || pair[1] == "") {
			t.Errorf("%q is missing in a language", key)
		}
	}
	built := regexp.MustCompile(`^(status|step|urgency|mark|verdict|modification|ending|link|level|differs|role)_|` +
		`^(altered|unchanged|sign|seal|send|copy_S[YL])$`)
	for key := range words {
		if !used[key] && !built.MatchString(key) {
			t.Errorf("nobody asks for %q", key)
		}
	}
}
