package main

import (
	"context"
	"fmt"
	"path/filepath"

	"congvan/api"
	"congvan/exchange"
)

// gatewayFlags say which gateway is spoken to, and with whose token.
type gatewayFlags struct {
	Server    string `default:"http://127.0.0.1:8080" help:"${help_server}"`
	TokenFile string `help:"${help_token_file}"`
}

func (f gatewayFlags) client(p program) (*api.Client, error) {
	token, err := p.readToken(f.TokenFile)
	if err != nil {
		return nil, err
	}
	return api.NewClient(f.Server, token, p.say.lang, nil), nil
}

// sendCommand takes a document the whole way out of an office: it is submitted, signed when the leader's token is at
// hand, sealed and sent. Run again with the same id, it goes on where it was.
type sendCommand struct {
	gatewayFlags
	LeaderToken string              `help:"${help_leader_token}"`
	ID          exchange.DocumentID `name:"id" help:"${help_id}"`
	To          []string            `required:"" help:"${help_to}"`
	Kind        exchange.Kind       `default:"CV" help:"${help_kind}"`
	Subject     string              `required:"" help:"${help_subject}"`
	Signer      string              `required:"" help:"${help_signer}"`
	Position    string              `help:"${help_position}"`
	Urgency     exchange.Urgency    `default:"0" help:"${help_urgency}"`
	Secrecy     exchange.Secrecy    `default:"none" help:"${help_secrecy}"`
	JSON        bool                `name:"json" help:"${help_json}"`
	File        string              `arg:"" help:"${help_send_file}"`
}

// Run sends the file and prints the number it was given.
func (c sendCommand) Run(ctx context.Context, p program) error {
	clerk, err := c.client(p)
	if err != nil {
		return err
	}
	file, _, err := openInput(c.File)
	if err != nil {
		return err
	}
	defer done(file)
	document, err := clerk.Submit(ctx, api.Submission{
		Draft: api.Draft{
			ID: c.ID, Kind: c.Kind, Subject: c.Subject, Urgency: c.Urgency, Secrecy: c.Secrecy, Recipients: c.To,
			Signatory: exchange.Signatory{Name: c.Signer, Position: c.Position},
		},
		File: api.NamedFile{Name: filepath.Base(c.File), Content: file},
	})
	if err != nil {
		return err
	}
	if document.Step == exchange.StepSubmitted && c.LeaderToken != "" {
		secret, err := firstLine(c.LeaderToken)
		if err != nil {
			return err
		}
		if document, err = api.NewClient(c.Server, secret, p.say.lang, nil).Sign(ctx, document.ID); err != nil {
			return err
		}
	}
	if document, err = clerk.Seal(ctx, document.ID); err != nil {
		return err
	}
	if document, err = clerk.Send(ctx, document.ID); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(p.out, document)
	}
	_, err = fmt.Fprintln(p.out, document.Number, document.ID, document.File.Digest)
	return err
}
