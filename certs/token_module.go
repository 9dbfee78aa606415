//go:build pkcs11 && (linux || darwin) && (amd64 || arm64)

package certs

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Numbers of PKCS #11 (pkcs11t.h). CK_ULONG is as wide as a pointer wherever this file is built.
const (
	ckaClass              = 0x000
	ckaLabel              = 0x003
	ckaValue              = 0x011
	ckaCertificateType    = 0x080
	ckaKeyType            = 0x100
	ckaID                 = 0x102
	ckaAlwaysAuthenticate = 0x202

	ckoCertificate = 1
	ckoPrivateKey  = 3
	ckcX509        = 0
	ckkRSA         = 0
	ckkEC          = 3

	ckmRSAPKCS = 0x0001
	ckmRSAPSS  = 0x000D
	ckmECDSA   = 0x1041

	ckuUser            = 1
	ckuContextSpecific = 2

	ckfOSLocking     = 2
	ckfSerialSession = 4
	ckfOwnPINPad     = 0x100

	unavailable = ^uintptr(0)
)

type (
	ckAttribute struct {
		kind   uintptr
		value  unsafe.Pointer
		length uintptr
	}
	ckMechanism struct {
		kind      uintptr
		parameter unsafe.Pointer
		length    uintptr
	}
	ckPSS        struct{ hash, mgf, salt uintptr }
	ckInitialize struct {
		_     [4]uintptr // functions for mutexes
		flags uintptr
		_     uintptr
	}
	ckTokenInfo struct {
		label, manufacturer [32]byte
		model, serial       [16]byte
		flags               uintptr
		_                   [10]uintptr
		_                   [24]byte // versions and clock, rounded up
	}
	// ckFunctions is CK_FUNCTION_LIST: a version, rounded up, and the functions in the order of pkcs11f.h.
	ckFunctions struct {
		_     uintptr
		calls [68]uintptr
	}
)

// cryptoki is a loaded PKCS #11 module. Memory that goes to it is reachable from an argument, and so stays where it is.
type cryptoki struct {
	initialize    func(arguments *ckInitialize) uintptr
	finalize      func(reserved unsafe.Pointer) uintptr
	slotList      func(present uint8, slots, count *uintptr) uintptr
	tokenInfo     func(slot uintptr, info *ckTokenInfo) uintptr
	openSession   func(slot, flags uintptr, application, notify unsafe.Pointer, session *uintptr) uintptr
	closeSession  func(session uintptr) uintptr
	login         func(session, user uintptr, pin *byte, length uintptr) uintptr
	readAttribute func(session, object uintptr, template *ckAttribute, count uintptr) uintptr
	findInit      func(session uintptr, template *ckAttribute, count uintptr) uintptr
	find          func(session uintptr, objects *uintptr, most uintptr, count *uintptr) uintptr
	findFinal     func(session uintptr) uintptr
	signInit      func(session uintptr, mechanism *ckMechanism, key uintptr) uintptr
	sign          func(session uintptr, data *byte, length uintptr, value *byte, room *uintptr) uintptr
}

// loadModule loads the module at the path and starts it. It is never unloaded: modules leave threads behind.
func loadModule(path string) (*cryptoki, error) {
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenModule, err)
	}
	symbol, err := purego.Dlsym(library, "C_GetFunctionList")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenModule, err)
	}
	var functionList func(list **ckFunctions) uintptr
	purego.RegisterFunc(&functionList, symbol)
	var list *ckFunctions
	if rv := functionList(&list); rv != 0 || list == nil {
		return nil, fmt.Errorf("%w: no function list: %w", ErrTokenModule, tokenError(rv))
	}
	module := &cryptoki{}
	for index, function := range map[int]any{
		0: &module.initialize, 1: &module.finalize, 4: &module.slotList, 6: &module.tokenInfo, 12: &module.openSession,
		13: &module.closeSession, 18: &module.login, 24: &module.readAttribute, 26: &module.findInit, 27: &module.find,
		28: &module.findFinal, 42: &module.signInit, 43: &module.sign,
	} {
		if list.calls[index] == 0 {
			return nil, fmt.Errorf("%w: function %d is missing", ErrTokenModule, index)
		}
		purego.RegisterFunc(function, list.calls[index])
	}
	const alreadyInitialised = 0x191 // by another part of this process, which then is the one to end it
	switch rv := module.initialize(&ckInitialize{flags: ckfOSLocking}); rv {
	case 0:
	case alreadyInitialised:
		module.finalize = func(unsafe.Pointer) uintptr { return 0 }
	default:
		return nil, fmt.Errorf("%w: %w", ErrTokenModule, tokenError(rv))
	}
	return module, nil
}

