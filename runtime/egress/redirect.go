package egress

import (
	"net/http"
	"net/url"

	"github.com/mayfly-edge/mayfly/isolate/outside"
)

// redirect prepares f for the next hop if res asks for one that is to be followed
// (https://fetch.spec.whatwg.org/#http-redirect-fetch).
func (f *fetch) redirect(res *http.Response) (follow bool, err error) {
	switch res.StatusCode {
	case 301, 302, 303, 307, 308:
	default:
		return false, nil
	}
	switch f.req.Redirect {
	case outside.RedirectManual:
		return false, nil
	case outside.RedirectError:
		return false, outside.Errorf(outside.KindType, "Unexpected redirect: %s answered with status %d, but the redirect mode is \"error\".", f.url, res.StatusCode)
	}
	location := res.Header.Get("Location")
	if location == "" {
		return false, nil
	}
	next, err := f.url.Parse(location)
	if err != nil {
		return false, outside.Errorf(outside.KindType, "Invalid redirect: %s names the location %q.", f.url, location)
	}
	if next.Scheme != "http" && next.Scheme != "https" || next.Host == "" {
		return false, outside.Errorf(outside.KindType, "Invalid redirect: %s leads to %q, which is no http or https URL.", f.url, location)
	}
	next.Fragment, next.RawFragment = "", ""
	if f.hops == maxRedirects {
		return false, outside.Errorf(outside.KindType, "Too many redirects: gave up after %d.", maxRedirects)
	}
	f.hops++
	if res.StatusCode != 303 && f.body.Stream != nil {
		return false, outside.Errorf(outside.KindType, "A request with a streamed body cannot follow a redirect with status %d; the stream has been read. Buffer the body, or use redirect: \"manual\".", res.StatusCode)
	}
	header := f.header.Clone()
	toGET := f.method == "POST" && (res.StatusCode == 301 || res.StatusCode == 302) ||
		res.StatusCode == 303 && f.method != "GET" && f.method != "HEAD"
	if toGET {
		f.method = "GET"
		_ = f.body.Close()
		f.body = outside.Body{}
		// https://fetch.spec.whatwg.org/#request-body-header-name
		for _, name := range [...]string{"Content-Encoding", "Content-Language", "Content-Location", "Content-Type", "Content-Length"} {
			header.Del(name)
		}
	}
	if !sameOrigin(f.url, next) {
		for _, name := range [...]string{"Authorization", "Cookie", "Proxy-Authorization"} {
			header.Del(name)
		}
	}
	f.url, f.header = next, header
	return true, nil
}

// sameOrigin compares scheme, host and port (https://html.spec.whatwg.org/#same-origin).
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}
