package exchangetest

import (
	"context"
	"maps"
	"slices"
	"time"

	"congvan/exchange"
)

// sessionFacts are what the double keeps of signing sessions.
type sessionFacts struct {
	sessions map[exchange.SessionID]exchange.Session
	links    map[exchange.Digest]exchange.SessionLink
}

func (f sessionFacts) clone() sessionFacts {
	return sessionFacts{maps.Clone(f.sessions), maps.Clone(f.links)}
}

func (t *transaction) AddSession(_ context.Context, session exchange.Session) error {
	if _, known := t.facts.sessions[session.ID]; known {
		return exchange.Errorf(exchange.Conflict, "session.known", "%s", session.ID)
	}
	t.facts.sessions[session.ID] = session
	return nil
}

func (t *transaction) Session(
	_ context.Context, office exchange.OfficeID, id exchange.SessionID,
) (exchange.Session, error) {
	session, known := t.facts.sessions[id]
	if !known || session.Office != office {
		return exchange.Session{}, notFound("session.not_found")
	}
	session.Parts = slices.Clone(session.Parts)
	return session, nil
}

func (t *transaction) FinishSession(
	_ context.Context, id exchange.SessionID, wanted exchange.PartID, outcome exchange.SessionOutcome,
) error {
	session := t.facts.sessions[id]
	session.Parts = slices.Clone(session.Parts)
	for i := range session.Parts {
		if part := &session.Parts[i]; part.PartID == wanted {
			if part.Outcome != nil {
				return exchange.Errorf(exchange.Conflict, "session.finished", "%s", id)
			}
			part.Outcome = &outcome
		}
	}
	t.facts.sessions[id] = session
	return nil
}

func (t *transaction) ForgetPrepared(_ context.Context, at time.Time, limit int) (int, error) {
	count := 0
	for id, session := range t.facts.sessions {
		session.Parts = slices.Clone(session.Parts)
		for i := range session.Parts {
			part := &session.Parts[i]
			if count < limit && len(part.Prepared) > 0 && (part.Outcome != nil || !at.Before(session.ExpiresAt)) {
				part.Prepared = nil
				count++
			}
		}
		t.facts.sessions[id] = session
	}
	return count, nil
}

func (t *transaction) AddSessionLinks(_ context.Context, links []exchange.SessionLink) error {
	for _, link := range links {
		t.facts.links[link.Hash] = link
	}
	return nil
}

func (t *transaction) SessionLink(_ context.Context, hash exchange.Digest) (exchange.SessionLink, error) {
	link, known := t.facts.links[hash]
	if !known {
		return exchange.SessionLink{}, notFound("session.no_such_link")
	}
	return link, nil
}
