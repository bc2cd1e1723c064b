package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/project"
	"github.com/mayfly-edge/mayfly/isolate/compiler"
	"github.com/mayfly-edge/mayfly/runtime"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// A devSession keeps one project deployed on a server of its own, as its files are.
type devSession struct {
	path, env string
	vars      map[string]string
	server    *runtime.Server
	console   *devConsole

	account string
	name    string   // under which the project is deployed
	watched []string // files whose change means something; the folders of all are watched
	folders []string // folders in which every change does
}

// actor is who deploys.
var devActor = script.Actor{Source: "dev", Name: "dev"}

// begin clears what an earlier run has left but for KV data.
func (s *devSession) begin(ctx context.Context, p *project.Project) error {
	s.watched = watchList(p, nil)
	return s.server.Store().Update(devActor, func(tx *script.Tx) error {
		a, err := tx.Account(script.DefaultAccount)
		if err != nil {
			return err
		}
		s.account = a.ID
		old, err := tx.Scripts(a.ID)
		if err != nil {
			return err
		}
		for _, o := range old {
			if err := tx.DeleteScript(a.ID, o.Name); err != nil {
				return err
			}
		}
		return nil
	})
}

// reload reads the project anew and deploys it. What is wrong is shown, and the version
// before goes on.
func (s *devSession) reload(ctx context.Context) {
	p, err := project.Load(s.path, s.env)
	if err != nil {
		s.console.problem(err.Error())
		return
	}
	s.deploy(ctx, p)
}

// deploy bundles a project and gives it all requests.
func (s *devSession) deploy(ctx context.Context, p *project.Project) {
	b, err := p.Bundle(ctx)
	if err != nil {
		s.console.broken(err)
		return
	}
	s.watched = watchList(p, b.Inputs)
	files, err := p.Assets()
	if err != nil {
		s.console.broken(err)
		return
	}
	s.folders = nil
	if files != nil {
		s.folders = files.Folders
	}
	v, err := s.version(p, b)
	if err == nil {
		err = s.put(ctx, p, v, files)
	}
	if err != nil {
		s.console.broken(err)
		return
	}
	s.console.loaded(p, b, v)
}

// version describes the project as a version, its bindings settled for this machine.
func (s *devSession) version(p *project.Project, b *project.Bundle) (*script.Version, error) {
	v := p.Version(b)
	v.Account = s.account
	v.Bindings = slices.Clone(v.Bindings)
	secrets, err := p.Secrets()
	if err != nil {
		return nil, err
	}
	for _, secret := range secrets {
		v.Bindings = setBinding(v.Bindings, secret)
	}
	for name, value := range s.vars {
		v.Bindings = setBinding(v.Bindings, script.Binding{Name: name, Type: script.PlainText, Text: value})
	}
	return v, nil
}

// setBinding replaces the binding of that name or adds it.
func setBinding(list []script.Binding, b script.Binding) []script.Binding {
	for i := range list {
		if list[i].Name == b.Name {
			list[i] = b
			return list
		}
	}
	return append(list, b)
}

// put stores a version with its static files and deploys it.
func (s *devSession) put(ctx context.Context, p *project.Project, v *script.Version, files *project.Assets) error {
	if err := s.references(p, v); err != nil {
		return err
	}
	uploaded := ""
	if files != nil {
		var err error
		if uploaded, err = s.putAssets(p.Name, files); err != nil {
			return err
		}
		v.Assets = &script.AssetsRef{Config: files.Config}
	}
	if err := v.Check(); err != nil {
		return err
	}
	if v.Format != script.AssetsOnly {
		found, err := s.server.Validate(ctx, v)
		if err != nil {
			return err
		}
		v.StartupTime, v.Handlers, v.Entrypoints, v.Artifacts = found.StartupTime, found.Handlers, found.Entrypoints, found.Artifacts
	}
	v.Source, v.Author = devActor.Source, devActor.Name
	old := s.name
	err := s.server.Store().Update(devActor, func(tx *script.Tx) (err error) {
		if _, err := tx.CreateScript(s.account, p.Name); err != nil {
			return err
		}
		if v.Assets != nil {
			if v.Assets.Manifest, err = tx.FinishAssets(s.account, p.Name, uploaded); err != nil {
				return err
			}
		}
		if err := tx.AddVersion(v); err != nil {
			return err
		}
		if err := tx.Deploy(s.account, p.Name, &script.Deployment{
			Versions: []script.Share{{VersionID: v.ID, Percentage: 100}},
		}); err != nil {
			return err
		}
		if old != "" && old != p.Name {
			if err := tx.DeleteScript(s.account, old); err != nil {
				return err
			}
		}
		// Whatever host is asked for, it is this worker that is meant.
		return tx.SetRoutes(s.account, p.Name, []string{"*/*"})
	})
	if err == nil {
		s.name = p.Name
	}
	return err
}

// putAssets stores the static files that are not there yet and returns the token of
// their upload.
func (s *devSession) putAssets(name string, files *project.Assets) (token string, err error) {
	store := s.server.Store()
	var missing []string
	var session *script.AssetSession
	err = store.Update(devActor, func(tx *script.Tx) (err error) {
		if token, missing, err = tx.OpenAssetSession(s.account, name, files.Manifest()); err != nil {
			return err
		}
		session, err = tx.AssetSession(token)
		return err
	})
	if err != nil {
		return "", err
	}
	read := files.Reader()
	batch := make([]script.File, len(missing))
	for i, hash := range missing {
		batch[i].Hash = hash
		if batch[i].Content, batch[i].ContentType, err = read(hash); err != nil {
			return "", err
		}
	}
	return token, store.PutAssets(devActor, session, batch)
}

// references makes what the version's bindings refer to: KV namespaces by the id of the
// project file, and empty scripts for other workers.
func (s *devSession) references(p *project.Project, v *script.Version) error {
	return s.server.Store().Update(devActor, func(tx *script.Tx) error {
		have, err := tx.Namespaces(s.account)
		if err != nil {
			return err
		}
		for i := range v.Bindings {
			switch b := &v.Bindings[i]; b.Type {
			case script.KVNamespace:
				title := b.NamespaceID
				if title == "" {
					title = p.Name + "-" + b.Name
				}
				at := slices.IndexFunc(have, func(n *script.Namespace) bool { return n.Title == title })
				if at < 0 {
					n, err := tx.CreateNamespace(s.account, title)
					if err != nil {
						return err
					}
					have = append(have, n)
					at = len(have) - 1
				}
				b.NamespaceID = have[at].ID
			case script.Service:
				if b.Service != p.Name {
					if _, err := tx.CreateScript(s.account, b.Service); err != nil {
						return fmt.Errorf("binding %q: %w", b.Name, err)
					}
				}
			}
		}
		return nil
	})
}

// watchList is what a project is made of: its inputs, its project file and its secrets.
func watchList(p *project.Project, inputs []string) []string {
	list := append([]string{p.DevVars()}, inputs...)
	if p.Main != "" {
		list = append(list, filepath.Join(p.Dir, p.Main))
	}
	if p.File != "" {
		list = append(list, p.File)
	}
	return list
}

// frameOf is an error with the source lines it is about.
func frameOf(err error) string {
	var code *compiler.Error
	if errors.As(err, &code) {
		return code.Frame()
	}
	return err.Error() + "\n"
}
