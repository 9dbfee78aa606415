package main

import (
	"context"
	"fmt"
	"strings"

	"congvan/api"
	"congvan/exchange"
)

// addressCommand sends an issued document to further offices, or to others in the place of one that does not get it.
type addressCommand struct {
	gatewayFlags
	To      []string            `help:"${help_address_to}"`
	Group   []string            `help:"${help_address_group}"`
	Except  []string            `help:"${help_address_except}"`
	Instead string              `help:"${help_address_instead}"`
	Reason  string              `help:"${help_address_reason}"`
	JSON    bool                `name:"json" help:"${help_json}"`
	ID      exchange.DocumentID `arg:"" help:"${help_document}"`
}

// Run asks the gateway and prints what the document is.
func (c addressCommand) Run(ctx context.Context, p program) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	addition := api.Addition{Recipients: c.To, Except: c.Except, Instead: c.Instead, Reason: c.Reason}
	for _, text := range c.Group {
		level, under, _ := strings.Cut(text, "@")
		addition.Groups = append(addition.Groups,
			exchange.Group{Level: exchange.Level(level), Under: exchange.OfficeID(under)})
	}
	document, err := client.AddRecipients(ctx, c.ID, addition)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(p.out, document)
	}
	_, err = fmt.Fprintln(p.out, document.Number, document.ID, p.say.word("address_done"))
	return err
}
