package handover

import (
	"cmp"
	"context"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"congvan/exchange"
	"congvan/exchange/reading"
)

const (
	maxURL     = 1000 // bytes
	maxRule    = 100  // entries of each list
	maxSystems = 50   // of one office
	maxUnit    = 100  // bytes

	// How long the secret before a new one still signs.
	defaultOverlap = 24 * time.Hour
	longestOverlap = 7 * 24 * time.Hour
)

// Define makes a mailbox for a system of the administrator's own office, or changes its order. A new one begins with
// what happens from now on. The secret is told once, when a webhook is ordered that had none before; else it is empty.
// Errors: Invalid mailbox.name, mailbox.rule, mailbox.url; Conflict mailbox.too_many, mailbox.folder (ordered in the
// configuration); Unavailable mailbox.no_webhooks.
func (d *Desk) Define(
	ctx context.Context, actor exchange.Actor, system exchange.System, order exchange.MailboxOrder,
) (exchange.Mailbox, string, error) {
	if err := actor.May(exchange.ActManage); err != nil {
		return exchange.Mailbox{}, "", err
	}
	if err := d.check(system, order); err != nil {
		return exchange.Mailbox{}, "", err
	}
	if _, configured := d.Folders[Holder{actor.Office, system}]; configured || order.Folder {
		return exchange.Mailbox{}, "", exchange.Errorf(exchange.Conflict, "mailbox.folder", "%s", system)
	}
	secret, sealed, err := "", exchange.SealedSecret{}, error(nil)
	if order.URL != "" {
		if secret, sealed, err = d.newSecret(Holder{actor.Office, system}); err != nil {
			return exchange.Mailbox{}, "", err
		}
	}
	mailbox, kept := exchange.Mailbox{}, false
	err = d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		if mailbox, err = d.standing(ctx, tx, actor.Office, system); err != nil {
			return err
		}
		mailbox.Order = order
		if kept = order.URL == "" || len(mailbox.Secrets) > 0; !kept {
			mailbox.Secrets = []exchange.SealedSecret{sealed}
		}
		return d.set(ctx, tx, actor, mailbox, "mailbox.ordered")
	})
	if kept {
		secret = ""
	}
	return mailbox, secret, err
}

// standing gives the mailbox as it is, or a new one that begins at the end of the log.
func (d *Desk) standing(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, system exchange.System,
) (exchange.Mailbox, error) {
	mailbox, err := tx.Mailbox(ctx, office, system)
	if err == nil || exchange.KindOf(err) != exchange.NotFound {
		return mailbox, err
	}
	others, err := tx.Mailboxes(ctx, office)
	if err != nil {
		return exchange.Mailbox{}, err
	}
	if len(others) >= maxSystems {
		return exchange.Mailbox{}, exchange.Errorf(exchange.Conflict, "mailbox.too_many", "%d", len(others))
	}
	size, _, err := tx.LogHead(ctx)
	return exchange.Mailbox{
		Office: office, System: system, Position: size, CreatedAt: d.Gateway.Now().UTC(),
	}, err
}

func (d *Desk) set(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, mailbox exchange.Mailbox, act string,
) error {
	if err := tx.SetMailbox(ctx, mailbox); err != nil {
		return err
	}
	_, err := tx.AppendLog(ctx, exchange.Entry{
		At: d.Gateway.Now().UTC(), Act: act, Actor: actor.Name, Office: mailbox.Office,
		Detail: map[string]string{"system": string(mailbox.System), "url": mailbox.Order.URL},
	})
	return err
}

func (d *Desk) check(system exchange.System, order exchange.MailboxOrder) error {
	if err := ValidSystem(system); err != nil {
		return err
	}
	if err := CheckRule(order); err != nil {
		return err
	}
	if order.URL == "" {
		return nil
	}
	if d.Client == nil || len(d.Key) != keySize {
		return exchange.Errorf(exchange.Unavailable, "mailbox.no_webhooks", "no client or key")
	}
	return checkURL(order.URL)
}

// CheckRule says whether the rule of an order can ever fit something: Invalid mailbox.rule.
func CheckRule(order exchange.MailboxOrder) error {
	wrong := func(what string, value any) error {
		return exchange.Errorf(exchange.Invalid, "mailbox.rule", "%s %.100q", what, value)
	}
	if max(len(order.Topics), len(order.Kinds), len(order.Units)) > maxRule {
		return wrong("too many", "")
	}
	for _, topic := range order.Topics {
		if !slices.Contains([]string{"arrival", "judgement", "decision", "status"}, topic) {
			return wrong("topic", topic)
		}
	}
	for _, kind := range order.Kinds {
		if !kind.Known() {
			return wrong("kind", kind)
		}
	}
	for _, unit := range order.Units {
		if unit == "" || len(unit) > maxUnit {
			return wrong("unit", unit)
		}
	}
	return nil
}

