package config

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"uplift/internal/keyfile"
	"uplift/upgrade"
)

// Destination is a billing system that is called back.
type Destination struct {
	Name    string
	URL     string
	Secrets []upgrade.Secret       // callbacks are signed under each, so that one may take the place of another
	Types   []upgrade.CallbackType // none: all
}

// callbacksFile is the file's form.
type callbacksFile struct {
	Destinations []struct {
		Name        string                 `json:"name"`
		URL         string                 `json:"url"`
		SecretFiles []string               `json:"secretFiles"`
		Types       []upgrade.CallbackType `json:"types,omitempty"`
	} `json:"destinations"`
}

const (
	maxCallbacksFile = 1 << 20
	maxDestinations  = 20
	maxSecrets       = 4
)

var destinationName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,49}$`)

// takeCallbacks reads the callbacks file. Every problem is told, each with its place in the file; no secret is repeated.
func (s *Settings) takeCallbacks(problems *upgrade.Problems) {
	s.Callbacks = nil
	if s.CallbacksFile == "" {
		return
	}
	var found upgrade.Problems
	defer func() {
		for _, one := range found {
			if one.Path != "" {
				one.Message = one.Path + ": " + one.Message
			}
			if one.Path = "-callbacks"; one.Remedy == "" {
				one.Remedy = "correct " + s.CallbacksFile
			}
			*problems = append(*problems, one)
		}
	}()
	f, err := os.Open(s.CallbacksFile)
	if err != nil {
		found.Add("", "bad_setting", "the file cannot be read: "+err.Error(), "name a readable file")
		return
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxCallbacksFile+1))
	if err != nil || len(data) > maxCallbacksFile {
		found.Add("", "bad_setting", "the file cannot be read, or has more than 1 MiB", "name a readable file")
		return
	}
	var file callbacksFile
	if found = upgrade.DecodeStrict(data, &file); len(found) > 0 {
		return
	}
	if n := len(file.Destinations); n == 0 || n > maxDestinations {
		found.Add("destinations", "bad_setting", fmt.Sprintf("1 to %d destinations are needed", maxDestinations), "")
	}
	names := map[string]bool{}
	for i, d := range file.Destinations {
		at := fmt.Sprintf("destinations[%d]", i)
		out := Destination{Name: d.Name, Types: d.Types}
		if !destinationName.MatchString(d.Name) || names[d.Name] {
			found.Add(at+".name", "bad_setting", "a name has 1 to 50 of a-z, 0-9, . _ and -, and only one destination has it", "")
		}
		names[d.Name] = true
		if parsed, problem := callbackURL(d.URL); problem != nil {
			found.Add(at+".url", problem.Code, problem.Message, problem.Remedy)
		} else {
			out.URL = parsed
		}
		for j, t := range d.Types {
			if !slices.Contains(upgrade.CallbackTypes(), t) {
				found.Add(fmt.Sprintf("%s.types[%d]", at, j), "bad_setting", fmt.Sprintf("%q is no callback", t), "")
			}
		}
		if n := len(d.SecretFiles); n == 0 || n > maxSecrets {
			found.Add(at+".secretFiles", "bad_setting", fmt.Sprintf("1 to %d files are needed, each with one secret", maxSecrets), "")
		}
		for j, name := range d.SecretFiles {
			secret, err := s.callbackSecret(name)
			if err != nil {
				found.Add(fmt.Sprintf("%s.secretFiles[%d]", at, j), err.Code, err.Message, err.Remedy)
				continue
			}
			out.Secrets = append(out.Secrets, secret)
		}
		s.Callbacks = append(s.Callbacks, out)
	}
}

// callbackURL lets a query stand, which some receivers need.
func callbackURL(text string) (string, *upgrade.Problem) {
	bare, query, _ := strings.Cut(text, "?")
	parsed, problem := webURL(bare)
	if problem != nil {
		return "", problem
	}
	if strings.ContainsAny(query, "#\x00\r\n ") {
		return "", wrong("may not have a fragment")
	}
	parsed.RawQuery = query
	return parsed.String(), nil
}

// callbackSecret reads a file with one secret; its path is seen from the callbacks file.
func (s *Settings) callbackSecret(name string) (upgrade.Secret, *upgrade.Problem) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(s.CallbacksFile), name)
	}
	data, err := keyfile.Read(name)
	if err != nil {
		return "", fileProblem(err)
	}
	text := strings.TrimSpace(string(data))
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
	if err != nil || !strings.HasPrefix(text, "whsec_") || len(key) < 24 || len(key) > 64 {
		return "", wrong("%s does not hold whsec_ and the base64 of 24 to 64 bytes", name)
	}
	return upgrade.Secret(text), nil
}
