package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// keyring is a GnuPG home; the zero value is the user's own.
type keyring struct{ home string }

func (k keyring) command() command {
	if k.home == "" {
		return command{}
	}
	return command{env: []string{"GNUPGHOME=" + k.home}}
}

// verify checks a detached signature.
func (k keyring) verify(ctx context.Context, signature, file string) error {
	_, err := k.command().run(ctx, "gpg", "--batch", "--verify", signature, file)
	return err
}

// key is an RSA key for this run, in a keyring of its own: the Terraform registry takes no ECC key.
type key struct {
	keyring
	fingerprint string
	public      string
}

// longestHome is how long the path of a GnuPG home may be: its agent's sockets are in it, and the system allows these
// about 100 characters.
const longestHome = 75

func newKey(ctx context.Context) (_ key, err error) {
	home, err := os.MkdirTemp("", "gpg")
	if err == nil && len(home) > longestHome {
		err = os.Remove(home)
		if err == nil {
			home, err = os.MkdirTemp("/tmp", "gpg")
		}
	}
	if err != nil {
		return key{}, err
	}
	k := key{keyring: keyring{home: home}}
	defer func() {
		if err != nil {
			err = errors.Join(err, k.close())
		}
	}()
	if _, err := k.gpg(ctx, "--passphrase", "", "--quick-generate-key", "release-check", "rsa3072", "sign", "1d"); err != nil {
		return key{}, err
	}
	listing, err := k.gpg(ctx, "--with-colons", "--list-secret-keys")
	if err != nil {
		return key{}, err
	}
	_, rest, _ := strings.Cut(listing, "\nfpr:")
	k.fingerprint = strings.Trim(strings.SplitN(rest, "\n", 2)[0], ":")
	k.public, err = k.gpg(ctx, "--armor", "--export", k.fingerprint)
	if err != nil || len(k.fingerprint) != 40 || k.public == "" {
		return key{}, fmt.Errorf("cannot read the new key from %q: %w", listing, err)
	}
	return k, nil
}

func (k key) gpg(ctx context.Context, args ...string) (string, error) {
	return k.command().run(ctx, "gpg", append([]string{"--batch", "--quiet", "--pinentry-mode", "loopback"}, args...)...)
}

// close ends GnuPG's agent, also after an interruption, and removes the key.
func (k key) close() error {
	ctx := context.Background()
	_, err := k.command().run(ctx, "gpgconf", "--kill", "all")
	// Where the system has a folder for users' sockets, ours is there; elsewhere this fails, and there is nothing to remove.
	_, _ = k.command().run(ctx, "gpgconf", "--remove-socketdir")
	return errors.Join(err, os.RemoveAll(k.home))
}
