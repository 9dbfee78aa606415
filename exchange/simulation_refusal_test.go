package exchange_test

import (
	"bytes"
	"context"
	"slices"
	"time"

	"congvan/exchange"
)

// view is the directory as a gateway has it: that of the province does not know one of its own offices for a while.
func (s *simulation) view(node exchange.NodeID) *exchange.Directory {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if struck := s.struck; struck != nil && node == provinceNode {
		return struck
	}
	return s.Directory.Load()
}

// forget has the province's gateway lose and find offices of its own, and people resend what was refused meanwhile.
func (s *simulation) forget(ctx context.Context, length time.Duration) {
	for range 6 {
		file := threeTiers(s.t)
		gone := []exchange.OfficeID{province, interior}[s.below(2)]
		file.Offices = slices.DeleteFunc(file.Offices, func(o exchange.Office) bool { return o.ID == gone })
		struck, err := exchange.NewDirectory(file)
		if err != nil {
			s.t.Error(err)
		}
		time.Sleep(s.upTo(length / 6))
		s.strike(struck)
		time.Sleep(s.upTo(length / 6))
		if s.below(2) == 0 {
			s.resend(ctx) // in vain, or just after it is mended
		}
		s.strike(nil)
		s.resend(ctx)
	}
}

func (s *simulation) strike(directory *exchange.Directory) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.struck = directory
}

// resend has the commune's clerk resend what does not get through.
func (s *simulation) resend(ctx context.Context) {
	gateway := s.at(communeNode)
	parked, _, err := gateway.Parked(ctx, clerk(commune), exchange.Page{Limit: 100})
	if err != nil {
		return
	}
	for _, stuck := range parked {
		if _, err := gateway.Resend(ctx, clerk(commune), stuck.Document.ID); err == nil {
			s.resent++
		}
	}
}

// checkRefusals wants each refusal that came to a sender to be the one that was given, and none to contradict what else
// its gateway has said (I4, I6).
func (s *simulation) checkRefusals(
	fault func(string, ...any), node exchange.NodeID, id exchange.DocumentID, office exchange.OfficeID,
) {
	var about []exchange.Receipt
	deliveries, failures := 0, 0
	facts := s.Memories[node].Facts()
	for _, receipt := range facts.Receipts {
		if receipt.Document == id && receipt.Office == office {
			about = append(about, receipt)
		}
	}
	for _, delivery := range facts.Deliveries {
		if delivery.Message == exchange.MessageID(id) && delivery.To == office {
			deliveries++
		}
	}
	for i, receipt := range about {
		if slices.ContainsFunc(about[:i], receipt.Contradicts) {
			fault("%s contradicts itself about %s: %s", receipt.Node, office, receipt.ID)
		}
		if !receipt.AtDoor() {
			continue
		}
		failures++
		given := func(refusal exchange.Refusal) bool {
			return refusal.ID == receipt.ID && bytes.Equal(refusal.Sealed, receipt.Sealed)
		}
		if !slices.ContainsFunc(s.Memories[receipt.Node].Facts().Refusals, given) {
			fault("refusal %s for %s was not given", receipt.ID, office)
		}
	}
	if failures < deliveries-1 { // one more when a gateway on the way, which was asked twice, has asked twice
		fault("%s has it after %d deliveries, of which %d were refused", office, deliveries, failures)
	}
	for _, entry := range facts.Entries {
		if entry.Act == "receipt.contradiction" {
			fault("an honest gateway is called a liar: %+v", entry)
		}
	}
	s.refused += failures
}

// answerKey names the question that an answer is to.
func (s *simulation) answerKey(answer exchange.Answer) string {
	if answer.Outcome != exchange.Rejected {
		return "taken"
	}
	receipt, err := exchange.OpenReceipt(s.Directory.Load(), answer.Receipt)
	if err != nil {
		s.t.Errorf("seed %d: a refusal proves nothing: %v", s.seed, err)
	}
	return "after " + string(receipt.After)
}
