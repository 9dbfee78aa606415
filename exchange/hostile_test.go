package exchange_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/exchange"
)

// resealed seals the content of a message as it was changed by hand: no encoder writes it.
func resealed(t *testing.T, sealed []byte, by certs.Identity, change func(content []byte) []byte) []byte {
	t.Helper()
	parsed, err := cms.Parse(sealed)
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := cms.SchemeFor(by.Signer.Public(), cms.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	forged, err := cms.Sign(by.Signer, cms.Draft{
		Scheme: scheme, Certificate: by.Certificate, Content: change(bytes.Clone(parsed.Content)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return forged
}

// A header that says a thing twice could be read in two ways under one seal.
func TestAHeaderThatSaysAThingTwiceIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	honest := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	own := people(t).Nodes[communeNode]
	front := func(text string) func([]byte) []byte {
		return func(content []byte) []byte { return append([]byte("{"+text+","), content[1:]...) }
	}
	for name, change := range map[string]func([]byte) []byte{
		"the subject twice":             front(`"subject":"Báo cáo khác"`),
		"the subject in capitals":       front(`"SUBJECT":"Báo cáo khác"`),
		"the subject with a long s":     front(`"ſubject":"Báo cáo khác"`),
		"the recipients twice":          front(`"to":["` + string(province) + `"]`),
		"the file twice":                front(`"main":{"name":"b.pdf"}`),
		"a new thing twice":             front(`"later":1,"later":2`),
		"a thing twice deep in another": front(`"later":[{"a":[{"b":1,"b":2}]}]`),
		"the digest of the file twice": func(content []byte) []byte {
			return bytes.Replace(content, []byte(`"main":{`), []byte(`"main":{"digest":"",`), 1)
		},
	} {
		frame := honest
		frame.Sealed = resealed(t, honest.Sealed, own, change)
		answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{frame})
		if err != nil || len(answers) != 1 || answers[0].Code != "message.unreadable" {
			t.Errorf("%s: %+v, %v", name, answers, err)
		}
	}
	if len(w.Memories[districtNode].Facts().Messages) > 0 {
		t.Error("something was taken")
	}
	frame := honest
	frame.Sealed = resealed(t, honest.Sealed, own,
		front(`"later":{"subject":"x","list":[1,"subject","subject",{"subject":"y"}]},"z":"later"`))
	answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{frame})
	if err != nil || len(answers) != 1 || answers[0].Outcome != exchange.Taken {
		t.Errorf("what a newer gateway says once: %+v, %v", answers, err)
	}
}

// Whoever answers for offices that were not asked about, many times, or in another order, ends only what was asked.
func TestAnswersForOfficesThatWereNotAskedCountForNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district, province)
	honest := w.Gateways[communeNode].Carrier
	var true01 []exchange.Answer
	w.Gateways[communeNode].Carrier = lyingAfter(func(
		frames []exchange.Frame, answers []exchange.Answer,
	) []exchange.Answer {
		true01 = answers
		var lies []exchange.Answer
		for n := range 1000 {
			lies = append(lies,
				exchange.Answer{ID: frames[0].ID, To: exchange.OfficeID(fmt.Sprint(n)), Outcome: exchange.Rejected},
				exchange.Answer{ID: frames[0].ID, To: interior, Outcome: exchange.Taken, Receipt: answers[0].Receipt},
				exchange.Answer{ID: exchange.MessageID(id(n)), To: district, Outcome: exchange.Clash})
		}
		// The receipt of one office for the other, too.
		return append(lies, exchange.Answer{
			ID: answers[0].ID, To: answers[1].To, Outcome: exchange.Taken, Receipt: answers[0].Receipt,
		})
	}, honest)
	err := w.Gateways[communeNode].DeliverNow(t.Context())
	if exchange.KindOf(err) != exchange.Unavailable || exchange.CodeOf(err) != "delivery.later" || len(true01) != 2 {
		t.Fatalf("%v after %d answers", err, len(true01))
	}
	w.Gateways[communeNode].Carrier = lyingAfter(func(
		_ []exchange.Frame, answers []exchange.Answer,
	) []exchange.Answer {
		return append(answers, exchange.Answer{ID: answers[0].ID, To: answers[0].To, Outcome: exchange.Rejected, Code: "x"})
	}, honest)
	if err := w.Gateways[communeNode].DeliverNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	progress, err := reader(w.Gateways[communeNode]).Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil || len(progress) != 2 {
		t.Fatalf("%+v, %v", progress, err)
	}
	for _, recipient := range progress {
		if recipient.Status() != exchange.Arrived && recipient.Status() != exchange.Carried {
			t.Errorf("%s is %s", recipient.Office, recipient.Status())
		}
	}
}

// lyingAfter lets the other gateway take what is brought, and then changes what it answers.
func lyingAfter(
	lie func(frames []exchange.Frame, answers []exchange.Answer) []exchange.Answer, honest exchange.Carrier,
) exchange.Carrier {
	return carrierFunc(func(
		ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
	) ([]exchange.Answer, error) {
		answers, err := honest.Carry(ctx, to, frames, blobs)
		if err != nil || len(frames) == 0 {
			return answers, err
		}
		return lie(frames, answers), nil
	})
}

type carrierFunc func(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error)

func (f carrierFunc) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	return f(ctx, to, frames, blobs)
}
