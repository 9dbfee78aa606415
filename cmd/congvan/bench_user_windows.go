package main

import "os/exec"

// runAs does nothing where there are no users to change to.
func runAs(*exec.Cmd, string) error { return nil }

func chownTo(string, string) error { return nil }
