package exchange_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/exchange/closing"
	"congvan/exchange/exchangetest"
	"congvan/exchange/recall"
	"congvan/signing"
)

// The nine rules of succession, on the reform of July 2025: Nam Định is merged into Ninh Bình, the district of Hải Hậu
// is divided between two communes, and a department is renamed and then merged.

const (
	oldDistrict   exchange.OfficeID = "huyen-hai-hau"
	newCommune    exchange.OfficeID = "xa-hai-hau-moi"
	otherCommune  exchange.OfficeID = "xa-hai-anh"
	oldDepartment exchange.OfficeID = "so-noi-vu-lao-dong-nam-dinh"
	newDepartment exchange.OfficeID = "so-noi-vu-ninh-binh"
	newProvince   exchange.OfficeID = "tinh-ninh-binh"
)

// lastDay is noon in Hanoi on the last day of the three tiers.
var lastDay = time.Date(2025, time.June, 30, 5, 0, 0, 0, time.UTC)

// reformKeys are the keys of the fixture's offices, valid in those days.
var reformKeys = sync.OnceValues(func() (*exchangetest.Identities, error) {
	authority, err := certs.NewAuthority(certs.Setting{
		Name: "CA thử 2025", URL: "http://127.0.0.1:1", Now: func() time.Time { return lastDay.Add(-time.Minute) },
	})
	if err != nil {
		return nil, err
	}
	made := &exchangetest.Identities{
		Authority: authority, Seals: map[exchange.OfficeID]certs.Identity{}, Leaders: map[exchange.OfficeID]certs.Identity{},
	}
	for office, name := range map[exchange.OfficeID]string{
		oldDistrict: "UBND huyện Hải Hậu", newDepartment: "Sở Nội vụ tỉnh Ninh Bình",
		newProvince: "UBND tỉnh Ninh Bình mới", newCommune: "UBND xã Hải Hậu",
		oldDepartment: "Sở Nội vụ và Lao động tỉnh Nam Định",
	} {
		if made.Seals[office], err = authority.Seal(name, certs.ECDSAP256); err != nil {
			return nil, err
		}
		if made.Leaders[office], err = authority.Leader(leaderName, "Chủ tịch", name, certs.ECDSAP256); err != nil {
			return nil, err
		}
	}
	return made, nil
})

// newReform is the fixture with gateways that run, on its last day, after a change.
func newReform(t *testing.T, change func(*exchange.DirectoryFile)) *world {
	t.Helper()
	keys, err := reformKeys()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, straight)
	w.Now = func() time.Time { return lastDay }
	w.reformTo(t, change)
	for _, gateway := range w.Gateways {
		gateway.Keys, gateway.Examiner = exchangetest.Keyring{Identities: keys}, examiner{Anchors: keys.Authority.Anchors()}
		gateway.Rules.Anchors = keys.Authority.Anchors()
		gateway.Stamper = certstest.NewLocalStamper(t, keys.Authority, func() time.Time { return w.Now() })
	}
	return w
}

// reformTo gives all gateways the fixture after a change.
func (w *world) reformTo(t *testing.T, change func(*exchange.DirectoryFile)) {
	t.Helper()
	directory, err := exchange.LoadDirectory(reformJSON(t, change))
	if err != nil {
		t.Fatal(err)
	}
	w.reformed(directory)
}

// nextDay lets the first day of the two tiers begin.
func (w *world) nextDay() { w.Now = func() time.Time { return lastDay.AddDate(0, 0, 1) } }

// officeIn finds an office of a file, to change it.
func officeIn(file *exchange.DirectoryFile, id exchange.OfficeID) *exchange.Office {
	i := slices.IndexFunc(file.Offices, func(office exchange.Office) bool { return office.ID == id })
	return &file.Offices[i]
}

// struckOff takes the district's gateway out of the directory; with a keeper, that successor keeps the files.
func struckOff(keeper exchange.OfficeID) func(*exchange.DirectoryFile) {
	return func(file *exchange.DirectoryFile) {
		file.Nodes = slices.DeleteFunc(file.Nodes, func(node exchange.Node) bool { return node.ID == districtNode })
		file.Nodes[0].Uplink = provinceNode
		closed := officeIn(file, oldDistrict)
		closed.Hosts = nil
		for i := range closed.Successors {
			closed.Successors[i].Files = closed.Successors[i].Office == keeper
		}
	}
}

