#include "api/artifacts/filter.hpp"

#include "api/limits.hpp"
#include "connector/bitbucket/streams.hpp"
#include "storage/source_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

Result<void> check_kinds(const std::vector<std::string>& kinds) {
  Error error;
  error.code = "request.invalid_field";
  for (const std::string& kind : kinds) {
    if (connector::bitbucket::find_kind(kind) != nullptr) continue;
    error.fields.push_back(
        {"?kind", "request.invalid_field", fmt::format("'{}' is no kind; see /v1/kinds", kind)});
  }
  if (error.fields.empty()) return {};
  error.detail = error.fields.front().detail;
  return std::unexpected(std::move(error));
}

storage::Removed removed_of(const std::string& text) {
  if (text == "only") return storage::Removed::only;
  return text == "true" ? storage::Removed::include : storage::Removed::hide;
}

void set_changed_since(storage::ArtifactFilter& filter, const Query& query) {
  // A feed position is a number, a time is none.
  filter.changed_since_seq = query.count("changed_since");
  if (!filter.changed_since_seq) filter.changed_since = query.time("changed_since");
  // Whoever asks for changes asks for removals, too.
  if (query.has("changed_since") && !query.has("removed")) {
    filter.removed = storage::Removed::include;
  }
}

void add_source(ArtifactQuery& query, const storage::Source& source) {
  query.sources.push_back(source.id);
  query.sources_state += fmt::format("{}:{},", source.id, source.version);
}

/// Every source that the list may hold something of.
void add_all_sources(storage::Connection& connection, const Exchange& exchange,
                     ArtifactQuery& query) {
  storage::SourceFilter filter;
  filter.ids = exchange.key->key.source_ids;
  filter.limit = static_cast<int>(limits::page_maximum);
  while (true) {
    const auto page = storage::list_sources(connection, exchange.tenant(), filter);
    for (const storage::Source& source : page) add_source(query, source);
    if (page.size() < static_cast<std::size_t>(filter.limit)) break;
    filter.after_id = page.back().id;
  }
  // Deleted sources are not listed, and their evidence is.
  query.sources_state += fmt::format("{}", storage::sum_of_versions(connection, exchange.tenant()));
}

}  // namespace

Result<ArtifactQuery> read_artifact_query(storage::Connection& connection,
                                          const Exchange& exchange) {
  const Query& query = exchange.query;
  ArtifactQuery read;
  storage::ArtifactFilter& filter = read.filter;
  filter.kinds = query.all("kind");
  Result<void> known = check_kinds(filter.kinds);
  if (!known) return fail(known);
  filter.source_ids = query.all("source");
  for (const std::string& id : filter.source_ids) {
    if (!exchange.sees_source(id)) return not_found();
    auto source = storage::find_source(connection, exchange.tenant(), id);
    if (!source) return fail(source);
    add_source(read, *source);
  }
  if (filter.source_ids.empty()) {
    add_all_sources(connection, exchange, read);
    filter.source_ids = exchange.key->key.source_ids;
  }
  filter.workspaces = query.all("workspace");
  filter.projects = query.all("project");
  filter.repositories = query.all("repository");
  filter.removed = removed_of(query.text("removed"));
  set_changed_since(filter, query);
  filter.window = exchange.window();
  return read;
}

std::vector<std::string> seen_sources(storage::Connection& connection, const Exchange& exchange) {
  ArtifactQuery query;
  add_all_sources(connection, exchange, query);
  return std::move(query.sources);
}

}  // namespace evidenced::api
