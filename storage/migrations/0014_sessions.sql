-- Who is signed in to the console. The cookie is kept as a keyed hash; the token against forged requests is derived from
-- it and kept nowhere.
CREATE TABLE console_sessions (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  key_id TEXT NOT NULL REFERENCES api_keys (id),
  secret_hash BYTEA NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX console_sessions_by_key ON console_sessions (key_id, last_used_at);

-- Links that sign in, each once. Used ones are kept until they expire: whoever comes second is told so.
CREATE TABLE sign_in_links (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  key_id TEXT NOT NULL REFERENCES api_keys (id),
  code_hash BYTEA NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX sign_in_links_by_key ON sign_in_links (key_id, id);
