package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// mailDomain is what the benchmark's Postfix delivers for.
const mailDomain = "tinh.test"

// postfix is a mail server of the benchmark's own, in a folder of its own; the machine's is not touched.
type postfix struct {
	home    string
	address string
	maildir string
}

// postfixHere says whether a Postfix can be started: it is installed, and we may give its parts their own users.
func postfixHere() bool {
	_, err := exec.LookPath("postfix")
	return err == nil && os.Geteuid() == 0
}

// postfixSettings make a server that listens on loopback alone, and delivers one domain to one maildir.
const postfixSettings = `compatibility_level = 3.6
queue_directory = HOME/queue
data_directory = HOME/data
mail_owner = postfix
setgid_group = postdrop
myhostname = gateway.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = DOMAIN
virtual_mailbox_base = HOME/mail
virtual_mailbox_maps = static:box/
virtual_minimum_uid = 1
virtual_uid_maps = static:OWNER
virtual_gid_maps = static:OWNER
virtual_mailbox_limit = 0
virtual_destination_recipient_limit = 1
virtual_destination_concurrency_limit = 64
default_process_limit = 100
maillog_file = HOME/mail.log
maillog_file_prefixes = HOME
smtpd_recipient_restrictions = permit_mynetworks, reject
`

const postfixServices = `ADDRESS inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`

// mailOwner is whose the maildir is: a number that stands for nobody, because mail is never delivered as root.
const mailOwner = 65534

// startPostfix starts a server in a folder under dir and waits until it listens.
func startPostfix(ctx context.Context, dir string) (*postfix, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	server := &postfix{home: filepath.Join(dir, "postfix"), address: address}
	server.maildir = filepath.Join(server.home, "mail", "box")
	if err := server.furnish(dir); err != nil {
		return nil, err
	}
	if err := server.control(ctx, "start"); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		line, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			done(line)
			return server, nil
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return nil, fmt.Errorf("postfix does not listen: %w", errors.Join(err, server.stop(ctx)))
		}
	}
}

func (s *postfix) furnish(dir string) error {
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // its parts run as users of their own
		return err
	}
	for _, name := range []string{"", "conf", "queue", "data", "mail"} {
		if err := os.Mkdir(filepath.Join(s.home, name), 0o755); err != nil { //nolint:gosec // as above
			return err
		}
	}
	if err := chownTo("postfix", filepath.Join(s.home, "data")); err != nil {
		return err
	}
	if err := os.Chown(filepath.Join(s.home, "mail"), mailOwner, mailOwner); err != nil {
		return err
	}
	values := strings.NewReplacer("HOME", s.home, "DOMAIN", mailDomain, "OWNER", strconv.Itoa(mailOwner),
		"ADDRESS", s.address)
	for name, text := range map[string]string{"main.cf": postfixSettings, "master.cf": postfixServices} {
		path := filepath.Join(s.home, "conf", name)
		if err := os.WriteFile(path, []byte(values.Replace(text)), 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	return nil
}

// control tells the server to start or to stop.
func (s *postfix) control(ctx context.Context, word string) error {
	said, err := os.Create(filepath.Join(s.home, "said-"+word)) // not a pipe, which the server would keep open
	if err != nil {
		return err
	}
	defer done(said)
	run := exec.CommandContext(ctx, "postfix", "-c", filepath.Join(s.home, "conf"), word) //nolint:gosec // as said
	run.Stderr = said
	if err := run.Run(); err != nil {
		complaint, _ := os.ReadFile(said.Name()) // only for the words
		return fmt.Errorf("postfix %s: %w: %s", word, err, bytes.TrimSpace(complaint))
	}
	return nil
}

// stop ends the server, also when the benchmark was interrupted.
func (s *postfix) stop(ctx context.Context) error {
	return s.control(context.WithoutCancel(ctx), "stop")
}
