-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The first schema. Portable between SQLite 3.37+ and PostgreSQL 15: TEXT, BIGINT, BYTEA and DOUBLE
-- PRECISION only, truth values are BIGINT 0/1, times are milliseconds since 1970 UTC with 0 for
-- "not yet". The order of columns puts long texts last.

CREATE TABLE organization (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE team (
    id TEXT NOT NULL PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organization (id),
    name TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    prefix TEXT NOT NULL UNIQUE,
    digest BYTEA NOT NULL CHECK (length(digest) = 32), -- SHA-256 of the whole key
    team_id TEXT NOT NULL REFERENCES team (id),
    name TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    last_used_ms BIGINT NOT NULL DEFAULT 0,
    revoked_ms BIGINT NOT NULL DEFAULT 0
);

-- The balance of a team; the last check is what makes spending twice impossible.
CREATE TABLE credit_account (
    team_id TEXT NOT NULL PRIMARY KEY REFERENCES team (id),
    granted BIGINT NOT NULL DEFAULT 0 CHECK (granted >= 0 AND granted <= 1000000000000),
    consumed BIGINT NOT NULL DEFAULT 0 CHECK (consumed >= 0),
    reserved BIGINT NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    CHECK (granted - consumed - reserved >= 0)
);

-- Each row moves an amount from one account of the team to another. Rows are only added.
CREATE TABLE credit_entry (
    id TEXT NOT NULL PRIMARY KEY, -- the idempotency key
    team_id TEXT NOT NULL REFERENCES credit_account (team_id),
    job_id TEXT,                  -- NULL: no job's
    source TEXT NOT NULL CHECK (source IN ('issued', 'available', 'reserved')),
    target TEXT NOT NULL CHECK (target IN ('available', 'reserved', 'consumed')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    created_ms BIGINT NOT NULL,
    description TEXT NOT NULL,
    CHECK ((source = 'issued' AND target = 'available')
        OR (source = 'available' AND target = 'reserved')
        OR (source = 'reserved' AND target IN ('consumed', 'available')))
);
CREATE INDEX credit_entry_team ON credit_entry (team_id, created_ms);

CREATE TABLE job (
    id TEXT NOT NULL PRIMARY KEY,
    team_id TEXT NOT NULL REFERENCES team (id),
    status BIGINT NOT NULL CHECK (status BETWEEN 0 AND 5), -- enum job_status
    format BIGINT NOT NULL,
    bounding_boxes BIGINT NOT NULL CHECK (bounding_boxes IN (0, 1)),
    save_as_template BIGINT NOT NULL CHECK (save_as_template IN (0, 1)),
    credits_per_page BIGINT NOT NULL CHECK (credits_per_page >= 0),
    file_bytes BIGINT NOT NULL,
    total_pages BIGINT NOT NULL DEFAULT 0,
    done_pages BIGINT NOT NULL DEFAULT 0,
    failed_pages BIGINT NOT NULL DEFAULT 0 CHECK (failed_pages >= 0),
    crashes BIGINT NOT NULL DEFAULT 0, -- abnormal ends of its tasks
    credits_used BIGINT NOT NULL DEFAULT 0 CHECK (credits_used >= 0),
    created_ms BIGINT NOT NULL,
    started_ms BIGINT NOT NULL DEFAULT 0,
    updated_ms BIGINT NOT NULL,
    completed_ms BIGINT NOT NULL DEFAULT 0,
    deleted_ms BIGINT NOT NULL DEFAULT 0,
    round BIGINT NOT NULL DEFAULT 0, -- how often it was begun again
    to_bind BIGINT NOT NULL DEFAULT 0 CHECK (to_bind IN (0, 1)), -- a task of that kind is to follow its pages
    surcharge_per_page BIGINT NOT NULL DEFAULT 0 CHECK (surcharge_per_page >= 0), -- of the price
    template_internal BIGINT NOT NULL DEFAULT 0 CHECK (template_internal IN (0, 1)),
    confidence DOUBLE PRECISION, -- mean of its pages, once it has ended
    submitted_by TEXT,           -- user, else key
    template_id TEXT,
    extension TEXT NOT NULL DEFAULT '', -- of the file's name, lower case
    template_name TEXT,
    model TEXT NOT NULL,
    document_id TEXT, -- the joined document in the object store
    file_name TEXT NOT NULL,
    content_type TEXT,
    template_slug TEXT,
    reason TEXT,
    message TEXT,
    instructions TEXT,
    schema_json TEXT,
    CHECK (failed_pages <= done_pages),
    CHECK (done_pages <= total_pages)
);
CREATE INDEX job_uploading ON job (team_id) WHERE status = 0;
CREATE INDEX job_document ON job (document_id) WHERE document_id IS NOT NULL;

CREATE TABLE upload (
    id TEXT NOT NULL PRIMARY KEY,
    job_id TEXT NOT NULL UNIQUE REFERENCES job (id),
    declared_bytes BIGINT NOT NULL,
    part_count BIGINT NOT NULL CHECK (part_count BETWEEN 1 AND 10000),
    expires_ms BIGINT NOT NULL,
    sealed BIGINT NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1, 2)), -- store/upload.h, upload_state
    -- Where the parts go to the S3 service: the object that they become, the service's upload id.
    object_id TEXT,
    remote_id TEXT
);
CREATE INDEX upload_open ON upload (expires_ms) WHERE sealed <> 1;
CREATE INDEX upload_object ON upload (object_id) WHERE object_id IS NOT NULL;

