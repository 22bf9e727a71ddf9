#include "storage/facet_store.hpp"

#include "storage/artifact_dimension.hpp"
#include "storage/artifact_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace evidenced::storage {

namespace {

constexpr std::size_t workspace_at = 2;
constexpr std::array<std::string_view, facet_names.size()> columns = {
    "kind", "source_id", "workspace", "project", "repository", "state"};

/// Fewer changes than this are found by their place in the feed, not by looking at all rows.
constexpr std::int64_t few_changes = 100'000;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};
using Counts = std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>>;
using Values = std::array<std::string_view, facet_names.size()>;

class FacetCounter {
 public:
  FacetCounter(const FacetQuery& query, std::vector<Dimension> dimensions)
      : query_(query), dimensions_(std::move(dimensions)) {
    for (const Dimension& dimension : dimensions_) {
      const auto at = std::ranges::find(columns, dimension.column) - columns.begin();
      places_.push_back(static_cast<std::size_t>(at));
    }
  }

  void add(const Values& values, std::int64_t artifacts);
  void finish(Facets& facets) const;

 private:
  static bool chooses(const Dimension& dimension, std::string_view value,
                      std::string_view workspace);
  void add_to(std::size_t facet, std::string_view value, std::int64_t artifacts);

  const FacetQuery& query_;
  std::vector<Dimension> dimensions_;
  std::vector<std::size_t> places_;  // of the facets of the dimensions
  std::array<Counts, facet_names.size()> counts_;
  std::array<Counts::value_type*, facet_names.size()> last_{};  // rows beside each other are alike
  std::int64_t count_ = 0;
};

bool FacetCounter::chooses(const Dimension& dimension, std::string_view value,
                           std::string_view workspace) {
  return std::ranges::any_of(dimension.wanted, [&](const Wanted& wanted) {
    return wanted.value == value && (wanted.workspace.empty() || wanted.workspace == workspace);
  });
}

void FacetCounter::add(const Values& values, std::int64_t artifacts) {
  constexpr std::size_t source_at = 1;
  const std::vector<std::string>& seen = query_.seen_sources;
  if (!seen.empty() && std::ranges::find(seen, values[source_at]) == seen.end()) return;
  std::size_t missed = facet_names.size();
  for (std::size_t i = 0; i < dimensions_.size(); ++i) {
    const std::size_t facet = places_[i];
    if (chooses(dimensions_[i], values[facet], values[workspace_at])) continue;
    if (missed != facet_names.size()) return;  // two choices leave it out: it counts nowhere
    missed = facet;
  }
  if (missed != facet_names.size()) {
    add_to(missed, values[missed], artifacts);
    return;
  }
  count_ += artifacts;
  for (std::size_t facet = 0; facet < values.size(); ++facet) {
    add_to(facet, values[facet], artifacts);
  }
}

void FacetCounter::add_to(std::size_t facet, std::string_view value, std::int64_t artifacts) {
  Counts::value_type*& last = last_[facet];
  if (last == nullptr || last->first != value) {
    auto found = counts_[facet].find(value);
    if (found == counts_[facet].end()) found = counts_[facet].emplace(value, 0).first;
    last = &*found;
  }
  last->second += artifacts;
}

void FacetCounter::finish(Facets& facets) const {
  facets.count = count_;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    Facet& facet = facets.all[i];
    for (const auto& [value, count] : counts_[i]) {
      if (value.empty()) {
        facet.none = count;
      } else if (count > 0) {
        facet.values.emplace_back(value, count);
      }
    }
    std::ranges::sort(facet.values, [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    for (std::size_t at = query_.values; at < facet.values.size(); ++at) {
      facet.other += facet.values[at].second;
    }
    facet.values.resize(std::min(facet.values.size(), query_.values));
  }
}

class FacetScan {
 public:
  FacetScan(Connection& connection, const TenantScope& tenant, const FacetQuery& query)
      : connection_(connection),
        tenant_(tenant),
        query_(query),
        filter_(query.filter),
        counter_(query, dimensions_of(connection, tenant, query.filter)) {}

  Facets run();

 private:
  void add_counts();
  void add_removed();
  void add_rows(std::optional<std::int64_t> since_seq);
  void add_window(std::optional<std::int64_t> since_seq);
  std::int64_t floor();
  bool few_since(std::int64_t seq);
  void add_from(std::string_view sql, const Parameters& parameters);

  Connection& connection_;
  const TenantScope& tenant_;
  const FacetQuery& query_;
  const ArtifactFilter& filter_;
  FacetCounter counter_;
  Facets facets_;
};

Facets FacetScan::run() {
  const Since since = since_of(connection_, tenant_, filter_);
  const bool plain = filter_.text.empty() && !since.seq && filter_.window.open();
  if (since.nothing) {
    // Nothing to count.
  } else if (!filter_.window.open()) {
    add_window(since.seq);
  } else if (!plain) {
    add_rows(since.seq);
  } else {
    if (filter_.removed != Removed::only) add_counts();
    if (filter_.removed != Removed::hide) add_removed();
  }
  counter_.finish(facets_);
  return std::move(facets_);
}

void FacetScan::add_counts() {
  connection_.query(
      "SELECT kind, source_id, workspace, project, repository, state, live FROM artifact_counts"
      " WHERE tenant_id = $1",
      {tenant_.id()}, [&](const Row& row) {
        counter_.add({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5)},
                     row.integer(6));
      });
}

void FacetScan::add_from(std::string_view from, const Parameters& parameters) {
  const std::string sql = fmt::format(
      "SELECT a.kind, a.source_id, a.workspace, a.project, a.repository, a.state FROM artifacts a"
      " WHERE {}",
      from);
  connection_.query(sql, parameters.values(), [&](const Row& row) {
    counter_.add({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5)}, 1);
  });
}

