package temporalserver

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"

	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// noLog is for our own clients, which are asked only whether the server is up.
var noLog = sdklog.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))

// needless is how the one warning begins that this configuration always causes: nothing here uses
// Nexus, which is all that the HTTP port would serve.
const needless = "HTTP API port has not been set."

// logger hands the server's warnings and errors to slog, until it is muted.
type logger struct {
	to    *slog.Logger // nil discards
	muted atomic.Bool
}

var _ log.Logger = (*logger)(nil)

func newLogger(to *slog.Logger) *logger { return &logger{to: to} }

func (l *logger) mute() { l.muted.Store(true) }

func (l *logger) Debug(string, ...tag.Tag)           {}
func (l *logger) Info(string, ...tag.Tag)            {}
func (l *logger) Warn(msg string, tags ...tag.Tag)   { l.write(slog.LevelWarn, msg, tags) }
func (l *logger) Error(msg string, tags ...tag.Tag)  { l.write(slog.LevelError, msg, tags) }
func (l *logger) DPanic(msg string, tags ...tag.Tag) { l.write(slog.LevelError, msg, tags) }

// Panic and Fatal panic, as the server expects not to go on; while it starts, Start makes an error
// of that.
func (l *logger) Panic(msg string, tags ...tag.Tag) { l.giveUp(msg, tags) }
func (l *logger) Fatal(msg string, tags ...tag.Tag) { l.giveUp(msg, tags) }

func (l *logger) giveUp(msg string, tags []tag.Tag) {
	l.write(slog.LevelError, msg, tags)
	for _, t := range tags {
		if t.Key() == "error" {
			msg = fmt.Sprintf("%s: %v", msg, t.Value())
		}
	}
	panic(msg)
}

func (l *logger) write(level slog.Level, msg string, tags []tag.Tag) {
	if l.to == nil || l.muted.Load() || strings.HasPrefix(msg, needless) || !l.to.Enabled(context.Background(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, len(tags))
	for _, t := range tags {
		attrs = append(attrs, slog.Any(t.Key(), t.Value()))
	}
	l.to.LogAttrs(context.Background(), level, "temporal: "+msg, attrs...)
}
