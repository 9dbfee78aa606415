package storagetest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// S3 is an S3 server of a test: versitygw over a folder of its own, on a free port of this machine.
type S3 struct {
	Endpoint  string // host:port, plain HTTP
	AccessKey string
	SecretKey string
	Folder    string // where a bucket is a folder and an object a file
}

// StartS3 starts a server that stops when the test ends. The test is skipped when versitygw is not installed, unless
// peers are required.
func StartS3(tb testing.TB) *S3 {
	tb.Helper()
	program, found := versitygw(tb)
	if !found {
		Missing(tb, "versitygw is not installed: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0")
	}
	var server *S3
	for range 5 { // another program may take the free port before versitygw does
		if server = tryS3(tb, program); server != nil {
			return server
		}
	}
	tb.Fatal("versitygw does not start")
	return nil
}

func versitygw(tb testing.TB) (program string, found bool) {
	tb.Helper()
	if path, err := exec.LookPath("versitygw"); err == nil {
		return path, true
	}
	gopath, err := exec.CommandContext(tb.Context(), "go", "env", "GOPATH").Output()
	if err != nil {
		return "", false
	}
	path := filepath.Join(strings.TrimSpace(string(gopath)), "bin", "versitygw")
	_, err = os.Stat(path)
	return path, err == nil
}

func tryS3(tb testing.TB, program string) *S3 {
	tb.Helper()
	server := &S3{Endpoint: freePort(tb), AccessKey: "test-key", SecretKey: "test-secret", Folder: tb.TempDir()}
	run := exec.CommandContext(context.WithoutCancel(tb.Context()), program,
		"--port", server.Endpoint, "--access", server.AccessKey, "--secret", server.SecretKey,
		"--region", "us-east-1", "--health", "/health", "--quiet", "posix", server.Folder)
	run.Dir = server.Folder
	output := &strings.Builder{}
	run.Stdout, run.Stderr = output, output
	ok(tb, run.Start())
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	if !answers(server.Endpoint, ended) {
		_ = run.Process.Kill()
		tb.Logf("versitygw: %s", output)
		return nil
	}
	tb.Cleanup(func() {
		ok(tb, run.Process.Kill())
		<-ended
	})
	return server
}

func freePort(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(tb, err)
	defer listener.Close()
	return listener.Addr().String()
}

// answers waits until the server listens or has ended.
func answers(endpoint string, ended <-chan error) bool {
	for range 4000 {
		connection, err := net.DialTimeout("tcp", endpoint, time.Second)
		if err == nil {
			return connection.Close() == nil
		}
		select {
		case <-ended:
			return false
		case <-time.After(25 * time.Millisecond):
		}
	}
	return false
}
