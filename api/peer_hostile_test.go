package api_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
	"congvan/storage"
)

// impostor is a gateway of the directory, with its true key, whose program lies. It answers as the test says.
type impostor struct {
	answers map[string]string // by path; a path that is missing answers nothing
	asked   atomic.Int64      // batches
}

func (i *impostor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if r.URL.Path == "/x/1/batch" {
		i.asked.Add(1)
	}
	fmt.Fprint(w, i.answers[r.URL.Path])
}

// lying lets a program that lies answer for the province.
func (w *world) lying(t *testing.T, answers map[string]string) (exchange.Node, *impostor) {
	t.Helper()
	liar := &impostor{answers: answers}
	server := httptest.NewUnstartedServer(liar)
	server.TLS = w.province.peers.TLS()
	server.TLS.NextProtos = []string{"h2"}
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	entry := w.province.entry
	entry.URL = server.URL
	return entry, liar
}

const goodHello = `{"versions":[1],"node":"cong-tinh","at":"2026-03-02T08:00:00Z"}`

func someFrames(count int) []exchange.Frame {
	frames := make([]exchange.Frame, count)
	for i := range frames {
		frames[i] = exchange.Frame{
			ID: exchange.MessageID(fmt.Sprintf("01ARZ3NDEKTSV4RRFFQ69G%04d", i)), Kind: exchange.ReceiptMessage,
			Sealed: []byte("x"), To: []exchange.OfficeID{department},
		}
	}
	return frames
}

// What a gateway answers cannot fill the memory of the one that asked, and nothing that is not an answer counts.
func TestFalseAnswersCountForNothingAndCostLittle(t *testing.T) { //nolint:paralleltest // of memory
	w := newWorld(t)
	digests, other := []exchange.Digest{digestOf([]byte("a"))}, string(digestOf([]byte("b")))
	many := func(before, element, after string) string {
		return before + strings.Repeat(element+",", 4<<20) + element + after
	}
	for name, c := range map[string]struct {
		hello, have, batch string
		code               string
	}{
		"a million answers":           {batch: many(`{"answers":[`, `{}`, `]}`), code: "peer.answer"},
		"answers twice":               {batch: `{"answers":[],"answers":[]}`, code: "peer.answer"},
		"something behind":            {batch: `{"answers":[]}{"answers":[]}`, code: "peer.answer"},
		"no object":                   {batch: `[]`, code: "peer.answer"},
		"no JSON":                     {batch: `<html>`, code: "peer.answer"},
		"half":                        {batch: `{"answers":[{`, code: "peer.answer"},
		"a word for a number":         {batch: `{"answers":[],"credit":{"frames":"all"}}`, code: "peer.answer"},
		"a number that is none":       {batch: `{"answers":[],"credit":{"frames":1e400}}`, code: "peer.answer"},
		"files nobody asked about":    {have: many(`{"missing":[`, `""`, `]}`), code: "peer.answer"},
		"a file that is not one":      {have: `{"missing":["../../etc/passwd"]}`, code: "peer.refused"},
		"a file unknown here":         {have: `{"missing":["` + other + `"]}`, code: "blob.not_found"},
		"a hello of a million":        {hello: many(`{"node":"cong-tinh","versions":[`, `1`, `]}`), code: "peer.answer"},
		"a hello of another":          {hello: `{"versions":[1],"node":"cong-la"}`, code: "peer.version"},
		"a hello of another version":  {hello: `{"versions":[2],"node":"cong-tinh"}`, code: "peer.version"},
		"a hello without any version": {hello: `{"node":"cong-tinh"}`, code: "peer.version"},
	} {
		answers := map[string]string{"/x/1/hello": goodHello, "/x/1/have": `{"missing":[]}`, "/x/1/batch": c.batch}
		if c.have != "" {
			answers["/x/1/have"] = c.have
		}
		frames := someFrames(2)
		if c.hello != "" {
			answers["/x/1/hello"], frames = c.hello, nil
		}
		entry, _ := w.lying(t, answers)
		before := allocated()
		got, err := w.commune.carrier.Carry(t.Context(), entry, frames, digests)
		if exchange.CodeOf(err) != c.code || len(got) > 0 || !api.HasSentence(c.code) {
			t.Errorf("%s: %d answers, %v; want %s", name, len(got), err, c.code)
		}
		// The server of the lie is in this process, and copies its text.
		if grown := allocated() - before; grown > 100<<20 {
			t.Errorf("%s: it took %d MiB", name, grown>>20)
		}
	}
}

