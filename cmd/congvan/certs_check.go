package main

import (
	"cmp"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/expiry"
)

// certsCheck looks at every certificate that a gateway rests on. Its exit code is a contract: 0 all is well, 1
// something cannot be used now, 2 nothing is broken but something ends within 30 days or its revocation is not known.
type certsCheck struct {
	Config  string `short:"c" default:"congvan.yaml" help:"${help_config_file}"`
	Offline bool   `help:"${help_offline}"`
	JSON    bool   `name:"json" help:"${help_json}"`
}

// health is how one certificate stands.
type health string

const (
	healthGood    health = "good"
	healthWarning health = "warning"
	healthBroken  health = "broken"
)

// checked is what was found of one certificate; its JSON is for scripts.
type checked struct {
	expiry.End
	Days    int      `json:"days"`
	Realm   string   `json:"realm,omitempty"`
	SHA256  string   `json:"sha256,omitempty"`
	About   string   `json:"about,omitempty"` // a file or an address
	Health  health   `json:"health"`
	Reasons []string `json:"reasons"` // stable codes
	cause   error    // for who helps
}

// add notes a reason; the worse health counts.
func (c *checked) add(to health, code string) {
	if code == "" || slices.Contains(c.Reasons, code) {
		return
	}
	c.Reasons = append(c.Reasons, code)
	if c.Health != healthBroken {
		c.Health = to
	}
}

// inspection is one run of the check.
type inspection struct {
	config    Config
	anchors   certs.Anchors
	fetcher   *certs.Fetcher
	directory *exchange.Directory // nil: it cannot be read, and names are not compared
	now       time.Time
	outbound  certs.Outbound
}

// Run prints a line for every certificate.
func (c certsCheck) Run(ctx context.Context, p program) error {
	i, kept, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer done(kept)
	all := i.checkAnchors()
	all = append(all, i.checkNode())
	for _, key := range i.config.Keys {
		all = append(all, i.checkKey(ctx, key))
	}
	if !c.Offline {
		for _, address := range i.config.TimestampAuthorities {
			all = append(all, i.checkStamper(ctx, address))
		}
	}
	worst := exitDone
	for _, each := range all {
		if err := each.print(p, c.JSON); err != nil {
			return err
		}
		switch {
		case each.Health == healthBroken:
			worst = exitFailed
		case each.Health == healthWarning && worst == exitDone:
			worst = 2
		}
	}
	if worst != exitDone {
		return exit(worst)
	}
	return nil
}

func (c certsCheck) open(ctx context.Context, p program) (*inspection, io.Closer, error) {
	config, err := loadConfig(c.Config)
	if err != nil {
		return nil, nil, err
	}
	anchors, err := loadAnchors(config.Anchors)
	if err != nil {
		return nil, nil, err
	}
	fetcher, kept, err := config.openKept(ctx, p, anchors, c.Offline)
	if err != nil {
		return nil, nil, err
	}
	i := &inspection{config: config, anchors: anchors, fetcher: fetcher, now: p.now(), outbound: config.outbound()}
	if data, err := os.ReadFile(config.Directory); err == nil {
		if i.directory, err = exchange.LoadDirectory(data); err != nil {
			i.directory = nil
		}
	}
	return i, kept, nil
}

// start is a certificate of which only the end is known to be well or not.
func (i *inspection) start(end expiry.End, certificate *x509.Certificate) checked {
	c := checked{End: end, Health: healthGood, Reasons: []string{}}
	if certificate == nil {
		return c
	}
	c.Days, c.SHA256 = end.Days(i.now), fingerprint(certificate)
	worse := healthWarning
	if c.Days < 0 {
		worse = healthBroken
	}
	c.add(worse, end.Warning(i.now))
	if i.now.Before(certificate.NotBefore) {
		c.add(healthBroken, certs.ReasonNotYetValid)
	}
	return c
}

func (i *inspection) checkAnchors() []checked {
	var all []checked
	for _, anchor := range i.anchors.List() {
		c := i.start(anchorExpiry(anchor), anchor.Certificate)
		c.Realm = string(anchor.Realm)
		if c.Health == healthBroken { // old documents are judged by old anchors: they stay, and that is well
			c.Health = healthWarning
		}
		all = append(all, c)
	}
	return all
}

// checkNode looks at the gateway's own key: other gateways know it from the directory, and ask for no chain.
func (i *inspection) checkNode() checked {
	end := expiry.End{What: expiry.Node, Name: string(i.config.Node)}
	identity, err := openKeyFile(i.config.Identity)
	if err != nil {
		return i.broken(end, i.config.Identity.File, err)
	}
	end.Until = identity.Certificate.NotAfter.UTC()
	c := i.start(end, identity.Certificate)
	c.About = i.config.Identity.File
	c.add(healthWarning, openToOthers(i.config.Identity.File, i.config.Identity.PasswordFile))
	return c
}

// openToOthers says that a key file or a secret of it may be read by other users of the machine.
func openToOthers(paths ...string) string {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			return "key.open_to_others"
		}
	}
	return ""
}

