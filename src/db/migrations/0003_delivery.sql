-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What goes out: documents that are fetched from URLs, webhooks; and requests that are told apart by
-- a key of the client's.

ALTER TABLE job ADD COLUMN source_url TEXT; -- NULL: uploaded
ALTER TABLE job ADD COLUMN trace TEXT;      -- of its request, see base/trace.h; NULL: none

-- A document on its way. The row goes when it has come, or when the job has ended.
CREATE TABLE fetch_task (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES job (id),
    team_id TEXT NOT NULL,
    state BIGINT NOT NULL DEFAULT 0 CHECK (state IN (0, 1)), -- waiting, running
    attempt BIGINT NOT NULL DEFAULT 0, -- claims; also the fencing token
    due_ms BIGINT NOT NULL             -- running: when its lease ends
);
CREATE INDEX fetch_due ON fetch_task (due_ms);
CREATE INDEX fetch_team ON fetch_task (team_id, due_ms);
CREATE INDEX fetch_running ON fetch_task (team_id) WHERE state = 1;

CREATE TABLE webhook_subscription (
    id TEXT NOT NULL PRIMARY KEY,
    team_id TEXT NOT NULL REFERENCES team (id),
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,       -- the key that made it
    enabled BIGINT NOT NULL CHECK (enabled IN (0, 1)),
    events BIGINT NOT NULL CHECK (events > 0), -- a bit for each enum hook_event
    failure_count BIGINT NOT NULL DEFAULT 0,   -- attempts that failed since the last success
    failing_since_ms BIGINT NOT NULL DEFAULT 0,
    last_attempt_ms BIGINT NOT NULL DEFAULT 0,
    last_success_ms BIGINT NOT NULL DEFAULT 0,
    last_http_status BIGINT NOT NULL DEFAULT 0,
    disabled_ms BIGINT NOT NULL DEFAULT 0, -- the service did it, after days of failures
    head_ms BIGINT, -- earliest due_ms of its deliveries; NULL: none, or it is disabled
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    secret BYTEA NOT NULL, -- sealed, see base/seal.h
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    last_error TEXT
);
CREATE INDEX webhook_subscription_team ON webhook_subscription (team_id, created_ms, id);
CREATE INDEX webhook_subscription_head ON webhook_subscription (head_ms) WHERE head_ms IS NOT NULL;

-- The outbox: written by the transaction that changes the job, where anybody wants to know.
CREATE TABLE webhook_event (
    id TEXT NOT NULL PRIMARY KEY,
    team_id TEXT NOT NULL,
    job_id TEXT, -- NULL: a test
    type BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    payload TEXT NOT NULL
);
CREATE INDEX webhook_event_job ON webhook_event (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX webhook_event_age ON webhook_event (created_ms);

-- An event on its way to a subscription; afterwards the log of it.
CREATE TABLE webhook_delivery (
    id TEXT NOT NULL PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES webhook_subscription (id),
    event_id TEXT NOT NULL REFERENCES webhook_event (id),
    type BIGINT NOT NULL,
    state BIGINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3), -- enum hook_state
    attempts BIGINT NOT NULL DEFAULT 0, -- claims; also the fencing token
    due_ms BIGINT NOT NULL,             -- sending: when its lease ends
    give_up_ms BIGINT NOT NULL,         -- no attempt after it
    http_status BIGINT NOT NULL DEFAULT 0,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    url TEXT NOT NULL, -- where it went, or was to go
    error TEXT
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (subscription_id, due_ms) WHERE state < 2;
CREATE INDEX webhook_delivery_sending ON webhook_delivery (id) WHERE state = 1;
CREATE INDEX webhook_delivery_log ON webhook_delivery (subscription_id, created_ms, id);
CREATE INDEX webhook_delivery_event ON webhook_delivery (event_id);

-- Idempotency-Key: which job a request of this key has made, for a day.
CREATE TABLE idempotency (
    team_id TEXT NOT NULL,
    key TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    digest BYTEA NOT NULL CHECK (length(digest) = 32), -- SHA-256 of path and body
    job_id TEXT NOT NULL,
    PRIMARY KEY (team_id, key)
);
CREATE INDEX idempotency_age ON idempotency (created_ms);
