package egress

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
)

// A Guard decides which addresses may be dialled. The zero Guard refuses every
// address that is not a public unicast one, and port 25.
type Guard struct {
	// Allow are networks that may be dialled whatever they are.
	Allow []netip.Prefix
	// BlockedPorts may not be dialled; nil means 25 alone, so that workers send no
	// spam, and an empty slice means none.
	BlockedPorts []uint16
}

// A BlockedError says that an address may not be dialled.
type BlockedError struct {
	Addr netip.AddrPort
	Why  string // such as "a private address", "a blocked port"
	Port bool   // the port is the reason
}

// Error names the address and how an operator allows it.
func (e *BlockedError) Error() string {
	if e.Port {
		return fmt.Sprintf("connecting to %s is refused: port %d is blocked", e.Addr, e.Addr.Port())
	}
	a := e.Addr.Addr().Unmap()
	return fmt.Sprintf("connecting to %s is refused: it is %s (the operator can allow it with --egress-allow %s/%d)",
		e.Addr, e.Why, a, a.BitLen())
}

// Check returns a *BlockedError if addr may not be dialled.
func (g *Guard) Check(addr netip.AddrPort) error {
	blocked := slices.Contains(g.BlockedPorts, addr.Port())
	if g.BlockedPorts == nil {
		blocked = addr.Port() == 25
	}
	if blocked {
		return &BlockedError{Addr: addr, Why: "a blocked port", Port: true}
	}
	a := addr.Addr().WithZone("").Unmap()
	for _, p := range g.Allow {
		if p.Contains(a) {
			return nil
		}
	}
	if why := Classify(a); why != "" {
		return &BlockedError{Addr: addr, Why: why}
	}
	return nil
}

// control is for net.Dialer.Control, which gets the address that is about to be
// connected to.
func (g *Guard) control(network, address string, _ syscall.RawConn) error {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return fmt.Errorf("connecting to %s over %s is refused: only TCP is allowed", address, network)
	}
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connecting to %s is refused: it is no address", strconv.Quote(address))
	}
	return g.Check(addr)
}

// A special is a network that is not the public internet.
type special struct {
	prefix netip.Prefix
	why    string
}

func specials(list ...string) (out []special) {
	for i := 0; i < len(list); i += 2 {
		out = append(out, special{netip.MustParsePrefix(list[i]), list[i+1]})
	}
	return out
}

// https://www.iana.org/assignments/iana-ipv4-special-registry
var specials4 = specials(
	"127.0.0.0/8", "a loopback address",
	"10.0.0.0/8", "a private address",
	"172.16.0.0/12", "a private address",
	"192.168.0.0/16", "a private address",
	"169.254.169.254/32", "a cloud metadata address",
	"169.254.170.2/32", "a cloud metadata address",
	"168.63.129.16/32", "a cloud metadata address",
	"100.100.100.200/32", "a cloud metadata address",
	"192.0.0.192/32", "a cloud metadata address",
	"169.254.0.0/16", "a link-local address",
	"100.64.0.0/10", "a carrier-grade NAT address",
	"0.0.0.0/8", "an unspecified address",
	"224.0.0.0/4", "a multicast address",
	"255.255.255.255/32", "the broadcast address",
	"240.0.0.0/4", "a reserved address",
	"192.0.0.0/24", "a reserved address",
	"192.0.2.0/24", "a documentation address",
	"198.51.100.0/24", "a documentation address",
	"203.0.113.0/24", "a documentation address",
	"192.88.99.0/24", "a 6to4 relay address",
	"198.18.0.0/15", "a benchmarking address",
)

// https://www.iana.org/assignments/iana-ipv6-special-registry
var specials6 = specials(
	"::1/128", "a loopback address",
	"::/128", "an unspecified address",
	"fd00:ec2::254/128", "a cloud metadata address",
	"fd20:ce::254/128", "a cloud metadata address",
	"fc00::/7", "a private address",
	"fe80::/10", "a link-local address",
	"fec0::/10", "a site-local address",
	"ff00::/8", "a multicast address",
	"::/96", "an IPv4-compatible address",
	"::ffff:0:0:0/96", "an IPv4-translated address",
	"64:ff9b:1::/48", "a local NAT64 address",
	"2001::/32", "a Teredo address",
	"2002::/16", "a 6to4 address",
	"2001:db8::/32", "a documentation address",
	"3fff::/20", "a documentation address",
	"2001::/23", "a reserved address",
)

var (
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	global = netip.MustParsePrefix("2000::/3")
)

// Classify says why an address is not a public unicast one, or "" if it is.
// Addresses that carry an IPv4 address are judged by that.
func Classify(a netip.Addr) string {
	if !a.IsValid() {
		return "no address"
	}
	a = a.WithZone("").Unmap()
	if a.Is4() {
		for _, s := range specials4 {
			if s.prefix.Contains(a) {
				return s.why
			}
		}
		return ""
	}
	if nat64.Contains(a) {
		b := a.As16()
		if why := Classify(netip.AddrFrom4([4]byte(b[12:]))); why != "" {
			return "a NAT64 form of " + why
		}
		return ""
	}
	for _, s := range specials6 {
		if s.prefix.Contains(a) {
			return s.why
		}
	}
	if !global.Contains(a) {
		return "a reserved address"
	}
	return ""
}
