package project

import (
	"context"
	"fmt"
	"path"

	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// A Bundle is a project ready to upload.
type Bundle struct {
	Format  script.Format
	Main    string // name of the entry among Modules
	Modules []script.Module
	// Inputs are the files that went in, absolute.
	Inputs   []string
	Warnings []compiler.Diagnostic
}

// Bundle bundles the project's source. Mistakes in the source are a *compiler.Error.
func (p *Project) Bundle(ctx context.Context) (*Bundle, error) {
	if p.Main == "" {
		return &Bundle{Format: script.AssetsOnly}, nil
	}
	built, err := compiler.BuildProject(ctx, p.build)
	if err != nil {
		return nil, err
	}
	b := &Bundle{Format: script.Modules, Main: built.Source.Main, Inputs: built.Inputs, Warnings: built.Warnings}
	if built.Source.Classic {
		b.Format = script.ServiceWorker
	}
	for _, m := range built.Source.Modules {
		kind, err := moduleType(m.Kind)
		if err != nil {
			return nil, fmt.Errorf("module %s: %w", m.Name, err)
		}
		if built.Source.Classic && m.Name == built.Source.Main {
			kind = script.ScriptFile
		}
		b.Modules = append(b.Modules, script.Module{Name: m.Name, Type: kind, Content: m.Contents})
	}
	return b, nil
}

// moduleType is a kind of module in the words of an upload.
func moduleType(k compiler.Kind) (script.ModuleType, error) {
	switch k {
	case compiler.ESModule:
		return script.ESModule, nil
	case compiler.CommonJS:
		return script.CommonJS, nil
	case compiler.Text:
		return script.TextFile, nil
	case compiler.Data:
		return script.DataFile, nil
	case compiler.JSON:
		return script.JSONFile, nil
	case compiler.Wasm:
		return script.WasmFile, nil
	case compiler.SourceMap:
		return script.SourceMap, nil
	}
	return "", fmt.Errorf("modules of kind %v cannot be uploaded", k)
}

// Version is the bundle as a version of the project's script.
func (p *Project) Version(b *Bundle) *script.Version {
	main := b.Main
	if main != "" {
		main = path.Clean(main)
	}
	return &script.Version{
		Script: p.Name, Format: b.Format, Main: main, Modules: b.Modules, Limits: p.Limits,
		CompatibilityDate: p.CompatibilityDate, CompatibilityFlags: p.CompatibilityFlags,
		Bindings: p.Bindings,
	}
}
