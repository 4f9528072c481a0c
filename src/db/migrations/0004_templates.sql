-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Lists and counts of jobs, templates, and what analytics is made of.

-- A list has its order from the index, whichever filter it has; deleted jobs are not walked over.
CREATE INDEX job_all ON job (team_id, created_ms, id);
CREATE INDEX job_live ON job (team_id, created_ms, id) WHERE deleted_ms = 0;
CREATE INDEX job_pending ON job (team_id, created_ms, id) WHERE deleted_ms = 0 AND status < 2;
CREATE INDEX job_active ON job (team_id, created_ms) WHERE deleted_ms = 0 AND status < 3;
CREATE INDEX job_by_status ON job (team_id, status, created_ms, id) WHERE deleted_ms = 0;
CREATE INDEX job_by_model ON job (team_id, model, created_ms, id) WHERE deleted_ms = 0;
CREATE INDEX job_by_format ON job (team_id, format, created_ms, id) WHERE deleted_ms = 0;
CREATE INDEX job_by_template ON job (team_id, template_id, created_ms, id)
    WHERE template_id IS NOT NULL;

-- How many jobs a list has in all, kept by the transactions that change jobs: nothing is counted
-- when somebody asks. status: of the API's words the first state, so 0, 2, 3, 4 or 5.
CREATE TABLE job_tally (
    team_id TEXT NOT NULL,
    deleted BIGINT NOT NULL CHECK (deleted IN (0, 1)),
    status BIGINT NOT NULL,
    format BIGINT NOT NULL,
    model TEXT NOT NULL,
    template_id TEXT NOT NULL, -- '': none
    jobs BIGINT NOT NULL,
    PRIMARY KEY (team_id, deleted, status, format, model, template_id)
);

-- What analytics keeps of a job that has ended, also when the job itself is gone: numbers and names
-- of kinds, nothing of its content. Narrow, so that a year of them is soon read.
CREATE TABLE job_stat (
    job_id TEXT NOT NULL PRIMARY KEY,
    team_id TEXT NOT NULL,
    created_ms BIGINT NOT NULL, -- of the job: all series are by the time of its submission
    started_ms BIGINT NOT NULL,
    completed_ms BIGINT NOT NULL,
    status BIGINT NOT NULL CHECK (status BETWEEN 3 AND 5),
    cancelled BIGINT NOT NULL CHECK (cancelled IN (0, 1)),
    credits BIGINT NOT NULL,
    file_bytes BIGINT NOT NULL,
    total_pages BIGINT NOT NULL,
    done_pages BIGINT NOT NULL,
    failed_pages BIGINT NOT NULL,
    empty_pages BIGINT NOT NULL, -- read, and without text
    crash_pages BIGINT NOT NULL, -- that brought their reader down, or took too long
    text_bytes BIGINT NOT NULL,
    scored_pages BIGINT NOT NULL,
    low_pages BIGINT NOT NULL,    -- by confidence: below 0.5
    medium_pages BIGINT NOT NULL, -- below 0.7
    high_pages BIGINT NOT NULL,   -- below 0.9; the rest is very high
    confidence_sum DOUBLE PRECISION NOT NULL,
    confidence_min DOUBLE PRECISION NOT NULL,
    confidence_max DOUBLE PRECISION NOT NULL,
    model TEXT NOT NULL,
    extension TEXT NOT NULL,
    submitted_by TEXT NOT NULL, -- '': unknown
    template_id TEXT NOT NULL,  -- '': none
    reason TEXT                 -- of a failed one
);
CREATE INDEX job_stat_time ON job_stat (team_id, created_ms);
CREATE INDEX job_stat_end ON job_stat (completed_ms);

-- The same summed up by hour of submission, so that a year is 8,760 rows at most.
CREATE TABLE job_hour (
    team_id TEXT NOT NULL,
    hour_ms BIGINT NOT NULL,
    jobs BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    cancelled BIGINT NOT NULL,
    faulty BIGINT NOT NULL,
    completion_ms BIGINT NOT NULL,
    active_ms BIGINT NOT NULL,
    begun BIGINT NOT NULL,
    total_pages BIGINT NOT NULL,
    done_pages BIGINT NOT NULL,
    failed_pages BIGINT NOT NULL,
    empty_pages BIGINT NOT NULL,
    crash_pages BIGINT NOT NULL,
    text_bytes BIGINT NOT NULL,
    credits BIGINT NOT NULL,
    scored_pages BIGINT NOT NULL,
    low_pages BIGINT NOT NULL,
    medium_pages BIGINT NOT NULL,
    high_pages BIGINT NOT NULL,
    file_bytes BIGINT NOT NULL,
    bytes_least BIGINT NOT NULL,
    bytes_most BIGINT NOT NULL,
    with_pages BIGINT NOT NULL,
    small BIGINT NOT NULL,
    mid BIGINT NOT NULL,
    large BIGINT NOT NULL,
    confidence_sum DOUBLE PRECISION NOT NULL,
    confidence_min DOUBLE PRECISION, -- NULL: no page has one
    confidence_max DOUBLE PRECISION,
    PRIMARY KEY (team_id, hour_ms)
);

