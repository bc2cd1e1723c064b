package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
)

// controlFlags are the flags of all commands that ask a control plane.
type controlFlags struct {
	Control string `help:"URL of the control plane, also from MAYFLY_CONTROL. Default: ${default}." default:"http://127.0.0.1:8788" placeholder:"URL" env:"MAYFLY_CONTROL"`
	Account string `help:"Account id. Default: the server's own account." default:"default" placeholder:"ID"`
}

// client returns a client with the token of MAYFLY_TOKEN or of "mayfly login".
func (f *controlFlags) client(m *Main) (*client.Client, error) {
	token := strings.TrimSpace(m.Getenv("MAYFLY_TOKEN"))
	if token == "" {
		kept, err := readCredentials(m)
		if err != nil {
			return nil, err
		}
		token = kept[f.Control]
	}
	if token == "" {
		return nil, fmt.Errorf("there is no API token for %s: %s", f.Control, tokenHint)
	}
	c, err := client.New(f.Control, token, f.Account)
	if err != nil {
		return nil, usageError("--control: %w", err)
	}
	return c, nil
}

// tokenHint says where a token comes from.
const tokenHint = "set MAYFLY_TOKEN, or run mayfly login; on the server's own machine the root token is in the file token of its data directory: export MAYFLY_TOKEN=$(cat mayfly-data/token)"

// explain adds what to do to an error of the control plane.
func explain(err error) error {
	switch {
	case errors.Is(err, client.ErrUnreachable):
		return fmt.Errorf("%w: is mayfly serve running there? --control chooses another", err)
	case client.IsUnauthorized(err):
		return fmt.Errorf("%w: %s", err, tokenHint)
	}
	return err
}

// credentials are tokens by URL of the control plane.
type credentials map[string]string

// credentialsFile is where login keeps them.
func credentialsFile(m *Main) (string, error) {
	dir := m.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		var err error
		if dir, err = os.UserConfigDir(); err != nil {
			return "", fmt.Errorf("no directory to keep the token in: %w: use MAYFLY_TOKEN", err)
		}
	}
	return filepath.Join(dir, "mayfly", "credentials.json"), nil
}

func readCredentials(m *Main) (credentials, error) {
	kept := credentials{}
	file, err := credentialsFile(m)
	if err != nil {
		return kept, nil // nothing can have been kept
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return kept, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w: delete it and run mayfly login", file, err)
	}
	return kept, nil
}

func writeCredentials(m *Main, kept credentials) (file string, err error) {
	if file, err = credentialsFile(m); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(kept, "", "\t")
	if err != nil {
		return "", err
	}
	// A new file, so that one that others may read does not stay so.
	if err := os.WriteFile(file+".tmp", append(text, '\n'), 0o600); err != nil {
		return "", err
	}
	return file, os.Rename(file+".tmp", file)
}

// printJSON writes a value for programs to read.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
