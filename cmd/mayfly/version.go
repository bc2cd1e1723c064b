package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCommand struct {
	JSON bool `help:"Answer as JSON."`
}

func (versionCommand) Help() string { return "Example:\n\n  mayfly version --json" }

func (c *versionCommand) Run(m *Main) error {
	v := struct {
		Version  string `json:"version"`
		Revision string `json:"revision,omitempty"`
		Modified bool   `json:"modified,omitempty"`
		Go       string `json:"go"`
		Platform string `json:"platform"`
	}{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if b, ok := debug.ReadBuildInfo(); ok {
		if b.Main.Version != "" {
			v.Version = b.Main.Version
		}
		for _, s := range b.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Revision = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	if c.JSON {
		return json.NewEncoder(m.Stdout).Encode(v)
	}
	_, err := fmt.Fprintf(m.Stdout, "mayfly %s %s %s\n", v.Version, v.Go, v.Platform)
	return err
}