func allocated() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.TotalAlloc
}

// A credit that is nothing, negative or huge changes the size of batches within their limits, and nothing else.
func TestAFalseCreditOnlyChangesTheSizeOfBatches(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const frames = 2*exchange.MaxFrames + 1
	for credit, batches := range map[string]int64{
		`{"frames":0,"bytes":0}`:                                     1 + frames - exchange.MaxFrames,
		`{"frames":-9223372036854775808,"bytes":-1}`:                 1 + frames - exchange.MaxFrames,
		`{"frames":9223372036854775807,"bytes":1000000000000000000}`: 3,
		`{"frames":9223372036854775807,"bytes":1000000}`:             3,
		`null`: 3,
	} {
		entry, liar := w.lying(t, map[string]string{"/x/1/batch": `{"answers":[],"credit":` + credit + `}`})
		_, err := w.commune.carrier.Carry(t.Context(), entry, someFrames(frames), nil)
		if asked := liar.asked.Load(); err != nil || asked != batches {
			t.Errorf("%s: %d batches, %v; want %d", credit, asked, err, batches)
		}
	}
}

// What a gateway brings is refused before it is much, and is never taken in part.
func TestAHostileCallerIsRefusedAndCostsLittle(t *testing.T) { //nolint:paralleltest // memory is measured
	w := newWorld(t)
	client := caller(&w.commune.certificate, tls.VersionTLS13)
	frame, err := json.Marshal(someFrames(1)[0])
	must(t, err)
	offices := strings.Repeat(`"",`, 5<<20)
	honest := string(frame)
	for name, c := range map[string]struct{ path, body, code string }{
		"a batch that was cut":    {"/x/1/batch", `{"frames":[` + honest, "request.invalid"},
		"a batch without its end": {"/x/1/batch", `{"frames":[` + honest + `]`, "request.invalid"},
		"frames twice": {
			"/x/1/batch", `{"frames":[` + honest + `],"frames":[` + honest + `]}`, "request.invalid",
		},
		"an id twice":    {"/x/1/batch", `{"frames":[{"id":"a",` + honest[1:] + `]}`, "request.invalid"},
		"two batches":    {"/x/1/batch", `{"frames":[` + honest + `]}{"frames":[` + honest + `]}`, "frame.too_large"},
		"no frames":      {"/x/1/batch", `{"frames":[]}`, "request.invalid"},
		"frames of null": {"/x/1/batch", `{"frames":null}`, "request.invalid"},
		"to five million offices": {
			"/x/1/batch", `{"frames":[{"id":"1","kind":"receipt","sealed":"eA==","to":[` + offices + `""]}]}`,
			"frame.too_large",
		},
		"to 100,000 offices": {
			"/x/1/batch", `{"frames":[{"id":"1","kind":"receipt","sealed":"eA==","to":[` +
				strings.Repeat(`"xa",`, 100_000) + `"xa"]}]}`, "frame.too_large",
		},
		"five million answers": {"/x/1/pull", `{"answers":[` + strings.Repeat(`{},`, 5<<20) + `{}]}`, "batch.too_large"},
		"a hundred thousand digests": {
			"/x/1/have", `{"digests":[` + strings.Repeat(`"",`, 100_000) + `""]}`, "batch.too_large",
		},
		"a deep hello": {"/x/1/hello", `{"x":` + strings.Repeat("[", 4000), "request.invalid"},
	} {
		before := allocated()
		response, err := client.Post(w.url(c.path), "application/json", strings.NewReader(c.body))
		must(t, err)
		answer, err := io.ReadAll(response.Body)
		must(t, err)
		must(t, response.Body.Close())
		t.Log(name)
		wantProblem(t, &reply{response.StatusCode, response.Header}, answer, http.StatusBadRequest, c.code)
		if grown := allocated() - before; grown > 200<<20 {
			t.Errorf("%s: it took %d MiB", name, grown>>20)
		}
	}
	must(t, w.province.gateway.Records.View(t.Context(), func(tx exchange.Tx) error {
		_, err := tx.Message(t.Context(), someFrames(1)[0].ID)
		if exchange.KindOf(err) != exchange.NotFound {
			t.Errorf("something was taken: %v", err)
		}
		return nil
	}))
}

