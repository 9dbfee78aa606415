package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/handover"
)

// documentSystem takes over what arrives at an office, as a system of another maker would: over HTTP, and each event
// once by its id, however often it is given.
type documentSystem struct {
	url, token string
	client     http.Client
	kept       map[string]exchange.DocumentID // by the id of the event
	again      int                            // events that were given though they were kept
}

// ask sends one request, and gives the body of the answer. What fails is asked again later.
func (s *documentSystem) ask(method, path, body string) ([]byte, error) {
	request, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s %s: %d %s", method, path, response.StatusCode, data)
	}
	return data, err
}

// take leases events, keeps the file of each that is new, and acknowledges. It says how many it was given.
func (s *documentSystem) take() (int, error) {
	answer, err := s.ask(http.MethodPost, "/lease", `{"most":5,"minutes":1}`)
	if err != nil {
		return 0, err
	}
	var list struct {
		Items []handover.Occurrence `json:"items"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return 0, err
	}
	for _, event := range list.Items {
		if _, known := s.kept[event.ID]; known {
			s.again++
		} else {
			file, err := s.ask(http.MethodGet, "/events/"+event.ID+"/content", "")
			if err != nil {
				return 0, err
			}
			sum := sha256.Sum256(file)
			if event.Data.File == nil || hex.EncodeToString(sum[:]) != string(event.Data.File.Digest) {
				return 0, fmt.Errorf("%s: %d bytes are not its file", event.ID, len(file))
			}
			s.kept[event.ID] = event.Data.Document
		}
		if _, err := s.ask(http.MethodPost, "/ack", fmt.Sprintf(`{"events":[%q]}`, event.ID)); err != nil {
			return 0, err
		}
	}
	return len(list.Items), nil
}

// newDocumentSystem orders a mailbox for the arrivals of the district.
func newDocumentSystem(t *testing.T, m *massacre) (*documentSystem, Config) {
	t.Helper()
	config, office := m.configs["district"], m.world.places[1].office
	p := program{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: os.Getenv, now: time.Now}
	node, err := openNode(t.Context(), p, config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = node.close() }()
	actor := exchange.Actor{Name: "Quản trị", Office: office, Role: exchange.Administrator}
	_, _, err = node.desk.Define(t.Context(), actor, "ioffice", exchange.MailboxOrder{Topics: []string{"arrival"}})
	if err != nil {
		t.Fatal(err)
	}
	actor = exchange.Actor{Name: "ioffice", Office: office, Role: exchange.DocumentSystem}
	secret, token := api.NewToken(actor, time.Now(), time.Now().AddDate(0, 1, 0))
	err = node.gateway.Records.Update(t.Context(), func(tx exchange.Tx) error { return tx.AddToken(t.Context(), token) })
	if err != nil {
		t.Fatal(err)
	}
	return &documentSystem{
		url: "http://" + config.Listen + "/api/v1/mailbox/ioffice", token: secret,
		client: http.Client{Timeout: patience}, kept: map[string]exchange.DocumentID{},
	}, config
}

// A document system takes over what arrives while the gateways are killed: each document is handed over, and what is
// given twice has the same id.
func TestADocumentSystemIsHandedEverythingWhileGatewaysAreKilled(t *testing.T) {
	t.Parallel()
	m := newMassacre(t, 1, func(int, *Config) {})
	system, config := newDocumentSystem(t, m)
	var working sync.WaitGroup
	working.Go(func() {
		for !m.over() {
			if n, err := system.take(); n == 0 || err != nil {
				time.Sleep(20 * time.Millisecond) // killed, or nothing there
			}
		}
	})
	m.run(kills(t, 4), func(int) {})
	working.Wait()

	db, err := sql.Open("sqlite", "file:"+filepath.Join(config.Data, "congvan.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	// What was given to a call whose answer was lost is given again when its minute is over: now.
	if _, err := db.ExecContext(t.Context(), "update mailbox_pending set until = 0"); err != nil {
		t.Fatal(err)
	}
	for n := 1; n > 0; {
		if n, err = system.take(); err != nil {
			t.Fatal(err)
		}
	}
	var pending, arrived int
	counts := db.QueryRowContext(t.Context(),
		"select (select count(*) from mailbox_pending), (select count(*) from arrival)")
	if err := counts.Scan(&pending, &arrived); err != nil {
		t.Fatal(err)
	}
	documents := map[exchange.DocumentID]bool{}
	for _, document := range system.kept {
		documents[document] = true
	}
	t.Logf("%d documents handed over, %d events given again", len(documents), system.again)
	if pending != 0 || arrived == 0 || len(documents) != arrived || len(system.kept) != arrived {
		t.Errorf("%d arrived, %d documents were handed over as %d events, %d are pending",
			arrived, len(documents), len(system.kept), pending)
	}
	for id, from := range m.issued {
		if from == "commune" && !documents[id] {
			t.Errorf("seed %d: %s was acknowledged and not handed over", m.seed, id)
		}
	}
}
