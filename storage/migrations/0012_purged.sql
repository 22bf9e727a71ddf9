-- That the evidence of a source was purged is remembered: a list that is empty for that says so.
ALTER TABLE purges ADD COLUMN finished INTEGER NOT NULL DEFAULT 0;
