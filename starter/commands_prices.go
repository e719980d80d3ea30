package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/peterbourgon/ff/v3/ffcli"

	"uplift/internal/pricelist"
	"uplift/internal/temporalclient"
	"uplift/upgrade"
)

// prices uploads and shows the provider's price list.
func (a *app) prices() *ffcli.Command {
	var by, market string
	c := a.command("prices", "upload FILE | show", "Upload or show the provider's price list",
		"By it a plan estimates what it costs a month. An upload takes the place of the whole list. The file is CSV, - is the standard\n"+
			"input; its first line is offer,market,term,billingCycle,currency,price. `starter prices show -o csv` writes such a file.\n"+
			"Every line that is wrong is named, and nothing is uploaded then.",
		func(fs *flag.FlagSet) {
			fs.StringVar(&by, "by", "", "`who` uploads; recorded (default: the user of this machine)")
			fs.StringVar(&market, "market", "", "show only what holds in this `country`")
			fs.Lookup("o").Usage = "`form` of the output: text, json or csv"
		}, nil)
	c.Exec = a.checked(func(ctx context.Context, args []string) error {
		switch {
		case len(args) == 2 && args[0] == "upload" && a.output != "csv":
			return a.uploadPrices(ctx, args[1], first(by, a.me()))
		case len(args) == 1 && args[0] == "show":
			return a.showPrices(ctx, strings.ToUpper(market))
		}
		return usageError("say `starter prices upload FILE`, or `starter prices show`")
	}, "csv")
	return c
}

func (a *app) uploadPrices(ctx context.Context, file, by string) error {
	data, err := a.readFile(file)
	if err != nil {
		return err
	}
	c, settingsProblems, err := a.loadCatalog()
	if err != nil {
		return err
	}
	list, problems := pricelist.Parse(data, c)
	if problems = append(problems, settingsProblems...); len(problems) > 0 {
		return problems
	}
	stored, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) (upgrade.PricesStored, error) {
		return c.StorePrices(ctx, upgrade.PriceList{Prices: list, By: by})
	})
	if err != nil {
		return err
	}
	return a.show(stored, func(t *table) { t.line(fmt.Sprintf("The price list has %d rows now.", stored.Rows)) })
}

// readFile reads a file, or the standard input, one byte more than what is taken.
func (a *app) readFile(file string) ([]byte, error) {
	in := a.stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, usageError("%v", err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, upgrade.MaxInput+1))
	if err != nil {
		return nil, usageError("%v", err)
	}
	return data, nil
}

func (a *app) showPrices(ctx context.Context, market string) error {
	list, err := asked(ctx, a, func(ctx context.Context, c *temporalclient.Connection) ([]upgrade.Price, error) {
		return c.Prices(ctx, market)
	})
	if err != nil {
		return err
	}
	if a.output == "csv" {
		return pricelist.Write(a.stdout, list)
	}
	return a.show(upgrade.PriceList{Prices: list}, func(t *table) { priceTable(t, list) })
}

func priceTable(t *table, list []upgrade.Price) {
	if len(list) == 0 {
		t.line("There are none. Upload a list with `starter prices upload FILE`.")
		return
	}
	t.row("OFFER", "MARKET", "TERM", "BILLED", "PRICE OF A SEAT")
	for _, p := range list {
		t.row(p.Offer, first(p.Market, "everywhere"), p.Term, p.BillingCycle, upgrade.Money(p.Minor, p.Currency))
	}
}
