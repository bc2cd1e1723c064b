package main

// A placement says on which cores things run, by number. Where there are enough, the
// load has the first quarter of them and servers the others, so that neither takes time
// from the other. Otherwise both lists are the same.
type placement struct {
	load, servers []int
}

// apart reports whether the load has cores of its own.
func (p placement) apart() bool { return len(p.load) < len(p.servers) }

// coresToPart is how many cores are enough.
const coresToPart = 4

// place divides the cores that this process may run on, and moves it.
func place() (placement, error) {
	all, err := affinity()
	if err != nil {
		return placement{}, err
	}
	if len(all) < coresToPart {
		return placement{load: all, servers: all}, nil
	}
	n := len(all) / coresToPart
	return placement{load: all[:n], servers: all[n:]}, confine(all[:n])
}

// onCores calls start, and the processes that it starts run on some cores.
func onCores[T any](cores []int, start func() (T, error)) (T, error) {
	back, err := moveThread(cores)
	if err != nil {
		var none T
		return none, err
	}
	defer back()
	return start()
}