// tokenError names what a module returned; nil for CKR_OK.
func tokenError(rv uintptr) error {
	kind := ErrTokenFault
	switch rv {
	case 0:
		return nil
	case 0xA0, 0xA1, 0xA2, 0x07: // CKR_PIN_INCORRECT, _INVALID, _LEN_RANGE, CKR_ARGUMENTS_BAD (no PIN)
		kind = fmt.Errorf("%w: %w", ErrTokenPIN, ErrPassword)
	case 0xA3, 0xA4: // CKR_PIN_EXPIRED, _LOCKED
		kind = ErrTokenLocked
	case 0x32, 0xE0, 0xE1, 0xB0, 0xB3, 0x101, 0x190, 0x60, 0x82:
		// CKR_DEVICE_REMOVED, _TOKEN_NOT_PRESENT, _TOKEN_NOT_RECOGNIZED, _SESSION_CLOSED, _SESSION_HANDLE_INVALID,
		// _USER_NOT_LOGGED_IN, _CRYPTOKI_NOT_INITIALIZED, _KEY_HANDLE_INVALID, _OBJECT_HANDLE_INVALID
		kind = ErrTokenGone
	case 0x63, 0x68: // CKR_KEY_TYPE_INCONSISTENT, _KEY_FUNCTION_NOT_PERMITTED: a key for something else
		kind = ErrKeyMismatch
	}
	return fmt.Errorf("%w (CKR 0x%03X)", kind, rv)
}

// slots gives the slots in which there is a token.
func (c *cryptoki) slots() ([]uintptr, error) {
	var count uintptr
	if err := tokenError(c.slotList(1, nil, &count)); err != nil {
		return nil, err
	}
	if count == 0 {
		return nil, nil
	}
	slots := make([]uintptr, min(count, 1024)+8) // a token may be plugged in between the calls
	count = uintptr(len(slots))
	if err := tokenError(c.slotList(1, &slots[0], &count)); err != nil {
		return nil, err
	}
	return slots[:min(int(count), len(slots))], nil
}

// session is an open session, and the objects that are seen in it.
type session struct {
	module *cryptoki
	handle uintptr
}

const (
	maxObjects   = 256
	maxAttribute = maxCertificateFile
)

// objects gives the handles of the objects that fit the template.
func (s session) objects(template []ckAttribute) ([]uintptr, error) {
	if err := tokenError(s.module.findInit(s.handle, &template[0], uintptr(len(template)))); err != nil {
		return nil, err
	}
	found := make([]uintptr, maxObjects)
	total := 0
	for total < len(found) {
		var count uintptr
		rv := s.module.find(s.handle, &found[total], uintptr(len(found)-total), &count)
		if err := tokenError(rv); err != nil {
			return nil, errors.Join(err, tokenError(s.module.findFinal(s.handle)))
		}
		if count == 0 || count > uintptr(len(found)-total) {
			break
		}
		total += int(count)
	}
	return found[:total], tokenError(s.module.findFinal(s.handle))
}

// attribute gives the bytes of an attribute; nil when the object has none.
func (s session) attribute(object, kind uintptr) ([]byte, error) {
	wanted := []ckAttribute{{kind: kind}}
	rv := s.module.readAttribute(s.handle, object, &wanted[0], 1)
	const sensitive, invalidType = 0x11, 0x12
	if rv == sensitive || rv == invalidType || rv == 0 && (wanted[0].length == 0 || wanted[0].length == unavailable) {
		return nil, nil
	}
	if err := tokenError(rv); err != nil {
		return nil, err
	}
	if wanted[0].length > maxAttribute {
		return nil, fmt.Errorf("%w: an attribute of %d bytes", ErrTokenFault, wanted[0].length)
	}
	value := make([]byte, wanted[0].length)
	wanted[0].value = unsafe.Pointer(&value[0]) //nolint:gosec // PKCS #11 takes attributes by address
	if err := tokenError(s.module.readAttribute(s.handle, object, &wanted[0], 1)); err != nil {
		return nil, err
	}
	return value[:min(int(wanted[0].length), len(value))], nil
}

func numberAttribute(kind, number uintptr) ckAttribute {
	value := &number
	//nolint:gosec // PKCS #11 takes attributes by address
	return ckAttribute{kind, unsafe.Pointer(value), unsafe.Sizeof(number)}
}

func bytesAttribute(kind uintptr, value []byte) ckAttribute {
	//nolint:gosec // PKCS #11 takes attributes by address
	return ckAttribute{kind, unsafe.Pointer(&value[0]), uintptr(len(value))}
}

func padded(field []byte) string { return strings.TrimRight(string(field), " \x00") }
