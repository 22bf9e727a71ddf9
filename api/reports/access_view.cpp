#include "api/reports/access_view.hpp"

#include "api/artifacts/filter.hpp"

#include <fmt/format.h>

#include <utility>

namespace evidenced::api {

Result<evidence::AccessQuestion> read_access_question(storage::Connection& connection,
                                                      const Exchange& exchange) {
  Result<ArtifactQuery> query = read_artifact_query(connection, exchange);
  if (!query) return fail(query);
  evidence::AccessQuestion asked;
  asked.source_ids = std::move(query->sources);
  asked.workspaces = std::move(query->filter.workspaces);
  asked.projects = std::move(query->filter.projects);
  asked.repositories = std::move(query->filter.repositories);
  asked.window = query->filter.window;
  return asked;
}

std::vector<std::string> matrix_kinds() {
  return {"repository", "workspace_member", "repository_access"};
}

std::vector<std::string> path_kinds() {
  return {"repository",       "workspace_member", "repository_access",
          "repository_grant", "project_grant",    "group"};
}

void write_person(JsonOut& json, const evidence::AccessPerson& person) {
  const bool has_uuid = person.id.starts_with('{');
  json.member("id", person.id);
  json.text_or_null("uuid", has_uuid ? std::string_view(person.id) : std::string_view());
  json.text_or_null("account_id", person.account_id);
  json.text_or_null("name", person.name);
  json.text_or_null("nickname", person.nickname);
  json.text_or_null("artifact_id", person.artifact_id);
  json.member("member", !person.artifact_id.empty());
  json.text_or_null("workspace_permission", person.workspace_permission);
}

void write_repository(JsonOut& json, const evidence::AccessRepository& repository) {
  json.begin_object();
  json.member("artifact_id", repository.artifact_id);
  json.member("repository", repository.repository);
  json.text_or_null("project", repository.project);
  json.member("name", repository.name);
  json.end_object();
}

void write_path(JsonOut& json, const evidence::AccessPath& path) {
  json.begin_object();
  json.member("via", evidence::name_of(path.via));
  json.member("permission", evidence::name_of(path.permission));
  json.key("group");
  if (path.group == nullptr) {
    json.null();
  } else {
    json.begin_object();
    json.member("artifact_id", path.group->artifact_id);
    json.member("slug", path.group->slug);
    json.member("name", path.group->name);
    json.end_object();
  }
  json.member("artifact_id", path.artifact_id);
  json.member("observed_at", path.observed_at);
  json.end_object();
}

std::string_view permission_of_letter(char letter) {
  switch (letter) {
    case 'A':
      return "admin";
    case 'W':
      return "write";
    case 'R':
      return "read";
    case '-':
      return "none";
    default:
      return "";
  }
}

std::string paths_text(const evidence::GrantBook& book,
                       const evidence::AccessRepository& repository, std::string_view person) {
  std::string text;
  for (const evidence::AccessPath& path : book.paths(repository, person)) {
    if (!text.empty()) text += "; ";
    text += evidence::name_of(path.via);
    if (path.group != nullptr) text += fmt::format(" {}", path.group->slug);
    text += fmt::format(" {}", evidence::name_of(path.permission));
  }
  return text;
}

}  // namespace evidenced::api
