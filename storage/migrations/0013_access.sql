-- Effective access has a row a person and repository, the most rows of all: reports read them from the index alone.
CREATE INDEX artifacts_access ON artifacts (tenant_id, source_id, upstream_id, title)
  WHERE kind = 'repository_access' AND removed_at IS NULL;
