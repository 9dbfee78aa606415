package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// What can be wrong when another service is asked. Callers compare with errors.Is.
var (
	// ErrForbiddenAddress means that a URL leads to an address inside the house that nobody allowed.
	ErrForbiddenAddress = errors.New("address is not allowed")
	// ErrAnswer means that the service answered something that cannot be used: a status other than 200, or too much.
	ErrAnswer = errors.New("unusable answer")
)

var errTooLarge = errors.New("more than the limit")

const (
	// defaultTimeout is how long one question to another service may take, the transfer included.
	defaultTimeout = 10 * time.Second
	maxRedirects   = 3
	// keptOpen is how many connections to one service stay open for a minute: as many documents are sealed at once, each
	// with a time stamp, and a connection costs more than the question.
	keptOpen = 64
)

// Outbound says whom this program may ask for revocation data and time stamps.
type Outbound struct {
	// Allow lists hosts, addresses and networks (CIDR) that may be asked although they are loopback, private or
	// link-local. The names of hosts are compared with the URL; addresses and networks with what the name leads to.
	Allow []string
	// Timeout is how long one question may take; zero is 10 seconds.
	Timeout time.Duration
	// Roots are for the TLS of https addresses; nil leaves that to the machine. It is transport only: what comes back is
	// judged by its own signature, and never by these.
	Roots *x509.CertPool
	// Resolver looks up the names of hosts; nil asks as the machine does.
	Resolver *net.Resolver
}

// outbound is the one HTTP client of this package. URLs in certificates are foreign: they must not lead into the house.
type outbound struct {
	client   *http.Client
	resolver *net.Resolver
	hosts    []string
	nets     []netip.Prefix
}

func newOutbound(settings Outbound) (*outbound, error) {
	guard := &outbound{resolver: settings.Resolver}
	for _, entry := range settings.Allow {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if prefix, err := netip.ParsePrefix(entry); err == nil {
			guard.nets = append(guard.nets, prefix.Masked())
		} else if address, err := netip.ParseAddr(entry); err == nil {
			guard.nets = append(guard.nets, netip.PrefixFrom(address, address.BitLen()))
		} else if entry == "" || strings.ContainsAny(entry, "/ @") {
			return nil, fmt.Errorf("allow %q: neither host, address nor network", entry)
		} else {
			guard.hosts = append(guard.hosts, entry)
		}
	}
	timeout := settings.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	guard.client = &http.Client{
		Timeout:       timeout,
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			Proxy:                  nil, // the environment is not asked: a proxy would hide the address that is dialled
			DialContext:            guard.dial,
			TLSClientConfig:        &tls.Config{RootCAs: settings.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    timeout,
			ResponseHeaderTimeout:  timeout,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    keptOpen,
			IdleConnTimeout:        time.Minute,
			DisableCompression:     true, // DER does not shrink, and bombs do not unpack
			ForceAttemptHTTP2:      true,
		},
	}
	return guard, nil
}

func checkRedirect(request *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d redirects", ErrAnswer, maxRedirects)
	}
	return checkURL(request.URL)
}

func checkURL(target *url.URL) error {
	if (target.Scheme != "http" && target.Scheme != "https") || target.Host == "" || target.User != nil {
		return fmt.Errorf("%w: %s", ErrForbiddenAddress, target.Redacted())
	}
	return nil
}

// dial connects to a host after its name has been resolved and its address judged, so that a name cannot lead one way
// when it is looked at and another when it is used.
func (o *outbound) dial(ctx context.Context, network, target string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(target)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: o.client.Timeout, Resolver: o.resolver}
	if !slices.Contains(o.hosts, strings.ToLower(strings.TrimSuffix(host, "."))) {
		dialer.Control = o.judge
	}
	return dialer.DialContext(ctx, network, target)
}

// judge is called by the dialer for every address that it is about to connect to.
func (o *outbound) judge(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrForbiddenAddress, address)
	}
	plain := target.Addr().Unmap().WithZone("")
	allowed := func(prefix netip.Prefix) bool { return prefix.Contains(plain) }
	if isInside(plain) && !slices.ContainsFunc(o.nets, allowed) {
		return fmt.Errorf("%w: %s", ErrForbiddenAddress, plain)
	}
	return nil
}

// inside are networks that are not the Internet, beyond those that net/netip names (RFC 6890 and its register).
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, broadcast
	netip.MustParsePrefix("::/96"),           // IPv4-compatible
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64: hides an IPv4 address
	netip.MustParsePrefix("64:ff9b:1::/48"),  // likewise
	netip.MustParsePrefix("100::/64"),        // discard
	netip.MustParsePrefix("2001::/23"),       // protocol assignments, Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4: hides an IPv4 address
	netip.MustParsePrefix("fec0::/10"),       // site-local of old
}

func isInside(address netip.Addr) bool {
	return !address.IsGlobalUnicast() || address.IsPrivate() ||
		slices.ContainsFunc(inside, func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}

// question to a service over HTTP.
type httpQuestion struct {
	url         string
	body        []byte // nil asks by GET
	contentType string
	limit       int64 // of the answer, in bytes
}

// ask gives the body of a 200 answer, at most limit bytes of it.
func (o *outbound) ask(ctx context.Context, asked httpQuestion) ([]byte, error) {
	target, err := url.Parse(asked.url)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForbiddenAddress, err)
	}
	if err := checkURL(target); err != nil {
		return nil, err
	}
	request, err := asked.request(ctx)
	if err != nil {
		return nil, err
	}
	response, err := o.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", target.Host, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask %s: %w: HTTP status %d", target.Host, ErrAnswer, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, asked.limit+1))
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", target.Host, err)
	}
	if int64(len(body)) > asked.limit {
		return nil, fmt.Errorf("ask %s: %w: %w of %d bytes", target.Host, ErrAnswer, errTooLarge, asked.limit)
	}
	return body, nil
}

func (q httpQuestion) request(ctx context.Context) (*http.Request, error) {
	if q.body == nil {
		return http.NewRequestWithContext(ctx, http.MethodGet, q.url, http.NoBody)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, q.url, strings.NewReader(string(q.body)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", q.contentType)
	return request, nil
}
