package certs_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"congvan/certs"
	"congvan/certs/certstest"
)

// house is a server on every loopback address that must never be reached; it counts who comes.
type house struct {
	port  string
	comes atomic.Int64
}

func newHouse(t *testing.T) *house {
	t.Helper()
	house := &house{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			house.comes.Add(1)
		}
	}
	everywhere, err := net.Listen("tcp", ":0") // every loopback address is meant
	if err != nil {
		t.Fatal(err)
	}
	server.Listener.Close()
	server.Listener = everywhere
	server.Start()
	t.Cleanup(server.Close)
	_, house.port, err = net.SplitHostPort(everywhere.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return house
}

// tricks are addresses that lead into the house, or that are no addresses for a fetcher; P is the port.
var tricks = []string{
	"http://127.0.0.1:P/", "http://127.0.0.2:P/", "http://127.255.255.254:P/", "http://localhost:P/", "http://LOCALHOST:P/", "http://localhost.:P/",
	"http://[::1]:P/", "http://[::]:P/", "http://[::ffff:127.0.0.1]:P/", "http://[::ffff:7f00:1]:P/",
	"http://[0:0:0:0:0:ffff:7f00:1]:P/", "http://[::127.0.0.1]:P/", "http://[64:ff9b::7f00:1]:P/",
	"http://[2002:7f00:1::]:P/", "http://[fe80::1%25lo]:P/", "http://[fe80::1]:P/", "http://[fc00::1]:P/",
	"http://[fd12:3456::1]:P/", "http://[ff02::1]:P/", "http://[fec0::1]:P/", "http://[2001:db8::1]:P/",
	"http://0.0.0.0:P/", "http://0.1.2.3:P/", "http://10.0.0.1:P/", "http://172.16.0.1:P/", "http://172.31.255.255:P/",
	"http://192.168.1.1:P/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1:P/", "http://192.0.0.8:P/",
	"http://198.18.0.1:P/", "http://224.0.0.1:P/", "http://240.0.0.1:P/", "http://255.255.255.255:P/",
	"file:///etc/passwd", "ftp://127.0.0.1:P/", "gopher://127.0.0.1:P/", "ldap://127.0.0.1:P/", "unix:///var/run/x.sock",
	"javascript:alert(1)", "http://user@127.0.0.2:P/", "http://example.com@127.0.0.2:P/", "http:///a", "//127.0.0.2:P/",
	"http://127.0.0.2:P@localhost/",
}

// spelt are addresses that some programs take for 127.0.0.1; they are names to us, and lead nowhere.
var spelt = []string{
	"http://2130706433:P/", "http://0x7f000001:P/", "http://0x7f.0.0.1:P/", "http://0177.0.0.1:P/", "http://127.1:P/",
	"http://0:P/", "http://①②⑦.⓪.⓪.①:P/", "http://127.0.0.1%00.example.com:P/", "http://127。0。0。1:P/",
}

func TestCertificatesDoNotLeadIntoTheHouse(t *testing.T) {
	t.Parallel()
	house := newHouse(t)
	root := certstest.Root(t, "CA")
	fetcher, err := certs.NewFetcher(certs.Fetching{
		Now: certstest.At(certstest.Noon), Outbound: certs.Outbound{Timeout: time.Minute, Resolver: noNames(t)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, trick := range slices.Concat(tricks, spelt) {
		address := strings.ReplaceAll(trick, "P/", house.port+"/")
		leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &root, Adjust: func(c *x509.Certificate) {
			if strings.Contains(address, "①") || strings.Contains(address, "。") { // not IA5: refused when it is written
				return
			}
			here := []string{address}
			c.OCSPServer, c.CRLDistributionPoints, c.IssuingCertificateURL = here, here, here
		}})
		leaf.Certificate.OCSPServer = []string{address}
		known := fetcher.Check(t.Context(), leaf.Certificate, root.Certificate, certstest.Noon)
		if known.Status != certs.StatusUnknown ||
			known.Reason != certs.RevocationOffline && known.Reason != certs.RevocationNoSource {
			t.Errorf("%s: status %d, reason %q", trick, known.Status, known.Reason)
		}
		if found := fetcher.Issuers(t.Context(), leaf.Certificate, nil); len(found) > 0 {
			t.Errorf("%s: found an issuer", trick)
		}
	}
	if comes := house.comes.Load(); comes != 0 {
		t.Errorf("%d connections to forbidden addresses", comes)
	}
}

// noNames is a resolver that knows nobody but localhost, which machines know by themselves, and one authority.
func noNames(t *testing.T) *net.Resolver {
	t.Helper()
	return names(t, func(name string) []string {
		if strings.EqualFold(name, "localhost.") || name == "tsa.example." {
			return []string{"127.0.0.1"}
		}
		return nil
	})
}

func TestRedirectsDoNotLeadIntoTheHouse(t *testing.T) {
	t.Parallel()
	house := newHouse(t)
	for _, trick := range tricks {
		t.Run(trick, func(t *testing.T) {
			t.Parallel()
			address := strings.ReplaceAll(trick, "P/", house.port+"/")
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", address)
				w.WriteHeader(http.StatusTemporaryRedirect)
			}))
			defer server.Close()
			_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
			client, err := certs.NewTSA(certs.Timestamping{
				URLs: []string{"http://tsa.example:" + port}, Outbound: certs.Outbound{Resolver: noNames(t)},
			})
			if err != nil {
				t.Fatal(err)
			}
			// "//host" is http there, and so is a path alone: on the first server it is a redirect without end.
			_, err = stamp(t, client)
			if !errors.Is(err, certs.ErrForbiddenAddress) && !errors.Is(err, certs.ErrAnswer) {
				t.Errorf("%v", err)
			}
		})
	}
	if comes := house.comes.Load(); comes != 0 {
		t.Errorf("%d connections to forbidden addresses", comes)
	}
}

