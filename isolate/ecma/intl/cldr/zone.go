package cldr

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// zoneTable is the time zones of the tz database.
type zoneTable struct {
	canonical map[string]string // the name as it is written, by the name in lower case
	alias     map[string]string // the zone that another name means
	english   map[string]string // the long standard name, which groups zones with one name
	names     []string          // canonical
}

var zones = sync.OnceValue(func() *zoneTable {
	t := &zoneTable{canonical: map[string]string{}, alias: map[string]string{}, english: map[string]string{}}
	for line := range strings.Lines(read("zones.txt")) {
		zone, value, _ := strings.Cut(strings.TrimSpace(line), "\t")
		t.canonical[strings.ToLower(zone)] = zone
		if target, ok := strings.CutPrefix(value, ">"); ok {
			t.alias[zone] = target
			continue
		}
		t.english[zone] = value
		t.names = append(t.names, zone)
	}
	if !slices.Contains(t.names, "UTC") {
		t.canonical["utc"] = "UTC"
		t.english["UTC"] = "Coordinated Universal Time"
		t.names = append(t.names, "UTC")
	}
	delete(t.alias, "UTC")
	for hours := -14; hours <= 12; hours++ { // which count westward
		if hours != 0 {
			name := fmt.Sprintf("Etc/GMT%+d", hours)
			t.canonical[strings.ToLower(name)] = name
			t.names = append(t.names, name)
		}
	}
	slices.Sort(t.names)
	return t
})

// Zones lists the canonical time zones.
func Zones() []string { return zones().names }

// Zone returns the canonical name of a time zone, whatever the case of its letters.
func Zone(name string) (string, bool) {
	if strings.IndexFunc(name, func(r rune) bool { return r >= 0x80 }) >= 0 {
		return "", false
	}
	t := zones()
	z, ok := t.canonical[strings.ToLower(name)]
	if target, is := t.alias[z]; is {
		z = target
	}
	return z, ok
}

// ZoneKey returns the zone under whose name the names of zone are kept in the tables.
func ZoneKey(zone string) string {
	t := zones()
	english, ok := t.english[zone]
	if !ok {
		return ""
	}
	return representatives()[english]
}

// representatives are the zones of the tables by their English name: the first that
// has summer time, if one has.
var representatives = sync.OnceValue(func() map[string]string {
	base, _ := Lookup("en", "", "")
	m := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(base.values)) {
		zone, ok := strings.CutPrefix(key, "z.")
		if !ok || !strings.Contains(zone, "/") && zone != "UTC" {
			continue
		}
		names := strings.Split(base.values[key], "|")
		summer := len(names) > 1 && names[1] != ""
		if old := m[names[0]]; old == "" || summer && len(base.List("z."+old)) == 1 {
			m[names[0]] = zone
		}
	}
	return m
})

var currencies = sync.OnceValue(func() map[string]int {
	m := map[string]int{}
	for line := range strings.Lines(read("currencies.txt")) {
		code, digits, ok := strings.Cut(strings.TrimSpace(line), "\t")
		m[code] = 2
		if ok {
			m[code], _ = strconv.Atoi(digits)
		}
	}
	return m
})

// CurrencyDigits returns how many digits after the decimal sign amounts of a currency have.
func CurrencyDigits(code string) int {
	if d, ok := currencies()[code]; ok {
		return d
	}
	return 2
}

// Currencies lists the ISO 4217 codes in use.
func Currencies() []string {
	var list []string
	for code := range currencies() {
		list = append(list, code)
	}
	slices.Sort(list)
	return list
}
