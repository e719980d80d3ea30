package main

import (
	_ "github.com/chromedp/chromedp"
	_ "github.com/compose-spec/compose-go/v2/loader"
	_ "github.com/jackc/pgx/v5"
	_ "github.com/peterbourgon/ff/v3"
	_ "go.temporal.io/sdk/contrib/envconfig"
	_ "uplift/upgrade"
)
