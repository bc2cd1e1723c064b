package script_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/runtime/script"
)

// A rig is a store in memory with a clock that a test moves.
type rig struct {
	*script.Store
	t       *testing.T
	db      *kv.DB
	account string
	clock   *time.Time
}

func newRig(t *testing.T) *rig {
	t.Helper()
	db, err := kv.Open(kv.Options{InMemory: true, Maintenance: -1, Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	key, err := script.NewKey(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s, err := script.Open(db, key, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{Store: s, t: t, db: db, clock: &now}
	r.view(func(tx *script.Tx) error {
		a, err := tx.Account(script.DefaultAccount)
		r.account = a.ID
		return err
	})
	return r
}

func (r *rig) view(fn func(*script.Tx) error) {
	r.t.Helper()
	if err := r.View(fn); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) do(fn func(*script.Tx) error) {
	r.t.Helper()
	if err := r.Update(script.Actor{Name: "tester", Source: "wrangler"}, fn); err != nil {
		r.t.Fatal(err)
	}
}

// refuse expects fn to fail with kind and to change nothing.
func (r *rig) refuse(kind script.Kind, fn func(*script.Tx) error) {
	r.t.Helper()
	notified := false
	cancel := r.Subscribe(func([]script.Change) { notified = true })
	defer cancel()
	err := r.Update(script.Actor{Name: "tester"}, fn)
	if !errors.Is(err, kind) {
		r.t.Fatalf("error is %v, want kind %v", err, kind)
	}
	if notified {
		r.t.Fatal("a failed transaction told its subscribers")
	}
}

func version(account, name, code string, bindings ...script.Binding) *script.Version {
	return &script.Version{Account: account, Script: name, Format: script.Modules, Main: "index.js", Bindings: bindings,
		Modules: []script.Module{{Name: "index.js", Type: script.ESModule, Content: []byte(code)}}}
}

// upload adds and deploys a version.
func (r *rig) upload(name, code string, bindings ...script.Binding) *script.Version {
	r.t.Helper()
	v := version(r.account, name, code, bindings...)
	r.do(func(tx *script.Tx) error {
		if _, err := tx.CreateScript(r.account, name); err != nil {
			return err
		}
		if err := tx.AddVersion(v); err != nil {
			return err
		}
		return tx.Deploy(r.account, name, &script.Deployment{Versions: []script.Share{{VersionID: v.ID, Percentage: 100}}})
	})
	return v
}

func TestVersionRoundTrip(t *testing.T) {
	r := newRig(t)
	secret := script.Binding{Name: "KEY", Type: script.SecretText, Secret: script.NewSecret("hunter2")}
	v := r.upload("hello", "export default {}", secret, script.Binding{Name: "A", Type: script.PlainText, Text: "x"})
	r.view(func(tx *script.Tx) error {
		meta, err := tx.Version(r.account, "hello", v.ID)
		if err != nil {
			return err
		}
		if meta.Modules != nil || meta.Binding("KEY").Secret.Reveal() != "" {
			t.Error("Version gave modules or an open secret")
		}
		full, err := tx.LoadVersion(r.account, "hello", v.ID)
		if err != nil {
			return err
		}
		if got := full.Binding("KEY").Secret.Reveal(); got != "hunter2" {
			t.Errorf("secret is %q", got)
		}
		if m := full.Module("index.js"); m == nil || string(m.Content) != "export default {}" {
			t.Errorf("modules are %v", full.Modules)
		}
		if full.Number != 1 || full.ETag == "" || full.CreatedOn.IsZero() {
			t.Errorf("version is %+v", full)
		}
		return nil
	})
}

func TestSecretIsNowhereInTheStore(t *testing.T) {
	r := newRig(t)
	const value = "a-very-recognisable-secret-value"
	r.upload("hello", "x", script.Binding{Name: "KEY", Type: script.SecretText, Secret: script.NewSecret(value)})
	err := r.db.View(func(tx *kv.Tx) error {
		for _, bucket := range []string{"script", "version", "code", "audit", "deployment"} {
			if err := tx.Scan(bucket, "", "", func(key string, data []byte) error {
				if strings.Contains(string(data), value) {
					t.Errorf("record %s %s holds the secret in clear text", bucket, key)
				}
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOldVersionsGo(t *testing.T) {
	r := newRig(t)
	first := r.upload("hello", "first")
	// The first version stays deployed while the others are only uploaded.
	var ids []string
	for i := range script.KeptVersions + 5 {
		v := version(r.account, "hello", fmt.Sprint("code ", i))
		r.do(func(tx *script.Tx) error { return tx.AddVersion(v) })
		ids = append(ids, v.ID)
	}
	r.view(func(tx *script.Tx) error {
		all, err := tx.Versions(r.account, "hello")
		if len(all) != script.KeptVersions+1 || all[0].ID != ids[len(ids)-1] {
			t.Errorf("%d versions are kept, newest %s", len(all), all[0].ID)
		}
		if _, err := tx.LoadVersion(r.account, "hello", first.ID); err != nil {
			t.Errorf("the deployed version is gone: %v", err)
		}
		if _, err := tx.Version(r.account, "hello", ids[0]); !errors.Is(err, script.UnknownVersion) {
			t.Errorf("the oldest version is still there: %v", err)
		}
		return err
	})
	codes := 0
	if err := r.db.View(func(tx *kv.Tx) error {
		return tx.Scan("code", "", "", func(string, []byte) error { codes++; return nil })
	}); err != nil || codes != script.KeptVersions+1 {
		t.Errorf("%d code records are kept: %v", codes, err)
	}
	// With another version deployed the first one can go, and its deployment with it.
	r.do(func(tx *script.Tx) error {
		return tx.Deploy(r.account, "hello", &script.Deployment{Versions: []script.Share{{VersionID: ids[len(ids)-1], Percentage: 100}}})
	})
	r.do(func(tx *script.Tx) error { return tx.AddVersion(version(r.account, "hello", "one more")) })
	r.view(func(tx *script.Tx) error {
		ds, err := tx.Deployments(r.account, "hello")
		if len(ds) != 1 {
			t.Errorf("%d deployments are kept", len(ds))
		}
		return err
	})
}

func TestDeployRefusals(t *testing.T) {
	r := newRig(t)
	v := r.upload("hello", "x")
	w := version(r.account, "hello", "y")
	r.do(func(tx *script.Tx) error { return tx.AddVersion(w) })
	other := r.upload("other", "x")
	for _, c := range []struct {
		name   string
		kind   script.Kind
		shares []script.Share
	}{
		{"none", script.BadDeployment, nil},
		{"not 100", script.BadDeployment, []script.Share{{v.ID, 99}}},
		{"negative", script.BadDeployment, []script.Share{{v.ID, -1}, {w.ID, 101}}},
		{"twice", script.BadDeployment, []script.Share{{v.ID, 50}, {v.ID, 50}}},
		{"three", script.BadDeployment, []script.Share{{v.ID, 50}, {w.ID, 25}, {other.ID, 25}}},
		{"unknown", script.UnknownVersion, []script.Share{{"nope", 100}}},
		{"of another script", script.UnknownVersion, []script.Share{{other.ID, 100}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &rig{Store: r.Store, t: t}
			r.refuse(c.kind, func(tx *script.Tx) error {
				return tx.Deploy(v.Account, "hello", &script.Deployment{Versions: c.shares})
			})
		})
	}
}

func TestPick(t *testing.T) {
	d := script.Deployment{Versions: []script.Share{{"a", 10}, {"b", 90}}}
	for _, c := range []struct {
		point float64
		want  string
	}{{0, "a"}, {0.0999, "a"}, {0.1, "b"}, {0.99999, "b"}, {1, "b"}} {
		if got := d.Pick(c.point); got != c.want {
			t.Errorf("Pick(%v) = %q, want %q", c.point, got, c.want)
		}
	}
	zero := script.Deployment{Versions: []script.Share{{"a", 0}, {"b", 100}}}
	if got := zero.Pick(0); got != "b" {
		t.Errorf("a version with no share was picked: %q", got)
	}
}

func TestRoutes(t *testing.T) {
	r := newRig(t)
	r.upload("a", "x")
	r.upload("b", "x")
	set := func(name string, patterns ...string) func(*script.Tx) error {
		return func(tx *script.Tx) error { return tx.SetRoutes(r.account, name, patterns) }
	}
	r.do(set("a", "example.com/*", "https://Example.com/API*"))
	r.refuse(script.RouteTaken, set("b", "b.example.com/", "EXAMPLE.com/*"))
	r.refuse(script.BadRoute, set("b", "exa*mple.com/"))
	r.refuse(script.BadRoute, set("b", "b.example.com/?x=1"))
	r.refuse(script.BadRoute, set("b", strings.Repeat("a", 5000)))
	r.refuse(script.UnknownScript, set("c", "c.example.com/*"))
	r.do(set("a", "example.com/*"))
	r.view(func(tx *script.Tx) error {
		all, err := tx.Routes(r.account)
		if len(all) != 1 || all[0].Pattern != "example.com/*" || all[0].Script != "a" {
			t.Errorf("routes are %+v", all)
		}
		return err
	})
}

func TestAnotherAccountCannotTakeAHost(t *testing.T) {
	r := newRig(t)
	r.upload("a", "x")
	var other string
	r.do(func(tx *script.Tx) error {
		a, err := tx.CreateAccount("Other")
		if err != nil {
			return err
		}
		other = a.ID
		if _, err := tx.CreateScript(other, "thief"); err != nil {
			return err
		}
		if err := tx.SetRoutes(r.account, "a", []string{"*.shop.example/*"}); err != nil {
			return err
		}
		return tx.SetDomains(r.account, "a", []script.Domain{{Hostname: "www.example.com"}})
	})
	for _, pattern := range []string{"eu.shop.example/admin*", "*/*", "*.eu.shop.example/", "http://www.example.com/x"} {
		r.refuse(script.RouteTaken, func(tx *script.Tx) error { return tx.SetRoutes(other, "thief", []string{pattern}) })
	}
	r.refuse(script.RouteTaken, func(tx *script.Tx) error {
		return tx.SetDomains(other, "thief", []script.Domain{{Hostname: "www.example.com"}})
	})
	r.do(func(tx *script.Tx) error { return tx.SetRoutes(other, "thief", []string{"shop.example.org/*"}) })
}

// TestServersDomain has two accounts reach for each other's hosts below the server's own
// domain, where neither has a route.
func TestServersDomain(t *testing.T) {
	r := newRig(t)
	r.Reserve("Apps.example")
	r.upload("a", "x")
	var other string
	r.do(func(tx *script.Tx) error {
		a, err := tx.CreateAccount("Other")
		if err != nil {
			return err
		}
		other = a.ID
		_, err = tx.CreateScript(other, "thief")
		return err
	})
	for _, c := range []struct {
		pattern       string
		operator, any bool // may the default account, may the other
	}{
		{"a.apps.example/*", true, false},
		{"apps.example/*", true, false},
		{"*apps.example/*", false, false},
		{"*.apps.example/*", false, false},
		{"*/*", false, false},
		{"x.other.apps.example/*", false, true},
		{"*.other.apps.example/x", false, true},
		{"*other.apps.example/*", false, false},
		{"another.apps.example/*", true, false},
		{"y.x.other.apps.example/", false, true},
		{"other.apps.example/*", true, false},
		{"myapps.example/*", true, true},
		{"apps.example.org/*", true, true},
	} {
		for account, may := range map[string]bool{r.account: c.operator, other: c.any} {
			name := "a"
			if account == other {
				name = "thief"
			}
			set := func(tx *script.Tx) error { return tx.SetRoutes(account, name, []string{c.pattern}) }
			if may {
				r.do(set)
				r.do(func(tx *script.Tx) error { return tx.SetRoutes(account, name, nil) })
			} else {
				r.refuse(script.RouteTaken, set)
			}
		}
	}
	r.refuse(script.RouteTaken, func(tx *script.Tx) error {
		return tx.SetDomains(other, "thief", []script.Domain{{Hostname: "a.apps.example"}})
	})
}

func TestNamespaces(t *testing.T) {
	r := newRig(t)
	var id string
	r.do(func(tx *script.Tx) error {
		n, err := tx.CreateNamespace(r.account, "one")
		id = n.ID
		return err
	})
	r.refuse(script.TitleTaken, func(tx *script.Tx) error { _, err := tx.CreateNamespace(r.account, "one"); return err })
	r.refuse(script.BadName, func(tx *script.Tx) error { _, err := tx.CreateNamespace(r.account, " "); return err })
	r.refuse(script.UnknownNamespace, func(tx *script.Tx) error { return tx.DeleteNamespace("ffff", id) })
	r.upload("user", "x", script.Binding{Name: "KV", Type: script.KVNamespace, NamespaceID: id})
	r.refuse(script.UnresolvedReference, func(tx *script.Tx) error {
		return tx.AddVersion(version(r.account, "user", "x", script.Binding{Name: "KV", Type: script.KVNamespace, NamespaceID: "0000"}))
	})
	r.do(func(tx *script.Tx) error { return tx.DeleteScript(r.account, "user") })
	r.do(func(tx *script.Tx) error { _, err := tx.RenameNamespace(r.account, id, "two"); return err })
	r.do(func(tx *script.Tx) error { _, err := tx.CreateNamespace(r.account, "one"); return err })
	r.do(func(tx *script.Tx) error { return tx.DeleteNamespace(r.account, id) })
}

func TestDeleteScriptLeavesNothing(t *testing.T) {
	r := newRig(t)
	v := r.upload("hello", "x")
	if err := r.PutArtifact(v, "bundle", []byte("compiled")); err != nil {
		t.Fatal(err)
	}
	r.do(func(tx *script.Tx) error {
		if err := tx.SetRoutes(r.account, "hello", []string{"a.example/*"}); err != nil {
			return err
		}
		if err := tx.SetSchedules(r.account, "hello", []string{"* * * * *"}); err != nil {
			return err
		}
		return tx.SetDomains(r.account, "hello", []script.Domain{{Hostname: "b.example"}})
	})
	r.do(func(tx *script.Tx) error { return tx.DeleteScript(r.account, "hello") })
	if err := r.db.View(func(tx *kv.Tx) error {
		for _, bucket := range []string{"script", "version", "version.id", "code", "artifact", "deployment", "route", "domain", "schedule"} {
			if err := tx.Scan(bucket, "", "", func(key string, _ []byte) error {
				t.Errorf("left behind: %s %s", bucket, key)
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := r.PutArtifact(v, "bundle", []byte("compiled")); err != nil {
		t.Fatal(err)
	}
	if data, err := r.Artifact(v, "bundle"); data != nil || err != nil {
		t.Errorf("an artifact of a deleted version was kept: %q %v", data, err)
	}
}

func TestAudit(t *testing.T) {
	r := newRig(t)
	r.upload("hello", "x", script.Binding{Name: "S", Type: script.SecretText, Secret: script.NewSecret("value")})
	var all []script.AuditEntry
	r.view(func(tx *script.Tx) (err error) { all, err = tx.Audit(r.account, "", 100); return err })
	var actions []string
	for _, e := range all {
		actions = append(actions, e.Action)
	}
	want := "deployment.create version.create script.create account.create"
	if got := strings.Join(actions, " "); got != want {
		t.Errorf("actions are %s, want %s", got, want)
	}
	r.view(func(tx *script.Tx) error {
		page, err := tx.Audit(r.account, all[1].ID, 1)
		if len(page) != 1 || page[0].ID != all[2].ID {
			t.Errorf("the next page is %+v", page)
		}
		return err
	})
}

// TestChanges has writers and a subscriber at work together: the subscriber is told of
// every change once, sees the store with that change in it, and last the store as it stays.
func TestChanges(t *testing.T) {
	r := newRig(t)
	r.upload("hello", "0")
	told := map[string]int{}
	active := func(tx *script.Tx) (string, error) {
		d, err := tx.ActiveDeployment(r.account, "hello")
		if err != nil {
			return "", err
		}
		return d.ID, nil
	}
	var last string // active when the subscriber was last told
	cancel := r.Subscribe(func(changes []script.Change) {
		for _, c := range changes {
			if c.Kind != script.Deployed {
				continue
			}
			if err := r.View(func(tx *script.Tx) (err error) {
				all, err := tx.Deployments(c.Account, c.Script)
				if !slices.ContainsFunc(all, func(d *script.Deployment) bool { return d.ID == c.ID }) {
					t.Errorf("told of deployment %s before it can be seen", c.ID)
				}
				if err == nil {
					last, err = active(tx)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
			told[c.ID]++
		}
	})
	defer cancel()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 5 {
				v := version(r.account, "hello", fmt.Sprint(i, j))
				if err := r.Update(script.Actor{}, func(tx *script.Tx) error {
					if err := tx.AddVersion(v); err != nil {
						return err
					}
					return tx.Deploy(r.account, "hello", &script.Deployment{Versions: []script.Share{{VersionID: v.ID, Percentage: 100}}})
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for id, times := range told {
		if times != 1 {
			t.Errorf("told %d times of deployment %s", times, id)
		}
	}
	if len(told) != 20 {
		t.Errorf("%d deployments were told of, not 20", len(told))
	}
	r.view(func(tx *script.Tx) error {
		id, err := active(tx)
		if id != last {
			t.Errorf("deployment %s is active, but %s was when the subscriber was last told", id, last)
		}
		return err
	})
}

// TestTally compares the sums that are kept with the scripts themselves after each change.
func TestTally(t *testing.T) {
	r := newRig(t)
	reserve := func(name string, n int) func(*script.Tx) error {
		return func(tx *script.Tx) error {
			s, err := tx.Script(r.account, name)
			if err != nil {
				return err
			}
			s.Settings.Concurrency = n
			return tx.SaveScript(s)
		}
	}
	create := func(name string) func(*script.Tx) error {
		return func(tx *script.Tx) error {
			_, err := tx.CreateScript(r.account, name)
			return err
		}
	}
	for _, step := range []struct {
		name string
		do   func(*script.Tx) error
		want script.Tally
	}{
		{"create", create("a"), script.Tally{Scripts: 1}},
		{"create another", create("b"), script.Tally{Scripts: 2}},
		{"create again", create("b"), script.Tally{Scripts: 2}},
		{"reserve", reserve("a", 5), script.Tally{Scripts: 2, Reserved: 5}},
		{"reserve more", reserve("a", 8), script.Tally{Scripts: 2, Reserved: 8}},
		{"reserve for the other", reserve("b", 1), script.Tally{Scripts: 2, Reserved: 9}},
		{"delete", func(tx *script.Tx) error { return tx.DeleteScript(r.account, "a") }, script.Tally{Scripts: 1, Reserved: 1}},
		{"create and delete at once", func(tx *script.Tx) error {
			if err := create("c")(tx); err != nil {
				return err
			}
			return tx.DeleteScript(r.account, "c")
		}, script.Tally{Scripts: 1, Reserved: 1}},
	} {
		r.do(step.do)
		r.view(func(tx *script.Tx) error {
			got, err := tx.Tally(r.account)
			if got != step.want {
				t.Errorf("%s: the tally is %+v, want %+v", step.name, got, step.want)
			}
			return err
		})
	}
}
