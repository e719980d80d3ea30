-- The sign-in of the partner's own user: at most one, and no upgrade's.

CREATE TABLE partner_token (
    one          BIGINT PRIMARY KEY CHECK (one = 1),
    sealed       BYTEA NOT NULL,
    who          TEXT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    refreshed_at BIGINT NOT NULL
);
