package roll

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"maps"
	"slices"
	"strings"

	"congvan/exchange"
)

// state is what the records up to some place say, all together. It is never changed once it is shown: records are
// applied to a copy.
type state struct {
	log         string
	authorities map[string]Authority
	offices     map[exchange.OfficeID]exchange.Office
	nodes       map[exchange.NodeID]exchange.Node
	under       map[exchange.NodeID]Grant
	codes       map[string]exchange.OfficeID // upper-case, to the one office that ever had it
	versions    map[string]int               // of "office/…", "node/…" and "authority/…"
}

// newState is the directory before the first record: only the pinned authority is there.
func newState(log string, root *x509.Certificate) state {
	return state{
		log: log, offices: map[exchange.OfficeID]exchange.Office{}, nodes: map[exchange.NodeID]exchange.Node{},
		under: map[exchange.NodeID]Grant{}, codes: map[string]exchange.OfficeID{}, versions: map[string]int{},
		authorities: map[string]Authority{
			Root: {ID: Root, Name: root.Subject.CommonName, Certificate: root.Raw, Grants: []Grant{{}}},
		},
	}
}

func (s state) clone() state {
	s.authorities, s.offices, s.nodes = maps.Clone(s.authorities), maps.Clone(s.offices), maps.Clone(s.nodes)
	s.under, s.codes, s.versions = maps.Clone(s.under), maps.Clone(s.codes), maps.Clone(s.versions)
	return s
}

// file is the directory as a file, in the order of ids.
func (s state) file() exchange.DirectoryFile {
	var file exchange.DirectoryFile
	for _, id := range slices.Sorted(maps.Keys(s.nodes)) {
		file.Nodes = append(file.Nodes, s.nodes[id])
	}
	for _, id := range slices.Sorted(maps.Keys(s.offices)) {
		file.Offices = append(file.Offices, s.offices[id])
	}
	return file
}

// applySealed checks a sealed record against what came before it, and applies it. What is wrong with it is said by the
// code; the state is of no use any more then.
func (s state) applySealed(sealed []byte) error {
	record, certificate, err := open(sealed)
	if err != nil {
		return err
	}
	author, known := s.authorities[record.By]
	switch {
	case !known || author.Revoked || !bytes.Equal(author.Certificate, certificate.Raw):
		return exchange.Errorf(exchange.Untrusted, "directory.foreign_seal", "the seal is not one of %.80q", record.By)
	case record.Log != s.log:
		return exchange.Errorf(exchange.Untrusted, "directory.other_log", "the record is for the log %.80q", record.Log)
	}
	for _, change := range record.Changes {
		if err := s.apply(author, record, change); err != nil {
			return err
		}
	}
	return nil
}

func (s state) apply(author Authority, record Record, change Change) error {
	subject := change.subject()
	if subject == "" {
		return exchange.Errorf(exchange.Invalid, "directory.record_invalid", "a change of nothing, or of two")
	}
	if change.Version != s.versions[subject]+1 {
		return exchange.Errorf(exchange.Conflict, "directory.replayed", "%s: version %d after %d",
			subject, change.Version, s.versions[subject])
	}
	var err error
	switch {
	case change.Office != nil:
		err = s.applyOffice(author, *change.Office, exchange.Today(record.At))
	case change.Node != nil:
		err = s.applyNode(author, change)
	default:
		err = s.applyAuthority(author, *change.Authority)
	}
	s.versions[subject] = change.Version
	return err
}

// subject names what is changed; empty when it is not exactly one thing.
func (c Change) subject() string {
	switch {
	case c.Office != nil && c.Node == nil && c.Authority == nil:
		return "office/" + string(c.Office.ID)
	case c.Office == nil && c.Node != nil && c.Authority == nil:
		return "node/" + string(c.Node.ID)
	case c.Office == nil && c.Node == nil && c.Authority != nil:
		return "authority/" + c.Authority.ID
	}
	return ""
}

