package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// machine is where the figures are from.
type machine struct {
	Cores     int       `json:"cores"`
	Processor string    `json:"processor,omitempty"`
	MemoryMB  int       `json:"memoryMB,omitempty"`
	System    string    `json:"system"`
	Go        string    `json:"go"`
	Server    string    `json:"temporalServer"`
	SDK       string    `json:"temporalSDK"`
	Commit    string    `json:"commit,omitempty"`
	At        time.Time `json:"at"`
}

// thisMachine describes the machine and what is built into this program.
func thisMachine(ctx context.Context) machine {
	m := machine{
		Cores: runtime.GOMAXPROCS(0), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), At: time.Now().UTC(),
		Processor: field("/proc/cpuinfo", "model name"), Commit: commit(ctx),
	}
	if kb, err := strconv.Atoi(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB")); err == nil {
		m.MemoryMB = kb / 1024
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			switch d.Path {
			case "go.temporal.io/server":
				m.Server = d.Version
			case "go.temporal.io/sdk":
				m.SDK = d.Version
			}
		}
	}
	return m
}

// commit is the revision of the work tree; `go run` does not stamp it, so git is asked, and where there is none nothing is said.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return ""
	}
	id := strings.TrimSpace(string(out))
	changed, err := exec.CommandContext(ctx, "git", "status", "--porcelain", "--", "..", ":(exclude)../docs").Output()
	if err == nil && len(changed) > 0 {
		id += " with changes"
	}
	return id
}

// field reads a line such as "MemTotal:  123 kB" of a file of the Linux kernel; empty where there is no such file or line.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// memory reads a figure of a process in MB, such as VmHWM, its peak, or VmRSS, what it has now. Linux alone tells it.
func memory(pid int, name string) (float64, error) {
	value := field(fmt.Sprintf("/proc/%d/status", pid), name)
	kb, err := strconv.ParseFloat(strings.TrimSuffix(value, " kB"), 64)
	if err != nil {
		return 0, fmt.Errorf("the system does not tell %s of process %d", name, pid)
	}
	return kb * 1024 / 1e6, nil
}

// sentence describes the machine.
func (m machine) sentence() string {
	parts := []string{fmt.Sprintf("%d cores", m.Cores)}
	if m.Processor != "" {
		parts[0] += " (" + m.Processor + ")"
	}
	if m.MemoryMB > 0 {
		parts = append(parts, fmt.Sprintf("%.0f GB of memory", float64(m.MemoryMB)/1024))
	}
	parts = append(parts, m.System, m.Go, "Temporal server "+m.Server+" embedded", "Temporal SDK "+m.SDK)
	if m.Commit != "" {
		parts = append(parts, "commit "+m.Commit)
	}
	return strings.Join(parts, " · ")
}
