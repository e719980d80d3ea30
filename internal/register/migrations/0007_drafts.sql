-- Orders that people are writing in the portal, each its owner's. They name a customer's administrator and users.

CREATE TABLE drafts (
    owner    TEXT /*bytewise*/ NOT NULL,
    draft_id TEXT /*bytewise*/ NOT NULL,
    document TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (owner, draft_id)
);
CREATE INDEX drafts_saved ON drafts (saved_at);
