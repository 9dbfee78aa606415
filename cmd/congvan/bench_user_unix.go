//go:build unix

package main

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// runAs makes a process run as the user, when we are root; else it runs as we do.
func runAs(process *exec.Cmd, name string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	uid, gid, err := lookUser(name)
	if err != nil {
		return err
	}
	process.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	return nil
}

// chownTo gives a file to the user, when we are root.
func chownTo(name, path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	uid, gid, err := lookUser(name)
	if err != nil {
		return err
	}
	return os.Chown(path, int(uid), int(gid))
}

func lookUser(name string) (uid, gid uint32, err error) {
	account, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	numbers := [2]uint32{}
	for i, text := range []string{account.Uid, account.Gid} {
		number, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return 0, 0, err
		}
		numbers[i] = uint32(number)
	}
	return numbers[0], numbers[1], nil
}
