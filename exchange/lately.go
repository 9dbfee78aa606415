package exchange

import (
	"sync"
	"time"

	"congvan/signing"
)

const (
	// latelyFor is how long the examination of a file stands for another one of the same bytes here: mostly a document
	// is sealed in the moment in which it is handed in, and answers about revocation are kept for longer than that.
	latelyFor = time.Minute
	// mostLately is how many are kept at least, where there are so many, and half of how many at most: some 3 MB.
	mostLately = 2048
)

// lately are the files that were examined in the last minute and found acceptable.
type lately struct {
	mutex sync.Mutex
	// reports and older are guarded by mutex. When there are too many reports they become the older ones.
	reports, older map[Digest]signing.Report
}

// Lately gives the report of an examination of the same bytes in the last minute: its verdict, and who signed how well;
// false when NoteExamined was told of none.
func (g *Gateway) Lately(digest Digest) (signing.Report, bool) {
	g.lately.mutex.Lock()
	defer g.lately.mutex.Unlock()
	report, known := g.lately.reports[digest]
	if !known {
		report, known = g.lately.older[digest]
	}
	age := g.now().Sub(report.JudgedAt)
	return report, known && age >= 0 && age < latelyFor
}

// NoteExamined keeps of the report of a file what Lately gives. It is only in memory; when there are too many, the
// oldest are forgotten.
func (g *Gateway) NoteExamined(digest Digest, report signing.Report) {
	g.lately.mutex.Lock()
	defer g.lately.mutex.Unlock()
	if g.lately.reports == nil || len(g.lately.reports) >= mostLately {
		g.lately.reports, g.lately.older = map[Digest]signing.Report{}, g.lately.reports
	}
	g.lately.reports[digest] = signing.Report{
		SHA256: report.SHA256, Size: report.Size, Verdict: report.Verdict, JudgedAt: report.JudgedAt,
		Signatures: inShort(report.Signatures),
	}
}

// inShort gives the signatures without the certificates and the details, which are large.
func inShort(signatures []signing.Signature) []signing.Signature {
	short := make([]signing.Signature, len(signatures))
	for i, s := range signatures {
		short[i] = signing.Signature{
			Field: s.Field, Kind: s.Kind, Signer: s.Signer, Indication: s.Indication, SubIndication: s.SubIndication,
		}
	}
	return short
}
