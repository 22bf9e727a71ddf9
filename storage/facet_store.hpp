#pragma once

#include "storage/artifact_store.hpp"
#include "storage/connection.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::storage {

/// What artifacts are counted by, in the order of Facets::all.
inline constexpr std::array<std::string_view, 6> facet_names = {
    "kind", "source", "workspace", "project", "repository", "state"};

struct Facet {
  /// Values and their artifacts, most first; among as many in the order of the values.
  std::vector<std::pair<std::string, std::int64_t>> values;
  std::int64_t other = 0;  ///< artifacts whose values are beyond the most that were asked for
  std::int64_t none = 0;   ///< artifacts that have no value
};

struct Facets {
  std::int64_t count = 0;  ///< of the artifacts that the whole filter leaves
  /// Artifacts that were first seen before this were not looked at; nullopt: all were.
  std::optional<Timestamp> counted_since;
  std::array<Facet, facet_names.size()> all;
};

struct FacetQuery {
  /// Its `source_ids` are those that were chosen. Order, place, limit and content say nothing here.
  ArtifactFilter filter;
  std::vector<std::string> seen_sources;  ///< of others nothing is told; empty: all
  std::size_t values = 50;                ///< the most of each facet
  /// Where every row has to be looked at, so many at most: the newest.
  std::int64_t rows = 2'000'000;
};

/// Counts artifacts by each facet: by what the filter leaves when the facet's own choice is set
/// aside, so that a second value of it can be chosen. What asks for neither text nor time is
/// answered from counts that are kept. Throws Fault.
Facets count_facets(Connection& connection, const TenantScope& tenant, const FacetQuery& query);

}  // namespace evidenced::storage
