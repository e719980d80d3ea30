package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"

	"uplift/dev/internal/temporalserver"
	"uplift/internal/config"
	"uplift/internal/service"
	"uplift/internal/sim"
	"uplift/upgrade"
)

// running is what has been started.
type running struct {
	places   []place
	closers  []func() error // in the order of their start
	temporal *temporalserver.Server
	cloud    *sim.Cloud
	portal   string // host:port of the consent page
	settings *config.Settings
	worker   *service.Worker
	server   *service.Server // of the pages
}

// parts are started in this order, each knowing what stands before it, and closed in the opposite
// one.
var parts = []func(context.Context, settings, *slog.Logger, *running) error{
	startCloud,
	startTemporal,
	startWorker,
	seedResellers,
	startPortal,
}

// start starts every part, or none.
func start(ctx context.Context, s settings, log *slog.Logger) (*running, error) {
	if s.data != "" {
		if err := os.MkdirAll(s.data, 0o700); err != nil {
			return nil, fmt.Errorf("-data: %w", err)
		}
	}
	all := &running{}
	var err error
	if s.portal, err = fixedPort(s.portal); err != nil {
		return nil, err
	}
	all.portal = s.portal
	for _, part := range parts {
		if err := part(ctx, s, log, all); err != nil {
			return nil, errors.Join(err, all.close())
		}
	}
	return all, nil
}

// close closes what has been started, the last one first.
func (r *running) close() error {
	var all []error
	for _, closer := range slices.Backward(r.closers) {
		all = append(all, closer())
	}
	return errors.Join(all...)
}

// startTemporal starts the Temporal server and its UI, whose payloads the portal decodes.
func startTemporal(ctx context.Context, s settings, log *slog.Logger, all *running) error {
	o := temporalserver.Options{
		FrontendAddr:     s.temporal,
		UIAddr:           s.ui,
		Retention:        30 * 24 * time.Hour, // the least that `starter doctor` asks for
		SearchAttributes: searchAttributes,
		CodecEndpoint:    "http://" + s.portal + "/codec",
		Log:              log,
	}
	if s.data != "" {
		o.DataFile = filepath.Join(s.data, "temporal.db")
	}
	server, err := temporalserver.Start(ctx, o)
	if err != nil {
		return err
	}
	all.temporal = server
	all.closers = append(all.closers, server.Close)
	all.places = append(all.places,
		place{"Temporal UI", server.UIURL(), "every upgrade, step by step"},
		place{"Temporal", server.FrontendAddr(), "for the Temporal CLI and other clients"})
	return nil
}

// searchAttributes are those that the workflows set. A production namespace has the same.
var searchAttributes = map[string]enums.IndexedValueType{
	upgrade.AttributeStage:           enums.INDEXED_VALUE_TYPE_KEYWORD,
	upgrade.AttributeOrder:           enums.INDEXED_VALUE_TYPE_KEYWORD,
	upgrade.AttributeCustomerTenant:  enums.INDEXED_VALUE_TYPE_KEYWORD,
	upgrade.AttributeSourceOffer:     enums.INDEXED_VALUE_TYPE_KEYWORD,
	upgrade.AttributeTargetOffer:     enums.INDEXED_VALUE_TYPE_KEYWORD,
	upgrade.AttributeEnd:             enums.INDEXED_VALUE_TYPE_KEYWORD,
	upgrade.AttributeBatch:           enums.INDEXED_VALUE_TYPE_KEYWORD,
	upgrade.AttributeReseller:        enums.INDEXED_VALUE_TYPE_KEYWORD,
	upgrade.AttributeNeedsOperator:   enums.INDEXED_VALUE_TYPE_BOOL,
	upgrade.AttributeConsentDeadline: enums.INDEXED_VALUE_TYPE_DATETIME,
}
