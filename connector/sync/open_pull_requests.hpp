#pragma once

#include "connector/bitbucket/parse.hpp"
#include "storage/artifact_store.hpp"
#include "storage/database.hpp"

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace evidenced::connector {

/// Which repositories have pull requests, how many, and which of them are open: what the planner
/// asks before every sync and no index answers. Read once for each source, then kept up with every
/// page. Lives on the io thread.
class OpenPullRequests {
 public:
  struct Repository {
    std::set<std::string, std::less<>> known;
    std::set<std::string, std::less<>> open;
  };

  /// Reads what is stored, once for each source.
  Task<Result<void>> load(storage::Database& database, storage::TenantScope tenant,
                          std::string source_id);

  /// A page of pull requests of a repository was stored.
  void note(const std::string& source_id, const std::string& repository_uuid,
            std::span<const storage::ArtifactDraft> page);

  bool has_open(const std::string& source_id, const std::string& repository_uuid) const;
  std::int64_t count(const std::string& source_id, const std::string& repository_uuid) const;

  /// The evidence of a source was purged.
  void forget(const std::string& source_id) { sources_.erase(source_id); }

 private:
  using Repositories = std::map<std::string, Repository, std::less<>>;
  const Repository* find(const std::string& source_id, const std::string& repository_uuid) const;

  std::map<std::string, Repositories, std::less<>> sources_;
};

}  // namespace evidenced::connector
