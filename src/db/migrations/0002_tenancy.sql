-- SPDX-License-Identifier: AGPL-3.0-or-later
-- People, roles, what keys may do, limits and settings of a team, the whole ledger, the audit log.

ALTER TABLE team ADD COLUMN disabled_ms BIGINT NOT NULL DEFAULT 0;

CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE, -- lower case
    name TEXT NOT NULL,
    issuer TEXT,  -- of the identity provider that vouches for this person; NULL: none
    subject TEXT, -- what the provider calls the person
    created_ms BIGINT NOT NULL,
    disabled_ms BIGINT NOT NULL DEFAULT 0,
    UNIQUE (issuer, subject)
);

CREATE TABLE member (
    person_id TEXT NOT NULL REFERENCES person (id),
    team_id TEXT NOT NULL REFERENCES team (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (person_id, team_id)
);
CREATE INDEX member_team ON member (team_id);

ALTER TABLE api_key ADD COLUMN scopes BIGINT NOT NULL DEFAULT 7; -- enum scope
ALTER TABLE api_key ADD COLUMN expires_ms BIGINT NOT NULL DEFAULT 0; -- 0: never
ALTER TABLE api_key ADD COLUMN person_id TEXT REFERENCES person (id); -- whose it is; NULL: the team's
CREATE INDEX api_key_team ON api_key (team_id);

-- What a team may do at most; NULL: what the server's settings say.
CREATE TABLE team_limit (
    team_id TEXT NOT NULL PRIMARY KEY REFERENCES team (id),
    requests_per_minute BIGINT CHECK (requests_per_minute >= 0), -- 0: no limit, as below
    jobs_max BIGINT CHECK (jobs_max >= 0),
    bytes_max BIGINT CHECK (bytes_max >= 0),
    pages_max BIGINT CHECK (pages_max >= 0)
);

-- No row: what the server's settings say.
CREATE TABLE team_setting (
    team_id TEXT NOT NULL PRIMARY KEY REFERENCES team (id),
    auto_delete BIGINT NOT NULL CHECK (auto_delete IN (0, 1)),
    retention_days BIGINT NOT NULL CHECK (retention_days BETWEEN 0 AND 365),
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL
);
CREATE INDEX job_ended ON job (team_id, completed_ms) WHERE deleted_ms = 0 AND completed_ms > 0;

-- The ledger. kind says what a row is towards people, source and target what it does to the
-- account: granted, adjusted: issued <-> available; reserved: available -> reserved; consumed:
-- reserved -> consumed; released: reserved -> available; refunded: consumed -> available; expired:
-- available -> issued. balance_after is granted - consumed behind the row: what is held by work in
-- progress counts as there. sequence orders the rows of a team.
ALTER TABLE credit_account ADD COLUMN unlimited BIGINT NOT NULL DEFAULT 0
    CHECK (unlimited IN (0, 1));
ALTER TABLE credit_account ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credit_account ADD COLUMN shown BIGINT NOT NULL DEFAULT 0; -- rows that a statement shows
CREATE TABLE credit_entry_2 (
    id TEXT NOT NULL PRIMARY KEY, -- the idempotency key
    team_id TEXT NOT NULL REFERENCES credit_account (team_id),
    job_id TEXT,                  -- NULL: no job's
    kind TEXT NOT NULL CHECK (kind IN ('granted', 'adjusted', 'reserved', 'consumed', 'released',
        'refunded', 'expired')),
    source TEXT NOT NULL CHECK (source IN ('issued', 'available', 'reserved', 'consumed')),
    target TEXT NOT NULL CHECK (target IN ('issued', 'available', 'reserved', 'consumed')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    balance_after BIGINT NOT NULL DEFAULT 0,
    sequence BIGINT NOT NULL DEFAULT 0,
    expires_ms BIGINT NOT NULL DEFAULT 0, -- of what was granted
    created_ms BIGINT NOT NULL,
    description TEXT NOT NULL,
    CHECK ((kind = 'granted' AND source = 'issued' AND target = 'available')
        OR (kind = 'adjusted' AND source = 'issued' AND target = 'available')
        OR (kind = 'adjusted' AND source = 'available' AND target = 'issued')
        OR (kind = 'reserved' AND source = 'available' AND target = 'reserved')
        OR (kind = 'consumed' AND source = 'reserved' AND target = 'consumed')
        OR (kind = 'released' AND source = 'reserved' AND target = 'available')
        OR (kind = 'refunded' AND source = 'consumed' AND target = 'available')
        OR (kind = 'expired' AND source = 'available' AND target = 'issued'))
);
INSERT INTO credit_entry_2 (id, team_id, job_id, kind, source, target, amount, balance_after,
    sequence, created_ms, description)
SELECT id, team_id, job_id,
    CASE WHEN source = 'issued' THEN 'granted' WHEN source = 'available' THEN 'reserved'
        WHEN target = 'consumed' THEN 'consumed' ELSE 'released' END,
    source, target, amount,
    CAST(SUM(CASE WHEN source = 'issued' THEN amount WHEN target = 'consumed' THEN -amount ELSE 0
        END) OVER (PARTITION BY team_id ORDER BY created_ms, id) AS BIGINT),
    ROW_NUMBER() OVER (PARTITION BY team_id ORDER BY created_ms, id), created_ms, description
FROM credit_entry;
DROP TABLE credit_entry;
ALTER TABLE credit_entry_2 RENAME TO credit_entry;
CREATE INDEX credit_entry_team ON credit_entry (team_id, created_ms);
CREATE INDEX credit_entry_shown ON credit_entry (team_id, sequence)
    WHERE kind NOT IN ('reserved', 'released');

-- What is left of each grant. Spent is what expires first; the sum is granted - consumed.
CREATE TABLE credit_grant (
    id TEXT NOT NULL PRIMARY KEY, -- of the entry
    team_id TEXT NOT NULL REFERENCES credit_account (team_id),
    remaining BIGINT NOT NULL CHECK (remaining >= 0),
    expires_ms BIGINT NOT NULL -- 9223372036854775807: never
);
CREATE INDEX credit_grant_left ON credit_grant (team_id, expires_ms, id) WHERE remaining > 0;
CREATE INDEX credit_grant_due ON credit_grant (expires_ms) WHERE remaining > 0;
INSERT INTO credit_grant (id, team_id, remaining, expires_ms)
SELECT 'before_' || team_id, team_id, granted - consumed, 9223372036854775807 FROM credit_account;
UPDATE credit_account SET
    sequence = (SELECT COUNT(*) FROM credit_entry e WHERE e.team_id = credit_account.team_id),
    shown = (SELECT COUNT(*) FROM credit_entry e WHERE e.team_id = credit_account.team_id
        AND e.kind NOT IN ('reserved', 'released'));

-- What the sweep of what is too old goes by: a moment at which the clocks were right, in this boot of
-- the machine; what the operator has confirmed; why it stands still.
CREATE TABLE retention (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    boot_id TEXT NOT NULL,
    wall_ms BIGINT NOT NULL,
    boot_ms BIGINT NOT NULL,
    confirmed_ms BIGINT NOT NULL DEFAULT 0, -- what was due then may go
    refused_ms BIGINT NOT NULL DEFAULT 0,   -- 0: it does not stand still
    due BIGINT NOT NULL DEFAULT 0,
    total BIGINT NOT NULL DEFAULT 0,
    why TEXT
);
INSERT INTO retention (id, boot_id, wall_ms, boot_ms) VALUES (1, '', 0, 0);

CREATE TABLE onboarding (
    team_id TEXT NOT NULL REFERENCES team (id),
    external_id TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    steps_json TEXT NOT NULL,
    metadata_json TEXT,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    completed_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (team_id, external_id)
);

-- Whatever changed something: who, what, from where. Written with the change itself.
CREATE TABLE audit (
    id BIGINT NOT NULL PRIMARY KEY,
    created_ms BIGINT NOT NULL,
    organization_id TEXT, -- NULL: the operator's own doing, on the server as a whole
    team_id TEXT,
    actor TEXT NOT NULL,  -- key:ID, person:ID, token:SUBJECT, operator:USER, system
    action TEXT NOT NULL, -- "PUT /organizations/{organization_id}/..." or "admin key revoke"
    target TEXT,          -- the id behind the path
    origin TEXT,          -- address of the peer
    request_id TEXT,
    detail TEXT
);
CREATE INDEX audit_team ON audit (team_id, id);
INSERT INTO counter (name, value) VALUES ('audit', 0);
