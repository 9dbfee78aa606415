package api_test

import (
	"bytes"
	"context"
	"crypto/tls"
	endian "encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
)

// calls says how often other gateways called a route of a node.
func (n *node) calls(route string) int { return strings.Count(n.log.String(), `"route":"`+route) }

// put keeps so many equal bytes at the commune.
func (w *world) put(t *testing.T, size int, content byte) exchange.File {
	t.Helper()
	digest, _, err := w.commune.gateway.Blobs.Put(
		t.Context(), bytes.NewReader(bytes.Repeat([]byte{content}, size)), "", int64(size))
	must(t, err)
	return exchange.File{Digest: digest, Size: int64(size)}
}

// framed is a frame that names files, with no seal that would hold.
func framed(files ...exchange.File) ([]exchange.Frame, []exchange.Digest) {
	var digests []exchange.Digest
	for _, file := range files {
		digests = append(digests, file.Digest)
	}
	return []exchange.Frame{{
		ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Kind: exchange.DocumentMessage, Sealed: []byte("no seal"),
		To: []exchange.OfficeID{department}, Files: files,
	}}, digests
}

func TestSmallFilesTravelInsideTheBatchAndOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	source := &counting{Blobs: w.commune.gateway.Blobs}
	carrier := api.NewPeerCarrier(w.commune.entry.ID, w.commune.certificate, source, time.Now)
	defer carrier.Close()
	_, err := carrier.Greet(t.Context(), w.province.entry)
	must(t, err)
	carry := func(what string, opened int64, asked, put int, files ...exchange.File) {
		t.Helper()
		before, had, came := source.opened.Load(), w.province.calls("/x/1/have"), w.province.calls("/x/1/blob")
		frames, digests := framed(files...)
		if _, err := carrier.Carry(t.Context(), w.province.entry, frames, digests); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		held, err := w.province.gateway.Blobs.Has(t.Context(), digests)
		must(t, err)
		for _, digest := range digests {
			if !held[digest] {
				t.Errorf("%s: %s is missing", what, digest)
			}
		}
		had, came = w.province.calls("/x/1/have")-had, w.province.calls("/x/1/blob")-came
		if before = source.opened.Load() - before; before != opened || had != asked || came != put {
			t.Errorf("%s: %d opened, %d questions, %d brought alone", what, before, had, came)
		}
	}
	first, empty := w.put(t, 1000, 'a'), w.put(t, 0, 0)
	carry("of a gateway that was never spoken to it is asked what it has", 1, 1, 1, first)
	var small []exchange.File
	for i := range 30 {
		small = append(small, w.put(t, 200<<10, byte(i)))
	}
	carry("more than fits inside goes before", 30, 1, 10, small...)
	carry("one that is too large goes alone", 2, 1, 1, w.put(t, 256<<10+1, 'b'), w.put(t, 256<<10, 'c'))
	carry("an empty one", 1, 0, 0, empty)
	carry("what was brought before is not brought again", 0, 0, 0, append(small, first, empty)...)
	larger := w.put(t, 200_000, 'd')
	larger.Size = 20
	frames, digests := framed(larger)
	_, err = carrier.Carry(t.Context(), w.province.entry, frames, digests)
	must(t, err)
	held, err := w.province.gateway.Blobs.Has(t.Context(), digests)
	if err != nil || held[larger.Digest] {
		t.Errorf("a file that is larger than stated came inside: %v", err)
	}
}

// worn gives other bytes than were kept to who does not compare them.
type worn struct{ exchange.Blobs }

func (worn) OpenRaw(context.Context, exchange.Digest) (exchange.Blob, error) {
	return bare{bytes.NewReader(make([]byte, 1000))}, nil
}

type bare struct{ *bytes.Reader }

func (bare) Close() error { return nil }

func TestBytesThatChangedOnTheDiskAreNotTakenAndAreComparedThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	carrier := api.NewPeerCarrier(
		w.commune.entry.ID, w.commune.certificate, worn{w.commune.gateway.Blobs}, time.Now)
	defer carrier.Close()
	_, err := carrier.Greet(t.Context(), w.province.entry)
	must(t, err)
	frames, digests := framed(w.put(t, 1000, 'a'))
	_, err = carrier.Carry(t.Context(), w.province.entry, frames, digests)
	must(t, err)
	frames, digests = framed(w.put(t, 1000, 'b'))
	_, err = carrier.Carry(t.Context(), w.province.entry, frames, digests)
	wantCode(t, err, exchange.Unavailable, "peer.refused")
	if !strings.Contains(err.Error(), "blob.digest_mismatch") {
		t.Errorf("the reason is not told: %v", err)
	}
	_, err = carrier.Carry(t.Context(), w.province.entry, frames, digests)
	must(t, err)
	held, err := w.province.gateway.Blobs.Has(t.Context(), digests)
	if err != nil || !held[digests[0]] {
		t.Errorf("not brought as it was kept: %v", err)
	}
}

// olderPeer is the province's door as it was before files could come inside a batch.
func (w *world) olderPeer(t *testing.T, says *atomic.Bool) *httptest.Server {
	t.Helper()
	handler := w.province.peers.Handler()
	older := httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read a request: %v", err)
		}
		if r.URL.Path == "/x/1/batch" { // it read the frames and nothing behind them
			var frames json.RawMessage
			decoder := json.NewDecoder(bytes.NewReader(body))
			if err := decoder.Decode(&frames); err != nil {
				t.Errorf("read a batch: %v", err)
			}
			if !says.Load() && len(frames) != len(body) {
				t.Errorf("%d bytes behind the frames for one that never asked for them", len(body)-len(frames))
			}
			body = frames
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		text := answer.Body.String()
		if !says.Load() {
			text = strings.Replace(text, `,"file":262144`, "", 1)
		}
		out.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		out.WriteHeader(answer.Code)
		_, _ = io.WriteString(out, text)
	}))
	older.TLS, older.EnableHTTP2 = w.province.peers.TLS(), true
	older.StartTLS()
	t.Cleanup(older.Close)
	w.province.entry.URL, w.file.Nodes[1].URL = older.URL, older.URL
	directory, err := exchange.NewDirectory(w.file)
	must(t, err)
	w.directory = directory
	return older
}

