package exchange

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxRecipients is the most offices that one document is sent to.
const MaxRecipients = 20_000

const (
	maxSubject     = 500 // runes (Circular 02/2019: Subject)
	maxName        = 200 // runes (ibid.: OrganName)
	maxFileName    = 255 // bytes
	maxAttachments = 100
	maxReplaced    = 20
	maxAddresses   = MaxSealed - 64<<10 // bytes of the recipients in a header; the rest of it has room beside them
)

// Draft (dự thảo) is what is handed in: what the document says of itself. The main file comes beside it.
type Draft struct {
	ID          DocumentID // given by the client so that it may ask again; empty: the gateway gives one
	Kind        Kind
	Subject     string
	Unit        string // see [Document]
	Urgency     Urgency
	Secrecy     Secrecy // must be [NotSecret]
	Signatory   Signatory
	Recipients  []OfficeID
	Groups      []Group    // whose offices are recipients too, as the directory has them when it is handed in
	Except      []OfficeID // offices of the groups that are not
	RepliesTo   DocumentID
	Replaces    []DocumentID // issued by the office, of the same kind (Decree 30/2020, Article 18(3))
	DueOn       Date
	FileName    string
	Attachments []File // kept before
	Placement   *Placement
}

// CheckIssuer wants an office that exists on the day and is hosted here: a closed office issues nothing.
func (g *Gateway) CheckIssuer(directory *Directory, id OfficeID, on Date) error {
	office, err := directory.Office(id)
	if err != nil {
		return err
	}
	if !office.issues(on) {
		return Errorf(Denied, "office.closed", "%s does not exist on %s", id, on)
	}
	if host, err := directory.Speaker(id, on); err != nil || host != g.Node {
		return Errorf(Denied, "office.not_hosted", "%s is not hosted by %s on %s", id, g.Node, on)
	}
	return nil
}

// CheckRecipients wants offices to which there is a way on the day, each once, as many as a header has room for.
func CheckRecipients(directory *Directory, from OfficeID, recipients []OfficeID, on Date) error {
	if len(recipients) == 0 || len(recipients) > MaxRecipients {
		return Errorf(Invalid, "draft.recipients", "%d recipients, 1 to %d", len(recipients), MaxRecipients)
	}
	seen := make(map[OfficeID]bool, len(recipients))
	size := 0
	for _, id := range recipients {
		if size += len(id) + len(`"",`); seen[id] || id == from || size > maxAddresses {
			return Errorf(Invalid, "draft.recipients", "%s is named twice, is the sender or one too many", id)
		}
		seen[id] = true
		if _, err := directory.hostOf(id, on, on); err != nil {
			return err
		}
	}
	return nil
}

// Check judges the draft by itself, but for its placement.
func (d Draft) Check(today Date) error {
	switch {
	case d.ID != "" && !ValidID(string(d.ID)):
		return Errorf(Invalid, "draft.id", "%q is not a ULID", d.ID)
	case !d.Kind.Known() || d.Kind.IsCopy(): // copies are made of what is here
		return Errorf(Invalid, "draft.kind", "unknown kind %q", d.Kind)
	case !isText(d.Subject, 1, maxSubject):
		return Errorf(Invalid, "draft.subject", "subject of %d bytes", len(d.Subject))
	case !isText(d.Unit, 0, 20):
		return Errorf(Invalid, "draft.unit", "unit %q", d.Unit)
	case d.Urgency < Ordinary || d.Urgency > ExpressTimed:
		return Errorf(Invalid, "draft.urgency", "urgency %d", d.Urgency)
	case !isText(d.Signatory.Name, 1, maxName) || !isText(d.Signatory.Position, 0, maxName):
		return Errorf(Invalid, "draft.signatory", "signatory %q", d.Signatory.Name)
	case !slices.Contains([]Capacity{"", OnBehalf, ForHead, ByOrder, ByDelegated, Acting}, d.Signatory.Capacity):
		return Errorf(Invalid, "draft.capacity", "capacity %q", d.Signatory.Capacity)
	case d.RepliesTo != "" && !ValidID(string(d.RepliesTo)):
		return Errorf(Invalid, "draft.replies_to", "%q is not a ULID", d.RepliesTo)
	case len(d.Replaces) > maxReplaced:
		return Errorf(Invalid, "draft.replaces", "%d documents, at most %d", len(d.Replaces), maxReplaced)
	case len(d.Attachments) > maxAttachments:
		return Errorf(Invalid, "draft.attachments", "%d attachments, at most %d", len(d.Attachments), maxAttachments)
	case d.DueOn != "" && (!d.DueOn.Valid() || d.DueOn < today):
		return Errorf(Invalid, "draft.due_on", "due on %q", d.DueOn)
	}
	return CheckFileName(d.FileName)
}

// CheckFileName wants a name without folders that people can read. Error: Invalid file.name.
func CheckFileName(name string) error {
	if !isText(name, 1, maxFileName) || len(name) > maxFileName || strings.ContainsAny(name, `/\`) {
		return Errorf(Invalid, "file.name", "file name of %d bytes", len(name))
	}
	return nil
}

// isText wants valid text without control characters, of so many runes.
func isText(text string, least, most int) bool {
	length := utf8.RuneCountInString(text)
	return length >= least && length <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl) &&
		(least == 0 || strings.TrimSpace(text) != "")
}

const (
	shortestReason = 10  // runes
	longestReason  = 500 // runes
)

// ValidReason says whether a reason that a person gave is one: 10 to 500 characters of text.
func ValidReason(reason string) bool {
	return isText(reason, shortestReason, longestReason) && utf8.ValidString(reason)
}

// Recorded gives a document of the office as it is recorded. Who may see it is for the caller to know.
func (g *Gateway) Recorded(ctx context.Context, office OfficeID, id DocumentID) (Document, error) {
	var document Document
	err := g.Records.View(ctx, func(tx Tx) error {
		var err error
		document, err = tx.Document(ctx, office, id)
		return err
	})
	return document, err
}
