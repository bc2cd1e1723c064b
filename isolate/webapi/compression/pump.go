package compression

import (
	"errors"
	"io"
	"sync"
)

// pump turns a decoder that reads its input into one to which input is pushed. The
// decoder runs on a goroutine while push waits; the two never run at the same time, so
// what they share needs no lock.
type pump struct {
	started bool
	stop    sync.Once

	input chan struct{} // the pusher has put something into in, or set end
	want  chan struct{} // the decoder needs input, or has ended
	gone  chan struct{} // closed by close

	in  []byte
	end bool // no input follows
	out []byte
	err error // how the decoder ended, io.EOF at the end of the data
}

var errGivenUp = errors.New("decompression was given up")

func newPump() *pump {
	return &pump{input: make(chan struct{}), want: make(chan struct{}), gone: make(chan struct{})}
}

// push decompresses chunk, or the end of the input if chunk is nil, and appends what
// comes out to dst.
func (p *pump) push(f format, dst, chunk []byte) ([]byte, error) {
	if !p.started {
		p.started = true
		go p.decode(f)
		<-p.want
	}
	if p.err != nil {
		return dst, p.err
	}
	p.in, p.end, p.out = chunk, chunk == nil, dst
	p.input <- struct{}{}
	<-p.want
	dst, p.in, p.out = p.out, nil, nil
	if p.err == io.EOF {
		return dst, nil
	}
	return dst, p.err
}

// close ends the decoder's goroutine. push must not be called afterwards.
func (p *pump) close() {
	p.stop.Do(func() { close(p.gone) })
}

func (p *pump) decode(f format) {
	i := &inflater{format: f, input: p}
	select { // announce that the decoder is ready
	case p.want <- struct{}{}:
	case <-p.gone:
		return
	}
	if !p.wait() {
		return
	}
	buffer := make([]byte, 32<<10)
	for p.err == nil {
		n, err := i.Read(buffer)
		if errors.Is(err, errGivenUp) {
			return
		}
		p.out = append(p.out, buffer[:n]...)
		p.err = err
	}
	select {
	case p.want <- struct{}{}:
	case <-p.gone:
	}
}

// wait waits for input; it is false when the decoder is given up.
func (p *pump) wait() bool {
	select {
	case <-p.input:
		return true
	case <-p.gone:
		return false
	}
}

// more makes sure that there is input.
func (p *pump) more() error {
	for len(p.in) == 0 {
		if p.end {
			return io.EOF
		}
		select {
		case p.want <- struct{}{}:
		case <-p.gone:
			return &inputError{errGivenUp}
		}
		if !p.wait() {
			return &inputError{errGivenUp}
		}
	}
	return nil
}

// Read implements io.Reader for the decoder.
func (p *pump) Read(b []byte) (int, error) {
	if err := p.more(); err != nil {
		return 0, err
	}
	n := copy(b, p.in)
	p.in = p.in[n:]
	return n, nil
}

// ReadByte implements io.ByteReader for the decoder.
func (p *pump) ReadByte() (byte, error) {
	if err := p.more(); err != nil {
		return 0, err
	}
	b := p.in[0]
	p.in = p.in[1:]
	return b, nil
}
