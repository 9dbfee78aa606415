package api_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/outgoing"
)

// patience is for what must come: a busy machine under the race detector is slow; only what never comes takes longer.
const patience = 2 * time.Minute

// raw writes a request by hand and gives the answer; the connection stays open until the test ends.
func raw(t *testing.T, address, head string, body io.Reader) (*reply, []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n")
	must(t, err)
	if body != nil {
		go io.Copy(conn, body)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	must(t, err)
	return &reply{response.StatusCode, response.Header}, answer
}

func TestTooMuchIsRefusedBeforeAByteIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	for _, c := range []struct {
		name, path, token string
		claimed           int64
		status            int
		code              string
	}{
		{"a file of 3 GB", "/documents", clerk, 3 << 30, 413, "request.too_large"},
		{"a file of 3 GB to verify", "/verify", clerk, 3 << 30, 413, "request.too_large"},
		{"a large question", "/inbox/x/refuse", clerk, 10 << 20, 413, "request.too_large"},
		{"a file of 3 GB from nobody", "/documents", "", 3 << 30, 401, "token.missing"},
		{"a file of 3 GB to nowhere", "/nothing", clerk, 3 << 30, 404, "request.no_route"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			response, answer := raw(t, w.commune.people.URL, fmt.Sprintf("POST /api/v1%s HTTP/1.1\nHost: x\n"+
				"Content-Type: multipart/form-data; boundary=b\nAuthorization: Bearer %s\nExpect: 100-continue\n"+
				"Content-Length: %d", c.path, c.token, c.claimed), nil)
			wantProblem(t, response, answer, c.status, c.code)
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestABodyThatIsLargerThanClaimedEndsAtTheLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *api.Config) { c.Gateway.MaxFile = 1 << 20 })
	clerk := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	for _, path := range []string{"/documents", "/verify", "/inbox/x/refuse"} {
		body, mediaType := io.Reader(zeros{}), "application/pdf"
		switch path {
		case "/documents":
			head := "--b\r\nContent-Disposition: form-data; name=\"document\"\r\n\r\n" + draftJSON(nil) +
				"\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7\n"
			body, mediaType = io.MultiReader(strings.NewReader(head), zeros{}), "multipart/form-data; boundary=b"
		case "/inbox/x/refuse":
			body, mediaType = io.MultiReader(strings.NewReader(`{"reason":"`), zeros{}), "application/json"
		}
		request := newRequest(t, http.MethodPost, w.commune.people.URL+"/api/v1"+path, clerk, body)
		request.Header.Set("Content-Type", mediaType)
		response, err := http.DefaultTransport.RoundTrip(request)
		must(t, err)
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		must(t, err)
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d %s", path, response.StatusCode, answer)
		}
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestAClientThatSendsNothingIsCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *api.Config) { c.Limits.Pace = 300 * time.Millisecond })
	clerk := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	for _, c := range []struct {
		name, path, token, begun string
		status                   int
		code                     string
	}{
		{"in a form", "/documents", clerk, "--b\r\n", 408, "request.too_slow"},
		{"in a file", "/verify", clerk, "%PDF", 408, "request.too_slow"},
		{"in JSON", "/inbox/x/refuse", clerk, "{", 408, "request.too_slow"},
		{"without a right to anything", "/documents", "", "--b", 401, "token.missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			response, answer := raw(t, w.commune.people.URL, fmt.Sprintf("POST /api/v1%s HTTP/1.1\nHost: x\n"+
				"Content-Type: multipart/form-data; boundary=b\nAuthorization: Bearer %s\nConnection: close\n"+
				"Content-Length: 100000", c.path, c.token), strings.NewReader(c.begun))
			wantProblem(t, response, answer, c.status, c.code)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestASlowClientThatKeepsThePaceIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *api.Config) { c.Limits.Pace = time.Second })
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	body := append(letter(), bytes.Repeat([]byte("\n%"), 12_000)...)
	report, err := clerk.Verify(t.Context(), &slowReader{r: bytes.NewReader(body)})
	if err != nil || report.SHA256 != string(digestOf(body)) {
		t.Errorf("%+v, %v", report, err)
	}
}

// slowReader gives 6 KiB every 300 ms.
type slowReader struct{ r io.Reader }

func (s *slowReader) Read(p []byte) (int, error) {
	time.Sleep(300 * time.Millisecond)
	return s.r.Read(p[:min(len(p), 6<<10)])
}

func TestAClientThatDoesNotTakeTheAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *api.Config) { c.Limits.Pace = 200 * time.Millisecond })
	token := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	document, err := outgoing.Desk{Gateway: w.commune.gateway}.Submit(t.Context(),
		exchange.Actor{Name: "Trần Thị Bình", Office: commune, Role: exchange.Clerk},
		exchange.Draft{
			Kind: exchange.Letter, Subject: "Tệp lớn", Secrecy: exchange.NotSecret, FileName: "a.pdf",
			Signatory: exchange.Signatory{Name: leaderName}, Recipients: []exchange.OfficeID{department},
		}, io.MultiReader(bytes.NewReader(letter()), strings.NewReader(strings.Repeat("\n% filling", 3<<20))))
	must(t, err)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.commune.people.URL, "http://"))
	must(t, err)
	defer conn.Close()
	must(t, conn.(*net.TCPConn).SetReadBuffer(4<<10))
	fmt.Fprintf(conn, "GET /api/v1/documents/%s/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n",
		document.ID, token)
	deadline := time.Now().Add(patience)
	for !strings.Contains(w.commune.log.String(), `"route":"/api/v1/documents/:id/content"`) {
		if time.Now().After(deadline) {
			t.Fatal("the answer still waits for a client that takes nothing")
		}
		time.Sleep(50 * time.Millisecond)
	}
	_, line, _ := strings.Cut(w.commune.log.String(), `"route":"/api/v1/documents/:id/content"`)
	if !strings.Contains(line, `"code":"request.too_slow"`) {
		t.Errorf("the log does not say why: %s", line)
	}
}

func TestOneOfficeCannotTakeAllPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *api.Config) { c.Limits.Concurrent, c.Limits.PerOffice = 8, 2 })
	clerk := w.province.token(t, "Lê Văn Cường", department, exchange.Clerk)
	other := w.province.client(t, "Đỗ Thị Em", province, exchange.Clerk)
	var held []*io.PipeWriter
	var waiting sync.WaitGroup
	for range 2 {
		reader, writer := io.Pipe()
		held = append(held, writer)
		request := newRequest(t, http.MethodPost, w.province.people.URL+"/api/v1/documents", clerk, reader)
		request.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		waiting.Go(func() {
			if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
				response.Body.Close()
			}
		})
		_, err := io.WriteString(writer, "--b\r\n")
		must(t, err)
	}
	defer waiting.Wait()
	defer func() {
		for _, writer := range held {
			writer.CloseWithError(errors.New("enough"))
		}
	}()
	mine := api.NewClient(w.province.people.URL, clerk, api.English, nil)
	deadline := time.Now().Add(patience)
	for {
		_, err := mine.Self(t.Context())
		if exchange.CodeOf(err) == "request.too_many" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the third request of the office got %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	response, answer := ask(t, newRequest(t, http.MethodGet, w.province.people.URL+"/api/v1/me", clerk, nil))
	wantProblem(t, response, answer, http.StatusTooManyRequests, "request.too_many")
	if response.Header.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	_, err := other.Self(t.Context())
	must(t, err)
	health, _ := ask(t, newRequest(t, http.MethodGet, w.province.people.URL+"/api/v1/health", "", nil))
	if health.StatusCode != http.StatusOK {
		t.Errorf("health %d", health.StatusCode)
	}
}

func TestAPanicIsAnAnswerAndTheServerGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commune.server.Mount(func(engine *gin.Engine) {
		engine.GET("/broken", func(*gin.Context) { panic("a secret of the program") })
		engine.GET("/half", func(c *gin.Context) {
			c.String(http.StatusOK, "half")
			c.Writer.Flush()
			panic("in the middle")
		})
		engine.POST("/small", func(c *gin.Context) {
			_, err := io.Copy(io.Discard, c.Request.Body)
			w.commune.server.Refuse(c, err)
		})
	})
	response, answer := ask(t, newRequest(t, http.MethodGet, w.commune.people.URL+"/broken", "", nil))
	wantProblem(t, response, answer, http.StatusInternalServerError, "internal")
	if bytes.Contains(answer, []byte("secret")) {
		t.Errorf("the answer tells %s", answer)
	}
	if !strings.Contains(w.commune.log.String(), "a secret of the program") {
		t.Error("the log does not tell")
	}
	half, err := http.Get(w.commune.people.URL + "/half")
	must(t, err)
	defer half.Body.Close()
	if _, err := io.ReadAll(half.Body); err == nil {
		t.Error("half an answer looks like a whole one")
	}
	response, answer = ask(t, newRequest(t, http.MethodPost, w.commune.people.URL+"/small", "",
		io.LimitReader(zeros{}, 1<<20)))
	wantProblem(t, response, answer, http.StatusRequestEntityTooLarge, "request.too_large")
	response, _ = ask(t, newRequest(t, http.MethodGet, w.commune.people.URL+"/api/v1/health", "", nil))
	if response.StatusCode != http.StatusOK {
		t.Errorf("health %d", response.StatusCode)
	}
}

func TestAClientThatHangsUpIsNoErrorOfOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	request := newRequest(t, http.MethodPost, w.commune.people.URL+"/api/v1/verify", token, reader).WithContext(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
			response.Body.Close()
		}
	}()
	_, err := writer.Write(letter())
	must(t, err)
	cancel()
	writer.CloseWithError(context.Canceled)
	<-done
	deadline := time.Now().Add(patience)
	for !strings.Contains(w.commune.log.String(), `"route":"/api/v1/verify"`) {
		if time.Now().After(deadline) {
			t.Fatal("the request never ended")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if log := w.commune.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("an error in the log: %s", log)
	}
}

func TestTheServerEndsWithItsContextAfterWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started, goOn := make(chan struct{}), make(chan struct{})
	w.commune.server.Mount(func(engine *gin.Engine) {
		engine.GET("/slow", func(c *gin.Context) {
			close(started)
			<-goOn
			c.String(http.StatusOK, "done")
		})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.commune.server.Serve(ctx, listener) }()
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String() + "/slow")
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answered <- string(body)
	}()
	<-started
	cancel()
	close(goOn)
	if got := <-answered; got != "done" {
		t.Errorf("what was under way got %q", got)
	}
	must(t, <-ended)
}

func TestForgedAddressesOfProxiesMeanNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commune.server.Mount(func(engine *gin.Engine) {
		engine.GET("/who", func(c *gin.Context) { c.String(http.StatusOK, c.ClientIP()) })
	})
	request := newRequest(t, http.MethodGet, w.commune.people.URL+"/who", "", nil)
	request.Header.Set("X-Forwarded-For", "203.0.113.7")
	request.Header.Set("X-Real-Ip", "203.0.113.7")
	if _, answer := ask(t, request); string(answer) != "127.0.0.1" {
		t.Errorf("the client is %s", answer)
	}
	if log := w.commune.log.String(); strings.Contains(log, "203.0.113.7") || !strings.Contains(log, "127.0.0.1") {
		t.Errorf("the log believes the header: %s", log)
	}
}
