package exchange

import (
	"congvan/certs"
	"congvan/signing"
)

// Rule is something that the law demands of the signatures of an official document beyond their being valid. Its value
// is a stable code with a name for people.
type Rule string

// The rules, in the order in which they are reported.
const (
	RuleLeader Rule = "rule.leader" // the signatory whom the header names has signed (Decree 30/2020, Article 13)
	RuleSeal   Rule = "rule.seal"   // the office that issues has sealed, under its name of that day (Article 17)
	RuleOrder  Rule = "rule.order"  // the seal came after the signature and covers it
	RuleOffice Rule = "rule.office" // the office existed on that day, and the signatory belongs to it
	RuleRealm  Rule = "rule.realm"  // both certificates are of the hierarchy for public offices (Decree 68/2024)
)

// RuleCheck is one rule as found.
type RuleCheck struct {
	Rule   Rule           `json:"rule"`
	Result signing.Result `json:"result"`
	Reason string         `json:"reason,omitempty"` // stable code; empty when passed
}

// claims is what a document says of its origin, with what the directory knows of the office on that day.
type claims struct {
	signatory string
	office    string // its name on the day of issue
	exists    bool   // on that day
	copied    bool   // it is a copy: the copying office alone answers for it (Decree 30/2020, Article 26)
}

func (d *Directory) claimsOf(header Header) claims {
	on := header.Numbering.Date
	office, err := d.Office(header.From)
	return claims{
		signatory: header.Signatory.Name, office: d.NameOf(header.From, on),
		exists: err == nil && office.issues(on), copied: header.Kind.IsCopy(),
	}
}

// signers are the signatures that the law asks for; nil where there is none that is not proved bad.
type signers struct {
	leader, seal *signing.Signature
	others       int
}

func signersOf(report signing.Report, claimed claims) signers {
	var found signers
	for i := range report.Signatures {
		signature := &report.Signatures[i]
		if signature.Kind != signing.KindSignature || signature.Indication == signing.TotalFailed {
			continue
		}
		switch {
		case found.leader == nil && SameName(signature.Signer, claimed.signatory):
			found.leader = signature
		case found.seal == nil && sameOffice(signature.Signer, claimed.office):
			found.seal = signature
		default:
			found.others++
		}
	}
	return found
}

// rules asks of the signatures what the law demands: one of the signatory, then one of the office, both of the office
// that claims to issue the document.
func rules(report signing.Report, claimed claims) []RuleCheck {
	found := signersOf(report, claimed)
	if claimed.copied {
		return found.copied(claimed)
	}
	lacking := found.lacking()
	return []RuleCheck{
		ruled(RuleLeader, signing.CheckFailed, found.leaderFault()),
		ruled(RuleSeal, signing.CheckFailed, found.sealFault()),
		found.order(lacking),
		found.belongs(claimed, lacking),
		found.realm(lacking),
	}
}

// copied asks of a copy what concerns the office that made it. Who signed the original is said by the copy's own
// signatures, and is not asked.
func (s signers) copied(claimed claims) []RuleCheck {
	fault := s.sealFault()
	if s.seal != nil && s.leader == nil {
		s.leader = s.seal
	}
	office := ruled(RuleOffice, signing.CheckPassed, "")
	if !claimed.exists {
		office = RuleCheck{RuleOffice, signing.CheckFailed, FindingNoOffice}
	}
	return []RuleCheck{ruled(RuleSeal, signing.CheckFailed, fault), office, s.realm(fault)}
}

// ruled is a rule that is kept when there is no reason against it.
func ruled(rule Rule, result signing.Result, reason string) RuleCheck {
	if reason == "" {
		result = signing.CheckPassed
	}
	return RuleCheck{rule, result, reason}
}

func (s signers) leaderFault() string {
	switch {
	case s.leader != nil:
		return ""
	case s.seal == nil && s.others == 0:
		return FindingUnsigned
	default:
		return FindingNoLeader
	}
}

func (s signers) sealFault() string {
	switch {
	case s.seal != nil:
		return ""
	case s.leader == nil && s.others == 0:
		return FindingUnsigned
	case s.others > 0:
		return FindingWrongOffice
	default:
		return FindingNoSeal
	}
}

// lacking says why what needs both signatures cannot be asked; empty when both are there.
func (s signers) lacking() string {
	if fault := s.leaderFault(); fault != "" {
		return fault
	}
	return s.sealFault()
}

// order compares what the two signatures cover. Signatures that stand side by side, outside any PDF, have no order that
// anybody could see.
func (s signers) order(lacking string) RuleCheck {
	switch {
	case lacking != "":
		return RuleCheck{RuleOrder, signing.CheckUnknown, lacking}
	case s.seal.CoveredBytes < s.leader.CoveredBytes:
		return RuleCheck{RuleOrder, signing.CheckFailed, FindingSealedFirst}
	case s.seal.CoveredBytes == s.leader.CoveredBytes:
		return RuleCheck{RuleOrder, signing.CheckUnknown, FindingNoOrder}
	default:
		return ruled(RuleOrder, signing.CheckPassed, "")
	}
}

// belongs holds the signatory's certificate against the office: it names the organisation for which its holder signs.
func (s signers) belongs(claimed claims, lacking string) RuleCheck {
	switch {
	case lacking != "":
		return RuleCheck{RuleOffice, signing.CheckUnknown, lacking}
	case !claimed.exists:
		return RuleCheck{RuleOffice, signing.CheckFailed, FindingNoOffice}
	case len(s.leader.Organizations) == 0:
		return RuleCheck{RuleOffice, signing.CheckUnknown, FindingLeaderOffice}
	}
	for _, organization := range s.leader.Organizations {
		if sameOffice(organization, claimed.office) {
			return ruled(RuleOffice, signing.CheckPassed, "")
		}
	}
	return RuleCheck{RuleOffice, signing.CheckFailed, FindingLeaderOffice}
}

// realm asks for the hierarchy for public offices. That of trials counts where its anchors were given: whoever gave
// them is told when the gateway starts.
func (s signers) realm(lacking string) RuleCheck {
	if lacking != "" {
		return RuleCheck{RuleRealm, signing.CheckUnknown, lacking}
	}
	for _, signature := range []*signing.Signature{s.leader, s.seal} {
		switch certs.Realm(signature.Realm) {
		case certs.Official, certs.Test:
		case certs.Public:
			return RuleCheck{RuleRealm, signing.CheckFailed, FindingOtherRealm}
		default:
			return RuleCheck{RuleRealm, signing.CheckUnknown, FindingOtherRealm}
		}
	}
	return ruled(RuleRealm, signing.CheckPassed, "")
}
