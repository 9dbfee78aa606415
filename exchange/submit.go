package exchange

import (
	"context"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"congvan/signing"
)

// MaxRecipients is the most offices that one document is sent to.
const MaxRecipients = 20_000

const (
	maxSubject     = 500 // runes (Circular 02/2019: Subject)
	maxName        = 200 // runes (ibid.: OrganName)
	maxFileName    = 255 // bytes
	maxAttachments = 100
	maxReplaced    = 20
	signatureRoom  = 4 << 20            // bytes
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
	Attachments []File // kept before, by [Gateway.Keep]
	Placement   *Placement

	expanded map[string]string // what the log keeps of the groups
}

// Submit (trình) takes a document in: it checks everything, then keeps the file, then records the document. A file that
// already carries the signatory's valid signature makes a signed document. Asked again with the same draft and the same
// id it gives the document that is there. Secrets are refused before a byte of the file is read; the log keeps a line
// that says so and nothing of the content.
func (g *Gateway) Submit(ctx context.Context, actor Actor, draft Draft, content io.Reader) (Document, error) {
	if err := actor.May(ActSubmit); err != nil {
		return Document{}, err
	}
	if err := g.refuseSecret(ctx, actor, draft); err != nil {
		return Document{}, err
	}
	draft, err := g.expand(actor, draft)
	if err != nil {
		return Document{}, err
	}
	if err := g.checkDraft(ctx, actor, draft); err != nil {
		return Document{}, err
	}
	file, err := g.keepMain(ctx, draft.FileName, content)
	if err != nil {
		return Document{}, err
	}
	report, err := g.examine(ctx, file)
	if err != nil {
		return Document{}, err
	}
	if err := acceptable(report); err != nil {
		return Document{}, err
	}
	g.lately.note(file.Digest, report)
	document, err := g.newDocument(actor, draft, file, report)
	if err != nil {
		return Document{}, err
	}
	if err := g.layOut(ctx, &document, report); err != nil {
		return Document{}, err
	}
	return g.record(ctx, actor, draft, document)
}

// refuseSecret keeps state secrets out (Law on protection of state secrets; design decision 10).
func (g *Gateway) refuseSecret(ctx context.Context, actor Actor, draft Draft) error {
	if draft.Secrecy == NotSecret && !markedSecret(draft.Subject) {
		return nil
	}
	tombstone := Entry{At: g.now(), Act: "document.secret_refused", Actor: actor.Name, Office: actor.Office}
	err := g.Records.Update(ctx, func(tx Tx) error {
		_, err := tx.AppendLog(ctx, tombstone)
		return err
	})
	if err != nil {
		return err
	}
	return Errorf(Invalid, "secrecy.refused", "secrecy %q", draft.Secrecy)
}

// markedSecret finds the marks of secrecy in capitals; "bảo mật" is an ordinary word.
func markedSecret(subject string) bool {
	for _, mark := range []string{"TUYỆT MẬT", "TỐI MẬT", "(MẬT)", "[MẬT]", "ĐỘ MẬT"} {
		if strings.Contains(subject, mark) {
			return true
		}
	}
	return strings.HasPrefix(strings.TrimSpace(subject), "MẬT ") || strings.HasPrefix(strings.TrimSpace(subject), "MẬT:")
}

func (g *Gateway) checkDraft(ctx context.Context, actor Actor, draft Draft) error {
	directory, today := g.Directory(), g.today()
	if err := g.checkIssuer(directory, actor.Office, today); err != nil {
		return err
	}
	if err := draft.check(today); err != nil {
		return err
	}
	if err := checkRecipients(directory, actor.Office, draft.Recipients, today); err != nil {
		return err
	}
	if err := g.checkReplaced(ctx, actor, draft); err != nil {
		return err
	}
	return g.checkAttachments(ctx, draft.Attachments)
}

