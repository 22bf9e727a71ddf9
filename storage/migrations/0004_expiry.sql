CREATE INDEX credentials_by_expiry ON credentials (expires_at, source_id);

-- Which reminders were given for which credential: each once, whatever restarts and clocks do.
CREATE TABLE expiry_notices (
  source_id TEXT NOT NULL REFERENCES sources (id),
  credential_version BIGINT NOT NULL,
  threshold_days BIGINT NOT NULL,
  tenant_id TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  PRIMARY KEY (source_id, credential_version, threshold_days)
) /* clustered */;

-- Credentials that were replaced or wiped: calendars are told that they expire no more.
CREATE TABLE ended_credentials (
  source_id TEXT NOT NULL REFERENCES sources (id),
  version BIGINT NOT NULL,
  tenant_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  expiry_declared BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  PRIMARY KEY (source_id, version)
) /* clustered */;

-- Who knows the capability reads the calendar: it is kept as a keyed hash.
CREATE TABLE calendar_feeds (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  capability_hash BYTEA NOT NULL UNIQUE,
  name TEXT NOT NULL,
  with_names BIGINT NOT NULL,
  source_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX calendar_feeds_by_tenant ON calendar_feeds (tenant_id, id);
