#pragma once

#include "storage/artifact_store.hpp"
#include "storage/connection.hpp"
#include "storage/parameters.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What lists and facets of artifacts are narrowed by; used by the stores only.
namespace evidenced::storage {

struct Wanted {
  std::string value;
  std::string workspace;  ///< where a project key alone would be ambiguous; else ""
};

/// One way to narrow a list, with an index of its own: one of some values in one column, or being
/// removed.
struct Dimension {
  std::string_view column;
  std::vector<Wanted> wanted;

  /// Conditions on `artifacts a` of which each is one range of the dimension's index.
  std::vector<std::string> ranges(Parameters& parameters) const;

  /// The same as one condition that no index serves, so that the engine does not take another index
  /// than the one chosen.
  std::string filter(Parameters& parameters) const;
};

/// The dimensions that a filter names, {uuids} replaced by what they are called now. One without a
/// wanted value can match nothing.
std::vector<Dimension> dimensions_of(Connection& connection, const TenantScope& tenant,
                                     const ArtifactFilter& filter);

/// Where `changed_since` begins in the feed: `seq` not set where the filter names none; `nothing`
/// when nothing changed since.
struct Since {
  std::optional<std::int64_t> seq;
  bool nothing = false;
};
Since since_of(Connection& connection, const TenantScope& tenant, const ArtifactFilter& filter);

/// The condition on `artifacts a` that `ArtifactFilter::text` is; "" where there is none.
std::string text_condition(Parameters& parameters, std::string_view text);

/// The same question, asked of texts at hand.
bool has_text(std::string_view title, std::string_view upstream_id, std::string_view text);

/// What an artifact says of itself as its row is: read from the content where that is superseded.
Extract extract_in(const ArtifactView& view, const ArtifactFilter& filter);

}  // namespace evidenced::storage
