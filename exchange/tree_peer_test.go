package exchange_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAReceiptThatWasSealedWithOthersIsCheckedByHand does what docs/wire.md tells to do without this program.
func TestAReceiptThatWasSealedWithOthersIsCheckedByHand(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	w := newWorld(t, straight)
	receipt := w.sealedTogether(t, 2)[0] // the path of the first of two is the hash of the second
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "receipt.leaf"), receipt, 0o600); err != nil {
		t.Fatal(err)
	}
	const byHand = `
		tail -n +5 receipt.leaf > seal.p7s
		openssl cms -verify -inform DER -in seal.p7s -noverify -out tree.json 2>/dev/null || exit 1
		{ printf '\000'; sed -n 2p receipt.leaf | tr -d '\n'; } | openssl dgst -sha256 -binary > leaf
		{ printf '\001'; cat leaf; sed -n 4p receipt.leaf | base64 -d; } | openssl dgst -sha256 -r | cut -c1-64 > root
		cat tree.json root`
	command := exec.CommandContext(t.Context(), "sh", "-c", byHand)
	command.Dir = dir
	shown, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, shown)
	}
	tree, root, _ := strings.Cut(strings.TrimSpace(string(shown)), "}")
	if !strings.Contains(tree, "congvan.tree.1") || len(root) != 64 || !strings.Contains(tree, root) {
		t.Errorf("openssl finds the tree %s and the root %s", tree, root)
	}
}
