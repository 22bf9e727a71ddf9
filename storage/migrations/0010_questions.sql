-- How a sync asked for each stream, as the program of its day does: JSON, one text for all syncs that asked alike.
CREATE TABLE questions (
  digest TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL
) /* clustered */;
ALTER TABLE syncs ADD COLUMN questions TEXT NOT NULL DEFAULT '';