func TestARule1EveryCodeIsResolvedAsOnItsDay(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	directory := w.Directory.Load()
	for code, want := range map[string]string{"H40.03": "", "000.03.00.H40": "", "H42.77": "recipient.not_yet"} {
		if _, err := directory.Resolve(code, before); err != nil && exchange.CodeOf(err) != want || err == nil && want != "" {
			t.Errorf("%s before: %v, want %q", code, err, want)
		}
	}
	for code, want := range map[string]string{"H40.03": "recipient.closed", "H40.21": "recipient.closed", "H42.77": ""} {
		if _, err := directory.Resolve(code, after); err != nil && exchange.CodeOf(err) != want || err == nil && want != "" {
			t.Errorf("%s after: %v, want %q", code, err, want)
		}
	}
	// Issued on the last day, taken in on the first: the sender is who it was then, the recipient who it is now.
	w.Issue(t, districtNode, oldDistrict, oldDepartment)
	w.nextDay()
	w.Deliver(t)
	inbox := w.Inbox(t, provinceNode, newDepartment)
	if len(inbox) != 1 || inbox[0].Header.FromName != "UBND huyện Hải Hậu" || inbox[0].InheritedFrom() != oldDepartment {
		t.Fatalf("at the heir: %+v", inbox)
	}
	if got := w.Logged(t, provinceNode, "arrival.received", "for_code"); !slices.Equal(got, []string{"H40.21"}) {
		t.Errorf("the log has the old codes %q", got)
	}
	if got := w.Logged(t, provinceNode, "arrival.received", "heir_code"); !slices.Equal(got, []string{"H42.20"}) {
		t.Errorf("the log has the new codes %q", got)
	}
}

func TestARule2AClosedRecipientIsAnsweredWithItsSuccessorsAndNeverRedirected(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	w.nextDay()
	gateway := w.Gateways[provinceNode]
	_, err := desk(gateway).Submit(t.Context(), clerk(newProvince), draft(oldDistrict), strings.NewReader("%PDF-"))
	refused(t, err, exchange.Conflict, "recipient.closed")
	closed, ok := errors.AsType[*exchange.Closed](err)
	if !ok || closed.Ended != before || closed.Name != "UBND huyện Hải Hậu" || len(closed.Successors) != 2 {
		t.Errorf("the answer names %+v", closed)
	}
	if got := w.Inbox(t, communeNode, newCommune); len(got) != 0 {
		t.Errorf("%d letters went to a successor", len(got))
	}
}

func TestARule3AClosedOfficeIssuesNothingButWhileItIsWoundUp(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	w.nextDay()
	_, err := desk(w.Gateways[districtNode]).Submit(
		t.Context(), clerk(oldDistrict), draft(newDepartment), strings.NewReader("%PDF-"))
	refused(t, err, exchange.Denied, "office.closed")

	w.reformTo(t, func(file *exchange.DirectoryFile) { officeIn(file, oldDistrict).IssueUntil = after })
	w.Issue(t, districtNode, oldDistrict, newDepartment)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	inbox := w.Inbox(t, provinceNode, newDepartment)
	if len(inbox) != 1 || inbox[0].Judgement == nil {
		t.Fatalf("what was issued while it is wound up: %+v", inbox)
	}
	for _, rule := range inbox[0].Judgement.Rules() {
		if rule.Result == signing.CheckFailed {
			t.Errorf("%s: %s", rule.Rule, rule.Reason)
		}
	}
	w.Now = func() time.Time { return lastDay.AddDate(0, 0, 2) }
	_, err = desk(w.Gateways[districtNode]).Submit(
		t.Context(), clerk(oldDistrict), draft(newDepartment), strings.NewReader("%PDF-"))
	refused(t, err, exchange.Denied, "office.closed")
}