// checkReplaced wants documents that the office has issued, of the same kind: what was issued with an error of content
// is replaced by a document of the same form (Decree 30/2020, Article 18(3)).
func (g *Gateway) checkReplaced(ctx context.Context, actor Actor, draft Draft) error {
	if len(draft.Replaces) > maxReplaced {
		return Errorf(Invalid, "draft.replaces", "%d documents, at most %d", len(draft.Replaces), maxReplaced)
	}
	for _, id := range draft.Replaces {
		replaced, err := g.document(ctx, actor.Office, id)
		switch {
		case KindOf(err) == NotFound && err != nil:
			return Errorf(Invalid, "draft.replaces", "there is no document %q", id)
		case err != nil:
			return err
		case replaced.IssuedAt.IsZero() || replaced.Kind != draft.Kind || id == draft.ID:
			return Errorf(Invalid, "draft.replaces", "%s is a %s, %s", id, replaced.Kind, replaced.Step())
		}
	}
	return nil
}

// checkIssuer wants an office that exists on the day and is hosted here: a closed office issues nothing.
func (g *Gateway) checkIssuer(directory *Directory, id OfficeID, on Date) error {
	office, err := directory.Office(id)
	if err != nil {
		return err
	}
	if !office.Exists.Contains(on) {
		return Errorf(Denied, "office.closed", "%s does not exist on %s", id, on)
	}
	if host, err := directory.Host(id, on); err != nil || host != g.Node {
		return Errorf(Denied, "office.not_hosted", "%s is not hosted by %s on %s", id, g.Node, on)
	}
	return nil
}

func checkRecipients(directory *Directory, from OfficeID, recipients []OfficeID, on Date) error {
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

// check judges the draft by itself.
func (d Draft) check(today Date) error {
	switch {
	case d.ID != "" && !validID(string(d.ID)):
		return Errorf(Invalid, "draft.id", "%q is not a ULID", d.ID)
	case !d.Kind.Known() || d.Kind.IsCopy(): // copies are made of what is here; see [Gateway.Copy]
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
	case d.RepliesTo != "" && !validID(string(d.RepliesTo)):
		return Errorf(Invalid, "draft.replies_to", "%q is not a ULID", d.RepliesTo)
	case d.DueOn != "" && (!d.DueOn.Valid() || d.DueOn < today):
		return Errorf(Invalid, "draft.due_on", "due on %q", d.DueOn)
	case d.Placement != nil && !d.Placement.valid():
		return Errorf(Invalid, "draft.placement", "placement %+v", *d.Placement)
	}
	return checkFileName(d.FileName)
}

// isText wants valid text without control characters, of so many runes.
func isText(text string, least, most int) bool {
	length := utf8.RuneCountInString(text)
	return length >= least && length <= most && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl) &&
		(least == 0 || strings.TrimSpace(text) != "")
}

// examine has the file judged as it stands now.
func (g *Gateway) examine(ctx context.Context, file File) (signing.Report, error) {
	blob, err := g.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return signing.Report{}, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	return g.Examiner.Examine(ctx, blob, blob.Size(), g.now())
}

// acceptable refuses a file that cannot be read, and one whose signatures do not hold: it would be presented as an
// original and is none. Signatures of which nothing is known for certain are let in.
func acceptable(report signing.Report) error {
	if report.Error != "" {
		return Errorf(Invalid, report.Error, "the file cannot be examined")
	}
	for _, signature := range report.Signatures {
		if signature.Indication == signing.TotalFailed {
			return Errorf(Untrusted, "document.signature_failed",
				"signature %s of %s: %s %v", signature.Field, signature.Signer, signature.SubIndication, signature.Reasons)
		}
	}
	return nil
}

func (g *Gateway) newDocument(actor Actor, draft Draft, file File, report signing.Report) (Document, error) {
	id := string(draft.ID)
	if id == "" {
		var err error
		if id, err = g.newID(); err != nil {
			return Document{}, err
		}
	}
	now := g.now()
	document := Document{
		ID: DocumentID(id), Office: actor.Office,
		Kind: draft.Kind, Subject: draft.Subject, Unit: draft.Unit, Urgency: draft.Urgency, Secrecy: NotSecret,
		Signatory: draft.Signatory, Recipients: slices.Clone(draft.Recipients), RepliesTo: draft.RepliesTo,
		Replaces: slices.Clone(draft.Replaces), DueOn: draft.DueOn, Placement: draft.Placement.given(),
		Attachments: slices.Clone(draft.Attachments),
		CreatedAt:   now, CreatedBy: actor.Name,
		Versions: []Version{{Step: StepSubmitted, File: file, At: now, By: actor.Name}},
	}
	if signature, signed := signatureOf(report, draft.Signatory.Name); signed {
		document.Versions = append(document.Versions, Version{Step: StepSigned, File: file, At: now, By: signature.Signer})
	}
	return document, nil
}

