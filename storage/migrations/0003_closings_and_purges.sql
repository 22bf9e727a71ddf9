-- What a 429 left behind: the budget of an account and group is closed until then, and halved for an hour.
CREATE TABLE request_closings (
  account TEXT NOT NULL,
  request_group TEXT NOT NULL,
  closed_until BIGINT,
  last_throttle BIGINT,
  in_a_row BIGINT NOT NULL,
  PRIMARY KEY (account, request_group)
) /* clustered */;

-- Sources whose evidence is being removed, step by step.
CREATE TABLE purges (
  source_id TEXT PRIMARY KEY REFERENCES sources (id),
  tenant_id TEXT NOT NULL,
  requested_at BIGINT NOT NULL
);

-- A source that needs a credential is due, too: for the question whether it still does.
DROP INDEX sources_due;
CREATE INDEX sources_due ON sources (next_run_at)
  WHERE state IN ('active', 'needs_credential') AND next_run_at IS NOT NULL;