// A clock that is wrong at the other end is nobody's trouble but its own.
func TestAGatewayWithAClockOf2099IsServedAsAnyOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := caller(&w.commune.certificate, tls.VersionTLS13)
	response, err := client.Post(w.url("/x/1/hello"), "application/json",
		strings.NewReader(`{"versions":[1,7],"node":"cong-xa","at":"2099-12-31T23:59:59Z","credit":{"frames":-1}}`))
	must(t, err)
	defer response.Body.Close()
	var theirs api.Hello
	must(t, json.NewDecoder(response.Body).Decode(&theirs))
	if age := time.Since(theirs.At); response.StatusCode != http.StatusOK || age < -time.Minute || age > time.Minute {
		t.Errorf("status %d, its clock says %v", response.StatusCode, theirs.At)
	}
	entry, _ := w.lying(t, map[string]string{"/x/1/hello": strings.Replace(goodHello, "2026", "2099", 1)})
	if _, err := w.commune.carrier.Greet(t.Context(), entry); err != nil {
		t.Errorf("a hello of 2099: %v", err)
	}
}

// A batch that comes a byte at a time is cut, and gives its place back; nothing of it is taken.
func TestABatchThatTricklesIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	door := api.NewPeerServer(api.PeerConfig{
		Gateway: w.province.gateway, Certificate: w.province.certificate, Log: discard(), Now: time.Now,
		Limits: api.Limits{PerOffice: 1, Pace: 300 * time.Millisecond},
	})
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- door.Serve(ctx, listener) }()
	defer func() { end(); must(t, <-served) }()
	url := "https://" + listener.Addr().String()
	reader, writer := io.Pipe()
	go func() {
		for _, err := io.WriteString(writer, `{"frames":[`); err == nil; time.Sleep(20 * time.Millisecond) {
			_, err = writer.Write([]byte(" "))
		}
	}()
	client := caller(&w.commune.certificate, tls.VersionTLS13)
	client.Timeout = time.Minute
	response, err := client.Post(url+"/x/1/batch", "application/json", reader)
	must(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	must(t, err)
	must(t, reader.Close())
	var problem api.Problem
	must(t, json.Unmarshal(answer, &problem))
	if problem.Code != "request.too_slow" {
		t.Errorf("%d %s", response.StatusCode, answer)
	}
	again, err := client.Post(url+"/x/1/hello", "application/json", strings.NewReader(`{"versions":[1],"node":"cong-xa"}`))
	must(t, err)
	defer again.Body.Close()
	if again.StatusCode != http.StatusOK {
		t.Errorf("its place is still taken: status %d", again.StatusCode)
	}
}

// A gateway that begins large files and never ends them fills its quota, and hinders nobody's small ones.
func TestAGatewayThatOnlyBeginsFilesFillsItsQuotaAndNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client := caller(&w.commune.certificate, tls.VersionTLS13)
	begin := func(n int) (int, string) {
		digest := digestOf([]byte{byte(n)})
		request := newRequest(t, http.MethodPut, w.url("/x/1/blob/"+string(digest)), "",
			io.MultiReader(bytes.NewReader(make([]byte, 40<<20)), failing{}))
		request.ContentLength = 50 << 20
		request.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", 50<<20-1, 50<<20))
		response, err := client.Do(request)
		if err != nil {
			return 0, "" // it was cut by ourselves
		}
		defer response.Body.Close()
		var problem api.Problem
		_ = json.NewDecoder(response.Body).Decode(&problem)
		return response.StatusCode, problem.Code
	}
	kept, err := storage.OpenPartials(w.province.uploads, 256<<20, time.Hour, time.Now)
	must(t, err)
	full := 0
	for n := range 8 {
		status, code := begin(n)
		if code == "storage.full" && status == http.StatusServiceUnavailable || code == "storage.full" && status == 507 {
			full++
		}
	}
	var used int64
	for n := range 8 {
		size, err := kept.Offset(w.commune.entry.ID, digestOf([]byte{byte(n)}))
		must(t, err)
		used += size
	}
	if full == 0 || used > 256<<20 {
		t.Errorf("%d of 8 found no room, %d bytes are kept", full, used)
	}
	id := w.send(t)
	must(t, w.commune.gateway.DeliverNow(t.Context()))
	w.settled(t, []exchange.DocumentID{id})
}

