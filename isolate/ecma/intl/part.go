package intl

import "strings"

// A part is a piece of formatted text: https://tc39.es/ecma402/#sec-partitionpattern
type part struct {
	kind, value string
	source      string // of a range: startRange, endRange or shared
	unit        string // of a relative time
}

type parts []part

func (p *parts) add(kind, value string) {
	if value != "" {
		*p = append(*p, part{kind: kind, value: value})
	}
}

func (p parts) String() string {
	if len(p) == 1 {
		return p[0].value
	}
	var b strings.Builder
	for _, x := range p {
		b.WriteString(x.value)
	}
	return b.String()
}

// from says of which end of a range all parts are.
func (p parts) from(source string) parts {
	for i := range p {
		p[i].source = source
	}
	return p
}

// fill splits a pattern at its placeholders {0}, {1} …, whose parts field gives; what
// stands between them are literals.
func fill(pattern string, field func(name string) parts) parts {
	var out parts
	for {
		before, rest, ok := strings.Cut(pattern, "{")
		out.add("literal", before)
		if !ok {
			return out
		}
		name, after, _ := strings.Cut(rest, "}")
		out = append(out, field(name)...)
		pattern = after
	}
}

// numberingZeros are the digits 0 of the numbering systems whose digits follow each other.
var numberingZeros = map[string]rune{
	"adlm": 0x1E950, "ahom": 0x11730, "arab": 0x660, "arabext": 0x6F0, "bali": 0x1B50, "beng": 0x9E6, "bhks": 0x11C50, "brah": 0x11066, "cakm": 0x11136,
	"cham": 0xAA50, "deva": 0x966, "diak": 0x11950, "fullwide": 0xFF10, "gong": 0x11DA0, "gonm": 0x11D50, "gujr": 0xAE6, "guru": 0xA66, "hmng": 0x16B50,
	"hmnp": 0x1E140, "java": 0xA9D0, "kali": 0xA900, "kawi": 0x11F50, "khmr": 0x17E0, "knda": 0xCE6, "lana": 0x1A80, "lanatham": 0x1A90, "laoo": 0xED0,
	"latn": '0', "lepc": 0x1C40, "limb": 0x1946, "mathbold": 0x1D7CE, "mathdbl": 0x1D7D8, "mathmono": 0x1D7F6, "mathsanb": 0x1D7EC, "mathsans": 0x1D7E2,
	"mlym": 0xD66, "modi": 0x11650, "mong": 0x1810, "mroo": 0x16A60, "mtei": 0xABF0, "mymr": 0x1040, "mymrshan": 0x1090, "mymrtlng": 0xA9F0, "nagm": 0x1E4F0,
	"newa": 0x11450, "nkoo": 0x7C0, "olck": 0x1C50, "orya": 0xB66, "osma": 0x104A0, "rohg": 0x10D30, "saur": 0xA8D0, "segment": 0x1FBF0, "shrd": 0x111D0,
	"sind": 0x112F0, "sinh": 0xDE6, "sora": 0x110F0, "sund": 0x1BB0, "takr": 0x116C0, "talu": 0x19D0, "tamldec": 0xBE6, "telu": 0xC66, "thai": 0xE50,
	"tibt": 0xF20, "tirh": 0x114D0, "tnsa": 0x16AC0, "vaii": 0xA620, "wara": 0x118E0, "wcho": 0x1E2F0,
}

// hanidec are the digits of the one system whose digits do not follow each other.
var hanidec = [10]rune{'〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'}

// numerals writes ASCII digits in a numbering system.
func numerals(text, system string) string {
	if system == "latn" || system == "" {
		return text
	}
	zero := numberingZeros[system]
	return strings.Map(func(r rune) rune {
		switch {
		case r < '0' || r > '9':
			return r
		case system == "hanidec":
			return hanidec[r-'0']
		}
		return zero + r - '0'
	}, text)
}

func isNumberingSystem(name string) bool {
	_, ok := numberingZeros[name]
	return ok || name == "hanidec"
}
