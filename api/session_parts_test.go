package api_test

import (
	"bytes"
	"testing"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
)

// annexed hands in a document with attachments that its leader has signed with a key that the gateway holds.
func (o *outside) annexed(t *testing.T, words string, annexes ...string) exchange.DocumentID {
	t.Helper()
	submission := api.Submission{
		Draft: draft("H42.09"), File: api.NamedFile{Name: words + ".pdf", Content: bytes.NewReader(letter(words))},
	}
	for _, annex := range annexes {
		submission.Attachments = append(submission.Attachments,
			api.NamedFile{Name: annex + ".pdf", Content: bytes.NewReader(letter(words, annex))})
	}
	submitted, err := o.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk).Submit(t.Context(), submission)
	must(t, err)
	_, err = o.commune.client(t, leaderName, commune, exchange.Leader).Sign(t.Context(), submitted.ID)
	must(t, err)
	return submitted.ID
}

// sealPart brings one part of a session to the tool on the desk and back, and gives what the tool is told.
func (o *outside) sealPart(t *testing.T, session api.SigningSession, part api.SessionDocument) toolAnswer {
	t.Helper()
	desk := tool{outside: o}
	o.call(t, "POST /signing-sessions/"+string(session.ID)+"/links", o.clerkToken,
		map[string]any{"document": part.ID, "attachment": part.Attachment}, &desk.links)
	answer, _ := desk.upload(t, "uploadfile", desk.sign(t, desk.download(t), o.seal))
	return answer
}

// A clerk seals several documents in one session: each is finished by itself, its attachments first, and what is left
// lying stays open.
func TestTheDocumentsOfASessionAreFinishedEachByItself(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	first, second := o.annexed(t, "mot", "Phụ lục I", "Phụ lục II"), o.annexed(t, "hai", "Biểu mẫu")
	session := o.begin(t, exchange.StepSealed, certs.Identity{}, first, second)
	if len(session.Documents) != 5 {
		t.Fatalf("%+v", session.Documents)
	}
	step := func(id exchange.DocumentID) exchange.Step {
		t.Helper()
		document, err := o.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk).Document(t.Context(), id)
		must(t, err)
		return document.Step
	}
	sealed := map[exchange.DocumentID]int{}
	for _, id := range []exchange.DocumentID{second, first} { // not in the order of the session
		for _, part := range session.Documents {
			if part.ID != id {
				continue
			}
			if step(id) == exchange.StepSealed {
				t.Errorf("%s is sealed before its attachment %d", id, part.Attachment)
			}
			if answer := o.sealPart(t, session, part); !answer.Status {
				t.Errorf("%s %d: %+v", id, part.Attachment, answer)
			}
			sealed[id]++
		}
		if step(id) != exchange.StepSealed {
			t.Errorf("%s is %s after all its parts", id, step(id))
		}
		if id == second && step(first) != exchange.StepNumbered {
			t.Errorf("%s is %s before its turn", first, step(first))
		}
		var now api.SigningSession
		o.call(t, "GET /signing-sessions/"+string(session.ID), o.clerkToken, nil, &now)
		if open := now.State == "open"; open != (id == second) {
			t.Errorf("after %s the session is %s", id, now.State)
		}
	}
	if sealed[first] != 3 || sealed[second] != 2 {
		t.Errorf("parts: %v", sealed)
	}
	o.passes(t, first, second)
}

func TestADocumentIsNotSealedBeforeItsAttachments(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	id := o.annexed(t, "ba", "Phụ lục")
	session := o.begin(t, exchange.StepSealed, certs.Identity{}, id)
	whole := session.Documents[len(session.Documents)-1]
	if whole.Attachment != 0 {
		t.Fatalf("%+v", session.Documents)
	}
	answer := o.sealPart(t, session, whole)
	if answer.Status || answer.Message == "" {
		t.Errorf("the document was sealed without its attachment: %+v", answer)
	}
}
