package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// addressee is, of a row of receipts, the office that the document was addressed to.
func addressee(row string) string {
	return "coalesce(nullif(" + row + ".for_office, ''), " + row + ".office)"
}

// contradictions are what no honest gateway states: a refusal at its door, and in answer to the same question that it
// took the document, or another refusal.
var contradictions = "select u.document || ' ' || u.office, 'refused by ' || u.node || ', and ' || r.status " +
	"from receipt u join receipt r on r.document = u.document and r.node = u.node and r.id <> u.id and " +
	addressee("r") + " = " + addressee("u") + " and r.after_refusal = u.after_refusal " +
	"where u.status = 'undeliverable' and u.from_node <> '' and (r.status = '01' or r.status = 'carried' and " +
	"u.from_node <> u.node or r.status = 'undeliverable' and r.from_node <> '' and r.message = u.message)"

// refusedHere wants what was refused at this gateway's door not to be taken in answer to the same question.
func (a auditing) refusedHere(ctx context.Context) error {
	text := "select f.message, f.office, f.digest, m.sealed from refusal f join message m on m.id = f.message " +
		"join receipt r on r.document = f.message and " + addressee("r") + " = f.office and " +
		"r.after_refusal = f.after_refusal and r.status = '01' and r.node = $1"
	return each(ctx, a.DB, text, func(rows *sql.Rows) error {
		var message, office, digest string
		var sealed []byte
		if err := rows.Scan(&message, &office, &digest, &sealed); err != nil {
			return err
		}
		if sum := sha256.Sum256(sealed); hex.EncodeToString(sum[:]) == digest {
			a.result.fault(message+" "+office, "refused at the door, and taken")
		}
		return nil
	}, a.node)
}

// refusals wants every refusal that was given at this gateway's door to be bound by the leaf of the log that it names.
func (a auditing) refusals(ctx context.Context) error {
	lines := map[int64][]string{}
	err := each(ctx, a.DB, "select leaf, office, sealed from refusal", func(rows *sql.Rows) error {
		var leaf int64
		var office string
		var sealed []byte
		if err := rows.Scan(&leaf, &office, &sealed); err != nil {
			return err
		}
		a.result.Looked++
		sum := sha256.Sum256(sealed)
		lines[leaf] = append(lines[leaf], office+" "+hex.EncodeToString(sum[:])+"\n")
		return nil
	})
	if err != nil {
		return err
	}
	for leaf, bound := range lines {
		var text string
		if _, err := one(ctx, a.DB, "select leaf from log where leaf_index = $1", []any{leaf}, &text); err != nil {
			return err
		}
		var entry struct {
			Act    string            `json:"act"`
			Detail map[string]string `json:"detail"`
		}
		slices.Sort(bound)
		sum := sha256.Sum256([]byte(strings.Join(bound, "")))
		if json.Unmarshal([]byte(text), &entry) != nil || entry.Detail["receipts"] != hex.EncodeToString(sum[:]) ||
			entry.Act != "message.refused" && entry.Act != "message.clash" {
			a.result.fault(leaf, "the leaf does not bind the %d refusals that name it", len(bound))
		}
	}
	return nil
}

// refusedAt compares a refusal at a door with what its gateway keeps of it.
func (a auditing) refusedAt(ctx context.Context, there Gateway, held receipt) error {
	var sealed []byte
	found, err := one(ctx, there.DB, "select sealed from refusal where id = $1", []any{held.id}, &sealed)
	switch {
	case err != nil:
		return err
	case !found:
		a.result.fault(held.document, "%s knows nothing of its refusal %s (%s)", there.Name, held.id, held.office)
	case !bytes.Equal(sealed, held.sealed):
		a.result.fault(held.document, "refusal %s is another at %s", held.id, there.Name)
	}
	return nil
}
