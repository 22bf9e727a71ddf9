#include "connector/bitbucket/hook_events.hpp"

#include "connector/bitbucket/json_text.hpp"

#include <algorithm>
#include <iterator>

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::string_view of_pull_requests[] = {"pull_request", "pull_request_activity"};
constexpr std::string_view of_merges[] = {"pull_request", "pull_request_activity", "main_branch",
                                          "commit", "build_status"};
constexpr std::string_view of_pushes[] = {"main_branch", "commit", "build_status", "pipeline"};
constexpr std::string_view of_builds[] = {"build_status", "pipeline", "deployment"};
constexpr std::string_view of_pipelines[] = {"pipeline", "deployment"};
constexpr std::string_view of_repositories[] = {"repository"};
constexpr std::string_view of_projects[] = {"project"};

/// The first that fits counts. Of permissions, groups, members and branch restrictions Bitbucket
/// sends nothing; comments on commits, forks and issues are not collected.
constexpr HookEvent table[] = {
    {"pullrequest:fulfilled", of_merges},
    {"pullrequest:", of_pull_requests},
    {"repo:push", of_pushes},
    {"repo:commit_status_", of_builds},
    {"pipeline:", of_pipelines},
    {"repo:created", of_repositories, true},
    {"repo:imported", of_repositories, true},
    {"repo:transfer", of_repositories, true},
    {"repo:updated", of_repositories},
    {"repo:deleted", of_repositories},
    {"project:", of_projects, true},
};

constexpr std::size_t uuid_limit = 64;

}  // namespace

std::span<const HookEvent> hook_events() {
  return table;
}

const HookEvent* find_hook_event(std::string_view event_key) {
  const auto* row = std::ranges::find_if(
      table, [&](const HookEvent& event) { return event_key.starts_with(event.prefix); });
  return row == std::end(table) ? nullptr : row;
}

std::string hooked_repository(std::string_view body) {
  const Result<JsonText> delivery = read_json(body);
  if (!delivery) return {};
  std::string uuid = text_at(*delivery, "repository", "uuid");
  return uuid.size() <= uuid_limit ? uuid : std::string();
}

}  // namespace evidenced::connector::bitbucket