-- What jobs are ranked by: a job_stat is one row here for its extension, model, user, template (where
-- it has one) and reason (where it failed).
CREATE VIEW job_ranked AS
SELECT s.job_id, s.team_id, s.created_ms, k.kind,
    CASE k.kind WHEN 'extension' THEN s.extension WHEN 'model' THEN s.model
        WHEN 'reason' THEN COALESCE(s.reason, '') WHEN 'template' THEN s.template_id
        ELSE s.submitted_by END AS name,
    CASE k.kind WHEN 'model' THEN s.submitted_by ELSE '' END AS user_id,
    CASE WHEN s.status < 5 THEN 1 ELSE 0 END AS completed,
    CASE WHEN s.status = 5 THEN 1 ELSE 0 END AS failed,
    s.total_pages AS pages, s.file_bytes AS bytes, s.credits
FROM job_stat s CROSS JOIN (SELECT 'extension' AS kind UNION ALL SELECT 'model' UNION ALL
    SELECT 'reason' UNION ALL SELECT 'template' UNION ALL SELECT 'user') AS k
WHERE (k.kind <> 'reason' OR (s.status = 5 AND s.cancelled = 0))
    AND (k.kind <> 'template' OR s.template_id <> '');

-- The same summed up by UTC day of submission and by 32 days, so that a year of one name is about
-- seventy rows at most.
CREATE TABLE job_rank (
    team_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    span BIGINT NOT NULL CHECK (span IN (1, 32)), -- days
    begin_ms BIGINT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT NOT NULL, -- of a model; else ''
    jobs BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    pages BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    credits BIGINT NOT NULL,
    days BIGINT NOT NULL, -- with at least one
    first_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    PRIMARY KEY (team_id, kind, span, begin_ms, name, user_id)
);

-- The ledger by hour: what entries of the kinds that a statement shows sum up to.
CREATE TABLE credit_hour (
    team_id TEXT NOT NULL,
    hour_ms BIGINT NOT NULL,
    granted BIGINT NOT NULL,
    consumed BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    adjusted BIGINT NOT NULL, -- what was taken away is negative
    expired BIGINT NOT NULL,
    PRIMARY KEY (team_id, hour_ms)
);
INSERT INTO credit_hour (team_id, hour_ms, granted, consumed, refunded, adjusted, expired)
SELECT team_id, created_ms / 3600000 * 3600000,
    CAST(SUM(CASE WHEN kind = 'granted' THEN amount ELSE 0 END) AS BIGINT),
    CAST(SUM(CASE WHEN kind = 'consumed' THEN amount ELSE 0 END) AS BIGINT),
    CAST(SUM(CASE WHEN kind = 'refunded' THEN amount ELSE 0 END) AS BIGINT),
    CAST(SUM(CASE WHEN kind <> 'adjusted' THEN 0 WHEN source = 'issued' THEN amount
        ELSE -amount END) AS BIGINT),
    CAST(SUM(CASE WHEN kind = 'expired' THEN amount ELSE 0 END) AS BIGINT)
FROM credit_entry WHERE kind NOT IN ('reserved', 'released')
GROUP BY team_id, created_ms / 3600000;

CREATE INDEX credit_entry_series ON credit_entry (team_id, created_ms, kind, source, amount)
    WHERE kind NOT IN ('reserved', 'released');
CREATE INDEX credit_entry_of_job ON credit_entry (job_id) WHERE job_id IS NOT NULL;

-- What a team asks for again and again. The presets that come with the program are no rows here.
CREATE TABLE template (
    id TEXT NOT NULL PRIMARY KEY,
    team_id TEXT NOT NULL REFERENCES team (id),
    slug TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    format BIGINT NOT NULL,
    bounding_boxes BIGINT NOT NULL CHECK (bounding_boxes IN (0, 1)),
    enabled BIGINT NOT NULL CHECK (enabled IN (0, 1)),
    user_id TEXT,
    color TEXT,
    checksum TEXT NOT NULL, -- of what it asks for: the same for two that ask for the same
    model TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    tags_json TEXT NOT NULL,
    instructions TEXT,
    schema_json TEXT,
    UNIQUE (team_id, slug)
);
CREATE INDEX template_list ON template (team_id, created_ms, id);

-- What a team does with a template, presets too.
CREATE TABLE template_use (
    team_id TEXT NOT NULL REFERENCES team (id),
    template_id TEXT NOT NULL,
    favorite BIGINT NOT NULL DEFAULT 0 CHECK (favorite IN (0, 1)),
    uses BIGINT NOT NULL DEFAULT 0 CHECK (uses >= 0),
    last_used_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (team_id, template_id)
);
