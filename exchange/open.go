package exchange

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"sync"

	"congvan/certs/cms"
)

// opener opens sealed statements of gateways of a directory. What several of them have in common, the certificate and
// the seal of a tree, is read and checked once. It is made for what comes together and forgotten with it, which bounds
// its memory; several goroutines may use it.
type opener struct {
	directory *Directory
	mutex     sync.Mutex
	// certificates and trees are guarded by mutex.
	certificates map[string]*x509.Certificate // by their DER
	trees        map[string]*openedTree       // by the bytes of their seals
}

// openedTree is a seal of a tree, once it is opened.
type openedTree struct {
	once sync.Once
	tree tree
	node NodeID // whose seal it is
	err  error
}

func newOpener(directory *Directory) *opener {
	return &opener{
		directory: directory, certificates: map[string]*x509.Certificate{}, trees: map[string]*openedTree{},
	}
}

// sealedStatement is a statement that says of what type it is.
type sealedStatement interface{ form() string }

func (o *opener) header(sealed []byte) (Header, error) {
	var statement sealedHeader
	node, err := o.openEither(sealed, &statement, headerType)
	if err == nil && node != statement.Node {
		err = foreignSeal(statement.Node)
	}
	if err != nil {
		return Header{}, err
	}
	return statement.Header, nil
}

func (o *opener) notice(sealed []byte) (Notice, error) {
	var statement sealedNotice
	node, err := o.open(sealed, &statement, noticeType)
	if err == nil && node != statement.Node {
		err = foreignSeal(statement.Node)
	}
	if err != nil {
		return Notice{}, err
	}
	return statement.Notice, nil
}

func (o *opener) receipt(sealed []byte) (Receipt, error) {
	var statement sealedReceipt
	node, err := o.openEither(sealed, &statement, receiptType)
	if err == nil && node != statement.Node {
		err = foreignSeal(statement.Node)
	}
	if err != nil {
		return Receipt{}, err
	}
	statement.Sealed = sealed
	return statement.Receipt, nil
}

func foreignSeal(node NodeID) error {
	return Errorf(Untrusted, "message.foreign_seal", "the seal is not one of gateway %q", node)
}

// openEither opens a statement, whether it was sealed by itself or with others.
func (o *opener) openEither(sealed []byte, statement sealedStatement, want string) (NodeID, error) {
	if isLeaf(sealed) {
		return o.openLeaf(sealed, statement, want)
	}
	return o.open(sealed, statement, want)
}

// open checks the seal of a statement, and gives the gateway whose seal it is.
func (o *opener) open(sealed []byte, statement sealedStatement, want string) (NodeID, error) {
	if len(sealed) > MaxSealed {
		return "", Errorf(Invalid, "message.too_large", "%d bytes, at most %d", len(sealed), MaxSealed)
	}
	message, err := cms.OpenMessageWith(sealed, o.certificate)
	switch {
	case errors.Is(err, cms.ErrSignature), errors.Is(err, cms.ErrDigest), errors.Is(err, cms.ErrCertificate):
		return "", Errorf(Untrusted, "message.bad_seal", "open seal: %w", err)
	case err != nil:
		return "", Errorf(Invalid, "message.unreadable", "open seal: %w", err)
	}
	if err := decode(message.Content, statement, want); err != nil {
		return "", err
	}
	node, err := o.directory.NodeOf(message.Signer)
	if err != nil {
		return "", Errorf(Untrusted, "message.foreign_seal", "the seal is not one of a gateway: %w", err)
	}
	return node, nil
}

// openLeaf is open for a statement that was sealed with others.
func (o *opener) openLeaf(sealed []byte, statement sealedStatement, want string) (NodeID, error) {
	if len(sealed) > MaxSealed {
		return "", Errorf(Invalid, "message.too_large", "%d bytes, at most %d", len(sealed), MaxSealed)
	}
	read, err := parseLeaf(sealed)
	if err != nil {
		return "", Errorf(Invalid, "message.unreadable", "read a leaf: %w", err)
	}
	opened := o.tree(read.seal)
	opened.once.Do(func() {
		opened.node, opened.err = o.open(read.seal, &opened.tree, treeType)
		if opened.err == nil && opened.node != opened.tree.Node {
			opened.err = foreignSeal(opened.tree.Node)
		}
	})
	if opened.err != nil {
		return "", opened.err
	}
	if err := read.in(opened.tree); err != nil {
		return "", Errorf(Untrusted, "message.bad_seal", "leaf of a tree: %w", err)
	}
	return opened.node, decode(read.statement, statement, want)
}

func (o *opener) tree(seal []byte) *openedTree {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	known := o.trees[string(seal)]
	if known == nil {
		known = &openedTree{}
		o.trees[string(seal)] = known
	}
	return known
}

// certificate reads a certificate once.
func (o *opener) certificate(der []byte) (*x509.Certificate, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if known := o.certificates[string(der)]; known != nil {
		return known, nil
	}
	certificate, err := x509.ParseCertificate(der)
	if err == nil {
		o.certificates[string(der)] = certificate
	}
	return certificate, err
}

// decode reads the JSON of a statement of the type. Unknown keys of a newer version are left unread; the sealed bytes
// keep them.
func decode(content []byte, statement sealedStatement, want string) error {
	if err := json.Unmarshal(content, statement); err != nil {
		return Errorf(Invalid, "message.unreadable", "decode: %w", err)
	}
	if err := once(content); err != nil {
		return Errorf(Invalid, "message.unreadable", "decode: %w", err)
	}
	if kind := statement.form(); kind != want {
		return Errorf(Invalid, "message.unreadable", "type %q, want %q", kind, want)
	}
	return nil
}
