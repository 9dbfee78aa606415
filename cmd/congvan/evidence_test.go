package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"congvan/exchange/evidence"
)

// checkEvidence takes the evidence that the demonstration left behind to where no gateway is, and has it forged there.
func checkEvidence(t *testing.T, world string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(world, "commune", "bang-chung-*.json"))
	if err != nil || len(found) < 2 {
		t.Fatalf("%v: %d evidence files", err, len(found))
	}
	trust := evidenceCheck{
		Directory: filepath.Join(world, "commune", "directory.json"), Anchors: filepath.Join(world, "commune", "anchors"),
	}
	known, err := trust.trust()
	if err != nil {
		t.Fatal(err)
	}
	first, second := readEvidence(t, found[0]), readEvidence(t, found[1])
	other, receipt := second.Endorsement.Stamp, second.Receipts[0]
	for name, c := range map[string]struct {
		forge func(f *evidence.File)
		want  string // the code among the faults
	}{
		"as it was exported":         {func(*evidence.File) {}, ""},
		"receipts of another":        {func(f *evidence.File) { f.Receipts[0] = receipt }, "evidence.other_document"},
		"a changed receipt":          {func(f *evidence.File) { flipLast(f.Receipts[1]) }, "message.bad_seal"},
		"the header of another":      {func(f *evidence.File) { f.Message = second.Message }, "evidence.other_document"},
		"a changed line of the log":  {func(f *evidence.File) { flip(f.Leaves[0].Entry) }, "evidence.leaf_not_proved"},
		"a line at another place":    {func(f *evidence.File) { f.Leaves[0].Index++ }, "evidence.leaf_not_proved"},
		"a line far outside":         {func(f *evidence.File) { f.Leaves[0].Index = 1 << 62 }, "evidence.leaf_not_proved"},
		"a line of another document": {func(f *evidence.File) { f.Leaves[0] = second.Leaves[0] }, ""},
		"a shortened proof":          {func(f *evidence.File) { shorten(&f.Leaves[0]) }, "evidence.leaf_not_proved"},
		"a changed checkpoint":       {func(f *evidence.File) { flip(f.Endorsement.Note) }, "checkpoint.invalid"},
		"the stamp of another":       {func(f *evidence.File) { f.Endorsement.Stamp = other }, "evidence.stamp_invalid"},
		"the log of another gateway": {func(f *evidence.File) { f.Node = "province" }, "checkpoint.invalid"},
		"another document by its id": {func(f *evidence.File) { f.Document = second.Document }, "evidence.other_document"},
	} {
		file := first
		file.Receipts, file.Leaves = slices.Clone(file.Receipts), slices.Clone(file.Leaves)
		file.Endorsement.Note, file.Leaves[0].Entry = slices.Clone(file.Endorsement.Note), slices.Clone(file.Leaves[0].Entry)
		file.Receipts[1] = slices.Clone(file.Receipts[1])
		c.forge(&file)
		result := judgeEvidence(t, file, known)
		forged := name != "as it was exported"
		if forged != (result.Verdict == evidence.Disproof) || c.want != "" && !slices.Contains(result.Faults, c.want) {
			t.Errorf("%s: %s, faults %v, want %q", name, result.Verdict, result.Faults, c.want)
		}
	}
	if result := judgeEvidence(t, first, evidence.Trust{}); result.Verdict != evidence.Unsure || len(result.Keys) == 0 {
		t.Errorf("knowing nothing: %s, doubts %v", result.Verdict, result.Doubts)
	}
	checkEvidenceCommand(t, trust, found[0])
}

func checkEvidenceCommand(t *testing.T, trust evidenceCheck, path string) {
	t.Helper()
	args := []string{"evidence", "check", "--directory", trust.Directory, "--anchors", trust.Anchors, path}
	if got := command(t, nil, args...); got.code != exitDone {
		t.Errorf("exit %d: %s%s", got.code, got.out, got.err)
	}
	if got := command(t, nil, append(args, path)...); got.code != exitFailed {
		t.Errorf("of a file that it is not about: exit %d: %s", got.code, got.out)
	}
	if got := command(t, nil, "evidence", "check", path); got.code != 2 {
		t.Errorf("knowing nothing: exit %d: %s", got.code, got.out)
	}
	if got := command(t, nil, "evidence", "check", trust.Directory); got.code != exitUsage {
		t.Errorf("no evidence: exit %d: %s", got.code, got.err)
	}
}

func readEvidence(t *testing.T, path string) evidence.File {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file evidence.File
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

func judgeEvidence(t *testing.T, file evidence.File, trust evidence.Trust) evidence.Result {
	t.Helper()
	data, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	result, err := evidence.Check(data, trust)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func shorten(leaf *evidence.Leaf) { leaf.Proof = leaf.Proof[1:] }

// flipLast changes one bit of a signature at the end.
func flipLast(data []byte) { data[len(data)-1] ^= 1 }

// flip changes one bit in the middle.
func flip(data []byte) { data[len(data)/2] ^= 1 }