// checkURL wants https, but for an address inside the house, of which the client must know that it is allowed: what is
// told names documents. Whether a name leads into the house is judged when it is dialled.
func checkURL(text string) error {
	target, err := url.Parse(text)
	if err == nil && len(text) <= maxURL && target.Host != "" && target.User == nil && target.Fragment == "" {
		address, err := netip.ParseAddr(target.Hostname())
		inside := err == nil && (address.IsPrivate() || address.IsLoopback())
		if target.Scheme == "https" || target.Scheme == "http" && inside {
			return nil
		}
	}
	return exchange.Errorf(exchange.Invalid, "mailbox.url", "%.100q", text)
}

// Rotate gives the webhook of a mailbox a new secret, which is told once. The one before signs beside it for a while,
// the default when overlap is 0, so that the system can be told without missing anything. Errors: NotFound
// mailbox.not_found; Conflict mailbox.no_url; Invalid mailbox.ask.
func (d *Desk) Rotate(
	ctx context.Context, actor exchange.Actor, system exchange.System, overlap time.Duration,
) (exchange.Mailbox, string, error) {
	if err := actor.May(exchange.ActManage); err != nil {
		return exchange.Mailbox{}, "", err
	}
	overlap = cmp.Or(overlap, defaultOverlap)
	if overlap < 0 || overlap > longestOverlap {
		return exchange.Mailbox{}, "", exchange.Errorf(exchange.Invalid, "mailbox.ask", "overlap %s", overlap)
	}
	secret, sealed, err := d.newSecret(Holder{actor.Office, system})
	if err != nil {
		return exchange.Mailbox{}, "", err
	}
	var mailbox exchange.Mailbox
	now := d.Gateway.Now().UTC()
	err = d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		if mailbox, err = tx.Mailbox(ctx, actor.Office, system); err != nil {
			return err
		}
		if mailbox.Order.URL == "" {
			return exchange.Errorf(exchange.Conflict, "mailbox.no_url", "%s", system)
		}
		mailbox.Secrets = beside(mailbox.Secrets, sealed, now, overlap)
		return d.set(ctx, tx, actor, mailbox, "mailbox.rotated")
	})
	return mailbox, secret, err
}

// beside puts a new secret in front of those that still sign; the one before signs for a while.
func beside(
	before []exchange.SealedSecret, made exchange.SealedSecret, now time.Time, overlap time.Duration,
) []exchange.SealedSecret {
	secrets := []exchange.SealedSecret{made}
	for i, old := range before {
		if i == 0 {
			old.Until = now.Add(overlap)
		}
		if old.Until.After(now) {
			secrets = append(secrets, old)
		}
	}
	return secrets[:min(len(secrets), maxSecrets)]
}

// List lists the mailboxes of the administrator's own office, and how many events are given and not acknowledged in
// each.
func (d *Desk) List(ctx context.Context, actor exchange.Actor) (list []exchange.Mailbox, pending []int, err error) {
	if err := actor.May(exchange.ActManage); err != nil {
		return nil, nil, err
	}
	err = d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		if list, err = tx.Mailboxes(ctx, actor.Office); err != nil {
			return err
		}
		pending = make([]int, len(list))
		for i, mailbox := range list {
			given, err := tx.Pending(ctx, mailbox.Office, mailbox.System, mostPending)
			if err != nil {
				return err
			}
			pending[i] = len(given)
		}
		return nil
	})
	return list, pending, err
}

// Open opens a file of an arrival of which the system was told by this event, whether it was acknowledged or not. Who
// read what is logged. The caller closes the blob. Errors: NotFound mailbox.not_offered, file.unknown.
func (d *Desk) Open(
	ctx context.Context, actor exchange.Actor, system exchange.System, id string, digest exchange.Digest,
) (exchange.Blob, exchange.File, error) {
	to, err := holder(actor, system)
	if err != nil {
		return nil, exchange.File{}, err
	}
	index, err := indexOf(d.Gateway.Node, id)
	if err != nil {
		return nil, exchange.File{}, err
	}
	var event Occurrence
	err = d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		offered, err := tx.Offered(ctx, to.Office, to.System, index)
		if err == nil && !offered {
			err = exchange.Errorf(exchange.NotFound, "mailbox.not_offered", "event %.80q", id)
		}
		if err != nil {
			return err
		}
		entry, err := entryAt(ctx, tx, index)
		if err != nil {
			return err
		}
		event, _, err = eventOf(ctx, tx, teller{d.Gateway.Node, to.Office}, entry)
		return err
	})
	if err != nil {
		return nil, exchange.File{}, err
	}
	return d.open(ctx, to, event, digest)
}

// open reads for the system what its office may read; the system itself has no right to anything but its events.
func (d *Desk) open(
	ctx context.Context, to Holder, event Occurrence, digest exchange.Digest,
) (exchange.Blob, exchange.File, error) {
	reader := exchange.Actor{Name: string(to.System), Office: to.Office, Role: exchange.Archivist}
	desk := reading.Desk{Gateway: d.Gateway}
	if event.Data.Arrival == "" {
		return desk.OpenDocumentFile(ctx, reader, event.Data.Document, digest)
	}
	return desk.OpenArrivalFile(ctx, reader, event.Data.Arrival, digest)
}
