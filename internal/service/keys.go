package service

import (
	"go.uber.org/zap"

	"uplift/internal/codec"
	"uplift/internal/config"
	"uplift/internal/seal"
)

// keys opens a key file, or takes the development keys where the dev profile names none. Which keys are used is logged,
// since development keys protect nothing.
func keys(s *config.Settings, purpose, file string, log *zap.Logger) (*seal.Keys, error) {
	if file == "" && s.Dev() {
		k := seal.Dev(purpose)
		log.Debug("keys", zap.String("purpose", purpose), zap.Stringer("keys", k))
		return k, nil
	}
	return seal.Open(file)
}

// ring opens the payload codec's keys.
func ring(s *config.Settings) (*codec.Ring, error) {
	if s.CodecKeyFile == "" && s.Dev() {
		return codec.Dev(), nil
	}
	return codec.Open(s.CodecKeyFile)
}