func outside(author Authority, what string) error {
	return exchange.Errorf(exchange.Denied, "directory.outside_prefix", "%s may not write %s", author.ID, what)
}

// applyOffice wants the author to have every code that is added, taken away or changed, and those that the office has
// that day: an office that moves from one province to another is written by who has both. A code that another office
// ever had is never given again.
func (s state) applyOffice(author Authority, office exchange.Office, on exchange.Date) error {
	old := s.offices[office.ID]
	if len(old.Codes)+len(office.Codes) == 0 && !author.holds(Grant{}) {
		return outside(author, "office "+string(office.ID)+", which has no code")
	}
	for _, code := range touched(old.Codes, office.Codes, on) {
		if !author.covers(code.Scheme, code.Code) {
			return outside(author, "office "+string(office.ID)+" of code "+code.Code)
		}
	}
	for _, code := range office.Codes {
		key := strings.ToUpper(code.Code)
		if holder, known := s.codes[key]; known && holder != office.ID {
			return exchange.Errorf(exchange.Conflict, "directory.code_reused", "code %s of %s was one of %s",
				key, office.ID, holder)
		}
		s.codes[key] = office.ID
	}
	s.offices[office.ID] = office
	return nil
}

// touched gives the codes that the author must have: those that differ, and those in force; when the office has none
// in force any more, all that it had.
func touched(old, now []exchange.Code, on exchange.Date) []exchange.Code {
	var list, held []exchange.Code
	for _, code := range old {
		if !slices.Contains(now, code) {
			list = append(list, code)
		}
		if code.To == "" || code.To >= on {
			held = append(held, code)
		}
	}
	for _, code := range now {
		if !slices.Contains(old, code) {
			list = append(list, code)
		}
	}
	if len(held) == 0 {
		held = old
	}
	return append(list, held...)
}

// applyNode wants the author to have the subtree that the gateway belongs to, before and after.
func (s state) applyNode(author Authority, change Change) error {
	id := change.Node.ID
	if !author.holds(change.Under) {
		return outside(author, "gateway "+string(id))
	}
	if under, known := s.under[id]; known && !author.holds(under) {
		return outside(author, "gateway "+string(id))
	}
	s.under[id] = change.Under
	if s.nodes[id] = *change.Node; change.Gone {
		delete(s.nodes, id)
	}
	return nil
}

// applyAuthority wants the author to have everything that the other had and is to have. Nobody replaces the pinned one.
func (s state) applyAuthority(author, authority Authority) error {
	_, err := x509.ParseCertificate(authority.Certificate)
	switch old := s.authorities[authority.ID]; {
	case err != nil || authority.ID == "" || len(authority.ID) > 64 || len(authority.Grants) == 0:
		return exchange.Errorf(exchange.Invalid, "directory.record_invalid", "authority %.80q: %v", authority.ID, err)
	case authority.ID == Root || !author.holds(old.Grants...) || !author.holds(authority.Grants...):
		return outside(author, "the delegation to "+authority.ID)
	}
	s.authorities[authority.ID] = authority
	return nil
}

// Changes gives the changes that lead from what stands to the offices and gateways of the file. What the file does not
// have stays as it is: an office is closed by its last day, never by leaving it out. Gateways that are new are put
// under the grant.
func (r *Roll) Changes(file exchange.DirectoryFile, under Grant) []Change {
	now := r.now().state
	var changes []Change
	for _, node := range file.Nodes {
		if old, known := now.nodes[node.ID]; known && equal(old, node) {
			continue
		} else if known {
			under = now.under[node.ID]
		}
		changes = append(changes, Change{Version: now.versions["node/"+string(node.ID)] + 1, Node: &node, Under: under})
	}
	for _, office := range file.Offices {
		if old, known := now.offices[office.ID]; !known || !equal(old, office) {
			changes = append(changes, Change{Version: now.versions["office/"+string(office.ID)] + 1, Office: &office})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(a.subject(), b.subject()) })
	return changes
}
