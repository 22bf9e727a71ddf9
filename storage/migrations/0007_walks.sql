-- What the walk of a partition asked for: what is newer than this. '' for all there is.
ALTER TABLE checkpoints ADD COLUMN since TEXT NOT NULL DEFAULT '';

-- How the walks of one stream in one sync ended, summed up when the sync ended: later ones do not change it.
CREATE TABLE walk_counts (
  sync_id TEXT NOT NULL REFERENCES syncs (id),
  stream TEXT NOT NULL,
  whole BIGINT NOT NULL,
  changes BIGINT NOT NULL,
  running BIGINT NOT NULL,
  pages BIGINT NOT NULL,
  rows_seen BIGINT NOT NULL,
  expected_rows BIGINT,
  earliest_since TEXT NOT NULL,
  gaps BIGINT NOT NULL,
  PRIMARY KEY (sync_id, stream)
) /* clustered */;

-- Those of them that failed, or saw fewer rows than there were said to be; of a stream the first hundred.
CREATE TABLE walk_gaps (
  sync_id TEXT NOT NULL REFERENCES syncs (id),
  stream TEXT NOT NULL,
  part TEXT NOT NULL,
  mode TEXT NOT NULL,
  pages BIGINT NOT NULL,
  rows_seen BIGINT NOT NULL,
  expected_rows BIGINT,
  complete_at BIGINT,
  error TEXT NOT NULL,
  PRIMARY KEY (sync_id, stream, part)
) /* clustered */;
