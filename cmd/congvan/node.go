package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"congvan/api"
	"congvan/archive"
	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/closing"
	"congvan/exchange/evidence"
	"congvan/exchange/handover"
	"congvan/exchange/outgoing"
	"congvan/exchange/remind"
	"congvan/exchange/roll"
	"congvan/exchange/session"
	"congvan/exchange/transfer"
	"congvan/pages"
	"congvan/storage"
	"congvan/web"
)

// node is one gateway of this process, open and listening, not yet running.
type node struct {
	config   Config
	gateway  *exchange.Gateway
	records  *storage.Records
	shards   *storage.Shards
	fetcher  *certs.Fetcher
	watch    *watch
	server   *api.Server
	peers    *api.PeerServer
	keeper   *archive.Keeper
	notary   *evidence.Notary
	reminder *remind.Reminder
	roll     *roll.Roll
	desk     *handover.Desk
	pages    *pages.Renderer
	people   net.Listener
	gateways net.Listener
	open     []io.Closer
}

// endorseEvery is how often the log is shown to the neighbours and stamped, when it has grown.
const endorseEvery = time.Hour

// drawAtOnce is how many pages a gateway draws at the same time.
const drawAtOnce = 2

// keepUploads is how long a large file that came in part waits for the rest: longer than an office is without its line.
const keepUploads = 7 * 24 * time.Hour

// openNode opens everything a gateway needs, so that what is wrong with a configuration is said before it serves.
func openNode(ctx context.Context, p program, config Config, logger *slog.Logger) (*node, error) {
	n := &node{config: config}
	if err := n.openAll(ctx, p, logger); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *node) openAll(ctx context.Context, p program, logger *slog.Logger) error {
	if err := os.MkdirAll(n.config.Data, 0o700); err != nil {
		return err
	}
	if err := n.listen(ctx); err != nil {
		return err
	}
	identity, err := openKeyFile(n.config.Identity)
	if err != nil {
		return err
	}
	if err := n.openGateway(ctx, p, identity, logger); err != nil {
		return err
	}
	if err := n.openDoors(p, identity, logger); err != nil { //nolint:contextcheck // each request brings its own
		return err
	}
	return n.desk.Furnish(ctx)
}

func (n *node) listen(ctx context.Context) error {
	var config net.ListenConfig
	for _, door := range []struct {
		address  string
		listener *net.Listener
	}{{n.config.Listen, &n.people}, {n.config.PeerListen, &n.gateways}} {
		opened, err := config.Listen(ctx, "tcp", door.address)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", door.address, err)
		}
		*door.listener = opened
		n.open = append(n.open, ignoreClosed{opened})
	}
	return nil
}

// openGateway opens the stores, the keys and the services, and puts the gateway together.
func (n *node) openGateway(ctx context.Context, p program, identity certs.Identity, logger *slog.Logger) error {
	config := n.config
	anchors, err := loadAnchors(config.Anchors)
	if err != nil {
		return err
	}
	keys, err := openKeyring(ctx, config.Keys, config.outbound(), p.now)
	if err != nil {
		return err
	}
	blobs, err := openBlobs(ctx, filepath.Join(config.Data, "blobs"), config.Blobs, filepath.Join(config.Data, "spool"))
	if err != nil {
		return err
	}
	n.open = append(n.open, blobs)
	if n.records, err = storage.OpenRecords(ctx, config.Records); err != nil {
		return err
	}
	n.open = append(n.open, n.records)
	n.shards = n.records.Shards()
	fetcher, err := config.openFetcher(p, anchors, n.records, false)
	if err != nil {
		return err
	}
	n.fetcher = fetcher
	judges := newWorkers(runtime.GOMAXPROCS(0), anchors, fetcher, p.ourselves)
	n.open = append(n.open, judges)
	n.pages = pages.New(drawAtOnce, pageCache(filepath.Join(config.Data, "cache")))
	n.open = append(n.open, n.pages)
	carrier := api.NewPeerCarrier(config.Node, tlsCertificate(identity), blobs, p.now)
	n.gateway = &exchange.Gateway{
		Node: config.Node, Identity: identity, Directory: n.directory,
		Records: n.records, Blobs: blobs, Keys: keys, Examiner: judges, Words: n.pages,
		Rules: exchange.SigningRules{
			Anchors: anchors, Authorities: fetcher, Realms: config.SigningRealms,
		},
		Level: config.Level, Evidence: fetcher,
		Carrier: carrier, Shards: n.shards,
		Now: p.now, Log: logger, MaxFile: config.MaxFile << 20, Failpoint: p.failpoint,
	}
	n.notary = &evidence.Notary{Gateway: n.gateway, Line: carrier}
	if err := n.openRoll(ctx, carrier); err != nil {
		return err
	}
	n.watch = newWatch(config, identity, anchors, keys)
	n.watch.now, n.watch.log = p.now, logger
	if n.reminder, err = openReminder(n.gateway, config.Deadlines); err != nil {
		return err
	}
	return n.addStamper(p)
}

// addStamper gives the gateway its time-stamp authorities. Without one it can receive, but not seal.
func (n *node) addStamper(p program) error {
	if len(n.config.TimestampAuthorities) == 0 {
		return nil
	}
	stamper, err := certs.NewTSA(certs.Timestamping{URLs: n.config.TimestampAuthorities, Now: p.now})
	if err != nil {
		return failure(exchange.Invalid, "config.invalid", "timestamp_authorities", err)
	}
	n.gateway.Stamper = stamper
	return nil
}

