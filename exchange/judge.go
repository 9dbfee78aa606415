package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"congvan/signing"
)

const (
	// judgedAtOnce is how many documents wait for an examiner or for being recorded; with it memory is bounded.
	judgedAtOnce = 64
	// judgeEvery is how often the records are asked for arrivals without judgement when nobody wakes the loop.
	judgeEvery = 5 * time.Second
)

// The findings that the examination of signatures alone cannot give: whether they are those that the law demands of
// this document (Decree 30/2020, Articles 5, 13 and 17).
const (
	FindingUnsigned    = "statute.unsigned"
	FindingNoLeader    = "statute.no_leader_signature" // none valid of the signatory whom the header names
	FindingNoSeal      = "statute.no_office_seal"      // signed by the signatory alone
	FindingWrongOffice = "statute.wrong_office"        // sealed by another office than the header names
	FindingSealedFirst = "statute.sealed_before_signed"
)

// judged is the JSON of a judgement: the report, and what the law says to it.
type judged struct {
	signing.Report
	Findings []string `json:"findings"`
}

// Examined gives the report of the examination.
func (j Judgement) Examined() (signing.Report, error) {
	var found judged
	if err := json.Unmarshal(j.Report, &found); err != nil {
		return signing.Report{}, Errorf(Internal, "internal", "read judgement: %w", err)
	}
	return found.Report, nil
}

// Findings gives what the law says to the signatures, as stable codes; none is good.
func (j Judgement) Findings() []string {
	var found judged
	if err := json.Unmarshal(j.Report, &found); err != nil {
		return nil
	}
	return found.Findings
}

// judgeLoop judges what arrives until ctx ends.
func (g *Gateway) judgeLoop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-g.ready().judge:
		}
		if _, err := g.Judge(ctx); err != nil && ctx.Err() == nil {
			g.Log.LogAttrs(ctx, slog.LevelError, "cannot judge arrivals", slog.Any("error", err))
		}
		timer.Reset(judgeEvery)
	}
}

// Judge examines the arrivals that have no judgement, oldest first, until there are none, and says how many it judged.
// None is dropped: a file that cannot be examined gets the verdict failed with the reason. When the examiner itself is
// not available the arrival waits, and its error is given.
func (g *Gateway) Judge(ctx context.Context) (int, error) {
	run := judging{
		gateway: g, todo: make(chan []Arrival, judgedAtOnce), done: make(chan examined, judgedAtOnce),
		under: map[ArrivalID]bool{},
	}
	var examiners sync.WaitGroup
	for range runtime.GOMAXPROCS(0) + 1 { // one reads or writes while the others are judged
		examiners.Go(func() {
			for arrivals := range run.todo {
				judgement, err := g.judge(ctx, arrivals[0])
				run.done <- examined{arrivals, judgement, err}
			}
		})
	}
	err := run.until(ctx)
	close(run.todo)
	examiners.Wait()
	return run.count, err
}

// judge examines the main file of one arrival. An error means that nothing is known and it must be tried again.
func (g *Gateway) judge(ctx context.Context, arrival Arrival) (Judgement, error) {
	at := g.now()
	report, err := g.examineArrival(ctx, arrival, at)
	switch {
	case ctx.Err() != nil:
		return Judgement{}, ctx.Err()
	case err != nil && KindOf(err) == Unavailable:
		return Judgement{}, fmt.Errorf("examine arrival %s: %w", arrival.ID, err)
	case err != nil:
		report = signing.Report{
			SHA256: string(arrival.Header.Main.Digest), Size: arrival.Header.Main.Size, Verdict: signing.Failed,
			Error: CodeOf(err), JudgedAt: at,
		}
	case report.Error != "":
		report.Verdict = signing.Failed
	}
	// What the office is called is asked of the directory, not of the gateway that speaks for it.
	office := g.Directory().NameOf(arrival.Header.From, arrival.Header.Numbering.Date)
	found := judged{Report: report, Findings: findings(report, arrival.Header.Signatory.Name, office)}
	if arrival.Header.Kind.IsCopy() { // the copying office answers for it (Decree 30/2020, Article 26)
		found.Findings = slices.DeleteFunc(found.Findings, func(code string) bool { return code == FindingNoLeader })
	}
	data, err := json.Marshal(found)
	if err != nil {
		return Judgement{}, fmt.Errorf("encode the report of %s: %w", arrival.ID, err)
	}
	return Judgement{At: at, Verdict: string(verdict(found)), Report: data}, nil
}

func (g *Gateway) examineArrival(ctx context.Context, arrival Arrival, at time.Time) (signing.Report, error) {
	blob, err := g.Blobs.Open(ctx, arrival.Header.Main.Digest)
	if err != nil {
		return signing.Report{}, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	if blob.Size() != arrival.Header.Main.Size {
		return signing.Report{}, Errorf(Invalid, "file.other_size", "%d bytes, header says %d",
			blob.Size(), arrival.Header.Main.Size)
	}
	return g.Examiner.Examine(ctx, blob, blob.Size(), at)
}

// verdict never calls a document passed that the law does not: a valid signature of the wrong office is failed, and
// where a demanded signature is not there a person must look.
func verdict(found judged) signing.Verdict {
	switch {
	case found.Verdict != signing.Passed || len(found.Findings) == 0:
		return found.Verdict
	case slices.Contains(found.Findings, FindingWrongOffice):
		return signing.Failed
	default:
		return signing.Indeterminate
	}
}

// findings asks of the signatures what the law demands: one of the signatory, then one of the office.
func findings(report signing.Report, signatory, office string) []string {
	leader, seal, others := -1, -1, 0
	for i, signature := range report.Signatures {
		if signature.Kind != signing.KindSignature || signature.Indication == signing.TotalFailed {
			continue
		}
		switch {
		case leader < 0 && sameName(signature.Signer, signatory):
			leader = i
		case seal < 0 && sameOffice(signature.Signer, office):
			seal = i
		default:
			others++
		}
	}
	found := []string{}
	switch {
	case leader < 0 && seal < 0 && others == 0:
		return []string{FindingUnsigned}
	case leader < 0:
		found = append(found, FindingNoLeader)
	case seal >= 0 && report.Signatures[seal].CoveredBytes < report.Signatures[leader].CoveredBytes:
		found = append(found, FindingSealedFirst)
	}
	switch {
	case seal >= 0:
	case others > 0:
		found = append(found, FindingWrongOffice)
	default:
		found = append(found, FindingNoSeal)
	}
	return found
}
