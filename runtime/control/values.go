package control

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/mayfly-edge/mayfly/kv"
)

// listKeys lists a page of keys.
func listKeys(k *call) (any, error) {
	ns, err := k.namespace()
	if err != nil {
		return nil, err
	}
	limit, err := k.number("limit", 1000, 1, 1000)
	if err != nil {
		return nil, err
	}
	found, err := ns.List(k.ctx, kv.ListQuery{Prefix: k.query.Get("prefix"), Limit: limit, Cursor: k.query.Get("cursor")})
	if err != nil {
		return nil, err
	}
	keys := []map[string]any{}
	for _, key := range found.Keys {
		view := map[string]any{"name": key.Name}
		if key.Expiration != 0 {
			view["expiration"] = key.Expiration
		}
		if key.Metadata != nil {
			view["metadata"] = json.RawMessage(key.Metadata)
		}
		keys = append(keys, view)
	}
	return page{keys, resultInfo{Count: len(keys), Cursor: &found.Cursor}}, nil
}

// entry reads the key in the path.
func (k *call) entry() (kv.Entry, error) {
	ns, err := k.namespace()
	if err != nil {
		return kv.Entry{}, err
	}
	e, err := ns.Get(k.ctx, k.params["key"])
	if err == nil && !e.Found {
		err = &apiError{404, codeKeyNotFound, "get: 'key not found'"}
	}
	return e, err
}

// getValue answers the bare value.
func getValue(k *call) (any, error) {
	e, err := k.entry()
	if err != nil {
		return nil, err
	}
	answer := raw{contentType: "application/octet-stream", body: e.Value}
	if e.Expiration != 0 {
		answer.header = append(answer.header, [2]string{"Expiration", strconv.FormatInt(e.Expiration, 10)})
	}
	return answer, nil
}

func getMetadata(k *call) (any, error) {
	e, err := k.entry()
	if err != nil || e.Metadata == nil {
		return nil, err
	}
	return json.RawMessage(e.Metadata), nil
}

// putValue writes the key in the path: the body is the value or, when it is a form, has
// parts named value and metadata.
func putValue(k *call) (any, error) {
	ns, err := k.namespace()
	if err != nil {
		return nil, err
	}
	w := kv.Write{Key: k.params["key"]}
	for name, into := range map[string]*int64{"expiration": &w.Expiration, "expiration_ttl": &w.ExpirationTTL} {
		if text := k.query.Get(name); text != "" {
			if *into, err = strconv.ParseInt(text, 10, 64); err != nil || *into <= 0 {
				return nil, badRequest("%s=%q must be a positive whole number of seconds", name, text)
			}
		}
	}
	if w.Value, err = k.body(); err != nil {
		return nil, err
	}
	if contentType := string(k.http.Request.Header.ContentType()); isForm(contentType) {
		parts, err := parseForm(contentType, w.Value)
		if err != nil {
			return nil, err
		}
		found := false
		for _, p := range parts {
			switch p.name {
			case "value":
				w.Value, found = p.content, true
			case "metadata":
				w.Metadata = p.content
			}
		}
		if !found {
			return nil, badRequest("the form has no part named value")
		}
	}
	if err := checkMetadata(w.Metadata); err != nil {
		return nil, err
	}
	return nil, ns.Put(k.ctx, w)
}

func checkMetadata(metadata []byte) error {
	if len(metadata) > 0 && !json.Valid(metadata) {
		return badRequest("metadata is not valid JSON")
	}
	return nil
}

func deleteValue(k *call) (any, error) {
	ns, err := k.namespace()
	if err != nil {
		return nil, err
	}
	return nil, ns.Delete(k.ctx, k.params["key"])
}

// pair is one item of a bulk write.
type pair struct {
	Key           string          `json:"key"`
	Value         string          `json:"value"`
	Base64        bool            `json:"base64"`
	Expiration    int64           `json:"expiration"`
	ExpirationTTL int64           `json:"expiration_ttl"`
	Metadata      json.RawMessage `json:"metadata"`
}

func putBulk(k *call) (any, error) {
	ns, err := k.namespace()
	if err != nil {
		return nil, err
	}
	var in []pair
	if err := k.json(&in); err != nil {
		return nil, err
	}
	writes := make([]kv.Write, len(in))
	for i, p := range in {
		w := kv.Write{Key: p.Key, Value: []byte(p.Value), Metadata: p.Metadata, Expiration: p.Expiration, ExpirationTTL: p.ExpirationTTL}
		if p.Expiration < 0 || p.ExpirationTTL < 0 {
			return nil, badRequest("key %q: expiration and expiration_ttl must be positive", p.Key)
		}
		if p.Base64 {
			if w.Value, err = base64.StdEncoding.DecodeString(p.Value); err != nil {
				return nil, badRequest("the value of key %q is not base64: %v", p.Key, err)
			}
		}
		writes[i] = w
	}
	if len(writes) > 0 {
		if err := ns.PutMany(k.ctx, writes); err != nil {
			return nil, err
		}
	}
	return map[string]any{"successful_key_count": len(writes), "unsuccessful_keys": []string{}}, nil
}

func deleteBulk(k *call) (any, error) {
	ns, err := k.namespace()
	if err != nil {
		return nil, err
	}
	var keys []string
	if err := k.json(&keys); err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		if err := ns.DeleteMany(k.ctx, keys); err != nil {
			return nil, err
		}
	}
	return map[string]any{"successful_key_count": len(keys), "unsuccessful_keys": []string{}}, nil
}

// getBulk reads several keys. Their values are text, or JSON with "type": "json".
func getBulk(k *call) (any, error) {
	ns, err := k.namespace()
	if err != nil {
		return nil, err
	}
	var in struct {
		Keys         []string `json:"keys"`
		Type         string   `json:"type"`
		WithMetadata bool     `json:"withMetadata"`
	}
	if err := k.json(&in); err != nil {
		return nil, err
	}
	if in.Type != "" && in.Type != "text" && in.Type != "json" {
		return nil, badRequest("type %q must be text or json", in.Type)
	}
	entries, err := ns.GetMany(k.ctx, in.Keys)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for i, e := range entries {
		if !e.Found {
			values[in.Keys[i]] = nil
			continue
		}
		var value any = string(e.Value)
		if in.Type == "json" {
			if !json.Valid(e.Value) {
				return nil, badRequest("the value of key %q is not JSON", in.Keys[i])
			}
			value = json.RawMessage(e.Value)
		} else if !utf8.Valid(e.Value) {
			return nil, badRequest("the value of key %q is not text: get it alone", in.Keys[i])
		}
		view := map[string]any{"value": value}
		if e.Metadata != nil {
			view["metadata"] = json.RawMessage(e.Metadata)
		}
		values[in.Keys[i]] = view
	}
	return map[string]any{"values": values}, nil
}
