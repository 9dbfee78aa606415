package checkpoint_test

import (
	"bytes"
	"testing"

	"congvan/exchange"
	"congvan/exchange/checkpoint"
	"congvan/exchange/exchangetest"
)

func TestACheckpointProvesTheLogAndCannotBeForged(t *testing.T) {
	t.Parallel()
	w := exchangetest.New(t, exchangetest.Straight)
	const node = exchangetest.CommuneNode
	w.Issue(t, node, exchangetest.Commune, exchangetest.District)
	identities := exchangetest.People(t).Nodes
	signed, err := checkpoint.Of(t.Context(), w.Gateways[node])
	if err != nil {
		t.Fatal(err)
	}
	size, root, err := checkpoint.Open(node, identities[node].Certificate, signed)
	if err != nil || size != 5 || !root.Valid() {
		t.Errorf("size %d, root %s, %v", size, root, err)
	}
	for name, forged := range map[string][]byte{
		"size":  bytes.Replace(signed, []byte("\n5\n"), []byte("\n4\n"), 1),
		"name":  bytes.Replace(signed, []byte("cong-xa"), []byte("cong-la"), 1),
		"empty": nil,
	} {
		_, _, err := checkpoint.Open(node, identities[node].Certificate, forged)
		if exchange.CodeOf(err) != "checkpoint.invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err = checkpoint.Open(node, identities[exchangetest.DistrictNode].Certificate, signed)
	exchangetest.Refused(t, err, exchange.Untrusted, "checkpoint.invalid")
}
