package url

import "strconv"

// canonicalIPv6 parses an IPv6 address in brackets and returns it in its
// shortest form, in brackets.
func canonicalIPv6(input string) (string, Failure) {
	address, valid := parseIPv6(input[1 : len(input)-1])
	if !valid {
		return "", failIPv6
	}
	var stack [41]byte
	b := append(stack[:0], '[')
	b = appendIPv6(b, &address)
	b = append(b, ']')
	if string(b) == input {
		return input, ok
	}
	return string(b), ok
}

// parseIPv6 is https://url.spec.whatwg.org/#concept-ipv6-parser.
func parseIPv6(s string) (address [8]uint16, valid bool) {
	// 1. to 4.
	piece, compress, pos := 0, -1, 0
	peek := func() int {
		if pos < len(s) {
			return int(s[pos])
		}
		return eof
	}
	// 5. If c is U+003A (:).
	if peek() == ':' {
		if len(s) < 2 || s[1] != ':' {
			return address, false
		}
		pos = 2
		piece++
		compress = piece
	}
	// 6. While c is not the EOF code point.
	for pos < len(s) {
		if piece == 8 {
			return address, false
		}
		if peek() == ':' {
			if compress >= 0 {
				return address, false
			}
			pos++
			piece++
			compress = piece
			continue
		}
		value, length := uint16(0), 0
		for length < 4 && pos < len(s) && hexValue(s[pos]) < 16 {
			value = value<<4 | uint16(hexValue(s[pos]))
			pos++
			length++
		}
		switch peek() {
		case '.':
			if length == 0 || piece > 6 {
				return address, false
			}
			pos -= length
			four, valid := parseEmbeddedIPv4(s[pos:])
			if !valid {
				return address, false
			}
			address[piece] = uint16(four[0])<<8 | uint16(four[1])
			address[piece+1] = uint16(four[2])<<8 | uint16(four[3])
			piece += 2
			pos = len(s)
			continue
		case ':':
			if pos++; pos == len(s) {
				return address, false
			}
		case eof:
		default:
			return address, false
		}
		address[piece] = value
		piece++
	}
	// 7. and 8. Move what is after the compression to the end.
	if compress < 0 {
		return address, piece == 8
	}
	for from, to := piece-1, 7; from >= compress; from, to = from-1, to-1 {
		address[to], address[from] = address[from], address[to]
	}
	return address, true
}

// parseEmbeddedIPv4 reads the four decimal numbers, without leading zeros, that
// may be the last 32 bits of an IPv6 address.
func parseEmbeddedIPv4(s string) (four [4]byte, valid bool) {
	pos := 0
	for seen := range four {
		if seen > 0 {
			if pos == len(s) || s[pos] != '.' {
				return four, false
			}
			pos++
		}
		start, value := pos, 0
		for ; pos < len(s) && isDigit(int(s[pos])); pos++ {
			if pos > start && value == 0 {
				return four, false
			}
			if value = value*10 + int(s[pos]-'0'); value > 255 {
				return four, false
			}
		}
		if pos == start {
			return four, false
		}
		four[seen] = byte(value)
	}
	return four, pos == len(s)
}

// appendIPv6 is https://url.spec.whatwg.org/#concept-ipv6-serializer.
func appendIPv6(b []byte, address *[8]uint16) []byte {
	// 2. The first longest run of at least two zero pieces is left out.
	compress, longest := -1, 1
	for i := 0; i < 8; {
		run := i
		for run < 8 && address[run] == 0 {
			run++
		}
		if run-i > longest {
			compress, longest = i, run-i
		}
		i = run + 1
	}
	// 4. For each pieceIndex.
	for i := 0; i < 8; i++ {
		if i == compress {
			if i == 0 {
				b = append(b, ':')
			}
			b = append(b, ':')
			i += longest - 1
			continue
		}
		b = strconv.AppendUint(b, uint64(address[i]), 16)
		if i < 7 {
			b = append(b, ':')
		}
	}
	return b
}
