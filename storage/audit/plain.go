package audit

import (
	"context"
	"database/sql"
	"strings"
)

// question is a check in SQL: how many things there are, and which of them are wrong, each with a word on why.
type question struct {
	count  string
	faults []string
}

// questions are the checks that one gateway's records answer by themselves.
var questions = map[string]question{
	Answers: {
		count: "select count(*) from delivery",
		faults: []string{
			"select delivery, 'answered twice' from acknowledgement group by delivery having count(*) > 1",
			"select a.delivery, 'an answer without a delivery' from acknowledgement a left join delivery d " +
				"on d.id = a.delivery where d.id is null",
			"select d.id, case when a.delivery is null then 'neither answered nor owed: it is lost' " +
				"else 'answered, and owed still' end from delivery d left join acknowledgement a on a.delivery = d.id " +
				"left join owed o on o.delivery = d.id where (a.delivery is null) = (o.delivery is null)",
		},
	},
	Arrivals: {
		count: "select count(*) from arrival",
		faults: []string{
			"select document || ' ' || office, 'arrived more than once' from arrival " +
				"group by document, office having count(*) > 1",
			"select a.document || ' ' || a.office, 'arrived without a receipt' from arrival a where not exists " +
				"(select 1 from receipt r where r.document = a.document and r.office = a.office and r.status = '01')",
			"select a.document || ' ' || a.office, 'arrived without its message' from arrival a left join message m " +
				"on m.id = a.document where m.id is null",
		},
	},
	Duplicates: {
		count: "select count(*) from acknowledgement where outcome in ('accepted', 'duplicate')",
		faults: []string{
			"select d.message || ' ' || d.to_office, 'the answer is not the receipt' from acknowledgement a " +
				"join delivery d on d.id = a.delivery join message m on m.id = d.message and m.kind = 'document' " +
				"where a.outcome in ('accepted', 'duplicate') and not exists (select 1 from receipt r " +
				"where r.document = d.message and r.office = d.to_office and r.sealed = a.receipt)",
			"select document || ' ' || office, 'a gateway has given two receipts of arrival' from receipt " +
				"where status = '01' group by document, office, for_office, node having count(*) > 1",
		},
	},
	Verdicts: {
		count: "select count(*) from receipt where status in ('01', '02', '03', 'undeliverable')",
		faults: []string{
			"select document || ' ' || office, 'both accepted and refused' from receipt where status in ('02', '03') " +
				"group by document, office, node having count(distinct status) > 1",
			// Each delivery ends with an arrival or with one failure; refusals at doors say themselves what they answer.
			"select r.document || ' ' || r.office, 'both arrived and not delivered' from receipt r " +
				"where r.status = '01' and exists (select 1 from delivery d where d.message = r.document and " +
				"d.to_office = r.office) and (select count(*) from receipt u where u.document = r.document and " +
				"u.office = r.office and u.status = 'undeliverable' and u.from_node = '') + (select count(*) from delivery d " +
				"join acknowledgement a on a.delivery = d.id where d.message = r.document and d.to_office = r.office and " +
				"a.outcome in ('refused', 'conflict') and length(a.receipt) = 0 and " +
				"d.message in (select document from issued)) >= " +
				"(select count(*) from delivery d where d.message = r.document and d.to_office = r.office)",
			contradictions,
		},
	},
	Unseen: {
		count: "select count(*) from withdrawn",
		faults: []string{
			"select a.document || ' ' || a.office, 'withdrawn unseen, and shown to ' || s.by_whom from withdrawn w " +
				"join arrival a on a.id = w.arrival join shown s on s.arrival = w.arrival",
			"select a.document || ' ' || a.office, 'withdrawn unseen, and line ' || l.leaf_index || ' of the log is ' || " +
				"l.leaf from withdrawn w join arrival a on a.id = w.arrival join log l on l.document = a.document and " +
				"l.office = a.office where " + anyAct("shown", "handed_over", "accepted", "refused", "filed"),
			"select a.document || ' ' || a.office, 'withdrawn unseen, and receipt ' || r.status from withdrawn w " +
				"join arrival a on a.id = w.arrival join receipt r on r.document = a.document and " + aboutIt +
				" where r.status in ('02', '03', '04', '05', '06', '13', '16')",
			"select a.document || ' ' || a.office, case when w.arrival is null then 'said to be withdrawn unseen, and is not' " +
				"else 'withdrawn unseen, and nobody was told' end from arrival a left join withdrawn w on w.arrival = a.id " +
				"left join receipt r on r.document = a.document and " + aboutIt + " and r.status = '15' and " +
				"r.reason = 'recall.withdrawn_unseen' where (w.arrival is null) <> (r.id is null)",
		},
	},
	Registers: {
		count: "select count(*) from numbering",
		faults: []string{
			"select office || ' ' || direction || ' ' || book || ' ' || year, 'numbers ' || min(number) || ' to ' || " +
				"max(number) || ', ' || count(*) || ' of them' from numbering group by office, direction, book, year " +
				"having min(number) <> 1 or max(number) <> count(*) or count(distinct number) <> count(*)",
			"select n.subject, 'a number without its document' from numbering n left join document d on d.id = n.subject " +
				"left join arrival a on a.id = n.subject where d.id is null and a.id is null",
			"select i.document, 'issued without a number' from issued i left join numbering n on n.subject = i.document " +
				"where n.subject is null",
		},
	},
	Judging: {
		count: "select count(*) from arrival",
		faults: []string{
			"select a.id, case when j.arrival is null then 'neither judged nor waiting for it' " +
				"else 'judged, and waiting still' end from arrival a " +
				"left join (select distinct arrival from judgement) j on j.arrival = a.id " +
				"left join unjudged u on u.arrival = a.id where (j.arrival is null) = (u.arrival is null)",
		},
	},
}

// aboutIt is the condition that a receipt r is about an arrival a: also one that who keeps the documents of a closed
// office states.
const aboutIt = "(r.office = a.office and r.arrival = '' or r.arrival = a.id)"

// anyAct is the condition that a leaf of the log is about one of these acts on an arrival.
func anyAct(acts ...string) string {
	for i, act := range acts {
		acts[i] = `l.leaf like '{"at":"%","act":"arrival.` + act + `",%'`
	}
	return "(" + strings.Join(acts, " or ") + ")"
}

// plain asks the questions of a check.
func (a auditing) plain(ctx context.Context) error {
	asked := questions[a.result.Check]
	if _, err := one(ctx, a.DB, asked.count, nil, &a.result.Looked); err != nil {
		return err
	}
	for _, text := range asked.faults {
		err := each(ctx, a.DB, text, func(rows *sql.Rows) error {
			var subject, detail string
			err := rows.Scan(&subject, &detail)
			a.result.fault(subject, "%s", detail)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pages asks the database about its own pages. That it cannot even say so is a finding too.
func (a auditing) pages(ctx context.Context) error {
	if _, err := one(ctx, a.DB, "select page_count from pragma_page_count", nil, &a.result.Looked); err != nil {
		return err
	}
	err := each(ctx, a.DB, a.Pages, func(rows *sql.Rows) error {
		var damage string
		err := rows.Scan(&damage)
		a.result.fault(Pages, "%.400s", damage)
		return err
	})
	if err != nil && ctx.Err() == nil {
		a.result.fault(Pages, "%v", err)
		return nil
	}
	return err
}
