package script_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

func TestParseBinding(t *testing.T) {
	for _, c := range []struct {
		in   string
		kind script.Kind // 0 for none
		says string
	}{
		{`{"name":"A","type":"plain_text","text":""}`, 0, ""},
		{`{"name":"A","type":"json","json":null}`, 0, ""},
		{`{"name":"A","type":"json","json":{"a":[1]}}`, 0, ""},
		{`{"name":"A","type":"secret_text","text":"s"}`, 0, ""},
		{`{"name":"A","type":"kv_namespace","namespace_id":"x","raw":true}`, 0, ""},
		{`{"name":"A","type":"service","service":"b","environment":"production"}`, 0, ""},
		{`{"name":"A","type":"version_metadata"}`, 0, ""},
		{`{"name":"A","type":"plain_text"}`, script.BadBinding, `"A"`},
		{`{"name":"A","type":"json"}`, script.BadBinding, `"A"`},
		{`{"name":"A","type":"plain_text","text":5}`, script.BadBinding, "number"},
		{`{"name":"A","type":"kv_namespace"}`, script.BadBinding, "namespace_id"},
		{`{"name":"A","type":"kv_namespace","namespace_id":{}}`, script.BadBinding, "namespace_id"},
		{`{"name":"","type":"plain_text","text":"x"}`, script.BadBinding, "name"},
		{`{"name":5,"type":"plain_text","text":"x"}`, script.BadBinding, "name"},
		{`[]`, script.BadBinding, "object"},
		{`{"name":"A"}`, script.BadBinding, "no type"},
		{`{"name":"A","type":"ratelimit","simple":{"limit":1,"period":60}}`, script.UnsupportedBinding, `binding "A" has type "ratelimit"`},
		{`{"name":"Q","type":"queue","queue_name":"q"}`, script.UnsupportedBinding, `binding "Q" has type "queue"`},
		{`{"name":"D","type":"d1","id":{}}`, script.UnsupportedBinding, `binding "D" has type "d1"`},
		{`{"name":"O","type":"durable_object_namespace","class_name":"X"}`, script.UnsupportedBinding, "durable_object_namespace"},
		{`{"name":"A","type":"plain_text","text":"` + strings.Repeat("x", script.MaxVariableSize+1) + `"}`, script.VariableTooLarge, `"A"`},
	} {
		_, err := script.ParseBinding([]byte(c.in))
		switch {
		case c.kind == 0 && err != nil:
			t.Errorf("%.80s: %v", c.in, err)
		case c.kind != 0 && !errors.Is(err, c.kind):
			t.Errorf("%.80s: error is %v, want kind %v", c.in, err, c.kind)
		case c.kind != 0 && !strings.Contains(err.Error(), c.says):
			t.Errorf("%.80s: %q does not say %q", c.in, err, c.says)
		}
	}
}

func TestParseBindingKeepsSecretsApart(t *testing.T) {
	b, err := script.ParseBinding([]byte(`{"name":"A","type":"secret_text","text":"s","sealed":"AAAA"}`))
	if err != nil || b.Text != "" || b.Secret.Reveal() != "s" || b.Sealed != nil {
		t.Errorf("%+v %v", b, err)
	}
	b, err = script.ParseBinding([]byte(`{"name":"A","type":"secret_text"}`))
	if err != nil || b.Type != script.Inherit {
		t.Errorf("%+v %v", b, err)
	}
}

func TestResolve(t *testing.T) {
	text := func(name, value string) script.Binding {
		return script.Binding{Name: name, Type: script.PlainText, Text: value}
	}
	secret := script.Binding{Name: "S", Type: script.SecretText, Sealed: []byte{1}}
	blob := script.Binding{Name: "B", Type: script.TextBlob, Part: "b.txt"}
	previous := &script.Version{Bindings: []script.Binding{text("A", "old"), secret, blob},
		Modules: []script.Module{{Name: "b.txt", Type: script.TextFile, Content: []byte("blob")}}}
	inherit := func(name string) script.Binding { return script.Binding{Name: name, Type: script.Inherit} }
	for _, c := range []struct {
		name   string
		in     []script.Binding
		keep   []script.BindingType
		strict bool
		kind   script.Kind
		want   string // names, with = for a text
	}{
		{"nothing kept", []script.Binding{text("N", "1")}, nil, true, 0, "N=1"},
		{"secrets kept", []script.Binding{text("N", "1")}, []script.BindingType{script.SecretText}, true, 0, "N=1 S"},
		{"named wins over kept", []script.Binding{text("S", "1")}, []script.BindingType{script.SecretText}, true, 0, "S=1"},
		{"inherit", []script.Binding{inherit("A"), inherit("B")}, nil, true, 0, "A=old B"},
		{"strict", []script.Binding{inherit("X")}, nil, true, script.UnresolvedInherit, ""},
		{"lenient", []script.Binding{inherit("X"), text("N", "1")}, nil, false, 0, "N=1"},
		{"twice", []script.Binding{text("N", "1"), text("N", "2")}, nil, true, script.BadBinding, ""},
		{"too many", manyTexts(script.MaxVariables + 1), nil, true, script.TooManyBindings, ""},
	} {
		v := &script.Version{Bindings: c.in}
		err := v.Resolve(previous, c.keep, c.strict)
		if c.kind != 0 {
			if !errors.Is(err, c.kind) {
				t.Errorf("%s: error is %v, want kind %v", c.name, err, c.kind)
			}
			continue
		}
		var got []string
		for _, b := range v.Bindings {
			s := b.Name
			if b.Text != "" {
				s += "=" + b.Text
			}
			if b.Part != "" && v.Module(b.Part) == nil {
				t.Errorf("%s: the module of %s did not come along", c.name, b.Name)
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != c.want || err != nil {
			t.Errorf("%s: %v %v, want %s", c.name, got, err, c.want)
		}
	}
}

func manyTexts(n int) []script.Binding {
	all := make([]script.Binding, n)
	for i := range all {
		all[i] = script.Binding{Name: strings.Repeat("x", i+1), Type: script.PlainText, Text: "1"}
	}
	return all
}

func FuzzParseBinding(f *testing.F) {
	f.Add([]byte(`{"name":"A","type":"json","json":{"a":1}}`))
	f.Add([]byte(`{"name":"A","type":"secret_text","text":"x"}`))
	f.Add([]byte(`{"name":"A","type":"queue"}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := script.ParseBinding(data)
		if err == nil && (b.Name == "" || b.Sealed != nil || b.Type == script.SecretText && b.Text != "") {
			t.Errorf("%q gives %+v", data, b)
		}
		var e *script.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%q: an error without a kind: %v", data, err)
		}
	})
}