func TestANameThatChangesItsAddressDoesNotLeadIntoTheHouse(t *testing.T) {
	t.Parallel()
	house := newHouse(t)
	var asked atomic.Int64
	resolver := names(t, func(string) []string {
		if asked.Add(1)%2 == 1 {
			return []string{"127.0.0.1", "10.0.0.1"}
		}
		return []string{"192.168.0.1", "127.0.0.9"}
	})
	fetcher, err := certs.NewFetcher(certs.Fetching{
		Now: certstest.At(certstest.Noon), Outbound: certs.Outbound{Timeout: time.Minute, Resolver: resolver},
	})
	if err != nil {
		t.Fatal(err)
	}
	root := certstest.Root(t, "CA")
	leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &root, Adjust: func(c *x509.Certificate) {
		c.OCSPServer = []string{"http://rebind.example:" + house.port + "/"}
	}})
	for range 4 {
		known := fetcher.Check(t.Context(), leaf.Certificate, root.Certificate, certstest.Noon)
		if known.Reason != certs.RevocationOffline {
			t.Errorf("reason %q", known.Reason)
		}
	}
	if asked.Load() == 0 {
		t.Error("the resolver was never asked: nothing was tried")
	}
	if comes := house.comes.Load(); comes != 0 {
		t.Errorf("%d connections to forbidden addresses", comes)
	}
}

// names gives a resolver that asks a name server of our own on loopback.
func names(t *testing.T, addresses func(name string) []string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		buffer := make([]byte, 2048)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply := replyTo(buffer[:n], addresses); reply != nil {
				_, _ = server.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func replyTo(query []byte, addresses func(name string) []string) []byte {
	var message dnsmessage.Message
	if message.Unpack(query) != nil || len(message.Questions) != 1 {
		return nil
	}
	question := message.Questions[0]
	reply := dnsmessage.Message{Header: message.Header, Questions: message.Questions}
	reply.Response, reply.RCode = true, dnsmessage.RCodeNameError
	for _, text := range addresses(question.Name.String()) {
		reply.RCode = dnsmessage.RCodeSuccess
		if question.Type == dnsmessage.TypeA {
			reply.Answers = append(reply.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 1},
				Body:   &dnsmessage.AResource{A: [4]byte(net.ParseIP(text).To4())},
			})
		}
	}
	packed, err := reply.Pack()
	if err != nil {
		return nil
	}
	return packed
}

func TestAllowedAddressesAreReached(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	leader := certstest.Leader(t, authority, certs.ECDSAP256)
	for _, test := range []struct {
		allow   []string
		reached bool
	}{
		{nil, false},
		{[]string{"127.0.0.1"}, true},
		{[]string{"127.0.0.0/8"}, true},
		{[]string{" 127.0.0.1 "}, true},
		{[]string{"10.0.0.0/8", "ca.gov.vn"}, false},
		{[]string{"127.0.0.2"}, false},
	} {
		fetcher, err := certs.NewFetcher(certs.Fetching{
			Now: certstest.At(certstest.Noon), Outbound: certs.Outbound{Allow: test.allow},
		})
		if err != nil {
			t.Fatal(err)
		}
		known := fetcher.Check(t.Context(), leader.Certificate, authority.Issuing(), certstest.Noon)
		if reached := known.Status == certs.StatusGood; reached != test.reached {
			t.Errorf("allow %q: status %d, reason %q", test.allow, known.Status, known.Reason)
		}
	}
	for _, entry := range []string{"", "http://a/", "a b", "10.0.0.0/99"} {
		_, err := certs.NewFetcher(certs.Fetching{
			Now: certstest.At(certstest.Noon), Outbound: certs.Outbound{Allow: []string{entry}},
		})
		if err == nil {
			t.Errorf("allow %q was taken", entry)
		}
	}
}

func TestRedirectsAreFollowedThreeTimes(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	for hops, good := range map[int]bool{0: true, 3: true, 4: false} {
		mux := http.NewServeMux()
		mux.HandleFunc("/{hop}", func(w http.ResponseWriter, r *http.Request) {
			var hop int
			_, _ = fmt.Sscan(r.PathValue("hop"), &hop)
			if hop == 0 {
				http.Redirect(w, r, authority.TimestampURL(), http.StatusTemporaryRedirect)
				return
			}
			http.Redirect(w, r, fmt.Sprintf("/%d", hop-1), http.StatusPermanentRedirect)
		})
		server := httptest.NewServer(mux)
		defer server.Close()
		address := authority.TimestampURL()
		if hops > 0 {
			address = fmt.Sprintf("%s/%d", server.URL, hops-1)
		}
		if _, err := stamp(t, certstest.Client(t, address)); (err == nil) != good {
			t.Errorf("%d redirects: %v", hops, err)
		}
	}
}

func TestGivenRootsServeForTLS(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	signer := certstest.Issue(t, authority, certs.Order{Use: certs.UseTimestamping})
	plain := certstest.Stamper(t, certstest.Stamping{Signer: signer, Now: certstest.At(certstest.Noon)})
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	for _, test := range []struct {
		roots *x509.CertPool
		good  bool
	}{{roots, true}, {x509.NewCertPool(), false}, {nil, false}} {
		client, err := certs.NewTSA(certs.Timestamping{
			URLs: []string{server.URL}, Outbound: certs.Outbound{Roots: test.roots},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stamp(t, client); (err == nil) != test.good {
			t.Errorf("%v", err)
		}
	}
}
