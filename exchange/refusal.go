package exchange

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Refusal (từ chối của cổng) is what this gateway stated when it refused a message at its door, for one office. It is
// the one answer to one question: asked the same again, the gateway gives the same bytes. Who has a refusal and asks
// anew names it, and that is another question.
type Refusal struct {
	Asked   MessageID // the message that was brought
	Office  OfficeID
	Message Digest    // the SHA-256 of the sealed message; empty of a state secret, of which nothing is kept
	After   MessageID // the refusal that was known when it was asked; empty: none
	ID      MessageID // of the receipt
	Code    string
	Leaf    int64 // of the log, that names it
	Sealed  []byte
}

// RefusalRecords keep what was refused at doors, this gateway's and others'.
type RefusalRecords interface {
	// AddRefusals records what was refused here. A question that has its answer keeps it.
	AddRefusals(ctx context.Context, refusals []Refusal) error
	// RefusalsOf gives what was refused here of messages, in no order.
	RefusalsOf(ctx context.Context, messages []MessageID) ([]Refusal, error)
	// RefusedAtDoors gives the receipts about documents that are refusals at a door, as Receipts has them.
	RefusedAtDoors(ctx context.Context, documents []DocumentID) ([]Receipt, error)
}

const (
	codeClash        = "message.clash"
	codeSecret       = "secrecy.refused"
	codeNotAddressed = "message.not_addressed"
)

// question is what a refusal answers.
type question struct {
	asked   MessageID
	office  OfficeID
	message Digest
	after   MessageID
}

// refusing is what is known and stated of the refusals of a frame.
type refusing struct {
	given    map[question]Refusal // here before, and in this batch; of all its frames
	expected map[OfficeID]Receipt // sealed before the transaction, with the receipts of what is taken
	fresh    []Refusal            // not in the log yet; without bytes where there was nothing to sign
	known    Digest               // of a clash: the message that is here
}

func (in *intake) secret() bool { return CodeOf(in.refusal) == codeSecret }

func (in *intake) question(office OfficeID) question {
	asked := question{asked: in.frame.ID, office: office, message: in.digest, after: in.frame.again(office)}
	if in.secret() {
		asked.message = ""
	}
	return asked
}

// again is the refusal that the one who asks has already.
func (f Frame) again(office OfficeID) MessageID {
	if id := f.Again[office]; ValidID(string(id)) {
		return id
	}
	return ""
}

// remember finds what was refused before of the frames of a batch.
func remember(ctx context.Context, tx Tx, intakes []*intake) error {
	ids := make([]MessageID, 0, len(intakes))
	for _, in := range intakes {
		if ValidID(string(in.frame.ID)) {
			ids = append(ids, in.frame.ID)
		}
	}
	found, err := tx.RefusalsOf(ctx, ids)
	if err != nil {
		return err
	}
	given := make(map[question]Refusal, len(found))
	for _, refusal := range found {
		given[question{refusal.Asked, refusal.Office, refusal.Message, refusal.After}] = refusal
	}
	for _, in := range intakes {
		in.given, in.fresh = given, nil
	}
	return nil
}

// takeAll decides about a batch inside the transaction, which may run more than once.
func (g *Gateway) takeAll(ctx context.Context, tx Tx, intakes []*intake) error {
	if err := remember(ctx, tx, intakes); err != nil {
		return err
	}
	for _, in := range intakes {
		if err := g.take(ctx, tx, in); err != nil {
			return err
		}
		if err := g.keepRefusals(ctx, tx, in); err != nil {
			return err
		}
	}
	return nil
}

// foreseen gives the refusals that need no transaction to be known, to be sealed with the receipts of what is taken.
func (in *intake) foreseen() []Receipt {
	var list []Receipt
	seen := map[OfficeID]bool{}
	for _, office := range in.frame.To {
		code := in.codeFor(office)
		_, given := in.given[in.question(office)]
		if code == "" || given || seen[office] || !in.names(office) {
			continue
		}
		seen[office] = true
		list = append(list, in.refused(office, code))
	}
	return list
}

