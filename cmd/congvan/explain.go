package main

import (
	"context"
	"fmt"

	"congvan/exchange"
)

// explainCommand says where a document is, in a paragraph for each recipient.
type explainCommand struct {
	gatewayFlags
	JSON bool                `name:"json" help:"${help_json}"`
	ID   exchange.DocumentID `arg:"" name:"id" help:"${help_document}"`
}

// Run asks the gateway and prints its answer.
func (c explainCommand) Run(ctx context.Context, p program) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	explained, err := client.Explain(ctx, c.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(p.out, explained)
	}
	for _, paragraph := range explained.Paragraphs {
		if _, err := fmt.Fprintf(p.out, "%s: %s\n", paragraph.Office.Name, paragraph.Text); err != nil {
			return err
		}
	}
	return nil
}
