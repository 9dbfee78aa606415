package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
)

// Group (nhóm nơi nhận) is recipients named together, such as "các xã, phường của tỉnh": every office of a level, below
// an office at whatever depth, that exists on the day. No code branches on levels: they are the directory's.
type Group struct {
	Level Level    `json:"level"`
	Under OfficeID `json:"under,omitempty"` // empty: wherever
}

func (g Group) String() string { return string(g.Level) + "<" + string(g.Under) }

// Expand gives the offices of the groups on the day, without those excepted, in the order of the directory. An office
// that no gateway receives for is given too: nobody is left out who was not excepted. Errors: draft.group for a group
// that nobody is in, recipient.unknown for an exception that the directory does not have.
func (d *Directory) Expand(groups []Group, except []OfficeID, on Date) ([]OfficeID, error) {
	for _, id := range except {
		if _, known := d.offices[id]; !known {
			return nil, Errorf(Invalid, "recipient.unknown", "excepted office %q", id)
		}
	}
	found := map[OfficeID]bool{}
	for _, group := range groups {
		members := d.members(group, on)
		if len(members) == 0 {
			return nil, Errorf(Invalid, "draft.group", "nobody is in %s on %s", group, on)
		}
		for _, id := range members {
			found[id] = !slices.Contains(except, id)
		}
	}
	return slices.DeleteFunc(slices.Clone(d.order), func(id OfficeID) bool { return !found[id] }), nil
}

func (d *Directory) members(group Group, on Date) []OfficeID {
	var members []OfficeID
	for _, id := range d.order {
		office := d.offices[id]
		if office.Level == group.Level && office.Exists.Contains(on) &&
			(group.Under == "" || d.below(id, group.Under, on)) {
			members = append(members, id)
		}
	}
	return members
}

// deepest bounds the tree of offices, should a directory ever have a circle.
const deepest = 16

// below says whether an office is under another on the day.
func (d *Directory) below(id, above OfficeID, on Date) bool {
	return slices.Contains(d.Above(id, on)[1:], above)
}

// Version names the directory as it stands: the SHA-256 of its offices and gateways. Two gateways with the same version
// write to the same offices by the same ways.
func (d *Directory) Version() (Digest, error) {
	sum := sha256.New()
	encoder := json.NewEncoder(sum)
	for _, id := range d.order {
		if err := encoder.Encode(d.offices[id]); err != nil {
			return "", Errorf(Internal, "internal", "encode office %s: %w", id, err)
		}
	}
	for _, node := range d.Nodes() {
		if err := encoder.Encode(node); err != nil {
			return "", Errorf(Internal, "internal", "encode gateway %s: %w", node.ID, err)
		}
	}
	return Digest(hex.EncodeToString(sum.Sum(nil))), nil
}

// Areas (địa bàn) sorts offices by the area in which they are, or were, on one day: so that what offices did before a
// reform and after it can be added up by the old areas and by the new ones.
type Areas struct {
	Directory *Directory
	On        Date
}

// Of gives the topmost office above the office on the day, itself when it stands alone. An office that has ended by
// then is where those are that took over from it, and one that has not begun where those were that it took over from;
// when that is in several areas, or nowhere, it is empty.
func (a Areas) Of(id OfficeID) OfficeID {
	office, known := a.Directory.offices[id]
	switch {
	case !known:
		return ""
	case office.Exists.ended(a.On):
		there := func(id OfficeID) bool { return a.Directory.offices[id].Exists.Contains(a.On) }
		living := a.Directory.Living(id, a.On)
		return a.common(slices.DeleteFunc(living, func(id OfficeID) bool { return !there(id) }))
	case !office.Exists.Contains(a.On):
		return a.common(a.Directory.before[id])
	}
	line := a.Directory.Above(id, a.On)
	return line[len(line)-1]
}

func (a Areas) common(offices []OfficeID) OfficeID {
	var area OfficeID
	for i, id := range offices {
		of := a.Of(id)
		if i > 0 && of != area {
			return ""
		}
		area = of
	}
	return area
}

// Levels lists the levels of offices that exist on the day, in the order of their names.
func (d *Directory) Levels(on Date) []Level {
	found := map[Level]bool{}
	for _, office := range d.offices {
		if office.Exists.Contains(on) {
			found[office.Level] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Above lists the office and those above it on the day, nearest first.
func (d *Directory) Above(id OfficeID, on Date) []OfficeID {
	line := []OfficeID{id}
	for range deepest {
		office, known := d.offices[id]
		if !known {
			break
		}
		i := slices.IndexFunc(office.Parent, func(parent Parent) bool { return parent.Contains(on) })
		if i < 0 {
			break
		}
		id = office.Parent[i].Office
		line = append(line, id)
	}
	return line
}