void FacetScan::add_removed() {
  Parameters parameters;
  const std::string tenant = parameters.bind(tenant_.id());
  add_from(fmt::format("a.tenant_id = {} AND a.removed_at IS NOT NULL", tenant), parameters);
}

/// Rows up to this number are not looked at.
std::int64_t FacetScan::floor() {
  std::int64_t last = 0;
  connection_.query("SELECT max(num) FROM artifacts", {},
                    [&](const Row& row) { last = row.integer(0); });
  const std::int64_t floor = std::max<std::int64_t>(last - query_.rows, 0);
  connection_.query(
      "SELECT first_observed_at FROM artifacts WHERE num > $1 AND num <= $2"
      "   AND EXISTS (SELECT 1 FROM artifacts b WHERE b.num <= $1 AND +b.tenant_id = $3)"
      " ORDER BY num LIMIT 1",
      {floor, last, tenant_.id()}, [&](const Row& row) {
        facets_.counted_since = Timestamp(std::chrono::milliseconds(row.integer(0)));
      });
  return floor;
}

bool FacetScan::few_since(std::int64_t seq) {
  std::int64_t rows = 0;
  connection_.query(
      "SELECT count(*) FROM (SELECT 1 FROM artifacts WHERE tenant_id = $1 AND seq >= $2"
      " LIMIT $3) w",
      {tenant_.id(), seq, few_changes}, [&](const Row& row) { rows = row.integer(0); });
  return rows < few_changes;
}

void FacetScan::add_rows(std::optional<std::int64_t> since_seq) {
  Parameters parameters;
  const std::string tenant = parameters.bind(tenant_.id());
  std::string where;
  if (since_seq && few_since(*since_seq)) {
    where = fmt::format("a.tenant_id = {} AND a.seq >= {}", tenant, parameters.bind(*since_seq));
  } else {
    // In the order in which rows are kept: the pluses keep the engine from looking each up.
    where = fmt::format("+a.tenant_id = {} AND a.num > {}", tenant, parameters.bind(floor()));
    if (since_seq) where += fmt::format(" AND +a.seq >= {}", parameters.bind(*since_seq));
  }
  if (filter_.removed == Removed::hide) where += " AND a.removed_at IS NULL";
  if (filter_.removed == Removed::only) where += " AND a.removed_at + 0 IS NOT NULL";
  add_from(where + text_condition(parameters, filter_.text), parameters);
}

/// What a superseded revision says of itself only its content tells.
void FacetScan::add_window(std::optional<std::int64_t> since_seq) {
  Parameters parameters;
  const std::string tenant = parameters.bind(tenant_.id());
  const std::string from = parameters.bind(from_of(filter_.window));
  const std::string joined = window_join(from, parameters.bind(to_of(filter_.window)));
  std::string where =
      fmt::format("+a.tenant_id = {} AND a.num > {}", tenant, parameters.bind(floor()));
  if (since_seq) where += fmt::format(" AND r.seq >= {}", parameters.bind(*since_seq));
  if (filter_.removed == Removed::hide) where += " AND r.change <> 'removed'";
  if (filter_.removed == Removed::only) where += " AND r.change = 'removed'";
  const std::string sql = fmt::format(
      "SELECT {}, CASE WHEN r.number = a.revision THEN '' ELSE {} END FROM artifacts a {} WHERE {}",
      window_columns, content_column, joined, where);
  connection_.query(sql, parameters.values(), [&](const Row& row) {
    const ArtifactView view = view_artifact(row);
    const Extract extract = extract_in(view, filter_);
    if (!has_text(extract.title, view.upstream_id, filter_.text)) return;
    counter_.add(
        {view.kind, view.source_id, view.workspace, view.project, view.repository, extract.state},
        1);
  });
}

}  // namespace

Facets count_facets(Connection& connection, const TenantScope& tenant, const FacetQuery& query) {
  return FacetScan(connection, tenant, query).run();
}

}  // namespace evidenced::storage
