package url

import "strconv"

// Failure says why an input is not a URL. Its numbers have no meaning outside
// this process.
type Failure uint8

const (
	ok Failure = iota
	failNoScheme
	failOpaqueBase
	failScheme
	failHostMissing
	failHostname
	failHost
	failDomain
	failIPv4
	failIPv6
	failPort
	failPortRange
	failTooLong
)

// String says what is wrong in words for the person who wrote the URL.
func (f Failure) String() string {
	switch f {
	case ok:
		return "no failure"
	case failNoScheme:
		return "relative URL without a base"
	case failOpaqueBase:
		return "relative URL with a base that has an opaque path"
	case failScheme:
		return "invalid scheme"
	case failHostMissing:
		return "missing host"
	case failHostname:
		return "host name with a port"
	case failHost:
		return "invalid character in host"
	case failDomain:
		return "invalid international domain name"
	case failIPv4:
		return "invalid IPv4 address"
	case failIPv6:
		return "invalid IPv6 address"
	case failPort:
		return "invalid port"
	case failPortRange:
		return "port greater than 65535"
	case failTooLong:
		return "longer than 1 GiB"
	}
	return "failure " + strconv.Itoa(int(f))
}

// Error reports an input that is not a URL.
type Error struct {
	Input   string  // what was to be parsed
	Failure Failure // why it was refused
}

func (e *Error) Error() string {
	return "invalid URL " + strconv.Quote(e.Input) + ": " + e.Failure.String()
}
