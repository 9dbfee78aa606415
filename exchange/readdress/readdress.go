// Package readdress answers: to whom else does an issued document go, and who gets it in the place of a recipient that
// it does not get through to?
//
// The document stays as it was sealed. A signed notice of the office that issued it names the further recipients (cập
// nhật nơi nhận) and travels before it; every gateway on the way, and the log, has both. The package knows nothing of
// storage, HTTP or screens.
package readdress

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"congvan/exchange"
)

// Desk is where recipients are added. All methods may be called by several goroutines.
type Desk struct {
	Gateway *exchange.Gateway
}

// Addition says to whom else a document goes.
type Addition struct {
	Offices []exchange.OfficeID
	Groups  []exchange.Group    // whose offices of today are added, too
	Except  []exchange.OfficeID // offices of the groups that are not
	// Instead is the recipient in whose place they are added: the way to it stands still, or it has refused the document.
	Instead exchange.OfficeID
	Reason  string // empty, or 10 to 500 characters; it is in the notice
}

// Add (bổ sung nơi nhận; gửi lại cho cơ quan khác) owes an issued document to further offices. Those that have it, or
// are owed it, are left out, so that asked again it changes nothing. Errors: Invalid readdress.reason,
// readdress.not_recipient, draft.recipients, recipient.unknown; Conflict document.not_issued, readdress.not_needed,
// recipient.closed.
func (d *Desk) Add(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID, addition Addition,
) (exchange.Document, error) {
	if err := actor.May(exchange.ActSend); err != nil {
		return exchange.Document{}, err
	}
	if addition.Reason != "" && !exchange.ValidReason(addition.Reason) {
		return exchange.Document{}, exchange.Errorf(exchange.Invalid, "readdress.reason", "reason %q", addition.Reason)
	}
	wanted, err := d.wanted(actor, addition)
	if err != nil {
		return exchange.Document{}, err
	}
	var document exchange.Document
	err = d.Gateway.Commit(ctx, func(tx exchange.Tx) error {
		var err error
		if document, err = d.Gateway.FindDocument(ctx, tx, actor.Office, id); err != nil {
			return err
		}
		if document.IssuedAt.IsZero() {
			return exchange.Errorf(exchange.Conflict, "document.not_issued", "%s is %s", id, document.Step())
		}
		return d.add(ctx, tx, actor, document, order{addition, wanted})
	})
	return document, err
}

// wanted lists the offices that are named, and those of the groups.
func (d *Desk) wanted(actor exchange.Actor, addition Addition) ([]exchange.OfficeID, error) {
	wanted := slices.Clone(addition.Offices)
	if len(addition.Groups) > 0 {
		today := exchange.Today(d.Gateway.Now())
		except := append(slices.Clone(addition.Except), actor.Office)
		members, err := d.Gateway.Directory().Expand(addition.Groups, except, today)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, members...)
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	if len(wanted) == 0 {
		return nil, exchange.Errorf(exchange.Invalid, "draft.recipients", "nobody is named")
	}
	return wanted, nil
}

// order is an addition with the offices that it comes to.
type order struct {
	Addition
	wanted []exchange.OfficeID
}

func (d *Desk) add(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, document exchange.Document, order order,
) error {
	added, err := d.Gateway.Additions(ctx, tx, document)
	if err != nil {
		return err
	}
	has := map[exchange.OfficeID]bool{}
	for _, office := range document.Recipients {
		has[office] = true
	}
	for _, notice := range added {
		for _, office := range notice.To {
			has[office] = true
		}
	}
	replaced, err := d.replaced(ctx, tx, document, order.Instead, has)
	if err != nil {
		return err
	}
	further := slices.DeleteFunc(slices.Clone(order.wanted), func(office exchange.OfficeID) bool { return has[office] })
	stated := further
	if order.Instead != "" { // that one who has the document already stands for another is worth saying, too
		stated = slices.DeleteFunc(slices.Clone(order.wanted), func(office exchange.OfficeID) bool {
			return slices.Contains(replaced, office)
		})
	}
	if len(stated) == 0 {
		return nil
	}
	if len(has)+len(further) > exchange.MaxRecipients {
		return exchange.Errorf(exchange.Invalid, "draft.recipients", "%d and %d more", len(has), len(further))
	}
	if err := d.Gateway.CheckRecipients(document.Office, stated); err != nil {
		return err
	}
	notice := exchange.Notice{To: stated, Instead: order.Instead, Reason: order.Reason}
	return d.owe(ctx, tx, actor, document, statement{notice, further})
}

// statement is a notice and those of its offices to whom the document is owed now.
type statement struct {
	exchange.Notice
	further []exchange.OfficeID
}

// replaced gives those to whom the document was addressed instead of a recipient before. It refuses to address anew
// what gets through, or may do so still.
func (d *Desk) replaced(
	ctx context.Context, tx exchange.Tx, document exchange.Document, instead exchange.OfficeID,
	has map[exchange.OfficeID]bool,
) ([]exchange.OfficeID, error) {
	if instead == "" {
		return nil, nil
	}
	if !has[instead] {
		return nil, exchange.Errorf(exchange.Invalid, "readdress.not_recipient", "%s is no recipient of %s", instead,
			document.ID)
	}
	all, err := d.Gateway.Progress(ctx, tx, document.ID)
	i := slices.IndexFunc(all, func(progress exchange.Progress) bool { return progress.Office == instead })
	if err != nil || i < 0 {
		return nil, err
	}
	progress := all[i]
	if progress.Parked() == "" && progress.Status() != exchange.Refused && len(progress.Readdressed) == 0 {
		return nil, exchange.Errorf(exchange.Conflict, "readdress.not_needed", "%s is at %s: %q", document.ID, instead,
			progress.Status())
	}
	return progress.Readdressed, nil
}

// owe states the further recipients, and owes the document to them, in one transaction with the line in the log.
func (d *Desk) owe(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, document exchange.Document, said statement,
) error {
	notice := said.Notice
	notice.Document, notice.Content, notice.Status = document.ID, document.Current().Digest, exchange.RecipientsAdded
	notice.From, notice.By = actor.Office, actor.Name
	if document.Office != actor.Office { // it was issued by an office that has ended
		notice.For = document.Office
	}
	entry := exchange.Entry{Act: "document.recipients_added", Actor: actor.Name, Detail: d.named(notice)}
	if notice.Instead != "" {
		entry.Act = "document.readdressed"
	}
	if _, err := d.Gateway.Notify(ctx, tx, notice, entry); err != nil {
		return err
	}
	if len(said.further) == 0 {
		return nil
	}
	return d.Gateway.Owe(ctx, tx, document, said.further)
}

// mostNamed is how many offices a line of the log names; the sealed notice names them all.
const mostNamed = 20

// named says in the log who gets the document, and in whose place, with their codes.
func (d *Desk) named(notice exchange.Notice) map[string]string {
	directory, today := d.Gateway.Directory(), exchange.Today(d.Gateway.Now())
	var offices, codes []string
	for _, office := range notice.To[:min(mostNamed, len(notice.To))] {
		offices, codes = append(offices, string(office)), append(codes, directory.Code(office, today))
	}
	detail := map[string]string{
		"offices": strings.Join(offices, " "), "codes": strings.Join(codes, " "), "added": strconv.Itoa(len(notice.To)),
	}
	if notice.Instead != "" {
		detail["instead"], detail["instead_code"] = string(notice.Instead), directory.Code(notice.Instead, today)
	}
	return detail
}
