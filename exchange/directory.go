package exchange

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
)

// Directory (danh bạ) is what is known of offices and gateways: an immutable snapshot that may be shared. Every
// question is asked as on a day, because codes, names and hosts change (the reform of July 2025 closed every
// district).
type Directory struct {
	offices map[OfficeID]*Office
	order   []OfficeID // by name, for lists
	folded  map[OfficeID]string
	codes   map[string][]OfficeID // upper-case code, to the offices that ever had it
	nodes   map[NodeID]*Node
	leaves  map[string]NodeID       // DER of a certificate, to the gateway that presents it
	before  map[OfficeID][]OfficeID // by successor, those that it took over from
	kept    map[OfficeID][]OfficeID // by the office that keeps the documents of those that ended, one step back
}

// Closed says that an office has ended and who took over its duties. It is the cause of the error recipient.closed;
// find it with errors.As. A document is never redirected silently: a person chooses among the successors.
type Closed struct {
	Office     OfficeID
	Name       string // as it was called on its last day
	Ended      Date
	Successors []Successor // living ones, those of closed successors in their place
}

// Error names the office, its last day and the successors, for logs.
func (c *Closed) Error() string {
	names := make([]string, len(c.Successors))
	for i, successor := range c.Successors {
		names[i] = string(successor.Office)
	}
	return fmt.Sprintf("%s ended on %s; successors: %s", c.Office, c.Ended, strings.Join(names, ", "))
}

// Office gives the office with the id, closed or not.
func (d *Directory) Office(id OfficeID) (Office, error) {
	office, known := d.offices[id]
	if !known {
		return Office{}, Errorf(NotFound, "office.unknown", "office %q", id)
	}
	return *office, nil
}

// Recipient gives the office when it can be written to on the day. Errors: recipient.unknown; recipient.closed, whose
// cause is a [Closed]; recipient.not_yet when it does not exist yet.
func (d *Directory) Recipient(id OfficeID, on Date) (Office, error) {
	office, known := d.offices[id]
	switch {
	case !known:
		return Office{}, Errorf(Invalid, "recipient.unknown", "office %q", id)
	case office.Exists.ended(on):
		return Office{}, &Error{Kind: Conflict, Code: "recipient.closed", Err: d.closed(office, on)}
	case !office.Exists.Contains(on):
		return Office{}, Errorf(Invalid, "recipient.not_yet", "%s begins on %s", id, office.Exists.From)
	default:
		return *office, nil
	}
}

// Resolve gives the office that has the code, of either scheme, on the day. A code that is known but not in force on
// the day gives recipient.closed when its office has ended, and recipient.code_expired when the office has another
// code now.
func (d *Directory) Resolve(code string, on Date) (Office, error) {
	var last *Office
	for _, id := range d.codes[strings.ToUpper(strings.TrimSpace(code))] {
		office := d.offices[id]
		if office.Exists.Contains(on) && office.holds(code, on) {
			return *office, nil
		}
		if last == nil || office.Exists.To == "" || last.Exists.To != "" && last.Exists.To < office.Exists.To {
			last = office
		}
	}
	if last == nil {
		return Office{}, Errorf(Invalid, "recipient.unknown", "code %q", code)
	}
	if _, err := d.Recipient(last.ID, on); err != nil {
		return Office{}, err
	}
	return Office{}, Errorf(Conflict, "recipient.code_expired", "code %q of %s is not in force on %s", code, last.ID, on)
}

// holds says whether the code, of either scheme, is one of the office's on the day.
func (o Office) holds(code string, on Date) bool {
	return slices.ContainsFunc(o.Codes, func(held Code) bool {
		return strings.EqualFold(held.Code, strings.TrimSpace(code)) && held.Contains(on)
	})
}

// NameOf is what the office is called on the day; outside its names, the name nearest in time.
func (d *Directory) NameOf(id OfficeID, on Date) string {
	office, known := d.offices[id]
	if !known {
		return string(id)
	}
	return office.NameOn(on)
}

// NameOn is what the office is called on the day; outside its names, the name nearest in time.
func (o Office) NameOn(on Date) string {
	var before, after *Name
	for i, name := range o.Names {
		switch {
		case name.Contains(on):
			return name.Name
		case name.ended(on) && (before == nil || before.To < name.To):
			before = &o.Names[i]
		case !name.ended(on) && (after == nil || name.From < after.From):
			after = &o.Names[i]
		}
	}
	if before = cmp.Or(before, after); before != nil {
		return before.Name
	}
	return string(o.ID)
}

