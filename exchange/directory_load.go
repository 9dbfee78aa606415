package exchange

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// DirectoryFile is the directory as written in its file, as JSON.
type DirectoryFile struct {
	Nodes   []Node   `json:"nodes"`
	Offices []Office `json:"offices"`
}

// LoadDirectory reads a [DirectoryFile]. It is strict: an unknown key, and everything in which the data contradicts
// itself, is refused with the code directory.invalid, and the cause names every fault.
func LoadDirectory(data []byte) (*Directory, error) {
	file, err := ReadDirectoryFile(data)
	if err != nil {
		return nil, err
	}
	return NewDirectory(file)
}

// ReadDirectoryFile decodes the file, without looking whether it contradicts itself. Error: Invalid directory.invalid.
func ReadDirectoryFile(data []byte) (DirectoryFile, error) {
	var file DirectoryFile
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return file, Errorf(Invalid, "directory.invalid", "read directory: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return file, Errorf(Invalid, "directory.invalid", "read directory: more data after its end")
	}
	return file, nil
}

// NewDirectory makes a directory of the data, which it must not be changed afterwards. Errors are those of
// [LoadDirectory].
func NewDirectory(file DirectoryFile) (*Directory, error) {
	loader := loader{Directory: &Directory{
		offices: make(map[OfficeID]*Office, len(file.Offices)),
		folded:  make(map[OfficeID]string, len(file.Offices)),
		codes:   make(map[string][]OfficeID),
		nodes:   make(map[NodeID]*Node, len(file.Nodes)),
		leaves:  make(map[string]NodeID, len(file.Nodes)),
		before:  make(map[OfficeID][]OfficeID),
		kept:    make(map[OfficeID][]OfficeID),
	}}
	loader.addNodes(file.Nodes)
	loader.addOffices(file.Offices)
	for _, id := range slices.Sorted(maps.Keys(loader.nodes)) {
		loader.checkUplink(id)
	}
	for _, id := range slices.Sorted(maps.Keys(loader.offices)) {
		loader.checkOffice(loader.offices[id])
	}
	loader.checkCodes()
	loader.checkCycles()
	if len(loader.faults) > 0 {
		return nil, &Error{Kind: Invalid, Code: "directory.invalid", Err: errors.Join(loader.faults...)}
	}
	loader.index()
	return loader.Directory, nil
}

// longestCode is the most characters of a code (Decision 20/2020/QĐ-TTg).
const longestCode = 35

type loader struct {
	*Directory
	faults []error
}

func (l *loader) fault(format string, args ...any) {
	l.faults = append(l.faults, fmt.Errorf(format, args...))
}

var identifier = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func (l *loader) addNodes(nodes []Node) {
	for i := range nodes {
		node := &nodes[i]
		if !identifier.MatchString(string(node.ID)) {
			l.fault("gateway %q: the id is not one", node.ID)
		}
		if _, double := l.nodes[node.ID]; double {
			l.fault("gateway %s: given twice", node.ID)
		}
		l.addAddress(node)
		if len(node.Certificates) == 0 {
			l.fault("gateway %s: no certificate", node.ID)
		}
		l.addCertificates(node)
		l.nodes[node.ID] = node
	}
}

// addAddress wants to know how the gateway is reached: at its address, or by its asking its uplink.
func (l *loader) addAddress(node *Node) {
	link, err := url.Parse(node.URL)
	switch {
	case node.Pulls && (node.Uplink == "" || node.URL != ""):
		l.fault("gateway %s: it pulls, so it has an uplink and no url", node.ID)
	case !node.Pulls && (err != nil || link.Scheme != "https" || link.Host == ""):
		l.fault("gateway %s: url %q is not an https address", node.ID, node.URL)
	}
}

