#include "api/artifacts/gaps.hpp"
#include "api/artifacts/handlers.hpp"
#include "api/limits.hpp"
#include "connector/bitbucket/identity.hpp"
#include "connector/bitbucket/relations.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

using connector::bitbucket::Relation;

/// One of the related, as far as a link to it needs.
struct Shown {
  std::string id;
  std::string kind;
  std::string title;
  std::string state;
  std::optional<Timestamp> removed_at;
};

Shown shown_of(const storage::ArtifactView& view) {
  Shown shown{.id = std::string(view.id),
              .kind = std::string(view.kind),
              .title = std::string(view.title),
              .state = std::string(view.state),
              .removed_at = view.removed_at};
  if (!view.superseded) return shown;
  storage::Extract extract = connector::bitbucket::extract_of(view.kind, view.content);
  shown.title = std::move(extract.title);
  shown.state = std::move(extract.state);
  return shown;
}

/// Where all of them are found: a list, or the only one itself.
std::string url_of(const Relation& relation, const std::vector<Shown>& shown, std::int64_t count) {
  std::string url;
  for (const auto& [name, value] : relation.list) {
    url +=
        fmt::format("{}{}={}", url.empty() ? "/v1/artifacts?" : "&", name, percent_encode(value));
  }
  if (url.empty() && count == 1) url = "/v1/artifacts/" + shown.front().id;
  return url;
}

void write_relation(JsonOut& json, const Relation& relation, const std::vector<Shown>& related,
                    std::int64_t count) {
  json.begin_object();
  json.member("relation", relation.name);
  json.member("kind", relation.query.kind);
  json.member("count", count);
  json.text_or_null("url", url_of(relation, related, count));
  json.key("artifacts").begin_array();
  for (const Shown& one : related) {
    json.begin_object();
    json.member("id", one.id);
    json.member("kind", one.kind);
    json.member("title", one.title);
    json.text_or_null("state", one.state);
    json.member("removed_at", one.removed_at);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

std::vector<Relation> find_relations(storage::Connection& connection, const Exchange& exchange,
                                     const storage::Artifact& artifact) {
  const auto content = connector::bitbucket::read_json(artifact.content);
  if (!content) return {};
  std::string workspace = storage::find_workspace_uuid(connection, exchange.tenant(),
                                                       artifact.source_id, artifact.workspace);
  std::string partition =
      storage::partition_of_artifact(connection, exchange.tenant(), artifact.id);
  return connector::bitbucket::relations_of({.artifact = artifact,
                                             .content = *content,
                                             .workspace_uuid = std::move(workspace),
                                             .partition = std::move(partition)});
}

Result<Response> related_answer(storage::Connection& connection, Exchange& exchange) {
  const auto artifact =
      storage::find_artifact(connection, exchange.tenant(), exchange.ids[0], exchange.window());
  if (!artifact) return fail(artifact);
  if (!exchange.sees_source(artifact->source_id)) return not_found();
  storage::ArtifactFilter filter;
  filter.window = exchange.window();
  filter.limit = limits::related_shown;
  std::vector<std::string> kinds;
  JsonOut json(exchange.buffer);
  json.begin_object().key("items").begin_array();
  for (const Relation& relation : find_relations(connection, exchange, *artifact)) {
    std::vector<Shown> related;
    const std::int64_t count = storage::visit_related(
        connection, exchange.tenant(), relation.query, filter,
        [&](const storage::ArtifactView& view) { related.push_back(shown_of(view)); });
    write_relation(json, relation, related, count);
    const bool named = std::ranges::find(kinds, relation.query.kind) != kinds.end();
    if (!named) kinds.push_back(relation.query.kind);
  }
  json.end_array();
  std::vector<Gap> gaps;
  if (!kinds.empty()) {
    gaps = find_gaps(connection, exchange.tenant(), {artifact->source_id}, std::move(kinds),
                     exchange.window());
  }
  write_gaps(json, gaps);
  json.end_object();
  return exchange.reply(200);
}

}  // namespace

Task<Result<Response>> list_related(Call call) {
  Exchange& exchange = *call;
  auto work = [&](storage::Connection& connection) { return related_answer(connection, exchange); };
  Result<Response> response = co_await reading(call, std::move(work));
  co_return response;
}

}  // namespace evidenced::api
