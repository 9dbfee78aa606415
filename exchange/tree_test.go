package exchange_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"congvan/certs/cms"
	"congvan/exchange"
)

// sealedTogether are the receipts of so many letters that came to the district at once.
func (w *world) sealedTogether(t *testing.T, letters int) [][]byte {
	t.Helper()
	for range letters {
		w.Issue(t, communeNode, commune, district)
	}
	w.copyBlobs(t)
	var frames []exchange.Frame
	err := w.Memories[communeNode].View(t.Context(), func(tx exchange.Tx) error {
		owed, err := tx.Owed(t.Context(), districtNode, letters)
		if err != nil {
			return err
		}
		for _, delivery := range owed {
			message, err := tx.Message(t.Context(), delivery.Message)
			if err != nil {
				return err
			}
			frames = append(frames, exchange.Frame{
				ID: message.ID, Kind: message.Kind, Sealed: message.Sealed, To: []exchange.OfficeID{delivery.To},
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, frames)
	if err != nil || len(answers) != letters {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	receipts := make([][]byte, len(answers))
	for i, answer := range answers {
		if answer.Outcome != exchange.Taken {
			t.Fatalf("%+v", answer)
		}
		receipts[i] = answer.Receipt
	}
	return receipts
}

// sealOf is the CMS object at the end of a leaf: what comes after its four lines.
func sealOf(receipt []byte) []byte { return bytes.SplitN(receipt, []byte("\n"), 5)[4] }

func TestReceiptsThatAreSealedTogetherProveThemselvesAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	receipts := w.sealedTogether(t, 5)
	seen := map[exchange.DocumentID]bool{}
	for _, sealed := range receipts {
		receipt, err := exchange.OpenReceipt(w.Directory.Load(), sealed)
		if err != nil || receipt.Status != exchange.Arrived || receipt.Office != district || receipt.Node != districtNode {
			t.Errorf("%+v, %v", receipt, err)
		}
		seen[receipt.Document] = true
		if !bytes.Equal(sealOf(sealed), sealOf(receipts[0])) {
			t.Error("a receipt was signed by itself")
		}
		if _, err := cms.OpenMessage(sealOf(sealed)); err != nil {
			t.Errorf("the seal is no CMS message: %v", err)
		}
	}
	if len(seen) != len(receipts) {
		t.Errorf("receipts for %d of %d documents", len(seen), len(receipts))
	}
}

func TestASingleReceiptIsSealedByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	sealed := w.sealedTogether(t, 1)[0]
	if _, err := cms.OpenMessage(sealed); err != nil {
		t.Error(err)
	}
	if _, err := exchange.OpenReceipt(w.Directory.Load(), sealed); err != nil {
		t.Error(err)
	}
}

func TestAForgedLeafIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	receipts := w.sealedTogether(t, 5)
	others := newWorld(t, straight).sealedTogether(t, 3)
	lines := func(receipt []byte) [][]byte { return bytes.SplitN(receipt, []byte("\n"), 5) }
	with := func(place int, part []byte) []byte {
		parts := lines(receipts[2])
		parts[place] = part
		return bytes.Join(parts, []byte("\n"))
	}
	statement, way := lines(receipts[2])[1], lines(receipts[2])[3]
	first, rest, _ := strings.Cut(string(way), " ")
	stranger, other := people(t).Stranger, bytes.Replace(statement, []byte(`"01"`), []byte(`"03"`), 1)
	for name, test := range map[string]struct {
		sealed []byte
		code   string
	}{
		"another status":             {with(1, other), "message.bad_seal"},
		"another's statement":        {with(1, lines(receipts[3])[1]), "message.bad_seal"},
		"another place":              {with(2, []byte("3 5")), "message.bad_seal"},
		"a larger tree":              {with(2, []byte("2 6")), "message.bad_seal"},
		"a place outside":            {with(2, []byte("5 5")), "message.bad_seal"},
		"a place before":             {with(2, []byte("-1 5")), "message.bad_seal"},
		"another's path":             {with(3, lines(receipts[3])[3]), "message.bad_seal"},
		"no path":                    {with(3, nil), "message.bad_seal"},
		"a longer path":              {with(3, []byte(string(way)+" "+first)), "message.bad_seal"},
		"the path turned round":      {with(3, []byte(rest+" "+first)), "message.bad_seal"},
		"the seal of other receipts": {with(4, sealOf(others[0])), "message.bad_seal"},
		"a seal that was changed":    {with(4, flip(sealOf(receipts[2]))), "message.bad_seal"},
		"no seal":                    {with(4, nil), "message.unreadable"},
		"the seal of a stranger":     {with(4, forge(t, sealOf(receipts[2]), stranger, unchanged)), "message.foreign_seal"},
		"the seal of another gateway": {
			with(4, forge(t, sealOf(receipts[2]), people(t).Nodes[provinceNode], unchanged)), "message.foreign_seal",
		},
		"another gateway's tree": {
			with(4, forge(t, sealOf(receipts[2]), people(t).Nodes[provinceNode], func(content map[string]any) {
				content["node"] = provinceNode
			})), "message.foreign_seal",
		},
		"a seal of something else": {
			with(4, forge(t, sealOf(receipts[2]), people(t).Nodes[districtNode], func(content map[string]any) {
				content["type"] = "congvan.receipt.1"
			})), "message.unreadable",
		},
		"a root of another length": {
			with(4, forge(t, sealOf(receipts[2]), people(t).Nodes[districtNode], func(content map[string]any) {
				content["root"] = "00"
			})), "message.bad_seal",
		},
		"two blanks in the path":  {with(3, []byte(first+"  "+rest)), "message.unreadable"},
		"a plus before the place": {with(2, []byte("+2 5")), "message.unreadable"},
		"a hash cut short":        {with(3, []byte(first+" AAAA")), "message.unreadable"},
		"two lines":               {receipts[2][:bytes.IndexByte(receipts[2], '\n')+4], "message.unreadable"},
		"the tree itself":         {sealOf(receipts[2]), "message.unreadable"},
		"a leaf of a leaf":        {with(4, receipts[3]), "message.unreadable"},
		"a document as a leaf": {
			with(1, bytes.Replace(statement, []byte("congvan.receipt.1"), []byte("congvan.document.1"), 1)),
			"message.bad_seal",
		},
	} {
		if _, err := exchange.OpenReceipt(w.Directory.Load(), test.sealed); exchange.CodeOf(err) != test.code {
			t.Errorf("%s: %v; want %s", name, err, test.code)
		}
	}
	if _, err := exchange.OpenHeader(w.Directory.Load(), receipts[2]); exchange.CodeOf(err) != "message.unreadable" {
		t.Errorf("a leaf as a document: %v", err)
	}
}

// flip changes the last bit: of the signature.
func flip(data []byte) []byte {
	changed := slices.Clone(data)
	changed[len(changed)-1] ^= 1
	return changed
}

func TestAChangedLeafNeverSaysSomethingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	receipts := w.sealedTogether(t, 4)
	said := map[string]bool{}
	for _, sealed := range receipts {
		said[string(bytes.SplitN(sealed, []byte("\n"), 3)[1])] = true
	}
	const seed = 20261122
	random := rand.New(rand.NewPCG(seed, seed))
	opened := 0
	for i := range 4000 {
		mutant := bytes.Clone(receipts[random.IntN(len(receipts))])
		at := random.IntN(len(mutant))
		switch random.IntN(3) {
		case 0:
			mutant[at] ^= 1 << random.IntN(8)
		case 1:
			mutant = slices.Delete(mutant, at, min(len(mutant), at+1+random.IntN(8)))
		case 2:
			other := receipts[random.IntN(len(receipts))]
			copy(mutant[at:], other[min(at, len(other)):])
		}
		if _, err := exchange.OpenReceipt(w.Directory.Load(), mutant); err != nil {
			continue
		}
		opened++
		if !said[string(bytes.SplitN(mutant, []byte("\n"), 3)[1])] {
			t.Fatalf("mutant %d of seed %d opens: %q", i, seed, mutant)
		}
	}
	t.Logf("seed %d: %d mutants open and say what was sealed", seed, opened)
}
