package handover_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/handover"
)

// hook is a document system that is called.
type hook struct {
	*httptest.Server
	mutex sync.Mutex
	// status, got and signed are guarded by mutex.
	status func(event handover.Occurrence) int
	got    []handover.Occurrence
	signed []http.Header
	bodies [][]byte
}

func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{status: func(handover.Occurrence) int { return http.StatusNoContent }}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	body, _ := io.ReadAll(r.Body)
	var event handover.Occurrence
	_ = json.Unmarshal(body, &event)
	status := h.status(event)
	if status/100 == 2 {
		h.got, h.signed, h.bodies = append(h.got, event), append(h.signed, r.Header), append(h.bodies, body)
	}
	w.WriteHeader(status)
}

// of names a mailbox of the commune.
func of(name exchange.System) handover.Holder { return handover.Holder{Office: commune, System: name} }

// verified says with which of the secrets the nth call was signed, as Standard Webhooks has it.
func (h *hook) verified(t *testing.T, n int, secrets ...string) (good []int) {
	t.Helper()
	header := h.signed[n]
	content := header.Get("Webhook-Id") + "." + header.Get("Webhook-Timestamp") + "." + string(h.bodies[n])
	for i, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		ok(t, err)
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(content))
		want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if slices.Contains(strings.Fields(header.Get("Webhook-Signature")), want) {
			good = append(good, i)
		}
	}
	return good
}

func TestAWebhookIsSignedByBothSecretsWhileOneIsRotated(t *testing.T) {
	t.Parallel()
	g, h := newGate(t), newHook(t)
	first := g.define(t, commune, "ioffice", exchange.MailboxOrder{URL: h.URL})
	if again := g.define(t, commune, "ioffice", exchange.MailboxOrder{URL: h.URL}); again != "" || first == "" {
		t.Fatalf("the secret is told %q, then %q", first, again)
	}
	ok(t, g.desk.Ping(t.Context(), manager(commune), "ioffice"))
	_, second, err := g.desk.Rotate(t.Context(), manager(commune), "ioffice", time.Hour)
	ok(t, err)
	g.arrive(t, commune)
	ok(t, g.desk.Push(t.Context(), of("ioffice")))
	g.clock = g.clock.Add(2 * time.Hour)
	g.arrive(t, commune)
	ok(t, g.desk.Push(t.Context(), of("ioffice")))
	for n, want := range [][]int{{0}, {0, 1}, {1}} {
		if good := h.verified(t, n, first, second); !slices.Equal(good, want) {
			t.Errorf("call %d is signed by %v, want %v", n, good, want)
		}
	}
	if h.got[0].Type != "ping" || h.signed[1].Get("Webhook-Id") != h.got[1].ID {
		t.Errorf("got %s, header %v", told(h.got), h.signed[1])
	}
	g.desk.Key = []byte(strings.Repeat("x", 32))
	wantCode(t, g.desk.Ping(t.Context(), manager(commune), "ioffice"), exchange.Conflict, "mailbox.secret_lost")
}

func TestAWebhookThatIsDownIsTriedLaterAndLosesNothing(t *testing.T) {
	t.Parallel()
	g, h := newGate(t), newHook(t)
	g.define(t, commune, "ioffice", exchange.MailboxOrder{URL: h.URL})
	down := func(handover.Occurrence) int { return http.StatusBadGateway }
	up := h.status
	h.status = down
	first := g.arrive(t, commune)
	g.judged(t, first)
	g.arrive(t, commune)
	trouble := func() exchange.Trouble {
		list, _, err := g.desk.List(t.Context(), manager(commune))
		ok(t, err)
		return list[0].Trouble
	}
	for attempt := range 40 { // more than any count of retries
		err := g.desk.Push(t.Context(), of("ioffice"))
		wantCode(t, err, exchange.Unavailable, "mailbox.answer")
		now := trouble()
		wait := now.Next.Sub(g.clock)
		if now.Failures != attempt+1 || wait <= 0 || wait > 15*time.Minute || !strings.Contains(now.Detail, "502") {
			t.Fatalf("attempt %d: %+v", attempt, now)
		}
		ok(t, g.desk.Push(t.Context(), of("ioffice"))) // not before its time
		g.clock = now.Next
		if attempt == 20 {
			g.restart(t)
		}
	}
	h.status = up
	ok(t, g.desk.Push(t.Context(), of("ioffice")))
	wantTold(t, h.got, "received 1, judged 1, received 2")
	if now := trouble(); now != (exchange.Trouble{}) {
		t.Errorf("trouble stays: %+v", now)
	}
	ok(t, g.desk.Push(t.Context(), of("ioffice")))
	if len(h.got) != 3 {
		t.Errorf("called again: %s", told(h.got))
	}
}

