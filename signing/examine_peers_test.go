package signing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"congvan/signing"
)

// peersVariable asks for the table of other programs, which takes half a minute:
//
//	CONGVAN_PEERS=1 go test ./signing -run TestOtherPrograms -v
//
// It runs pdfsig and mutool of Debian, pdfsign in a child process, and pdfcpu when it is on the path (go install
// github.com/pdfcpu/pdfcpu/cmd/pdfcpu@v0.15.0).
const peersVariable = "CONGVAN_PEERS"

// peerAnswer is what another program says of a file: of each signature whether its value holds, and of the whole
// whether something was changed afterwards.
type peerAnswer struct {
	signatures, good int // of those about which it says anything
	failed           int // of the good ones: those refused for another reason than the value, such as their form
	changed          bool
	refused          bool // it ended without a word about any signature, or had to be ended
}

// rival is another program that verifies PDF files.
type rival struct {
	name    string
	ask     func(ctx context.Context, path string) peerAnswer
	changes bool // it says whether the document was changed after signing
}

const peerLimit = 30 * time.Second

// said runs a program under limits of time and memory and gives all that it said.
func said(ctx context.Context, program string, arguments ...string) string {
	limited := append([]string{"-c", `ulimit -v 4194304; exec "$0" "$@"`, program}, arguments...)
	out, _ := exec.CommandContext(ctx, "sh", limited...).CombinedOutput() // many say no by their exit code
	return string(out)
}

func askPdfsig(ctx context.Context, path string) peerAnswer {
	text := said(ctx, "pdfsig", "-nocert", path)
	all := strings.Count(text, "- Signature Validation:") - strings.Count(text, "Signature has not yet been verified.")
	return peerAnswer{
		signatures: all, good: strings.Count(text, "Signature Validation: Signature is Valid."), refused: all == 0,
	}
}

func askMutool(ctx context.Context, path string) peerAnswer {
	text := said(ctx, "mutool", "sign", "-v", path)
	all := strings.Count(text, "Verifying signature") - strings.Count(text, "Signature is not signed.")
	edited := strings.Count(text, "there have been edits since signing")
	return peerAnswer{
		signatures: all, good: edited + strings.Count(text, "The document is unchanged since signing."),
		changed: edited > 0, refused: all == 0,
	}
}

func askPdfcpu(ctx context.Context, path string) peerAnswer {
	var answer peerAnswer
	text := said(ctx, "pdfcpu", "signatures", "validate", "--offline", "--all", "--full", path)
	status := ""
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch value = strings.TrimSpace(value); name {
		case "Status":
			status = value
		case "Reason":
			// Of a value that holds it says "unknown" when it only cannot rely upon the certificate.
			unknown := strings.Contains(status, "unknown")
			reliance := strings.Contains(value, "certificate") || strings.Contains(value, "revocation")
			if status != "" && (!unknown || reliance) {
				answer.signatures++
			}
			if status == "signature is valid" || unknown && reliance {
				answer.good++
			}
			status = ""
		case "DocModified":
			answer.changed = answer.changed || value == "true"
		}
	}
	answer.refused = answer.signatures == 0
	return answer
}

func askPdfsign(ctx context.Context, path string) peerAnswer {
	file, err := os.Open(path)
	if err != nil {
		return peerAnswer{refused: true}
	}
	defer file.Close()
	child := exec.CommandContext(ctx, "sh", "-c", `ulimit -v 4194304; exec "$0"`, os.Args[0])
	child.Env = append(os.Environ(), opinionChild+"=1")
	child.Stdin = file
	var opinion signing.Opinion
	out, err := child.Output()
	if err != nil || json.Unmarshal(out, &opinion) != nil || opinion.Error != "" {
		return peerAnswer{refused: true}
	}
	answer := peerAnswer{signatures: len(opinion.Signatures)}
	for _, signature := range opinion.Signatures {
		if signature.Valid {
			answer.good++
		}
	}
	return answer
}

