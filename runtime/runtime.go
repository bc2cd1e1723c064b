package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/mayfly-edge/mayfly/kv"
	"github.com/mayfly-edge/mayfly/router"
	"github.com/mayfly-edge/mayfly/runtime/cron"
	"github.com/mayfly-edge/mayfly/runtime/egress"
	"github.com/mayfly-edge/mayfly/runtime/host"
	"github.com/mayfly-edge/mayfly/runtime/httpcache"
	"github.com/mayfly-edge/mayfly/runtime/ledger"
	"github.com/mayfly-edge/mayfly/runtime/logs"
	"github.com/mayfly-edge/mayfly/runtime/metrics"
	"github.com/mayfly-edge/mayfly/runtime/pool"
	"github.com/mayfly-edge/mayfly/runtime/script"
	"github.com/mayfly-edge/mayfly/runtime/tail"
	"github.com/mayfly-edge/mayfly/runtime/trace"
)

// A Runtime is a whole server but for its listeners.
type Runtime struct {
	cfg      Config
	db       *kv.DB
	store    *script.Store
	ledger   *ledger.Ledger
	cron     *cron.Scheduler
	egress   *egress.Client
	cache    *httpcache.Cache
	files    *fileCache
	pool     host.Host
	profiler host.Profiler
	router   router.Router
	hosts    hosts

	scripts scripts
	limiter *limiter
	metrics *metrics.Recorder
	tail    tail.Hub
	traces  *trace.Exporter // nil when no spans are sent
	logs    *logs.Keeper
	kept    atomic.Pointer[map[named]float64] // share of invocations whose logs are kept
	working sync.WaitGroup
	chains  chains
	events  atomic.Int64 // asynchronous events of Lambda functions on their way
	meter   storageMeter

	token     string // the root token, if it was made now
	stop      context.CancelFunc
	running   sync.WaitGroup // the ledger's writer and the cron scheduler
	unwatch   func()
	rebuild   sync.Mutex
	closeOnce sync.Once
}

// New opens the store and assembles a Runtime; Close ends it.
func New(cfg Config) (_ *Runtime, err error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	rt := &Runtime{cfg: cfg}
	rt.scripts = scripts{rt: rt, byKey: map[router.Script]*deployed{}, limiters: map[router.Script]*limiter{}}
	rt.limiter = newLimiter(cfg.Concurrency)
	defer func() {
		if err != nil {
			rt.Close()
		}
	}()

	options := kv.Options{Dir: filepath.Join(cfg.Data, "store"), Logger: cfg.Log, Now: cfg.Now}
	if cfg.Data == "" {
		options.Dir, options.InMemory = "", true
	} else if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if cfg.Containment == ContainmentProcess {
		if marks, err := host.NewMarks(); err != nil {
			cfg.Log.Debug("host processes keep no KV entries", "reason", err)
		} else {
			rt.cfg.Hosts.Marks, options.Marks = marks, marks.Counts
		}
	}
	if rt.db, err = kv.Open(options); err != nil {
		return nil, err
	}
	key, err := rt.sealingKey()
	if err != nil {
		return nil, err
	}
	if rt.store, err = script.Open(rt.db, key, cfg.Now); err != nil {
		return nil, err
	}
	rt.store.Reserve(cfg.Domain)
	if err := rt.setRootToken(); err != nil {
		return nil, err
	}
	if rt.ledger, err = ledger.Open(rt.db, ledger.Options{Now: cfg.Now, Logger: cfg.Log}); err != nil {
		return nil, err
	}
	if rt.egress, err = egress.New(cfg.egress()); err != nil {
		return nil, err
	}
	if rt.cache, err = httpcache.New(httpcache.Config{Now: cfg.Now}); err != nil {
		return nil, err
	}
	if rt.pool, err = rt.newHost(); err != nil {
		return nil, err
	}

	if rt.files, err = lru.New[string, file](cachedFiles); err != nil {
		return nil, err
	}
	rt.metrics = metrics.New(rt.gauges(), 0)
	rt.cron = cron.New(rt.db, triggers{rt}, cron.Options{Now: cfg.Now, Logger: cfg.Log})

	if rt.traces, err = trace.New(cfg.Traces, cfg.Log); err != nil {
		return nil, err
	}
	rt.logs = logs.New(rt.db, logs.Options{Marshal: tail.Marshal, Now: cfg.Now, Logger: cfg.Log})

	provisioned, err := rt.readScripts()
	if err != nil {
		return nil, err
	}
	if err := rt.buildRoutes(); err != nil {
		return nil, err
	}
	if err := rt.setTriggers(); err != nil {
		return nil, err
	}
	rt.unwatch = rt.store.Subscribe(rt.changed)

	var ctx context.Context
	ctx, rt.stop = context.WithCancel(context.Background())
	rt.running.Go(func() { rt.cron.Run(ctx) })
	rt.running.Go(func() { rt.warm(ctx, provisioned) })
	rt.running.Go(func() { rt.logs.Run(ctx) })
	rt.meter.until = cfg.Now()
	rt.running.Go(func() { rt.meterStorageEvery(ctx, 5*time.Minute) })
	rt.running.Go(func() { rt.traces.Run(ctx) })
	rt.running.Go(func() {
		if err := rt.ledger.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			cfg.Log.Error("usage is no longer written", "error", err)
		}
	})
	return rt, nil
}

