package handover

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"congvan/exchange"
)

// The systems of an office that keeps the documents of one that ended are told what happens to those, too: each line
// says which office it concerns. What was open on the day of the end has a line of its own, [exchange.ActInherited].

// teller is where events are told, and to the systems of which office.
type teller struct {
	node   exchange.NodeID
	office exchange.OfficeID
}

func (t *taking) teller() teller { return teller{t.gateway.Node, t.mailbox.Office} }

// whose gives the office that a line is about.
func whose(entry exchange.Entry) exchange.OfficeID {
	if entry.Act == inherited {
		return exchange.OfficeID(entry.Detail["for"])
	}
	return entry.Office
}

// occurrences lists the lines of the log that concern one of the offices, oldest first.
func occurrences(
	ctx context.Context, tx exchange.Tx, offices []exchange.OfficeID, from int64, limit int,
) ([]exchange.Entry, error) {
	var all []exchange.Entry
	for _, office := range offices {
		lines, err := tx.Occurrences(ctx, office, from, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	if len(offices) > 1 {
		slices.SortFunc(all, func(a, b exchange.Entry) int { return cmp.Compare(a.Index, b.Index) })
	}
	return all[:min(limit, len(all))], nil
}

// dueOfHeirs lists mailboxes into which something of an office that ended is to be pushed now. Few offices have kept
// such documents, and fewer have a system that is called.
func (d *Desk) dueOfHeirs(ctx context.Context, tx exchange.Tx, now time.Time) ([]exchange.Mailbox, error) {
	var due []exchange.Mailbox
	for _, keeper := range d.Gateway.Keepers() {
		mailboxes, err := tx.Mailboxes(ctx, keeper)
		if err != nil {
			return nil, err
		}
		for _, mailbox := range mailboxes {
			mailbox.Secrets = nil
			if news, err := d.isPushed(ctx, tx, mailbox, now); err != nil {
				return nil, err
			} else if news {
				due = append(due, mailbox)
			}
		}
	}
	return due, nil
}

// isPushed says whether something is to be pushed into the mailbox now.
func (d *Desk) isPushed(ctx context.Context, tx exchange.Tx, mailbox exchange.Mailbox, now time.Time) (bool, error) {
	pulled := mailbox.Order.URL == "" && !mailbox.Order.Folder
	if pulled || mailbox.Trouble.Next.After(now) {
		return false, nil
	}
	return d.isDue(ctx, tx, Holder{mailbox.Office, mailbox.System}, now)
}

// entryAt reads a line of the log.
func entryAt(ctx context.Context, tx exchange.Tx, index int64) (exchange.Entry, error) {
	leaf, err := tx.Leaf(ctx, index)
	if err != nil {
		return exchange.Entry{}, err
	}
	entry := exchange.Entry{Index: index}
	if err := json.Unmarshal(leaf, &entry); err != nil {
		return exchange.Entry{}, fmt.Errorf("read line %d of the log: %w", index, err)
	}
	return entry, nil
}
