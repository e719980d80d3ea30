package config

import (
	"flag"
	"fmt"
	"strings"
)

// Setting describes one setting, for the usage text and for the README.
type Setting struct {
	Flag     string // with its dash; empty for what only the environment may hold
	Env      string
	Default  string
	Required bool // by one of the roles asked for, outside the dev profile
	Secret   bool // may hold a secret
	Help     string
}

// Reference is every setting that the role has, in the order in which -h shows them.
func Reference(role Role) []Setting {
	var all []Setting
	for _, one := range table() {
		if one.has&role == 0 {
			continue
		}
		_, help := flag.UnquoteUsage(&flag.Flag{Usage: one.help, Value: &value{}})
		if one.flag == flagSecretFile {
			all = append(all, Setting{Env: envSecret, Secret: true, Required: role&Worker != 0,
				Help: "the app's client secret; or one of the two files that follow"})
		}
		all = append(all, Setting{Flag: "-" + one.flag, Env: one.env, Default: one.def, Help: help,
			Required: one.needs&role != 0, Secret: one.secret})
	}
	return all
}

// Usage is what -h prints: the whole configuration.
func Usage(program string, role Role) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s [flags]\n\nA flag wins over its environment variable, that over the profile, that over the default.\n\n", program)
	for _, one := range Reference(role) {
		names := one.Env
		if one.Flag != "" {
			names = one.Flag + ", " + one.Env
		}
		fmt.Fprintf(&b, "  %s\n        %s", names, one.Help)
		switch {
		case one.Default != "":
			fmt.Fprintf(&b, " (default %s)", one.Default)
		case one.Required:
			b.WriteString(" (needed)")
		}
		b.WriteString("\n")
	}
	b.WriteString("\nTemporal's own settings are TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS and\n" +
		"its siblings, or a profile in TEMPORAL_CONFIG_FILE, as for the official CLI.\n")
	return b.String()
}

// Markdown is the README's table of all settings. A test compares the two, so that neither goes its own way.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| Flag | Environment | Default | Needed by | What |\n|---|---|---|---|---|\n")
	needs := map[string][]string{}
	for _, role := range []struct {
		role Role
		name string
	}{{Worker, "worker"}, {Serve, "serve"}, {CLI, "CLI"}} {
		for _, one := range Reference(role.role) {
			if one.Required {
				needs[one.Env] = append(needs[one.Env], role.name)
			}
		}
	}
	for _, one := range Reference(everybody) {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code(one.Flag), code(one.Env), code(one.Default),
			strings.Join(needs[one.Env], ", "), one.Help)
	}
	return b.String()
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
