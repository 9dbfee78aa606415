package api_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
)

// caller speaks to the province's door for gateways with a certificate of its own.
func caller(certificate *tls.Certificate, most uint16) *http.Client {
	config := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12, MaxVersion: most}
	if certificate != nil {
		config.Certificates = []tls.Certificate{*certificate}
	}
	return &http.Client{
		Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableKeepAlives: true},
		Timeout:   patience,
	}
}

func (w *world) url(path string) string { return w.province.entry.URL + path }

func TestOnlyGatewaysOfTheDirectoryAreLetIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stranger, err := w.authority.Node("cong-la")
	must(t, err)
	strange := certificate(stranger)
	for name, c := range map[string]struct {
		certificate *tls.Certificate
		most        uint16
		welcome     bool
	}{
		"a gateway of the directory": {&w.commune.certificate, tls.VersionTLS13, true},
		"nobody":                     {nil, tls.VersionTLS13, false},
		"a stranger of the same CA":  {&strange, tls.VersionTLS13, false},
		"TLS 1.2":                    {&w.commune.certificate, tls.VersionTLS12, false},
	} {
		response, err := caller(c.certificate, c.most).Post(
			w.url("/x/1/hello"), "application/json", strings.NewReader(`{"versions":[1],"node":"cong-xa"}`))
		if err == nil {
			defer response.Body.Close()
		}
		if !c.welcome && err == nil {
			t.Errorf("%s: got through the handshake, status %d", name, response.StatusCode)
		}
		if c.welcome && (err != nil || response.StatusCode != http.StatusOK) {
			t.Errorf("%s: not let in: %v", name, err)
		}
	}
}

func TestAnExpiredCertificateIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late := api.NewPeerServer(api.PeerConfig{
		Gateway: w.province.gateway, Certificate: w.province.certificate, Log: w.province.gateway.Log,
		Now: func() time.Time { return time.Now().AddDate(5, 0, 0) },
	})
	state := tls.ConnectionState{PeerCertificates: nil}
	if err := late.TLS().VerifyConnection(state); exchange.CodeOf(err) != "peer.unknown" {
		t.Errorf("no certificate: %v", err)
	}
	identity := w.commune.gateway.Identity.Certificate
	state.PeerCertificates = append(state.PeerCertificates, identity)
	if err := late.TLS().VerifyConnection(state); exchange.CodeOf(err) != "peer.certificate_ended" {
		t.Errorf("expired: %v", err)
	}
	if err := w.province.peers.TLS().VerifyConnection(state); err != nil {
		t.Errorf("valid: %v", err)
	}
}

func TestTheCarrierSpeaksOnlyToThePinnedCertificate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.commune.carrier.Greet(t.Context(), w.province.entry)
	must(t, err)
	other := w.province.entry
	other.Certificates = w.commune.entry.Certificates
	_, err = w.commune.carrier.Greet(t.Context(), other)
	wantCode(t, err, exchange.Unavailable, "peer.unknown")
	_, err = w.commune.carrier.Carry(t.Context(), w.province.entry, nil, nil)
	must(t, err)
	nowhere := w.province.entry
	nowhere.ID, nowhere.URL = "cong-khac", "https://127.0.0.1:1"
	_, err = w.commune.carrier.Carry(t.Context(), nowhere, nil, nil)
	wantCode(t, err, exchange.Unavailable, "peer.unreachable")
	renamed := w.province.entry
	renamed.ID = "cong-doi-ten"
	_, err = w.commune.carrier.Greet(t.Context(), renamed)
	wantCode(t, err, exchange.Unavailable, "peer.version")
}

