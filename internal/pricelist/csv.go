package pricelist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"uplift/catalog"
	"uplift/upgrade"
)

// header is the first line, in this order.
var header = []string{"offer", "market", "term", "billingCycle", "currency", "price"}

// example is what a remedy shows.
const example = "business-premium,,P1Y,monthly,EUR,19.90"

// Parse reads a whole price list. Every line that is wrong is named; with problems, the list is not to be used.
func Parse(data []byte, c *catalog.Catalog) ([]upgrade.Price, upgrade.Problems) {
	var ps upgrade.Problems
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case len(data) > upgrade.MaxInput:
		ps.Add("", "too_large", fmt.Sprintf("the list has %d bytes; at most %d are read", len(data), upgrade.MaxInput), "leave out what is not sold")
		return nil, ps
	case !utf8.Valid(data):
		ps.Add("", "not_utf8", "the list is not UTF-8 text", "save it as CSV in UTF-8")
		return nil, ps
	}
	list, lines := rows(data, &ps)
	if len(list) == 0 && len(ps) > 0 {
		return nil, bounded(ps)
	}
	ps = append(ps, check(list, c, func(i int) string { return fmt.Sprintf("line %d", lines[i]) })...)
	return list, bounded(ps)
}

// rows reads what can be read, and the line of each row.
func rows(data []byte, ps *upgrade.Problems) (list []upgrade.Price, lines []int) {
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	for first := true; ; first = false {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			if first {
				ps.Add("", "empty", "there is no price list", "begin with the line "+strings.Join(header, ","))
			}
			return list, lines
		}
		if err != nil {
			ps.Add("", "malformed_csv", err.Error(), "correct the quotes; what follows them was not read")
			return list, lines
		}
		line, _ := r.FieldPos(0)
		at := fmt.Sprintf("line %d", line)
		switch {
		case first && !slices.Equal(record, header):
			ps.Add(at, "bad_header", fmt.Sprintf("the first line is %q", strings.Join(record, ",")), "begin with the line "+strings.Join(header, ","))
			return list, lines
		case first:
		case len(record) != len(header):
			ps.Add(at, "bad_row", fmt.Sprintf("the line has %d fields, not %d", len(record), len(header)), "write for example "+example)
		default:
			if p, ok := row(record, at, ps); ok {
				list, lines = append(list, p), append(lines, line)
			}
		}
	}
}

// row reads one line. Only its price is a matter of form here; the rest is checked with the whole list.
func row(record []string, at string, ps *upgrade.Problems) (upgrade.Price, bool) {
	p := upgrade.Price{Offer: record[0], Market: record[1], Term: record[2], BillingCycle: record[3], Currency: record[4]}
	minor, err := amount(record[5], p.Currency)
	if err != nil {
		ps.Add(at, "bad_price", err.Error(), fmt.Sprintf("write the price with a point and %s, such as 19.90", digits(p.Currency)))
		return p, false
	}
	p.Minor = minor
	return p, true
}

// decimal is a price as it may be written: no sign, no thousands, no exponent.
var decimal = regexp.MustCompile(`^([0-9]{1,9})(?:\.([0-9]{1,4}))?$`)

// amount reads a price into the currency's minor unit.
func amount(s, currency string) (int64, error) {
	parts := decimal.FindStringSubmatch(s)
	most := upgrade.MinorDigits(currency)
	switch {
	case parts == nil:
		return 0, fmt.Errorf("%q is no price", s)
	case len(parts[2]) > most:
		return 0, fmt.Errorf("%q has more digits behind the point than %s, which has %d", s, currency, most)
	}
	return strconv.ParseInt(parts[1]+parts[2]+strings.Repeat("0", most-len(parts[2])), 10, 64)
}

func digits(currency string) string {
	switch n := upgrade.MinorDigits(currency); n {
	case 0:
		return "no digits behind it"
	default:
		return fmt.Sprintf("at most %d digits behind it", n)
	}
}

// Write writes a list as Parse reads it.
func Write(w io.Writer, list []upgrade.Price) error {
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return err
	}
	for _, p := range list {
		price, _, _ := strings.Cut(upgrade.Money(p.Minor, p.Currency), " ")
		if err := out.Write([]string{p.Offer, p.Market, p.Term, p.BillingCycle, p.Currency, price}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