// addCertificates wants each to be of one gateway only: it tells who is on the other side of a connection.
func (l *loader) addCertificates(node *Node) {
	for _, der := range node.Certificates {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			l.fault("gateway %s: certificate: %w", node.ID, err)
			continue
		}
		if other, known := l.leaves[string(certificate.Raw)]; known && other != node.ID {
			l.fault("gateways %s and %s: the same certificate", other, node.ID)
		}
		l.leaves[string(certificate.Raw)] = node.ID
	}
}

func (l *loader) addOffices(offices []Office) {
	for i := range offices {
		office := &offices[i]
		if !identifier.MatchString(string(office.ID)) {
			l.fault("office %q: the id is not one", office.ID)
		}
		if _, double := l.offices[office.ID]; double {
			l.fault("office %s: given twice", office.ID)
		}
		l.offices[office.ID] = office
	}
}

func (l *loader) checkUplink(id NodeID) {
	seen := map[NodeID]bool{id: true}
	for above := l.nodes[id].Uplink; above != ""; above = l.nodes[above].Uplink {
		if _, known := l.nodes[above]; !known {
			l.fault("gateway %s: unknown uplink %q", id, above)
			return
		}
		if seen[above] {
			l.fault("gateway %s: its uplinks run in a circle", id)
			return
		}
		seen[above] = true
	}
}

func (l *loader) checkOffice(office *Office) {
	var names, hosts, parents []Period
	if len(office.Names) == 0 {
		l.fault("office %s: no name", office.ID)
	}
	l.checkPeriods(office, "existence", []Period{office.Exists})
	for _, name := range office.Names {
		if strings.TrimSpace(name.Name) == "" {
			l.fault("office %s: an empty name", office.ID)
		}
		names = append(names, name.Period)
	}
	for _, host := range office.Hosts {
		if _, known := l.nodes[host.Node]; !known {
			l.fault("office %s: unknown gateway %q", office.ID, host.Node)
		}
		hosts = append(hosts, host.Period)
	}
	for _, parent := range office.Parent {
		if _, known := l.offices[parent.Office]; !known {
			l.fault("office %s: unknown parent %q", office.ID, parent.Office)
		}
		parents = append(parents, parent.Period)
	}
	l.checkPeriods(office, "name", names)
	l.checkPeriods(office, "host", hosts)
	l.checkPeriods(office, "parent", parents)
	for _, until := range []Date{office.ForwardUntil, office.IssueUntil} {
		if until != "" && (!until.Valid() || office.Exists.To == "" || until < office.Exists.To) {
			l.fault("office %s: forwards or issues until %q, but ends on %q", office.ID, until, office.Exists.To)
		}
	}
	l.checkSuccessors(office)
}

func (l *loader) checkSuccessors(office *Office) {
	keepers := 0
	for _, successor := range office.Successors {
		l.checkSuccessor(office, successor)
		if successor.Files {
			keepers++
		}
	}
	if keepers > 1 {
		l.fault("office %s: %d successors keep its files", office.ID, keepers)
	}
}

// checkPeriods wants real dates, in order, and only one entry at any time.
func (l *loader) checkPeriods(office *Office, what string, periods []Period) {
	for i, period := range periods {
		for _, date := range []Date{period.From, period.To} {
			if date != "" && !date.Valid() {
				l.fault("office %s: %s: %q is not a date", office.ID, what, date)
			}
		}
		if period.To != "" && period.To < period.From {
			l.fault("office %s: %s: ends on %s before it begins on %s", office.ID, what, period.To, period.From)
		}
		if slices.ContainsFunc(periods[:i], period.overlaps) {
			l.fault("office %s: two at once: %s from %q to %q", office.ID, what, period.From, period.To)
		}
	}
}

func (l *loader) checkSuccessor(office *Office, successor Successor) {
	next, known := l.offices[successor.Office]
	switch {
	case !known:
		l.fault("office %s: unknown successor %q", office.ID, successor.Office)
	case !slices.Contains([]string{"merge", "split", "rename", "transfer"}, successor.Kind):
		l.fault("office %s: successor %s: unknown kind %q", office.ID, successor.Office, successor.Kind)
	case !successor.On.Valid():
		l.fault("office %s: successor %s: %q is not a date", office.ID, successor.Office, successor.On)
	case office.Exists.To == "":
		l.fault("office %s: has successor %s but no end", office.ID, successor.Office)
	case !next.Exists.Contains(successor.On):
		l.fault("office %s: successor %s does not exist on %s", office.ID, successor.Office, successor.On)
	}
}

