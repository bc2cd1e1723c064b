package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/mayfly-edge/mayfly/cmd/mayfly/client"
	"github.com/mayfly-edge/mayfly/cmd/mayfly/project"
)

type kvCommand struct {
	Namespace struct {
		Create kvCreate `cmd:"" help:"Make a namespace."`
		List   kvList   `cmd:"" help:"List the namespaces."`
		Delete kvDelete `cmd:"" help:"Delete a namespace with all its entries."`
	} `cmd:"" help:"Manage namespaces."`
	Key struct {
		Put    kvPut       `cmd:"" help:"Write an entry."`
		Get    kvGet       `cmd:"" help:"Read a value."`
		List   kvKeys      `cmd:"" help:"List keys."`
		Delete kvKeyDelete `cmd:"" help:"Delete an entry."`
	} `cmd:"" help:"Manage single entries."`
	Bulk struct {
		Put    kvBulkPut    `cmd:"" help:"Write entries from a JSON file."`
		Get    kvBulkGet    `cmd:"" help:"Read entries whose keys are in a JSON file."`
		Delete kvBulkDelete `cmd:"" help:"Delete entries whose keys are in a JSON file."`
	} `cmd:"" help:"Manage many entries at once."`
}

func (kvCommand) Help() string {
	return `A namespace is chosen by --namespace, its id or title, or by --binding, the name it has in
the project file of the current folder.

Examples:

  mayfly kv namespace create sessions
  mayfly kv key put --namespace sessions user:1 Ann --ttl 1h
  mayfly kv key get --binding SESSIONS user:1
  mayfly kv key list --namespace sessions --prefix user: --json
  mayfly kv bulk put --namespace sessions entries.json`
}

type kvCreate struct {
	Title string `arg:"" help:"Title of the namespace."`
	JSON  bool   `help:"Answer as JSON."`
	controlFlags
}

func (kvCreate) Help() string { return "Example:\n\n  mayfly kv namespace create sessions" }

func (c *kvCreate) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	n, err := k.CreateNamespace(ctx, c.Title)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, n)
	}
	fmt.Fprintf(m.Stdout, "Created the namespace %s with the id %s.\nBind it in the project file:\n\n  \"kv_namespaces\": [{ \"binding\": \"%s\", \"id\": \"%s\" }]\n", n.Title, n.ID, bindingName(n.Title), n.ID)
	return nil
}

// bindingName makes a name for env out of a title.
func bindingName(title string) string {
	name := []byte(title)
	for i, b := range name {
		switch {
		case b >= 'a' && b <= 'z':
			name[i] = b - 'a' + 'A'
		case b >= 'A' && b <= 'Z', b >= '0' && b <= '9' && i > 0:
		default:
			name[i] = '_'
		}
	}
	return string(name)
}

type kvList struct {
	JSON bool `help:"Answer as JSON."`
	controlFlags
}

func (kvList) Help() string { return "Example:\n\n  mayfly kv namespace list --json" }

func (c *kvList) Run(ctx context.Context, m *Main) error {
	k, err := c.client(m)
	if err != nil {
		return err
	}
	all, err := k.Namespaces(ctx)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, all)
	}
	t := tabwriter.NewWriter(m.Stdout, 0, 0, 2, ' ', 0)
	for _, n := range all {
		fmt.Fprintf(t, "%s\t%s\n", n.ID, n.Title)
	}
	return t.Flush()
}

// namespaceFlags choose a namespace.
type namespaceFlags struct {
	Namespace string `help:"Id or title of the namespace." placeholder:"ID" short:"n"`
	Binding   string `help:"Name of the namespace in the project file." placeholder:"NAME" short:"b"`
	Config    string `help:"Project file or folder, for --binding. Default: the current folder." placeholder:"PATH"`
	Env       string `help:"Environment of the project file, for --binding." placeholder:"NAME" short:"e"`
	controlFlags
}

