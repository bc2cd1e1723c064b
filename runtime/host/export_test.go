package host

// Beats are the signs of life that the children have given so far, the spare's too. They
// end when a child has had nothing to do for a while.
func (p *Process) Beats() (all []uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.children() {
		all = append(all, c.page.beat.Load())
	}
	return all
}
