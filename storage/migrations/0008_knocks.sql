-- When Bitbucket was last asked whether a source still needs a credential.
CREATE TABLE knocks (
  source_id TEXT PRIMARY KEY REFERENCES sources (id),
  knocked_at BIGINT NOT NULL
) /* clustered */;
