package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// documented reads the settings and their comments from the source of a type in config.go.
func documented(t *testing.T, typeName string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok || spec.Name.Name != typeName {
			return true
		}
		for _, field := range spec.Type.(*ast.StructType).Fields.List {
			if field.Tag == nil || len(field.Names) == 0 {
				continue
			}
			key, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("yaml"), ",")
			comment := strings.Join(strings.Fields(field.Doc.Text()+" "+field.Comment.Text()), " ")
			text.WriteString("| `" + key + "` | " + comment + " |\n")
		}
		return false
	})
	return text.String()
}

func TestTheConfigurationPageSaysWhatTheSourceSays(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Config", "KeyFile", "DirectoryLog", "OfficeKey", "Folder"} {
		if table := documented(t, name); !strings.Contains(string(page), table) {
			t.Errorf("docs/configuration.md lacks this table of %s:\n%s", name, table)
		}
	}
}

func TestAnUnknownSettingIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "congvan.yaml")
	if err := os.WriteFile(path, []byte("node: x\nlissten: :80\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadConfig(path); codeOf(err) != "config.invalid" || !strings.Contains(err.Error(), "lissten") {
		t.Errorf("got %v", err)
	}
}

func TestPathsAreRelativeToTheConfigurationFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "congvan.yaml")
	text := "data: here\nkeys:\n- {office: a, file: seal.p12, password_file: seal.secret}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := loadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "here"); config.Data != want {
		t.Errorf("data is %s, not %s", config.Data, want)
	}
	if want := filepath.Join(dir, "seal.p12"); config.Keys[0].File != want {
		t.Errorf("key is %s, not %s", config.Keys[0].File, want)
	}
	if want := filepath.Join(dir, "here", "anchors"); config.Anchors != want {
		t.Errorf("anchors are %s, not %s", config.Anchors, want)
	}
}

func TestFoldersThatCouldNotWorkOrLieOpenToAnotherAreRefused(t *testing.T) {
	t.Parallel()
	one := "{office: xa-1, system: cu, path: giao-nhan/xa-1}"
	for text, valid := range map[string]bool{
		one: true,
		one + ", {office: xa-2, system: cu, path: giao-nhan/xa-2}":     true,
		one + ", {office: xa-2, system: cu, path: giao-nhan/xa-1/sau}": false,
		one + ", {office: xa-2, system: cu, path: giao-nhan}":          false,
		one + ", {office: xa-1, system: cu, path: cho-khac}":           false,
		"{office: xa-1, system: ../cu, path: a}":                       false,
		"{office: xa-1, system: cu, path: a, topics: [thu]}":           false,
		"{system: cu, path: a}":                                        false,
		"{office: xa-1, system: cu}":                                   false,
	} {
		path := filepath.Join(t.TempDir(), "congvan.yaml")
		if err := os.WriteFile(path, []byte("folders: ["+text+"]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadConfig(path); valid != (err == nil) || err != nil && codeOf(err) != "config.invalid" {
			t.Errorf("%s gives %v", text, err)
		}
	}
}

func TestRealmsAndRulesThatNobodyKnowsAreRefused(t *testing.T) {
	t.Parallel()
	for text, valid := range map[string]bool{
		"signing_realms: {official: require, public: off}\n": true,
		"signing_realms: {oficial: require}\n":               false,
		"signing_realms: {official: requir}\n":               false,
	} {
		path := filepath.Join(t.TempDir(), "congvan.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		config, err := loadConfig(path)
		if valid && (err != nil || len(config.SigningRealms) != 2 || config.SigningRealms["test"] != "") {
			t.Errorf("%s gives %v, %v", text, config.SigningRealms, err)
		}
		if !valid && codeOf(err) != "config.invalid" {
			t.Errorf("%s gives %v", text, err)
		}
	}
}
