#pragma once

#include "config/error.hpp"
#include "storage/migrations.hpp"
#include "storage/sqlite/sqlite_connection.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

/// The portable SQL of a migration as SQLite wants it: an identity column becomes the rowid, and a
/// table marked `/* clustered */` is kept in its primary key's tree.
std::string to_sqlite(std::string_view sql);

/// The schema version of an open database; 0 when it has none. Throws Fault (storage.corrupt when
/// the file is a database, but not one of ours).
int schema_version(SqliteConnection& connection);

/// Applies the missing steps, each in a transaction with its row in schema_versions, then the
/// guards that only this engine needs. Throws Fault.
void migrate(SqliteConnection& connection, std::span<const Migration> steps);

/// Where the copy of a database of that schema version is kept.
std::string backup_path(const std::string& path, int version);

/// Copies a database that `steps` are going to change, whole and synced, to backup_path: a
/// migration cannot be taken back. Does nothing when no step is missing or the copy is there.
/// Throws Fault (storage.full, storage.unavailable); nothing is left of a copy that failed.
void back_up_before(SqliteConnection& connection, const std::string& path,
                    std::span<const Migration> steps);

/// The copies that are there, oldest schema first.
std::vector<std::string> backup_copies(const std::string& path, int newest_version);

/// Once a database has been migrated, all copies but the newest go: they hold what a purge or a
/// rotation has removed since. The newest one stays until the next migration.
void drop_older_copies(const std::string& path, int newest_version);

/// Errors: storage.schema_newer, storage.corrupt, storage.unavailable. Changes nothing: not a byte
/// of the file. `use`: inspect, or examine where nobody else has it open.
Result<void> check_schema(const std::string& path, std::span<const Migration> steps,
                          SqliteConnection::Use use = SqliteConnection::Use::inspect);

}  // namespace evidenced::storage