-- Uploads that the S3 service is still to be told the end of.
CREATE TABLE upload_gone (
    object_id TEXT NOT NULL PRIMARY KEY,
    remote_id TEXT NOT NULL
);

CREATE TABLE upload_part (
    upload_id TEXT NOT NULL REFERENCES upload (id),
    number BIGINT NOT NULL CHECK (number >= 1),
    size BIGINT NOT NULL CHECK (size >= 0),
    md5 BYTEA CHECK (length(md5) = 16), -- this and sha256: of a part that came here
    sha256 BYTEA CHECK (length(sha256) = 32),
    object_id TEXT, -- NULL once the document has been joined
    etag TEXT,      -- of a part that went to the S3 service
    PRIMARY KEY (upload_id, number)
);
CREATE INDEX upload_part_object ON upload_part (object_id) WHERE object_id IS NOT NULL;

CREATE TABLE job_page (
    job_id TEXT NOT NULL REFERENCES job (id),
    number BIGINT NOT NULL CHECK (number >= 1),
    seq BIGINT NOT NULL, -- from 1, in the order in which the pages of the job came in
    reason TEXT,         -- NULL: read
    message TEXT,
    confidence DOUBLE PRECISION NOT NULL,
    width_px BIGINT NOT NULL,
    height_px BIGINT NOT NULL,
    object_id TEXT,
    byte_offset BIGINT NOT NULL,
    markdown_bytes BIGINT NOT NULL,
    tree_bytes BIGINT NOT NULL,
    PRIMARY KEY (job_id, number)
);
CREATE INDEX job_page_seq ON job_page (job_id, seq);
CREATE INDEX job_page_object ON job_page (object_id) WHERE object_id IS NOT NULL;

-- What is to be done. Rows go when their work is done, so that the table stays as small as the queue.
CREATE TABLE task (
    id BIGINT NOT NULL PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES job (id),
    team_id TEXT NOT NULL,
    kind BIGINT NOT NULL,             -- enum task_kind
    state BIGINT NOT NULL DEFAULT 0 CHECK (state IN (0, 1)), -- waiting, running
    page_from BIGINT NOT NULL,
    page_to BIGINT NOT NULL,
    weight BIGINT NOT NULL CHECK (weight >= 1), -- pages, or 1 for a probe
    attempt BIGINT NOT NULL DEFAULT 0, -- claims at page_from
    token BIGINT NOT NULL DEFAULT 0,   -- claims in all
    due_ms BIGINT NOT NULL,            -- not before: later than now while a retry waits
    turn_ms BIGINT NOT NULL,           -- order among the due of a team
    lease_until_ms BIGINT NOT NULL DEFAULT 0,
    owner TEXT,
    model TEXT NOT NULL DEFAULT '', -- of the job, for runners that only take some
    CHECK (page_from <= page_to)
);
CREATE INDEX task_waiting ON task (team_id, turn_ms, id) WHERE state = 0;
CREATE INDEX task_due ON task (team_id, due_ms) WHERE state = 0;
CREATE INDEX task_running ON task (lease_until_ms) WHERE state = 1;
CREATE INDEX task_job ON task (job_id);
CREATE INDEX task_chosen ON task (team_id, model, turn_ms, id) WHERE state = 0;

-- Per team, kept by the same transactions: what decides who is next without looking at every task.
CREATE TABLE team_load (
    team_id TEXT NOT NULL PRIMARY KEY REFERENCES team (id),
    waiting BIGINT NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    running BIGINT NOT NULL DEFAULT 0 CHECK (running >= 0),
    running_pages BIGINT NOT NULL DEFAULT 0 CHECK (running_pages >= 0),
    head_ms BIGINT -- earliest due_ms of the waiting; NULL: none waits
);
CREATE INDEX team_load_next ON team_load (running_pages, head_ms) WHERE head_ms IS NOT NULL;

-- Numbers that are never used again.
CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('task', 0);
-- Programs that know this schema, or a later one, may work on this database; see db/migrate.c.
INSERT INTO counter (name, value) VALUES ('schema_least', 1);
