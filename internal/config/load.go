package config

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"uplift/upgrade"
)

// source is where a value was taken from.
type source int

const (
	fromDefault source = iota
	fromProfile
	fromEnvironment
	fromFlag
)

// value is a setting's text. As a flag.Value it remembers that the command line gave it, however many flag sets of
// sub-commands it is registered with.
type value struct {
	text   string
	from   source
	secret bool
}

// Set implements flag.Value.
func (v *value) Set(text string) error {
	v.text, v.from = text, fromFlag
	return nil
}

// String implements flag.Value. It is what -h prints as the default, so what may hold a password is hidden.
func (v *value) String() string {
	if v == nil {
		return ""
	}
	if v.secret && v.from != fromDefault {
		return upgrade.Secret("").String()
	}
	return v.text
}

// Register defines the flags of a role in fs. It may be called for several flag sets, such as those of sub-commands: a
// flag given to any of them counts. Load then completes the settings.
func (s *Settings) Register(fs *flag.FlagSet, role Role) {
	for _, one := range table() {
		if one.has&role != 0 {
			fs.Var(s.value(one), one.flag, fmt.Sprintf("%s (%s)", one.help, one.env))
		}
	}
}

func (s *Settings) value(one setting) *value {
	if s.given == nil {
		s.given = map[string]*value{}
	}
	v, ok := s.given[one.flag]
	if !ok {
		v = &value{text: one.def, secret: one.secret}
		s.given[one.flag] = v
	}
	return v
}

// Load completes the settings of a role after the flags were parsed: it takes from the environment and the profile what
// the flags left open, and checks everything. Its error is upgrade.Problems with all that is wrong. No value of a setting
// that may hold a secret is part of it.
func (s *Settings) Load(role Role, getenv func(string) string) error {
	var problems upgrade.Problems
	for _, one := range table() {
		if one.has&role == 0 {
			continue
		}
		v := s.value(one)
		// Blank text is no value: a variable that expanded to nothing must neither open -listen to everybody nor put a
		// default in the place of the dev profile's value.
		if v.from == fromFlag && blank(v.text) {
			v.text, v.from = one.def, fromDefault
		}
		if text := getenv(one.env); v.from != fromFlag && !blank(text) {
			v.text, v.from = text, fromEnvironment
		}
		// The profile is the table's first row, so it is known to every other.
		if v.from == fromDefault && s.Dev() && one.dev != "" {
			v.text, v.from = one.dev, fromProfile
		}
		if problem := s.accept(one, v.text, role); problem != nil {
			problems = append(problems, *problem)
		}
	}
	// Serve needs a credential where it has the application to which it belongs.
	if role == Serve && (s.ClientID != "" || getenv(envSecret) != "") {
		s.takeCredential(getenv, &problems)
	}
	if role&Worker != 0 {
		s.takeCredential(getenv, &problems)
		s.checkPolicy(&problems)
	}
	if role&Serve != 0 {
		s.checkIdentityProvider(&problems)
	}
	if s.Dev() {
		s.takeTemporal(getenv)
		s.checkLoopback(&problems)
	}
	return problems.Err()
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// accept checks one value and puts it into its field.
func (s *Settings) accept(one setting, text string, role Role) *upgrade.Problem {
	if blank(text) {
		if one.needs&role == 0 || s.Dev() {
			return nil
		}
		return &upgrade.Problem{Path: "-" + one.flag, Code: "missing_setting", Message: "is needed and has no default",
			Remedy: fmt.Sprintf("give -%s or %s (%s)", one.flag, one.env, one.example)}
	}
	problem := one.take(s, strings.TrimSpace(text))
	if problem == nil {
		return nil
	}
	problem.Path = "-" + one.flag
	if problem.Remedy == "" {
		problem.Remedy = fmt.Sprintf("correct -%s or %s", one.flag, one.env)
	}
	return problem
}

// Parse reads the settings of a program that takes flags and nothing else. It prints the usage to stderr when asked by
// -h, and then returns flag.ErrHelp. A program with sub-commands uses Register and Load.
func Parse(program string, role Role, args []string, getenv func(string) string, stderr io.Writer) (*Settings, error) {
	var s Settings
	fs := flag.NewFlagSet(program, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // the flag package would print the error too; whoever called us prints it once
	fs.Usage = func() { io.WriteString(stderr, Usage(program, role)) }
	s.Register(fs, role)
	if err := fs.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return nil, err
		}
		return nil, upgrade.Problems{{Code: "bad_flags", Message: err.Error(), Remedy: program + " -h lists the flags"}}
	}
	if fs.NArg() > 0 {
		return nil, upgrade.Problems{{Code: "bad_flags", Message: fmt.Sprintf("%q is no flag", fs.Arg(0)), Remedy: program + " -h lists the flags"}}
	}
	if err := s.Load(role, getenv); err != nil {
		return nil, err
	}
	return &s, nil
}
