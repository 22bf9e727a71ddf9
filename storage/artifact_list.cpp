#include "storage/artifact_row.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>

namespace evidenced::storage {

namespace {

/// Past this many rows one dimension is as good as another: counting stops.
constexpr std::int64_t narrow_enough = 2000;

/// More values than this are filtered for, not walked one by one.
constexpr std::size_t most_ranges = 16;

/// The parameters of a statement under construction; owns the texts that it binds.
class Parameters {
 public:
  std::string bind(std::string_view text) {
    values_.emplace_back(std::string_view(texts_.emplace_back(text)));
    return fmt::format("${}", values_.size());
  }
  std::string bind(std::int64_t number) {
    values_.emplace_back(number);
    return fmt::format("${}", values_.size());
  }
  std::span<const Value> values() const { return values_; }

 private:
  std::deque<std::string> texts_;  // grows without moving
  std::vector<Value> values_;
};

struct Wanted {
  std::string value;
  std::string workspace;  ///< where a project key alone would be ambiguous
};

/// One way to narrow a list, with an index of its own: one of some values in one column, or being
/// removed.
struct Dimension {
  std::string_view column;
  std::vector<Wanted> wanted;

  /// Conditions of which each is one range of the dimension's index.
  std::vector<std::string> ranges(Parameters& parameters) const {
    if (column == "removed_at") return {"a.removed_at IS NOT NULL"};
    std::vector<std::string> conditions;
    for (const Wanted& one : wanted) {
      std::string condition = fmt::format("a.{} = {}", column, parameters.bind(one.value));
      if (!one.workspace.empty()) {
        condition += fmt::format(" AND a.workspace || '' = {}", parameters.bind(one.workspace));
      }
      conditions.push_back(std::move(condition));
    }
    return conditions;
  }

  /// The same as one condition that no index serves, so that the engine does not take another index
  /// than the one chosen.
  std::string filter(Parameters& parameters) const {
    if (column == "removed_at") return "a.removed_at + 0 IS NOT NULL";
    std::vector<std::string> conditions;
    for (const Wanted& one : wanted) {
      std::string condition = fmt::format("a.{} || '' = {}", column, parameters.bind(one.value));
      if (!one.workspace.empty()) {
        condition += fmt::format(" AND a.workspace || '' = {}", parameters.bind(one.workspace));
      }
      conditions.push_back(std::move(condition));
    }
    return fmt::format("({})", fmt::join(conditions, " OR "));
  }
};

class ArtifactList {
 public:
  ArtifactList(Connection& connection, const TenantScope& tenant, const ArtifactFilter& filter)
      : connection_(connection),
        tenant_(tenant),
        filter_(filter),
        windowed_(!filter.window.open()) {}

  void run(const ArtifactVisitor& visit);

 private:
  bool resolve_since();
  bool add(std::string_view column, const std::vector<std::string>& values,
           std::string_view parent_kind);
  void look_up(Dimension& dimension, std::string_view kind, const std::string& uuid);
  std::int64_t count(const Dimension& dimension);
  std::int64_t count_since();
  void choose();
  std::string filters(Parameters& parameters);
  std::string join(Parameters& parameters) const;
  std::int64_t number_before(const std::string& id);
  std::string rows(Parameters& parameters);

