package exchange

import (
	"cmp"
	"context"
	"slices"
)

// Reasons of receipts 15 that no clerk made: stable codes, which are shown as sentences.
const (
	// WithdrawnUnseen: the document was taken out of use before it was shown to anybody of the office.
	WithdrawnUnseen = "recall.withdrawn_unseen"
	// ReturnedBefore: the office had refused the document, so that there is nothing to take back.
	ReturnedBefore = "recall.returned_before"
)

// takeNotice takes a notice in: it has its effect at the offices here, and goes on to the others.
func (g *Gateway) takeNotice(ctx context.Context, tx Tx, in *intake) error {
	if in.notice.Goal != "" {
		return g.takeForNode(ctx, tx, in)
	}
	if err := tx.AddNotice(ctx, in.notice); err != nil {
		return err
	}
	states, err := tx.Deliveries(ctx, in.frame.ID)
	if err != nil {
		return err
	}
	for _, office := range in.frame.To {
		next, code := g.way(in, office)
		passed := func(state DeliveryState) bool { return state.To == office && state.Node == next }
		switch {
		case !slices.Contains(in.notice.To, office):
			err = g.reject(ctx, tx, in, office, codeNotAddressed)
		case code != "":
			err = g.reject(ctx, tx, in, office, code)
		case next == g.Node:
			err = g.heed(ctx, tx, in, office)
		case slices.ContainsFunc(states, passed):
			in.answer(office, Duplicate, "", nil)
		default:
			in.answer(office, Taken, "", nil)
			err = tx.AddDeliveries(ctx, []Delivery{
				{Message: in.frame.ID, To: office, Node: next, Lane: Express, At: in.at},
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// heed gives a notice its effect at one office. When the document has not come yet, it will be born with it.
func (g *Gateway) heed(ctx context.Context, tx Tx, in *intake, office OfficeID) error {
	heeded, err := tx.Heed(ctx, in.notice.ID, office)
	if err != nil {
		return err
	}
	if heeded {
		in.answer(office, Duplicate, "", nil)
		return nil
	}
	if in.notice.Status == RecipientsAdded { // the document comes behind it
		in.answer(office, Taken, "", nil)
		_, err := tx.AppendLog(ctx, Entry{
			At: in.at, Act: "document.recipients_added", Document: in.notice.Document, Detail: map[string]string{
				"peer": string(in.from), "message": string(digestOf(in.frame.Sealed)),
			},
		})
		return err
	}
	arrival, err := g.takenFor(ctx, tx, in.directory, office, in.notice.Document)
	if KindOf(err) == NotFound {
		in.answer(office, Taken, "", nil)
		_, err = tx.AppendLog(ctx, Entry{
			At: in.at, Act: "recall.early", Document: in.notice.Document, Detail: map[string]string{
				"peer": string(in.from), "message": string(digestOf(in.frame.Sealed)),
			},
		})
		return err
	}
	if err != nil {
		return err
	}
	if !in.notice.about(arrival.Header) {
		return g.reject(ctx, tx, in, office, "recall.not_its_document")
	}
	in.answer(office, Taken, "", nil)
	return g.heedAt(ctx, tx, arrival, in.notice)
}

// about says whether the notice speaks of this document, and for the office that issued it.
func (n Notice) about(header Header) bool {
	return n.Document == header.ID && n.Content == header.Main.Digest && cmp.Or(n.For, n.From) == header.From
}

// additions are the notices that added recipients to a document since it was issued, oldest first.
func additions(ctx context.Context, tx Tx, header Header) ([]Notice, error) {
	notices, err := tx.Notices(ctx, header.ID)
	return slices.DeleteFunc(notices, func(notice Notice) bool {
		return notice.Status != RecipientsAdded || !notice.about(header)
	}), err
}

// addressedTo gives the header with those among its recipients who were added since. Mostly all of the offices that are
// asked about stand in the header, and nothing is read.
func (h Header) addressedTo(ctx context.Context, tx Tx, offices []OfficeID) (Header, error) {
	stated := make(map[OfficeID]bool, len(h.To))
	for _, office := range h.To {
		stated[office] = true
	}
	if !slices.ContainsFunc(offices, func(office OfficeID) bool { return !stated[office] }) {
		return h, nil
	}
	added, err := additions(ctx, tx, h)
	if err != nil || len(added) == 0 {
		return h, err
	}
	h.To = slices.Clone(h.To)
	for _, notice := range added {
		h.To = append(h.To, notice.To...)
	}
	return h, nil
}

// Additions gives the notices that added recipients to a document that was issued here, oldest first.
func (*Gateway) Additions(ctx context.Context, tx Tx, document Document) ([]Notice, error) {
	return additions(ctx, tx, Header{ID: document.ID, From: document.Office, Main: document.Current()})
}

// heedAt gives a notice its effect on an arrival. Whoever looks at the arrival first and the notice are put in order by
// the transaction: it is either shown or withdrawn unseen, never both.
func (g *Gateway) heedAt(ctx context.Context, tx Tx, arrival Arrival, notice Notice) error {
	recall := arrival.Recall()
	receipt, act := Receipt{Status: RecallAccepted}, "arrival.withdrawn"
	switch {
	case notice.Status != RecallRequested || recall == RecallAccepted || recall == RecallRequested:
		return nil
	case arrival.Status() == Refused:
		receipt.Reason, act = ReturnedBefore, "arrival.recalled"
	case arrival.ShownAt.IsZero():
		receipt.Reason = WithdrawnUnseen
		if err := tx.MarkWithdrawn(ctx, arrival.ID, g.now()); err != nil {
			return err
		}
	default:
		receipt, act = Receipt{Status: RecallRequested, Reason: notice.Reason}, "arrival.recall_requested"
	}
	_, err := g.State(ctx, tx, arrival, receipt, act)
	return err
}

// takenFor gives the arrival with which the document came for the office: at itself, or at one of those who went on
// with its documents.
func (g *Gateway) takenFor(
	ctx context.Context, tx Tx, directory *Directory, office OfficeID, id DocumentID,
) (Arrival, error) {
	arrival, err := tx.ArrivalOf(ctx, office, id)
	for _, keeper := range directory.Line(office, g.today())[1:] {
		if KindOf(err) != NotFound {
			break
		}
		if arrival, err = tx.ArrivalOf(ctx, keeper, id); err == nil && g.arrived(arrival, office).ID == "" {
			err = Errorf(NotFound, "arrival.not_found", "%s came to %s, but not for %s", id, keeper, office)
		}
	}
	return arrival, err
}

// bornUnder gives a new arrival, which came for the office, the effect of the recall that came before it: unless the
// office that handed it on had refused to give it back, whose word holds until it is asked anew.
func (g *Gateway) bornUnder(ctx context.Context, tx Tx, in *intake, office OfficeID, arrival Arrival) error {
	for _, notice := range in.before {
		if notice.Status != RecallRequested || !slices.Contains(notice.To, office) || !notice.about(in.header) {
			continue
		}
		if _, err := tx.Heed(ctx, notice.ID, office); err != nil {
			return err
		}
		if in.refusedUntil(notice) {
			continue
		}
		return g.heedAt(ctx, tx, arrival, notice)
	}
	return nil
}

// refusedUntil says whether a recall was answered with a refusal by the office that hands the document on.
func (in *intake) refusedUntil(notice Notice) bool {
	return slices.ContainsFunc(in.handed.receipts, func(said Receipt) bool {
		return said.Status == RecallRefused && !said.At.Before(notice.At)
	})
}

// beforeDocument notes the header of a document with those among the recipients who were added, and gives what must not
// come after it.
func (b *batch) beforeDocument(
	ctx context.Context, tx Tx, header Header, group []Delivery,
) (before []MessageID, err error) {
	if header.RepliesTo != "" {
		before = append(before, MessageID(header.RepliesTo))
	}
	offices := make([]OfficeID, len(group))
	for i, delivery := range group {
		offices[i] = delivery.To
	}
	stated := len(header.To)
	if header, err = header.addressedTo(ctx, tx, offices); err != nil {
		return nil, err
	}
	b.headers[MessageID(header.ID)] = header
	if len(header.To) == stated {
		return before, nil
	}
	added, err := additions(ctx, tx, header)
	for _, notice := range added {
		before = append(before, notice.ID)
	}
	return before, err
}
