package api_test

import (
	"bytes"
	"testing"
	"time"

	"congvan/exchange"
	"congvan/signing"
)

func TestADocumentTravelsFromTheCommuneToTheDepartmentAndTheReceiptComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	leader := w.commune.client(t, leaderName, commune, exchange.Leader)

	document, err := clerk.Submit(ctx, submission("H42.09", string(province)))
	must(t, err)
	if document.Step != exchange.StepSubmitted || len(document.Recipients) != 2 ||
		document.Recipients[0].Name != "Sở Nội vụ tỉnh Ninh Bình" {
		t.Fatalf("submitted %+v", document)
	}
	if document, err = leader.Sign(ctx, document.ID); err != nil || document.Step != exchange.StepSigned {
		t.Fatalf("signed %+v, %v", document, err)
	}
	if document, err = clerk.Seal(ctx, document.ID); err != nil || document.Number != "01/UBND-VP" {
		t.Fatalf("sealed %+v, %v", document, err)
	}
	if document, err = clerk.Send(ctx, document.ID); err != nil || document.IssuedAt == nil {
		t.Fatalf("sent %+v, %v", document, err)
	}
	must(t, w.commune.gateway.DeliverNow(ctx))
	judged, err := w.province.gateway.Judge(ctx)
	if err != nil || judged != 2 {
		t.Fatalf("judged %d, %v", judged, err)
	}

	receiver := w.province.client(t, "Lê Văn Cường", department, exchange.Clerk)
	inbox, err := receiver.Inbox(ctx, exchange.Page{})
	if err != nil || len(inbox.Items) != 1 {
		t.Fatalf("inbox %+v, %v", inbox, err)
	}
	arrival := inbox.Items[0]
	if arrival.Document != document.ID || arrival.From.Name != communeName || arrival.Number != document.Number ||
		arrival.Judgement == nil {
		t.Fatalf("arrival %+v", arrival)
	}
	report, err := receiver.Report(ctx, arrival.ID)
	if err != nil || len(report.Signatures) != 2 {
		t.Fatalf("report %+v, %v", report, err)
	}
	for _, signature := range report.Signatures {
		if signature.Integrity != signing.Intact {
			t.Errorf("%s of %s is %s: %v", signature.Field, signature.Signer, signature.Integrity, signature.Reasons)
		}
	}
	var sent, got bytes.Buffer
	first, err := clerk.Content(ctx, document.ID, "", &sent)
	must(t, err)
	second, err := receiver.ArrivalContent(ctx, arrival.ID, "", &got)
	must(t, err)
	if first != second || !bytes.Equal(sent.Bytes(), got.Bytes()) || first != document.File.Digest {
		t.Errorf("sent %s, got %s", first, second)
	}

	if arrival, err = receiver.Accept(ctx, arrival.ID); err != nil || arrival.Status != exchange.Accepted {
		t.Fatalf("accepted %+v, %v", arrival, err)
	}
	must(t, w.province.gateway.DeliverNow(ctx))
	timeline, err := clerk.Timeline(ctx, document.ID)
	must(t, err)
	if len(timeline.Recipients) != 2 || timeline.Recipients[0].Status != exchange.Accepted ||
		len(timeline.Recipients[0].Receipts) < 2 || len(timeline.Recipients[0].Receipts[0].Sealed) == 0 {
		t.Errorf("timeline %+v", timeline.Recipients)
	}
	for _, event := range timeline.Events {
		if event.Words == "" || event.At.After(time.Now()) {
			t.Errorf("event %+v", event)
		}
	}
	theirs, err := receiver.Timeline(ctx, document.ID)
	if err != nil || len(theirs.Events) == 0 || len(theirs.Recipients) != 0 {
		t.Errorf("the recipient's timeline %+v, %v", theirs, err)
	}
}
