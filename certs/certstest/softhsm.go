//go:build pkcs11 && (linux || darwin) && (amd64 || arm64)

package certstest

import (
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
)

// SoftHSM finds Debian's software token, and gives it a place of its own. Not for parallel tests: the module reads its
// environment, of which a process has one.
func SoftHSM(t *testing.T) (util, module string) {
	t.Helper()
	util, err := exec.LookPath("softhsm2-util")
	for _, path := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so"} {
		if _, missing := os.Stat(path); missing == nil {
			module = path
		}
	}
	if err != nil || module == "" {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			t.Fatal("softhsm2 is required and not found")
		}
		t.Skip("softhsm2 is not installed")
	}
	folder := t.TempDir()
	tokens := filepath.Join(folder, "tokens")
	if err := os.Mkdir(tokens, 0o700); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(folder, "softhsm2.conf")
	if err := os.WriteFile(config, []byte("directories.tokendir = "+tokens+"\nlog.level = ERROR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", config)
	return util, module
}

type attribute struct {
	kind   uintptr
	value  unsafe.Pointer
	length uintptr
}

// StoreCertificates writes certificates to a token, as the tools of its maker would: softhsm2-util cannot.
func StoreCertificates(t *testing.T, module, token, pin string, all ...*x509.Certificate) {
	t.Helper()
	library, err := purego.Dlopen(module, purego.RTLD_NOW)
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, rv uintptr) {
		t.Helper()
		if rv != 0 {
			t.Fatalf("%s: CKR 0x%X", name, rv)
		}
	}
	var initialize, finalize func(unsafe.Pointer) uintptr
	var slotList func(byte, *uintptr, *uintptr) uintptr
	var tokenInfo func(uintptr, *byte) uintptr
	var openSession func(uintptr, uintptr, unsafe.Pointer, unsafe.Pointer, *uintptr) uintptr
	var login func(uintptr, uintptr, string, uintptr) uintptr
	var create func(uintptr, *attribute, uintptr, *uintptr) uintptr
	purego.RegisterLibFunc(&initialize, library, "C_Initialize")
	purego.RegisterLibFunc(&finalize, library, "C_Finalize")
	purego.RegisterLibFunc(&slotList, library, "C_GetSlotList")
	purego.RegisterLibFunc(&tokenInfo, library, "C_GetTokenInfo")
	purego.RegisterLibFunc(&openSession, library, "C_OpenSession")
	purego.RegisterLibFunc(&login, library, "C_Login")
	purego.RegisterLibFunc(&create, library, "C_CreateObject")
	check("initialize", initialize(nil))
	defer func() { check("finalize", finalize(nil)) }()
	slots, count := make([]uintptr, 16), uintptr(16)
	check("slots", slotList(1, &slots[0], &count))
	var session uintptr
	for _, slot := range slots[:count] {
		info := make([]byte, 256)
		check("token info", tokenInfo(slot, &info[0]))
		if strings.TrimRight(string(info[:32]), " ") == token {
			check("open session", openSession(slot, 6, nil, nil, &session))
		}
	}
	check("login", login(session, 1, pin, uintptr(len(pin))))
	for _, certificate := range all {
		class, kind, yes := new(uintptr), new(uintptr), new(byte)
		*class, *yes = 1, 1
		of := func(kind uintptr, value []byte) attribute {
			return attribute{kind, unsafe.Pointer(&value[0]), uintptr(len(value))}
		}
		template := []attribute{
			{0, unsafe.Pointer(class), 8},
			{0x80, unsafe.Pointer(kind), 8},
			{1, unsafe.Pointer(yes), 1},
			of(0x101, certificate.RawSubject), of(0x11, certificate.Raw), of(0x102, []byte{1}),
		}
		var object uintptr
		check("create", create(session, &template[0], uintptr(len(template)), &object))
		runtime.KeepAlive(template)
	}
}