  Connection& connection_;
  const TenantScope& tenant_;
  const ArtifactFilter& filter_;
  std::vector<Dimension> dimensions_;  // the first is the one whose index is walked
  std::optional<std::int64_t> since_seq_;
  bool by_seq_ = false;  // few enough changed: look at those alone
  bool walks_dimension_ = false;
  const bool windowed_;
};

void ArtifactList::run(const ArtifactVisitor& visit) {
  bool possible = resolve_since() && add("kind", filter_.kinds, "") &&
                  add("source_id", filter_.source_ids, "") &&
                  add("workspace", filter_.workspaces, "workspace") &&
                  add("project", filter_.projects, "project") &&
                  add("repository", filter_.repositories, "repository");
  if (!possible) return;
  if (filter_.removed == Removed::only && !windowed_) {
    dimensions_.push_back({.column = "removed_at", .wanted = {}});
  }
  choose();
  Parameters parameters;
  std::string from = rows(parameters);
  std::string sql =
      fmt::format("SELECT {}, {} {} LIMIT {}", windowed_ ? window_columns : artifact_columns,
                  filter_.with_content ? content_column : "''", from,
                  parameters.bind(std::int64_t{filter_.limit}));
  connection_.query(sql, parameters.values(), [&](const Row& row) { visit(view_artifact(row)); });
}

/// Turns a moment into a feed position; false when nothing changed since.
bool ArtifactList::resolve_since() {
  since_seq_ = filter_.changed_since_seq;
  if (!filter_.changed_since) return true;
  std::optional<std::int64_t> first;
  connection_.query(
      "SELECT first_seq FROM feed_marks WHERE tenant_id = $1 AND at >= $2"
      " ORDER BY at, first_seq LIMIT 1",
      {tenant_.id(), to_value(*filter_.changed_since)},
      [&](const Row& row) { first = row.integer(0); });
  if (first) since_seq_ = std::max(*first, since_seq_.value_or(0));
  return first.has_value();
}

/// Adds a dimension, its uuids replaced by what they are called now; false when it can match
/// nothing.
bool ArtifactList::add(std::string_view column, const std::vector<std::string>& values,
                       std::string_view parent_kind) {
  if (values.empty()) return true;
  Dimension dimension{.column = column, .wanted = {}};
  for (const std::string& value : values) {
    if (!parent_kind.empty() && value.starts_with('{')) {
      look_up(dimension, parent_kind, value);
    } else {
      dimension.wanted.push_back({.value = value, .workspace = ""});
    }
  }
  if (dimension.wanted.empty()) return false;
  dimensions_.push_back(std::move(dimension));
  return true;
}

void ArtifactList::look_up(Dimension& dimension, std::string_view kind, const std::string& uuid) {
  connection_.query(
      "SELECT DISTINCT workspace, project, repository FROM artifacts"
      " WHERE source_id IN (SELECT id FROM sources WHERE tenant_id = $1)"
      "   AND kind = $2 AND upstream_id = $3",
      {tenant_.id(), kind, uuid}, [&](const Row& row) {
        ColumnReader column(row);
        std::string workspace = column.text();
        std::string project = column.text();
        std::string repository = column.text();
        if (kind == "workspace") dimension.wanted.push_back({workspace, ""});
        if (kind == "project") dimension.wanted.push_back({project, workspace});
        if (kind == "repository") dimension.wanted.push_back({repository, ""});
      });
}

std::int64_t ArtifactList::count(const Dimension& dimension) {
  if (dimension.wanted.size() > most_ranges) return narrow_enough;
  Parameters parameters;
  std::string tenant = parameters.bind(tenant_.id());
  std::vector<std::string> counts;
  for (const std::string& range : dimension.ranges(parameters)) {
    counts.push_back(
        fmt::format("(SELECT count(*) FROM (SELECT 1 FROM artifacts a WHERE a.tenant_id = {} AND {}"
                    " LIMIT {}) w)",
                    tenant, range, narrow_enough));
  }
  std::int64_t rows = 0;
  connection_.query(fmt::format("SELECT {}", fmt::join(counts, " + ")), parameters.values(),
                    [&](const Row& row) { rows = row.integer(0); });
  return rows;
}

std::int64_t ArtifactList::count_since() {
  std::int64_t rows = 0;
  connection_.query(
      "SELECT count(*) FROM (SELECT 1 FROM artifacts WHERE tenant_id = $1 AND seq >= $2"
      " LIMIT $3) w",
      {tenant_.id(), *since_seq_, narrow_enough}, [&](const Row& row) { rows = row.integer(0); });
  return rows;
}

/// Puts the narrowest dimension first. One alone needs no counting.
void ArtifactList::choose() {
  std::int64_t least = narrow_enough;
  if (dimensions_.size() > 1 || (since_seq_ && !dimensions_.empty())) {
    std::vector<std::int64_t> counts;
    counts.reserve(dimensions_.size());
    for (const Dimension& dimension : dimensions_) counts.push_back(count(dimension));
    auto narrowest = std::ranges::min_element(counts);
    least = *narrowest;
    std::swap(dimensions_.front(),
              dimensions_[static_cast<std::size_t>(narrowest - counts.begin())]);
  }
  by_seq_ = since_seq_ && count_since() < least;
  bool too_many = !dimensions_.empty() && dimensions_.front().wanted.size() > most_ranges;
  walks_dimension_ = !by_seq_ && !dimensions_.empty() && !too_many;
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
  return sql;
}

std::string ArtifactList::join(Parameters& parameters) const {
  if (!windowed_) return std::string(artifact_join);
  std::string from = parameters.bind(from_of(filter_.window));
  return window_join(from, parameters.bind(to_of(filter_.window)));
}

/// The keyset: ids and numbers rise together. The artifact itself may have been purged meanwhile.
std::int64_t ArtifactList::number_before(const std::string& id) {
  std::int64_t number = 0;
  if (id.empty()) return number;
  connection_.query(
      "SELECT num FROM artifacts WHERE tenant_id = $1 AND id <= $2 ORDER BY id DESC LIMIT 1",
      {tenant_.id(), id}, [&](const Row& row) { number = row.integer(0); });
  return number;
}

/// FROM, WHERE and ORDER BY: the rows of one range in list order, or the first rows of several,
/// merged.
std::string ArtifactList::rows(Parameters& parameters) {
  std::string tenant = parameters.bind(tenant_.id());
  std::string joined = join(parameters);
  if (!by_seq_ && !walks_dimension_) {
    std::string after_id = parameters.bind(filter_.after_id);
    return fmt::format("FROM artifacts a {} WHERE a.tenant_id = {} AND a.id > {}{} ORDER BY a.id",
                       joined, tenant, after_id, filters(parameters));
  }
  std::string after = parameters.bind(number_before(filter_.after_id));
  std::string rest = filters(parameters);
  if (by_seq_) {
    return fmt::format(
        "FROM artifacts a {} WHERE a.num IN (SELECT s.num FROM artifacts s WHERE s.tenant_id = {}"
        " AND s.seq >= {}) AND a.num > {}{} ORDER BY a.num",
        joined, tenant, parameters.bind(*since_seq_), after, rest);
  }
  std::vector<std::string> ranges = dimensions_.front().ranges(parameters);
  auto condition = [&](const std::string& range) {
    return fmt::format("a.tenant_id = {} AND {} AND a.num > {}{} ORDER BY a.num", tenant, range,
                       after, rest);
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
  return fmt::format("FROM ({}) h JOIN artifacts a ON a.num = h.num {} ORDER BY a.num",
                     fmt::join(parts, " UNION "), joined);
}

}  // namespace

void visit_artifacts(Connection& connection, const TenantScope& tenant,
                     const ArtifactFilter& filter, const ArtifactVisitor& visit) {
  ArtifactList(connection, tenant, filter).run(visit);
}

std::vector<Artifact> list_artifacts(Connection& connection, const TenantScope& tenant,
                                     const ArtifactFilter& filter) {
  std::vector<Artifact> artifacts;
  visit_artifacts(connection, tenant, filter,
                  [&](const ArtifactView& view) { artifacts.push_back(copy_of(view)); });
  return artifacts;
}

}  // namespace evidenced::storage
