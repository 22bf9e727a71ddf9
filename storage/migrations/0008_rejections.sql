-- When Bitbucket last refused the credential of a source.
CREATE TABLE rejections (
  source_id TEXT PRIMARY KEY REFERENCES sources (id),
  rejected_at BIGINT NOT NULL
) /* clustered */;
