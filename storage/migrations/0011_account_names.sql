-- Whose account a provisional name of a budget is: requests that are sent under the keyed hash of an e-mail, before Bitbucket
-- has told the account, count as the account's.
CREATE TABLE account_names (
  name TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL
) /* clustered */;
