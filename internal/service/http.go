package service

import (
	"net/http"
	"time"

	"go.uber.org/zap"
)

// httpServer is every server of ours: whoever sends or reads slowly, says nothing, or sends headers without an end is let go.
// The stream of an open page moves its own write deadline on, and so outlives writeTimeout. What a body may have is each
// handler's to bound.
func httpServer(handler http.Handler, log *zap.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second, // with the body
		WriteTimeout:      writeTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          zap.NewStdLog(log),
	}
}

// writeTimeout bounds an answer from the end of the request's headers: what Temporal takes to say it, and what a slow reader
// takes for it.
const writeTimeout = time.Minute