func TestARule4WhatAClosedOfficeSignedBeforeItsEndStaysValid(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	w.Issue(t, districtNode, oldDistrict, newDepartment)
	w.Now = func() time.Time { return lastDay.AddDate(0, 1, 0) }
	w.Deliver(t)
	w.Judge(t, provinceNode)
	inbox := w.Inbox(t, provinceNode, newDepartment)
	if len(inbox) != 1 || inbox[0].Judgement == nil {
		t.Fatalf("a month after the end: %+v", inbox)
	}
	passed := 0
	for _, rule := range inbox[0].Judgement.Rules() {
		if rule.Result == signing.CheckPassed {
			passed++
		}
	}
	if passed != 5 || inbox[0].Judgement.Verdict == string(signing.Failed) {
		t.Errorf("%d rules kept, %s: %+v", passed, inbox[0].Judgement.Verdict, inbox[0].Judgement.Rules())
	}
}

func TestARule5AnAnswerReachesWhoKeepsTheFilesOfTheSenderAlsoWhenItsGatewayIsGone(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	document := w.Issue(t, districtNode, oldDistrict, newDepartment)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	w.nextDay()
	w.reformTo(t, struckOff("")) // divided, and nobody is named: the answer must wait and not be lost
	accepted := w.Inbox(t, provinceNode, newDepartment)[0].ID
	if _, err := decider(w.Gateways[provinceNode]).Accept(t.Context(), clerk(newDepartment), accepted); err != nil {
		t.Fatal(err)
	}
	w.retarget(t)
	w.deliverOnce(t)
	_, err := reader(w.Gateways[communeNode]).Timeline(t.Context(), clerk(newCommune), document.ID)
	refused(t, err, exchange.NotFound, "document.not_found")

	w.reformTo(t, struckOff(newCommune))
	w.retarget(t)
	w.retarget(t)
	w.Deliver(t)
	events, err := reader(w.Gateways[communeNode]).Timeline(t.Context(), clerk(newCommune), document.ID)
	if err != nil || !slices.Contains(acts(events), "receipt.03") {
		t.Errorf("the keeper of the files sees %q, %v", acts(events), err)
	}
	_, err = reader(w.Gateways[communeNode]).Timeline(t.Context(), clerk(otherCommune), document.ID)
	refused(t, err, exchange.NotFound, "document.not_found")
	if got := w.Logged(t, provinceNode, "receipt.retargeted", "heir_code"); !slices.Equal(got, []string{"H42.77"}) {
		t.Errorf("the log says to whom it went instead: %q", got)
	}
}

// Both the gateway that issued the letter, which is there still, and that of the keeper of the files have the answer.
func TestARule5AnAnswerGoesOnFromTheOldGatewayToWhoKeepsTheFiles(t *testing.T) {
	t.Parallel()
	w := newReform(t, func(file *exchange.DirectoryFile) { officeIn(file, oldDistrict).Successors[0].Files = true })
	document := w.Issue(t, districtNode, oldDistrict, newDepartment)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	w.nextDay()
	accepted := w.Inbox(t, provinceNode, newDepartment)[0].ID
	if _, err := decider(w.Gateways[provinceNode]).Accept(t.Context(), clerk(newDepartment), accepted); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	for node, who := range map[exchange.NodeID]exchange.Actor{
		districtNode: clerk(oldDistrict), communeNode: clerk(newCommune),
	} {
		events, err := reader(w.Gateways[node]).Timeline(t.Context(), who, document.ID)
		if err != nil || !slices.Contains(acts(events), "receipt.03") {
			t.Errorf("%s sees %q, %v", who.Office, acts(events), err)
		}
	}
}

