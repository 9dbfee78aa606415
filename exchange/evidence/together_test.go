package evidence_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"

	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/exchange/exchangetest"
)

// away is a line to neighbours that do not answer.
type away struct{}

func (away) Countersign(context.Context, exchange.Node, evidence.Question) (evidence.Answer, error) {
	return evidence.Answer{}, exchange.Errorf(exchange.Unavailable, "peer.unreachable", "cut")
}

func TestTheEvidenceOfADocumentThatWasSealedWithOthersHolds(t *testing.T) {
	t.Parallel()
	exchangetest.People(t) // keys are made outside the bubble
	synctest.Test(t, func(t *testing.T) {
		w := exchangetest.New(t, exchangetest.Straight)
		var ids []exchange.DocumentID
		for range 3 {
			prepared := w.Prepare(t, exchangetest.CommuneNode, exchangetest.Commune, exchangetest.Draft(exchangetest.District))
			ids = append(ids, prepared.ID)
		}
		w.SendTogether(t, exchangetest.CommuneNode, exchangetest.Commune, ids)
		w.Deliver(t)
		notary := &evidence.Notary{Gateway: w.Gateways[exchangetest.CommuneNode], Line: away{}}
		data, err := notary.Export(t.Context(), exchangetest.Clerk(exchangetest.Commune), ids[2])
		ok(t, err)
		trust := evidence.Trust{Directory: w.Directory.Load()}
		result, err := evidence.Check(data, trust)
		ok(t, err)
		if len(result.Faults) > 0 || result.Header == nil || result.Header.ID != ids[2] || len(result.Facts) == 0 {
			t.Errorf("%+v", result)
		}

		var file evidence.File
		ok(t, json.Unmarshal(data, &file))
		if !bytes.HasPrefix(file.Message, []byte("congvan.leaf.1\n")) {
			t.Fatalf("sealed by itself: %.80q", file.Message)
		}
		file.Message = bytes.Replace(file.Message, []byte(`"kind":"BC"`), []byte(`"kind":"CV"`), 1)
		changed, err := json.Marshal(file)
		ok(t, err)
		result, err = evidence.Check(changed, trust)
		ok(t, err)
		if !slices.Contains(result.Faults, "message.bad_seal") {
			t.Errorf("a header that was changed holds: %+v", result.Faults)
		}
	})
}
