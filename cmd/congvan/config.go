package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/goccy/go-yaml"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// Config is congvan.yaml. Every setting has a value that works when it is left out; a setting that is not known is an
// error. Paths are relative to the folder of the file. Secrets are never written here, only paths to them.
type Config struct {
	// Node is this gateway's name in the directory. Left out: "node".
	Node exchange.NodeID `yaml:"node"`
	// Data is the folder for the database, the files and what the gateway makes for itself. Left out: "congvan-data".
	Data string `yaml:"data"`
	// Listen is where people and document systems connect, host:port. Left out: "127.0.0.1:8080".
	Listen string `yaml:"listen"`
	// PublicURL is the address under which everybody reaches this gateway, such as "https://van-ban.xa.gov.vn": reports
	// name it in their QR code, for the page where they can be checked. Left out: "http://" and listen.
	PublicURL string `yaml:"public_url,omitempty"`
	// PeerListen is where other gateways connect by mutual TLS 1.3, host:port. Left out: "127.0.0.1:8443".
	PeerListen string `yaml:"peer_listen"`
	// Directory is the file of offices and gateways (JSON). Left out: directory.json in the data folder.
	Directory string `yaml:"directory"`
	// DirectoryLog is the signed log of the directory that this gateway follows. Left out: the file alone is the
	// directory, and nobody has signed for it.
	DirectoryLog *DirectoryLog `yaml:"directory_log,omitempty"`
	// Anchors is the folder of trust anchors, with sub-folders official, public and test. Left out: anchors in the data
	// folder. The operating system's anchors are never used.
	Anchors string `yaml:"anchors"`
	// Records is the database: "postgres://…", or left out: SQLite in the data folder.
	Records string `yaml:"records,omitempty"`
	// Blobs is where files are kept: "s3://KEY:SECRET@host:port/bucket", "folder:/PATH" that several instances share, or
	// left out: a folder in the data folder.
	Blobs string `yaml:"blobs,omitempty"`
	// SecondCopy is the folder of the archive's second copy; it belongs on another disk. Left out: in the data folder.
	SecondCopy string `yaml:"second_copy"`
	// TimestampAuthorities are asked in this order. Without one, nothing can be sealed.
	TimestampAuthorities []string `yaml:"timestamp_authorities,omitempty"`
	// Level is how long-lived the seals are made: "B-T", "B-LT" or "B-LTA". What cannot be reached when a document is
	// sealed is reached later; the archive raises and renews what it keeps to the same level. Left out: "B-T".
	Level signing.Level `yaml:"level,omitempty"`
	// AllowedAddresses are host names, addresses and CIDR blocks inside the office's network that may be asked for
	// revocation, time stamps and signatures; other private addresses never are.
	AllowedAddresses []string `yaml:"allowed_addresses,omitempty"`
	// Identity is the key with which this gateway meets others and seals its messages. Left out: node.key in the data
	// folder, with its secret in node.secret.
	Identity KeyFile `yaml:"identity"`
	// SigningRealms are the hierarchies whose certificates may sign here (official, public, test), each with what must be
	// known of revocation before a signature: require, when_reachable or off. Left out: official: require, test:
	// when_reachable.
	SigningRealms map[certs.Realm]exchange.RevocationRule `yaml:"signing_realms"`
	// Keys are the offices' seals and the leaders' keys that this gateway holds.
	Keys []OfficeKey `yaml:"keys,omitempty"`
	// Deadlines is the file (JSON) of working hours, holidays and swapped days by year, and of what is due by when. Left
	// out: the fixed holidays and Decree 30/2020; every year is then unknown, and nobody is called late.
	Deadlines string `yaml:"deadlines,omitempty"`
	// WebhookAddresses are host names, addresses and CIDR blocks inside the office's network that webhooks may call; other
	// private addresses never are.
	WebhookAddresses []string `yaml:"webhook_addresses,omitempty"`
	// MailboxKey is the file with the key that seals the secrets of webhooks; instances that share a database share it.
	// Left out: mailbox.key in the data folder, made at the first start.
	MailboxKey string `yaml:"mailbox_key"`
	// Folders hand over to document systems that have no interface, and take from them what is to be handed in.
	Folders []Folder `yaml:"folders,omitempty"`
	// MaxFile is the largest file taken in, in MiB. Left out: 1024.
	MaxFile int64 `yaml:"max_file_mib"`
}

