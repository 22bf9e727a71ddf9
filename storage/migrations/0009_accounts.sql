-- Whose account it is where Bitbucket does not tell: a keyed hash of the e-mail. "" until the first sync.
ALTER TABLE sources ADD COLUMN email_hash TEXT NOT NULL DEFAULT '';
CREATE INDEX sources_by_email ON sources (email_hash);

-- What the requests of a source are counted under: its account, that of a source with the same e-mail, the e-mail; else itself.
CREATE VIEW source_accounts AS
  SELECT s.id AS source_id,
    coalesce(nullif(s.account_uuid, ''),
             (SELECT max(o.account_uuid) FROM sources o
                WHERE o.email_hash = s.email_hash AND o.email_hash <> '' AND o.account_uuid <> ''),
             nullif(s.email_hash, ''), s.id) AS account
  FROM sources s;