// codeFor says why the frame will not be taken for an office, as far as that is known; empty when it may be.
func (in *intake) codeFor(office OfficeID) string {
	switch way := in.ways[office]; {
	case in.refusal != nil:
		return CodeOf(in.refusal)
	case in.frame.Kind != DocumentMessage || in.missing:
		return ""
	case way == nil:
		return codeNotAddressed
	default:
		return way.code
	}
}

// names says whether a statement may name what was asked: what is no identifier, or an office that nobody knows and
// that is not addressed, is not put under a signature.
func (in *intake) names(office OfficeID) bool {
	_, known := in.directory.offices[office]
	return ValidID(string(in.frame.ID)) && isText(string(office), 1, maxName) &&
		(known || slices.Contains(in.to, office) || slices.Contains(in.notice.To, office))
}

// refused is what the refusal for an office is to say.
func (in *intake) refused(office OfficeID, code string) Receipt {
	asked := in.question(office)
	return Receipt{
		Document: DocumentID(asked.asked), Office: office, Status: Undeliverable, Reason: code, At: in.at,
		From: in.from, Message: asked.message, After: asked.after,
	}
}

// reject answers for an office that the message will not be taken: with what was answered to the same question, or a
// signed statement that is kept for it.
func (g *Gateway) reject(ctx context.Context, tx Tx, in *intake, office OfficeID, code string) error {
	asked := in.question(office)
	if known, answered := in.given[asked]; answered {
		in.answer(office, outcomeOf(known.Code), known.Code, known.Sealed)
		return nil
	}
	if !in.names(office) {
		in.answer(office, outcomeOf(code), code, nil)
		in.fresh = append(in.fresh, Refusal{Office: office, Code: code})
		return nil
	}
	receipt := in.expected[office]
	if receipt.Reason != code {
		size, _, err := tx.LogHead(ctx)
		if err != nil {
			return err
		}
		receipt = in.refused(office, code)
		receipt.LogSize = size
		if receipt, err = g.sealReceipt(receipt); err != nil {
			return err
		}
	}
	refusal := Refusal{
		Asked: asked.asked, Office: office, Message: asked.message, After: asked.after,
		ID: receipt.ID, Code: code, Sealed: receipt.Sealed,
	}
	in.given[asked] = refusal
	in.fresh = append(in.fresh, refusal)
	in.answer(office, outcomeOf(code), code, refusal.Sealed)
	return nil
}

func outcomeOf(code string) Outcome {
	if code == codeClash {
		return Clash
	}
	return Rejected
}

// refusedBefore says whether the same question was answered so before: it is answered so for ever.
func (in *intake) refusedBefore(office OfficeID) bool {
	_, answered := in.given[in.question(office)]
	return answered
}

// rejectAll answers for all offices of the frame.
func (g *Gateway) rejectAll(ctx context.Context, tx Tx, in *intake, code string) error {
	for _, office := range in.frame.To {
		if err := g.reject(ctx, tx, in, office, code); err != nil {
			return err
		}
	}
	return nil
}

// refuse answers for a frame that will never be taken. Where it was taken before, that stands: the directory may think
// otherwise of its sender today.
func (g *Gateway) refuse(ctx context.Context, tx Tx, in *intake) error {
	prior, err := g.takenBefore(ctx, tx, in)
	if err != nil {
		return err
	}
	for _, office := range in.frame.To {
		if receipt, done := prior[office]; done {
			in.answer(office, Duplicate, "", receipt.Sealed)
			continue
		}
		if err := g.reject(ctx, tx, in, office, CodeOf(in.refusal)); err != nil {
			return err
		}
	}
	return nil
}

// takenBefore gives the receipts with which the same bytes were taken.
func (g *Gateway) takenBefore(ctx context.Context, tx Tx, in *intake) (map[OfficeID]Receipt, error) {
	if in.frame.Kind != DocumentMessage || !ValidID(string(in.frame.ID)) {
		return nil, nil
	}
	stored, err := tx.Message(ctx, in.frame.ID)
	if KindOf(err) == NotFound {
		return nil, nil
	}
	if err != nil || stored.Kind != DocumentMessage || digestOf(stored.Sealed) != in.digest {
		return nil, err
	}
	prior, _, err := g.answeredBefore(ctx, tx, DocumentID(in.frame.ID))
	return prior, err
}

