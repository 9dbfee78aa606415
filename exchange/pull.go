package exchange

import (
	"context"
	"log/slog"
	"time"
)

// A gateway that nobody can call, behind an address that is not its own, asks its uplink for what is owed to it. What
// it takes in and what it answers is the same as when it is brought.

// Puller is a [Carrier] that can also ask.
type Puller interface {
	Carrier
	// Pull tells the gateway the answers to what it gave last, and asks for what it owes this one. It waits a while
	// when that is nothing. The files of what it gives are in Blobs when it returns.
	Pull(ctx context.Context, from Node, answers []Answer) ([]Frame, error)
}

// Owing gives what is owed to a gateway that asks for it, with the files that go with it; when that is nothing, it
// waits so long for something. It is given again until [Gateway.Answered] ends it.
func (g *Gateway) Owing(ctx context.Context, id NodeID, wait time.Duration) ([]Frame, []Digest, error) {
	patience := time.NewTimer(wait)
	defer patience.Stop()
	again := time.NewTicker(reconcileEvery) // another instance may have written it
	defer again.Stop()
	for {
		news := g.ready().news()
		owed, err := g.nextBatch(ctx, id, window{}, nil)
		if err != nil || len(owed.frames) > 0 {
			return owed.frames, owed.blobs, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, Errorf(Unavailable, "delivery.later", "wait for news: %w", ctx.Err())
		case <-patience.C:
			return nil, nil, nil
		case <-news:
		case <-again.C:
		}
	}
}

// Answered records the answers of a gateway to what it was given. Answers to what is not owed to it change nothing,
// and those whose receipt proves nothing neither: it is given the same again.
func (g *Gateway) Answered(ctx context.Context, id NodeID, answers []Answer) error {
	if len(answers) == 0 {
		return nil
	}
	owed, err := g.nextBatch(ctx, id, window{}, nil)
	if err != nil {
		return err
	}
	owed.at = g.now()
	_, err = g.settle(ctx, owed, answers)
	return err
}

// pullLoop asks the uplink until ctx ends, when the directory says that this gateway cannot be called.
func (g *Gateway) pullLoop(ctx context.Context) {
	puller, able := g.Carrier.(Puller)
	own, err := g.Directory().Node(g.Node)
	if err != nil || !own.Pulls || !able {
		return
	}
	var answers []Answer
	wait, failures := time.Duration(0), 0
	for sleep(ctx, wait) {
		if answers, err = g.pull(ctx, puller, answers); err == nil {
			wait, failures = 0, 0
			continue
		}
		// The answers are lost with the line; the same frames come again and are answered as duplicates.
		answers = nil
		wait = min(longestPullWait, firstWait+jitter(2*max(wait, firstWait), g.random()))
		if failures++; failures&(failures-1) == 0 && ctx.Err() == nil {
			g.Log.LogAttrs(ctx, slog.LevelWarn, "uplink not reached",
				slog.String("peer", string(own.Uplink)), slog.Int("failures", failures), slog.Any("error", err))
		}
	}
}

// longestPullWait is how long a gateway that pulls leaves its uplink alone after failures. Only it can notice that the
// line is back.
const longestPullWait = 30 * time.Second

// pull asks once and takes in what comes.
func (g *Gateway) pull(ctx context.Context, puller Puller, answers []Answer) ([]Answer, error) {
	own, err := g.Directory().Node(g.Node)
	if err != nil {
		return nil, err
	}
	uplink, err := g.Directory().Node(own.Uplink)
	if err != nil {
		return nil, err
	}
	frames, err := puller.Pull(ctx, uplink, answers)
	if err != nil || len(frames) == 0 {
		return nil, err
	}
	return g.Receive(ctx, uplink.ID, frames)
}

// sleep waits, and says whether ctx still lives.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