// signatureOf finds the passed signature of a person or an office by the name in its certificate.
func signatureOf(report signing.Report, name string) (signing.Signature, bool) {
	for _, signature := range report.Signatures {
		if signature.Kind == signing.KindSignature && signature.Indication == signing.TotalPassed &&
			sameName(signature.Signer, name) {
			return signature, true
		}
	}
	return signing.Signature{}, false
}

// record writes the document; one that is there already under the client's id is given back when it is the same.
func (g *Gateway) record(ctx context.Context, actor Actor, draft Draft, document Document) (Document, error) {
	err := g.Records.Update(ctx, func(tx Tx) error { return g.addVersions(ctx, tx, actor, draft, document) })
	if err == nil {
		return document, nil
	}
	if KindOf(err) != Conflict || draft.ID == "" {
		return Document{}, err
	}
	known, found := g.document(ctx, actor.Office, draft.ID)
	if found == nil && sameDraft(known, document) && (len(draft.Groups) > 0 || sameRecipients(known, document)) {
		return known, nil
	}
	return Document{}, Errorf(Conflict, "document.id_taken", "document %s is another: %w", draft.ID, err)
}

// addVersions records the document as it was handed in, and what it became at once.
func (g *Gateway) addVersions(ctx context.Context, tx Tx, actor Actor, draft Draft, document Document) error {
	first := document
	first.Versions = document.Versions[:1]
	if err := tx.AddDocument(ctx, first); err != nil {
		return err
	}
	if err := g.logSubmitted(ctx, tx, actor, first, draft); err != nil || len(document.Versions) == 1 {
		return err
	}
	if err := tx.AddVersion(ctx, document.ID, document.Versions[1]); err != nil {
		return err
	}
	act := "document.signed_elsewhere"
	if !document.has(StepSigned) {
		act = "document.prepared"
	}
	return g.log(ctx, tx, actor, document, act)
}

// sameDraft says whether both were made of one draft and one file, but for the recipients.
func sameDraft(a, b Document) bool {
	facts := func(d Document) Document {
		return Document{
			Kind: d.Kind, Subject: d.Subject, Unit: d.Unit, Urgency: d.Urgency, Signatory: d.Signatory,
			RepliesTo: d.RepliesTo, Replaces: d.Replaces, DueOn: d.DueOn,
		}
	}
	return reflect.DeepEqual(facts(a), facts(b)) && a.Versions[0].File == b.Versions[0].File &&
		slices.Equal(a.Attachments, b.Attachments)
}

// sameRecipients is not asked of groups: the first draft has the offices of the directory of its time.
func sameRecipients(a, b Document) bool { return slices.Equal(a.Recipients, b.Recipients) }

// log writes the leaf of an act on a document as it stands after the act.
func (g *Gateway) log(ctx context.Context, tx Tx, actor Actor, document Document, act string) error {
	_, err := tx.AppendLog(ctx, g.entry(actor, document, act))
	return err
}

func (g *Gateway) entry(actor Actor, document Document, act string) Entry {
	detail := map[string]string{"digest": string(document.Current().Digest)}
	if number := document.Numbering.String(); number != "" {
		detail["number"] = number
	}
	return Entry{
		At: g.now(), Act: act, Actor: actor.Name, Office: document.Office, Document: document.ID, Detail: detail,
	}
}

func (g *Gateway) document(ctx context.Context, office OfficeID, id DocumentID) (Document, error) {
	var document Document
	err := g.Records.View(ctx, func(tx Tx) error {
		var err error
		document, err = tx.Document(ctx, office, id)
		return err
	})
	return document, err
}
