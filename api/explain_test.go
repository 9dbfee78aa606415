package api_test

import (
	"strings"
	"testing"

	"congvan/exchange"
)

func TestEveryStageOfADocumentIsExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	leader := w.commune.client(t, leaderName, commune, exchange.Leader)
	document, err := clerk.Submit(ctx, submission("H42.09"))
	must(t, err)
	explained := func(words ...string) {
		t.Helper()
		explanation, err := clerk.Explain(ctx, document.ID)
		must(t, err)
		if len(explanation.Paragraphs) != 1 {
			t.Fatalf("%d paragraphs", len(explanation.Paragraphs))
		}
		for _, word := range words {
			if !strings.Contains(explanation.Paragraphs[0].Text, word) {
				t.Errorf("%q is not in %q", word, explanation.Paragraphs[0].Text)
			}
		}
	}
	explained("waits for the signature")
	_, err = leader.Sign(ctx, document.ID)
	must(t, err)
	explained("to number and seal")
	_, err = clerk.Seal(ctx, document.ID)
	must(t, err)
	explained("waits for the clerk to issue")
	_, err = clerk.Send(ctx, document.ID)
	must(t, err)
	explained("queued", "cong-tinh", "waiting: 1")
	must(t, w.commune.gateway.DeliverNow(ctx))
	explained("Arrived at the recipient", "not decided yet")
	_, err = w.province.gateway.Judge(ctx)
	must(t, err)
	receiver := w.province.client(t, "Lê Văn Cường", department, exchange.Clerk)
	inbox, err := receiver.Inbox(ctx, exchange.Page{})
	must(t, err)
	_, err = receiver.Refuse(ctx, inbox.Items[0].ID, "Văn bản gửi nhầm cơ quan nhận")
	must(t, err)
	must(t, w.province.gateway.DeliverNow(ctx))
	explained("Refused", "Lê Văn Cường", "gửi nhầm cơ quan nhận")
	there, err := receiver.Explain(ctx, document.ID)
	if err != nil || len(there.Paragraphs) != 1 || !strings.Contains(there.Paragraphs[0].Text, "Refused (") {
		t.Errorf("at the recipient: %+v, %v", there, err)
	}
	stranger := w.province.client(t, "Phạm Thị Dung", province, exchange.Clerk)
	if _, err := stranger.Explain(ctx, document.ID); exchange.KindOf(err) != exchange.NotFound {
		t.Errorf("to another office: %v", err)
	}
}
