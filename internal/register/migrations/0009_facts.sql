-- What an activity has gathered at Microsoft for the next one: the latest of each owner, for as long as it may be gone by.

CREATE TABLE facts (
    owner    TEXT /*bytewise*/ PRIMARY KEY,
    name     TEXT /*bytewise*/ NOT NULL,
    tenant   TEXT /*bytewise*/ NOT NULL,
    body     TEXT NOT NULL,
    saved_at BIGINT NOT NULL
);