func TestARule6TheHeirWorksOnOneInboxAndEachHistoryKeepsItsName(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	old := w.Issue(t, districtNode, oldDistrict, oldDepartment)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	w.nextDay()
	w.Issue(t, communeNode, newCommune, newDepartment)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	heir := w.Gateways[provinceNode]
	if inbox := w.Inbox(t, provinceNode, newDepartment); len(inbox) != 2 {
		t.Fatalf("the one inbox has %d", len(inbox))
	}
	inherited, err := reader(heir).Arrivals(t.Context(), clerk(newDepartment),
		exchange.Page{Limit: 9, Source: oldDepartment})
	if err != nil || len(inherited) != 1 || inherited[0].Office != oldDepartment || inherited[0].Document != old.ID {
		t.Fatalf("of the old office: %+v, %v", inherited, err)
	}
	_, err = reader(heir).Arrivals(t.Context(), clerk(newProvince), exchange.Page{Limit: 9, Source: oldDepartment})
	refused(t, err, exchange.Denied, "access.denied")
	_, err = decider(heir).Accept(t.Context(), clerk(newProvince), inherited[0].ID)
	refused(t, err, exchange.NotFound, "arrival.not_found")
	_, err = decider(heir).Accept(t.Context(), clerk(oldDepartment), inherited[0].ID)
	refused(t, err, exchange.Denied, "office.closed")

	for range 2 { // a second click changes nothing
		accepted, err := decider(heir).Accept(t.Context(), clerk(newDepartment), inherited[0].ID)
		if err != nil || accepted.Status() != exchange.Accepted || accepted.Office != oldDepartment {
			t.Fatalf("accepted: %+v, %v", accepted, err)
		}
		last := accepted.Receipts[len(accepted.Receipts)-1]
		if last.Office != newDepartment || last.For != oldDepartment || last.Number != 1 || len(accepted.Receipts) != 2 {
			t.Errorf("the receipt says %+v", last)
		}
	}
	w.Deliver(t)
	progress, err := reader(w.Gateways[districtNode]).Recipients(t.Context(), clerk(oldDistrict), old.ID)
	if err != nil || len(progress) != 1 || progress[0].Office != oldDepartment ||
		progress[0].Status() != exchange.Accepted {
		t.Errorf("its sender sees %+v, %v", progress, err)
	}
	if own := w.Inbox(t, provinceNode, newDepartment)[0]; own.Status() != exchange.Arrived {
		t.Errorf("the heir's own letter is %s", own.Status())
	}
}

func TestARule6TheBooksOfTheClosedOfficeAreClosedAndThoseOfItsHeirBeginAtOne(t *testing.T) {
	t.Parallel()
	w := newReform(t, func(file *exchange.DirectoryFile) { officeIn(file, oldDepartment).IssueUntil = after })
	for range 3 {
		w.Issue(t, provinceNode, oldDepartment, newProvince)
	}
	keeper := &closing.Keeper{Gateway: w.Gateways[provinceNode]}
	w.nextDay() // it is wound up still, and issues one more
	if got := w.Issue(t, provinceNode, oldDepartment, newProvince).Numbering.Number; got != 4 {
		t.Errorf("while it is wound up it goes on at %d", got)
	}
	if closed, err := keeper.Close(t.Context()); err != nil || len(closed) != 0 {
		t.Errorf("closed too early: %+v, %v", closed, err)
	}
	w.Now = func() time.Time { return lastDay.AddDate(0, 0, 2) }
	closed, err := keeper.Close(t.Context())
	if err != nil || len(closed) != 1 || closed[0].Last != 4 || closed[0].Register.Office != oldDepartment {
		t.Fatalf("closed %+v, %v", closed, err)
	}
	if closed, err = keeper.Close(t.Context()); err != nil || len(closed) != 0 {
		t.Errorf("closed again: %+v, %v", closed, err)
	}
	if got := w.Logged(t, provinceNode, "register.closed", "last"); !slices.Equal(got, []string{"4"}) {
		t.Errorf("the log says the last numbers %q", got)
	}
	if got := w.Issue(t, provinceNode, newDepartment, newProvince).Numbering.Number; got != 1 {
		t.Errorf("the heir begins at %d", got)
	}
}

func TestARule6TheHeirTakesBackWhatTheClosedOfficeSent(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	document := w.Issue(t, provinceNode, oldDepartment, oldDistrict)
	w.Deliver(t)
	w.nextDay()
	w.reformTo(t, func(file *exchange.DirectoryFile) { officeIn(file, oldDistrict).Successors = nil })
	desk := &recall.Desk{Gateway: w.Gateways[provinceNode]}
	order := recall.Order{Reason: "Ban hành sai thẩm quyền"}
	_, err := desk.Recall(t.Context(), clerk(newDepartment), document.ID, order)
	refused(t, err, exchange.Conflict, "recall.no_way") // nobody took over from the district

	w.reformTo(t, func(file *exchange.DirectoryFile) {
		officeIn(file, oldDistrict).Successors = []exchange.Successor{{Office: newCommune, Kind: "merge", On: after}}
		officeIn(file, newCommune).Hosts[0].Node = districtNode
		officeIn(file, newCommune).Hosts[0].From = after
	})
	if _, err := desk.Recall(t.Context(), clerk(newDepartment), document.ID, order); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if got := w.Inbox(t, districtNode, newCommune); len(got) != 0 {
		t.Errorf("it is there still: %+v", got)
	}
	progress, err := reader(w.Gateways[provinceNode]).Recipients(t.Context(), clerk(newDepartment), document.ID)
	if err != nil || len(progress) != 1 || progress[0].Recall() != exchange.RecallAccepted {
		t.Errorf("progress %+v, %v", progress, err)
	}
}

