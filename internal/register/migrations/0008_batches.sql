-- Batches: many upgrades ordered together. What became of a row that was begun stands with its upgrade.

ALTER TABLE upgrades ADD COLUMN batch TEXT NOT NULL DEFAULT '';

CREATE TABLE batches (
    batch_id  TEXT /*bytewise*/ PRIMARY KEY,
    document  TEXT NOT NULL,
    hash      TEXT NOT NULL,
    reseller  TEXT NOT NULL,
    state     TEXT NOT NULL,
    first_run TEXT NOT NULL DEFAULT '',
    made_at   BIGINT NOT NULL,
    ended_at  BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX batches_made ON batches (made_at, batch_id);

CREATE TABLE batch_rows (
    batch_id TEXT /*bytewise*/ NOT NULL REFERENCES batches (batch_id),
    number   BIGINT NOT NULL,
    order_id TEXT /*bytewise*/ NOT NULL,
    tenant   TEXT /*bytewise*/ NOT NULL,
    document TEXT NOT NULL,
    customer TEXT NOT NULL DEFAULT '',
    headline TEXT NOT NULL DEFAULT '',
    digest   TEXT NOT NULL DEFAULT '',
    -- Empty: as the upgrade says, and pending where there is none.
    state    TEXT NOT NULL DEFAULT '',
    reasons  TEXT NOT NULL DEFAULT '',
    search   TEXT NOT NULL,
    PRIMARY KEY (batch_id, number)
);
CREATE INDEX batch_rows_order ON batch_rows (order_id);
CREATE INDEX batch_rows_tenant ON batch_rows (tenant);
