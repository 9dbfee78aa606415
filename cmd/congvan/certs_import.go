package main

import (
	"context"
	"fmt"
	"strings"

	"congvan/certs"
	"congvan/exchange"
)

type certsImport struct {
	Config string   `short:"c" default:"congvan.yaml" help:"${help_config_file}"`
	JSON   bool     `name:"json" help:"${help_json}"`
	Files  []string `arg:"" help:"${help_certs_lists}"`
}

// Run brings revocation lists and OCSP answers to the gateway, which may be running. It asks nobody.
func (c certsImport) Run(ctx context.Context, p program) error {
	config, err := loadConfig(c.Config)
	if err != nil {
		return err
	}
	anchors, err := loadAnchors(config.Anchors)
	if err != nil {
		return err
	}
	fetcher, kept, err := config.openKept(ctx, p, anchors, true)
	if err != nil {
		return err
	}
	defer done(kept)
	for _, path := range c.Files {
		data, err := readInput(path, certs.MaxCRL)
		if err != nil {
			return err
		}
		found, err := fetcher.Import(ctx, data)
		if err != nil {
			return failure(exchange.Invalid, certs.Code(err), path, err)
		}
		if err := c.print(p, path, found); err != nil {
			return err
		}
	}
	return nil
}

func (c certsImport) print(p program, path string, found certs.Imported) error {
	if c.JSON {
		return printJSON(p.out, struct {
			File string `json:"file"`
			certs.Imported
		}{path, found})
	}
	state := "import_fresh"
	switch {
	case found.Older:
		state = "import_older"
	case found.Stale:
		state = "import_stale"
	}
	_, err := fmt.Fprintf(p.out, "%s: %s %s, %s %s: %s\n", path, strings.ToUpper(found.Kind), found.Issuer,
		p.say.word("import_of"), exchange.InVietnam(found.ThisUpdate).Format("02/01/2006 15:04"), p.say.word(state))
	return err
}