// pageCache is the folder in which the compiled PDFium is kept: one for all gateways and commands of this user, or the
// fallback where the user has none.
func pageCache(fallback string) string {
	cache, err := os.UserCacheDir()
	if err == nil {
		cache = filepath.Join(cache, "congvan")
		err = os.MkdirAll(cache, 0o700)
	}
	if err != nil {
		return fallback
	}
	return cache
}

// openDoors makes the two servers: for people and their systems, and for other gateways.
func (n *node) openDoors(p program, identity certs.Identity, logger *slog.Logger) error {
	second, err := storage.OpenFolder(n.config.SecondCopy)
	if err != nil {
		return err
	}
	n.open = append(n.open, second)
	n.keeper = &archive.Keeper{
		Records: n.gateway.Records, Blobs: n.gateway.Blobs, Second: second, Now: p.now,
		Level: n.gateway.Level, Stamper: n.gateway.Stamper, Evidence: n.gateway.Evidence,
		Sources: n.gateway.Sources,
	}
	if n.desk, err = openDesk(n.gateway, n.config); err != nil {
		return err
	}
	reports := api.NewReporter(api.Reports{
		Gateway: n.gateway, Pages: n.pages, Version: version(), Address: cmp.Or(n.config.PublicURL, n.url()),
	})
	n.server = api.New(api.Config{
		Gateway: n.gateway, Archive: n.keeper, Notary: n.notary, Desk: n.desk, Roll: n.roll, Reminder: n.reminder,
		Reports: reports, Version: version(), Log: logger, Now: p.now,
		Expiries: n.watch.list, Import: n.fetcher.Import,
	})
	screens, err := web.New(web.Config{
		Gateway: n.gateway, Archive: n.keeper, Notary: n.notary, Pages: n.pages, Reports: reports,
		Reminder: n.reminder, Desk: n.desk, Roll: n.roll, Tokens: n.server,
		Authenticate: n.server.Authenticate, Expiries: n.watch.list, Log: logger, Demo: n.onTrial(),
	})
	if err != nil {
		return err
	}
	n.server.Mount(screens.Mount)
	// Room for a few of the largest files.
	uploads, err := storage.OpenPartials(
		filepath.Join(n.config.Data, "uploads"), 4*n.gateway.MaxFile, keepUploads, p.now)
	if err != nil {
		return err
	}
	load := &load{data: n.config.Data, records: n.records, now: p.now, log: logger}
	n.peers = api.NewPeerServer(api.PeerConfig{
		Gateway: n.gateway, Notary: n.notary, Roll: n.roll, Certificate: tlsCertificate(identity), Log: logger,
		Now: p.now, Load: load.read, Uploads: uploads,
	})
	return nil
}

// onTrial says whether verdicts may rest on anchors of the test realm: the screens then say so.
func (n *node) onTrial() bool {
	anchors, err := loadAnchors(n.config.Anchors)
	if err != nil {
		return false
	}
	for _, anchor := range anchors.List() {
		if anchor.Realm == certs.Test {
			return true
		}
	}
	return false
}

// run serves, delivers and judges until the context ends, and waits for all of it.
func (n *node) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return n.server.Serve(ctx, n.people) })
	group.Go(func() error { return n.peers.Serve(ctx, n.gateways) })
	for _, job := range []func(context.Context){
		n.gateway.Run, n.outgoing().Run, session.Desk{Gateway: n.gateway}.Run, n.watch.run, n.share, n.desk.Run,
		func(ctx context.Context) { n.notary.Run(ctx, endorseEvery) },
		func(ctx context.Context) { n.roll.Run(ctx, directoryEvery) },
		func(ctx context.Context) { n.keeper.Run(ctx, n.gateway.Log) },
		func(ctx context.Context) { n.reminder.Run(ctx, remindEvery) },
		func(ctx context.Context) { (&closing.Keeper{Gateway: n.gateway}).Run(ctx, closeEvery) },
		func(ctx context.Context) { (&transfer.Mover{Gateway: n.gateway}).Run(ctx, closeEvery) },
	} {
		group.Go(func() error {
			job(ctx)
			return nil
		})
	}
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// outgoing is where the gateway's documents are made ready.
func (n *node) outgoing() outgoing.Desk { return outgoing.Desk{Gateway: n.gateway} }

// share takes this instance's part of the work, and gives it back when the context ends.
func (n *node) share(ctx context.Context) {
	n.shards.Run(ctx, n.gateway.Hear, n.gateway.Gained, func(err error) {
		n.gateway.Log.LogAttrs(ctx, slog.LevelError, "holds no part of the work", slog.Any("error", err))
	})
}

func (n *node) close() error { return closeAll(n.open) }

// url is where people reach the gateway.
func (n *node) url() string { return "http://" + n.people.Addr().String() }

// tlsCertificate is the identity as crypto/tls wants it.
func tlsCertificate(identity certs.Identity) tls.Certificate {
	certificate := tls.Certificate{PrivateKey: identity.Signer, Leaf: identity.Certificate}
	certificate.Certificate = append(certificate.Certificate, identity.Certificate.Raw)
	for _, above := range identity.Chain {
		certificate.Certificate = append(certificate.Certificate, above.Raw)
	}
	return certificate
}

// ignoreClosed closes a listener that its server may have closed before.
type ignoreClosed struct{ net.Listener }

func (l ignoreClosed) Close() error {
	if err := l.Listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