// clashWith answers for other bytes under a known id: one of the two was not made by an honest gateway.
func (g *Gateway) clashWith(ctx context.Context, tx Tx, in *intake, stored Message) error {
	in.clash, in.known = true, digestOf(stored.Sealed)
	return g.rejectAll(ctx, tx, in, codeClash)
}

// keepRefusals logs what was refused of the frame and was not before, a leaf for each code, and keeps it. Of a secret
// nothing is written but that there was one.
func (*Gateway) keepRefusals(ctx context.Context, tx Tx, in *intake) error {
	byCode := map[string][]Refusal{}
	var codes []string
	for _, refusal := range in.fresh {
		if byCode[refusal.Code] == nil {
			codes = append(codes, refusal.Code)
		}
		byCode[refusal.Code] = append(byCode[refusal.Code], refusal)
	}
	for _, code := range codes {
		index, err := tx.AppendLog(ctx, in.refusalEntry(code, byCode[code]))
		if err != nil {
			return err
		}
		signed := slices.DeleteFunc(byCode[code], func(refusal Refusal) bool { return refusal.ID == "" })
		for i := range signed {
			signed[i].Leaf = index
		}
		if err := tx.AddRefusals(ctx, signed); err != nil {
			return err
		}
	}
	return nil
}

func (in *intake) refusalEntry(code string, refusals []Refusal) Entry {
	entry := Entry{At: in.at, Act: "message.refused", Detail: map[string]string{
		"peer": string(in.from), "code": code, "offices": strconv.Itoa(len(refusals)), "receipts": bindRefusals(refusals),
	}}
	if code == codeSecret {
		return entry
	}
	entry.Detail["message"] = string(in.digest)
	if ValidID(string(in.frame.ID)) {
		entry.Detail["id"] = string(in.frame.ID)
	}
	if in.frame.Kind == DocumentMessage {
		entry.Document = DocumentID(entry.Detail["id"])
	}
	if code == codeClash {
		entry.Act, entry.Detail["stored"] = codeClash, string(in.known)
	}
	return entry
}

// bindRefusals is the digest by which a leaf of the log binds refusals: a line for each, "office SHA-256", sorted.
func bindRefusals(refusals []Refusal) string {
	lines := make([]string, len(refusals))
	for i, refusal := range refusals {
		lines[i] = string(refusal.Office) + " " + string(digestOf(refusal.Sealed)) + "\n"
	}
	slices.Sort(lines)
	return string(digestOf([]byte(strings.Join(lines, ""))))
}

// AtDoor says whether the receipt is a refusal at a gateway's door: Node has not taken the message that From brought,
// for the office, and Reason is the code. (RelayRejection of ETSI EN 319 522-1; other receipts with the status are a
// RelayFailure of what was taken.)
func (r Receipt) AtDoor() bool { return r.Status == Undeliverable && r.From != "" }

var codeShape = regexp.MustCompile(`^[a-z0-9_]{1,30}(\.[a-z0-9_]{1,50}){0,2}$`)

// checkDoor judges what a gateway on the way states by itself.
func (r Receipt) checkDoor() error {
	fits := r.After == "" || ValidID(string(r.After))
	if r.AtDoor() {
		fits = fits && codeShape.MatchString(r.Reason) && (r.Message.Valid() || r.Message == "" && r.Reason == codeSecret)
	}
	if !fits {
		return Errorf(Invalid, "message.incomplete", "receipt %q at the door", r.ID)
	}
	return nil
}

// SpeaksOf says whether a refusal at the door is about the sealed bytes with this SHA-256. That of a state secret names
// none, and may be about any.
func (r Receipt) SpeaksOf(message Digest) bool {
	return r.Message == message || r.Message == "" && r.Reason == codeSecret
}
