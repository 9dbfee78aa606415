package main

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"congvan/certs"
	"congvan/exchange"
)

//go:embed demo/letter.pdf demo/scanned.pdf demo/*.png
var demoFiles embed.FS

// place is one gateway of the demonstration: an office, its leader and its seal.
type place struct {
	node     exchange.NodeID
	office   exchange.OfficeID
	level    exchange.Level
	name     string
	code     string
	above    *place
	leader   string
	position string
	seal     string // file of its image
	rsa      bool   // which keys it has: RSA-3072, else P-256
}

// places are the demonstration's three levels. The district stands for the relay on the way; districts ended on 30 June
// 2025, which the demonstration says.
func places() []*place {
	province := &place{
		node: "province", office: "tinh-nam-dinh", level: "province", name: "Uỷ ban nhân dân tỉnh Nam Định", code: "H40",
		leader: "Lê Minh Châu", position: "Chủ tịch", seal: "demo/seal-province.png", rsa: true,
	}
	district := &place{
		node: "district", office: "huyen-hai-hau", level: "district", name: "Uỷ ban nhân dân huyện Hải Hậu", code: "H40.12",
		above: province, leader: "Trần Thị Bình", position: "Chủ tịch", seal: "demo/seal-district.png",
	}
	commune := &place{
		node: "commune", office: "xa-hai-anh", level: "commune", name: "Uỷ ban nhân dân xã Hải Anh", code: "H40.12.05",
		above: district, leader: "Nguyễn Văn An", position: "Chủ tịch", seal: "demo/seal-commune.png", rsa: true,
	}
	return []*place{commune, district, province}
}

// world is what the places need before they can start: an authority that answers, and a folder of files for each.
type world struct {
	dir       string
	places    []*place
	authority *certs.Authority
	server    *http.Server
	configs   map[exchange.NodeID]string // paths of the configuration files
	addresses []string                   // that are given to gateways
}

