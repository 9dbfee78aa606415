package storage_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"congvan/storage"
	"congvan/storage/storagetest"
)

// instance is one of several that share records.
type instance struct {
	shards *storage.Shards
	heard  chan string
	end    func()
}

func startInstance(t *testing.T, dsn string) instance {
	t.Helper()
	records, err := storage.OpenRecords(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	started := instance{shards: records.Shards(), heard: make(chan string, 100)}
	var running sync.WaitGroup
	running.Go(func() {
		started.shards.Run(ctx, func(hint string) { started.heard <- hint }, func() {}, func(error) {})
	})
	started.end = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if err := records.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(started.end)
	return started
}

// owned counts the keys of each instance, and those that none or several own.
func owned(instances ...instance) (counts []int, nobodys, shared int) {
	counts = make([]int, len(instances))
	for n := range 1000 {
		owners := 0
		for i, instance := range instances {
			if instance.shards.Own(fmt.Sprint("key ", n)) {
				counts[i]++
				owners++
			}
		}
		switch {
		case owners == 0:
			nobodys++
		case owners > 1:
			shared++
		}
	}
	return counts, nobodys, shared
}

// until waits for a state of the instances.
func until(t *testing.T, what string, reached func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !reached() {
		if time.Since(start) > 5*time.Minute {
			t.Fatalf("not after five minutes: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(start)
}

func TestInstancesShareTheWorkAndTakeOverWhatADeadOneLeaves(t *testing.T) {
	t.Parallel()
	server := storagetest.StartPostgreSQL(t, false)
	dsn := server.Fresh(t)
	first := startInstance(t, dsn)
	until(t, "one alone owns everything", func() bool {
		counts, _, _ := owned(first)
		return counts[0] == 1000
	})
	other := startInstance(t, server.Fresh(t)) // another gateway in the same database
	until(t, "another gateway's instance owns everything of its own", func() bool {
		counts, _, _ := owned(other)
		return counts[0] == 1000
	})
	second, third := startInstance(t, dsn), startInstance(t, dsn)
	until(t, "three share it", func() bool {
		counts, nobodys, shared := owned(first, second, third)
		return nobodys == 0 && shared == 0 && min(counts[0], counts[1], counts[2]) > 200
	})
	second.end()
	took := until(t, "two take over", func() bool {
		counts, nobodys, shared := owned(first, third)
		return nobodys == 0 && shared == 0 && min(counts[0], counts[1]) > 350
	})
	t.Logf("taken over after %v", took)
	server.Kill(t)
	until(t, "nobody owns anything while there is no server", func() bool {
		counts, _, _ := owned(first, third)
		return counts[0]+counts[1] == 0
	})
	server.Start(t)
	until(t, "they share it again", func() bool {
		_, nobodys, shared := owned(first, third)
		return nobodys == 0 && shared == 0
	})
}

func TestAHintReachesTheOtherInstances(t *testing.T) {
	t.Parallel()
	dsn := storagetest.StartPostgreSQL(t, false).Fresh(t)
	first, second := startInstance(t, dsn), startInstance(t, dsn)
	until(t, "both are there", func() bool {
		counts, nobodys, _ := owned(first, second)
		return nobodys == 0 && min(counts[0], counts[1]) > 0
	})
	first.shards.Tell("reachable cong-xa")
	select {
	case hint := <-second.heard:
		if hint != "reachable cong-xa" {
			t.Errorf("heard %q", hint)
		}
	case <-time.After(5 * time.Minute):
		t.Error("nothing was heard")
	}
}

func TestASQLiteFileIsOwnedWhole(t *testing.T) {
	t.Parallel()
	alone := startInstance(t, "sqlite:"+t.TempDir()+"/records.db")
	alone.shards.Tell("nobody")
	if counts, _, _ := owned(alone); counts[0] != 1000 {
		t.Errorf("%d of 1000 keys are owned", counts[0])
	}
}
