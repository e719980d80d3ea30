// Package temporalserver runs a whole Temporal server and its web UI inside this process, for
// trying Uplift out and for tests on a real server. Production uses a server of its own.
//
// One call does it:
//
//	server, err := temporalserver.Start(ctx, temporalserver.Options{
//		SearchAttributes: map[string]enums.IndexedValueType{"UpliftStage": enums.INDEXED_VALUE_TYPE_KEYWORD},
//	})
//	defer server.Close()
//	c, err := client.Dial(client.Options{HostPort: server.FrontendAddr()})
//
// All four services (frontend, history, matching, worker) share one SQLite database, in memory or
// in a file. Schema, namespace and search attributes are written into that database before the
// server opens a port, so that nobody ever meets a half-prepared namespace. A data file may be
// used again after any end of the process, SIGKILL included: the schema is made in one
// transaction, and SQLite keeps a write-ahead log.
//
// # Limitations
//
//   - It listens on loopback only and asks nobody for a password.
//   - One history shard and one database connection: enough for a demo, not for load.
//   - A data file belongs to the Temporal version that made it; there is no migration.
//   - The server's SQLite plugin keeps its connection until the process ends, also after Close.
package temporalserver
