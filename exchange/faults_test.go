package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"congvan/exchange"
)

// faulty fails some updates: lost before it happened, or lost after it happened, which the caller cannot tell apart.
type faulty struct {
	exchange.Records
	count  int
	before func(count int) bool
	after  func(count int) bool
}

var errLost = exchange.Errorf(exchange.Unavailable, "storage.unavailable", "on purpose")

func (f *faulty) Update(ctx context.Context, fn func(tx exchange.Tx) error) error {
	f.count++
	count := f.count
	if f.before != nil && f.before(count) {
		return errLost
	}
	err := f.Records.Update(ctx, fn)
	if err == nil && f.after != nil && f.after(count) {
		return errLost
	}
	return err
}

func only(n int) func(int) bool { return func(count int) bool { return count == n } }

// issueStubbornly does what a client does that never gives up: every step again until it succeeds.
func issueStubbornly(t *testing.T, gateway *exchange.Gateway, id exchange.DocumentID) exchange.Document {
	t.Helper()
	wanted := draft(province)
	wanted.ID = id
	again := func(step func() (exchange.Document, error)) exchange.Document {
		for range 10 {
			document, err := step()
			if err == nil {
				return document
			}
			if exchange.KindOf(err) != exchange.Unavailable {
				t.Fatalf("%s: %v", id, err)
			}
		}
		t.Fatalf("%s: ten times in vain", id)
		return exchange.Document{}
	}
	again(func() (exchange.Document, error) {
		return desk(gateway).Submit(t.Context(), clerk(commune), wanted, bytes.NewReader(pdf(t)))
	})
	again(func() (exchange.Document, error) { return desk(gateway).Sign(t.Context(), leader(commune), id) })
	again(func() (exchange.Document, error) { return desk(gateway).Seal(t.Context(), clerk(commune), id) })
	return again(func() (exchange.Document, error) { return gateway.Send(t.Context(), clerk(commune), id) })
}

func TestNumbersHaveNoGapsWhateverUpdateIsLost(t *testing.T) {
	t.Parallel()
	const updates = 5 // submit, sign, number, seal, send
	for n := 1; n <= updates; n++ {
		for _, when := range []string{"before", "after"} {
			t.Run(fmt.Sprintf("%s update %d", when, n), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, straight)
				gateway := w.Gateways[communeNode]
				records := &faulty{Records: gateway.Records}
				if when == "before" {
					records.before = only(n)
				} else {
					records.after = only(n)
				}
				gateway.Records = records
				for i := range 3 {
					document := issueStubbornly(t, gateway, id(i))
					if document.Numbering.Number != i+1 {
						t.Errorf("document %d got number %d", i+1, document.Numbering.Number)
					}
				}
				if records.count < n {
					t.Errorf("only %d updates: the fault never happened", records.count)
				}
				w.Deliver(t)
				w.checkOnce(t, 3)
			})
		}
	}
}

// checkOnce wants each document once at the province, all steps of each once in the log, and the numbers 1 to n once.
func (w *world) checkOnce(t *testing.T, n int) {
	t.Helper()
	numbers := map[int]int{}
	for _, arrival := range w.Inbox(t, provinceNode, province) {
		numbers[arrival.Header.Numbering.Number]++
		events, err := reader(w.Gateways[communeNode]).Timeline(t.Context(), clerk(commune), arrival.Document)
		if err != nil {
			t.Fatal(err)
		}
		list := acts(events)
		for _, act := range []string{"submitted", "signed", "numbered", "sealed", "issued"} {
			done := slices.DeleteFunc(slices.Clone(list), func(a string) bool { return a != "document."+act })
			if len(done) != 1 {
				t.Errorf("%s is %d times in %v", act, len(done), list)
			}
		}
	}
	if len(numbers) != n {
		t.Errorf("numbers that arrived: %v", numbers)
	}
	for number := 1; number <= n; number++ {
		if numbers[number] != 1 {
			t.Errorf("number %d arrived %d times", number, numbers[number])
		}
	}
}

func TestACrashAtAnyStepKeepsTheNumber(t *testing.T) {
	t.Parallel()
	errCrash := errors.New("the process ends here")
	for _, point := range []string{"numbered", "sealed", "issued"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, straight)
			gateway := w.Gateways[communeNode]
			gateway.Failpoint = func(reached string) {
				if reached == point {
					panic(errCrash)
				}
			}
			crashed := func() (crashed bool) {
				defer func() { crashed = recover() == any(errCrash) }()
				issueStubbornly(t, gateway, id(1))
				return false
			}()
			if !crashed {
				t.Fatal("the point was never reached")
			}
			restarted := w.Gateway(t, communeNode, wire{World: w.World, From: communeNode})
			w.Gateways[communeNode] = restarted
			other := issueStubbornly(t, restarted, id(2))
			document := issueStubbornly(t, restarted, id(1))
			if document.Numbering.Number != 1 || other.Numbering.Number != 2 {
				t.Errorf("numbers %d and %d", document.Numbering.Number, other.Numbering.Number)
			}
			w.Deliver(t)
			w.checkOnce(t, 2)
		})
	}
}

func TestAnUpdateLostInReceivingLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 4; n++ {
		for _, when := range []string{"before", "after"} {
			t.Run(fmt.Sprintf("%s update %d", when, n), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, straight)
				for _, node := range []exchange.NodeID{communeNode, districtNode, provinceNode} {
					records := &faulty{Records: w.Gateways[node].Records}
					if when == "before" {
						records.before = only(n)
					} else {
						records.after = only(n)
					}
					if node == communeNode { // its first five updates are those of issuing
						records.count = -5
					}
					w.Gateways[node].Records = records
				}
				w.Issue(t, communeNode, commune, province)
				for range 20 {
					for _, node := range []exchange.NodeID{communeNode, districtNode, provinceNode} {
						if err := w.Gateways[node].DeliverNow(t.Context()); err != nil && exchange.KindOf(err) != exchange.Unavailable {
							t.Fatal(err)
						}
						if _, err := w.Gateways[node].Judge(t.Context()); err != nil && exchange.KindOf(err) != exchange.Unavailable {
							t.Fatal(err)
						}
					}
				}
				if !w.Idle(t) {
					t.Error("something is owed still")
				}
				for node := range w.Gateways {
					w.Gateways[node].Records = w.Memories[node]
				}
				w.checkOnce(t, 1)
				w.checkReceipts(t)
			})
		}
	}
}

// checkReceipts wants every receipt that came to the commune to be the one that the gateway which made it has, byte for
// byte.
func (w *world) checkReceipts(t *testing.T) {
	t.Helper()
	came := w.Memories[communeNode].Facts().Receipts
	for _, receipt := range came {
		made := w.Memories[receipt.Node].Facts().Receipts
		same := func(other exchange.Receipt) bool {
			return other.ID == receipt.ID && bytes.Equal(other.Sealed, receipt.Sealed)
		}
		if !slices.ContainsFunc(made, same) {
			t.Errorf("receipt %s %s is not at %s", receipt.ID, receipt.Status, receipt.Node)
		}
	}
}