func TestAGatewayStruckOffIsCutOffInTheMiddleOfAConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whole := w.directory
	struck, err := exchange.NewDirectory(exchange.DirectoryFile{Nodes: []exchange.Node{w.province.entry}})
	must(t, err)
	var now atomic.Pointer[exchange.Directory]
	now.Store(whole)
	w.province.gateway.Directory = now.Load
	_, err = w.commune.carrier.Greet(t.Context(), w.province.entry)
	must(t, err)
	now.Store(struck)
	_, err = w.commune.carrier.Greet(t.Context(), w.province.entry)
	wantCode(t, err, exchange.Unavailable, "peer.refused")
	if !strings.Contains(err.Error(), "peer.unknown") {
		t.Errorf("the reason is not told: %v", err)
	}
}

func TestTheWireKeepsItsLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := caller(&w.commune.certificate, tls.VersionTLS13)
	frame := func(sealed, to int) exchange.Frame {
		f := exchange.Frame{ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Kind: exchange.DocumentMessage, Sealed: make([]byte, sealed)}
		for i := range to {
			f.To = append(f.To, exchange.OfficeID(fmt.Sprint(i)))
		}
		return f
	}
	batch := func(frames ...exchange.Frame) string {
		data, err := json.Marshal(map[string]any{"frames": frames})
		must(t, err)
		return string(data)
	}
	many := make([]exchange.Frame, exchange.MaxFrames+1)
	for i := range many {
		many[i] = frame(1, 1)
	}
	digest := string(digestOf([]byte("hello")))
	for name, c := range map[string]struct {
		method, path, body string
		claimed            int64
		status             int
		code               string
	}{
		"not JSON":           {"POST", "/x/1/batch", "{", 0, 400, "request.invalid"},
		"other JSON":         {"POST", "/x/1/batch", `{"other":[]}`, 0, 400, "request.invalid"},
		"too many frames":    {"POST", "/x/1/batch", batch(many...), 0, 400, "batch.too_large"},
		"too large a header": {"POST", "/x/1/batch", batch(frame(exchange.MaxSealed+1, 1)), 0, 400, "frame.too_large"},
		"too many offices":   {"POST", "/x/1/batch", batch(frame(1, exchange.MaxRecipients+1)), 0, 400, "frame.too_large"},
		"to nobody":          {"POST", "/x/1/batch", batch(frame(1, 0)), 0, 400, "frame.invalid"},
		"an unknown kind": {
			"POST", "/x/1/batch", `{"frames":[{"id":"1","kind":"x","sealed":"eA==","to":["y"]}]}`,
			0, 400, "frame.invalid",
		},
		"a false digest":   {"PUT", "/x/1/blob/abc", "hello", 0, 400, "digest.invalid"},
		"other bytes":      {"PUT", "/x/1/blob/" + digest, "jello", 0, 400, "blob.digest_mismatch"},
		"too large a blob": {"PUT", "/x/1/blob/" + digest, "hello", 3 << 30, 413, "request.too_large"},
		"a digest in capitals": {
			"POST", "/x/1/have", `{"digests":["` + strings.ToUpper(digest) + `"]}`,
			0, 400, "digest.invalid",
		},
		"a long question": {"POST", "/x/1/have", strings.Repeat(" ", 400_000), 0, 413, "request.too_large"},
		"a long hello":    {"POST", "/x/1/hello", strings.Repeat(" ", 5_000), 0, 413, "request.too_large"},
		"no such path":    {"GET", "/x/1/frames", "", 0, 404, "request.no_route"},
	} {
		request := newRequest(t, c.method, w.url(c.path), "", strings.NewReader(c.body))
		if c.claimed > 0 {
			request.Body = io.NopCloser(io.MultiReader(strings.NewReader(c.body), neverEnding{t.Context().Done()}))
			request.ContentLength = c.claimed
		}
		response, err := client.Do(request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		must(t, err)
		t.Log(name)
		wantProblem(t, &reply{response.StatusCode, response.Header}, answer, c.status, c.code)
	}
	hello, jello := digestOf([]byte("hello")), digestOf([]byte("jello"))
	held, err := w.province.gateway.Blobs.Has(t.Context(), []exchange.Digest{hello, jello})
	if err != nil || held[hello] || held[jello] {
		t.Errorf("kept %v, %v", held, err)
	}
}

