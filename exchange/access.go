package exchange

// Role is what a person or system may do at its office.
type Role string

// The roles.
const (
	Clerk         Role = "clerk"         // văn thư: numbers, seals, sends, accepts, refuses
	Leader        Role = "leader"        // lãnh đạo: signs
	Archivist     Role = "archivist"     // lưu trữ: files, finds, proves
	Administrator Role = "administrator" // quản trị: tokens, directory, health; reads no document
	// DocumentSystem is no person: it is handed what its mailbox is given, and may do nothing else.
	DocumentSystem Role = "system" // hệ thống quản lý văn bản
)

// Actor is somebody known who acts for one office in one role.
type Actor struct {
	Name   string
	Office OfficeID
	Role   Role
}

// Act is something an actor may be allowed to do.
type Act string

// The acts.
const (
	ActSubmit Act = "submit" // hand in a document
	ActSign   Act = "sign"   // sign as the competent person
	ActSeal   Act = "seal"   // number and apply the office's seal
	ActSend   Act = "send"   // issue
	ActRead   Act = "read"   // documents, arrivals, reports, timelines
	ActDecide Act = "decide" // accept or refuse an arrival
	ActFile   Act = "file"   // hand over to the archive
	ActVerify Act = "verify" // have any file judged
	ActManage Act = "manage" // tokens and directory
	ActTake   Act = "take"   // take over what is in the own mailbox
)

// rights says which role may do what. Only the clerk holds the office's seal (Decree 30/2020, Articles 32 and 33), and
// the one who seals is not the one who signs.
var rights = map[Role][]Act{
	Clerk:         {ActSubmit, ActSeal, ActSend, ActRead, ActDecide, ActFile, ActVerify},
	Leader:        {ActSubmit, ActSign, ActRead, ActVerify},
	Archivist:     {ActRead, ActFile, ActVerify},
	Administrator: {ActVerify, ActManage},

	DocumentSystem: {ActTake},
}

// May says whether the actor may do the act at its own office: nil, or an Error of kind Denied.
func (a Actor) May(act Act) error {
	for _, allowed := range rights[a.Role] {
		if allowed == act {
			return nil
		}
	}
	return Errorf(Denied, "access.denied", "%s of %s may not %s", a.Role, a.Office, act)
}
