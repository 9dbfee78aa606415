package exchange

import (
	"context"
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

// examineAgain has a file judged unless that was just done.
func (g *Gateway) examineAgain(ctx context.Context, file File) (signing.Report, error) {
	if report, known := g.lately.find(file.Digest, g.now()); known {
		return report, nil
	}
	return g.examine(ctx, file)
}

func (l *lately) find(digest Digest, now time.Time) (signing.Report, bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	report, known := l.reports[digest]
	age := now.Sub(report.JudgedAt)
	return report, known && age >= 0 && age < latelyFor
}

// note keeps a report, without the evidence, which is large. When there are too many they begin anew.
func (l *lately) note(digest Digest, report signing.Report) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.reports == nil || len(l.reports) >= mostLately {
		l.reports = map[Digest]signing.Report{}
	}
	report.Bundle = nil
	l.reports[digest] = report
}
