package file_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/isolate/webapi/file"
)

// show writes parts on one line each.
func show(parts []file.Part) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%q=%q", p.Name, p.Data)
		if p.IsFile {
			fmt.Fprintf(&b, " file %q", p.Filename)
		}
		if p.ContentType != "" {
			fmt.Fprintf(&b, " type %q", p.ContentType)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestAppendMultipart(t *testing.T) {
	got := string(file.AppendMultipart(nil, "B", []file.Part{
		{Name: "text", Data: []byte("a\nb\rc\r\nd")},
		{Name: "q\"\n", Data: nil},
		{Name: "f", Data: []byte("1\n2"), IsFile: true, Filename: "a\"b\rc\nd\\ü.txt", ContentType: "text/plain"},
		{Name: "g", IsFile: true},
	}))
	want := "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\r\nb\r\nc\r\nd\r\n" +
		"--B\r\nContent-Disposition: form-data; name=\"q%22%0D%0A\"\r\n\r\n\r\n" +
		"--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a%22b%0Dc%0Ad\\ü.txt\"\r\nContent-Type: text/plain\r\n\r\n1\n2\r\n" +
		"--B\r\nContent-Disposition: form-data; name=\"g\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n" +
		"--B--\r\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestParseMultipart(t *testing.T) {
	const a = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
	for _, c := range []struct{ name, body, want string }{
		{"nothing", "--B--\r\n", ""},
		{"one", a + "--B--\r\n", "\"a\"=\"1\"\n"},
		{"no line break at the end", a + "--B--", "\"a\"=\"1\"\n"},
		{"preamble and epilogue", "hello\r\n" + a + "--B--\r\nbye\r\n--B\r\n", "\"a\"=\"1\"\n"},
		{"white space after the boundary", strings.Replace(a, "--B", "--B \t", 1) + "--B--", "\"a\"=\"1\"\n"},
		{"line breaks and dashes in the data", strings.Replace(a, "1", "\r\n--C\r\n-\n", 1) + "--B--", "\"a\"=\"\\r\\n--C\\r\\n-\\n\"\n"},
		{"empty", strings.Replace(a, "1", "", 1) + "--B--", "\"a\"=\"\"\n"},
		{"empty without its line break", strings.Replace(a, "1\r\n", "", 1) + "--B--", "\"a\"=\"\"\n"},
		{"file", "--B\r\ncontent-disposition:form-data;name=\"f\";filename=\"x%22.txt\"\r\nX-Other: 1\r\nContent-Type:  image/png \r\n\r\nPNG\r\n--B--", "\"f\"=\"PNG\" file \"x\\\".txt\" type \"image/png\"\n"},
		{"unnamed file", "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\r\n\r\n--B--", "\"f\"=\"\" file \"\"\n"},
		{"without quotes", "--B\r\nContent-Disposition: FORM-DATA; filename=x.txt ; name=f\r\n\r\n\r\n--B--", "\"f\"=\"\" file \"x.txt\"\n"},
		{"semicolon in quotes", "--B\r\nContent-Disposition: form-data; name=\"a;b=c\"; filename=\"d;e\"\r\n\r\n\r\n--B--", "\"a;b=c\"=\"\" file \"d;e\"\n"},
		{"escaped line break", "--B\r\nContent-Disposition: form-data; name=\"a%0D%0a%41\"\r\n\r\n\r\n--B--", "\"a\\r\\n%41\"=\"\"\n"},
		{"not UTF-8", "--B\r\nContent-Disposition: form-data; name=\"a\xff\"\r\n\r\n\xff\r\n--B--", "\"a\uFFFD\"=\"\\xff\"\n"},
		{"unknown parameter", "--B\r\nContent-Disposition: form-data; name=\"a\"; filename*=UTF-8''x\r\n\r\n\r\n--B--", "\"a\"=\"\"\n"},
		{"twice the same", a + a + "--B--", "\"a\"=\"1\"\n\"a\"=\"1\"\n"},

		{"no body", "", "the boundary \"B\" does not appear"},
		{"another boundary", "--C--", "the boundary \"B\" does not appear"},
		{"no end", a[:len(a)-2], "part 1 has no end"},
		{"truncated headers", a[:20], "part 1 has headers without an end"},
		{"no name", "--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n--B--", "part 1 has no name"},
		{"no disposition", "--B\r\nContent-Type: text/plain\r\n\r\n1\r\n--B--", "part 1 has no name"},
		{"attachment", "--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--B--", "part 1 has the disposition \"attachment\""},
		{"quote without an end", "--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--B--", "part 1 has a quote without an end"},
		{"header without a colon", "--B\r\nnonsense\r\n\r\n1\r\n--B--", "part 1 has the header line \"nonsense\" without a colon"},
		{"junk after the boundary", "--Bx\r\n\r\n", "no line break after boundary 1"},
		{"long headers", "--B\r\nX: " + strings.Repeat("x", file.MaxPartHeaders) + "\r\n\r\n", "part 1 has more than 16384 bytes of headers"},
		{"many parts", strings.Repeat(a, file.MaxParts+1) + "--B--", "it has more than 10000 parts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			parts, err := file.ParseMultipart([]byte(c.body), "B")
			got := show(parts)
			if err != nil {
				if !errors.Is(err, file.ErrMultipart) {
					t.Errorf("%v does not wrap ErrMultipart", err)
				}
				got = strings.TrimPrefix(err.Error(), file.ErrMultipart.Error()+": ")
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for _, boundary := range []string{"", strings.Repeat("b", 201)} {
		if _, err := file.ParseMultipart([]byte("--"+boundary+"--"), boundary); err == nil {
			t.Errorf("a boundary of %d bytes was taken", len(boundary))
		}
	}
}

// FuzzParseMultipart checks that what is parsed is written to something that parses to
// the same, but for line breaks, which writing normalises.
func FuzzParseMultipart(f *testing.F) {
	f.Add([]byte("--B--\r\n"), "B")
	f.Add([]byte("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n"), "B")
	f.Add([]byte("x\r\n--B \r\nContent-Disposition: form-data; name=a; filename=\"%22\"\r\nContent-Type: t/s\r\n\r\n\r\n--B--"), "B")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		before := bytes.Clone(body)
		parts, err := file.ParseMultipart(body, boundary)
		if !bytes.Equal(before, body) {
			t.Fatal("the body was changed")
		}
		if err != nil {
			return
		}
		fresh := file.NewBoundary()
		for i := range parts {
			if strings.ContainsAny(parts[i].Name+parts[i].Filename+parts[i].ContentType+string(parts[i].Data), "\r\n%") || bytes.Contains(parts[i].Data, []byte(fresh)) {
				return
			}
			if parts[i].IsFile && parts[i].ContentType == "" {
				parts[i].ContentType = "application/octet-stream" // what writing says
			}
			if !parts[i].IsFile {
				parts[i].ContentType = ""
			}
		}
		again, err := file.ParseMultipart(file.AppendMultipart(nil, fresh, parts), fresh)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := show(again), show(parts); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func BenchmarkParseMultipart(b *testing.B) {
	body := file.AppendMultipart(nil, "B", []file.Part{
		{Name: "title", Data: []byte("A day out")},
		{Name: "photo", Data: make([]byte, 64<<10), IsFile: true, Filename: "day.jpg", ContentType: "image/jpeg"},
	})
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := file.ParseMultipart(body, "B"); err != nil {
			b.Fatal(err)
		}
	}
}
