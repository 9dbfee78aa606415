package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
)

const actTakenOver = "arrival.taken_over"

// movement is a line of the log about what an office that ended has left: handed on by its gateway, or taken over. The
// gateway that hands on names its arrival.
type movement struct {
	act, arrival, peer, heir string
}

// transfers wants what an office that ended left open to be handed on once, and only what is there to be marked so. The
// marks are read before the log, which has each of them in the same transaction.
func (a auditing) transfers(ctx context.Context) error {
	marks, err := a.marks(ctx)
	if err != nil {
		return err
	}
	said := map[movement]bool{}
	err = a.movements(ctx, a.DB, func(document string, line movement) error {
		if line.arrival == "" {
			return a.takenOver(ctx, document, line)
		}
		said[line] = true
		return nil
	})
	if err != nil {
		return err
	}
	gone := map[string]string{}
	for _, mark := range marks {
		if before, twice := gone[mark.arrival]; twice {
			a.result.fault(mark.arrival, "handed on to %s, and to %s", before, mark.heir)
		}
		gone[mark.arrival] = mark.heir
		if !said[movement{actTakenOver, mark.arrival, mark.node, mark.heir}] {
			a.result.fault(mark.arrival, "marked as handed on to %s, and the log does not have it", mark.heir)
		}
		if err := a.handed(ctx, mark); err != nil {
			return err
		}
	}
	return a.unmarked(ctx, said)
}

// unmarked wants a mark for what the log says was taken over. The rest is handed on again until the other gateway
// proves that it is there.
func (a auditing) unmarked(ctx context.Context, said map[movement]bool) error {
	for line := range said {
		taken := movement{actTakenOver, line.arrival, line.peer, line.heir}
		if line != taken && said[taken] {
			continue
		}
		a.result.Looked++
		if line != taken {
			a.result.Open++
			continue
		}
		found, err := one(ctx, a.DB, "select 1 from transferred where arrival = $1 and heir = $2 and node = $3",
			[]any{line.arrival, line.heir, line.peer}, new(int))
		if err != nil {
			return err
		}
		if !found {
			a.result.fault(line.arrival, "the log says that %s has taken it over, and it is not marked", line.peer)
		}
	}
	return nil
}

// movements reads the lines of a log about what was handed on. One that cannot be read is found by the check of the
// tree.
func (auditing) movements(ctx context.Context, db *sql.DB, do func(document string, line movement) error) error {
	text := "select l.document, l.leaf from log l where " + anyAct("transferred", "taken_over") + " order by l.leaf_index"
	return each(ctx, db, text, func(rows *sql.Rows) error {
		var document, leaf string
		if err := rows.Scan(&document, &leaf); err != nil {
			return err
		}
		var entry struct {
			Act    string `json:"act"`
			Detail struct {
				Arrival string `json:"arrival"`
				Peer    string `json:"peer"`
				Heir    string `json:"heir"`
			} `json:"detail"`
		}
		if readable := json.Unmarshal([]byte(leaf), &entry) == nil; !readable {
			return nil
		}
		return do(document, movement{entry.Act, entry.Detail.Arrival, entry.Detail.Peer, entry.Detail.Heir})
	})
}

// takenOver wants what was taken over here to have been handed on by the other gateway.
func (a auditing) takenOver(ctx context.Context, document string, line movement) error {
	there := a.at(line.peer)
	if there == nil {
		return nil
	}
	a.result.Looked++
	found := false
	err := a.movements(ctx, there.DB, func(handed string, other movement) error {
		found = found || handed == document && other.act != actTakenOver && other.peer == a.node
		return nil
	})
	if err == nil && !found {
		a.result.fault(document, "taken over from %s, whose log does not have that it was handed on", there.Name)
	}
	return err
}

// mark is that an arrival at an office that ended is at another gateway now.
type mark struct{ arrival, document, office, heir, node string }

// marks reads what is marked so. Where who goes on is here, nothing has moved.
func (a auditing) marks(ctx context.Context) (list []mark, err error) {
	const text = "select t.arrival, t.heir, t.node, coalesce(a.document, ''), coalesce(a.office, '') from transferred t " +
		"left join arrival a on a.id = t.arrival order by t.at, t.arrival"
	err = each(ctx, a.DB, text, func(rows *sql.Rows) error {
		var found mark
		err := rows.Scan(&found.arrival, &found.heir, &found.node, &found.document, &found.office)
		if a.result.Looked++; found.node != a.node {
			list = append(list, found)
		}
		return err
	})
	return list, err
}

// handed wants what was handed on to be at the one gateway that has taken it over, for each office that it came for.
func (a auditing) handed(ctx context.Context, gone mark) error {
	const came = "select distinct case when for_office = '' then office else for_office end from receipt " +
		"where document = $1 and office = $2 and node = $3 and status = '01'"
	var offices []string
	err := each(ctx, a.DB, came, func(rows *sql.Rows) error {
		var office string
		err := rows.Scan(&office)
		offices = append(offices, office)
		return err
	}, gone.document, gone.office, a.node)
	if err != nil {
		return err
	}
	if len(offices) == 0 {
		a.result.fault(gone.document, "marked as handed on to %s, and never came to %s", gone.heir, gone.office)
	}
	for _, office := range offices {
		places, err := a.placesOf(ctx, gone, office)
		if err != nil {
			return err
		}
		for _, place := range places {
			if place != gone.node {
				a.result.fault(gone.document, "handed on to %s at %s, and at %s, too", gone.heir, gone.node, place)
			}
		}
		if a.at(gone.node) != nil && !slices.Contains(places, gone.node) {
			a.result.fault(gone.document, "marked as handed on to %s at %s, and it is not there for %s", gone.heir, gone.node,
				office)
		}
	}
	return nil
}

// placesOf lists the other gateways at which the document has arrived at the heir for an office.
func (a auditing) placesOf(ctx context.Context, gone mark, office string) ([]string, error) {
	const there = "select 1 from receipt r join arrival v on v.document = r.document and v.office = r.office " +
		"where r.document = $1 and r.office = $2 and r.for_office = $3 and r.node = $4 and r.status = '01'"
	var places []string
	for _, gateway := range a.all {
		if gateway.node == "" || gateway.node == a.node {
			continue
		}
		found, err := one(ctx, gateway.DB, there, []any{gone.document, gone.heir, office, gateway.node}, new(int))
		if err != nil {
			return nil, err
		}
		if found {
			places = append(places, gateway.node)
		}
	}
	return places, nil
}
