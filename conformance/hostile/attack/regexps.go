package attack

// regexps need a matcher that backtracks, or are large.
var regexps = []Vector{
	{Name: "linear", Code: `/^(a+)+$/.test("a".repeat(50) + "b"); return new Response()`, Want: ends(OK)},
	// Their matches end by time as well, on a busy machine before the CPU limit.
	{Name: "lookahead", Code: `/^(?=a)(a+)+$/.test("a".repeat(50) + "b")`, Want: ends(CPU, Exception, OK)},
	{Name: "back reference", Code: `/^(a+)+\1$/.test("a".repeat(50) + "b")`, Want: ends(CPU, Exception, OK)},
	{Name: "lastIndex", Code: `const r = /(a+)+$/g; r.lastIndex = 1; r.test("a".repeat(50) + "b")`, Want: ends(CPU, Exception, OK)},
	{Name: "repeated matches", Code: `for (;;) /^(?=a)(a+)+$/.test("a".repeat(50) + "b")`, Want: ends(CPU, Exception)},
	{Name: "large repeat", Code: `new RegExp("(?=x)(((x{1000}){1000}){1000}){1000}").test("x".repeat(1e4))`, Want: ends(Exception, CPU, OK)},
	{Name: "nested groups", Code: `new RegExp("(".repeat(1e5) + ")".repeat(1e5))`, Want: ends(Exception, CPU, OK)},
	{Name: "global over a long text", Code: `"ab".repeat(5e5).replace(/a/g, "c")`, Want: ends(CPU, OK)},
	{Name: "split by an empty pattern", Code: `"ab".repeat(1e6).split(/(?:)/)`, Want: ends(CPU, OK, Memory)},
}

// parsers are code from strings, and modules that are hard to parse.
var parsers = []Vector{
	{Name: "eval", Code: `eval("1")`, Want: ends(Exception)},
	{Name: "Function", Code: `new Function("(".repeat(2e6))()`, Want: ends(Exception)},
	{Name: "indirect Function", Code: `(() => {}).constructor("[".repeat(2e6))()`, Want: ends(Exception)},
	{Name: "setTimeout of a text", Code: `setTimeout("for (;;);", 0); await scheduler.wait(1)`, Want: ends(OK, Exception)},
	{Name: "URL", Code: `new URL("https://" + "a.".repeat(1e6))`, Want: ends(Exception, OK, CPU)},
	{Name: "URLPattern", Code: `new URLPattern({pathname: "(".repeat(1e4)})`, Want: ends(Exception)},
	{Name: "query of many pairs", Code: `new URLSearchParams("a&".repeat(1e6)).size`, Want: ends(CPU, OK, Memory)},
	{Name: "header of many tokens", Code: `new Headers({cookie: "a=b;".repeat(1e6)})`, Want: ends(OK, CPU)},
	{Name: "multipart", Code: `await new Response("--b\r\n".repeat(1e5), {headers: {"content-type": "multipart/form-data; boundary=b"}}).formData()`, Want: ends(Exception, CPU)},
	{Name: "base64", Code: `atob("A".repeat(1e7))`, Want: ends(OK, CPU)},
	{Name: "decompression bomb", Code: `
		let body = new Response("\0".repeat(1e6)).body; for (let i = 0; i < 1; i++) body = body.pipeThrough(new CompressionStream("gzip"));
		const bomb = new Uint8Array(await new Response(body).arrayBuffer()), all = [];
		for (;;) all.push(await new Response(new Response(bomb).body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer())`, Want: ends(Memory, CPU)},
}
