package config

import (
	"fmt"
	"os"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"uplift/upgrade"
)

const (
	formatJSON    = "json"
	formatConsole = "console"
)

func logLevels() []string  { return []string{"debug", "info", "warn", "error"} }
func logFormats() []string { return []string{formatJSON, formatConsole} }

// NewLogger returns a logger that writes to the standard error: one JSON object a line for machines, or columns for
// people. Times are UTC with milliseconds. Nothing is sampled away, since a line that is missing misleads more than a
// full disk does.
func NewLogger(level, format string) (*zap.Logger, error) {
	return newLogger(level, format, zapcore.Lock(os.Stderr))
}

func newLogger(level, format string, to zapcore.WriteSyncer) (*zap.Logger, error) {
	least, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_setting", Message: fmt.Sprintf("%q is no log level", level)}
	}
	form := zap.NewProductionEncoderConfig()
	form.TimeKey, form.EncodeTime = "time", encodeTime
	var encoder zapcore.Encoder
	switch format {
	case formatJSON:
		encoder = zapcore.NewJSONEncoder(form)
	case formatConsole:
		form.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(form)
	default:
		return nil, &upgrade.Error{Kind: upgrade.Invalid, Code: "bad_setting", Message: fmt.Sprintf("%q is no log format", format)}
	}
	return zap.New(zapcore.NewCore(encoder, to, least), zap.ErrorOutput(to)), nil
}

func encodeTime(t time.Time, to zapcore.PrimitiveArrayEncoder) {
	to.AppendString(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}
