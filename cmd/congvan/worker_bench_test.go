package main

import (
	"bytes"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
)

// BenchmarkWorker judges letters that leader and office have signed at B-T, one after the other, in a worker process
// such as a gateway has, and tells beside the time what the worker itself used of the processor.
func BenchmarkWorker(b *testing.B) {
	at := certstest.Noon
	letters := make([][]byte, 16)
	authority := certstest.NewAuthority(b, certstest.At(at))
	for i := range letters {
		letters[i] = sealedBy(b, authority, letter(letterStuffing, i), at)
	}
	good := &said{answer: certs.Revocation{
		Status: certs.StatusGood, ThisUpdate: at.Add(-time.Hour), NextUpdate: at.Add(time.Hour),
	}}
	pool := newWorkers(1, authority.Anchors(), good, theProgram)
	defer done(pool)
	var hand *worker
	for i := 0; b.Loop(); i++ {
		each := letters[i%len(letters)]
		report, err := pool.Examine(b.Context(), bytes.NewReader(each), int64(len(each)), at)
		if err != nil || report.Verdict != "passed" {
			b.Fatal(report, err)
		}
		hand = pool.idle[0]
	}
	hand.stop()
	pool.idle = nil
	used := hand.process.ProcessState
	b.ReportMetric(float64((used.UserTime()+used.SystemTime()).Microseconds())/float64(b.N), "worker-us/op")
}
