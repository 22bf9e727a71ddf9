-- What an artifact says of itself beside its title: its state, in the words of the source, and when it happened there.
ALTER TABLE artifacts ADD COLUMN state TEXT NOT NULL DEFAULT '';
ALTER TABLE artifacts ADD COLUMN dated_at BIGINT;
CREATE INDEX artifacts_by_state ON artifacts (tenant_id, state, num) WHERE state <> '';
CREATE INDEX artifacts_merged ON artifacts (tenant_id, dated_at, num)
  WHERE kind = 'pull_request' AND state = 'MERGED';

-- Live artifacts by all that lists are narrowed by. A row without any is no row.
DROP TABLE artifact_counts;
CREATE TABLE artifact_counts (
  tenant_id TEXT NOT NULL,
  source_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  workspace TEXT NOT NULL,
  project TEXT NOT NULL,
  repository TEXT NOT NULL,
  state TEXT NOT NULL,
  live BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, source_id, kind, workspace, project, repository, state)
) /* clustered */;
INSERT INTO artifact_counts (tenant_id, source_id, kind, workspace, project, repository, state, live)
  SELECT tenant_id, source_id, kind, workspace, project, repository, state, count(*) FROM artifacts
  WHERE removed_at IS NULL AND source_id NOT IN (SELECT source_id FROM purges)
  GROUP BY tenant_id, source_id, kind, workspace, project, repository, state;

-- One row while artifacts from before are still to be read for it: those after `after_num`, up to `last_num`.
CREATE TABLE unread_extracts (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  after_num BIGINT NOT NULL,
  last_num BIGINT NOT NULL
);
INSERT INTO unread_extracts (id, after_num, last_num)
  SELECT 1, 0, m.last_num FROM (SELECT max(num) AS last_num FROM artifacts) m WHERE m.last_num IS NOT NULL;
