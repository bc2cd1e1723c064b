package conformance

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// An origin is a server that the workers of cases fetch from.
type origin struct {
	*http.Server
	url string
}

// startOrigin starts an origin on the loopback interface.
func startOrigin() (*origin, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := &origin{&http.Server{Handler: http.HandlerFunc(originAnswer), ReadHeaderTimeout: 10 * time.Second}, "http://" + l.Addr().String()}
	go o.Serve(l)
	return o, nil
}

// originAnswer is what workers find when they fetch env.ORIGIN.
func originAnswer(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/redirect":
		http.Redirect(w, r, "/echo?redirected", http.StatusFound)
	case "/error":
		http.Error(w, "origin error", http.StatusTeapot)
	case "/cookies":
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2; Path=/")
	case "/slow":
		<-r.Context().Done()
	default:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("X-Origin", "yes")
		fmt.Fprintf(w, "%s %s %s[%s]", r.Method, r.URL.RequestURI(), r.Header.Get("X-Test"), body)
	}
}
