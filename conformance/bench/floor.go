package main

import "github.com/valyala/fasthttp"

// floor gives the workers' answers from Go: what the HTTP server alone costs.
func floor() *fasthttp.Server {
	value := []byte(kilobyte)
	return &fasthttp.Server{Handler: func(c *fasthttp.RequestCtx) {
		switch path := c.Path(); {
		case len(path) == 1:
			c.SetContentType("text/plain;charset=UTF-8")
			c.SetBodyString(helloText)
		case string(path) == "/kilobyte":
			c.SetContentType("text/plain;charset=UTF-8")
			c.SetBody(value)
		default:
			c.SetContentType("application/json")
			c.SetBodyString(honoText)
		}
	}}
}