// KeyFile is a key on disk and the file that holds its password.
type KeyFile struct {
	// PKCS#12, PEM, or sealed by this program; in keys also pkcs11:… and remote:…
	File         string `yaml:"file"`
	PasswordFile string `yaml:"password_file,omitempty"` // its first line is the password
}

// DirectoryLog pins the signed log of the directory. Until its first record has come, the file of the directory stands.
type DirectoryLog struct {
	Name   string          `yaml:"name"`   // of the log, as its records have it
	Keeper exchange.NodeID `yaml:"keeper"` // the gateway that puts records in order and signs the head
	Root   string          `yaml:"root"`   // the certificate of the authority that may write everything (PEM)
}

// OfficeKey is a key that signs documents of an office.
type OfficeKey struct {
	KeyFile `yaml:",inline"`
	Office  exchange.OfficeID `yaml:"office"`           // its id in the directory
	Leader  string            `yaml:"leader,omitempty"` // the competent person's name; empty: this is the office's seal
	Holder  string            `yaml:"holder,omitempty"` // the name in the certificate, where it is another
	// its first line is the client secret with which this gateway calls the service of a remote: key
	SecretFile string  `yaml:"secret_file,omitempty"`
	Image      string  `yaml:"image,omitempty"`     // PNG shown with the signature
	Width      float64 `yaml:"width_mm,omitempty"`  // of the image on the page
	Height     float64 `yaml:"height_mm,omitempty"` // the same; a seal is shown at its real size
}

// outbound is who may be asked outside.
func (c Config) outbound() certs.Outbound { return certs.Outbound{Allow: c.AllowedAddresses} }

// Folder is a folder of this machine that is the mailbox of a document system.
type Folder struct {
	Office exchange.OfficeID `yaml:"office"`           // its id in the directory
	System exchange.System   `yaml:"system"`           // small letters, digits and hyphens
	Path   string            `yaml:"path"`             // with in and out, which are made
	Topics []string          `yaml:"topics,omitempty"` // arrival, judgement, decision, recall, status; left out: all
	Kinds  []exchange.Kind   `yaml:"kinds,omitempty"`  // of documents, such as CV; left out: all
	Units  []string          `yaml:"units,omitempty"`  // that drafted what it is about; left out: all
}

// defaultConfig is the configuration of an empty file.
func defaultConfig() Config {
	return Config{
		Node: "node", Data: "congvan-data", Listen: "127.0.0.1:8080", PeerListen: "127.0.0.1:8443", MaxFile: 1024,
		SigningRealms: exchange.DefaultRealms(),
	}
}

// loadConfig reads a configuration file strictly; an empty path gives the default configuration.
func loadConfig(path string) (Config, error) {
	config, base := defaultConfig(), "."
	config.SigningRealms = nil // what a file says of realms replaces the default, and is not mixed with it
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return config, err
		}
		base = filepath.Dir(path)
		if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&config); err != nil && len(data) > 0 {
			return config, failure(exchange.Invalid, "config.invalid", path, err)
		}
	}
	if !slices.Contains([]signing.Level{"", signing.LevelT, signing.LevelLT, signing.LevelLTA}, config.Level) {
		return config, failure(exchange.Invalid, "config.invalid", path, fmt.Errorf("level: %q", config.Level))
	}
	if config.SigningRealms == nil {
		config.SigningRealms = exchange.DefaultRealms()
	}
	if err := config.checkRealms(); err != nil {
		return config, failure(exchange.Invalid, "config.invalid", path, err)
	}
	if err := config.checkFolders(); err != nil {
		return config, failure(exchange.Invalid, "config.invalid", path, err)
	}
	return config.resolved(base), nil
}

