package main

import (
	"bufio"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"

	"congvan/exchange"
	"congvan/signing"
)

// The cases run in processes of their own, so that the most memory each used is its own.
const (
	caseSign    = "sign"         // a file, once
	caseVerify  = "verify"       // a file, once
	caseHash    = "hash"         // a file, once: the bare limit where openssl is not there
	casePdfsign = "pdfsign"      // the other engine judges a file, once
	casePeer    = "pdfsign-sign" // the other engine signs a file, once
	rateSign    = "rate-sign"
	ratePeer    = "rate-pdfsign-sign" // ours and the other engine sign in turns
	rateVerify  = "rate-verify"
)

// benchSpec is one case, as it crosses to its process.
type benchSpec struct {
	Do      string        `json:"do"`
	File    string        `json:"file"`
	Key     string        `json:"key,omitempty"`
	Anchors string        `json:"anchors,omitempty"`
	TSA     string        `json:"tsa,omitempty"`
	Level   signing.Level `json:"level,omitempty"`
	Seconds float64       `json:"seconds,omitempty"` // for how long a rate is measured
	Profile string        `json:"profile,omitempty"` // where a processor profile goes
}

// benchResult is what the process of a case found.
type benchResult struct {
	Count       int     `json:"count"`        // operations, or signatures found
	Seconds     float64 `json:"seconds"`      // of the process, or of one operation of a rate
	BareSeconds float64 `json:"bare_seconds"` // of one operation of the other side of a rate
	Ratio       float64 `json:"ratio"`        // of a rate
	PeakMiB     float64 `json:"peak_mib"`
	CPUSeconds  float64 `json:"-"`
}

// benchCase is the process of one case. It is for this program only.
type benchCase struct {
	Spec string `arg:""`
}

// Run does the case and prints what it found.
func (c benchCase) Run(ctx context.Context, p program) error {
	var spec benchSpec
	if err := json.Unmarshal([]byte(c.Spec), &spec); err != nil {
		return usageError(err)
	}
	file, size, err := openInput(spec.File)
	if err != nil {
		return err
	}
	defer done(file)
	stop, err := profile(spec.Profile)
	if err != nil {
		return err
	}
	result, err := spec.run(ctx, p, file, size)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	result.PeakMiB = peakOf("self")
	return json.NewEncoder(p.out).Encode(result)
}

// profile begins a processor profile, and gives what ends it. Without a path there is none.
func profile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}

func (s benchSpec) run(ctx context.Context, p program, file *os.File, size int64) (benchResult, error) {
	switch s.Do {
	case caseHash:
		_, err := io.Copy(sha256.New(), file)
		return benchResult{Count: 1}, err
	case casePdfsign:
		data := make([]byte, size)
		if _, err := io.ReadFull(file, data); err != nil {
			return benchResult{}, err
		}
		opinion := signing.SecondOpinion(data)
		if opinion.Error != "" {
			return benchResult{}, fmt.Errorf("%s: %s", opinion.Error, opinion.Detail)
		}
		return benchResult{Count: len(opinion.Signatures)}, nil
	case caseSign, rateSign, casePeer, ratePeer:
		return s.sign(ctx, p, file, size)
	default:
		return s.verify(ctx, p, file, size)
	}
}

func (s benchSpec) sign(ctx context.Context, p program, file *os.File, size int64) (benchResult, error) {
	identity, err := openBenchKey(s.Key)
	if err != nil {
		return benchResult{}, err
	}
	order, err := benchOrder(p, identity, s.Level, s.TSA)
	if err != nil {
		return benchResult{}, err
	}
	sign := func() error {
		signed, err := signing.SignPDF(ctx, file, size, order)
		if err == nil && signed.Level != s.Level {
			err = signed.Owed
		}
		return err
	}
	other := func() error {
		return signing.SecondSigner{Identity: identity, At: order.At, TSA: s.TSA}.Sign(s.File, os.DevNull)
	}
	switch s.Do {
	case caseSign:
		return benchResult{Count: 1}, sign()
	case casePeer:
		return benchResult{Count: 1}, errors.Join(limitMemory(peerMemory), other())
	case ratePeer:
		return s.rate(p, sign, other)
	}
	return s.rate(p, sign, func() error { return bareKey(ctx, order, io.NewSectionReader(file, 0, size)) })
}

func (s benchSpec) verify(ctx context.Context, p program, file *os.File, size int64) (benchResult, error) {
	anchors, err := loadAnchors(s.Anchors)
	if err != nil {
		return benchResult{}, err
	}
	policy := signing.Policy{At: p.now(), Anchors: anchors, RequireRevocation: s.Do == rateVerify, NoBundle: true}
	found := 0
	verify := func() error {
		report, err := signing.Examine(ctx, file, size, policy)
		if err == nil && report.Verdict != signing.Passed {
			err = failure(exchange.Untrusted, "demo.not_passed", fmt.Sprint(s.File, " ", report.Verdict, report.Error), nil)
		}
		found = len(report.Signatures)
		return err
	}
	if s.Do == caseVerify {
		err := verify()
		return benchResult{Count: found}, err
	}
	debug.SetGCPercent(workerGarbage) // as files are judged by a gateway
	bare, err := s.bareVerify()
	if err != nil {
		return benchResult{}, err
	}
	return s.rate(p, verify, bare)
}

// bareVerify is one check of a signature value with the signer's key.
func (s benchSpec) bareVerify() (func() error, error) {
	identity, err := openBenchKey(s.Key)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256([]byte(s.File))
	value, err := identity.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return func() error {
		holds := false
		switch key := identity.Certificate.PublicKey.(type) {
		case *ecdsa.PublicKey:
			holds = ecdsa.VerifyASN1(key, digest[:], value)
		case *rsa.PublicKey:
			holds = rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], value) == nil
		}
		if !holds {
			return fmt.Errorf("a value of %s does not hold", s.Key)
		}
		return nil
	}, nil
}

// peakOf is the most memory that a process had resident, in MiB, as Linux tells it; elsewhere 0. The figure of wait4
// would not do: there it begins with what the parent had when it started the process.
func peakOf(process string) float64 {
	return procKiB("/proc/"+process+"/status", "VmHWM:") / 1024
}

// availableMemory is how many bytes of memory can be had, as Linux tells it; elsewhere 0.
func availableMemory() int64 {
	return int64(procKiB("/proc/meminfo", "MemAvailable:")) << 10
}

// procKiB reads one line of a file of the kernel; 0 when it is not there.
func procKiB(path, name string) float64 {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer done(file)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if text, found := strings.CutPrefix(lines.Text(), name); found {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 64)
			if err != nil {
				return 0
			}
			return kib
		}
	}
	return 0
}
