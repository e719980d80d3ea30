// Command worker is the product's worker for the bench, which starts it to measure its memory, and to kill it: a program of its own,
// without the Temporal server and the simulated Microsoft that the bench has in it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"uplift/dev/bench/role"
)

func main() {
	if err := work(os.Getenv(role.Variable)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// work plays the role until it is told to end, and says on standard output when it has begun.
func work(given string) error {
	var r role.Role
	if err := json.Unmarshal([]byte(given), &r); err != nil {
		return fmt.Errorf("%s: %w", role.Variable, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() { // whoever started us holds our standard input: when it is gone, so are we
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	w, err := r.Start(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	fmt.Println("ready")
	return w.Run(ctx)
}
