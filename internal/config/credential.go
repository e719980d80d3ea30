package config

import (
	"crypto/tls"
	"errors"
	"strings"

	"uplift/internal/keyfile"
	"uplift/upgrade"
)

const (
	flagSecretFile  = "client-secret-file"
	flagCertificate = "client-certificate"
	// envSecret has no flag: everybody on a machine can read a process's arguments.
	envSecret = "UPLIFT_CLIENT_SECRET"
)

func takeSecretFile(s *Settings, text string) *upgrade.Problem {
	data, err := keyfile.Read(text)
	if err != nil {
		return fileProblem(err)
	}
	secret := strings.TrimSpace(string(data)) // an editor ends a file with a line break, which is no part of the secret
	if secret == "" {
		return wrong("%s is empty", text)
	}
	s.ClientSecret = upgrade.Secret(secret)
	return nil
}

func takeCertificate(s *Settings, text string) *upgrade.Problem {
	data, err := keyfile.Read(text)
	if err != nil {
		return fileProblem(err)
	}
	if _, err := tls.X509KeyPair(data, data); err != nil {
		return wrong("%s must hold a certificate and its unencrypted private key, both as PEM", text)
	}
	s.ClientCertificate = upgrade.Secret(data)
	return nil
}

// takeCredential settles how we prove to Entra who we are: exactly one of the three ways. With two, a forgotten one
// would silently decide.
func (s *Settings) takeCredential(getenv func(string) string, problems *upgrade.Problems) {
	var given []string
	for _, name := range []string{flagSecretFile, flagCertificate} {
		if v := s.given[name]; v != nil && v.text != "" {
			given = append(given, "-"+name)
		}
	}
	if secret := strings.TrimSpace(getenv(envSecret)); secret != "" {
		given = append(given, envSecret)
		s.ClientSecret = upgrade.Secret(secret)
	}
	switch {
	case len(given) == 0 && s.Dev():
		s.ClientSecret = upgrade.Secret(DevClientSecret)
	case len(given) == 0:
		problems.Add("-"+flagSecretFile, "missing_setting", "the app's credential is needed and has no default",
			"give "+envSecret+", -"+flagSecretFile+" (UPLIFT_CLIENT_SECRET_FILE) or -"+flagCertificate+" (UPLIFT_CLIENT_CERTIFICATE_FILE)")
	case len(given) > 1:
		problems.Add(given[0], "conflicting_settings", "the app's credential is given more than once: "+strings.Join(given, ", "),
			"keep one of them")
	}
}

// fileProblem is what keyfile said, with its stable code.
func fileProblem(err error) *upgrade.Problem {
	problem := wrong("the file cannot be used")
	var e *upgrade.Error
	if errors.As(err, &e) {
		problem.Code, problem.Message = e.Code, e.Message
		if e.Err != nil {
			problem.Message += ": " + e.Err.Error()
		}
	}
	return problem
}
