package config

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"uplift/upgrade"
)

func TestLogger(t *testing.T) {
	for _, format := range logFormats() {
		var out bytes.Buffer
		logger, err := newLogger("warn", format, zapcore.AddSync(&out))
		if err != nil {
			t.Fatal(err)
		}
		logger.Info("too quiet")
		logger.Warn("slow", zap.Any("token", upgrade.Secret("s3cret")), zap.Stringer("key", upgrade.Secret("s3cret")),
			zap.Any("settings", Settings{ClientSecret: "s3cret", SMTP: SMTP{Password: "s3cret"}}))
		if strings.Count(out.String(), "\n") != 1 || !strings.Contains(out.String(), "slow") || strings.Contains(out.String(), "s3cret") {
			t.Errorf("%s: %s", format, out.String())
		}
		var line struct{ Time, Level, Msg string }
		if err := json.Unmarshal(out.Bytes(), &line); (err == nil) != (format == formatJSON) {
			t.Errorf("%s: %v", format, err)
		} else if err == nil && (line.Level != "warn" || !strings.HasSuffix(line.Time, "Z")) {
			t.Errorf("%+v", line)
		}
	}
	for _, level := range logLevels() {
		if _, err := NewLogger(level, formatJSON); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range [][2]string{{"loud", formatJSON}, {"info", "xml"}} {
		if _, err := NewLogger(bad[0], bad[1]); upgrade.CodeOf(err) != "bad_setting" {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
