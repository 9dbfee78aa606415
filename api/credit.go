package api

import (
	"context"

	"congvan/exchange"
)

// Load is what a gateway has left, and what it has still to do.
type Load struct {
	Disk    float64 // the share of the disk that is free; 1 where it is not known
	Waiting int     // arrivals that nobody has judged yet, counted up to [MaxWaiting] or further
}

// From here on other gateways are asked to bring less at once: so much of the disk is free, so many arrivals wait.
const (
	lowDisk     = 0.1
	manyWaiting = 1000
	// MaxWaiting is how far what waits need be counted: with so much, batches are as small as with more.
	MaxWaiting = 64 * manyWaiting
)

// credit says what may come next: in the proportion of the places that are free, of the last tenth of the disk, and of
// what waits to be judged, whichever is the least. It is never nothing, because a small batch is how the other side
// learns that there is room again.
func (s *PeerServer) credit(ctx context.Context) *Credit {
	free, most := s.places.free()
	share := float64(free) / float64(most)
	if s.config.Load != nil {
		load := s.config.Load(ctx)
		share = min(share, load.Disk/lowDisk, manyWaiting/float64(max(load.Waiting, 1)))
	}
	credit := fullCredit()
	credit.File = maxBody
	credit.Frames = max(1, int(float64(credit.Frames)*share))
	credit.Bytes = max(exchange.MaxSealed*2, int64(float64(credit.Bytes)*share))
	return &credit
}
