package script

import (
	"reflect"
	"testing"
)

func TestModulesRoundTrip(t *testing.T) {
	for _, mods := range [][]Module{
		nil,
		{{Name: "index.js", Type: ESModule, Content: []byte("x")}},
		{{Name: "a/\x00ü.txt", Type: TextFile, Content: []byte{}}, {Name: "b", Type: DataFile, Content: make([]byte, 70000)}},
	} {
		got, err := decodeModules(encodeModules(mods))
		if err != nil || !reflect.DeepEqual(got, mods) {
			t.Errorf("%.60v became %.60v, %v", mods, got, err)
		}
	}
}

func FuzzDecodeModules(f *testing.F) {
	f.Add(encodeModules([]Module{{Name: "index.js", Type: ESModule, Content: []byte("x")}}))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		mods, err := decodeModules(data)
		if err != nil {
			return
		}
		again, err := decodeModules(encodeModules(mods))
		if err != nil || len(again) != len(mods) {
			t.Errorf("%v became %v, %v", mods, again, err)
		}
	})
}