// failing breaks the line.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A certificate that ends while a connection is open ends what may be said over it, at either end.
func TestACertificateThatEndsInTheMiddleOfAConnectionEndsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ended := w.commune.gateway.Identity.Certificate.NotAfter
	if later := w.province.gateway.Identity.Certificate.NotAfter; later.After(ended) {
		ended = later
	}
	for name, late := range map[string]func(clock func() time.Time) (exchange.Node, *api.PeerCarrier){
		"seen by the one who is called": func(clock func() time.Time) (exchange.Node, *api.PeerCarrier) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			must(t, err)
			door := api.NewPeerServer(api.PeerConfig{
				Gateway: w.province.gateway, Certificate: w.province.certificate, Log: discard(), Now: clock,
			})
			ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
			served := make(chan error, 1)
			go func() { served <- door.Serve(ctx, listener) }()
			t.Cleanup(func() { end(); must(t, <-served) })
			entry := w.province.entry
			entry.URL = "https://" + listener.Addr().String()
			return entry, w.commune.carrier
		},
		"seen by the one who calls": func(clock func() time.Time) (exchange.Node, *api.PeerCarrier) {
			carrier := api.NewPeerCarrier(w.commune.entry.ID, w.commune.certificate, w.commune.gateway.Blobs, clock)
			t.Cleanup(carrier.Close)
			return w.province.entry, carrier
		},
	} {
		var over atomic.Bool
		entry, carrier := late(func() time.Time {
			if over.Load() {
				return ended.Add(time.Second)
			}
			return time.Now()
		})
		if _, err := carrier.Greet(t.Context(), entry); err != nil {
			t.Fatalf("%s: before: %v", name, err)
		}
		over.Store(true)
		_, err := carrier.Greet(t.Context(), entry)
		if exchange.KindOf(err) != exchange.Unavailable || !strings.Contains(err.Error(), "peer.certificate_ended") {
			t.Errorf("%s: %v", name, err)
		}
		over.Store(false)
		if _, err := carrier.Greet(t.Context(), entry); err != nil {
			t.Errorf("%s: after the clock was put right: %v", name, err)
		}
	}
}

// A gateway that answers for offices that it was not asked about, or answers what is owed to another, changes nothing.
func TestAnswersToWhatIsOwedToAnotherChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.send(t)
	client := caller(&w.commune.certificate, tls.VersionTLS13)
	answers := []exchange.Answer{
		{ID: exchange.MessageID(id), To: department, Outcome: exchange.Rejected, Code: "message.unreadable"},
		{ID: exchange.MessageID(id), To: province, Outcome: exchange.Taken, Receipt: []byte("x")},
		{ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", To: commune, Outcome: exchange.Taken},
	}
	// The commune acknowledges, at the province, what the commune itself owes.
	body, err := json.Marshal(map[string]any{"answers": answers})
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	request := newRequest(t, http.MethodPost, w.url("/x/1/pull"), "", bytes.NewReader(body)).WithContext(ctx)
	if response, err := client.Do(request); err == nil { // as a rule it waits for something to give
		must(t, response.Body.Close())
	}
	if err := w.commune.gateway.Answered(t.Context(), w.commune.entry.ID, answers); err != nil {
		t.Error(err)
	}
	line, err := w.commune.gateway.Line(t.Context(), w.province.entry.ID)
	must(t, err)
	if line.Queue != 1 {
		t.Errorf("%d are owed", line.Queue)
	}
	must(t, w.commune.gateway.DeliverNow(t.Context()))
	w.settled(t, []exchange.DocumentID{id})
}
