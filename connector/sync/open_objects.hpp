#pragma once

#include "connector/bitbucket/parse.hpp"
#include "storage/artifact_store.hpp"
#include "storage/database.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace evidenced::connector {

/// Which repositories have pull requests, pipelines, deployments and builds, how many, which of
/// them are open (they will change yet), and when something about them changed last: what the
/// planner asks before every sync and no index answers. Read once for each source, then kept up
/// with every page. Lives on the io thread.
class OpenObjects {
 public:
  struct Partition {
    std::set<std::string, std::less<>> known;
    /// Identity to the time that the object says, where it does.
    std::map<std::string, std::optional<Timestamp>, std::less<>> open;
    /// Of pull requests: the commits that were merged within a month, and when.
    std::map<std::string, Timestamp, std::less<>> merged;
    std::optional<Timestamp> last_change;  ///< a revision was stored
  };

  /// Reads what is stored, once for each source.
  Task<Result<void>> load(storage::Database& database, storage::TenantScope tenant,
                          std::string source_id, Timestamp now);

  /// A page of a repository was stored at `now`; `changed`: it held something new. Other kinds
  /// are ignored.
  void note(const std::string& source_id, std::string_view kind, const std::string& repository_uuid,
            const bitbucket::ParsedPage& page, Timestamp now, bool changed);

  /// What is known of a kind in a repository; nothing: an empty one.
  const Partition& find(const std::string& source_id, std::string_view kind,
                        const std::string& repository_uuid) const;

  /// The evidence of a source was purged.
  void forget(const std::string& source_id) { sources_.erase(source_id); }

 private:
  using Partitions = std::map<std::string, Partition, std::less<>>;
  using Kinds = std::map<std::string, Partitions, std::less<>>;

  static Task<Result<Partitions>> load_kind(storage::Database& database,
                                            storage::TenantScope tenant, std::string source_id,
                                            std::string kind, Timestamp now);

  std::map<std::string, Kinds, std::less<>> sources_;
};

}  // namespace evidenced::connector
