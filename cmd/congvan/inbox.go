package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"congvan/api"
	"congvan/exchange"
)

// inboxCommand lists what has arrived, newest first, and accepts, refuses or saves one.
type inboxCommand struct {
	gatewayFlags
	Search string             `help:"${help_search}"`
	Limit  int                `default:"50" help:"${help_limit}"`
	JSON   bool               `name:"json" help:"${help_json}"`
	Accept exchange.ArrivalID `xor:"act" help:"${help_accept}"`
	Refuse exchange.ArrivalID `xor:"act" help:"${help_refuse}"`
	Reason string             `help:"${help_refuse_reason}"`
	Save   exchange.ArrivalID `xor:"act" help:"${help_save}"`
	Out    string             `help:"${help_out}"`
}

// Run does the one act, or prints the list.
func (c inboxCommand) Run(ctx context.Context, p program) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	var arrivals []api.Arrival
	switch {
	case c.Accept != "":
		arrivals = make([]api.Arrival, 1)
		arrivals[0], err = client.Accept(ctx, c.Accept)
	case c.Refuse != "":
		arrivals = make([]api.Arrival, 1)
		arrivals[0], err = client.Refuse(ctx, c.Refuse, c.Reason)
	case c.Save != "":
		return c.save(ctx, client)
	default:
		var list api.ArrivalPage
		list, err = client.Inbox(ctx, exchange.Page{Limit: c.Limit, Search: c.Search})
		arrivals = list.Items
	}
	if err != nil {
		return err
	}
	for _, arrival := range arrivals {
		if err := c.print(p, arrival); err != nil {
			return err
		}
	}
	return nil
}

func (c inboxCommand) save(ctx context.Context, client *api.Client) error {
	if c.Out == "" {
		return usageError(fmt.Errorf("--save needs --out"))
	}
	reader, writer := io.Pipe()
	defer reader.Close()
	go func() {
		_, err := client.ArrivalContent(ctx, c.Save, "", writer)
		writer.CloseWithError(err)
	}()
	return writeWhole(c.Out, reader)
}

func (c inboxCommand) print(p program, arrival api.Arrival) error {
	if c.JSON {
		return printJSON(p.out, arrival)
	}
	verdict := "waiting"
	if arrival.Judgement != nil {
		verdict = arrival.Judgement.Verdict
	}
	_, err := fmt.Fprintf(p.out, "%s  %s  %-16s %s — %s [%s, %s]\n", arrival.ID,
		exchange.InVietnam(arrival.ArrivedAt).Format("02/01/2006 15:04"), arrival.Number, arrival.Subject, arrival.From.Name,
		arrival.Status, p.say.word("verdict_"+verdict))
	if err == nil && arrival.Lacking != nil {
		_, err = fmt.Fprintf(p.out, "    %s\n", arrival.Lacking.Text)
	}
	return err
}

func printJSON(out io.Writer, value any) error { return json.NewEncoder(out).Encode(value) }
