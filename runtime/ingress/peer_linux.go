package ingress

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// States of a TCP connection whose peer has sent FIN or RST (linux/tcp_states.h).
const (
	tcpClose     = 7
	tcpCloseWait = 8
	tcpLastAck   = 9
	tcpClosing   = 11
)

// peerClosed asks the kernel whether the peer has closed or reset the connection,
// without reading from it, so that it works under TLS and with pipelined requests.
func peerClosed(raw syscall.RawConn) bool {
	closed := false
	_ = raw.Control(func(fd uintptr) {
		state, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return // not TCP
		}
		switch state.State {
		case tcpClose, tcpCloseWait, tcpLastAck, tcpClosing:
			closed = true
		}
	})
	return closed
}
