package exchange

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Predecessor (văn bản đi trước) is an earlier document of the same office after which one is to arrive: what it
// answers or replaces, and what was on its way still when it was issued.
type Predecessor struct {
	ID DocumentID `json:"id"`
	To []OfficeID `json:"to,omitempty"` // of the recipients, those whom both go to; none: all
}

const (
	// heldFor is how long after it was issued a document waits for its predecessors.
	heldFor = 15 * time.Minute
	// heldRest is after how long what is held is tried again, when nothing is heard of its predecessor.
	heldRest = 30 * time.Second
)

// after gives what the document is to come after, at an office.
func (h Header) after(office OfficeID) []Predecessor {
	var list []Predecessor
	for _, before := range h.After {
		if len(before.To) == 0 || slices.Contains(before.To, office) {
			list = append(list, Predecessor{ID: before.ID})
		}
	}
	return list
}

// checkAfter judges what a header says of predecessors.
func (h Header) checkAfter() error {
	unfit := func(before Predecessor) bool {
		return !ValidID(string(before.ID)) || before.ID == h.ID || len(before.To) > len(h.To)
	}
	if len(h.After) > maxReplaced+1 || slices.ContainsFunc(h.After, unfit) {
		return Errorf(Invalid, "message.incomplete", "header of %q: %d predecessors", h.ID, len(h.After))
	}
	return nil
}

// predecessors finds what a document that is about to be issued is to come after: of what it answers and replaces, what
// the same office has sent to the same offices and of what it is not known yet that it arrived.
func (g *Gateway) predecessors(ctx context.Context, document Document) ([]Predecessor, error) {
	named := document.Replaces
	if document.RepliesTo != "" {
		named = append([]DocumentID{document.RepliesTo}, named...)
	}
	if len(named) == 0 {
		return nil, nil
	}
	var list []Predecessor
	err := g.Records.View(ctx, func(tx Tx) error {
		list = nil
		for _, id := range named {
			offices, err := g.stillOnTheWay(ctx, tx, document, id)
			switch {
			case err != nil:
				return err
			case len(offices) == len(document.Recipients):
				list = append(list, Predecessor{ID: id})
			case len(offices) > 0:
				list = append(list, Predecessor{ID: id, To: offices})
			}
		}
		return nil
	})
	return list, err
}

func (g *Gateway) stillOnTheWay(ctx context.Context, tx Tx, document Document, id DocumentID) ([]OfficeID, error) {
	message, err := tx.Message(ctx, MessageID(id))
	if KindOf(err) == NotFound || err == nil && (message.Origin != g.Node || message.Kind != DocumentMessage) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	header, err := storedHeader(message)
	if err != nil || header.From != document.Office {
		return nil, err
	}
	all, err := progressOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	waiting := map[OfficeID]bool{}
	for _, progress := range all {
		status := progress.Status()
		arrived := status != "" && status != Carried && status != Undeliverable
		waiting[progress.Office] = !arrived && progress.Parked() == "" && !progress.TakenBack()
	}
	arrived := func(office OfficeID) bool { return !waiting[office] }
	return slices.DeleteFunc(slices.Clone(document.Recipients), arrived), nil
}

// sealInOrder seals the header of a document with what it is to come after. Where that does not fit beside very many
// recipients it is left out: then order is kept on each way only.
func (g *Gateway) sealInOrder(ctx context.Context, header Header, document Document) (Message, error) {
	var err error
	if header.After, err = g.predecessors(ctx, document); err != nil {
		return Message{}, err
	}
	message, err := g.sealHeader(header)
	if len(header.After) > 0 && CodeOf(err) == "message.too_large" {
		header.After = nil
		return g.sealHeader(header)
	}
	return message, err
}

