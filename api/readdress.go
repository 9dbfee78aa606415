package api

import (
	"context"
	"fmt"
	"net/http"

	"congvan/exchange"
	"congvan/exchange/readdress"
)

// Addition says to whom else an issued document goes.
type Addition struct {
	Recipients []string         `json:"recipients,omitempty" doc:"Ids or codes of offices, as of today"`
	Groups     []exchange.Group `json:"groups,omitempty" doc:"Nhóm nơi nhận: all offices of a level under an office"`
	Except     []string         `json:"except,omitempty" doc:"Ids or codes of offices of the groups to leave out"`
	Instead    string           `json:"instead,omitempty" doc:"Id or code of the recipient in whose place they are added"`
	Reason     string           `json:"reason,omitempty" maxLength:"2000" doc:"10 to 500 characters; in the signed notice"`
}

type additionInput struct {
	ID   exchange.DocumentID `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
	Body Addition
}

func (s *Server) describeReaddress() {
	add(s, route{"addRecipients", http.MethodPost, "/documents/{id}/recipients", exchange.ActSend, 200, 0}, s.addRecipients)
}

func (s *Server) addRecipients(ctx context.Context, actor exchange.Actor, in *additionInput) (*documentOutput, error) {
	addition := readdress.Addition{Groups: in.Body.Groups, Reason: in.Body.Reason}
	var err error
	if addition.Offices, err = addressees(in.Body.Recipients, "recipients", s.recipient); err != nil {
		return nil, err
	}
	if addition.Except, err = addressees(in.Body.Except, "except", s.recipient); err != nil {
		return nil, err
	}
	if in.Body.Instead != "" {
		instead, err := addressees([]string{in.Body.Instead}, "instead", s.addressee)
		if err != nil {
			return nil, err
		}
		addition.Instead = instead[0]
	}
	return s.shown((&readdress.Desk{Gateway: s.gateway}).Add(ctx, actor, in.ID, addition))
}

// addressees finds offices of a list in the body.
func addressees(
	texts []string, where string, find func(string) (exchange.OfficeID, error),
) ([]exchange.OfficeID, error) {
	var found []exchange.OfficeID
	for i, text := range texts {
		office, err := find(text)
		if err != nil {
			return nil, &located{err, fmt.Sprintf("body.%s[%d]", where, i)}
		}
		found = append(found, office)
	}
	return found, nil
}

// AddRecipients owes an issued document to further offices.
func (c *Client) AddRecipients(ctx context.Context, id exchange.DocumentID, addition Addition) (Document, error) {
	return post[Document](ctx, c, "/documents/"+string(id)+"/recipients", addition)
}
