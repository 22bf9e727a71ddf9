#pragma once

#include "storage/connection.hpp"
#include "storage/crypto.hpp"
#include "storage/nouns.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace evidenced::storage {

/// Artifacts of a source that are counted together.
struct CountKey {
  std::string kind;
  std::string workspace;
  std::string project;
  std::string repository;
  std::string state;

  std::strong_ordering operator<=>(const CountKey&) const = default;
};

/// What changes among the artifacts of one source in one transaction: gives out feed positions,
/// keeps the counts, appends revisions, removes. Used by the stores only. Nothing else may give out
/// positions (record_event) between its construction and `finish`.
class ChangeLog {
 public:
  ChangeLog(Connection& connection, const TenantScope& tenant, std::string source_id,
            std::string sync_id, Timestamp now);

  /// The next position in the tenant's feed.
  std::int64_t next_seq() { return ++last_seq_; }

  void count(CountKey key, std::int64_t difference) { counts_[std::move(key)] += difference; }

  struct NewRevision {
    std::int64_t artifact_num = 0;
    std::int64_t number = 1;
    std::string_view change;
    std::int64_t seq = 0;
  };
  void append(const NewRevision& revision, std::string_view content, const Digest& sha256);

  /// A revision whose content is that of the one before it.
  void append_unchanged(const NewRevision& revision);

  /// Removes an artifact and, when it is a workspace, project or repository, what hangs on it. How
  /// many were removed.
  std::int64_t remove(std::int64_t artifact_num, std::string_view reason);

  /// Writes feed position and counts; call once, last.
  void finish();

  const std::string& source_id() const { return source_id_; }
  const std::string& sync_id() const { return sync_id_; }
  const TenantScope& tenant() const { return tenant_; }
  Timestamp now() const { return now_; }

 private:
  std::int64_t remove_children(const std::string& parent_uuid);
  void write_counts();

  Connection& connection_;
  const TenantScope& tenant_;
  std::string source_id_;
  std::string sync_id_;
  Timestamp now_;
  std::int64_t first_seq_ = 0;  // the last position that others gave out
  std::int64_t last_seq_ = 0;
  Timestamp last_mark_{};
  std::map<CountKey, std::int64_t> counts_;
};

/// Whether other artifacts hang on this kind: their partition is its uuid.
bool is_parent_kind(std::string_view kind);

}  // namespace evidenced::storage