// Lacking gives of what an arrival answers or replaces, and was sent before it to the same office, what has not come to
// that office or its heir, within the transaction. Of what has come meanwhile nothing is said.
func (g *Gateway) Lacking(ctx context.Context, tx Tx, arrival Arrival) ([]DocumentID, error) {
	return g.lacking(ctx, tx, g.Directory(), arrival.Header, cmp.Or(arrival.InheritedFrom(), arrival.Office))
}

// lacking gives the predecessors of a document that have not come to the office.
func (g *Gateway) lacking(
	ctx context.Context, tx Tx, directory *Directory, header Header, office OfficeID,
) ([]DocumentID, error) {
	var list []DocumentID
	for _, before := range header.after(office) {
		_, err := g.takenFor(ctx, tx, directory, office, before.ID)
		if KindOf(err) == NotFound {
			list = append(list, before.ID)
			err = nil
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// holds answers that a document is to be brought again when its predecessor has come, and says so. When too long has
// gone by it is taken without.
func (g *Gateway) holds(ctx context.Context, tx Tx, in *intake, office OfficeID) (bool, error) {
	if len(in.header.After) == 0 || !in.at.Before(in.header.IssuedAt.Add(heldFor)) {
		return false, nil
	}
	lacking, err := g.lacking(ctx, tx, in.directory, in.header, office)
	if err != nil || len(lacking) == 0 {
		return false, err
	}
	in.answer(office, Held, "", nil)
	return true, nil
}

// flagWithout logs that a document was taken in without its predecessor: whoever reads it there is to know.
func (g *Gateway) flagWithout(ctx context.Context, tx Tx, in *intake, office, heir OfficeID) error {
	lacking, err := g.lacking(ctx, tx, in.directory, in.header, office)
	if err != nil || len(lacking) == 0 {
		return err
	}
	ids := make([]string, len(lacking))
	for i, id := range lacking {
		ids[i] = string(id)
	}
	_, err = tx.AppendLog(ctx, Entry{
		At: in.at, Act: "arrival.without_predecessor", Office: heir, Document: in.header.ID,
		Detail: map[string]string{"lacking": strings.Join(ids, " ")},
	})
	return err
}

// waits says whether the delivery stays owed, and lets it rest where it is held up.
func (b *batch) waits(ctx context.Context, g *Gateway, delivery Delivery, outcome Outcome) bool {
	if outcome == Held {
		b.hold(ctx, g, delivery)
	}
	return outcome == Held || outcome == Later || outcome == Missing
}

// hold lets a delivery rest that the gateway holds up for its predecessor. It is not believed of what states none, nor
// for longer than clocks may differ: then it is an answer like "later".
func (b *batch) hold(ctx context.Context, g *Gateway, delivery Delivery) {
	header := b.headers[delivery.Message]
	end := header.IssuedAt.Add(heldFor)
	before := header.after(delivery.To)
	if len(before) == 0 || b.at.After(end.Add(clockSkew)) {
		g.Log.LogAttrs(ctx, slog.LevelWarn, "held without a reason", slog.String("peer", string(b.node.ID)),
			slog.String("document", string(delivery.Message)), slog.String("office", string(delivery.To)))
		return
	}
	why := rest{until: b.at.Add(heldRest)}
	if end.After(b.at) && end.Before(why.until) {
		why.until = end
	}
	for _, predecessor := range before {
		why.after = append(why.after, MessageID(predecessor.ID))
	}
	b.letRest(g, delivery, why)
}

// moved tells what rests that these messages have gone or arrived.
func (g *Gateway) moved(messages []MessageID) {
	if g.ready().gone(messages) {
		g.wakeDelivery()
	}
}

// HeldUp says whether a document is held up at the gateway of a recipient until its predecessor has come, as this
// program knows since it started.
func (g *Gateway) HeldUp(id DocumentID, office OfficeID) bool {
	loops := g.ready()
	loops.mutex.Lock()
	defer loops.mutex.Unlock()
	for _, why := range loops.resting {
		if why.key == (owedKey{MessageID(id), office}) && len(why.after) > 0 {
			return true
		}
	}
	return false
}
