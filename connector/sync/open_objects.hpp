#pragma once

#include "connector/bitbucket/parse.hpp"
#include "storage/artifact_store.hpp"
#include "storage/collection_store.hpp"
#include "storage/database.hpp"

#include <cstdint>
#include <map>
#include <optional>
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
    std::int64_t count = 0;  ///< objects that were seen, whether they are still there or not
    /// Identity to the time that the object says, where it does.
    std::map<std::string, std::optional<Timestamp>, std::less<>> open;
    /// Of pull requests: those they were merged with within a month; of pipelines: those they
    /// built within two. And when.
    std::map<std::string, Timestamp, std::less<>> commits;

    /// Whether one of them is `hash`. Either may be cut short: most lists show twelve digits.
    bool has_commit(std::string_view hash) const;
    /// When something became known last that what follows has to look at.
    std::optional<Timestamp> last_change;
  };

  /// Reads what is stored, once for each source.
  Task<Result<void>> load(storage::Database& database, storage::TenantScope tenant,
                          std::string source_id, Timestamp now);

  /// What became of a page: rows that nobody had seen, and such as were not as they had been.
  struct Outcome {
    std::int64_t created = 0;
    std::int64_t revised = 0;
    bool first = false;  ///< the walk is the first of all there is
  };

  /// A page of a partition was stored at `now`. Other kinds are ignored.
  void note(const storage::PartitionKey& key, const bitbucket::ParsedPage& page, Timestamp now,
            Outcome outcome);

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
