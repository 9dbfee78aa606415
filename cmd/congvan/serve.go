package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"congvan/exchange"
)

// serveCommand runs a gateway until it is asked to end.
type serveCommand struct {
	Config string `short:"c" default:"congvan.yaml" help:"${help_config_file}"`
	S3     string `name:"s3" help:"${help_serve_s3}"`
}

// Run serves until the context ends and then lets what is under way come to its end.
func (c serveCommand) Run(ctx context.Context, p program) (err error) {
	found, err := exists(c.Config)
	if err != nil {
		return err
	}
	if !found {
		return failure(exchange.Invalid, "config.missing", c.Config, nil)
	}
	config, err := loadConfig(c.Config)
	if err != nil {
		return err
	}
	if c.S3 != "" {
		config.Blobs = c.S3
	}
	node, err := openNode(ctx, p, config, newLogger(p.err, slog.LevelInfo))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, node.close()) }()
	collectSeldom(p)
	fmt.Fprintln(p.out, p.say.word("serving"), node.url())
	return node.run(ctx)
}

// gatewayGarbage is how much garbage a gateway makes before it is collected, in percent of what lives: that is some
// 10 MiB, and to mark it for every 10 MiB more would cost a tenth of the processor under load.
const gatewayGarbage = 400

// collectSeldom sets when garbage is collected, unless whoever runs the program has. What the start made, several times
// what lives then, is given back first: it would stay until as much came again.
func collectSeldom(p program) {
	debug.FreeOSMemory()
	if p.getenv("GOGC") == "" {
		debug.SetGCPercent(gatewayGarbage)
	}
}

// newLogger writes JSON lines: control characters in names cannot break a line.
func newLogger(out io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level}))
}

// readToken gives an access token from a file, or else from the environment.
func (p program) readToken(path string) (string, error) {
	if path != "" {
		return firstLine(path)
	}
	if token := p.getenv("CONGVAN_TOKEN"); token != "" {
		return token, nil
	}
	return "", failure(exchange.Denied, "token.missing", "--token-file", os.ErrNotExist)
}
