package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/api/enums/v1"

	"uplift/dev/internal/temporalserver"
	"uplift/internal/config"
	"uplift/internal/service"
)

// roleVariable names the environment variable that makes this program one process of the product: it holds a role as JSON.
const roleVariable = "UPLIFT_CAMPAIGN_ROLE"

// The processes of the product.
const (
	temporalRole = "temporal"
	cloudRole    = "cloud"
	workerRole   = "worker"
	serveRole    = "serve"
)

// role is what one process does.
type role struct {
	Name     string
	Temporal string // host:port of the server
	Data     string // the folder of the run
	Portal   string // host:port of the consent page
	Args     []string
	Pace     float64
	Seed     uint64
	Harm     float64 // multiplies the chances of the faults; negative: none but those that are injected
	Epoch    epoch
	Careless bool // the planted defect
}

// epoch is a moment on both clocks, from which every process extrapolates Microsoft's.
type epoch struct{ Real, Virtual time.Time }

func (e epoch) now(pace float64) time.Time {
	return e.Virtual.Add(time.Duration(float64(time.Since(e.Real)) * pace))
}

// act plays the role that the environment names; false: it names none, and this is the campaign itself.
func act(getenv func(string) string) (bool, error) {
	given := getenv(roleVariable)
	if given == "" {
		return false, nil
	}
	var r role
	if err := json.Unmarshal([]byte(given), &r); err != nil {
		return true, err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { // whoever started us holds our standard input: when it is gone, so are we
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	switch r.Name {
	case temporalRole:
		return true, r.temporal(ctx)
	case cloudRole:
		return true, r.cloud(ctx)
	case workerRole:
		return true, r.worker(ctx)
	case serveRole:
		return true, r.serve(ctx)
	}
	return true, fmt.Errorf("there is no role %q", r.Name)
}

// ready tells the campaign that the process is at work: the first line that it prints.
func ready(v any) error {
	out := bufio.NewWriter(os.Stdout)
	if err := json.NewEncoder(out).Encode(v); err != nil {
		return err
	}
	return out.Flush()
}

func (r role) temporal(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	attributes := map[string]enums.IndexedValueType{}
	for _, key := range service.SearchAttributes() {
		attributes[key.GetName()] = key.GetValueType()
	}
	server, err := temporalserver.Start(ctx, temporalserver.Options{
		FrontendAddr: r.Temporal, DataFile: filepath.Join(r.Data, "temporal.db"), Retention: 30 * 24 * time.Hour, SearchAttributes: attributes, Log: log,
	})
	if err != nil {
		return err
	}
	if err := ready(struct{}{}); err != nil {
		return errors.Join(err, server.Close())
	}
	select {} // until it is killed
}

// settings are given as a person would give them.
func (r role) settings() (*config.Settings, error) {
	return config.Parse("campaign", config.Worker|config.Serve, r.Args, func(name string) string {
		if name == "TEMPORAL_ADDRESS" {
			return r.Temporal
		}
		return ""
	}, io.Discard)
}

func (r role) worker(ctx context.Context) error {
	settings, err := r.settings()
	if err != nil {
		return err
	}
	log, err := config.NewLogger(settings.LogLevel, settings.LogFormat)
	if err != nil {
		return err
	}
	options := service.WorkerOptions{Settings: settings, Log: log, Now: func() time.Time { return r.Epoch.now(r.Pace) }}
	if r.Careless {
		options.Commerce = newCareless
	}
	w, err := service.NewWorker(ctx, options)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := ready(struct{}{}); err != nil {
		return err
	}
	return w.Run(ctx)
}

func (r role) serve(ctx context.Context) error {
	settings, err := r.settings()
	if err != nil {
		return err
	}
	log, err := config.NewLogger(settings.LogLevel, settings.LogFormat)
	if err != nil {
		return err
	}
	server, err := service.NewServer(ctx, settings, log)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := ready(struct{}{}); err != nil {
		return err
	}
	return server.Run(ctx)
}
