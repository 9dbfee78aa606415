package exchange_test

import (
	"context"
	"slices"
	"time"

	"congvan/exchange"
	"congvan/exchange/exchangetest"
	"congvan/exchange/recall"
)

// regret recalls a letter some time after it was issued, from one recipient or from all.
func (s *simulation) regret(
	ctx context.Context, node exchange.NodeID, office exchange.OfficeID, sent exchange.Draft,
) {
	time.Sleep(s.upTo(time.Duration(1+s.below(20)) * time.Minute))
	order := recall.Order{Reason: "phát hành nhầm bản dự thảo"}
	if s.below(2) == 0 {
		order.Offices = sent.Recipients[:1]
	}
	s.stubborn("recall", func() error {
		_, err := (&recall.Desk{Gateway: s.at(node)}).Recall(ctx, clerk(office), sent.ID, order)
		return err
	})
}

// reply lets a clerk agree to a recall or refuse it.
func (s *simulation) reply(
	ctx context.Context, node exchange.NodeID, actor exchange.Actor, arrival exchange.Arrival,
) {
	answer := recall.Reply{Agree: s.below(2) == 0, Reason: "đã thi hành xong, không thể trả lại"}
	_, err := (&recall.Desk{Gateway: s.at(node)}).Answer(ctx, actor, arrival.ID, answer)
	if err != nil && exchange.KindOf(err) != exchange.Unavailable && !recalled(err) &&
		exchange.CodeOf(err) != "recall.not_asked" { // it was answered, and the answer to that got lost
		s.t.Errorf("seed %d: reply: %v", s.seed, err)
	}
}

// look remembers who was shown what.
func (s *simulation) look(arrivals []exchange.Arrival) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, arrival := range arrivals {
		s.seen[arrival.ID] = true
	}
}

// recalled says whether an act was refused because the sender wants the document back.
func recalled(err error) bool {
	return slices.Contains([]string{"arrival.recalled", "arrival.recall_pending"}, exchange.CodeOf(err))
}

// checkRecall wants a copy to be either shown or withdrawn unseen (I9), and every notice to have had its effect.
func (s *simulation) checkRecall(fault func(string, ...any), arrival exchange.Arrival, there exchangetest.Facts) {
	arrival = there.Complete(arrival)
	if arrival.Withdrawn() {
		s.withdrawn++
	}
	if arrival.Withdrawn() != there.Withdrawn[arrival.ID] {
		fault("receipts and list at %s do not agree whether it was withdrawn", arrival.Office)
	}
	if arrival.Withdrawn() && (s.seen[arrival.ID] || !arrival.ShownAt.IsZero() || arrival.Status() != exchange.Arrived) {
		fault("was withdrawn unseen at %s, and somebody has seen it", arrival.Office)
	}
	if s.seen[arrival.ID] && arrival.ShownAt.IsZero() {
		fault("was shown at %s, and nothing says so", arrival.Office)
	}
	if count := len(arrival.Receipts); arrival.Receipts[0].Status != exchange.Arrived || count > 20 {
		fault("%d receipts at %s, the first is %s", count, arrival.Office, arrival.Receipts[0].Status)
	}
	for _, notice := range there.Notices {
		if notice.Document == arrival.Document && slices.Contains(notice.To, arrival.Office) && arrival.Recall() == "" {
			fault("is asked back from %s, and the office says nothing to it", arrival.Office)
		}
	}
}
