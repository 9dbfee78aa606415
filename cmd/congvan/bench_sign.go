package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"congvan/signing"
)

// benchSign measures the making of signatures: how many small documents a second on one core beside the bare operation
// of the key, and how long a large one takes beside hashing it. The signature is made and thrown away; no document is
// copied.
type benchSign struct {
	benchFlags
	Sizes []string `default:"page,1MB,100MB,1GB" help:"${help_bench_sizes}"`
}

// Run measures every size with every key at every level.
func (c benchSign) Run(ctx context.Context, p program) (err error) {
	b, sizes, err := c.open(ctx, p, "sign", c.Sizes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	keys := make([]string, len(benchKeys))
	for i, key := range benchKeys {
		if keys[i], _, err = b.writeBenchKey(key.kind, key.name); err != nil {
			return err
		}
	}
	for _, size := range sizes {
		if err := b.signSize(ctx, size, keys, len(sizes)); err != nil {
			return err
		}
	}
	return nil
}

// largeFrom is where a document counts as large: processes are compared, not turns within one. In bytes.
const largeFrom = 8 << 20

// open starts a measure that has an authority, and gives it with the sizes that it is about.
func (f benchFlags) open(ctx context.Context, p program, name string, sizes []string) (*bench, []string, error) {
	b, err := startBench(p, name, f)
	if err != nil {
		return nil, nil, err
	}
	if err = b.openAuthority(ctx); err == nil {
		sizes, err = f.small(sizes)
	}
	if err != nil {
		return nil, nil, errors.Join(err, b.close())
	}
	return b, sizes, nil
}

// small leaves out the large sizes when it must be quick.
func (f benchFlags) small(sizes []string) ([]string, error) {
	var kept []string
	for _, size := range sizes {
		stuffing, err := sizeOf(size)
		if err != nil {
			return nil, err
		}
		if !f.Quick || stuffing < largeFrom {
			kept = append(kept, size)
		}
	}
	return slices.Compact(kept), nil
}

// signSize measures one size with every key at B-B and B-T.
func (b *bench) signSize(ctx context.Context, size string, keys []string, sizes int) error {
	stuffing, err := sizeOf(size)
	if err != nil {
		return err
	}
	path := filepath.Join(b.dir, size+".pdf")
	if err := writePaper(path, stuffing); err != nil {
		return err
	}
	defer func() { _ = os.Remove(path) }() // the whole folder is removed in the end
	hashing, hash := b.hashing(path)
	for i, key := range keys {
		for _, level := range []signing.Level{signing.LevelB, signing.LevelT} {
			spec := benchSpec{Do: caseSign, File: path, Key: key, TSA: b.world.authority.TimestampURL(), Level: level}
			what := size + " " + benchKeys[i].name + " " + string(level)
			if stuffing >= largeFrom {
				err = b.compare(ctx, what, hashing, b.ours(spec), hash)
			} else {
				spec.Do, spec.Seconds = rateSign, b.rateTime(8*sizes)
				err = b.rate(ctx, what, bareName(stuffing, level), spec)
			}
			if err == nil && i == 0 {
				err = b.signPeer(ctx, what, stuffing, spec)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// bareName says what the bare limit of a small document is made of.
func bareName(stuffing int64, level signing.Level) string {
	name := "key"
	if stuffing > 0 {
		name = "hash+key"
	}
	if level == signing.LevelT {
		name += "+tsa"
	}
	return name
}

// rate adds the row of a case that measures both sides itself.
func (b *bench) rate(ctx context.Context, what, beside string, spec benchSpec) error {
	b.progress(what + " / " + beside)
	if spec.Seconds <= 0.1 {
		return b.leaveOut(what, beside, "bench_no_time")
	}
	if b.flags.Profiles != "" {
		spec.Profile = filepath.Join(b.flags.Profiles, strings.ReplaceAll(b.name+" "+what, " ", "-")+".pprof")
	}
	result, err := b.child(ctx, spec)
	if errors.Is(err, errOutOfTime) {
		return b.leaveOut(what, beside, "bench_no_time")
	}
	if err != nil {
		return err
	}
	return b.add(benchRow{
		Case: what, Beside: beside, Count: result.Count, PeakMiB: result.PeakMiB,
		Seconds: result.Seconds, BesideSeconds: result.BareSeconds, Ratio: result.Ratio,
	})
}
