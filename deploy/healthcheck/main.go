// Command healthcheck asks a URL and exits with 0 when the answer is 200, with 1 otherwise. It is the health check of an
// image that has no shell and no other program to ask with.
package main

import (
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	if err := check(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "healthcheck:", err)
		os.Exit(1)
	}
}

func check(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want one URL, got %d arguments", len(args))
	}
	client := http.Client{Timeout: 3 * time.Second}
	resp, err := client.Get(args[0])
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", args[0], resp.Status)
	}
	return nil
}
