#include "storage/artifact_dimension.hpp"
#include "storage/artifact_row.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace evidenced::storage {

namespace {

/// Past this many rows one dimension is as good as another: counting stops.
constexpr std::int64_t narrow_enough = 2000;

/// As many rows of a dimension are sorted by their last change; of more, the rows that changed last
/// are looked through until a page is found.
constexpr std::int64_t sorted_at_most = 20'000;

/// More values than this are filtered for, not walked one by one.
constexpr std::size_t most_ranges = 16;

/// Rows of a window that are looked at in one go for what only their content tells.
constexpr int looked_at_once = 500;

class ArtifactList {
 public:
  ArtifactList(Connection& connection, const TenantScope& tenant, const ArtifactFilter& filter)
      : connection_(connection),
        tenant_(tenant),
        filter_(filter),
        by_change_(filter.order == ArtifactOrder::last_changed),
        down_(filter.order == ArtifactOrder::newest),
        windowed_(!filter.window.open()) {}

  void run(const ArtifactVisitor& visit);

 private:
  bool find_dimensions();
  std::int64_t count(const Dimension& dimension) const;
  std::vector<std::int64_t> count_live() const;
  std::int64_t count_since();
  void choose();
  bool any_live() const;
  std::string filters(Parameters& parameters);
  std::string join(Parameters& parameters) const;
  std::string keyset(Parameters& parameters) const;
  std::int64_t number_at(const std::string& id) const;
  std::int64_t before_seq() const {
    return filter_.before_seq > 0 ? filter_.before_seq : std::int64_t{1} << 60;
  }
  std::string rows(Parameters& parameters);
  std::string rows_of_dimension(Parameters& parameters, const std::string& tenant);

  Connection& connection_;
  const TenantScope& tenant_;
  const ArtifactFilter& filter_;
  std::vector<Dimension> dimensions_;  // the first is the one whose index is walked
  std::optional<std::int64_t> since_seq_;
  bool narrow_ = true;   // the narrowest dimension has few rows
  bool by_seq_ = false;  // few enough changed: look at those alone
  bool walks_dimension_ = false;
  const bool by_change_;
  const bool down_;
  const bool windowed_;
};

void ArtifactList::run(const ArtifactVisitor& visit) {
  if (!find_dimensions()) return;
  choose();
  if (!any_live()) return;
  Parameters parameters;
  std::string from = rows(parameters);
  std::string sql =
      fmt::format("SELECT {}, {} {} LIMIT {}", windowed_ ? window_columns : artifact_columns,
                  filter_.with_content ? content_column : "''", from,
                  parameters.bind(std::int64_t{filter_.limit}));
  connection_.query(sql, parameters.values(), [&](const Row& row) { visit(view_artifact(row)); });
}

/// false when nothing can match.
bool ArtifactList::find_dimensions() {
  const Since since = since_of(connection_, tenant_, filter_);
  since_seq_ = since.seq;
  dimensions_ = dimensions_of(connection_, tenant_, filter_);
  const auto impossible = [](const Dimension& dimension) { return dimension.wanted.empty(); };
  if (since.nothing || std::ranges::any_of(dimensions_, impossible)) return false;
  if (filter_.removed == Removed::only && !windowed_) {
    dimensions_.push_back({.column = "removed_at", .wanted = {}});
  }
  return true;
}

std::int64_t ArtifactList::count(const Dimension& dimension) const {
  const std::int64_t enough = by_change_ ? sorted_at_most : narrow_enough;
  if (dimension.wanted.size() > most_ranges) return enough;
  Parameters parameters;
  std::string tenant = parameters.bind(tenant_.id());
  std::vector<std::string> counts;
  for (const std::string& range : dimension.ranges(parameters)) {
    counts.push_back(
        fmt::format("(SELECT count(*) FROM (SELECT 1 FROM artifacts a WHERE a.tenant_id = {} AND {}"
                    " LIMIT {}) w)",
                    tenant, range, enough));
  }
  std::int64_t rows = 0;
  connection_.query(fmt::format("SELECT {}", fmt::join(counts, " + ")), parameters.values(),
                    [&](const Row& row) { rows = row.integer(0); });
  return rows;
}

/// How many live artifacts each dimension has, all counted: where every one has many, some have a
/// thousand times as many as others. Of one that cannot be walked: more than all.
std::vector<std::int64_t> ArtifactList::count_live() const {
  Parameters parameters;
  std::string tenant = parameters.bind(tenant_.id());
  std::vector<std::string> sums;
  for (const Dimension& dimension : dimensions_) {
    const bool counted = dimension.column != "removed_at";
    sums.push_back(fmt::format("coalesce(sum(CASE WHEN {} THEN a.live ELSE 0 END), 0)",
                               counted ? dimension.filter(parameters) : "1 = 1"));
  }
  std::vector<std::int64_t> counts(dimensions_.size());
  connection_.query(fmt::format("SELECT {} FROM artifact_counts a WHERE a.tenant_id = {}",
                                fmt::join(sums, ", "), tenant),
                    parameters.values(), [&](const Row& row) {
                      for (std::size_t i = 0; i < counts.size(); ++i) {
                        counts[i] = row.integer(static_cast<int>(i));
                      }
                    });
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (dimensions_[i].wanted.size() > most_ranges) {
      counts[i] = std::numeric_limits<std::int64_t>::max();
    }
  }
  return counts;
}