// open returns a client and the id of the namespace chosen.
func (f *namespaceFlags) open(ctx context.Context, m *Main) (*client.Client, string, error) {
	if (f.Namespace == "") == (f.Binding == "") {
		return nil, "", usageError("choose the namespace by either --namespace or --binding")
	}
	k, err := f.client(m)
	if err != nil {
		return nil, "", err
	}
	title := f.Namespace
	if f.Binding != "" {
		p, err := project.Load(f.Config, f.Env)
		if err != nil {
			return nil, "", err
		}
		id, ok := p.KV(f.Binding)
		if !ok {
			return nil, "", fmt.Errorf("the project file has no KV namespace with the binding %q", f.Binding)
		}
		if id != "" {
			return k, id, nil
		}
		title = p.Name + "-" + f.Binding // as deploy makes it
	}
	all, err := k.Namespaces(ctx)
	if err != nil {
		return nil, "", explain(err)
	}
	at := slices.IndexFunc(all, func(n client.Namespace) bool { return n.ID == title })
	if at < 0 {
		at = slices.IndexFunc(all, func(n client.Namespace) bool { return n.Title == title })
	}
	if at < 0 {
		return nil, "", fmt.Errorf("there is no namespace with the id or title %q: see mayfly kv namespace list", title)
	}
	return k, all[at].ID, nil
}

type kvDelete struct{ namespaceFlags }

func (kvDelete) Help() string { return "Example:\n\n  mayfly kv namespace delete --namespace sessions" }

func (c *kvDelete) Run(ctx context.Context, m *Main) error {
	k, id, err := c.open(ctx, m)
	if err != nil {
		return err
	}
	return explain(k.DeleteNamespace(ctx, id))
}

type kvPut struct {
	Key        string        `arg:"" help:"Key, 1 to 512 bytes."`
	Value      *string       `arg:"" optional:"" help:"Value. Without it and --path it is read from standard input."`
	Path       string        `help:"File that holds the value." placeholder:"FILE" type:"path"`
	TTL        time.Duration `help:"How long the entry lives, at least 1m." placeholder:"TIME"`
	Expiration int64         `help:"When the entry ends, in seconds since 1970." placeholder:"SECONDS"`
	Metadata   string        `help:"JSON kept beside the value." placeholder:"JSON"`
	namespaceFlags
}

func (kvPut) Help() string {
	return `Examples:

  mayfly kv key put --namespace sessions user:1 Ann --ttl 1h
  mayfly kv key put --namespace images logo --path logo.png --metadata '{"type":"image/png"}'
  date | mayfly kv key put --namespace state now`
}

func (c *kvPut) Run(ctx context.Context, m *Main) error {
	var value []byte
	var err error
	switch {
	case c.Value != nil && c.Path != "":
		return usageError("give the value either as an argument or by --path")
	case c.Metadata != "" && !json.Valid([]byte(c.Metadata)):
		return usageError("--metadata is not valid JSON")
	case c.TTL < 0 || c.TTL%time.Second != 0:
		return usageError("--ttl %v: it must be a whole number of seconds", c.TTL)
	case c.Value != nil:
		value = []byte(*c.Value)
	case c.Path != "":
		value, err = os.ReadFile(c.Path)
	default:
		value, err = io.ReadAll(m.Stdin)
	}
	if err != nil {
		return err
	}
	k, id, err := c.open(ctx, m)
	if err != nil {
		return err
	}
	return explain(k.Write(ctx, id, client.Pair{
		Key: c.Key, Expiration: c.Expiration, ExpirationTTL: int64(c.TTL / time.Second), Metadata: json.RawMessage(c.Metadata),
	}, value))
}

type kvGet struct {
	Key string `arg:"" help:"Key."`
	namespaceFlags
}

func (kvGet) Help() string {
	return "The value is written as it is. A key that does not exist is a failure.\n\nExample:\n\n  mayfly kv key get --namespace images logo > logo.png"
}

func (c *kvGet) Run(ctx context.Context, m *Main) error {
	k, id, err := c.open(ctx, m)
	if err != nil {
		return err
	}
	value, err := k.Get(ctx, id, c.Key)
	if err != nil {
		return explain(err)
	}
	if _, err := m.Stdout.Write(value); err != nil {
		return err
	}
	if isTerminal(m.Stdout) && len(value) > 0 && value[len(value)-1] != '\n' {
		fmt.Fprintln(m.Stdout)
	}
	return nil
}

type kvKeys struct {
	Prefix string `help:"Only keys that begin with this." placeholder:"TEXT"`
	JSON   bool   `help:"Answer as JSON, with expiration and metadata."`
	namespaceFlags
}

func (kvKeys) Help() string {
	return "Example:\n\n  mayfly kv key list --namespace sessions --prefix user:"
}