func TestADeclinedEventHoldsUpItsDocumentOnly(t *testing.T) {
	t.Parallel()
	g, h := newGate(t), newHook(t)
	g.define(t, commune, "ioffice", exchange.MailboxOrder{URL: h.URL})
	first := g.arrive(t, commune)
	second := g.arrive(t, commune)
	g.judged(t, first)
	g.judged(t, second)
	up := h.status
	h.status = func(event handover.Occurrence) int {
		if event.Data.Document == first.Document {
			return http.StatusUnprocessableEntity
		}
		return http.StatusOK
	}
	ok(t, g.desk.Push(t.Context(), of("ioffice")))
	wantTold(t, h.got, "received 2, judged 2")
	h.status = up
	g.clock = g.clock.Add(15 * time.Minute)
	ok(t, g.desk.Push(t.Context(), of("ioffice")))
	wantTold(t, h.got, "received 2, judged 2, received 1, judged 1")
}

func TestAWebhookMayNotLeadIntoTheHouse(t *testing.T) {
	t.Parallel()
	g, h := newGate(t), newHook(t)
	guarded, err := certs.NewClient(certs.Outbound{})
	ok(t, err)
	g.define(t, commune, "ioffice", exchange.MailboxOrder{URL: h.URL})
	g.desk.Client = guarded
	err = g.desk.Ping(t.Context(), manager(commune), "ioffice")
	wantCode(t, err, exchange.Unavailable, "mailbox.unreachable")
	allowed, err := certs.NewClient(certs.Outbound{Allow: []string{"127.0.0.1"}})
	ok(t, err)
	g.desk.Client = allowed
	ok(t, g.desk.Ping(t.Context(), manager(commune), "ioffice"))
	away := httptest.NewServer(http.RedirectHandler(h.URL, http.StatusTemporaryRedirect))
	t.Cleanup(away.Close)
	g.define(t, commune, "ioffice", exchange.MailboxOrder{URL: away.URL})
	err = g.desk.Ping(t.Context(), manager(commune), "ioffice")
	wantCode(t, err, exchange.Unavailable, "mailbox.answer")
	if len(h.got) != 1 {
		t.Errorf("the redirect was followed: %s", told(h.got))
	}
}

func TestOneSlowWebhookHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	stuck := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stuck }))
	t.Cleanup(slow.Close)
	t.Cleanup(func() { close(stuck) })
	arrived := make(chan string, 10)
	quick := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- r.Header.Get("Webhook-Id")
	}))
	t.Cleanup(quick.Close)
	g.define(t, commune, "slow", exchange.MailboxOrder{URL: slow.URL})
	for i := range 3 {
		g.define(t, province, exchange.System(fmt.Sprintf("quick-%d", i)), exchange.MailboxOrder{URL: quick.URL})
	}
	g.arrive(t, commune)
	g.arrive(t, province)
	ctx, end := contextWithEnd(t)
	var running sync.WaitGroup
	running.Go(func() { g.desk.Run(ctx) })
	for range 3 {
		<-arrived
	}
	end()
	running.Wait()
}