std::int64_t ArtifactList::count_since() {
  std::int64_t rows = 0;
  connection_.query(
      "SELECT count(*) FROM (SELECT 1 FROM artifacts WHERE tenant_id = $1 AND seq >= $2"
      " LIMIT $3) w",
      {tenant_.id(), *since_seq_, narrow_enough}, [&](const Row& row) { rows = row.integer(0); });
  return rows;
}

/// Puts the narrowest dimension first. One alone needs no counting, where its rows come in order.
void ArtifactList::choose() {
  const std::int64_t enough = by_change_ ? sorted_at_most : narrow_enough;
  std::int64_t least = enough;
  const bool counted =
      dimensions_.size() > 1 || ((since_seq_ || by_change_) && !dimensions_.empty());
  if (counted) {
    std::vector<std::int64_t> counts;
    counts.reserve(dimensions_.size());
    for (const Dimension& dimension : dimensions_) counts.push_back(count(dimension));
    least = std::ranges::min(counts);
    const bool walks = !by_change_ || windowed_;
    if (walks && least >= enough && dimensions_.size() > 1) counts = count_live();
    auto narrowest = std::ranges::min_element(counts);
    std::swap(dimensions_.front(),
              dimensions_[static_cast<std::size_t>(narrowest - counts.begin())]);
  }
  narrow_ = least < enough;
  by_seq_ = since_seq_ && !by_change_ && count_since() < least;
  const bool too_many = !dimensions_.empty() && dimensions_.front().wanted.size() > most_ranges;
  walks_dimension_ = !by_seq_ && !dimensions_.empty() && !too_many;
  if (by_change_ && !windowed_ && least >= enough) walks_dimension_ = false;
}

/// Whether there is a live artifact in all of the dimensions at all: two large ones that have
/// nothing in common would be walked to their end.
bool ArtifactList::any_live() const {
  const bool counts = filter_.removed == Removed::hide && !windowed_ && dimensions_.size() > 1;
  if (!counts || narrow_) return true;
  Parameters parameters;
  std::string sql = fmt::format("SELECT 1 FROM artifact_counts a WHERE a.tenant_id = {}",
                                parameters.bind(tenant_.id()));
  for (const Dimension& dimension : dimensions_) {
    sql += fmt::format(" AND {}", dimension.filter(parameters));
  }
  bool found = false;
  connection_.query(sql + " LIMIT 1", parameters.values(), [&](const Row&) { found = true; });
  return found;
}

/// Everything that the walked index does not decide.
std::string ArtifactList::filters(Parameters& parameters) {
  std::string sql;
  for (std::size_t i = walks_dimension_ ? 1 : 0; i < dimensions_.size(); ++i) {
    sql += fmt::format(" AND {}", dimensions_[i].filter(parameters));
  }
  // The unary plus keeps the engine from walking the index on seq, which is not in list order.
  std::string_view row = windowed_ ? "r" : "+a";
  if (since_seq_) sql += fmt::format(" AND {}.seq >= {}", row, parameters.bind(*since_seq_));
  if (filter_.as_of_seq > 0) {
    sql += fmt::format(" AND {}.seq <= {}", row, parameters.bind(filter_.as_of_seq));
  }
  bool hides_removed = filter_.removed == Removed::hide;
  if (hides_removed) sql += windowed_ ? " AND r.change <> 'removed'" : " AND a.removed_at IS NULL";
  if (windowed_ && filter_.removed == Removed::only) sql += " AND r.change = 'removed'";
  return sql + text_condition(parameters, filter_.text);
}

std::string ArtifactList::join(Parameters& parameters) const {
  if (!windowed_) return std::string(artifact_join);
  std::string from = parameters.bind(from_of(filter_.window));
  return window_join(from, parameters.bind(to_of(filter_.window)));
}

/// The number of the artifact with this id. It may have been purged meanwhile: of the one before.
std::int64_t ArtifactList::number_at(const std::string& id) const {
  std::int64_t number = 0;
  connection_.query(
      "SELECT num FROM artifacts WHERE tenant_id = $1 AND id <= $2 ORDER BY id DESC LIMIT 1",
      {tenant_.id(), id}, [&](const Row& row) { number = row.integer(0); });
  return number;
}

/// Where the page begins, and the order, for rows that are not walked in the order of ids: numbers
/// rise with these.
std::string ArtifactList::keyset(Parameters& parameters) const {
  const std::string& id = filter_.after_id;
  if (by_change_) {
    return fmt::format("{0}.seq < {1} ORDER BY {0}.seq DESC", windowed_ ? "r" : "+a",
                       parameters.bind(before_seq()));
  }
  if (!down_) {
    return fmt::format("a.num > {} ORDER BY a.num",
                       parameters.bind(id.empty() ? 0 : number_at(id)));
  }
  if (id.empty()) return "a.num > 0 ORDER BY a.num DESC";
  // Of a purged artifact the number is that of the one before it, which still follows.
  return fmt::format("a.num <= {} AND a.id < {} ORDER BY a.num DESC",
                     parameters.bind(number_at(id)), parameters.bind(id));
}

