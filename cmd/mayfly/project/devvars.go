package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// DevVars are the files that hold secrets for development: .dev.vars of the folder,
// or .dev.vars.ENV if there is one for the environment.
func (p *Project) DevVars() string {
	if p.Env != "" {
		own := filepath.Join(p.Dir, ".dev.vars."+p.Env)
		if _, err := os.Stat(own); err == nil {
			return own
		}
	}
	return filepath.Join(p.Dir, ".dev.vars")
}

// Secrets reads the secrets for development as bindings. Without a file there are none.
func (p *Project) Secrets() ([]script.Binding, error) {
	file := p.DevVars()
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	vars, err := ParseVars(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s:%w", file, err)
	}
	var all []script.Binding
	for _, v := range vars {
		all = append(all, script.Binding{Name: v[0], Type: script.SecretText, Secret: script.NewSecret(v[1])})
	}
	return all, nil
}

// ParseVars reads lines of NAME=value: values may stand in single quotes (as they are),
// double quotes (with \n, \r, \t, \" and \\, over several lines if need be) or none
// (without what follows " #"). The last of several values of a name counts. An error
// begins with the number of the line.
func ParseVars(text string) ([][2]string, error) {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	var vars [][2]string
	set := func(name, value string) {
		for i := range vars {
			if vars[i][0] == name {
				vars[i][1] = value
				return
			}
		}
		vars = append(vars, [2]string{name, value})
	}
	for line := 1; text != ""; {
		head, rest, _ := strings.Cut(text, "\n")
		trimmed := strings.TrimSpace(head)
		if trimmed == "" || trimmed[0] == '#' {
			text = rest
			line++
			continue
		}
		name, _, ok := strings.Cut(strings.TrimPrefix(trimmed, "export "), "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.ContainsAny(name, " \t'\"") {
			return nil, fmt.Errorf("%d: a line must be NAME=value", line)
		}
		value := strings.TrimLeft(text[strings.IndexByte(text, '=')+1:], " \t")
		if value == "" || value[0] != '"' && value[0] != '\'' {
			plain, _, _ := strings.Cut(value, "\n")
			plain, _, _ = strings.Cut(plain, " #")
			set(name, strings.TrimSpace(plain))
			text = rest
			line++
			continue
		}
		unquoted, after, err := quoted(value)
		if err != nil {
			return nil, fmt.Errorf("%d: %s: %w", line, name, err)
		}
		set(name, unquoted)
		line += strings.Count(text[:len(text)-len(after)], "\n")
		tail, next, _ := strings.Cut(after, "\n")
		if tail = strings.TrimSpace(tail); tail != "" && tail[0] != '#' {
			return nil, fmt.Errorf("%d: %s: there is something behind the closing quote", line, name)
		}
		text = next
		line++
	}
	return vars, nil
}

var escapes = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\"`, `"`, `\\`, `\`)

// quoted reads a value that begins with a quote and returns what follows it.
func quoted(text string) (value, after string, err error) {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quote == '"':
			i++
		case text[i] == quote:
			value = text[1:i]
			if quote == '"' {
				value = escapes.Replace(value)
			}
			return value, text[i+1:], nil
		}
	}
	return "", "", errors.New("the closing quote is missing")
}
