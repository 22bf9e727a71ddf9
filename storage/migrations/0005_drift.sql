-- What differs from what a stream has always shown, or from what is documented: each once, until it is normal again.
CREATE TABLE drifts (
  source_id TEXT NOT NULL REFERENCES sources (id),
  stream TEXT NOT NULL,
  what TEXT NOT NULL,
  path TEXT NOT NULL,
  value TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  announcement TEXT NOT NULL,
  artifact_id TEXT NOT NULL,
  sync_id TEXT NOT NULL,
  found_at BIGINT NOT NULL,
  ended_at BIGINT,
  times BIGINT NOT NULL,
  PRIMARY KEY (source_id, stream, what, path, value)
);
CREATE INDEX drifts_by_tenant ON drifts (tenant_id, source_id, found_at);

-- What the objects of a stream looked like so far: opaque to storage.
CREATE TABLE stream_shapes (
  source_id TEXT NOT NULL REFERENCES sources (id),
  stream TEXT NOT NULL,
  version BIGINT NOT NULL,
  shape TEXT NOT NULL,
  PRIMARY KEY (source_id, stream)
);

-- How far each stream of a source could be read when a sync last said so.
CREATE TABLE stream_coverage (
  source_id TEXT NOT NULL REFERENCES sources (id),
  stream TEXT NOT NULL,
  status TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (source_id, stream)
) /* clustered */;
