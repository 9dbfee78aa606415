package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A gateway of an older release and one of this exchange documents both ways, and then the older one is brought up to
// date: everything arrives meanwhile, and afterwards nothing is owed, lost or doubled. The older program is named by
// the variable; without it there is nothing to try. What is owed before the update, because the two do not understand
// each other, is printed.
func TestAnOlderReleaseAndThisOneExchange(t *testing.T) {
	t.Parallel()
	older := os.Getenv("CONGVAN_OLDER")
	if older == "" {
		t.Skip("CONGVAN_OLDER names no older program")
	}
	s := newStorm(t, unchanged)
	s.rate = 100
	s.sender.kill()
	s.beOlder(older)
	const owed, count = "select count(*) from owed", 40
	for _, way := range []string{"from the older", "to the older"} {
		ids := prepare(t, s.staff[s.from.node][0], s.from, count, []string{s.to.code})
		s.line.cut() // so that they come together, and receipts are made together
		s.offer(ids)
		s.line.restore()
		until(t, way+" everything arrives", func() bool { return s.count(s.to.node, arrivalsThere) == count })
		patience := time.Now().Add(10 * time.Second)
		for s.count(s.from.node, owed) > 0 && time.Now().Before(patience) {
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("%s: all %d are there, %d are owed 10 s later", way, count, s.count(s.from.node, owed))
		s.from, s.to = s.to, s.from
	}
	s.sender.kill()
	s.sender.program = ""
	s.sender.start(t)
	until(t, "nothing is owed after the update", func() bool {
		return s.count("district", owed) == 0 && s.count("commune", owed) == 0
	})
	s.settle()
}

// beOlder lets the older program be the district, with records of its own making and the same people.
func (s *storm) beOlder(program string) {
	s.t.Helper()
	config := s.configs["district"]
	ours := filepath.Join(config.Data, "congvan.db")
	config.Records = "sqlite:" + filepath.Join(config.Data, "older.db")
	if err := config.write(s.sender.config); err != nil {
		s.t.Fatal(err)
	}
	s.sender.program = program
	s.sender.start(s.t)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(config.Data, "older.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	until(s.t, "the older program has made its records", func() bool { // it listens before
		_, err := db.ExecContext(s.t.Context(), "select 1 from main.token")
		return err == nil
	})
	if _, err := db.ExecContext(s.t.Context(), "attach $1 as ours", ours); err != nil {
		s.t.Fatal(err)
	}
	if _, err := db.ExecContext(s.t.Context(), "insert into main.token select * from ours.token"); err != nil {
		s.t.Fatal(err)
	}
	gateway, open, err := openAudited(s.t.Context(), s.sender.config)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = closeAll(open) })
	s.audits["district"] = gateway
}
