-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A move of the installation from one database to another (move/move.h): what it has come to. The
-- row is written in both; a database that took part in none has no row.
-- least: 6

CREATE TABLE move_state (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    move_id TEXT NOT NULL,                    -- the same in both
    side BIGINT NOT NULL CHECK (side IN (0, 1)),  -- moved from, moved to
    phase BIGINT NOT NULL CHECK (phase IN (0, 1)), -- under way, done
    frozen_until_ms BIGINT NOT NULL,          -- of the old one: nothing is written before
    begun_ms BIGINT NOT NULL,
    done_ms BIGINT NOT NULL,
    owner TEXT NOT NULL, -- the process that moves: who comes later takes it over
    place TEXT NOT NULL  -- of the other one, without a password
);

-- Of the new one: how far each table has been copied, by the key of the last row.
CREATE TABLE move_progress (
    name TEXT NOT NULL PRIMARY KEY,
    complete BIGINT NOT NULL CHECK (complete IN (0, 1)),
    copied BIGINT NOT NULL,
    k1 TEXT,
    k2 TEXT,
    k3 TEXT,
    k4 TEXT,
    k5 TEXT,
    k6 TEXT
);
