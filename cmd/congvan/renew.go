package main

import (
	"context"
	"fmt"
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// renewCommand says until when a signed document proves its time by itself, and renews the proof before it fades. Run
// it over an archive once a month: what is not due stays as it is.
type renewCommand struct {
	TSA     []string      `name:"tsa" help:"${help_tsa}"`
	Allow   []string      `help:"${help_allow}"`
	Anchors string        `help:"${help_anchors}"`
	Lead    time.Duration `default:"4320h" help:"${help_lead}"`
	In      string        `arg:"" help:"${help_renew_in}"`
	Out     string        `arg:"" optional:"" help:"${help_out}"`
}

// exitDue says that a document is due and that no place for the renewed one was given.
const exitDue = 2

// Run says when In is due and, when it is, writes the renewed document to Out, which is whole or not there at all.
func (c renewCommand) Run(ctx context.Context, p program) error {
	original, size, err := openInput(c.In)
	if err != nil {
		return err
	}
	defer done(original)
	fading, err := signing.ArchiveFades(original, size)
	if err != nil {
		return notSigned(c.In, err)
	}
	now := exchange.InVietnam(p.now())
	c.tell(p, fading)
	switch due := fading.Due(now, c.Lead); {
	case !due:
		fmt.Fprintln(p.out, "  "+p.say.word("renew_not_due"))
		return nil
	case c.Out == "":
		fmt.Fprintln(p.out, "  "+p.say.word("renew_due"))
		return exit(exitDue)
	}
	order, err := c.order(p, now)
	if err != nil {
		return err
	}
	renewed, err := signing.Renew(ctx, original, size, order, c.Lead)
	if err != nil {
		return notSigned(c.In, err)
	}
	if renewed.Pending != "" { // half a renewal proves nothing more
		return fmt.Errorf("renew %s: %w", c.In, failure(exchange.Unavailable, "sign.level_pending", "B-LTA", renewed.Owed))
	}
	return writeWhole(c.Out, renewed.Reader(original, size))
}

func (c renewCommand) tell(p program, fading signing.Fading) {
	if fading.Field == "" {
		fmt.Fprintf(p.out, "%s: %s\n", c.In, p.say.word("renew_none"))
		return
	}
	until := exchange.InVietnam(fading.Until).Format(time.RFC3339)
	fmt.Fprintf(p.out, "%s: %s %s (%s)\n", c.In, p.say.word("renew_until"), until, fading.Field)
}

// order gathers the services, which are those of signing at the highest level.
func (c renewCommand) order(p program, now time.Time) (signing.Raising, error) {
	anchors := certs.Anchors{}
	if c.Anchors != "" {
		var err error
		if anchors, err = loadAnchors(c.Anchors); err != nil {
			return signing.Raising{}, err
		}
	}
	order := signing.Order{Level: signing.LevelLTA}
	err := signCommand{Level: string(order.Level), TSA: c.TSA, Allow: c.Allow}.addServices(&order, p, anchors)
	return signing.Raising{Level: order.Level, Stamper: order.Stamper, Evidence: order.Evidence, At: now}, err
}
