-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Structured data taken out of the pages of a job: once as it was submitted for (the row has the
-- job's own id), and again for each other schema that is asked for later.

ALTER TABLE job ADD COLUMN min_confidence DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN set_aside TEXT; -- a warning: what the template took the place of
ALTER TABLE task ADD COLUMN extraction_id TEXT; -- of a task that extracts

CREATE TABLE extraction (
    id TEXT NOT NULL PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES job (id),
    state BIGINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2), -- waiting, done, failed
    kind BIGINT NOT NULL DEFAULT 0 CHECK (kind IN (0, 1)), -- data; the document as a PDF
    format BIGINT NOT NULL,                                -- enum job_format; of data
    created_ms BIGINT NOT NULL,
    completed_ms BIGINT NOT NULL DEFAULT 0,
    records BIGINT NOT NULL DEFAULT 0,
    bytes BIGINT NOT NULL DEFAULT 0,
    min_confidence DOUBLE PRECISION NOT NULL,
    object_id TEXT, -- page/records.h
    reason TEXT,
    message TEXT,
    template_slug TEXT,
    instructions TEXT,
    schema_json TEXT,
    set_aside TEXT -- as in job
);
CREATE INDEX extraction_job ON extraction (job_id, created_ms);
CREATE INDEX extraction_object ON extraction (object_id) WHERE object_id IS NOT NULL;
