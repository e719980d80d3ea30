// Starter is everything that starts or steers an upgrade: the command line, and `serve` with the consent page and the
// codec endpoint.
//
// Its commands other than serve, partner and doctor talk to Temporal only, and have no privilege there: whatever they do
// can be done with the official Temporal CLI as well. They hold no credential of Microsoft's and never see the register.
// partner and doctor are for whoever runs a worker: they have its settings.
//
// Where to find what:
//
//   - main.go, app.go: from arguments to a command
//   - exit.go: what the exit codes mean; -h prints the same table
//   - connect.go: from settings to Temporal
//   - order.go, orderflags.go: an order from a file or from flags, with every problem found before anything starts
//   - commands_*.go: the commands
//   - watch.go: the live view
//   - print.go: tables and JSON
package main