// CodeOn is the office's code in the scheme on the day, or empty.
func (o Office) CodeOn(scheme Scheme, on Date) string {
	for _, code := range o.Codes {
		if code.Scheme == scheme && code.Contains(on) {
			return code.Code
		}
	}
	return ""
}

// Host gives the gateway that sends and receives for the office on the day. Error: office.no_host.
func (d *Directory) Host(id OfficeID, on Date) (NodeID, error) {
	office, known := d.offices[id]
	if !known {
		return "", Errorf(NotFound, "office.unknown", "office %q", id)
	}
	if office.Exists.Contains(on) {
		for _, host := range office.Hosts {
			if host.Contains(on) {
				return host.Node, nil
			}
		}
	}
	return "", Errorf(Conflict, "office.no_host", "no gateway receives for %s on %s", id, on)
}

// Living gives the office itself while it exists on the day, and afterwards the offices that have its duties:
// successors, and the successors of those that ended too. It is empty when nobody took over.
func (d *Directory) Living(id OfficeID, on Date) []OfficeID {
	var living []OfficeID
	office, known := d.offices[id]
	if !known {
		return nil
	}
	if !office.Exists.ended(on) {
		return []OfficeID{id}
	}
	for _, successor := range d.heirs(office, on) {
		living = append(living, successor.Office)
	}
	return living
}

func (d *Directory) closed(office *Office, on Date) *Closed {
	return &Closed{
		Office: office.ID, Name: office.NameOn(office.Exists.To), Ended: office.Exists.To, Successors: d.heirs(office, on),
	}
}

// heirs replaces successors that ended by their own. Loading has refused cycles.
func (d *Directory) heirs(office *Office, on Date) []Successor {
	var heirs []Successor
	for _, successor := range office.Successors {
		next := d.offices[successor.Office]
		if next.Exists.ended(on) {
			heirs = append(heirs, d.heirs(next, on)...)
			continue
		}
		heirs = append(heirs, successor)
	}
	seen := map[OfficeID]bool{}
	return slices.DeleteFunc(heirs, func(heir Successor) bool {
		double := seen[heir.Office]
		seen[heir.Office] = true
		return double
	})
}

// Node gives the gateway with the id. Error: node.unknown.
func (d *Directory) Node(id NodeID) (Node, error) {
	node, known := d.nodes[id]
	if !known {
		return Node{}, Errorf(NotFound, "node.unknown", "gateway %q", id)
	}
	return *node, nil
}

// Nodes lists all gateways by id.
func (d *Directory) Nodes() []Node {
	nodes := make([]Node, 0, len(d.nodes))
	for _, node := range d.nodes {
		nodes = append(nodes, *node)
	}
	slices.SortFunc(nodes, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	return nodes
}

// NodeOf gives the gateway that presents the certificate, for the wire. Error: node.unknown.
func (d *Directory) NodeOf(certificate *x509.Certificate) (NodeID, error) {
	if id, known := d.leaves[string(certificate.Raw)]; known {
		return id, nil
	}
	return "", Errorf(Denied, "node.unknown", "no gateway has certificate %s", certificate.SerialNumber)
}

// NextHop gives the gateway to which something for to goes first, along the tree of uplinks: to itself when it is below
// from or is reached directly. Error: node.unknown.
func (d *Directory) NextHop(from, to NodeID) (NodeID, error) {
	if _, known := d.nodes[to]; !known {
		return "", Errorf(NotFound, "node.unknown", "gateway %q", to)
	}
	start, known := d.nodes[from]
	if !known {
		return "", Errorf(NotFound, "node.unknown", "gateway %q", from)
	}
	if from == to {
		return to, nil
	}
	top := to
	for above := d.nodes[to].Uplink; above != ""; above = d.nodes[above].Uplink {
		if above == from {
			return top, nil
		}
		top = above
	}
	if start.Uplink != "" {
		return start.Uplink, nil
	}
	return top, nil
}

// Offices lists offices by name: all whose present or former names or codes have every word of the search, with or
// without diacritics; at most limit.
func (d *Directory) Offices(search string, limit int) []Office {
	words := strings.Fields(Fold(search))
	var found []Office
	for _, id := range d.order {
		if len(found) >= limit {
			break
		}
		text := d.folded[id]
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) }) {
			found = append(found, *d.offices[id])
		}
	}
	return found
}
