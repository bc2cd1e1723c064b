package script

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"

	"github.com/mayfly-edge/mayfly/kv"
)

// KeptDeployments is how many deployments of a script are kept.
const KeptDeployments = 100

// A Deployment says which versions of a script get which share of its traffic.
type Deployment struct {
	ID          string            `json:"id"` // UUID
	Number      int               `json:"number"`
	CreatedOn   time.Time         `json:"created_on"`
	Source      string            `json:"source"`
	Author      string            `json:"author"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Versions    []Share           `json:"versions"`
}

// A Share is one version's part of the traffic.
type Share struct {
	VersionID  string  `json:"version_id"`
	Percentage float64 `json:"percentage"` // 0 to 100; 0 is reachable by override only
}

// Has reports whether the version is part of the deployment.
func (d *Deployment) Has(version string) bool {
	return slices.ContainsFunc(d.Versions, func(s Share) bool { return s.VersionID == version })
}

// Pick returns the version for a point in [0, 1): the shares laid side by side.
// Whoever hashes a version key to a point gets the same version for the same key.
func (d *Deployment) Pick(point float64) string {
	sum := 0.0
	for _, s := range d.Versions {
		sum += s.Percentage
		if s.Percentage > 0 && point*100 < sum {
			return s.VersionID
		}
	}
	for _, s := range slices.Backward(d.Versions) {
		if s.Percentage > 0 {
			return s.VersionID
		}
	}
	return ""
}

// MaxShares is how many versions one deployment may split traffic between.
const MaxShares = 2

// Deploy makes the split the script's active deployment. The percentages must add up
// to 100 and the versions exist. d's other fields are filled in.
func (tx *Tx) Deploy(account, script string, d *Deployment) error {
	s, err := tx.Script(account, script)
	if err != nil {
		return err
	}
	if len(d.Versions) == 0 || len(d.Versions) > MaxShares {
		return Errorf(BadDeployment, "a deployment has 1 or %d versions, not %d", MaxShares, len(d.Versions))
	}
	sum := 0.0
	for i, share := range d.Versions {
		if !(share.Percentage >= 0 && share.Percentage <= 100) {
			return Errorf(BadDeployment, "percentage %v of version %s is not between 0 and 100", share.Percentage, share.VersionID)
		}
		for _, other := range d.Versions[:i] {
			if other.VersionID == share.VersionID {
				return Errorf(BadDeployment, "version %s is named twice", share.VersionID)
			}
		}
		if _, err := tx.Version(account, script, share.VersionID); err != nil {
			return err
		}
		sum += share.Percentage
	}
	if math.Abs(sum-100) > 0.001 {
		return Errorf(BadDeployment, "the percentages add up to %v, not to 100", sum)
	}
	s.Deployments++
	d.ID, d.Number, d.CreatedOn = uuid.NewString(), s.Deployments, tx.now()
	if d.Source == "" {
		d.Source = tx.actor.Source
	}
	if d.Author == "" {
		d.Author = tx.actor.Name
	}
	s.LastDeployedFrom, s.ModifiedOn = d.Source, d.CreatedOn
	if err := tx.put(bucketDeployment, key(account, script, fmt.Sprintf("%08x", d.Number)), d); err != nil {
		return err
	}
	if err := tx.saveScript(s); err != nil {
		return err
	}
	tx.audit(account, "deployment.create", script, d.ID)
	tx.changed(Change{Kind: Deployed, Account: account, Script: script, ID: d.ID})
	return tx.pruneDeployments(s, nil)
}

// Deployments lists a script's deployments, newest first: the first is the active one.
func (tx *Tx) Deployments(account, script string) ([]*Deployment, error) {
	all, err := list[Deployment](tx, bucketDeployment, prefix(account, script))
	slices.Reverse(all)
	return all, err
}

// ActiveDeployment returns the newest deployment. A script that was never deployed has
// none: UnknownDeployment.
func (tx *Tx) ActiveDeployment(account, script string) (*Deployment, error) {
	var d *Deployment
	err := tx.kv.ScanReverse(bucketDeployment, prefix(account, script), "", func(k string, data []byte) error {
		d = new(Deployment)
		if err := decode(bucketDeployment, k, data, d); err != nil {
			return err
		}
		return kv.ErrStop
	})
	if err == nil && d == nil {
		err = Errorf(UnknownDeployment, "The Worker %q has no deployment", script)
	}
	return d, err
}

// pruneDeployments removes deployments beyond KeptDeployments and those with a version
// that is gone; never the active one.
func (tx *Tx) pruneDeployments(s *Script, gone map[string]bool) error {
	all, err := tx.Deployments(s.Account, s.Name)
	if err != nil {
		return err
	}
	for i, d := range all {
		lost := slices.ContainsFunc(d.Versions, func(share Share) bool { return gone[share.VersionID] })
		if i > 0 && (i >= KeptDeployments || lost) {
			if err := tx.remove(bucketDeployment, key(s.Account, s.Name, fmt.Sprintf("%08x", d.Number))); err != nil {
				return err
			}
		}
	}
	return nil
}

// sortBy sorts in place and keeps the order of equal items.
func sortBy[T any](all []T, less func(a, b T) bool) {
	sort.SliceStable(all, func(i, j int) bool { return less(all[i], all[j]) })
}
