-- Where Bitbucket sends its webhooks to. A signature can only be checked by who has the secret, so it is sealed and not
-- hashed; the one before it holds for a while longer.
CREATE TABLE inbound_hooks (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  source_id TEXT NOT NULL REFERENCES sources (id),
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  secret_version BIGINT NOT NULL,
  sealed_secret BYTEA NOT NULL,
  sealed_previous BYTEA NOT NULL,
  previous_until BIGINT,
  accepted BIGINT NOT NULL,
  ignored BIGINT NOT NULL,
  duplicates BIGINT NOT NULL,
  refused BIGINT NOT NULL,
  last_delivery_at BIGINT,
  last_event TEXT NOT NULL
);
CREATE INDEX inbound_hooks_by_tenant ON inbound_hooks (tenant_id, id);
CREATE INDEX inbound_hooks_by_source ON inbound_hooks (source_id);

-- Which deliveries have come, by a digest of their id: Bitbucket sends some of them again.
CREATE TABLE hook_deliveries (
  hook_id TEXT NOT NULL,
  request_digest BYTEA NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (hook_id, request_digest)
) /* clustered */;
CREATE INDEX hook_deliveries_by_time ON hook_deliveries (received_at);

-- What may have changed: a stream in a repository, "" for every workspace of the source. It waits when `due_at` is set;
-- `sync_id` looks at what was said before.
CREATE TABLE hook_hints (
  source_id TEXT NOT NULL REFERENCES sources (id),
  stream TEXT NOT NULL,
  repository TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  due_at BIGINT,
  taken_at BIGINT,
  sync_id TEXT NOT NULL,
  PRIMARY KEY (source_id, stream, repository)
) /* clustered */;
CREATE INDEX hook_hints_due ON hook_hints (due_at) WHERE due_at IS NOT NULL;

-- What hints cost lately.
CREATE INDEX syncs_hooked ON syncs (queued_at) WHERE cause = 'hook';
