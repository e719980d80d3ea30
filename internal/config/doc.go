// Package config is the configuration of our programs: flags, and behind each flag an environment variable.
//
// A value is taken from the flag, else from its environment variable, else from the profile, else from the default. An
// empty environment variable counts as unset. There is no configuration file. Which settings a program has, and which
// of them it must have, depends on its Role; -h shows them all, and Reference gives them to a test that holds the README
// to it. Everything that is wrong is reported at once, as upgrade.Problems, whose paths are the flags.
//
// Temporal's own settings are not here: the SDK's envconfig reads TEMPORAL_ADDRESS and its siblings, as in every other
// Temporal program.
//
// Secrets come from the environment or from files, since everybody on a machine can read a process's flags. There is no
// flag for a password or a client secret. (-smtp-url and -register may carry a password; set their environment variables
// then.) In Settings secrets are upgrade.Secret, and so print as [redacted].
//
// The dev profile names what `go -C dev run .` starts, and keys that everybody knows. So it refuses every address that is
// not loopback: no mistake can send a customer's token to a key that protects nothing.
package config
