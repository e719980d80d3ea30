-- What the provider's pages and the API list: attempts by customer and reseller, the inventory of customers, resellers with
-- their customers and entitlements, and who did what.

ALTER TABLE upgrades ADD COLUMN customer TEXT NOT NULL DEFAULT '';
ALTER TABLE upgrades ADD COLUMN headline TEXT NOT NULL DEFAULT '';
ALTER TABLE upgrades ADD COLUMN reseller TEXT NOT NULL DEFAULT '';
-- The order's id and the customer's name in small letters, a line each.
ALTER TABLE upgrades ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE upgrades SET search = lower(order_id);
CREATE INDEX upgrades_claimed ON upgrades (claimed_at, upgrade_id);

CREATE TABLE inventory_customers (
    tenant    TEXT /*bytewise*/ PRIMARY KEY,
    name      TEXT NOT NULL,
    domain    TEXT NOT NULL,
    sort_name TEXT /*bytewise*/ NOT NULL,
    search    TEXT NOT NULL,
    listed_at BIGINT NOT NULL,
    seen_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX inventory_customers_name ON inventory_customers (sort_name, tenant);

CREATE TABLE inventory_lines (
    tenant       TEXT /*bytewise*/ NOT NULL REFERENCES inventory_customers (tenant),
    subscription TEXT /*bytewise*/ NOT NULL,
    place        BIGINT NOT NULL,
    name         TEXT NOT NULL,
    product_sku  TEXT NOT NULL,
    offer        TEXT /*bytewise*/ NOT NULL,
    seats        BIGINT NOT NULL,
    used         BIGINT NOT NULL,
    status       TEXT NOT NULL,
    term_ends    BIGINT NOT NULL,
    inferred     TEXT NOT NULL,
    PRIMARY KEY (tenant, subscription)
);
CREATE INDEX inventory_lines_offer ON inventory_lines (offer);

-- How the last inventory went: at most one row.
CREATE TABLE inventory (
    one       BIGINT PRIMARY KEY CHECK (one = 1),
    customers BIGINT NOT NULL,
    failed    BIGINT NOT NULL,
    began_at  BIGINT NOT NULL,
    ended_at  BIGINT NOT NULL,
    problem   TEXT NOT NULL DEFAULT ''
);

CREATE TABLE resellers (
    id       TEXT /*bytewise*/ PRIMARY KEY,
    name     TEXT NOT NULL,
    saved_at BIGINT NOT NULL
);

CREATE TABLE reseller_customers (
    tenant   TEXT /*bytewise*/ PRIMARY KEY,
    reseller TEXT /*bytewise*/ NOT NULL REFERENCES resellers (id),
    said_by  TEXT NOT NULL,
    since    BIGINT NOT NULL
);
CREATE INDEX reseller_customers_reseller ON reseller_customers (reseller);

CREATE TABLE management_plans (
    id       TEXT /*bytewise*/ PRIMARY KEY,
    document TEXT NOT NULL,
    made_at  BIGINT NOT NULL
);

-- Every subscription of a reseller to a management plan, the present one and those that ended.
CREATE TABLE entitlements (
    reseller TEXT /*bytewise*/ NOT NULL REFERENCES resellers (id),
    number   BIGINT NOT NULL,
    plan     TEXT /*bytewise*/ NOT NULL REFERENCES management_plans (id),
    account  TEXT NOT NULL,
    subdomain TEXT NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL DEFAULT 0,
    said_by  TEXT NOT NULL,
    ended_by TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (reseller, number)
);

CREATE TABLE audit (
    entry_id TEXT /*bytewise*/ PRIMARY KEY,
    at       BIGINT NOT NULL,
    said_by  TEXT NOT NULL,
    what     TEXT NOT NULL,
    about    TEXT /*bytewise*/ NOT NULL,
    detail   TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at);
