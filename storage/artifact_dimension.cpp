#include "storage/artifact_dimension.hpp"

#include "config/ascii.hpp"
#include "storage/columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace evidenced::storage {

namespace {

void look_up(Connection& connection, const TenantScope& tenant, Dimension& dimension,
             const std::string& uuid) {
  const std::string_view kind = dimension.column;  // the column of a parent is called as its kind
  connection.query(
      "SELECT DISTINCT workspace, project, repository FROM artifacts"
      " WHERE source_id IN (SELECT id FROM sources WHERE tenant_id = $1)"
      "   AND kind = $2 AND upstream_id = $3",
      {tenant.id(), kind, uuid}, [&](const Row& row) {
        ColumnReader column(row);
        std::string workspace = column.text();
        std::string project = column.text();
        std::string repository = column.text();
        if (kind == "workspace") dimension.wanted.push_back({workspace, ""});
        if (kind == "project") dimension.wanted.push_back({project, workspace});
        if (kind == "repository") dimension.wanted.push_back({repository, ""});
      });
}

/// `text` as a pattern of LIKE that matches it anywhere.
std::string pattern_of(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += to_lower(c);
  }
  return pattern + '%';
}

bool holds(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return to_lower(a) == to_lower(b); };
  return !std::ranges::search(text, part, same).empty();
}

}  // namespace

std::vector<std::string> Dimension::ranges(Parameters& parameters) const {
  if (column == "removed_at") return {"a.removed_at IS NOT NULL"};
  // The index on states leaves out those that have none: the engine must be told that these are not
  // wanted.
  const std::string_view partial = column == "state" ? " AND a.state <> ''" : "";
  std::vector<std::string> conditions;
  for (const Wanted& one : wanted) {
    std::string condition = fmt::format("a.{} = {}{}", column, parameters.bind(one.value), partial);
    if (!one.workspace.empty()) {
      condition += fmt::format(" AND a.workspace || '' = {}", parameters.bind(one.workspace));
    }
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

std::string Dimension::filter(Parameters& parameters) const {
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

std::vector<Dimension> dimensions_of(Connection& connection, const TenantScope& tenant,
                                     const ArtifactFilter& filter) {
  struct Named {
    std::string_view column;
    const std::vector<std::string>& values;
    bool by_uuid;
  };
  const Named all[] = {{"kind", filter.kinds, false},
                       {"source_id", filter.source_ids, false},
                       {"workspace", filter.workspaces, true},
                       {"project", filter.projects, true},
                       {"repository", filter.repositories, true},
                       {"state", filter.states, false}};
  std::vector<Dimension> dimensions;
  for (const Named& named : all) {
    if (named.values.empty()) continue;
    Dimension& dimension = dimensions.emplace_back(named.column);
    for (const std::string& value : named.values) {
      if (named.by_uuid && value.starts_with('{')) {
        look_up(connection, tenant, dimension, value);
      } else {
        dimension.wanted.push_back({.value = value, .workspace = ""});
      }
    }
  }
  return dimensions;
}

Since since_of(Connection& connection, const TenantScope& tenant, const ArtifactFilter& filter) {
  Since since{.seq = filter.changed_since_seq};
  if (!filter.changed_since) return since;
  std::optional<std::int64_t> first;
  connection.query(
      "SELECT first_seq FROM feed_marks WHERE tenant_id = $1 AND at >= $2"
      " ORDER BY at, first_seq LIMIT 1",
      {tenant.id(), to_value(*filter.changed_since)},
      [&](const Row& row) { first = row.integer(0); });
  if (!first) return {.seq = since.seq, .nothing = true};
  return {.seq = std::max(*first, since.seq.value_or(0))};
}

std::string text_condition(Parameters& parameters, std::string_view text) {
  if (text.empty()) return "";
  const std::string pattern = parameters.bind(pattern_of(text));
  return fmt::format(
      " AND (lower(a.title) LIKE {0} ESCAPE '\\' OR lower(a.upstream_id) LIKE {0} ESCAPE '\\')",
      pattern);
}

bool has_text(std::string_view title, std::string_view upstream_id, std::string_view text) {
  return text.empty() || holds(title, text) || holds(upstream_id, text);
}

Extract extract_in(const ArtifactView& view, const ArtifactFilter& filter) {
  if (view.superseded && filter.read != nullptr) return filter.read(view.kind, view.content);
  return {std::string(view.title), std::string(view.state), view.dated_at, {}};
}

}  // namespace evidenced::storage
