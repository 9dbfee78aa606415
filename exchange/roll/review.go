package roll

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"congvan/exchange"
)

// Difference is one thing in which a file differs from the directory that stands.
type Difference struct {
	Kind   string            `json:"kind" enum:"added,closed,renamed,moved,rehosted,recoded,succeeded,changed,keys"`
	Office exchange.OfficeID `json:"office,omitempty"`
	Node   exchange.NodeID   `json:"node,omitempty"`
	Name   string            `json:"name"`
	Before string            `json:"before,omitempty"`
	After  string            `json:"after,omitempty"`
}

// Review (đối chiếu) is how a file differs from the directory that stands, for a person to approve or not.
type Review struct {
	Differences []Difference `json:"differences"`
	LeftOut     int          `json:"left_out" doc:"Offices that the file does not have; they stay as they are"`
	// Digest binds the approval to this difference from this directory.
	Digest exchange.Digest `json:"digest"`
}

// Review compares a file with the directory that stands. It changes nothing. Errors: Invalid directory.invalid when
// the outcome would contradict itself; Conflict directory.code_reused.
func (r *Roll) Review(file exchange.DirectoryFile) (Review, error) {
	now := r.Current()
	if err := reused(now, file); err != nil {
		return Review{}, err
	}
	merged := merge(now, file)
	if _, err := exchange.NewDirectory(merged); err != nil {
		return Review{}, err
	}
	today := exchange.Today(r.Gateway.Now())
	review := Review{Differences: []Difference{}}
	offices, nodes := byID(now)
	for _, node := range file.Nodes {
		old, known := nodes[node.ID]
		delete(nodes, node.ID)
		review.Differences = append(review.Differences, compareNodes(old, node, known)...)
	}
	for _, office := range file.Offices {
		old, known := offices[office.ID]
		delete(offices, office.ID)
		review.Differences = append(review.Differences, compareOffices(old, office, known, today)...)
	}
	review.LeftOut = len(offices)
	whole, err := json.Marshal([]any{now, merged})
	review.Digest = digestOf(whole)
	return review, err
}

func byID(file exchange.DirectoryFile) (map[exchange.OfficeID]exchange.Office, map[exchange.NodeID]exchange.Node) {
	offices := make(map[exchange.OfficeID]exchange.Office, len(file.Offices))
	nodes := make(map[exchange.NodeID]exchange.Node, len(file.Nodes))
	for _, office := range file.Offices {
		offices[office.ID] = office
	}
	for _, node := range file.Nodes {
		nodes[node.ID] = node
	}
	return offices, nodes
}

// merge lays a file over the one that stands.
func merge(now, file exchange.DirectoryFile) exchange.DirectoryFile {
	offices, nodes := byID(file)
	merged := exchange.DirectoryFile{Nodes: slices.Clone(file.Nodes), Offices: slices.Clone(file.Offices)}
	for _, node := range now.Nodes {
		if _, given := nodes[node.ID]; !given {
			merged.Nodes = append(merged.Nodes, node)
		}
	}
	for _, office := range now.Offices {
		if _, given := offices[office.ID]; !given {
			merged.Offices = append(merged.Offices, office)
		}
	}
	slices.SortStableFunc(merged.Nodes, func(a, b exchange.Node) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(merged.Offices, func(a, b exchange.Office) int { return cmp.Compare(a.ID, b.ID) })
	return merged
}

// reused refuses a code that another office has or had.
func reused(now, file exchange.DirectoryFile) error {
	holders := map[string]exchange.OfficeID{}
	for _, office := range slices.Concat(now.Offices, file.Offices) {
		for _, code := range office.Codes {
			key := strings.ToUpper(code.Code)
			if holder, known := holders[key]; known && holder != office.ID {
				return exchange.Errorf(exchange.Conflict, "directory.code_reused", "code %s of %s was one of %s",
					key, office.ID, holder)
			}
			holders[key] = office.ID
		}
	}
	return nil
}

func compareNodes(old, node exchange.Node, known bool) []Difference {
	difference := Difference{Node: node.ID, Name: string(node.ID), Before: old.URL, After: node.URL}
	var list []Difference
	add := func(kind string) {
		difference.Kind = kind
		list = append(list, difference)
	}
	keys := func(node exchange.Node) string {
		texts := make([]string, len(node.Certificates))
		for i, der := range node.Certificates {
			texts[i] = string(digestOf(der))
		}
		return strings.Join(texts, " ")
	}
	if !known {
		add("added")
		return list
	}
	if before, after := keys(old), keys(node); before != after {
		list = append(list, Difference{Kind: "keys", Node: node.ID, Name: string(node.ID), Before: before, After: after})
	}
	old.Certificates, node.Certificates = nil, nil
	if !equal(old, node) {
		add("changed")
	}
	return list
}

// compareOffices tells in which respects an office differs: each respect is a line of its own.
func compareOffices(old, office exchange.Office, known bool, today exchange.Date) []Difference {
	line := func(kind, before, after string) Difference {
		return Difference{Kind: kind, Office: office.ID, Name: office.NameOn(today), Before: before, After: after}
	}
	if !known {
		return []Difference{line("added", "", codesOf(office))}
	}
	var list []Difference
	if equal(old, office) {
		return nil
	}
	for _, respect := range []struct {
		kind          string
		before, after any
		shown         func(exchange.Office) string
	}{
		{"closed", old.Exists, office.Exists, func(o exchange.Office) string { return span(o.Exists) }},
		{"renamed", old.Names, office.Names, namesOf},
		{"moved", old.Parent, office.Parent, parentsOf},
		{"rehosted", old.Hosts, office.Hosts, hostsOf},
		{"recoded", old.Codes, office.Codes, codesOf},
		{"succeeded", old.Successors, office.Successors, successorsOf},
	} {
		if !equal(respect.before, respect.after) {
			kind := respect.kind
			if kind == "closed" && office.Exists.To == "" {
				kind = "changed"
			}
			list = append(list, line(kind, respect.shown(old), respect.shown(office)))
		}
	}
	if len(list) == 0 {
		list = append(list, line("changed", "", ""))
	}
	return list
}

func span(period exchange.Period) string {
	return fmt.Sprintf("%s → %s", cmp.Or(string(period.From), "…"), cmp.Or(string(period.To), "…"))
}

func listed[T any](all []T, show func(T) string) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = show(one)
	}
	return strings.Join(texts, "; ")
}

func dated(text string, period exchange.Period) string {
	if period == (exchange.Period{}) {
		return text
	}
	return text + " (" + span(period) + ")"
}

func namesOf(o exchange.Office) string {
	return listed(o.Names, func(n exchange.Name) string { return dated(n.Name, n.Period) })
}

func parentsOf(o exchange.Office) string {
	return listed(o.Parent, func(p exchange.Parent) string { return dated(string(p.Office), p.Period) })
}

func hostsOf(o exchange.Office) string {
	return listed(o.Hosts, func(h exchange.Host) string { return dated(string(h.Node), h.Period) })
}

func codesOf(o exchange.Office) string {
	return listed(o.Codes, func(c exchange.Code) string { return dated(c.Code, c.Period) })
}

func successorsOf(o exchange.Office) string {
	return listed(o.Successors, func(s exchange.Successor) string {
		return fmt.Sprintf("%s (%s, %s)", s.Office, s.Kind, s.On)
	})
}
