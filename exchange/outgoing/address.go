package outgoing

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"congvan/exchange"
)

// addressed is a draft with the offices of its groups among its recipients, and what the log keeps of how they came
// there: which groups, and by which directory.
type addressed struct {
	exchange.Draft
	detail map[string]string
}

// expand puts the offices of the draft's groups among its recipients, beside those that are named, and without the
// sender.
func (d Desk) expand(actor exchange.Actor, draft exchange.Draft) (addressed, error) {
	if len(draft.Groups) == 0 {
		return addressed{Draft: draft}, nil
	}
	directory := d.Gateway.Directory()
	members, err := directory.Expand(draft.Groups, append(slices.Clone(draft.Except), actor.Office), d.today())
	if err != nil {
		return addressed{}, err
	}
	version, err := directory.Version()
	if err != nil {
		return addressed{}, err
	}
	named := make(map[exchange.OfficeID]bool, len(draft.Recipients))
	for _, id := range draft.Recipients {
		named[id] = true
	}
	draft.Recipients = slices.Clone(draft.Recipients)
	for _, id := range members {
		if !named[id] {
			draft.Recipients = append(draft.Recipients, id)
		}
	}
	texts := make([]string, len(draft.Groups))
	for i, group := range draft.Groups {
		texts[i] = group.String()
	}
	return addressed{draft, map[string]string{
		"directory": string(version), "groups": strings.Join(texts, " "),
		"except": strconv.Itoa(len(draft.Except)), "recipients": strconv.Itoa(len(draft.Recipients)),
	}}, nil
}

// logSubmitted logs the document, and who was meant by the groups, in the transaction that records it.
func (d Desk) logSubmitted(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, document exchange.Document, draft addressed,
) error {
	err := d.logDocument(ctx, tx, actor, document, "document.submitted")
	if err != nil || len(draft.Groups) == 0 {
		return err
	}
	_, err = tx.AppendLog(ctx, exchange.Entry{
		At: document.CreatedAt, Act: "document.addressed", Actor: actor.Name, Office: document.Office,
		Document: document.ID, Detail: draft.detail,
	})
	return err
}

// logDocument writes the leaf of an act on a document as it stands after the act.
func (d Desk) logDocument(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, document exchange.Document, act string,
) error {
	_, err := tx.AppendLog(ctx, d.EntryOf(actor, document, act))
	return err
}

// EntryOf is the leaf of an act on a document as it stands after the act.
func (d Desk) EntryOf(actor exchange.Actor, document exchange.Document, act string) exchange.Entry {
	detail := map[string]string{"digest": string(document.Current().Digest)}
	if number := document.Numbering.String(); number != "" {
		detail["number"] = number
	}
	return exchange.Entry{
		At: d.now(), Act: act, Actor: actor.Name, Office: document.Office, Document: document.ID, Detail: detail,
	}
}
