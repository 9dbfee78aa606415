package api

import (
	"context"

	"congvan/exchange"
)

type officesInput struct {
	Search string `query:"q" maxLength:"200" doc:"Words of a name or a code; diacritics may be left out"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// OfficeList is what a search in the directory found, by name.
type OfficeList struct {
	Items []Office `json:"items"`
}

// Office is an office as the directory knows it today.
type Office struct {
	exchange.Office
	Name   string                     `json:"name" doc:"What it is called today, or was on its last day"`
	Closed bool                       `json:"closed" doc:"It does not exist today; write to its successors"`
	Living []exchange.OfficeID        `json:"living" doc:"Who has its duties today: itself, or the successors"`
	Code   map[exchange.Scheme]string `json:"code" doc:"Its codes of today, by scheme"`
}

type officesOutput struct{ Body OfficeList }

func (s *Server) listOffices(_ context.Context, _ exchange.Actor, in *officesInput) (*officesOutput, error) {
	directory, today := s.gateway.Directory(), exchange.Today(s.now())
	limit := in.Limit
	if limit == 0 {
		limit = pageSize
	}
	found := directory.Offices(in.Search, min(limit, maxPage))
	list := OfficeList{Items: make([]Office, len(found))}
	for i, office := range found {
		list.Items[i] = Office{
			Office: office, Name: office.NameOn(today), Closed: !office.Exists.Contains(today),
			Living: orEmpty(directory.Living(office.ID, today)), Code: map[exchange.Scheme]string{},
		}
		for _, scheme := range []exchange.Scheme{exchange.QD20, exchange.QCVN102} {
			if code := office.CodeOn(scheme, today); code != "" {
				list.Items[i].Code[scheme] = code
			}
		}
	}
	return &officesOutput{list}, nil
}

// Self is on whose behalf a token speaks.
type Self struct {
	Name   string        `json:"name"`
	Office OfficeName    `json:"office"`
	Role   exchange.Role `json:"role" enum:"clerk,leader,archivist,administrator"`
	// Inherited are in the lists of the office; see the parameter source.
	Inherited []OfficeName `json:"inherited" doc:"Closed offices whose documents it keeps and works on"`
}

type selfOutput struct{ Body Self }

func (s *Server) describeYourself(_ context.Context, actor exchange.Actor, _ *struct{}) (*selfOutput, error) {
	today := exchange.Today(s.now())
	self := Self{Name: actor.Name, Office: s.named(actor.Office, today), Role: actor.Role, Inherited: []OfficeName{}}
	for _, source := range s.gateway.Sources(actor.Office)[1:] {
		self.Inherited = append(self.Inherited, s.named(source, today))
	}
	return &selfOutput{self}, nil
}
