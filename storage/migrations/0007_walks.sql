-- What the walk of a partition asked for: what is newer than this. '' for all there is.
ALTER TABLE checkpoints ADD COLUMN since TEXT NOT NULL DEFAULT '';
CREATE INDEX checkpoints_by_sync ON checkpoints (sync_id);

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

-- What is still known of syncs that have ended.
INSERT INTO walk_counts (sync_id, stream, whole, changes, running, pages, rows_seen, expected_rows, earliest_since, gaps)
  SELECT sync_id, stream, sum(CASE WHEN mode = 'full' THEN 1 ELSE 0 END), sum(CASE WHEN mode = 'full' THEN 0 ELSE 1 END),
    sum(running), sum(pages), sum(rows_seen), sum(expected_rows), '',
    sum(CASE WHEN running = 0 AND (error <> '' OR rows_seen < coalesce(expected_rows, 0)) THEN 1 ELSE 0 END)
  FROM checkpoints WHERE sync_id IN (SELECT id FROM syncs WHERE state = 'done') GROUP BY sync_id, stream;
INSERT INTO walk_gaps (sync_id, stream, part, mode, pages, rows_seen, expected_rows, complete_at, error)
  SELECT sync_id, stream, part, mode, pages, rows_seen, expected_rows, complete_at, error FROM checkpoints
  WHERE running = 0 AND (error <> '' OR rows_seen < coalesce(expected_rows, 0))
    AND sync_id IN (SELECT id FROM syncs WHERE state = 'done');
