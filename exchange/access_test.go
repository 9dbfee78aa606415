package exchange_test

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"congvan/exchange"
	"congvan/exchange/exchangetest"
	"congvan/signing"
)

// TestEveryRoleDoesWhatItMayAndNothingElse tries every act with every role: what is not allowed is refused before the
// records are asked, what is allowed gets as far as finding that there is no such document.
func TestEveryRoleDoesWhatItMayAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	gateway := w.Gateways[communeNode]
	may := map[exchange.Role][]string{
		exchange.Clerk:         {"submit", "keep", "seal", "send", "issue", "read", "decide", "verify"},
		exchange.Leader:        {"submit", "keep", "sign", "read", "verify"},
		exchange.Archivist:     {"read", "verify"},
		exchange.Administrator: {"verify"},
		"stranger":             nil,
		"":                     nil,
	}
	ctx, page := t.Context(), exchange.Page{Limit: 1}
	methods := map[string]map[string]func(actor exchange.Actor) error{
		"submit": {"Submit": func(a exchange.Actor) error {
			_, err := desk(gateway).Submit(ctx, a, exchange.Draft{Secrecy: exchange.NotSecret}, nil)
			return err
		}},
		"keep": {"Keep": func(a exchange.Actor) error { _, err := desk(gateway).Keep(ctx, a, "", nil); return err }},
		"sign": {"Sign": func(a exchange.Actor) error { _, err := desk(gateway).Sign(ctx, a, "none"); return err }},
		"seal": {"Seal": func(a exchange.Actor) error { _, err := desk(gateway).Seal(ctx, a, "none"); return err }},
		"send": {"Send": func(a exchange.Actor) error { _, err := gateway.Send(ctx, a, "none"); return err }},
		"issue": {"Issue": func(a exchange.Actor) error {
			_, err := exchangetest.Issue(ctx, gateway, a,
				"none")
			return err
		}},
		"read": {
			"Document":   func(a exchange.Actor) error { _, err := reader(gateway).Document(ctx, a, "none"); return err },
			"Documents":  func(a exchange.Actor) error { _, err := reader(gateway).Documents(ctx, a, page); return err },
			"Arrival":    func(a exchange.Actor) error { _, err := reader(gateway).Arrival(ctx, a, "none"); return err },
			"Arrivals":   func(a exchange.Actor) error { _, err := reader(gateway).Arrivals(ctx, a, page); return err },
			"Recipients": func(a exchange.Actor) error { _, err := reader(gateway).Recipients(ctx, a, "none"); return err },
			"Timeline":   func(a exchange.Actor) error { _, err := reader(gateway).Timeline(ctx, a, "none"); return err },
			"OpenDocumentFile": func(a exchange.Actor) error {
				_, _, err := reader(gateway).OpenDocumentFile(ctx, a, "none", "")
				return err
			},
			"OpenArrivalFile": func(a exchange.Actor) error {
				_, _, err := reader(gateway).OpenArrivalFile(ctx, a, "none", "")
				return err
			},
		},
		"decide": {
			"Accept": func(a exchange.Actor) error { _, err := decider(gateway).Accept(ctx, a, "none"); return err },
			"Refuse": func(a exchange.Actor) error {
				_, err := decider(gateway).Refuse(ctx, a, "none", "gửi nhầm cơ quan nhận")
				return err
			},
			"Report": func(a exchange.Actor) error {
				_, err := decider(gateway).Report(ctx, a, "none", exchange.Assigned)
				return err
			},
		},
		"verify": {"Verify": func(a exchange.Actor) error {
			_, err := reader(gateway).Verify(ctx, a, bytes.NewReader(pdf(t)), int64(len(pdf(t))))
			return err
		}},
	}
	for role, allowed := range may {
		for act, calls := range methods {
			for name, call := range calls {
				err := call(exchange.Actor{Name: "ai đó", Office: commune, Role: role})
				denied := exchange.CodeOf(err) == "access.denied" && exchange.KindOf(err) == exchange.Denied
				if want := !slices.Contains(allowed, act); denied != want {
					t.Errorf("role %q, %s: denied %v, want %v (%v)", role, name, denied, want, err)
				}
			}
		}
	}
}

func TestOnlyTheSignatorySigns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	gateway := w.Gateways[communeNode]
	document, err := desk(gateway).Submit(t.Context(), clerk(commune), draft(province), bytes.NewReader(pdf(t)))
	if err != nil {
		t.Fatal(err)
	}
	other := leader(commune)
	other.Name = "Nguyễn Văn Bình"
	_, err = desk(gateway).Sign(t.Context(), other, document.ID)
	refused(t, err, exchange.Denied, "sign.not_signatory")
	_, err = desk(gateway).Sign(t.Context(), leader(province), document.ID)
	refused(t, err, exchange.NotFound, "document.not_found")
}

func TestNothingIsSealedThatTheLeaderDidNotSign(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	gateway := w.Gateways[communeNode]
	document, err := desk(gateway).Submit(t.Context(), clerk(commune), draft(province), bytes.NewReader(pdf(t)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = desk(gateway).Seal(t.Context(), clerk(commune), document.ID)
	refused(t, err, exchange.Untrusted, "seal.no_leader_signature")
	_, err = gateway.Send(t.Context(), clerk(commune), document.ID)
	refused(t, err, exchange.Conflict, "document.not_sealed")
	if taken := len(w.Memories[communeNode].Facts().Numbers); taken > 0 {
		t.Errorf("%d numbers were taken for nothing", taken)
	}
}

func TestASignatureThatIsNotValidAnyMoreIsNotSealed(t *testing.T) {
	t.Parallel()
	for name, report := range map[string]signing.Report{
		"not known for certain": signatures(signing.Indeterminate, signing.Signature{
			Signer: leaderName, Indication: signing.TotalIndetermined,
		}),
		"of somebody else": signatures(signing.Passed, signing.Signature{Signer: "Lê Thị Bình"}),
		"gone":             signatures(signing.Unsigned),
	} {
		w := newWorld(t, straight)
		gateway := w.Gateways[communeNode]
		document, err := desk(gateway).Submit(t.Context(), clerk(commune), draft(province), bytes.NewReader(pdf(t)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := desk(gateway).Sign(t.Context(), leader(commune), document.ID); err != nil {
			t.Fatal(err)
		}
		gateway.Examiner = says{report: report}
		_, err = desk(gateway).Seal(t.Context(), clerk(commune), document.ID)
		if exchange.CodeOf(err) != "seal.no_leader_signature" {
			t.Errorf("%s: %v", name, err)
		}
		if taken := len(w.Memories[communeNode].Facts().Numbers); taken > 0 {
			t.Errorf("%s: %d numbers were taken for nothing", name, taken)
		}
	}
}

func TestManyClerksWhoSendAtOnceIssueOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	gateway := w.Gateways[communeNode]
	document := w.Prepare(t, communeNode, commune, draft(province, interior))
	var clerks sync.WaitGroup
	for range 16 {
		clerks.Go(func() {
			if _, err := gateway.Send(t.Context(), clerk(commune), document.ID); err != nil {
				t.Errorf("send: %v", err)
			}
		})
	}
	clerks.Wait()
	if owed := len(w.Memories[communeNode].Facts().Deliveries); owed != 2 {
		t.Errorf("%d deliveries are owed", owed)
	}
}