// Close ends the runtime: isolates are dropped, usage is written, the store is closed.
// Call Drain first to let requests finish.
func (rt *Runtime) Close() (err error) {
	rt.closeOnce.Do(func() {
		if rt.unwatch != nil {
			rt.unwatch()
		}
		if rt.pool != nil {
			rt.pool.Close()
		}
		if rt.stop != nil {
			rt.stop()
			rt.running.Wait()
			err = rt.ledger.Flush()
		}
		if rt.egress != nil {
			rt.egress.Close()
		}
		if rt.db != nil {
			err = errors.Join(err, rt.db.Close())
		}
	})
	return err
}

// Drain waits until the invocations in flight have ended, waitUntil work included.
func (rt *Runtime) Drain(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		rt.working.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("invocations were still running: %w", ctx.Err())
	}
}

// Store returns what is deployed.
func (rt *Runtime) Store() *script.Store { return rt.store }

// DB returns the store of KV namespaces.
func (rt *Runtime) DB() *kv.DB { return rt.db }

// Ledger returns the usage counted so far.
func (rt *Runtime) Ledger() *ledger.Ledger { return rt.ledger }

// Host returns what runs the isolates.
func (rt *Runtime) Host() host.Host { return rt.pool }

// Pool returns the isolates of this process, or nil if they run in others.
func (rt *Runtime) Pool() *pool.Pool {
	if h, ok := rt.pool.(host.InProcess); ok {
		return h.Pool
	}
	return nil
}

// NewToken returns the root token if this start has made one, else "".
func (rt *Runtime) NewToken() string { return rt.token }

func (rt *Runtime) sealingKey() (*script.Key, error) {
	if rt.cfg.Data == "" {
		material := make([]byte, 32)
		copy(material, script.NewTokenText())
		return script.NewKey(material)
	}
	return script.LoadKey(filepath.Join(rt.cfg.Data, "secret.key"))
}

// setRootToken makes the configured token valid, or the one in the data directory, or
// a new one that is kept there.
func (rt *Runtime) setRootToken() error {
	token := rt.cfg.RootToken
	if token == "" && rt.cfg.Data != "" {
		file := filepath.Join(rt.cfg.Data, "token")
		kept, err := os.ReadFile(file)
		switch {
		case err == nil:
			token = strings.TrimSpace(string(kept))
		case errors.Is(err, os.ErrNotExist):
			token = script.NewTokenText()
			rt.token = token
			if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
				return fmt.Errorf("root token: %w", err)
			}
		default:
			return fmt.Errorf("root token: %w", err)
		}
	}
	if token == "" {
		token = script.NewTokenText()
		rt.token = token
	}
	return rt.store.SetRootToken(token)
}

// changed is told of every committed change of what is deployed.
func (rt *Runtime) changed(changes []script.Change) {
	routes, schedules := false, false
	touched, accounts := map[router.Script]bool{}, map[string]bool{}
	for _, c := range changes {
		if c.Kind == script.ScriptChanged || c.Kind == script.ScriptDeleted {
			if err := rt.refreshHost(c.Account, c.Script); err != nil {
				rt.cfg.Log.Error("the host of a script could not be set", "script", c.Script, "error", err)
			}
			if err := rt.refreshKept(c.Account, c.Script); err != nil {
				rt.cfg.Log.Error("whether logs are kept could not be set", "script", c.Script, "error", err)
			}
		}
		switch c.Kind {
		case script.SchedulesChanged:
			schedules = true
		case script.Deployed, script.ScriptDeleted:
			if c.Kind == script.ScriptDeleted {
				schedules = true
				rt.metrics.Forget(c.Account, c.Script)
			}
			touched[scriptKey(c.Account, c.Script)] = true
			routes = routes || c.Kind == script.ScriptDeleted
		case script.ScriptChanged:
			touched[scriptKey(c.Account, c.Script)] = true
		case script.RoutesChanged, script.DomainsChanged:
			routes = true
		case script.AccountChanged:
			accounts[c.Account] = true
		case script.VersionAdded:
			touched[scriptKey(c.Account, c.Script)] = true // an alias may have moved
		}
	}
	if routes {
		if err := rt.buildRoutes(); err != nil {
			rt.cfg.Log.Error("routes could not be rebuilt; the old ones stay in force", "error", err)
		}
	}
	if schedules {
		if err := rt.setTriggers(); err != nil {
			rt.cfg.Log.Error("cron triggers could not be set; the old ones stay in force", "error", err)
		}
	}
	for key := range touched {
		rt.scripts.refresh(key)
	}
	for id := range accounts {
		rt.scripts.relimit(id)
	}
}

// buildRoutes makes the route table anew.
func (rt *Runtime) buildRoutes() error {
	rt.rebuild.Lock()
	defer rt.rebuild.Unlock()
	var entries router.Entries
	err := rt.store.View(func(tx *script.Tx) error {
		accounts, err := tx.Accounts()
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if err := rt.accountEntries(tx, a, &entries); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	table, err := router.NewTable(entries)
	if err != nil {
		return err
	}
	rt.router.Swap(table)
	return nil
}

func (rt *Runtime) accountEntries(tx *script.Tx, a *script.Account, entries *router.Entries) error {
	routes, err := tx.Routes(a.ID)
	if err != nil {
		return err
	}
	for _, r := range routes {
		route := router.Route{Pattern: r.Pattern}
		if r.Script != "" {
			route.Script = scriptKey(a.ID, r.Script)
		}
		entries.Routes = append(entries.Routes, route)
	}
	domains, err := tx.Domains(a.ID)
	if err != nil {
		return err
	}
	for _, d := range domains {
		if d.Enabled {
			entries.Domains = append(entries.Domains, router.Domain{Host: d.Hostname, Script: scriptKey(a.ID, d.Script)})
		}
	}
	return nil
}
