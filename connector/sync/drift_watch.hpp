#pragma once

#include "config/error.hpp"
#include "connector/bitbucket/parse.hpp"
#include "connector/bitbucket/stream_shape.hpp"
#include "connector/bitbucket/streams.hpp"
#include "connector/http_transport.hpp"
#include "storage/database.hpp"
#include "storage/drift_store.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector {

/// What one sync notices of drift: compares every page with what its stream has shown so far, and
/// hears what answers say of their endpoints. What was found is stored with the page that showed
/// it, the shape of a stream with it, or at the end of the sync: both in one transaction, so that
/// nothing is told twice or forgotten. Nothing of it fails a sync. Lives on the io thread.
class DriftWatch {
 public:
  /// What is to be written now.
  struct Notes {
    std::vector<storage::DriftFinding> findings;
    std::vector<storage::StoredShape> shapes;
    std::uint64_t upto = 0;                     ///< number of the last of the findings
    std::vector<storage::DriftFinding> told{};  ///< of them those that were news, once written
    bool empty() const { return findings.empty() && shapes.empty(); }
  };

  /// Reads what is known of the source: once, before the first page.
  Task<Result<void>> load(storage::Database& database, storage::TenantScope tenant,
                          std::string source_id);

  /// A page was read and will be stored.
  void see(const bitbucket::Stream& stream, std::size_t leg, const bitbucket::ParsedPage& page);

  /// An answer came to `target`, or a failure in its place.
  void hear(const bitbucket::Stream& stream, std::string_view target,
            const Result<HttpResponse>& answer);

  /// What was found and is not stored, with the shapes that go with it; most often nothing.
  Notes found() const;

  /// Those, and all shapes that changed.
  Notes all() const;

  /// The sync ends: which streams it has walked, and whether it left nothing out of them.
  void end(const std::map<std::string, bool, std::less<>>& streams);

  /// They were written.
  void stored(const Notes& notes);

  /// Writes notes in the caller's transaction; on a thread of the database.
  static void write(storage::Connection& connection, const storage::TenantScope& tenant,
                    const std::string& source_id, const std::string& sync_id, Timestamp now,
                    Notes& notes);

 private:
  struct Endpoint {
    bool removed = false;     ///< told, and not ended
    bool deprecated = false;  ///< likewise
    std::int64_t answers = 0;
    std::int64_t gone = 0;      ///< 410s in this sync
    std::int64_t warnings = 0;  ///< answers that announce an end
  };

  bitbucket::StreamShape& shape_of(std::string_view stream);
  void add(std::vector<storage::DriftFinding> findings);
  void tell(const bitbucket::Stream& stream, const std::string& path, std::string_view what,
            std::string after, std::string announcement);

  std::map<std::string, bitbucket::StreamShape, std::less<>> shapes_;
  std::map<std::string, std::int64_t, std::less<>> stored_versions_;
  std::map<std::pair<std::string, std::string>, Endpoint> endpoints_;  ///< stream and path
  std::map<std::uint64_t, storage::DriftFinding> unstored_;            ///< by number
  std::uint64_t last_ = 0;
};

/// One line of the log for each that was told.
void log_drift(const std::string& source_id, const DriftWatch::Notes& notes);

/// Where an answer says that its end is announced: a link of rel "sunset" or "deprecation" (RFC
/// 8594, RFC 9745), or the first https address in the words of an error. "" where nowhere.
std::string announcement_of(const HttpResponse& response);
std::string announcement_in(std::string_view words);

}  // namespace evidenced::connector
