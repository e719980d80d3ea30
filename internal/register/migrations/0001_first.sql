-- One text for SQLite and PostgreSQL. The mark bytewise makes PostgreSQL compare as SQLite does.

CREATE TABLE orders (
    order_id     TEXT /*bytewise*/ PRIMARY KEY,
    last_attempt BIGINT NOT NULL,
    claimed_at   BIGINT NOT NULL
);

CREATE TABLE upgrades (
    upgrade_id  TEXT /*bytewise*/ PRIMARY KEY,
    order_id    TEXT /*bytewise*/ NOT NULL REFERENCES orders (order_id),
    attempt     BIGINT NOT NULL,
    tenant      TEXT /*bytewise*/ NOT NULL,
    workflow_id TEXT /*bytewise*/ NOT NULL,
    first_run   TEXT NOT NULL,
    order_hash  TEXT NOT NULL,
    order_json  TEXT NOT NULL,
    plan_json   TEXT NOT NULL DEFAULT '',
    end_name    TEXT NOT NULL DEFAULT '',
    result_json TEXT NOT NULL DEFAULT '',
    claimed_at  BIGINT NOT NULL,
    planned_at  BIGINT NOT NULL DEFAULT 0,
    ended_at    BIGINT NOT NULL DEFAULT 0,
    UNIQUE (order_id, attempt)
);
CREATE INDEX upgrades_tenant ON upgrades (tenant);
CREATE INDEX upgrades_workflow ON upgrades (workflow_id);
CREATE INDEX upgrades_ended ON upgrades (ended_at);

CREATE TABLE codes (
    upgrade_id TEXT /*bytewise*/ NOT NULL REFERENCES upgrades (upgrade_id),
    invitation BIGINT NOT NULL,
    sealed     BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (upgrade_id, invitation)
);

CREATE TABLE tokens (
    upgrade_id TEXT /*bytewise*/ NOT NULL REFERENCES upgrades (upgrade_id),
    invitation BIGINT NOT NULL,
    sealed     BYTEA NOT NULL,
    saved_at   BIGINT NOT NULL,
    PRIMARY KEY (upgrade_id, invitation)
);

CREATE TABLE evidence (
    upgrade_id  TEXT /*bytewise*/ NOT NULL REFERENCES upgrades (upgrade_id),
    invitation  BIGINT NOT NULL,
    tenant      TEXT NOT NULL,
    document    TEXT NOT NULL,
    verified_at BIGINT NOT NULL,
    PRIMARY KEY (upgrade_id, invitation)
);

CREATE TABLE snapshots (
    upgrade_id   TEXT /*bytewise*/ NOT NULL REFERENCES upgrades (upgrade_id),
    user_id      TEXT /*bytewise*/ NOT NULL,
    document     TEXT NOT NULL,
    location_set TEXT NOT NULL,
    taken_at     BIGINT NOT NULL,
    PRIMARY KEY (upgrade_id, user_id)
);

CREATE TABLE reports (
    upgrade_id  TEXT /*bytewise*/ NOT NULL REFERENCES upgrades (upgrade_id),
    user_id     TEXT /*bytewise*/ NOT NULL,
    outcome     TEXT NOT NULL,
    document    TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (upgrade_id, user_id)
);

CREATE TABLE journal (
    upgrade_id TEXT /*bytewise*/ NOT NULL REFERENCES upgrades (upgrade_id),
    step       TEXT /*bytewise*/ NOT NULL,
    note       TEXT NOT NULL,
    noted_at   BIGINT NOT NULL,
    PRIMARY KEY (upgrade_id, step)
);

CREATE TABLE answers (
    upgrade_id  TEXT /*bytewise*/ NOT NULL REFERENCES upgrades (upgrade_id),
    answer_id   TEXT /*bytewise*/ NOT NULL,
    what        TEXT NOT NULL,
    said_by     TEXT NOT NULL,
    reason      TEXT NOT NULL,
    step        TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (upgrade_id, answer_id)
);

CREATE TABLE memberships (
    tenant       TEXT /*bytewise*/ NOT NULL,
    subscription TEXT /*bytewise*/ NOT NULL,
    plan         TEXT NOT NULL,
    offer        TEXT NOT NULL,
    recorded_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant, subscription)
);