func (c *kvKeys) Run(ctx context.Context, m *Main) error {
	k, id, err := c.open(ctx, m)
	if err != nil {
		return err
	}
	all := []client.Key{}
	if err := k.Keys(ctx, id, c.Prefix, func(keys []client.Key) error {
		if c.JSON {
			all = append(all, keys...)
			return nil
		}
		for _, key := range keys {
			if _, err := fmt.Fprintln(m.Stdout, key.Name); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return explain(err)
	}
	if c.JSON {
		return printJSON(m.Stdout, all)
	}
	return nil
}

type kvKeyDelete struct {
	Key string `arg:"" help:"Key."`
	namespaceFlags
}

func (kvKeyDelete) Help() string {
	return "Example:\n\n  mayfly kv key delete --namespace sessions user:1"
}

func (c *kvKeyDelete) Run(ctx context.Context, m *Main) error {
	k, id, err := c.open(ctx, m)
	if err != nil {
		return err
	}
	return explain(k.DeleteKey(ctx, id, c.Key))
}

// bulkFlags name a JSON file; - is standard input.
type bulkFlags struct {
	File string `arg:"" help:"JSON file; - is standard input."`
	namespaceFlags
}

// read decodes the file.
func (f *bulkFlags) read(m *Main, into any) error {
	text, err := readFileOrStdin(m, f.File)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", f.File, err)
	}
	return nil
}

func readFileOrStdin(m *Main, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(m.Stdin)
	}
	return os.ReadFile(file)
}

type kvBulkPut struct{ bulkFlags }

func (kvBulkPut) Help() string {
	return `The file holds an array of objects with key, value and, if wanted, base64, expiration,
expiration_ttl and metadata.

Example:

  echo '[{"key": "a", "value": "1"}]' | mayfly kv bulk put --namespace sessions -`
}

func (c *kvBulkPut) Run(ctx context.Context, m *Main) error {
	var pairs []client.Pair
	if err := c.read(m, &pairs); err != nil {
		return err
	}
	for i, p := range pairs {
		if p.Key == "" {
			return fmt.Errorf("%s: item %d has no key", c.File, i)
		}
	}
	k, id, err := c.open(ctx, m)
	if err != nil {
		return err
	}
	if err := k.WriteAll(ctx, id, pairs); err != nil {
		return explain(err)
	}
	fmt.Fprintf(m.Stderr, "Wrote %d entries.\n", len(pairs))
	return nil
}

type kvBulkGet struct{ bulkFlags }

func (kvBulkGet) Help() string {
	return "The file holds an array of keys. The answer is a JSON object; what does not exist is null.\n\nExample:\n\n  echo '[\"a\", \"b\"]' | mayfly kv bulk get --namespace sessions -"
}

func (c *kvBulkGet) Run(ctx context.Context, m *Main) error {
	var keys []string
	if err := c.read(m, &keys); err != nil {
		return err
	}
	k, id, err := c.open(ctx, m)
	if err != nil {
		return err
	}
	all, err := k.GetAll(ctx, id, keys)
	if err != nil {
		return explain(err)
	}
	return printJSON(m.Stdout, all)
}

type kvBulkDelete struct{ bulkFlags }

func (kvBulkDelete) Help() string {
	return "The file holds an array of keys, or of objects with a key.\n\nExample:\n\n  mayfly kv key list --namespace sessions --json | mayfly kv bulk delete --namespace sessions -"
}

func (c *kvBulkDelete) Run(ctx context.Context, m *Main) error {
	var items []json.RawMessage
	if err := c.read(m, &items); err != nil {
		return err
	}
	keys := make([]string, len(items))
	for i, raw := range items {
		var object struct {
			Key  string `json:"key"`
			Name string `json:"name"`
		}
		if json.Unmarshal(raw, &keys[i]) == nil {
			continue
		}
		if err := json.Unmarshal(raw, &object); err != nil || object.Key+object.Name == "" {
			return errors.New("item " + fmt.Sprint(i) + " is neither a key nor an object with a key")
		}
		keys[i] = object.Key + object.Name
	}
	k, id, err := c.open(ctx, m)
	if err != nil {
		return err
	}
	if err := k.DeleteAll(ctx, id, keys); err != nil {
		return explain(err)
	}
	fmt.Fprintf(m.Stderr, "Deleted %d entries.\n", len(keys))
	return nil
}