func TestARule7OfficesAreFoundByOldAndNewNamesAndCodes(t *testing.T) {
	t.Parallel()
	directory := reform(t)
	for search, want := range map[string]exchange.OfficeID{
		"huyen hai hau": oldDistrict, "HUYỆN HẢI HẬU": oldDistrict, "H40.03": oldDistrict, "xa hai anh": otherCommune,
		"ninh binh moi": newProvince, "H42.OLD": newDepartment, "noi vu va lao dong": oldDepartment,
	} {
		found := directory.Offices(search, 10)
		if len(found) != 1 || found[0].ID != want {
			t.Errorf("%q finds %v, want %s", search, found, want)
		}
	}
}

func TestARule8BothShapesOfTheCountryAreOneTreeWithDates(t *testing.T) {
	t.Parallel()
	directory := reform(t)
	for _, test := range []struct {
		level exchange.Level
		under exchange.OfficeID
		on    exchange.Date
		want  []exchange.OfficeID
	}{
		{"district", "tinh-nam-dinh", before, []exchange.OfficeID{oldDistrict}},
		{"district", "", after, nil},
		{"commune", newProvince, before, nil},
		{"commune", newProvince, after, []exchange.OfficeID{otherCommune, newCommune}},
	} {
		group := exchange.Group{Level: test.level, Under: test.under}
		got, err := directory.Expand([]exchange.Group{group}, nil, test.on)
		if !slices.Equal(got, test.want) || (err == nil) != (test.want != nil) {
			t.Errorf("%s on %s: %v, %v, want %v", group, test.on, got, err, test.want)
		}
	}
	areas := exchange.Areas{Directory: directory, On: before}
	if got := areas.Of(newCommune); got != "tinh-nam-dinh" { // it comes from the district
		t.Errorf("the new commune is in the old area %q", got)
	}
	areas.On = after
	if got := areas.Of(oldDistrict); got != newProvince {
		t.Errorf("the old district is in the new area %q", got)
	}
	if got := areas.Of(newProvince); got != newProvince {
		t.Errorf("the province is in the area %q", got)
	}
}

func TestARule9SuccessorsThatContradictThemselvesAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*exchange.DirectoryFile){
		"keep its files": func(file *exchange.DirectoryFile) {
			for i := range officeIn(file, oldDistrict).Successors {
				officeIn(file, oldDistrict).Successors[i].Files = true
			}
		},
		"forwards or issues": func(file *exchange.DirectoryFile) { officeIn(file, newCommune).IssueUntil = after },
		"at the same time": func(file *exchange.DirectoryFile) {
			officeIn(file, newCommune).Codes[0].Code, officeIn(file, newCommune).Codes[0].From = "H40.03", ""
		},
	} {
		_, err := exchange.LoadDirectory(reformJSON(t, change))
		refused(t, err, exchange.Invalid, "directory.invalid")
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var file exchange.DirectoryFile // both new keys come back as they were written
	if err := json.Unmarshal(reformJSON(t, struckOff(newCommune)), &file); err != nil ||
		!officeIn(&file, oldDistrict).Successors[0].Files {
		t.Errorf("%+v, %v", officeIn(&file, oldDistrict), err)
	}
}

// deliverOnce lets every gateway try once; what cannot go yet stays.
func (w *world) deliverOnce(t *testing.T) {
	t.Helper()
	for node, gateway := range w.Gateways {
		if err := gateway.DeliverNow(t.Context()); err != nil {
			t.Fatalf("%s delivers: %v", node, err)
		}
	}
}