// checkCodes wants every code to name one office at any time.
func (l *loader) checkCodes() {
	holders := map[string][]holder{}
	for _, id := range slices.Sorted(maps.Keys(l.offices)) {
		for _, code := range l.offices[id].Codes {
			l.checkCode(l.offices[id], code)
			key := strings.ToUpper(code.Code)
			for _, other := range holders[key] {
				if other.overlaps(code.Period) {
					l.fault("code %s: of %s and of %s at the same time", key, other.office, id)
				}
			}
			holders[key] = append(holders[key], holder{id, code.Period})
			l.codes[key] = append(l.codes[key], id)
		}
	}
	for key, ids := range l.codes {
		l.codes[key] = slices.Compact(ids) // the offices came in order
	}
}

// holder is an office that has a code for a while.
type holder struct {
	office OfficeID
	Period
}

func (l *loader) checkCode(office *Office, code Code) {
	l.checkPeriods(office, "code "+code.Code, []Period{code.Period})
	if code.Code == "" || len(code.Code) > longestCode || strings.ContainsAny(code.Code, " \t\n/") {
		l.fault("office %s: %q is not a code", office.ID, code.Code)
	}
	if code.Scheme != QD20 && code.Scheme != QCVN102 {
		l.fault("office %s: code %s: unknown scheme %q", office.ID, code.Code, code.Scheme)
	}
}

// checkCycles wants no office to be above itself on any day, and none to succeed itself.
func (l *loader) checkCycles() {
	days := map[Date]bool{}
	for _, office := range l.offices {
		for _, parent := range office.Parent {
			days[parent.From] = true
		}
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		l.checkAcyclic("parents on "+string(day), func(office *Office) (above []OfficeID) {
			for _, parent := range office.Parent {
				if parent.Contains(day) {
					above = append(above, parent.Office)
				}
			}
			return above
		})
	}
	l.checkAcyclic("successors", func(office *Office) (next []OfficeID) {
		for _, successor := range office.Successors {
			next = append(next, successor.Office)
		}
		return next
	})
}

// checkAcyclic follows the edges from every office and names one office of every circle it finds.
func (l *loader) checkAcyclic(what string, edges func(*Office) []OfficeID) {
	const open, done = 1, 2
	state := map[OfficeID]int{}
	var visit func(id OfficeID)
	visit = func(id OfficeID) {
		office, known := l.offices[id]
		if !known || state[id] == done {
			return
		}
		if state[id] == open {
			l.fault("office %s: its %s run in a circle", id, what)
			return
		}
		state[id] = open
		for _, next := range edges(office) {
			visit(next)
		}
		state[id] = done
	}
	for _, id := range slices.Sorted(maps.Keys(l.offices)) {
		visit(id)
	}
}

func (l *loader) index() {
	for id, office := range l.offices {
		var text strings.Builder
		for _, name := range office.Names {
			text.WriteString(Fold(name.Name) + " ")
		}
		for _, code := range office.Codes {
			text.WriteString(Fold(code.Code) + " " + strings.ToLower(code.Code) + " ")
		}
		l.folded[id] = text.String()
		l.order = append(l.order, id)
		for _, successor := range office.Successors {
			l.before[successor.Office] = append(l.before[successor.Office], id)
		}
		if keeper := office.keptBy(); keeper != "" {
			l.kept[keeper] = append(l.kept[keeper], id)
		}
	}
	for _, ended := range l.kept {
		slices.Sort(ended)
	}
	slices.SortFunc(l.order, func(a, b OfficeID) int {
		return strings.Compare(l.folded[a]+string(a), l.folded[b]+string(b))
	})
}
