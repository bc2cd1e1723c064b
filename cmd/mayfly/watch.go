package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleTime is how long files must stay as they are before a change counts: editors
// write in several steps.
const settleTime = 60 * time.Millisecond

// A watch tells when one of a set of files changes, is made or goes away.
type watch struct {
	changed chan struct{} // one change or several; never blocks the watch

	notify *fsnotify.Watcher
	done   chan struct{}

	mu    sync.Mutex
	files map[string]bool
	whole map[string]bool // folders in which every change counts
	dirs  map[string]bool
}

// newWatch returns a watch of no files.
func newWatch() (*watch, error) {
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching files: %w", err)
	}
	w := &watch{changed: make(chan struct{}, 1), notify: n, done: make(chan struct{}), files: map[string]bool{}, whole: map[string]bool{}, dirs: map[string]bool{}}
	go w.run()
	return w, nil
}

// set makes files, which need not exist, and all that is directly in folders what is
// watched. Files' folders are watched rather than they themselves, since editors replace files.
func (w *watch) set(files, folders []string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.files)
	clear(w.whole)
	dirs := map[string]bool{}
	for _, f := range folders {
		w.whole[f], dirs[f] = true, true
	}
	for _, f := range files {
		w.files[f] = true
		dirs[filepath.Dir(f)] = true
	}
	for dir := range dirs {
		if w.dirs[dir] {
			continue
		}
		if err := w.notify.Add(dir); err != nil {
			if os.IsNotExist(err) {
				continue
			}
			return fmt.Errorf("watching %s: %w", dir, err)
		}
		w.dirs[dir] = true
	}
	for dir := range w.dirs {
		if !dirs[dir] {
			_ = w.notify.Remove(dir) // it may be gone
			delete(w.dirs, dir)
		}
	}
	return nil
}

func (w *watch) close() {
	_ = w.notify.Close()
	<-w.done
}

// sources are the kinds of files whose appearance in a watched folder may mend a broken
// import.
var sources = []string{".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".json"}

// concerns reports whether an event means that something must be done.
func (w *watch) concerns(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.files[e.Name] || w.whole[filepath.Dir(e.Name)] || e.Has(fsnotify.Create) && slices.Contains(sources, filepath.Ext(e.Name))
}

func (w *watch) run() {
	defer close(w.done)
	settle := time.NewTimer(time.Hour)
	defer settle.Stop()
	for {
		select {
		case e, ok := <-w.notify.Events:
			if !ok {
				return
			}
			if w.concerns(e) {
				settle.Reset(settleTime)
			}
		case _, ok := <-w.notify.Errors:
			if !ok {
				return
			}
			settle.Reset(settleTime) // events were lost: look at everything
		case <-settle.C:
			select {
			case w.changed <- struct{}{}:
			default:
			}
		}
	}
}
