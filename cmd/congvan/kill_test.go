package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
)

// theatre is three places of which the commune is a process of its own, that can be killed.
type theatre struct {
	world   *world
	program program
	staff   map[exchange.NodeID]people
	urls    map[exchange.NodeID]string
}

func openTheatre(t *testing.T) *theatre {
	t.Helper()
	p := program{
		in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: os.Getenv, now: time.Now, ourselves: theProgram,
	}
	cast := places()
	for _, here := range cast {
		here.rsa = false // RSA keys take long to make
	}
	world, err := buildWorld(t.Context(), p, t.TempDir(), "", cast)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.close(); err != nil {
			t.Error(err)
		}
	})
	stage := &theatre{world: world, program: p, staff: map[exchange.NodeID]people{}, urls: map[exchange.NodeID]string{}}
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	for i, here := range world.places {
		config, err := loadConfig(world.configs[here.node])
		if err != nil {
			t.Fatal(err)
		}
		node, err := openNode(t.Context(), p, config, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if stage.staff[here.node], err = employ(t.Context(), p, node, here); err != nil {
			t.Fatal(err)
		}
		stage.urls[here.node] = node.url()
		if i == 0 { // the commune will be started by the test
			if err := node.close(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		ended := make(chan error, 1)
		go func() { ended <- node.run(ctx) }()
		t.Cleanup(func() {
			end()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if err := node.close(); err != nil {
				t.Error(err)
			}
		})
	}
	return stage
}

// start runs the commune as its own process until it is killed at the point or the test ends it.
func (s *theatre) start(t *testing.T, killAt string) (end func()) {
	t.Helper()
	var complaints bytes.Buffer
	shipped, err := theProgram()
	if err != nil {
		t.Fatal(err)
	}
	program := shipped
	if killAt != "" {
		program = os.Args[0] // which can kill itself, and is much slower
	}
	child := exec.CommandContext(t.Context(), program, "serve", "--config", s.world.configs["commune"])
	child.Env = append(os.Environ(), childVariable+"="+shipped, "CONGVAN_TEST_KILL_AT="+killAt)
	child.Stderr = &complaints
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	ready, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err = await(ready, func() (bool, bool, error) {
		_, err := s.staff["commune"].clerk.Self(ready)
		return true, err == nil, nil
	})
	if err != nil {
		t.Fatalf("the commune does not answer: %v\n%s", err, complaints.String())
	}
	return func() {
		t.Helper()
		if killAt == "" {
			if err := child.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatalf("the commune was not killed at %q", killAt)
		}
	}
}

// A number is the intent before the seal, an issued document is owed before it is sent: whatever the moment at which
// the power goes, the same number is used again, nothing is lost and nothing is there twice.
func TestAKilledGatewayGoesOnWithTheSameNumber(t *testing.T) {
	t.Parallel()
	stage := openTheatre(t)
	staff := stage.staff["commune"]
	for number, point := range []string{"numbered", "sealed", "issued"} {
		end := stage.start(t, point)
		id := stage.submit(t, staff)
		_, err := staff.clerk.Seal(t.Context(), id)
		if err == nil {
			_, err = staff.clerk.Send(t.Context(), id)
		}
		if err == nil {
			t.Fatalf("%s: it was not killed", point)
		}
		end()

		end = stage.start(t, "")
		before, err := staff.clerk.Document(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if before.Numbering == nil || before.Numbering.Number != number+1 {
			t.Fatalf("%s: after the restart the number is %v", point, before.Numbering)
		}
		if _, err := staff.clerk.Seal(t.Context(), id); err != nil {
			t.Fatalf("%s: seal again: %v", point, err)
		}
		after, err := staff.clerk.Send(t.Context(), id)
		if err != nil {
			t.Fatalf("%s: send again: %v", point, err)
		}
		if after.Number != before.Number {
			t.Errorf("%s: number %s became %s", point, before.Number, after.Number)
		}
		stage.arrives(t, id)
		end()
	}
}

func (s *theatre) submit(t *testing.T, staff people) exchange.DocumentID {
	t.Helper()
	letter, err := demoFiles.Open("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	commune := s.world.places[0]
	document, err := staff.clerk.Submit(t.Context(), api.Submission{
		Draft: api.Draft{
			Kind: "CV", Subject: "V/v thử mất điện", Secrecy: exchange.NotSecret, Recipients: []string{"H40", "H40.12"},
			Signatory: exchange.Signatory{Name: commune.leader, Position: commune.position},
		},
		File: api.NamedFile{Name: "letter.pdf", Content: letter},
	})
	if err != nil {
		t.Fatal(err)
	}
	if document, err = staff.leader.Sign(t.Context(), document.ID); err != nil {
		t.Fatal(err)
	}
	return document.ID
}

// arrives waits for the document at both recipients and counts that it is there once.
func (s *theatre) arrives(t *testing.T, id exchange.DocumentID) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, there := range s.world.places[1:] {
		count, err := await(ctx, func() (int, bool, error) {
			list, err := s.staff[there.node].clerk.Inbox(ctx, exchange.Page{Limit: 200})
			count := 0
			for _, arrival := range list.Items {
				if arrival.Document == id && arrival.Judgement != nil && arrival.Judgement.Verdict == "passed" {
					count++
				}
			}
			return count, count > 0, err
		})
		if err != nil || count != 1 {
			t.Errorf("%s is at %s %d times: %v", id, there.name, count, err)
		}
	}
}
