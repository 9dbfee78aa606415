package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"congvan/api"
)

// cli is the command line. Its help is in the language of the person (see words.go).
type cli struct {
	Lang string `enum:"vi,en" default:"${lang}" help:"${help_lang}"`

	Demo     demoCommand      `cmd:"" help:"${help_demo}"`
	Serve    serveCommand     `cmd:"" help:"${help_serve}"`
	Sign     signCommand      `cmd:"" help:"${help_sign}"`
	Verify   verifyCommand    `cmd:"" help:"${help_verify}"`
	Send     sendCommand      `cmd:"" help:"${help_send}"`
	Inbox    inboxCommand     `cmd:"" help:"${help_inbox}"`
	Explain  explainCommand   `cmd:"" help:"${help_explain}"`
	Evidence evidenceCommand  `cmd:"" help:"${help_evidence}"`
	Bench    benchCommand     `cmd:"" help:"${help_bench}"`
	Config   configCommand    `cmd:"" help:"${help_config}"`
	Version  versionCommand   `cmd:"" help:"${help_version}"`
	Certs    certsCommand     `cmd:"" help:"${help_certs}"`
	Renew    renewCommand     `cmd:"" help:"${help_renew}"`
	Report   reportCommand    `cmd:"" help:"${help_report_command}"`
	Dir      directoryCommand `cmd:"" name:"directory" help:"${help_directory}"`
	Audit    auditCommand     `cmd:"" help:"${help_audit}"`
	Address  addressCommand   `cmd:"" help:"${help_address}"`

	Worker  workerCommand  `cmd:"" hidden:""`
	Opinion opinionCommand `cmd:"" hidden:""`
}

// Exit codes that all commands share; verify has its own (see verify.go).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 3
)

// exit ends the program with a code when all has been said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// run is the whole program: it parses args, runs the command, says what went wrong, and gives the exit code.
func run(ctx context.Context, p program, args []string) int {
	p.say = speech{lang: language(p.getenv, args)}
	var line cli
	finished := -1
	parser, err := kong.New(&line,
		kong.Name("congvan"), kong.Description(p.say.word("help_congvan")), kong.Vars{"lang": string(p.say.lang)},
		kong.PostBuild(p.say.help), kong.Writers(p.out, p.err), kong.Exit(func(code int) { finished = code }),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p),
	)
	if err != nil {
		fmt.Fprintln(p.err, err)
		return exitFailed
	}
	command, err := parser.Parse(args)
	if finished >= 0 { // --help has been shown
		return finished
	}
	if err != nil {
		p.complain(usageError(err))
		return exitUsage
	}
	err = command.Run()
	var code exit
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	}
	p.complain(err)
	if codeOf(err) == "usage.wrong" {
		return exitUsage
	}
	return exitFailed
}

// language finds the person's language before the command line is parsed, because the help itself is spoken in it.
func language(getenv func(string) string, args []string) api.Lang {
	lang := getenv("CONGVAN_LANG")
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--lang="); ok {
			lang = value
		}
		if arg == "--lang" && i+1 < len(args) {
			lang = args[i+1]
		}
	}
	if lang == "en" {
		return api.English
	}
	return api.Vietnamese
}
