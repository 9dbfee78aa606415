package exchange

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// maxOwed is how many deliveries are looked at for one batch: with it memory is bounded, however long a gateway was away.
const maxOwed = 4096

// batch is what goes to one gateway at once.
type batch struct {
	directory  *Directory
	node       Node
	at         time.Time
	frames     []Frame
	headers    map[MessageID]Header // of document messages
	deliveries map[owedKey]Delivery
	blobs      []Digest
}

type owedKey struct {
	message MessageID
	office  OfficeID
}

// answered is an answer that ends a delivery, with the receipt that proves it.
type answered struct {
	Answer
	delivery Delivery
	receipt  Receipt
}

// nextBatch gathers what is owed to the gateway, urgent lanes first: a frame for each message.
func (g *Gateway) nextBatch(ctx context.Context, id NodeID, part window) (batch, error) {
	directory := g.Directory()
	node, err := directory.Node(id)
	if err != nil {
		return batch{}, err
	}
	made := batch{directory: directory, node: node}
	err = g.Records.View(ctx, func(tx Tx) error {
		owed, err := tx.Owed(ctx, id, maxOwed)
		if err != nil {
			return err
		}
		groups := byMessage(owed)
		if part.single {
			groups = groups[min(part.skip, len(groups)):]
			groups = groups[:min(1, len(groups))]
		}
		return made.fill(ctx, tx, groups[:min(MaxFrames, len(groups))])
	})
	if part.single && len(made.frames) == 0 && err == nil {
		g.ready().passed(id)
	}
	for _, header := range made.headers {
		made.blobs = append(made.blobs, header.Blobs()...)
	}
	slices.Sort(made.blobs)
	made.blobs = slices.Compact(made.blobs)
	return made, err
}

// byMessage groups deliveries by message, in order.
func byMessage(owed []Delivery) [][]Delivery {
	var groups [][]Delivery
	index := map[MessageID]int{}
	for _, delivery := range owed {
		i, known := index[delivery.Message]
		if !known {
			i = len(groups)
			index[delivery.Message] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], delivery)
	}
	return groups
}

func (b *batch) fill(ctx context.Context, tx Tx, groups [][]Delivery) error {
	b.frames, b.headers, b.deliveries = nil, map[MessageID]Header{}, map[owedKey]Delivery{}
	size := 0
	for _, group := range groups {
		message, err := tx.Message(ctx, group[0].Message)
		if err != nil {
			return err
		}
		if size += len(message.Sealed); size > MaxBatch && len(b.frames) > 0 {
			return nil
		}
		if message.Kind == DocumentMessage {
			if b.headers[message.ID], err = storedHeader(message); err != nil {
				return err
			}
		}
		frame := Frame{ID: message.ID, Kind: message.Kind, Sealed: message.Sealed}
		for _, delivery := range group {
			frame.To = append(frame.To, delivery.To)
			b.deliveries[owedKey{message.ID, delivery.To}] = delivery
		}
		b.frames = append(b.frames, frame)
	}
	return nil
}

// send brings the batch to its gateway and records the answers. When nothing of it is done then, that is no success
// either. To offices on this same gateway everything goes the same way, only without a line between.
func (g *Gateway) send(ctx context.Context, b batch) error {
	var answers []Answer
	var err error
	if b.node.ID == g.Node {
		answers, err = g.Receive(ctx, g.Node, b.frames)
	} else {
		answers, err = g.Carrier.Carry(ctx, b.node, b.frames, b.blobs)
	}
	if err != nil {
		return err
	}
	b.at = g.now()
	done, err := g.settle(ctx, b, answers)
	if err == nil && done == 0 {
		return Errorf(Unavailable, "delivery.later", "nothing was taken of %d frames", len(b.frames))
	}
	return err
}

// match finds the deliveries that the answers end. An answer without the receipt that must prove it ends nothing.
func (b *batch) match(ctx context.Context, g *Gateway, answers []Answer) []answered {
	var done []answered
	for _, answer := range answers {
		key := owedKey{answer.ID, answer.To}
		delivery, owed := b.deliveries[key]
		if !owed || answer.Outcome == Later || answer.Outcome == Missing {
			continue
		}
		found := answered{Answer: answer, delivery: delivery}
		header, isDocument := b.headers[answer.ID]
		switch {
		case !slices.Contains([]Outcome{Taken, Duplicate, Rejected, Clash}, answer.Outcome):
			continue
		case isDocument && (answer.Outcome == Taken || answer.Outcome == Duplicate):
			receipt, err := b.proof(header, answer)
			if err != nil {
				g.Log.LogAttrs(ctx, slog.LevelError, "an answer without proof", slog.String("peer", string(b.node.ID)),
					slog.String("document", string(header.ID)), slog.Any("error", err))
				continue
			}
			found.receipt = receipt
		default:
			found.Receipt = nil
		}
		delete(b.deliveries, key)
		done = append(done, found)
	}
	return done
}

// proof checks the receipt of an answer: sealed by the gateway that answered, about this document at this office.
func (b *batch) proof(header Header, answer Answer) (Receipt, error) {
	receipt, err := OpenReceipt(b.directory, answer.Receipt)
	if err != nil {
		return Receipt{}, err
	}
	if receipt.Node != b.node.ID || receipt.Office != answer.To || receipt.Status != Arrived && receipt.Status != Carried {
		return Receipt{}, Errorf(Untrusted, "receipt.false", "receipt %s of %s about %s: %s",
			receipt.ID, receipt.Node, receipt.Office, receipt.Status)
	}
	return receipt, receipt.about(header)
}

func (g *Gateway) alarmAnswers(ctx context.Context, b batch, done []answered) {
	for _, answered := range done {
		if answered.Outcome == Rejected || answered.Outcome == Clash {
			g.Log.LogAttrs(ctx, slog.LevelError, "delivery refused", slog.String("peer", string(b.node.ID)),
				slog.String("id", string(answered.ID)), slog.String("office", string(answered.To)),
				slog.String("outcome", string(answered.Outcome)), slog.String("code", answered.Code))
		}
	}
}