// checkRealms refuses realms and rules that nobody knows: a slip of the pen must not become a rule.
func (c Config) checkRealms() error {
	for realm, rule := range c.SigningRealms {
		if !slices.Contains([]certs.Realm{certs.Official, certs.Public, certs.Test}, realm) {
			return fmt.Errorf("signing_realms: %q is no realm", realm)
		}
		if !slices.Contains([]exchange.RevocationRule{
			exchange.RevocationRequired, exchange.RevocationWhenReachable, exchange.RevocationOff,
		}, rule) {
			return fmt.Errorf("signing_realms: %s: %q is no rule", realm, rule)
		}
	}
	return nil
}

// resolved fills what was left out and makes paths absolute from the file's folder.
func (c Config) resolved(base string) Config {
	under := func(path, otherwise string) string {
		switch {
		case path == "":
			return filepath.Join(c.Data, otherwise)
		case filepath.IsAbs(path):
			return path
		default:
			return filepath.Join(base, path)
		}
	}
	if !filepath.IsAbs(c.Data) {
		c.Data = filepath.Join(base, c.Data)
	}
	c.Directory = under(c.Directory, "directory.json")
	c.Anchors = under(c.Anchors, "anchors")
	c.SecondCopy = under(c.SecondCopy, "second-copy")
	if c.Deadlines != "" {
		c.Deadlines = under(c.Deadlines, "")
	}
	if c.DirectoryLog != nil {
		pinned := *c.DirectoryLog
		pinned.Root = under(pinned.Root, "directory-root.pem")
		c.DirectoryLog = &pinned
	}
	if c.Identity.File == "" {
		c.Identity = KeyFile{File: filepath.Join(c.Data, "node.key"), PasswordFile: filepath.Join(c.Data, "node.secret")}
	} else {
		c.Identity = KeyFile{File: under(c.Identity.File, ""), PasswordFile: under(c.Identity.PasswordFile, "node.secret")}
	}
	c.MailboxKey = under(c.MailboxKey, "mailbox.key")
	for i := range c.Folders {
		c.Folders[i].Path = under(c.Folders[i].Path, string(c.Folders[i].System))
	}
	if c.Records == "" {
		c.Records = "sqlite:" + filepath.Join(c.Data, "congvan.db")
	}
	for i := range c.Keys {
		c.Keys[i] = c.Keys[i].resolved(under)
	}
	return c
}

// resolved makes the paths of a key absolute; those that are left out stay so.
func (k OfficeKey) resolved(under func(path, otherwise string) string) OfficeKey {
	for _, path := range []*string{&k.SecretFile, &k.PasswordFile, &k.Image} {
		if *path != "" {
			*path = under(*path, "")
		}
	}
	if !isAddress(k.File) {
		k.File = under(k.File, "")
	}
	return k
}

// write keeps a configuration, as the demonstration and the first start do.
func (c Config) write(path string) error {
	data, err := yaml.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode configuration: %w", err)
	}
	return os.WriteFile(path, data, 0o600)
}

// configCommand prints the configuration in force.
type configCommand struct {
	Config string `short:"c" help:"${help_config_file}"`
}

// Run prints YAML that would give the same configuration. Secrets inside addresses are not shown.
func (c configCommand) Run(p program) error {
	config, err := loadConfig(c.Config)
	if err != nil {
		return err
	}
	config.Records, config.Blobs = withoutSecret(config.Records), withoutSecret(config.Blobs)
	data, err := yaml.Marshal(config)
	if err != nil {
		return fmt.Errorf("encode configuration: %w", err)
	}
	_, err = p.out.Write(data)
	return err
}

// exists says whether a path is there; a path that cannot be looked at is an error.
func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
