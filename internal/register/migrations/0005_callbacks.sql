-- What billing is told of each upgrade, and how far each callback is at each destination.

CREATE TABLE callbacks (
    upgrade_id TEXT /*bytewise*/ NOT NULL REFERENCES upgrades (upgrade_id),
    sequence   BIGINT NOT NULL,
    fact       TEXT /*bytewise*/ NOT NULL,
    type       TEXT NOT NULL,
    body       TEXT NOT NULL,
    told_at    BIGINT NOT NULL,
    PRIMARY KEY (upgrade_id, sequence),
    UNIQUE (upgrade_id, fact)
);

CREATE TABLE deliveries (
    upgrade_id  TEXT /*bytewise*/ NOT NULL,
    sequence    BIGINT NOT NULL,
    destination TEXT /*bytewise*/ NOT NULL,
    state       TEXT NOT NULL,
    attempts    BIGINT NOT NULL,
    problem     TEXT NOT NULL,
    tried_at    BIGINT NOT NULL,
    PRIMARY KEY (upgrade_id, sequence, destination),
    FOREIGN KEY (upgrade_id, sequence) REFERENCES callbacks (upgrade_id, sequence)
);
CREATE INDEX deliveries_tried ON deliveries (state, tried_at);
