package main

import (
	"context"
	"encoding/json"
	"fmt"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/roll"
)

// largestDirectory is the largest directory file that is read, in bytes.
const largestDirectory = 64 << 20

// directoryCommand compares a file with the directory of a gateway, and brings it in when that was approved.
type directoryCommand struct {
	Status directoryStatus `cmd:"" help:"${help_directory_status}"`
	Diff   directoryDiff   `cmd:"" help:"${help_directory_diff}"`
	Import directoryImport `cmd:"" help:"${help_directory_import}"`
}

type directoryStatus struct {
	gatewayFlags
	JSON bool `name:"json" help:"${help_json}"`
}

// Run prints how the directory stands, and every warning.
func (c directoryStatus) Run(ctx context.Context, p program) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	state, err := client.Directory(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(p.out, state.Standing)
	}
	fmt.Fprintf(p.out, "%s\n", p.say.word("directory_source_"+state.Standing.Source))
	if state.Standing.Log != "" {
		fmt.Fprintf(p.out, "%s: %s, %d\n", state.Standing.Log, state.Standing.Keeper, state.Standing.Size)
	}
	for _, code := range state.Standing.Warnings {
		fmt.Fprintf(p.out, "- %s [%s]\n", api.Sentence(code, p.say.lang), code)
	}
	return nil
}

// directorySource is what is compared, and with what.
type directorySource struct {
	gatewayFlags
	Scheme exchange.Scheme `enum:"qd20,qcvn102" default:"qd20" help:"${help_directory_scheme}"`
	Code   string          `help:"${help_directory_code}"`
	JSON   bool            `name:"json" help:"${help_json}"`
	File   string          `arg:"" help:"${help_directory_file}"`
}

// comparison is what was compared, where, and what came of it.
type comparison struct {
	client *api.Client
	data   []byte
	api.DirectoryReview
}

// compare shows the difference; nothing is changed.
func (c directorySource) compare(ctx context.Context, p program) (comparison, error) {
	client, err := c.client(p)
	if err != nil {
		return comparison{}, err
	}
	data, err := readLimited(c.File, largestDirectory)
	if err != nil {
		return comparison{}, err
	}
	var under roll.Grant
	if c.Code != "" {
		under = roll.Grant{Scheme: c.Scheme, Code: c.Code}
	}
	compared, err := client.CompareDirectory(ctx, data, under)
	review := comparison{client, data, compared}
	if err != nil {
		return comparison{}, err
	}
	if c.JSON {
		return review, printJSON(p.out, review.Review)
	}
	for _, difference := range review.Differences {
		fmt.Fprintf(p.out, "%s: %s [%s%s]\n", p.say.word("directory_"+difference.Kind), difference.Name,
			difference.Office, difference.Node)
		if difference.Before != "" {
			fmt.Fprintf(p.out, "    - %s\n", difference.Before)
		}
		if difference.After != "" {
			fmt.Fprintf(p.out, "    + %s\n", difference.After)
		}
	}
	_, err = fmt.Fprintf(p.out, "%s: %d; %s: %d\n%s: %s\n", p.say.word("directory_count"), len(review.Differences),
		p.say.word("directory_left_out"), review.LeftOut, p.say.word("directory_digest"), review.Digest)
	return review, err
}

type directoryDiff struct{ directorySource }

// Run shows the difference. Its exit code is 0 when there is none and 1 when there is one.
func (c directoryDiff) Run(ctx context.Context, p program) error {
	review, err := c.compare(ctx, p)
	if err == nil && len(review.Differences) > 0 {
		return exit(exitFailed)
	}
	return err
}

type directoryImport struct {
	directorySource
	Approve   exchange.Digest `help:"${help_directory_approve}"`
	Authority string          `default:"root" help:"${help_directory_authority}"`
	Key       string          `help:"${help_directory_key}"`
	Secret    string          `name:"password-file" help:"${help_password_file}"`
	Basis     string          `help:"${help_directory_basis}"`
}

// Run shows the difference, and brings it in when it is the one that was approved.
func (c directoryImport) Run(ctx context.Context, p program) error {
	review, err := c.compare(ctx, p)
	if err != nil || len(review.Differences) == 0 {
		return err
	}
	switch {
	case c.Approve == "":
		_, err = fmt.Fprintln(p.err, p.say.word("directory_not_approved"))
		if err == nil {
			err = exit(exitFailed)
		}
		return err
	case c.Approve != review.Digest:
		return failure(exchange.Conflict, "directory.changed", c.File, nil)
	case review.Standing.Log == "":
		_, err = review.client.ApproveDirectory(ctx, review.data, c.Approve)
	default:
		err = c.publish(ctx, p, review)
	}
	if err == nil {
		_, err = fmt.Fprintln(p.err, p.say.word("directory_done"))
	}
	return err
}

// publish seals the changes as the authority and puts them into the log.
func (c directoryImport) publish(
	ctx context.Context, p program, review comparison,
) error {
	if c.Key == "" {
		return failure(exchange.Conflict, "directory.signed", c.File, nil)
	}
	identity, err := p.openKey(ctx, c.Key, c.Secret)
	if err != nil {
		return err
	}
	self, err := review.client.Self(ctx)
	if err != nil {
		return err
	}
	record := roll.Record{
		Log: review.Standing.Log, By: c.Authority, At: p.now().UTC(), Approved: self.Name, Basis: c.Basis,
	}
	if err := json.Unmarshal(review.Changes, &record.Changes); err != nil {
		return failure(exchange.Unavailable, "server.unexpected", c.Server, err)
	}
	records, err := roll.SealAll(record, identity)
	if err != nil {
		return err
	}
	_, err = review.client.PublishDirectory(ctx, records)
	return err
}
