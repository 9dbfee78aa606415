package storagetest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Tmpfs mounts a file system in memory of so many bytes ("4m") that is unmounted when the test ends, to be filled or
// made read-only. The test is skipped unless it runs as root, or fails when peers are required. It is always skipped
// where the kernel lets not even root mount, as in many containers.
func Tmpfs(tb testing.TB, size string) (dir string) {
	tb.Helper()
	if os.Geteuid() != 0 {
		Missing(tb, "only root can mount a file system")
	}
	dir = tb.TempDir()
	mount(tb, "mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir)
	tb.Cleanup(func() { mount(tb, "umount", "--lazy", dir) })
	return dir
}

// Resize gives a file system of Tmpfs another size.
func Resize(tb testing.TB, dir, size string) {
	tb.Helper()
	mount(tb, "mount", "-o", "remount,size="+size, dir)
}

// ReadOnly makes a file system of Tmpfs read-only. No file in it may be open for writing.
func ReadOnly(tb testing.TB, dir string) {
	tb.Helper()
	mount(tb, "mount", "-o", "remount,ro", dir)
}

func mount(tb testing.TB, program string, args ...string) {
	tb.Helper()
	run := exec.CommandContext(context.WithoutCancel(tb.Context()), program, args...)
	output, err := run.CombinedOutput()
	for _, refusal := range []string{"permission denied", "Operation not permitted"} {
		if err != nil && strings.Contains(string(output), refusal) {
			tb.Skipf("the kernel of this machine lets nobody mount: %s", output)
		}
	}
	if err != nil {
		tb.Fatalf("%s %v: %v\n%s", program, args, err, output)
	}
}
