package httpcache

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// A policy is what a response's header says about storing it.
type policy struct {
	store   bool
	born    time.Time
	expires time.Time
	hidden  []string // lower-case fields that are not to be stored
}

// A directives value is a parsed cache-control header
// (https://www.rfc-editor.org/rfc/rfc9111#section-5.2).
type directives struct {
	present                   bool
	noStore, noCache, private bool
	hidden                    []string // named by private= and no-cache=
	maxAge, sMaxAge           time.Duration
	hasMaxAge, hasSMaxAge     bool
}

// maxAge is the largest age that is told apart from "for ever".
const maxAge = 10 * 365 * 24 * time.Hour

// defaultAge is how long a response without any freshness information is kept:
// Cloudflare's edge TTL by status.
func defaultAge(status int) time.Duration {
	switch status {
	case 200, 301:
		return 2 * time.Hour
	case 302, 303:
		return 20 * time.Minute
	case 404, 410:
		return 3 * time.Minute
	case 403:
		return time.Minute
	}
	return 0
}

// judge decides whether and until when res may be stored.
func judge(res *outside.Response, now time.Time) policy {
	if res.Status < 200 || res.Status > 599 || res.Status == 304 {
		return policy{}
	}
	d := governing(res.Header)
	if d.noStore || d.noCache || d.private {
		return policy{}
	}
	p := policy{born: now, hidden: d.hidden}
	if _, ok := value(res.Header, "set-cookie"); ok {
		// A response made for one user, unless private=Set-Cookie says that all but
		// the cookie may be shared.
		if !contains(d.hidden, "set-cookie") {
			return policy{}
		}
	}
	var lifetime time.Duration
	expires, hasExpires := value(res.Header, "expires")
	switch {
	case d.hasSMaxAge:
		lifetime = d.sMaxAge
	case d.hasMaxAge:
		lifetime = d.maxAge
	case hasExpires:
		// An invalid date means "already expired".
		if t, err := http.ParseTime(expires); err == nil {
			made := now
			if date, ok := value(res.Header, "date"); ok {
				if t, err := http.ParseTime(date); err == nil {
					made = t
				}
			}
			lifetime = min(t.Sub(made), maxAge)
		}
	default:
		lifetime = defaultAge(res.Status)
	}
	if age, ok := value(res.Header, "age"); ok {
		if d, ok := seconds(age); ok {
			p.born = now.Add(-d)
		}
	}
	p.expires = p.born.Add(lifetime)
	p.store = p.expires.After(now)
	return p
}

// governing is the cache-control that counts for a shared cache: the more
// specific headers of RFC 9213 go before the general one.
func governing(header []outside.Field) directives {
	for _, name := range [...]string{"cloudflare-cdn-cache-control", "cdn-cache-control"} {
		if d := parseDirectives(header, name); d.present {
			return d
		}
	}
	return parseDirectives(header, "cache-control")
}

func parseDirectives(header []outside.Field, field string) (d directives) {
	for _, f := range header {
		if !strings.EqualFold(f.Name, field) {
			continue
		}
		d.present = true
		for rest := f.Value; rest != ""; {
			var name, arg string
			var hasArg bool
			name, arg, hasArg, rest = nextDirective(rest)
			switch name {
			case "no-store":
				d.noStore = true
			case "no-cache", "private":
				if hasArg && arg != "" {
					for h := range strings.SplitSeq(arg, ",") {
						if h = strings.ToLower(strings.TrimSpace(h)); h != "" {
							d.hidden = append(d.hidden, h)
						}
					}
				} else if name == "private" {
					d.private = true
				} else {
					d.noCache = true
				}
			case "max-age":
				d.maxAge, d.hasMaxAge = age(arg), true
			case "s-maxage":
				d.sMaxAge, d.hasSMaxAge = age(arg), true
			}
		}
	}
	return d
}

// age is the argument of max-age; one that makes no sense means stale.
func age(arg string) time.Duration {
	d, _ := seconds(arg)
	return d
}

// seconds reads a number of seconds, a huge one as maxAge.
func seconds(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > int64(maxAge/time.Second) {
		return maxAge, true
	}
	return time.Duration(n) * time.Second, true
}

// nextDirective splits the first directive off a cache-control value. The name is
// in lower case; a quoted argument comes without its quotes.
func nextDirective(s string) (name, arg string, hasArg bool, rest string) {
	i := 0
	for i < len(s) && s[i] != ',' && s[i] != '=' {
		i++
	}
	name = strings.ToLower(strings.TrimSpace(s[:i]))
	if i == len(s) || s[i] == ',' {
		return name, "", false, s[min(i+1, len(s)):]
	}
	s = strings.TrimLeft(s[i+1:], " \t")
	if len(s) > 0 && s[0] == '"' {
		var b strings.Builder
		i = 1
		for i < len(s) && s[i] != '"' {
			if s[i] == '\\' && i+1 < len(s) {
				i++
			}
			b.WriteByte(s[i])
			i++
		}
		_, rest, _ = strings.Cut(s[min(i+1, len(s)):], ",")
		return name, b.String(), true, rest
	}
	arg, rest, _ = strings.Cut(s, ",")
	return name, strings.TrimSpace(arg), true, rest
}

// value is the first value of the lower-case name.
func value(header []outside.Field, name string) (string, bool) {
	for i := range header {
		if strings.EqualFold(header[i].Name, name) {
			return header[i].Value, true
		}
	}
	return "", false
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
