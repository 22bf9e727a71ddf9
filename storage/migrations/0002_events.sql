-- What happened beside the artifacts: sources, credentials, syncs, coverage. Positions are given out together with those
-- of the artifacts (feed_marks), so that both make one feed.
CREATE TABLE events (
  tenant_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  type TEXT NOT NULL,
  source_id TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (tenant_id, seq)
) /* clustered */;
CREATE INDEX events_by_time ON events (at);

-- The last position of each tenant whose event was dropped: a reader from before it has missed something.
CREATE TABLE event_floors (
  tenant_id TEXT PRIMARY KEY,
  last_dropped_seq BIGINT NOT NULL
);