// agrees compares with what the source states, by the rule that integrityAgrees has for ours.
func (a peerAnswer) agrees(stated string) bool {
	switch stated {
	case "ok":
		return a.signatures > 0 && a.good == a.signatures
	case "fail":
		return a.signatures > 0 && a.good-a.failed < a.signatures
	case "mixed":
		return a.good > a.failed && a.good-a.failed < a.signatures
	default:
		return a.good == 0
	}
}

// peerRow counts one row of the table.
type peerRow struct {
	right, stated, refused                       int // integrity
	goodCalledBad, badCalledGood                 int
	flagged, forbidden, wronglyFlagged, harmless int
	took                                         time.Duration
}

func (r *peerRow) count(row corpusRow, answer peerAnswer) {
	if row.integrity != "" {
		r.stated++
		switch {
		case answer.agrees(row.integrity):
			r.right++
		case answer.refused:
			r.refused++
		case row.integrity == "ok":
			r.goodCalledBad++
		default:
			r.badCalledGood++
		}
	}
	switch {
	case row.modification == "", row.modification == "see-test", row.modification == "visual-change":
	case row.modification == "clean", strings.HasPrefix(row.modification, "allowed"):
		r.harmless++
		if answer.changed {
			r.wronglyFlagged++
		}
	default:
		r.forbidden++
		if answer.changed {
			r.flagged++
		}
	}
}

func TestOtherProgramsOnTheCorpus(t *testing.T) {
	if os.Getenv(peersVariable) == "" {
		t.Skipf("set %s=1 to compare with other programs", peersVariable)
	}
	folder, rows := corpusRows(t)
	ours := rival{name: "congvan", changes: true, ask: func(ctx context.Context, path string) peerAnswer {
		data, err := os.ReadFile(path)
		if err != nil {
			return peerAnswer{refused: true}
		}
		policy := signing.Policy{At: corpusMoment}
		report, err := signing.Examine(ctx, bytes.NewReader(data), int64(len(data)), policy)
		answer := peerAnswer{signatures: len(signaturesOf(report)), changed: flagged(report)}
		for _, s := range signaturesOf(report) {
			if s.Integrity != signing.Intact {
				continue
			}
			answer.good++
			if s.Indication == signing.TotalFailed && s.Modification != signing.ModifiedForbidden {
				answer.failed++
			}
		}
		answer.refused = err != nil || answer.signatures == 0
		return answer
	}}
	for _, p := range []rival{
		ours,
		{name: "pdfsig", ask: askPdfsig},
		{name: "mutool", ask: askMutool, changes: true},
		{name: "pdfcpu", ask: askPdfcpu, changes: true},
		{name: "pdfsign", ask: askPdfsign},
	} {
		if _, err := exec.LookPath(p.name); err != nil && (p.name == "pdfsig" || p.name == "mutool" || p.name == "pdfcpu") {
			t.Logf("%-8s is not here", p.name)
			continue
		}
		count := peerRow{}
		for _, row := range rows {
			if !strings.HasSuffix(row.file, ".pdf") || row.integrity == "" && row.modification == "" {
				continue
			}
			ctx, cancel := context.WithTimeout(t.Context(), peerLimit)
			began := time.Now()
			answer := p.ask(ctx, filepath.Join(folder, row.file))
			count.took += time.Since(began)
			cancel()
			count.count(row, answer)
		}
		t.Logf("%-8s integrity %3d / %d (no answer %d, good called bad %d, bad called good %d) in %v", p.name, count.right,
			count.stated, count.refused, count.goodCalledBad, count.badCalledGood, count.took.Round(time.Second))
		if p.changes {
			t.Logf("%-8s changed: forbidden flagged %d / %d, allowed flagged %d / %d", p.name, count.flagged, count.forbidden,
				count.wronglyFlagged, count.harmless)
		}
	}
}
