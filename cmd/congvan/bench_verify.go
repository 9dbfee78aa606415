package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"congvan/certs"
	"congvan/signing"
)

// benchVerify measures the judging of signatures: how many small documents a second on one core, and how long large
// ones with one and with ten signatures take beside hashing them and beside other programs.
type benchVerify struct {
	benchFlags
	Sizes []string `default:"page,100MB,1GB" help:"${help_bench_sizes}"`
}

// Run measures every size.
func (c benchVerify) Run(ctx context.Context, p program) (err error) {
	b, sizes, err := c.open(ctx, p, "verify", c.Sizes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	for _, key := range benchKeys {
		path, identity, err := b.writeBenchKey(key.kind, key.name)
		if err != nil {
			return err
		}
		if err := b.verifyRate(ctx, key.name, path, identity); err != nil {
			return err
		}
	}
	_, identity, err := b.writeBenchKey(certs.ECDSAP256, "large")
	if err != nil {
		return err
	}
	for _, size := range sizes {
		for _, signatures := range []int{1, 10} {
			if err := b.verifySize(ctx, size, signatures, identity); err != nil {
				return err
			}
		}
	}
	return nil
}

// verifyRate measures letters of one page at B-LT: integrity, chain, time stamp and the revocation evidence in the
// document, off-line, with warm caches.
func (b *bench) verifyRate(ctx context.Context, name, key string, identity certs.Identity) error {
	path := filepath.Join(b.dir, "letter.pdf")
	if err := writePaper(path, 0); err != nil {
		return err
	}
	order, err := benchOrder(b.program, identity, signing.LevelLT, b.world.authority.TimestampURL())
	if err != nil {
		return err
	}
	order.Evidence, err = certs.NewFetcher(certs.Fetching{
		Now: b.program.now, Anchors: b.world.authority.Anchors(), Outbound: certs.Outbound{Allow: []string{"127.0.0.1"}},
	})
	if err != nil {
		return err
	}
	if err := addSignatures(ctx, path, 1, order); err != nil {
		return err
	}
	spec := benchSpec{
		Do: rateVerify, File: path, Key: key, Anchors: b.anchors(), Seconds: b.rateTime(8),
	}
	return b.rate(ctx, "page "+name+" B-LT", "one key check", spec)
}

// verifySize measures whole processes on one size with so many signatures.
func (b *bench) verifySize(ctx context.Context, size string, signatures int, identity certs.Identity) error {
	stuffing, err := sizeOf(size)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%s × %d", size, signatures)
	b.progress(what)
	path := filepath.Join(b.dir, size+".pdf")
	if err := writePaper(path, stuffing); err != nil {
		return err
	}
	defer func() { _ = os.Remove(path) }() // the whole folder is removed in the end
	order, err := benchOrder(b.program, identity, signing.LevelB, "")
	if err != nil {
		return err
	}
	if err := addSignatures(ctx, path, signatures, order); err != nil {
		return err
	}
	ours := b.ours(benchSpec{Do: caseVerify, File: path, Anchors: b.anchors()})
	hashing, hash := b.hashing(path)
	if err := b.compare(ctx, what, hashing, ours, hash); err != nil {
		return err
	}
	for _, peer := range [][]string{{"pdfsig", "-nocert"}, {"mutool", "sign", "-v"}} {
		program, err := exec.LookPath(peer[0])
		if err != nil {
			err = b.leaveOut(what, peer[0], "bench_no_peer")
		} else {
			err = b.compare(ctx, what, peer[0], ours, b.peer(program, append(peer[1:], path)...))
		}
		if err != nil {
			return err
		}
	}
	// The other engine takes four times the file in memory for one signature.
	if available := availableMemory(); available > 0 && available < 8*stuffing {
		return b.leaveOut(what, "pdfsign", "bench_too_costly")
	}
	return b.compare(ctx, what, "pdfsign", ours, b.ours(benchSpec{Do: casePdfsign, File: path}))
}
