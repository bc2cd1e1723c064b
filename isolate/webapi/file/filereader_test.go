package file_test

import (
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-edge/mayfly/isolate/eventloop"
	"github.com/mayfly-edge/mayfly/isolate/webapi/dom"
	"github.com/mayfly-edge/mayfly/isolate/webapi/file"
	"github.com/mayfly-edge/mayfly/isolate/webidl"
)

func TestFileReader(t *testing.T) {
	const watch = `var r = new FileReader(); for (let n of ["loadstart", "progress", "load", "abort", "error", "loadend"]) r["on" + n] = e => out(n + e.loaded + "/" + e.total + String(e.lengthComputable)[0] + r.readyState);`
	for _, c := range []struct{ name, js, want string }{
		{"events", watch + `r.readAsText(new Blob(["abc"])); out("sync" + r.readyState)`, "sync1 loadstart0/3t1 progress3/3t1 load3/3t2 loadend3/3t2"},
		{"no bytes", watch + `r.readAsText(new Blob([]))`, "loadstart0/0f1 load0/0f2 loadend0/0f2"},
		{"aborted at once", watch + `r.readAsText(new Blob(["abc"])); r.abort(); out(String(r.result))`, "abort0/0f2 loadend0/0f2 null"},
		{"aborted in between", watch + `r.onloadstart = () => r.abort(); r.readAsText(new Blob(["abc"]))`, "abort0/0f2 loadend0/0f2"},
		{"aborted before", watch + `r.abort(); out(r.readyState + "" + r.result)`, "0null"},
		{"read again in load", watch + `var n = 0; r.onload = () => { out("load" + r.result); n++ || r.readAsText(new Blob(["d"])) }; r.onprogress = r.onloadstart = null; r.readAsText(new Blob(["abc"]))`, "loadabc loadd loadend1/1t2"},
		{"busy", `var r = new FileReader(); r.readAsText(new Blob()); try { r.readAsText(new Blob()) } catch (e) { out(e.name) }`, "InvalidStateError"},
		{"text", `var r = new FileReader(); r.onload = () => out(r.result); r.readAsText(new Blob(["é"]))`, "é"},
		{"label", `var r = new FileReader(); r.onload = () => out(r.result); r.readAsText(new Blob([new Uint8Array([0xE9])]), "latin1")`, "é"},
		{"unknown label", `var r = new FileReader(); r.onload = () => out(r.result); r.readAsText(new Blob(["é"]), "no such")`, "é"},
		{"charset of the type", `var r = new FileReader(); r.onload = () => out(r.result); r.readAsText(new Blob([new Uint8Array([0xE9])], {type: "text/plain;charset=latin1"}))`, "é"},
		{"byte order mark", `var r = new FileReader(); r.onload = () => out(r.result); r.readAsText(new Blob([new Uint8Array([0xFE, 0xFF, 0, 0xE9])]), "latin1")`, "é"},
		{"data URL", `var r = new FileReader(); r.onload = () => out(r.result); r.readAsDataURL(new File(["TEST"], "n", {type: "text/plain"}))`, "data:text/plain;base64,VEVTVA=="},
		{"data URL without type", `var r = new FileReader(); r.onload = () => out(r.result); r.readAsDataURL(new Blob(["TEST"]))`, "data:application/octet-stream;base64,VEVTVA=="},
		{"buffer is a copy", `var b = new Blob(["abc"]), r = new FileReader(); r.onload = async () => { new Uint8Array(r.result)[0] = 88; out(await b.text()); }; r.readAsArrayBuffer(b)`, "abc"},
		{"same result", `var r = new FileReader(); r.onload = () => out(String(r.result === r.result)); r.readAsArrayBuffer(new Blob(["abc"]))`, "true"},
		{"binary string", `var r = new FileReader(); r.onload = () => out(r.result.length + "" + r.result.charCodeAt(0)); r.readAsBinaryString(new Blob([new Uint8Array([0xE9, 0])]))`, "2233"},
		{"no blob", `try { new FileReader().readAsText("abc") } catch (e) { out(e.message) }`, "Failed to execute 'readAsText' on 'FileReader': parameter 1 is not of type 'Blob'."},
		{"constants", `out(FileReader.EMPTY + "" + FileReader.LOADING + new FileReader().DONE)`, "012"},
	} {
		t.Run(c.name, func(t *testing.T) {
			loop := eventloop.New(eventloop.Options{})
			js := webidl.NewRealm(goja.New(), webidl.Options{Loop: loop, Globals: webidl.NewGlobals(dom.Globals, file.Globals)})
			var out []string
			js.VM.Set("out", func(s string) { out = append(out, s) })
			var err error
			if e := loop.Do(&eventloop.Task{Run: func() { _, err = js.VM.RunString(c.js) }}); e != nil || err != nil {
				t.Fatal(e, err)
			}
			// What the script queued goes before this, and what that queued before the next.
			for range 8 {
				if err := loop.Do(&eventloop.Task{Run: func() {}}); err != nil {
					t.Fatal(err)
				}
			}
			var got string
			if err := loop.Do(&eventloop.Task{Run: func() { got = strings.Join(out, " ") }}); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
