package compiler

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// span is an inclusive range of code points.
type span struct{ low, high rune }

// codePoints is a set: spans sorted, neither overlapping nor touching.
type codePoints []span

// setOf sorts and joins spans.
func setOf(spans []span) codePoints {
	slices.SortFunc(spans, func(a, b span) int { return int(a.low) - int(b.low) })
	out := codePoints{}
	for _, s := range spans {
		if n := len(out); n > 0 && s.low <= out[n-1].high+1 {
			out[n-1].high = max(out[n-1].high, s.high)
		} else {
			out = append(out, s)
		}
	}
	return out
}

func union(sets ...codePoints) codePoints {
	var all []span
	for _, s := range sets {
		all = append(all, s...)
	}
	return setOf(all)
}

func (c codePoints) complement() codePoints {
	out := codePoints{}
	next := rune(0)
	for _, s := range c {
		if s.low > next {
			out = append(out, span{next, s.low - 1})
		}
		next = s.high + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, span{next, unicode.MaxRune})
	}
	return out
}

func (c codePoints) minus(d codePoints) codePoints {
	return union(c.complement(), d).complement()
}

// fromTables joins tables of package unicode.
func fromTables(tables ...*unicode.RangeTable) codePoints {
	var spans []span
	add := func(low, high, stride rune) {
		if stride == 1 {
			spans = append(spans, span{low, high})
			return
		}
		for r := low; r <= high; r += stride {
			spans = append(spans, span{r, r})
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return setOf(spans)
}

// decodeRanges reads the form of property_tables.go.
func decodeRanges(text string) codePoints {
	var out codePoints
	end := rune(0)
	for field := range strings.FieldsSeq(text) {
		gap, more, _ := strings.Cut(field, "-")
		g, _ := strconv.ParseInt(gap, 36, 32)
		m, _ := strconv.ParseInt("0"+more, 36, 32)
		low := end + rune(g)
		end = low + rune(m)
		out = append(out, span{low, end})
	}
	return out
}

var errProperty = errors.New("Invalid property name")

// property returns the code points of what stands between the braces of \p{…}:
// https://tc39.es/ecma262/#table-nonbinary-unicode-properties and the tables after it.
func property(expression string) (codePoints, error) {
	name, value, pair := strings.Cut(expression, "=")
	if !pair {
		if c, ok := category(name); ok {
			return c, nil
		}
		return binaryProperty(name)
	}
	switch name {
	case "General_Category", "gc":
		if c, ok := category(value); ok {
			return c, nil
		}
	case "Script", "sc":
		if t := scriptTable(&value); t != nil {
			return fromTables(t), nil
		}
	case "Script_Extensions", "scx":
		if t := scriptTable(&value); t != nil {
			set := union(fromTables(t), decodeRanges(scriptExtensions[value]))
			return set.minus(decodeRanges(scriptExtensions["-"+value])), nil
		}
	}
	return nil, errProperty
}

// scriptTable finds a script by either of its names and leaves the long one in name.
func scriptTable(name *string) *unicode.RangeTable {
	if long, ok := scriptAliases[*name]; ok {
		*name = long
	}
	return unicode.Scripts[*name]
}

func category(name string) (codePoints, bool) {
	if short, ok := unicode.CategoryAliases[name]; ok {
		name = short
	}
	switch name {
	case "C": // Go's table may leave the unassigned ones out
		return fromTables(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z).complement(), true
	case "Cn":
		return assigned().complement(), true
	case "LC":
		return fromTables(unicode.Lu, unicode.Ll, unicode.Lt), true
	}
	t, ok := unicode.Categories[name]
	if !ok {
		return nil, false
	}
	return fromTables(t), true
}

func assigned() codePoints {
	return fromTables(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z,
		unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}

// Short names: https://tc39.es/ecma262/#table-binary-unicode-properties
var binaryAliases = map[string]string{
	"AHex": "ASCII_Hex_Digit", "Alpha": "Alphabetic", "Bidi_C": "Bidi_Control", "Bidi_M": "Bidi_Mirrored",
	"CI": "Case_Ignorable", "CWCF": "Changes_When_Casefolded", "CWKCF": "Changes_When_NFKC_Casefolded",
	"CWL": "Changes_When_Lowercased", "CWT": "Changes_When_Titlecased", "CWU": "Changes_When_Uppercased",
	"DI": "Default_Ignorable_Code_Point", "Dep": "Deprecated", "Dia": "Diacritic", "EBase": "Emoji_Modifier_Base",
	"EComp": "Emoji_Component", "EMod": "Emoji_Modifier", "EPres": "Emoji_Presentation", "Ext": "Extender",
	"ExtPict": "Extended_Pictographic", "Gr_Base": "Grapheme_Base", "Gr_Ext": "Grapheme_Extend", "Hex": "Hex_Digit",
	"IDC": "ID_Continue", "IDS": "ID_Start", "IDSB": "IDS_Binary_Operator", "IDST": "IDS_Trinary_Operator",
	"Ideo": "Ideographic", "Join_C": "Join_Control", "LOE": "Logical_Order_Exception", "Lower": "Lowercase",
	"NChar": "Noncharacter_Code_Point", "Pat_Syn": "Pattern_Syntax", "Pat_WS": "Pattern_White_Space",
	"QMark": "Quotation_Mark", "RI": "Regional_Indicator", "SD": "Soft_Dotted", "STerm": "Sentence_Terminal",
	"Term": "Terminal_Punctuation", "UIdeo": "Unified_Ideograph", "Upper": "Uppercase", "VS": "Variation_Selector",
	"XIDC": "XID_Continue", "XIDS": "XID_Start", "space": "White_Space",
}

// Properties that unicode.Properties has but JavaScript has not.
var notInECMAScript = map[string]bool{"Hyphen": true, "Prepended_Concatenation_Mark": true, "STerm": true}

func binaryProperty(name string) (codePoints, error) {
	if long, ok := binaryAliases[name]; ok {
		name = long
	}
	if ranges, ok := propertyRanges[name]; ok {
		return decodeRanges(ranges), nil
	}
	p := unicode.Properties
	pattern := fromTables(unicode.Pattern_Syntax, unicode.Pattern_White_Space)
	switch name {
	case "Any":
		return codePoints{{0, unicode.MaxRune}}, nil
	case "ASCII":
		return codePoints{{0, 0x7f}}, nil
	case "Assigned":
		return assigned(), nil
	case "Alphabetic":
		return fromTables(unicode.L, unicode.Nl, unicode.Other_Alphabetic), nil
	case "Lowercase":
		return fromTables(unicode.Ll, unicode.Other_Lowercase), nil
	case "Uppercase":
		return fromTables(unicode.Lu, unicode.Other_Uppercase), nil
	case "Cased":
		return fromTables(unicode.Ll, unicode.Other_Lowercase, unicode.Lu, unicode.Other_Uppercase, unicode.Lt), nil
	case "Math":
		return fromTables(unicode.Sm, unicode.Other_Math), nil
	case "Grapheme_Extend":
		return graphemeExtend(), nil
	case "Grapheme_Base":
		not := fromTables(unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co, unicode.Zl, unicode.Zp)
		return union(not, assigned().complement(), graphemeExtend()).complement(), nil
	case "Default_Ignorable_Code_Point":
		set := fromTables(unicode.Other_Default_Ignorable_Code_Point, unicode.Cf, unicode.Variation_Selector)
		return set.minus(union(fromTables(unicode.White_Space, unicode.Prepended_Concatenation_Mark),
			codePoints{{0xfff9, 0xfffb}}, codePoints{{0x13430, 0x13440}})), nil
	case "ID_Start":
		return idStart().minus(pattern), nil
	case "ID_Continue":
		return idContinue().minus(pattern), nil
	case "XID_Start":
		return idStart().minus(union(pattern, decodeRanges(notXID[name]))), nil
	case "XID_Continue":
		return idContinue().minus(union(pattern, decodeRanges(notXID[name]))), nil
	}
	t, ok := p[name]
	if !ok || strings.HasPrefix(name, "Other_") || notInECMAScript[name] {
		return nil, errProperty
	}
	return fromTables(t), nil
}

func graphemeExtend() codePoints {
	return fromTables(unicode.Me, unicode.Mn, unicode.Other_Grapheme_Extend)
}

func idStart() codePoints {
	return fromTables(unicode.L, unicode.Nl, unicode.Other_ID_Start)
}

func idContinue() codePoints {
	return union(idStart(), fromTables(unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue))
}
