-- SPDX-License-Identifier: AGPL-3.0-or-later
-- The nodes that work on this database: written every half minute by each. What holds a task is its
-- lease, never this table.
-- least: 5

CREATE TABLE node (
    name TEXT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    roles BIGINT NOT NULL, -- bits: 1 api, 2 runner, 4 courier
    weight BIGINT NOT NULL,
    readers BIGINT NOT NULL,
    running BIGINT NOT NULL, -- batches
    draining BIGINT NOT NULL CHECK (draining IN (0, 1)),
    started_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    owner TEXT NOT NULL, -- the incarnation of its runner, as in task; '': it has none
    models TEXT NOT NULL,
    teams TEXT NOT NULL
);
