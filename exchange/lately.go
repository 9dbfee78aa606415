package exchange

import (
	"sync"
	"time"

	"congvan/signing"
)

const (
	// latelyFor is how long the examination of a file stands for another one of the same bytes here: mostly a document
	// is sealed in the moment in which it is handed in, and answers about revocation are kept for longer than that.
	latelyFor  = time.Minute
	mostLately = 256
)

// lately are the files that were examined in the last minute and found acceptable.
type lately struct {
	mutex sync.Mutex
	// reports is guarded by mutex.
	reports map[Digest]signing.Report
}

// Lately gives the report of an examination of the same bytes in the last minute, without its evidence; false when
// NoteExamined was told of none.
func (g *Gateway) Lately(digest Digest) (signing.Report, bool) {
	g.lately.mutex.Lock()
	defer g.lately.mutex.Unlock()
	report, known := g.lately.reports[digest]
	age := g.now().Sub(report.JudgedAt)
	return report, known && age >= 0 && age < latelyFor
}

// NoteExamined keeps the report of a file for Lately, without the evidence, which is large. It is only in memory; when
// there are too many they begin anew.
func (g *Gateway) NoteExamined(digest Digest, report signing.Report) {
	g.lately.mutex.Lock()
	defer g.lately.mutex.Unlock()
	if g.lately.reports == nil || len(g.lately.reports) >= mostLately {
		g.lately.reports = map[Digest]signing.Report{}
	}
	report.Bundle = nil
	g.lately.reports[digest] = report
}