// neverEnding waits and gives nothing.
type neverEnding struct{ done <-chan struct{} }

func (n neverEnding) Read([]byte) (int, error) {
	<-n.done
	return 0, io.ErrUnexpectedEOF
}

// counting counts how often blobs are opened.
type counting struct {
	exchange.Blobs
	opened atomic.Int64
}

func (c *counting) Open(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	c.opened.Add(1)
	return c.Blobs.Open(ctx, digest)
}

func TestBlobsCrossOnceAndAnInterruptedTransferGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	source := &counting{Blobs: w.commune.gateway.Blobs}
	carrier := api.NewPeerCarrier(w.commune.entry.ID, w.commune.certificate, source, time.Now)
	defer carrier.Close()
	var digests []exchange.Digest
	for i := range 30 {
		digest, _, err := source.Put(ctx, bytes.NewReader(bytes.Repeat([]byte{byte(i)}, 100_000)), "", 1<<20)
		must(t, err)
		digests = append(digests, digest)
	}
	frames := []exchange.Frame{{
		ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Kind: exchange.DocumentMessage, Sealed: []byte("no seal"),
		To: []exchange.OfficeID{department},
	}}
	missing := append(digests[:10:10], digestOf([]byte("lost here")))
	_, err := carrier.Carry(ctx, w.province.entry, frames, missing)
	if err == nil {
		t.Fatal("a lost blob was carried")
	}
	source.opened.Store(0)
	answers, err := carrier.Carry(ctx, w.province.entry, frames, digests)
	must(t, err)
	if len(answers) != 1 || answers[0].Outcome != exchange.Rejected {
		t.Errorf("answers %+v", answers)
	}
	first := source.opened.Load()
	if _, err := carrier.Carry(ctx, w.province.entry, frames, digests); err != nil || source.opened.Load() != first {
		t.Errorf("sent again: %d opened, %v", source.opened.Load()-first, err)
	}
	if first < 20 || first > 30 {
		t.Errorf("%d of 30 blobs opened on the second attempt", first)
	}
	held, err := w.province.gateway.Blobs.Has(ctx, digests)
	must(t, err)
	for _, digest := range digests {
		if !held[digest] {
			t.Errorf("%s is missing", digest)
		}
	}
}

func TestManyFramesGoInSeveralBatches(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var frames []exchange.Frame
	for i := range 150 {
		frames = append(frames, exchange.Frame{
			ID: exchange.MessageID(fmt.Sprintf("01ARZ3NDEKTSV4RRFFQ69G%04d", i)), Kind: exchange.ReceiptMessage,
			Sealed: bytes.Repeat([]byte("x"), 200<<10), To: []exchange.OfficeID{commune},
		})
	}
	answers, err := w.commune.carrier.Carry(t.Context(), w.province.entry, frames, nil)
	if err != nil || len(answers) != len(frames) {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	for i, answer := range answers {
		if answer.ID != frames[i].ID || answer.Outcome != exchange.Rejected {
			t.Fatalf("answer %d: %+v", i, answer)
		}
	}
	frames[0].Sealed = make([]byte, exchange.MaxSealed+1)
	_, err = w.commune.carrier.Carry(t.Context(), w.province.entry, frames[:1], nil)
	wantCode(t, err, exchange.Invalid, "frame.too_large")
}

func TestACarryThatIsGivenUpEndsSoon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.commune.carrier.Greet(ctx, w.province.entry)
	if exchange.KindOf(err) != exchange.Unavailable || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOneConnectionCarriesEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		_, err := w.commune.carrier.Greet(t.Context(), w.province.entry)
		must(t, err)
	}
	if accepted := w.province.accepted.Load(); accepted != 1 {
		t.Errorf("%d connections", accepted)
	}
	if !strings.Contains(w.province.log.String(), `"route":"/x/1/hello"`) ||
		!strings.Contains(w.province.log.String(), `"node":"cong-xa"`) {
		t.Error("the log does not say which gateway said hello")
	}
}
