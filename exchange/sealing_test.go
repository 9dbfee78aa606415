package exchange_test

import (
	"bytes"
	"crypto"
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"congvan/certs/cms"
	"congvan/exchange"
)

// prepared are so many letters of the commune for the district that wait to be sent.
func (w *world) prepared(t *testing.T, letters int) []exchange.DocumentID {
	t.Helper()
	ids := make([]exchange.DocumentID, letters)
	for i := range ids {
		ids[i] = w.Prepare(t, communeNode, commune, draft(district)).ID
	}
	return ids
}

// messages are the sealed headers as the commune keeps them.
func (w *world) messages(t *testing.T, ids []exchange.DocumentID) [][]byte {
	t.Helper()
	var sealed [][]byte
	err := w.Memories[communeNode].View(t.Context(), func(tx exchange.Tx) error {
		for _, id := range ids {
			message, err := tx.Message(t.Context(), exchange.MessageID(id))
			if err != nil {
				return err
			}
			sealed = append(sealed, message.Sealed)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestDocumentsThatAreIssuedAtTheSameMomentShareASeal(t *testing.T) {
	t.Parallel()
	people(t) // keys are made outside the bubble
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, straight)
		ids := w.prepared(t, 6)
		if signatures := w.SendTogether(t, communeNode, commune, ids); signatures != 2 {
			t.Errorf("%d signatures for one document and five that waited", signatures)
		}
		sealed := w.messages(t, ids)
		if _, err := cms.OpenMessage(sealed[0]); err != nil {
			t.Errorf("the one that was alone has no seal of its own: %v", err)
		}
		for i, message := range sealed {
			header, err := exchange.OpenHeader(w.Directory.Load(), message)
			if err != nil || header.ID != ids[i] || header.Node != communeNode {
				t.Errorf("header %d alone: %s of %s, %v", i, header.ID, header.Node, err)
			}
			if i > 0 && !bytes.Equal(sealOf(message), sealOf(sealed[1])) {
				t.Errorf("header %d was signed by itself", i)
			}
		}
		w.Deliver(t)
		if arrivals := w.Inbox(t, districtNode, district); len(arrivals) != len(ids) {
			t.Errorf("%d of %d arrived", len(arrivals), len(ids))
		}
	})
}

func TestAHeaderOutOfItsTreeSaysNothingElse(t *testing.T) {
	t.Parallel()
	people(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, straight)
		ids := w.prepared(t, 5)
		w.SendTogether(t, communeNode, commune, ids)
		sealed := w.messages(t, ids)
		receipts := w.sealedTogether(t, 3)
		parts := func(message []byte) [][]byte { return bytes.SplitN(message, []byte("\n"), 5) }
		with := func(place int, part []byte) []byte {
			changed := parts(sealed[2])
			changed[place] = part
			return bytes.Join(changed, []byte("\n"))
		}
		statement, seal := parts(sealed[2])[1], sealOf(sealed[2])
		forged := func(content map[string]any) { content["node"] = provinceNode }
		for name, test := range map[string]struct {
			message []byte
			code    string
		}{
			"another recipient": {
				with(1, bytes.Replace(statement, []byte(district), []byte(province), 1)), "message.bad_seal",
			},
			"another's header":  {with(1, parts(sealed[3])[1]), "message.bad_seal"},
			"another place":     {with(2, []byte("0 4")), "message.bad_seal"},
			"the tree":          {seal, "message.unreadable"},
			"a receipt":         {receipts[1], "message.unreadable"},
			"a seal of another": {with(4, forge(t, seal, people(t).Nodes[provinceNode], forged)), "message.foreign_seal"},
		} {
			if _, err := exchange.OpenHeader(w.Directory.Load(), test.message); exchange.CodeOf(err) != test.code {
				t.Errorf("%s: %v; want %s", name, err, test.code)
			}
		}
		if _, err := exchange.OpenReceipt(w.Directory.Load(), sealed[2]); exchange.CodeOf(err) != "message.unreadable" {
			t.Errorf("a header as a receipt: %v", err)
		}
	})
}

// broken is a key that does not sign.
type broken struct{ crypto.Signer }

var errBroken = errors.New("the key is broken")

func (broken) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, errBroken }

func TestAKeyThatDoesNotSignFailsTheSendingAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	id, g := w.prepared(t, 1)[0], w.Gateways[communeNode]
	key := g.Identity.Signer
	g.Identity.Signer = broken{key}
	if _, err := g.Send(t.Context(), clerk(commune), id); !errors.Is(err, errBroken) {
		t.Errorf("sent: %v", err)
	}
	g.Identity.Signer = key
	if _, err := g.Send(t.Context(), clerk(commune), id); err != nil {
		t.Error(err)
	}
}