func (i *inspection) broken(end expiry.End, about string, err error) checked {
	c := i.start(end, nil)
	c.About, c.cause = about, err
	c.add(healthBroken, codeOf(err))
	return c
}

// checkKey asks of a key what is asked before it signs, and then whether its revocation can be learnt at all.
func (i *inspection) checkKey(ctx context.Context, entry OfficeKey) checked {
	end := expiry.End{What: expiry.Seal, Office: entry.Office, Name: entry.Leader}
	role, holder := exchange.SealKey, entry.Holder
	if entry.Leader != "" {
		end.What, role, holder = expiry.Leader, exchange.LeaderKey, entry.Leader
	} else if i.directory != nil {
		holder = i.directory.NameOf(entry.Office, exchange.Today(i.now))
	}
	identity, err := entry.open(ctx, i.outbound)
	if err != nil {
		return i.broken(end, entry.File, err)
	}
	if token, ok := identity.Signer.(io.Closer); ok {
		defer done(token)
	}
	end.Name, end.Until = holderOf(identity.Certificate), identity.Certificate.NotAfter.UTC()
	c := i.start(end, identity.Certificate)
	c.About = entry.File
	c.add(healthWarning, openToOthers(entry.File, entry.PasswordFile, entry.SecretFile))
	rules := exchange.SigningRules{Anchors: i.anchors, Authorities: i.fetcher, Realms: i.config.SigningRealms}
	key := exchange.Key{Identity: identity, Holder: cmp.Or(entry.Holder, i.unchecked(role, end.Name))}
	if c.cause = rules.CheckKey(ctx, key, role, holder, i.now); c.cause != nil {
		c.add(healthBroken, exchange.CodeOf(c.cause))
	}
	i.addStanding(ctx, &c, identity)
	return c
}

// unchecked takes the certificate's own name for a seal whose office cannot be looked up.
func (i *inspection) unchecked(role exchange.KeyRole, name string) string {
	if role == exchange.SealKey && i.directory == nil {
		return name
	}
	return ""
}

// addStanding says of which realm a key is, and whether anybody answers for it and those above.
func (i *inspection) addStanding(ctx context.Context, c *checked, identity certs.Identity) {
	chain := i.fetcher.Issuers(ctx, identity.Certificate, identity.Chain)
	standing := i.anchors.Check(identity.Certificate, chain, i.now, certs.ForSigning)
	c.Realm = string(standing.Realm)
	for n := range max(len(standing.Path)-1, 0) {
		known := i.fetcher.Check(ctx, standing.Path[n], standing.Path[n+1], i.now)
		if known.Status == certs.StatusUnknown {
			c.add(healthWarning, known.Reason)
		}
	}
}

// checkStamper has one authority stamp an empty text.
func (i *inspection) checkStamper(ctx context.Context, address string) checked {
	end := expiry.End{What: expiry.TimestampAuthority, Name: address}
	signer, others, err := stampOnce(ctx, address, i.now)
	if err != nil {
		return i.broken(end, address, err)
	}
	end.Name, end.Until = holderOf(signer), signer.NotAfter.UTC()
	c := i.start(end, signer)
	c.About = address
	standing := i.anchors.Check(signer, others, i.now, certs.ForTimestamping)
	c.Realm = string(standing.Realm)
	if !standing.Trusted {
		c.add(healthBroken, standing.Reason)
	}
	return c
}

// stampOnce asks an authority for a time stamp over nothing, and gives who made it.
func stampOnce(
	ctx context.Context, address string, now time.Time,
) (*x509.Certificate, []*x509.Certificate, error) {
	stamper, err := certs.NewTSA(certs.Timestamping{
		URLs: []string{address}, Now: func() time.Time { return now }, Outbound: certs.Outbound{Timeout: stampTime},
	})
	if err != nil {
		return nil, nil, failure(exchange.Invalid, "config.invalid", "timestamp_authorities", err)
	}
	empty := sha256.Sum256(nil)
	token, err := stamper.Stamp(ctx, crypto.SHA256, empty[:])
	if err != nil {
		return nil, nil, err
	}
	return certs.TimestampSigner(token)
}

func (c checked) print(p program, asJSON bool) error {
	if asJSON {
		return printJSON(p.out, c)
	}
	fmt.Fprintf(p.out, "%s  %s: %s", p.say.word("health_"+string(c.Health)), p.say.word("expiry_"+string(c.What)), c.Name)
	if !c.Until.IsZero() {
		fmt.Fprintf(p.out, " — %s (%s)", inVietnamDay(c.Until), p.say.days(c.Days))
	}
	if c.Realm != "" {
		fmt.Fprintf(p.out, " [%s]", p.say.word("realm_"+c.Realm))
	}
	fmt.Fprintln(p.out)
	for _, code := range c.Reasons {
		fmt.Fprintf(p.out, "    - %s [%s]\n", api.Sentence(code, p.say.lang), code)
	}
	if c.cause != nil {
		fmt.Fprintf(p.out, "      %v\n", c.cause)
	}
	return nil
}
