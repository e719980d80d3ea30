package temporalserver

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/persistence/sql"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/resolver"
	"go.temporal.io/server/common/searchattribute/sadefs"
	schema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// prepareStore makes the database ready for a server: schema, namespace and search attributes.
func prepareStore(ctx context.Context, o Options) (*config.SQL, error) {
	store := &config.SQL{PluginName: sqlite.PluginName}
	if o.DataFile == "" {
		store.DatabaseName = uuid.NewString() // shared by all connections of this process
		store.ConnectAttributes = map[string]string{"mode": "memory", "cache": "shared"}
	} else {
		file, err := filepath.Abs(o.DataFile)
		if err != nil {
			return nil, fmt.Errorf("data file: %w", err)
		}
		// The name becomes part of a URI, where a question mark would end it.
		store.DatabaseName = (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath()
		store.ConnectAttributes = map[string]string{
			"mode": "rwc",
			// With these two, nothing that was committed is lost when the process is killed.
			"journal_mode": "wal",
			"synchronous":  "normal",
			"busy_timeout": "10000", // milliseconds: a dying predecessor may still hold the file
		}
		if err := ensureSchema(ctx, store.DatabaseName); err != nil {
			return nil, fmt.Errorf("data file %s: %w", o.DataFile, err)
		}
	}
	if err := ensureNamespace(ctx, store, o); err != nil {
		return nil, fmt.Errorf("namespace %s: %w", o.Namespace, err)
	}
	return store, nil
}

// ensureSchema makes the tables in a file that has none. All in one transaction: a process that
// is killed meanwhile leaves an empty file and not half a schema.
func ensureSchema(ctx context.Context, name string) (err error) {
	db, err := stdsql.Open("sqlite", "file:"+name+"?mode=rwc&_pragma=busy_timeout=10000&_txlock=immediate")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	var tables int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return err
	}
	if tables > 0 {
		return nil
	}
	if err := schema.SetupSchemaOnDB(schemaWriter{ctx: ctx, tx: tx}); err != nil {
		return err
	}
	return tx.Commit()
}

// schemaWriter lets the server's own schema set-up write into our transaction. It needs Exec only;
// the other methods of the interface are nil.
type schemaWriter struct {
	sqlplugin.AdminDB
	ctx context.Context
	tx  *stdsql.Tx
}

func (w schemaWriter) Exec(statement string, args ...any) error {
	_, err := w.tx.ExecContext(w.ctx, statement, args...)
	return err
}

// ensureNamespace makes the namespace, or brings the one of an older data file up to the options.
func ensureNamespace(ctx context.Context, store *config.SQL, o Options) error {
	made, err := schema.NewNamespaceConfig(clusterName, o.Namespace, false, nil)
	if err != nil {
		return err
	}
	if err := schema.CreateNamespaces(store, made); err != nil { // leaves an existing one alone
		return err
	}
	db, err := sql.NewSQLDB(sqlplugin.DbKindUnknown, store, resolver.NewNoopResolver(), log.NewNoopLogger(), metrics.NoopMetricsHandler)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // gives a reference back; the plugin keeps the connection
	rows, err := db.SelectFromNamespace(ctx, sqlplugin.NamespaceFilter{Name: &o.Namespace})
	if err != nil {
		return err
	}
	row, blobs := rows[0], serialization.NewSerializer()
	detail, err := blobs.NamespaceDetailFromBlob(persistence.NewDataBlob(row.Data, row.DataEncoding))
	if err != nil {
		return err
	}
	detail.Config.Retention = durationpb.New(o.Retention)
	detail.Config.CustomSearchAttributeAliases, err = withAliases(detail.Config.CustomSearchAttributeAliases, o.SearchAttributes)
	if err != nil {
		return err
	}
	blob, err := blobs.NamespaceDetailToBlob(detail)
	if err != nil {
		return err
	}
	row.Data, row.DataEncoding = blob.GetData(), blob.GetEncodingType().String()
	_, err = db.UpdateNamespace(ctx, &row)
	return err
}

// withAliases gives each wanted search attribute a column of its type. On SQL stores a search
// attribute is the namespace's name (alias) for one of the columns Keyword01, Bool01 and so on.
func withAliases(aliases map[string]string, wanted map[string]enums.IndexedValueType) (map[string]string, error) {
	types := sadefs.GetDBIndexSearchAttributes(nil).CustomSearchAttributes
	columns := slices.Sorted(maps.Keys(types))
	aliases = maps.Clone(aliases)
	if aliases == nil {
		aliases = map[string]string{}
	}
	byName := map[string]string{}
	for column, name := range aliases {
		byName[name] = column
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if column, ok := byName[name]; ok {
			if types[column] != wanted[name] {
				return nil, fmt.Errorf("search attribute %s is of type %s already, not %s", name, types[column], wanted[name])
			}
			continue
		}
		free := slices.IndexFunc(columns, func(column string) bool {
			return types[column] == wanted[name] && aliases[column] == ""
		})
		if free < 0 {
			return nil, fmt.Errorf("search attribute %s: no column of type %s is left", name, strings.ToLower(wanted[name].String()))
		}
		aliases[columns[free]] = name
	}
	return aliases, nil
}
