package intl

import (
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"
	_ "time/tzdata" // isolates see no file system

	"github.com/mayfly-edge/mayfly/isolate/ecma/intl/cldr"
)

// locations are the time zones, read when first asked for and kept: there are only so many.
var locations = sync.OnceValue(func() map[string]func() (*time.Location, error) {
	m := map[string]func() (*time.Location, error){}
	for _, name := range cldr.Zones() {
		m[name] = sync.OnceValues(func() (*time.Location, error) { return time.LoadLocation(name) })
	}
	return m
})

var offsetZone = regexp.MustCompile(`^([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?$`)

// findZone returns a time zone by the name or offset that a script gives:
// https://tc39.es/ecma402/#sec-isvalidtimezonename
func findZone(text string) (*time.Location, string, error) {
	if m := offsetZone.FindStringSubmatch(text); m != nil {
		hours, _ := strconv.Atoi(m[2])
		minutes, _ := strconv.Atoi("0" + m[3])
		seconds := hours*3600 + minutes*60
		if m[1] == "-" && seconds != 0 {
			seconds = -seconds
		} else {
			m[1] = "+"
		}
		return time.FixedZone("", seconds), fmt.Sprintf("%s%02d:%02d", m[1], hours, minutes), nil
	}
	name, ok := cldr.Zone(text)
	if !ok {
		return nil, "", fmt.Errorf("Invalid time zone specified: %s", text)
	}
	load := locations()[name]
	if load == nil {
		return nil, "", fmt.Errorf("Invalid time zone specified: %s", text)
	}
	zone, err := load()
	return zone, name, err
}

// nameOfZone is a time zone name in one of the styles of the timeZoneName option.
func (f *dateStyle) nameOfZone(t time.Time, style string) string {
	long := style == "long" || style == "longGeneric"
	if style == "shortOffset" || style == "longOffset" {
		return f.offset(t, style == "longOffset")
	}
	key := cldr.ZoneKey(f.zoneName)
	names := f.locale.List("z." + key)
	if names == nil {
		return f.offset(t, long)
	}
	at := func(i int) string {
		if i < len(names) {
			return names[i]
		}
		return ""
	}
	// January's names come first; in the south they are those of summer.
	summer := t.IsDST() != winter(key).IsDST()
	var name string
	switch {
	case style == "longGeneric":
		if name = at(2); name == "" {
			name = at(0)
		}
	case style == "shortGeneric":
		name = at(5)
	case long:
		if name = at(0); summer && at(1) != "" {
			name = at(1)
		}
	default:
		if name = at(3); summer && at(4) != "" {
			name = at(4)
		}
	}
	if name == "" {
		return f.offset(t, long)
	}
	return name
}

// winter is a day in January in the zone of a table's entry.
func winter(zone string) time.Time {
	location, _, err := findZone(zone)
	if err != nil {
		location = time.UTC
	}
	return time.Date(2021, 1, 5, 0, 0, 0, 0, location)
}
