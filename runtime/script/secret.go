package script

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// redacted is all that a Secret ever prints.
const redacted = "[redacted]"

// A Secret is a value that must not reach a log, an answer or an error message. Every
// way of printing or encoding it yields a fixed text; only Reveal gives the value.
type Secret struct{ value string }

// NewSecret wraps value.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value itself.
func (s Secret) Reveal() string { return s.value }

// String implements fmt.Stringer.
func (s Secret) String() string { return redacted }

// Format implements fmt.Formatter, so that no verb reaches the field.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// MarshalJSON implements json.Marshaler.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// A Key seals secrets at rest with XChaCha20-Poly1305. It is safe for concurrent use.
type Key struct{ aead cipher.AEAD }

// sealVersion is the first byte of every sealed secret.
const sealVersion = 1

// NewKey makes a Key of 32 bytes of key material.
func NewKey(material []byte) (*Key, error) {
	aead, err := chacha20poly1305.NewX(material)
	if err != nil {
		return nil, fmt.Errorf("script: secret key: need %d bytes, got %d", chacha20poly1305.KeySize, len(material))
	}
	return &Key{aead}, nil
}

// LoadKey reads the key file at path, 64 hexadecimal digits, and makes it first, with
// mode 0600, when there is none. A file that others may read is refused.
func LoadKey(path string) (*Key, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("script: read secret key: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("script: read secret key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("script: secret key %s has mode %04o, so others may read it: chmod 600 %s", path, mode, path)
	}
	material, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(material) != chacha20poly1305.KeySize {
		return nil, fmt.Errorf("script: secret key %s is not %d hexadecimal digits: restore it from a backup, or remove it and put every secret again",
			path, 2*chacha20poly1305.KeySize)
	}
	return NewKey(material)
}

func createKey(path string) (*Key, error) {
	material := make([]byte, chacha20poly1305.KeySize)
	rand.Read(material)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("script: create secret key: %w", err)
	}
	_, err = f.WriteString(hex.EncodeToString(material) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path)
		return nil, fmt.Errorf("script: create secret key: %w", err)
	}
	return NewKey(material)
}

// syncDir makes a new directory entry durable: a key lost in a crash would make every
// secret sealed with it unreadable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Seal encrypts s. What it is sealed for (place) must be given again to Open, so a
// sealed value copied to another script or name is useless.
func (k *Key) Seal(place string, s Secret) []byte {
	sealed := make([]byte, 1+chacha20poly1305.NonceSizeX, 1+chacha20poly1305.NonceSizeX+len(s.value)+chacha20poly1305.Overhead)
	sealed[0] = sealVersion
	rand.Read(sealed[1:])
	return k.aead.Seal(sealed, sealed[1:], []byte(s.value), []byte(place))
}

// Open decrypts what Seal made for the same place.
func (k *Key) Open(place string, sealed []byte) (Secret, error) {
	if len(sealed) < 1+chacha20poly1305.NonceSizeX || sealed[0] != sealVersion {
		return Secret{}, fmt.Errorf("script: secret %s: damaged record", place)
	}
	nonce, box := sealed[1:1+chacha20poly1305.NonceSizeX], sealed[1+chacha20poly1305.NonceSizeX:]
	plain, err := k.aead.Open(nil, nonce, box, []byte(place))
	if err != nil {
		return Secret{}, fmt.Errorf("script: secret %s cannot be opened: it was sealed with another key file", place)
	}
	return Secret{string(plain)}, nil
}