// buildWorld makes the authority and writes every gateway's folder: keys, anchors, directory, configuration.
func buildWorld(ctx context.Context, p program, dir, blobs string, people []*place) (*world, error) {
	w := &world{dir: dir, places: people, configs: map[exchange.NodeID]string{}}
	if err := w.startAuthority(ctx, p); err != nil {
		return nil, err
	}
	directory := exchange.DirectoryFile{}
	configs := make([]Config, len(people))
	for i, here := range people {
		config, entry, err := w.furnish(ctx, here)
		if err != nil {
			return nil, err
		}
		if config.Blobs, err = below(blobs, string(here.node)); err != nil {
			return nil, err
		}
		configs[i] = config
		directory.Nodes = append(directory.Nodes, entry)
		directory.Offices = append(directory.Offices, here.entry())
	}
	data, err := json.MarshalIndent(directory, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode directory: %w", err)
	}
	for i, here := range people {
		if err := os.WriteFile(configs[i].Directory, data, 0o600); err != nil {
			return nil, err
		}
		w.configs[here.node] = filepath.Join(dir, string(here.node), "congvan.yaml")
		if err := configs[i].write(w.configs[here.node]); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// below gives each gateway a prefix of its own in one bucket: what one has must still be brought to the others.
func below(store, node string) (string, error) {
	if store == "" {
		return "", nil
	}
	address, err := url.Parse(store)
	if err != nil {
		return "", failure(exchange.Invalid, "storage.s3_url", "--s3", nil) // the cause would repeat the secret
	}
	return address.JoinPath(node).String(), nil
}

// startAuthority serves OCSP, revocation lists and time stamps on loopback, by the real protocols.
func (w *world) startAuthority(ctx context.Context, p program) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the trial authority: %w", err)
	}
	w.authority, err = certs.NewAuthority(certs.Setting{
		URL: "http://" + listener.Addr().String(), Now: p.now, Root: certs.ECDSAP384,
	})
	if err != nil {
		return err
	}
	w.server = &http.Server{Handler: w.authority.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go w.server.Serve(listener) //nolint:errcheck // it ends when close is called, and answers nothing before
	return nil
}

func (w *world) close() error { return w.server.Close() }

// furnish writes one gateway's folder and gives its configuration and its entry in the directory.
func (w *world) furnish(ctx context.Context, here *place) (Config, exchange.Node, error) {
	folder := filepath.Join(w.dir, string(here.node))
	config := defaultConfig()
	config.Node, config.Data = here.node, folder
	config.TimestampAuthorities = []string{w.authority.TimestampURL()}
	config.AllowedAddresses = []string{"127.0.0.1"}
	entry := exchange.Node{ID: here.node}
	for _, address := range []*string{&config.Listen, &config.PeerListen} {
		for *address = ""; *address == "" || slices.Contains(w.addresses, *address); {
			free, err := freeAddress(ctx)
			if err != nil {
				return config, entry, err
			}
			*address = free
		}
		w.addresses = append(w.addresses, *address)
	}
	entry.URL = "https://" + config.PeerListen
	if here.above != nil {
		entry.Uplink = here.above.node
	}
	if err := w.writeAnchors(folder); err != nil {
		return config, entry, err
	}
	identity, err := w.authority.Node(string(here.node))
	if err != nil {
		return config, entry, err
	}
	entry.Certificates = [][]byte{identity.Certificate.Raw}
	config = config.resolved(folder)
	if err := writeKey(config.Identity, identity); err != nil {
		return config, entry, err
	}
	config.Keys, err = w.writeKeys(folder, here)
	return config, entry, err
}

func (w *world) writeAnchors(folder string) error {
	anchors := filepath.Join(folder, "anchors", string(certs.Test))
	if err := os.MkdirAll(anchors, 0o700); err != nil {
		return err
	}
	block := &pem.Block{Type: "CERTIFICATE", Bytes: w.authority.Root().Raw}
	return os.WriteFile(filepath.Join(anchors, "root.pem"), pem.EncodeToMemory(block), 0o600)
}

// writeKeys issues and writes the leader's key and the office's seal, with their images.
func (w *world) writeKeys(folder string, here *place) ([]OfficeKey, error) {
	kind := certs.ECDSAP256
	if here.rsa {
		kind = certs.RSA3072
	}
	leader, err := w.authority.Leader(here.leader, here.position, here.name, kind)
	if err != nil {
		return nil, err
	}
	seal, err := w.authority.Seal(here.name, kind)
	if err != nil {
		return nil, err
	}
	keys := []OfficeKey{
		{Office: here.office, Leader: here.leader, Width: 40, Height: 17, Image: filepath.Join(folder, "leader.png")},
		{Office: here.office, Width: 36, Height: 36, Image: filepath.Join(folder, "seal.png")},
	}
	for i, identity := range []certs.Identity{leader, seal} {
		name := filepath.Join(folder, []string{"leader", "seal"}[i])
		keys[i].KeyFile = KeyFile{File: name + ".key", PasswordFile: name + ".secret"}
		if err := writeKey(keys[i].KeyFile, identity); err != nil {
			return nil, err
		}
		image, err := demoFiles.ReadFile([]string{"demo/signature.png", here.seal}[i])
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(keys[i].Image, image, 0o600); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// entry is the place in the directory of offices.
func (p *place) entry() exchange.Office {
	office := exchange.Office{
		ID: p.office, Level: p.level, Notation: "UBND",
		Codes: []exchange.Code{{Scheme: exchange.QD20, Code: p.code}},
		Names: []exchange.Name{{Name: p.name}},
		Hosts: []exchange.Host{{Node: p.node}},
	}
	if p.above != nil {
		office.Parent = []exchange.Parent{{Office: p.above.office}}
	}
	return office
}

// writeKey seals a key with a new secret and writes both, readable by this user only.
func writeKey(file KeyFile, identity certs.Identity) error {
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	password := hex.EncodeToString(secret)
	sealed, err := certs.SealKey(identity, []byte(password))
	if err != nil {
		return err
	}
	if err := certs.WriteKeyFile(file.File, sealed); err != nil {
		return err
	}
	return certs.WriteKeyFile(file.PasswordFile, []byte(password+"\n"))
}

// The ports of which freeAddress chooses are below those that systems give to outgoing connections: one of these must
// not take a port before who asked for it listens there.
const firstFreePort, freePorts = 20_000, 12_000

// freeAddress finds a loopback address that nobody listens on now.
func freeAddress(ctx context.Context) (string, error) {
	for range 20 {
		number, err := rand.Int(rand.Reader, big.NewInt(freePorts))
		if err != nil {
			return "", err
		}
		address := fmt.Sprintf("127.0.0.1:%d", firstFreePort+number.Int64())
		listener, taken := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if taken == nil {
			return address, listener.Close()
		}
	}
	return "", fmt.Errorf("find a free port: %w", syscall.EADDRINUSE)
}
