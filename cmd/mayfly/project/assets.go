package project

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path/filepath"

	gitignore "github.com/sabhiram/go-gitignore"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// assetsConfig is the field "assets" of a project file:
// https://developers.cloudflare.com/workers/static-assets/
type assetsConfig struct {
	Directory        string          `json:"directory"`
	Binding          string          `json:"binding"`
	HTMLHandling     string          `json:"html_handling"`
	NotFoundHandling string          `json:"not_found_handling"`
	RunWorkerFirst   json.RawMessage `json:"run_worker_first"`
}

// Assets are a project's static files as they are on the disk.
type Assets struct {
	// Files are what is served, by path. Folders are all directories that may hold some, absolute.
	Files   map[string]AssetFile
	Folders []string
	// Config is how they are served, as an upload says it.
	Config json.RawMessage
}

// An AssetFile is one file to serve.
type AssetFile struct {
	script.AssetEntry
	ContentType string // "" if it is not known
	Name        string // on the disk, absolute
}

// Manifest is what an upload session is opened with.
func (a *Assets) Manifest() script.Manifest {
	m := script.Manifest{}
	for path, f := range a.Files {
		m[path] = f.AssetEntry
	}
	return m
}

// Reader returns a function that reads the file with a hash from the disk.
func (a *Assets) Reader() func(hash string) (content []byte, contentType string, err error) {
	files := map[string]AssetFile{}
	for _, f := range a.Files {
		files[f.Hash] = f
	}
	return func(hash string) ([]byte, string, error) {
		f, ok := files[hash]
		if !ok {
			return nil, "", fmt.Errorf("no file of the project has the hash %q", hash)
		}
		content, err := os.ReadFile(f.Name)
		return content, f.ContentType, err
	}
}

// Files of an assets directory that say how the others are served.
const (
	ignoreFile    = ".assetsignore"
	headersFile   = "_headers"
	redirectsFile = "_redirects"
)

// Assets reads the project's static files, or returns nil if it has none.
func (p *Project) Assets() (*Assets, error) {
	c := p.assets
	if c == nil {
		return nil, nil
	}
	dir := filepath.Join(p.Dir, filepath.FromSlash(c.Directory))
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return nil, fmt.Errorf("assets.directory: there is no folder %s: build the site first, or name its folder", dir)
	}
	a := &Assets{Files: map[string]AssetFile{}}
	ignored, err := readIgnored(filepath.Join(dir, ignoreFile))
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		within, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		within = filepath.ToSlash(within)
		switch {
		case within == ".":
		case ignored.MatchesPath(within):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			a.Folders = append(a.Folders, name)
			return nil
		}
		f, err := readAsset(name)
		if err != nil {
			return err
		}
		a.Files["/"+within] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	a.Config, err = c.settings(dir)
	return a, err
}

// readIgnored reads the names of files that are not served, in the syntax of .gitignore.
func readIgnored(file string) (*gitignore.GitIgnore, error) {
	lines := []string{"/" + ignoreFile, "/" + headersFile, "/" + redirectsFile}
	ignored, err := gitignore.CompileIgnoreFileAndLines(file, lines...)
	if errors.Is(err, fs.ErrNotExist) {
		return gitignore.CompileIgnoreLines(lines...), nil
	}
	return ignored, err
}

func readAsset(name string) (AssetFile, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return AssetFile{}, err
	}
	if len(content) > script.MaxAssetSize {
		return AssetFile{}, fmt.Errorf("%s is %d bytes, over the limit of %d bytes: list it in %s", name, len(content), script.MaxAssetSize, ignoreFile)
	}
	// Files are stored by content and with one content type.
	kind := filepath.Ext(name)
	sum := sha256.Sum256(append([]byte(kind+"\x00"), content...))
	return AssetFile{
		AssetEntry:  script.AssetEntry{Hash: hex.EncodeToString(sum[:16]), Size: int64(len(content))},
		ContentType: mime.TypeByExtension(kind), Name: name,
	}, nil
}

// settings is the configuration as an upload says it.
func (c *assetsConfig) settings(dir string) (json.RawMessage, error) {
	s := map[string]any{}
	if c.HTMLHandling != "" {
		s["html_handling"] = c.HTMLHandling
	}
	if c.NotFoundHandling != "" {
		s["not_found_handling"] = c.NotFoundHandling
	}
	if len(c.RunWorkerFirst) > 0 {
		s["run_worker_first"] = c.RunWorkerFirst
	}
	for _, name := range []string{headersFile, redirectsFile} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s[name] = string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
	}
	return json.Marshal(s)
}