/// FROM, WHERE and ORDER BY: the rows of one range in list order, or the first rows of several,
/// merged.
std::string ArtifactList::rows(Parameters& parameters) {
  std::string tenant = parameters.bind(tenant_.id());
  if (walks_dimension_) return rows_of_dimension(parameters, tenant);
  std::string joined = join(parameters);
  std::string rest = filters(parameters);
  if (by_seq_) {
    return fmt::format(
        "FROM artifacts a {} WHERE a.num IN (SELECT s.num FROM artifacts s WHERE s.tenant_id = {}"
        " AND s.seq >= {}){} AND {}",
        joined, tenant, parameters.bind(*since_seq_), rest, keyset(parameters));
  }
  if (by_change_ && windowed_) {
    return fmt::format("FROM artifacts a {} WHERE a.tenant_id = {}{} AND {}", joined, tenant, rest,
                       keyset(parameters));
  }
  if (by_change_) {
    return fmt::format(
        "FROM artifacts a {} WHERE a.tenant_id = {} AND a.seq < {}{} ORDER BY a.seq DESC", joined,
        tenant, parameters.bind(before_seq()), rest);
  }
  if (!down_ || filter_.after_id.empty()) {
    return fmt::format("FROM artifacts a {} WHERE a.tenant_id = {} AND a.id > {}{} ORDER BY a.id{}",
                       joined, tenant, parameters.bind(filter_.after_id), rest,
                       down_ ? " DESC" : "");
  }
  return fmt::format(
      "FROM artifacts a {} WHERE a.tenant_id = {} AND a.id < {}{} ORDER BY a.id DESC", joined,
      tenant, parameters.bind(filter_.after_id), rest);
}

std::string ArtifactList::rows_of_dimension(Parameters& parameters, const std::string& tenant) {
  std::string joined = join(parameters);
  std::vector<std::string> ranges = dimensions_.front().ranges(parameters);
  std::string rest = filters(parameters);
  std::string place = keyset(parameters);
  auto condition = [&](const std::string& range) {
    return fmt::format("a.tenant_id = {} AND {}{} AND {}", tenant, range, rest, place);
  };
  if (ranges.size() == 1) {
    return fmt::format("FROM artifacts a {} WHERE {}", joined, condition(ranges.front()));
  }
  std::vector<std::string> parts;
  parts.reserve(ranges.size());
  std::string limit = parameters.bind(std::int64_t{filter_.limit});
  for (const std::string& range : ranges) {
    parts.push_back(
        fmt::format("SELECT num FROM (SELECT a.num FROM artifacts a {} WHERE {} LIMIT {}) p{}",
                    windowed_ ? joined : "", condition(range), limit, parts.size()));
  }
  return fmt::format("FROM ({}) h JOIN artifacts a ON a.num = h.num {} {}",
                     fmt::join(parts, " UNION "), joined, place.substr(place.find("ORDER BY")));
}

/// In a window: what a superseded revision says of itself only its content tells, so rows are
/// looked at until there are enough that say what is asked for.
void visit_telling(Connection& connection, const TenantScope& tenant, const ArtifactFilter& filter,
                   const ArtifactVisitor& visit) {
  ArtifactFilter looked = filter;
  looked.states.clear();
  looked.text.clear();
  looked.with_content = true;
  looked.limit = looked_at_once;
  int rows = looked_at_once;
  int left = filter.limit;
  std::string last_id = looked.after_id;
  auto last_seq = looked.before_seq;
  const auto look = [&](const ArtifactView& view) {
    ++rows;
    last_id = view.id;
    last_seq = view.seq;
    if (left == 0) return;
    const Extract extract = extract_in(view, filter);
    const bool in_state = filter.states.empty() ||
                          std::ranges::find(filter.states, extract.state) != filter.states.end();
    if (!in_state || !has_text(extract.title, view.upstream_id, filter.text)) return;
    --left;
    visit(view);
  };
  while (left > 0 && rows == looked_at_once) {
    rows = 0;
    looked.after_id = last_id;
    looked.before_seq = last_seq;
    ArtifactList(connection, tenant, looked).run(look);
  }
}

}  // namespace

void visit_artifacts(Connection& connection, const TenantScope& tenant,
                     const ArtifactFilter& filter, const ArtifactVisitor& visit) {
  const bool asks_content = !filter.states.empty() || !filter.text.empty();
  if (asks_content && !filter.window.open()) {
    visit_telling(connection, tenant, filter, visit);
  } else {
    ArtifactList(connection, tenant, filter).run(visit);
  }
}

std::vector<Artifact> list_artifacts(Connection& connection, const TenantScope& tenant,
                                     const ArtifactFilter& filter) {
  std::vector<Artifact> artifacts;
  visit_artifacts(connection, tenant, filter,
                  [&](const ArtifactView& view) { artifacts.push_back(copy_of(view)); });
  return artifacts;
}

}  // namespace evidenced::storage
