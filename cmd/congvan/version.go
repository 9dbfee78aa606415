package main

import (
	"fmt"
	"runtime/debug"
)

// versionCommand prints which build this is.
type versionCommand struct{}

// Run prints the module version, or the commit of a build from a checkout.
func (versionCommand) Run(p program) error {
	_, err := fmt.Fprintln(p.out, "congvan", version())
	return err
}

// verifier names this program in evidence and reports.
func verifier() string { return "congvan " + version() }

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return setting.Value[:12]
		}
	}
	return "(devel)"
}
