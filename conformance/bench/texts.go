package main

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// What workers are sent, and what they must make of it, worked out in Go.

// token256 is a JWT for the secret of the jwt worker.
func token256() string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + claims
	mac := hmac.New(sha256.New, []byte("a secret of the bench's own making"))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// catalog is 80 KB of products in JSON, and those of them in a sale, in order of price.
func catalog() (products, inStock string) {
	type product struct {
		id, cents int
		text      string
	}
	var all []string
	var found []product
	for i := range 390 {
		cents := (i*7919)%9000*10 + 50
		stock, tag := i%4, [...]string{"new", "sale", "classic"}[i%3]
		all = append(all, fmt.Sprintf(
			`{"id":%d,"name":"Product number %d","price":%d.%02d,"stock":%d,"tags":["%s","shop"],`+
				`"store":{"city":"City %d","street":"%d Market Street","open":%t},"note":"caf\u00e9 \"A\" and other things"}`,
			i, i, cents/100, cents%100, stock, tag, i%17, i%100, i%2 == 0))
		if stock > 0 && tag == "sale" {
			found = append(found, product{i, cents, fmt.Sprintf(`{"id":%d,"name":"Product number %d","cents":%d,"city":"City %d"}`, i, i, cents, i%17)})
		}
	}
	slices.SortFunc(found, func(a, b product) int { return cmp.Or(a.cents-b.cents, a.id-b.id) })
	texts := make([]string, len(found))
	for i, p := range found {
		texts[i] = p.text
	}
	return `{"products":[` + strings.Join(all, ",") + "]}", fmt.Sprintf(`{"count":%d,"products":[%s]}`, len(found), strings.Join(texts, ","))
}

// page is what the ssr worker must render.
func page() string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="en"><head><title>Items</title></head><body><h1>Items</h1><table><tbody>`)
	for i := range 100 {
		class := "open"
		if i%3 == 0 {
			class = "sold"
		}
		fmt.Fprintf(&b, `<tr class="%s"><td>%d</td><td><a href="/items/%d">Item %d &amp; more</a></td><td class="price">$%d.50</td></tr>`,
			class, i+1, i+1, i+1, i*37%1000)
	}
	b.WriteString(`</tbody></table></body></html>`)
	return b.String()
}

// article is a page of 50 KB before and after it is rewritten: links by https, another
// title, no advertisements.
func article() (before, after string) {
	var b, a strings.Builder
	both := func(format string, args ...any) {
		fmt.Fprintf(&b, format, args...)
		fmt.Fprintf(&a, format, args...)
	}
	both("<!doctype html><html><head><title>")
	b.WriteString("An article")
	a.WriteString("Rewritten")
	both("</title><meta charset=utf-8></head><body>\n")
	for i := range 120 {
		both("<h2 id=\"s%d\">Section %d</h2>\n<p class=\"text\">%s<em>so</em> it goes, &amp; on.", i, i, strings.Repeat("Lorem ipsum dolor sit amet. ", 8))
		fmt.Fprintf(&b, ` <a class="link" href="http://example.com/%d?a=1&amp;b=2">a link</a>`, i)
		fmt.Fprintf(&a, ` <a class="link" href="https://example.com/%d?a=1&amp;b=2">a link</a>`, i)
		both("</p>\n")
		if i%10 == 0 {
			b.WriteString(`<p class="ad">Buy <b>this</b>!</p>`)
		}
		both("<!-- end of section --><img src=/i.png>\n")
	}
	both("</body></html>\n")
	return b.String(), a.String()
}
