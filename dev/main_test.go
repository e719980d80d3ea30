package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"uplift/internal/config"
	"uplift/internal/sim"
)

func TestSettings(t *testing.T) {
	shell := t.TempDir()
	none := map[string]string{}
	for name, c := range map[string]struct {
		args []string
		env  map[string]string
		got  func(settings) any
		want any
	}{
		"default":          {nil, none, func(s settings) any { return s.temporal }, "127.0.0.1:7233"},
		"flag":             {[]string{"-temporal", "127.0.0.1:0"}, none, func(s settings) any { return s.temporal }, "127.0.0.1:0"},
		"environment":      {nil, map[string]string{"UPLIFT_DEV_SIM_ADMIN": "127.0.0.1:1"}, func(s settings) any { return s.simAdmin }, "127.0.0.1:1"},
		"flag first":       {[]string{"-pace", "2"}, map[string]string{"UPLIFT_DEV_PACE": "3"}, func(s settings) any { return s.pace }, 2.0},
		"customers":        {[]string{"-customers", "500"}, none, func(s settings) any { return s.customers }, 500},
		"no data":          {nil, map[string]string{"PWD": shell}, func(s settings) any { return s.data }, ""},
		"data from shell":  {[]string{"-data", "state/x"}, map[string]string{"PWD": shell}, func(s settings) any { return s.data }, filepath.Join(shell, "state", "x")},
		"data, absolute":   {[]string{"-data", shell}, map[string]string{"PWD": "/"}, func(s settings) any { return s.data }, shell},
		"data, no PWD":     {[]string{"-data", "x"}, none, func(s settings) any { return s.data }, absolute(t, "x")},
		"data, stale PWD":  {[]string{"-data", "x"}, map[string]string{"PWD": filepath.Join(shell, "gone")}, func(s settings) any { return s.data }, absolute(t, "x")},
		"data, broken PWD": {[]string{"-data", "x"}, map[string]string{"PWD": "here"}, func(s settings) any { return s.data }, absolute(t, "x")},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := parse(c.args, func(name string) string { return c.env[name] }, io.Discard)
			if err != nil || c.got(s) != c.want {
				t.Errorf("got %v, %v; want %v", c.got(s), err, c.want)
			}
		})
	}
}

// TestDevProfile holds that `worker -profile dev` and `starter -profile dev` find what this command starts.
func TestDevProfile(t *testing.T) {
	none := func(string) string { return "" }
	s, err := parse(nil, none, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := config.Parse("worker", config.Worker|config.Serve, []string{"-profile", "dev"}, none, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{profile.TemporalAddress, s.temporal},
		{profile.EntraURL, "http://" + s.entra},
		{profile.GraphURL, "http://" + s.graph + "/v1.0"},
		{profile.PartnerURL, "http://" + s.partner + "/v1"},
		{profile.SMTP.URL(), "smtp://" + s.smtp},
		{profile.Listen, s.portal},
		{profile.PublicURL, "http://" + s.portal},
		{profile.CodecOrigins[0], "http://" + s.ui},
		{profile.OIDCIssuer, "http://" + s.entra + "/" + sim.DemoPartnerTenant + "/v2.0"},
		{profile.OIDCClientID, sim.DemoPortalClientID},
	} {
		if c[0] != c[1] {
			t.Errorf("the profile says %s, this command %s", c[0], c[1])
		}
	}
}

func TestSettingsRefused(t *testing.T) {
	env := map[string]string{"UPLIFT_DEV_PACE": "fast", "UPLIFT_DEV_DEMO": "perhaps"}
	_, err := parse(nil, func(name string) string { return env[name] }, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "UPLIFT_DEV_PACE") || !strings.Contains(err.Error(), "UPLIFT_DEV_DEMO") {
		t.Errorf("got %v, want both variables named", err)
	}
	for _, args := range [][]string{{"-pace", "0"}, {"-pace", "NaN"}, {"-customers", "-1"}, {"-customers", "1000000"}, {"serve"}, {"-nonsense"}} {
		if _, err := parse(args, func(string) string { return "" }, io.Discard); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
	var help bytes.Buffer
	if _, err := parse([]string{"-h"}, func(string) string { return "" }, &help); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: %v", err)
	}
	if !strings.Contains(help.String(), "-sim-admin") {
		t.Errorf("help lacks a flag:\n%s", &help)
	}
}

func TestRun(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "state")
	ctx, stop := context.WithCancel(t.Context())
	out := &screen{until: "Ctrl-C stops everything.", then: stop}
	limit := time.AfterFunc(time.Minute, stop)
	defer limit.Stop()
	args := []string{"-data", data}
	for _, name := range []string{"listen", "temporal", "ui", "entra", "graph", "partner", "sim-admin", "mailbox", "smtp"} {
		args = append(args, "-"+name, "127.0.0.1:0")
	}
	err := run(ctx, args, func(string) string { return "" }, out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Temporal UI", "http://127.0.0.1:", data, "Stopping."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the banner lacks %q:\n%s", want, out)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "temporal.db")); err != nil {
		t.Error(err)
	}
}

// screen keeps what is written, and calls then when it has read until.
type screen struct {
	bytes.Buffer
	until string
	then  func()
}

func (s *screen) Write(p []byte) (int, error) {
	n, err := s.Buffer.Write(p)
	if strings.Contains(s.String(), s.until) {
		s.then()
	}
	return n, err
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}
