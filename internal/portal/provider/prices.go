package provider

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"uplift/internal/portal/access"
	"uplift/internal/pricelist"
	"uplift/upgrade"
)

// pricesPage is the provider's price list.
type pricesPage struct {
	Rows   []priceRow
	Offers map[string]string
}

type priceRow struct {
	upgrade.Price
	Amount string
}

func (p *provider) prices(q *request) (answer, error) {
	list, err := p.Desk.Prices(q.Context(), q.who)
	if err != nil {
		return answer{}, err
	}
	data := pricesPage{Offers: map[string]string{}}
	for _, o := range p.Catalog.Offers() {
		data.Offers[string(o.ID)] = o.Name
	}
	for _, one := range list {
		data.Rows = append(data.Rows, priceRow{Price: one, Amount: upgrade.Money(one.Minor, one.Currency)})
	}
	return answer{template: "prices", title: "Price list", section: "/prices", data: data}, nil
}

// pricesCSV is the list as the upload takes it.
func (p *provider) pricesCSV(w http.ResponseWriter, r *http.Request) {
	q := &request{Request: r, w: w}
	q.who, _ = access.From(r.Context())
	list, err := p.Desk.Prices(r.Context(), q.who)
	var b bytes.Buffer
	if err == nil {
		err = pricelist.Write(&b, list)
	}
	if err != nil {
		p.refuse(q, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="prices.csv"`)
	_, _ = w.Write(b.Bytes())
}

// uploadPrices takes a whole list, or nothing of it.
func (p *provider) uploadPrices(q *request) (answer, error) {
	file, _, err := q.FormFile("list")
	if err != nil {
		return answer{to: "/prices", said: &said{Bad: true, Words: "No file was chosen."}}, nil
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return answer{}, badFile()
	}
	list, problems := pricelist.Parse(data, p.Catalog)
	if len(problems) > 0 {
		return answer{to: "/prices", said: &said{Bad: true, Words: "The list was not taken; the one before stands.", Problems: problems}}, nil
	}
	if err := p.Desk.SavePrices(q.Context(), q.who, list, p.Now()); err != nil {
		return answer{to: "/prices", said: saidOf(err)}, nil
	}
	p.Log.Info("a price list was stored", "rows", len(list), "by", q.who.By())
	return saying("/prices", fmt.Sprintf("The list with %s is stored. Plans that are made from now on use it.", plural(len(list), "price"))), nil
}
