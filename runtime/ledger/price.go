package ledger

import (
	"fmt"
	"math/big"
	"strings"
)

// Money is an amount in billionths of a US dollar. As JSON it is an exact decimal string
// of dollars.
type Money int64

// Dollar is one US dollar, Cent a hundredth of it.
const (
	Dollar Money = 1_000_000_000
	Cent         = Dollar / 100
)

// String returns the amount rounded to cents, halves away from zero, such as "$6.99".
func (m Money) String() string {
	sign, v := "", m
	if v < 0 {
		sign, v = "-", -v
	}
	cents := (v + Cent/2) / Cent
	return fmt.Sprintf("%s$%d.%02d", sign, cents/100, cents%100)
}

// Exact returns the amount in dollars with all its decimals, such as "6.992".
func (m Money) Exact() string { return decimal(int64(m), 9) }

// MarshalJSON implements [json.Marshaler].
func (m Money) MarshalJSON() ([]byte, error) { return []byte(`"` + m.Exact() + `"`), nil }

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Money) UnmarshalJSON(b []byte) error {
	v, err := parseDecimal(strings.Trim(string(b), `"`), 9)
	*m = Money(v)
	return err
}

// Consumption is what one bill is about: the usage of a month and what is not counted by
// invocation.
type Consumption struct {
	Usage
	// KVStored is how many bytes were stored in KV, on average over the month.
	KVStored int64 `json:"kv_stored_bytes"`
}

// An Item is one thing a plan charges for: Price for every Per of what Measure counts,
// beyond what is Included. Scale is how many of Measure's units make one Unit.
type Item struct {
	Name     string
	Unit     string
	Measure  func(*Consumption) int64
	Scale    int64
	Included int64 // in units
	Price    Money
	Per      int64 // in units
}

// A Plan is a price list.
type Plan struct {
	Name  string
	Title string
	Base  Money // per month
	Items []Item
}

// Plans returns all plans.
func Plans() []Plan { return []Plan{Workers(), Lambda()} }

// PlanByName returns the plan of that name.
func PlanByName(name string) (Plan, error) {
	var names []string
	for _, p := range Plans() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Plan{}, fmt.Errorf("there is no price plan %q; there are %s", name, strings.Join(names, " and "))
}

const million = 1_000_000

// Workers is Cloudflare's Standard usage model:
// https://developers.cloudflare.com/workers/platform/pricing/
func Workers() Plan {
	return Plan{
		Name: "workers", Title: "Workers Standard", Base: 5 * Dollar,
		Items: []Item{
			{"Requests", "requests", func(c *Consumption) int64 { return c.Requests }, 1, 10 * million, 30 * Cent, million},
			{"CPU time", "CPU ms", func(c *Consumption) int64 { return int64(c.CPU) }, million, 30 * million, 2 * Cent, million},
			{"KV reads", "reads", func(c *Consumption) int64 { return c.KVReads }, 1, 10 * million, 50 * Cent, million},
			{"KV writes", "writes", func(c *Consumption) int64 { return c.KVWrites }, 1, million, 5 * Dollar, million},
			{"KV deletes", "deletes", func(c *Consumption) int64 { return c.KVDeletes }, 1, million, 5 * Dollar, million},
			{"KV lists", "lists", func(c *Consumption) int64 { return c.KVLists }, 1, million, 5 * Dollar, million},
			{"KV storage", "GB-months", func(c *Consumption) int64 { return c.KVStored }, 1_000_000_000, 1, 50 * Cent, 1},
		},
	}
}

// Lambda is AWS Lambda on x86, time by the millisecond and with initialisation:
// https://aws.amazon.com/lambda/pricing/
func Lambda() Plan {
	return Plan{
		Name: "lambda", Title: "AWS Lambda (x86)",
		Items: []Item{
			{"Requests", "requests", func(c *Consumption) int64 { return c.Requests }, 1, million, 20 * Cent, million},
			// $0.0000166667 for each GB-second.
			{"Compute", "GB-seconds", func(c *Consumption) int64 { return int64(c.Memory) }, gbSecond, 400_000, 166_667, 10},
		},
	}
}

// A Line is one line of an [Invoice]. Quantities are exact decimals in units, cut after
// nine places.
type Line struct {
	Name     string `json:"name"`
	Unit     string `json:"unit,omitempty"`
	Quantity string `json:"quantity,omitempty"`
	Included int64  `json:"included,omitempty"`
	Billable string `json:"billable,omitempty"`
	Price    Money  `json:"price,omitempty"`
	Per      int64  `json:"per,omitempty"`
	Amount   Money  `json:"amount"`
}

// An Invoice is a priced [Consumption]. Total is the sum of the amounts.
type Invoice struct {
	Plan  string `json:"plan"`
	Title string `json:"title"`
	Lines []Line `json:"lines"`
	Total Money  `json:"total"`
}

// NewInvoice prices c. Each amount is exact to a billionth of a dollar, halves rounded up.
func NewInvoice(plan Plan, c Consumption) Invoice {
	inv := Invoice{Plan: plan.Name, Title: plan.Title}
	if plan.Base != 0 {
		inv.Lines = append(inv.Lines, Line{Name: "Subscription", Amount: plan.Base})
	}
	for _, item := range plan.Items {
		inv.Lines = append(inv.Lines, item.line(&c))
	}
	for _, line := range inv.Lines {
		inv.Total += line.Amount
	}
	return inv
}

func (i *Item) line(c *Consumption) Line {
	quantity := big.NewInt(i.Measure(c))
	scale := big.NewInt(i.Scale)
	billable := new(big.Int).Sub(quantity, new(big.Int).Mul(big.NewInt(i.Included), scale))
	if billable.Sign() < 0 {
		billable.SetInt64(0)
	}
	// amount = billable x price / (scale x per), rounded
	per := new(big.Int).Mul(scale, big.NewInt(i.Per))
	amount := new(big.Int).Mul(billable, big.NewInt(int64(i.Price)))
	amount.Add(amount, new(big.Int).Rsh(per, 1)).Div(amount, per)
	return Line{
		Name: i.Name, Unit: i.Unit, Quantity: inUnits(quantity, scale), Included: i.Included,
		Billable: inUnits(billable, scale), Price: i.Price, Per: i.Per, Amount: Money(amount.Int64()),
	}
}

// inUnits divides by scale, to at most nine decimals.
func inUnits(v, scale *big.Int) string {
	scaled := new(big.Int).Mul(v, big.NewInt(1_000_000_000))
	whole, rest := scaled.Div(scaled, scale).DivMod(scaled, big.NewInt(1_000_000_000), new(big.Int))
	s := whole.String()
	if rest.Sign() != 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%09d", rest), "0")
	}
	return s
}
