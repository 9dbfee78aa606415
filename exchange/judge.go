package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"congvan/signing"
)

const (
	// judgedAtOnce is how many documents wait for an examiner or for being recorded; with it memory is bounded.
	judgedAtOnce = 64
	// examinedAtOnce is how many documents are under way at once. Most of them wait until their evidence is durable, and
	// one flush of the disk serves many; how many are computed at once the Examiner decides.
	examinedAtOnce = 16
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
	// FindingNoOrder: the signatures stand side by side, so that nobody can see which came first.
	FindingNoOrder      = "statute.order_unknown"
	FindingNoOffice     = "statute.office_not_in_being"       // the office that issues did not exist on that day
	FindingLeaderOffice = "statute.signatory_of_other_office" // the signatory's certificate does not name the office
	FindingOtherRealm   = "statute.wrong_realm"               // a certificate is not one for public offices
)

// judged is the JSON of a judgement: the report, and what the law says to it.
type judged struct {
	signing.Report
	Rules    []RuleCheck `json:"rules"`
	Findings []string    `json:"findings"`           // the reasons of the rules that are not kept
	Evidence Digest      `json:"evidence,omitempty"` // of the stored signing.Bundle
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

// Rules gives the rules of law as found, line by line; none when the judgement is from before they were reported so.
func (j Judgement) Rules() []RuleCheck {
	var found judged
	if err := json.Unmarshal(j.Report, &found); err != nil {
		return nil
	}
	return found.Rules
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
		gateway: g, waiting: make(chan []Arrival, judgedAtOnce), done: make(chan examined, judgedAtOnce),
		under: map[ArrivalID]bool{},
	}
	var examiners sync.WaitGroup
	for range examinedAtOnce {
		examiners.Go(func() {
			for arrivals := range run.waiting {
				judgement, err := g.judge(ctx, arrivals[0])
				run.done <- examined{arrivals, judgement, err}
			}
		})
	}
	err := run.until(ctx)
	close(run.waiting)
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
	found := judged{Report: report, Rules: rules(report, g.Directory().claimsOf(arrival.Header))}
	found.Findings = findingsOf(found.Rules)
	if found.Evidence, err = g.keepBundle(ctx, report); err != nil {
		return Judgement{}, fmt.Errorf("keep the evidence of %s: %w", arrival.ID, err)
	}
	data, err := json.Marshal(found)
	if err != nil {
		return Judgement{}, fmt.Errorf("encode the report of %s: %w", arrival.ID, err)
	}
	return Judgement{At: at, Verdict: string(verdict(found)), Report: data}, nil
}

// examineArrival has the main file examined. The examiner hashes all of it: only when he finds other bytes than the
// digest names it is opened as files are that nobody else compares.
func (g *Gateway) examineArrival(ctx context.Context, arrival Arrival, at time.Time) (signing.Report, error) {
	if raw, able := g.Blobs.(RawBlobs); able {
		report, err := g.examineBlob(ctx, raw.OpenRaw, arrival, at)
		if KindOf(err) == Unavailable || err == nil && report.SHA256 == string(arrival.Header.Main.Digest) {
			return report, err
		}
	}
	return g.examineBlob(ctx, g.Blobs.Open, arrival, at)
}

func (g *Gateway) examineBlob(
	ctx context.Context, open func(context.Context, Digest) (Blob, error), arrival Arrival, at time.Time,
) (signing.Report, error) {
	blob, err := open(ctx, arrival.Header.Main.Digest)
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

// findingsOf gives the reasons of the rules that are not kept, each once.
func findingsOf(rules []RuleCheck) []string {
	found := []string{}
	for _, rule := range rules {
		if rule.Reason != "" && !slices.Contains(found, rule.Reason) {
			found = append(found, rule.Reason)
		}
	}
	return found
}
