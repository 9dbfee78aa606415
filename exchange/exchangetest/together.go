package exchangetest

import (
	"crypto"
	"io"
	"sync"
	"testing"
	"testing/synctest"

	"congvan/exchange"
)

// slowKey is a key whose first signature takes until it is let go on.
type slowKey struct {
	crypto.Signer
	on    chan struct{}
	mutex sync.Mutex
	count int // guarded by mutex
}

// Sign waits and signs.
func (k *slowKey) Sign(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	k.mutex.Lock()
	k.count++
	k.mutex.Unlock()
	<-k.on
	return k.Signer.Sign(random, digest, options)
}

// SendTogether sends the first document, and the others while its header is being sealed: they are sealed with each
// other. It gives how many signatures were made, and runs in a bubble of testing/synctest.
func (w *World) SendTogether(
	t *testing.T, node exchange.NodeID, office exchange.OfficeID, documents []exchange.DocumentID,
) int {
	t.Helper()
	g := w.Gateways[node]
	key := &slowKey{Signer: g.Identity.Signer, on: make(chan struct{})}
	g.Identity.Signer = key
	defer func() { g.Identity.Signer = key.Signer }()
	var sends sync.WaitGroup
	for _, id := range documents {
		sends.Go(func() {
			if _, err := g.Send(t.Context(), Clerk(office), id); err != nil {
				t.Errorf("send %s: %v", id, err)
			}
		})
		synctest.Wait()
	}
	close(key.on)
	sends.Wait()
	return key.count
}
