-- Lists of a customer's users, uploaded for an order that names one; in parts, since a list may be long.

CREATE TABLE user_lists (
    tenant   TEXT /*bytewise*/ NOT NULL,
    name     TEXT /*bytewise*/ NOT NULL,
    part     BIGINT NOT NULL,
    users    TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name, part)
);
