-- Effective access has a row a person and repository, the most rows of all: reports read them from the index alone, which the
-- engine does only if the columns of its condition are in it, too.
CREATE INDEX artifacts_access ON artifacts (tenant_id, source_id, upstream_id, title, kind, removed_at)
  WHERE kind = 'repository_access' AND removed_at IS NULL;

-- The commit that a build judged: what the builds of a merged change say is found by it.
ALTER TABLE artifacts ADD COLUMN commit_hash TEXT NOT NULL DEFAULT '';
CREATE INDEX artifacts_by_commit ON artifacts (tenant_id, repository, commit_hash) WHERE commit_hash <> '';

-- It is extracted like state and time, from what was stored before, too.
DELETE FROM unread_extracts;
INSERT INTO unread_extracts (id, after_num, last_num)
  SELECT 1, 0, m.last_num FROM (SELECT max(num) AS last_num FROM artifacts) m WHERE m.last_num IS NOT NULL;
