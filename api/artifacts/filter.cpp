#include "api/artifacts/filter.hpp"

#include "api/limits.hpp"
#include "config/utf8.hpp"
#include "connector/bitbucket/identity.hpp"
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

std::size_t count_characters(std::string_view text) {
  std::size_t characters = 0;
  for (; !text.empty(); ++characters) text.remove_prefix(first_code_point(text).size);
  return characters;
}

Result<void> check_text(const std::string& text) {
  const std::size_t characters = count_characters(text);
  const bool good = characters >= limits::search_least && text.size() <= limits::search_most;
  if (text.empty() || good) return {};
  Error error;
  error.code = "request.invalid_field";
  error.detail = fmt::format("?q must be {} characters at least and {} bytes at most",
                             limits::search_least, limits::search_most);
  error.fields.push_back({"?q", "request.invalid_field", error.detail});
  return std::unexpected(std::move(error));
}

storage::ArtifactOrder order_of(const std::string& text) {
  if (text == "-id") return storage::ArtifactOrder::newest;
  return text == "-changed" ? storage::ArtifactOrder::last_changed : storage::ArtifactOrder::oldest;
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
  filter.text = query.text("q");
  Result<void> searchable = check_text(filter.text);
  if (!searchable) return fail(searchable);
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
  filter.states = query.all("state");
  filter.order = order_of(query.text("sort"));
  filter.read = connector::bitbucket::extract_of;
  filter.removed = removed_of(query.text("removed"));
  set_changed_since(filter, query);
  filter.window = exchange.window();
  return read;
}

void go_on_after(storage::ArtifactFilter& filter, const std::string& last) {
  if (filter.order == storage::ArtifactOrder::last_changed) {
    filter.before_seq = parse_count(last).value_or(0);
  } else {
    filter.after_id = last;
  }
}

std::string place_of(const storage::ArtifactFilter& filter, const storage::ArtifactView& artifact) {
  return filter.order == storage::ArtifactOrder::last_changed ? std::to_string(artifact.seq)
                                                              : std::string(artifact.id);
}

std::vector<std::string> seen_sources(storage::Connection& connection, const Exchange& exchange) {
  ArtifactQuery query;
  add_all_sources(connection, exchange, query);
  return std::move(query.sources);
}

}  // namespace evidenced::api
