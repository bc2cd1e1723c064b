package egress

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	for in, want := range map[string]string{
		"1.1.1.1": "", "8.8.8.8": "", "172.32.0.1": "", "100.128.0.1": "", "11.0.0.1": "", "192.0.1.1": "",
		"2606:4700:4700::1111": "", "2a00::1": "", "64:ff9b::8.8.8.8": "", "::ffff:8.8.8.8": "",

		"127.0.0.1": "a loopback address", "127.255.255.254": "a loopback address",
		"10.0.0.1": "a private address", "172.16.0.1": "a private address", "172.31.255.255": "a private address", "192.168.1.1": "a private address",
		"169.254.1.1": "a link-local address", "169.254.169.254": "a cloud metadata address", "168.63.129.16": "a cloud metadata address",
		"100.64.0.1": "a carrier-grade NAT address", "100.100.100.200": "a cloud metadata address",
		"0.0.0.0": "an unspecified address", "0.1.2.3": "an unspecified address",
		"224.0.0.1": "a multicast address", "255.255.255.255": "the broadcast address", "240.0.0.1": "a reserved address",
		"198.18.0.1": "a benchmarking address", "192.0.2.1": "a documentation address", "192.88.99.1": "a 6to4 relay address",

		"::1": "a loopback address", "::": "an unspecified address", "fe80::1": "a link-local address", "fe80::1%eth0": "a link-local address",
		"fc00::1": "a private address", "fdff::1": "a private address", "fd00:ec2::254": "a cloud metadata address",
		"ff02::1": "a multicast address", "fec0::1": "a site-local address", "2001:db8::1": "a documentation address",
		"::ffff:127.0.0.1": "a loopback address", "::ffff:10.1.2.3": "a private address", "::127.0.0.1": "an IPv4-compatible address",
		"::ffff:0:127.0.0.1": "an IPv4-translated address", "64:ff9b::127.0.0.1": "a NAT64 form of a loopback address",
		"64:ff9b::a9fe:a9fe": "a NAT64 form of a cloud metadata address", "64:ff9b:1::1": "a local NAT64 address",
		"2002:7f00:1::": "a 6to4 address", "2001:0:1:2:3:4:5:6": "a Teredo address", "100::1": "a reserved address", "4000::1": "a reserved address",
		"5f00::1": "a reserved address", "2001:10::1": "a reserved address",
	} {
		if got := Classify(netip.MustParseAddr(in)); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
	if Classify(netip.Addr{}) == "" {
		t.Error("the zero address is public")
	}
}

func TestGuard(t *testing.T) {
	open := &Guard{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("::1/128")}, BlockedPorts: []uint16{22, 25}}
	for _, c := range []struct {
		guard *Guard
		addr  string
		want  string
	}{
		{&Guard{}, "1.1.1.1:443", ""},
		{&Guard{}, "1.1.1.1:25", "connecting to 1.1.1.1:25 is refused: port 25 is blocked"},
		{&Guard{BlockedPorts: []uint16{}}, "1.1.1.1:25", ""},
		{&Guard{}, "10.1.2.3:80", "connecting to 10.1.2.3:80 is refused: it is a private address (the operator can allow it with --egress-allow 10.1.2.3/32)"},
		{&Guard{}, "[::ffff:127.0.0.1]:80", "connecting to [::ffff:127.0.0.1]:80 is refused: it is a loopback address (the operator can allow it with --egress-allow 127.0.0.1/32)"},
		{open, "10.1.2.3:80", ""},
		{open, "[::ffff:10.1.2.3]:80", ""},
		{open, "10.2.2.3:80", "private"},
		{open, "[::1]:80", ""},
		{open, "[64:ff9b::10.1.2.3]:80", "NAT64"},
		{open, "10.1.2.3:22", "port 22"},
	} {
		err := c.guard.control("tcp", c.addr, nil)
		var blocked *BlockedError
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &blocked) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.addr, err, c.want)
		}
	}
	for _, c := range [][2]string{{"udp", "1.1.1.1:53"}, {"tcp", "example.com:80"}, {"unix", "/run/x"}} {
		if (&Guard{}).control(c[0], c[1], nil) == nil {
			t.Errorf("%s %s is allowed", c[0], c[1])
		}
	}
}

// FuzzClassify compares the table with what net/netip knows, for every form of an address.
func FuzzClassify(f *testing.F) {
	for _, s := range []string{"127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "fe80::1", "8.8.8.8", "2002:a00:1::", "2606:4700::1"} {
		b := netip.MustParseAddr(s).As16()
		f.Add(b[:])
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		a, ok := netip.AddrFromSlice(in)
		if !ok {
			return
		}
		why := Classify(a)
		u := a.Unmap()
		if (u.IsPrivate() || u.IsLoopback() || u.IsMulticast() || u.IsLinkLocalUnicast() || u.IsUnspecified() || !u.IsGlobalUnicast()) && why == "" {
			t.Fatalf("%s is public", a)
		}
		if u.Is4() {
			b := u.As4()
			nat := nat64.Addr().As16()
			copy(nat[12:], b[:])
			for _, form := range []netip.Addr{netip.AddrFrom16(u.As16()), netip.AddrFrom16(nat)} {
				if (Classify(form) == "") != (why == "") {
					t.Fatalf("%s is %q but %s is %q", u, why, form, Classify(form))
				}
			}
		}
	})
}
