#pragma once

#include "storage/connection.hpp"
#include "storage/nouns.hpp"

#include <optional>
#include <string>
#include <vector>

namespace evidenced::storage {

void insert_source(Connection& connection, const TenantScope& tenant, const Source& source);

/// Writes every column of `source` and adds 1 to its version. Errors: resource.not_found.
Result<Source> update_source(Connection& connection, const TenantScope& tenant, Source source);

/// Deleted sources are found, too. Errors: resource.not_found.
Result<Source> find_source(Connection& connection, const TenantScope& tenant,
                           const std::string& id);

struct SourceFilter {
  // Of what is named several times: any of it.
  std::vector<SourceState> states;  ///< deleted ones are listed only when asked for
  std::vector<std::string> tags;
  std::vector<std::string> workspaces;
  std::optional<Timestamp> expires_before;
  std::vector<std::string> ids;  ///< empty: all
  std::string after_id;          ///< keyset: ids greater than this
  int limit = 50;
};
std::vector<Source> list_sources(Connection& connection, const TenantScope& tenant,
                                 const SourceFilter& filter);

/// The versions of all sources, added up: greater whenever one of them came, changed or went, or
/// evidence of it was purged; deleted ones are among them.
std::int64_t sum_of_versions(Connection& connection, const TenantScope& tenant);

/// A source and whose it is: what the scheduler, which serves all tenants, works with.
struct OwnedSource {
  TenantScope tenant;
  Source source;
};

/// Active sources whose next_run_at is not after `now`, oldest first.
std::vector<OwnedSource> due_sources(Connection& connection, Timestamp now, int limit);

/// Notes whose e-mail (a keyed hash of it) the credential of a source is for; what its requests are
/// counted under.
std::string settle_account(Connection& connection, const std::string& source_id,
                           const std::string& email_hash);

/// Bitbucket has refused the credential of a source.
void record_rejection(Connection& connection, const std::string& source_id, Timestamp now);
/// Whether it did so less than this time ago.
bool was_rejected_within(Connection& connection, const std::string& source_id, Timestamp now,
                         std::chrono::seconds time);

/// The earliest next_run_at of all active sources.
std::optional<Timestamp> next_due(Connection& connection);

}  // namespace evidenced::storage