func TestAnOlderGatewayIsBroughtFilesOneByOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var says atomic.Bool
	w.olderPeer(t, &says)
	ids := []exchange.DocumentID{w.send(t)}
	must(t, w.commune.gateway.DeliverNow(t.Context()))
	ids = append(ids, w.send(t))
	must(t, w.commune.gateway.DeliverNow(t.Context()))
	w.settled(t, ids)

	// A gateway that read them before is an older one now, and nobody has told.
	says.Store(true)
	_, err := w.commune.carrier.Greet(t.Context(), w.province.entry)
	must(t, err)
	ids = append(ids, w.send(t))
	before := w.province.calls("/x/1/blob")
	if err := w.commune.gateway.DeliverNow(t.Context()); exchange.CodeOf(err) != "delivery.later" {
		t.Errorf("files that nobody read were taken: %v", err)
	}
	must(t, w.commune.gateway.DeliverNow(t.Context()))
	w.settled(t, ids)
	if brought := w.province.calls("/x/1/blob") - before; brought != 1 {
		t.Errorf("%d files brought alone", brought)
	}
}

// inside is a file as it stands behind the frames of a batch.
func inside(content string, claimed int) string {
	raw, _ := hex.DecodeString(string(digestOf([]byte(content)))) // it is one
	return string(endian.BigEndian.AppendUint32(raw, uint32(claimed))) + content
}

func TestFilesInsideABatchKeepTheirLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := caller(&w.commune.certificate, tls.VersionTLS13)
	const none = `{"frames":[{"id":"a","kind":"document","sealed":"AA==","to":["x"]}]}`
	other := inside("other", 5)
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"a text behind the frames": {none + "\n", 400, "request.invalid"},
		"more in the batch":        {`{"frames":[],"more":1}`, 400, "request.invalid"},
		"a digest that is cut":     {none + inside("good 1", 6) + "1234", 400, "request.invalid"},
		"a file that is cut":       {none + inside("good 2", 6) + inside("cut", 4), 400, "request.invalid"},
		"a file that is too large": {none + inside("good 3", 6) + inside("large", 1<<18+1), 400, "frame.too_large"},
		"other bytes": {
			none + inside("good 4", 6) + other[:36] + "OTHER" + inside("good 5", 6), 400, "blob.digest_mismatch",
		},
		"too many":    {none + inside("good 6", 6) + strings.Repeat(inside("", 0), 6500), 400, "batch.too_large"},
		"all is well": {none + inside("good 7", 6) + inside("", 0), 200, ""},
	} {
		response, err := client.Do(newRequest(t, "POST", w.url("/x/1/batch"), "", strings.NewReader(c.body)))
		must(t, err)
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		must(t, err)
		t.Log(name)
		if c.status != http.StatusOK {
			wantProblem(t, &reply{response.StatusCode, response.Header}, answer, c.status, c.code)
		} else if response.StatusCode != http.StatusOK {
			t.Errorf("status %d: %s", response.StatusCode, answer)
		}
	}
	for content, wanted := range map[string]bool{
		"good 1": true, "good 2": true, "good 3": true, "good 4": true, "good 5": true, "good 6": true, "good 7": true,
		"cut": false, "large": false, "other": false, "OTHER": false,
	} {
		digest := digestOf([]byte(content))
		held, err := w.province.gateway.Blobs.Has(t.Context(), []exchange.Digest{digest})
		if err != nil || held[digest] != wanted {
			t.Errorf("%q: kept %v, %v", content, held[digest], err)
		}
	}
}

func TestABatchThatIsCutLeavesWhatCameAndIsAskedForTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	line := w.behind(t)
	_, err := w.commune.carrier.Greet(t.Context(), w.province.entry)
	must(t, err)
	frames, digests := framed(w.put(t, 1000, 'a'))
	_, err = w.commune.carrier.Carry(t.Context(), w.province.entry, frames, digests)
	must(t, err)
	var files []exchange.File
	for i := range 16 {
		files = append(files, w.put(t, 250_000, byte(i)))
	}
	frames, digests = framed(files...)
	line.left.Store(2_000_000)
	if _, err = w.commune.carrier.Carry(t.Context(), w.province.entry, frames, digests); err == nil {
		t.Fatal("a batch went over a line that was cut")
	}
	line.left.Store(-1)
	line.cut.Store(false)
	came := func() (count int) {
		held, err := w.province.gateway.Blobs.Has(t.Context(), digests)
		must(t, err)
		for _, here := range held {
			if here {
				count++
			}
		}
		return count
	}
	for until := time.Now().Add(time.Minute); came() == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("nothing of what came was kept")
		}
	}
	before := w.province.calls("/x/1/blob")
	_, err = w.commune.carrier.Carry(t.Context(), w.province.entry, frames, digests)
	must(t, err)
	if brought := w.province.calls("/x/1/blob") - before; came() != 16 || brought == 0 || brought >= 16 {
		t.Errorf("%d of 16 are there, %d of them were brought alone", came(), brought)
	}
}
