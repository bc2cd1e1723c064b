package script

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/mayfly-edge/mayfly/kv"
)

// MaxScripts is the number of scripts an account may have, unless the account says otherwise.
const MaxScripts = 1_000_000

// maxNameLength keeps a script's name usable as one DNS label.
const maxNameLength = 63

// A Script is a named worker in an account: what stays the same from version to version.
type Script struct {
	Account    string    `json:"account"`
	Name       string    `json:"name"`
	Tag        string    `json:"tag"` // 32 hexadecimal digits, stable for the script's life
	CreatedOn  time.Time `json:"created_on"`
	ModifiedOn time.Time `json:"modified_on"`
	// LastDeployedFrom is the source of the newest deployment: wrangler, api.
	LastDeployedFrom string   `json:"last_deployed_from,omitempty"`
	Tags             []string `json:"tags,omitempty"`
	MigrationTag     string   `json:"migration_tag,omitempty"`

	// Subdomain says whether the script answers at NAME.<domain>, and each of its
	// versions at its preview address.
	Subdomain Subdomain `json:"subdomain"`
	Settings  Settings  `json:"settings"`

	// Number is the number of the newest version, Latest its id; 0 and "" before the first.
	Number int    `json:"number"`
	Latest string `json:"latest,omitempty"`
	// Deployments counts the deployments ever made.
	Deployments int `json:"deployments"`
}

// A Subdomain is the state of a script's own host names.
type Subdomain struct {
	Enabled  bool `json:"enabled"`
	Previews bool `json:"previews_enabled"`
}

// Settings are the script-level settings that hold for every version.
type Settings struct {
	Logpush       bool            `json:"logpush"`
	Observability json.RawMessage `json:"observability,omitempty"`
	TailConsumers json.RawMessage `json:"tail_consumers,omitempty"`
	// Provisioned is the number of isolates kept warm for each deployed version.
	Provisioned int `json:"provisioned,omitempty"`
	// Concurrency is the most requests the script may have in flight, 0 for the server's default.
	Concurrency int `json:"concurrency,omitempty"`
	// Host is HostOwn for a script that shares no host process with others.
	Host string `json:"host,omitempty"`
}

// HostOwn is a value of Settings.Host.
const HostOwn = "own"

// CheckName reports whether name can be a script's name: 1 to 63 of a-z, 0-9, _ and -,
// not beginning or ending with a dash.
func CheckName(name string) error {
	ok := len(name) >= 1 && len(name) <= maxNameLength && name[0] != '-' && name[len(name)-1] != '-'
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-'
	}
	if !ok {
		return Errorf(BadName, "script name %q must be 1 to %d lower-case letters, digits, _ or -, and must not begin or end with a dash", name, maxNameLength)
	}
	return nil
}

// NewID returns 32 random hexadecimal digits, the form of account, namespace, route
// and domain ids.
func NewID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Script returns a script, or an UnknownScript error.
func (tx *Tx) Script(account, name string) (*Script, error) {
	s := new(Script)
	err := tx.get(bucketScript, key(account, name), s)
	if err == kv.ErrNotFound {
		return nil, unknownScript(name)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func unknownScript(name string) error {
	return Errorf(UnknownScript, "This Worker does not exist on your account: %s", name)
}

// Scripts lists an account's scripts by name, or all accounts' when account is "".
func (tx *Tx) Scripts(account string) ([]*Script, error) {
	return list[Script](tx, bucketScript, prefix(account))
}

// EachScript calls f with the scripts of all accounts, one account after the other, and
// stops at its first error.
func (tx *Tx) EachScript(f func(*Script) error) error {
	return each(tx, bucketScript, "", f)
}

// CreateScript adds a script with no version. It fails when the name is not allowed
// or the account is full; an existing script is returned as it is.
func (tx *Tx) CreateScript(account, name string) (*Script, error) {
	if s, err := tx.Script(account, name); err == nil {
		return s, nil
	} else if !isKind(err, UnknownScript) {
		return nil, err
	}
	if err := CheckName(name); err != nil {
		return nil, err
	}
	a, err := tx.Account(account)
	if err != nil {
		return nil, err
	}
	sums, err := tx.Tally(account)
	if err != nil {
		return nil, err
	}
	if limit := a.scriptLimit(); sums.Scripts >= limit {
		return nil, Errorf(TooManyScripts, "the account has %d scripts, which is its limit: delete one first", limit)
	}
	now := tx.now()
	s := &Script{Account: account, Name: name, Tag: NewID(), CreatedOn: now, ModifiedOn: now}
	tx.audit(account, "script.create", name, "")
	return s, tx.saveScript(s)
}

// SaveScript writes a changed script back.
func (tx *Tx) SaveScript(s *Script) error {
	if _, err := tx.Script(s.Account, s.Name); err != nil {
		return err
	}
	s.ModifiedOn = tx.now()
	tx.audit(s.Account, "script.settings", s.Name, "")
	return tx.saveScript(s)
}

func (tx *Tx) saveScript(s *Script) error {
	if err := tx.tally(s.Account, s.Name, s); err != nil {
		return err
	}
	tx.changed(Change{Kind: ScriptChanged, Account: s.Account, Script: s.Name})
	return tx.put(bucketScript, key(s.Account, s.Name), s)
}

// DeleteScript removes a script with its versions, deployments, routes, domains,
// schedules and asset manifests. KV namespaces stay.
func (tx *Tx) DeleteScript(account, name string) error {
	if _, err := tx.Script(account, name); err != nil {
		return err
	}
	for _, bucket := range []string{bucketVersion, bucketVersionID, bucketCode, bucketArtifact, bucketDeployment, bucketManifest} {
		if err := tx.clear(bucket, prefix(account, name)); err != nil {
			return err
		}
	}
	if err := tx.SetRoutes(account, name, nil); err != nil {
		return err
	}
	if err := tx.SetDomains(account, name, nil); err != nil {
		return err
	}
	if err := tx.SetSchedules(account, name, nil); err != nil {
		return err
	}
	if err := tx.tally(account, name, nil); err != nil {
		return err
	}
	tx.audit(account, "script.delete", name, "")
	tx.changed(Change{Kind: ScriptDeleted, Account: account, Script: name})
	return tx.remove(bucketScript, key(account, name))
}

// References lists the scripts of the account whose newest version has a service
// binding to name.
func (tx *Tx) References(account, name string) ([]Reference, error) {
	scripts, err := tx.Scripts(account)
	if err != nil {
		return nil, err
	}
	var refs []Reference
	for _, s := range scripts {
		if s.Name == name || s.Latest == "" {
			continue
		}
		v, err := tx.Version(account, s.Name, s.Latest)
		if err != nil {
			return nil, err
		}
		for _, b := range v.Bindings {
			if b.Type == Service && b.Service == name {
				refs = append(refs, Reference{Script: s.Name, Binding: b.Name})
			}
		}
	}
	return refs, nil
}

// A Reference is a service binding seen from its target.
type Reference struct {
	Script  string
	Binding string
}
