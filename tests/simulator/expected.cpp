// What a complete walk must end with, read from the world itself.
#include "tests/simulator/fields.hpp"
#include "tests/simulator/simulator.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace evidenced::simulator {
namespace {

constexpr std::array<std::string_view, 6> hidden_in_pr{
    "participants",      "reviewers",           "rendered",
    "merge_commit.date", "merge_commit.author", "merge_commit.message"};
constexpr std::array<std::string_view, 2> hidden_in_members{"user.email", "user.has_2fa_enabled"};

/// The items of a list parameter as they apply to one entry: "+values.x,next" → "+x".
std::string entry_fields(std::string_view fields) {
  std::string out;
  while (!fields.empty()) {
    const std::size_t comma = fields.find(',');
    std::string_view item = fields.substr(0, comma);
    fields = comma == std::string_view::npos ? std::string_view() : fields.substr(comma + 1);
    std::string sign;
    if (item.starts_with('+') || item.starts_with('-')) {
      sign = item.front();
      item.remove_prefix(1);
    }
    if (item.starts_with("values.")) {
      item.remove_prefix(7);
    } else if (item == "values" || item == "next" || item == "size" || item == "page") {
      continue;
    }
    out += (out.empty() ? "" : ",") + sign + std::string(item);
  }
  return out;
}

class Collector {
 public:
  Collector(const World& world, const Bodies& bodies, const Token& token,
            const std::map<std::string, std::string>& fields)
      : world_(world), bodies_(bodies), token_(token), fields_(fields) {
    if (!fields_.contains("pull_request"))
      fields_["pull_request"] =
          "+values.participants,+values.reviewers,+values.merge_commit.date,"
          "-values.rendered,-values.summary.html";
  }

  std::vector<ExpectedObject> collect() {
    const Person& person = world_.people[token_.person];
    if (token_.has("read:user:bitbucket"))
      add("account", {person.uuid}, bodies_.full_account(token_.person, true), {});
    for (const auto& workspace : world_.workspaces) {
      if (token_.role_in(workspace->slug) != Role::none) in_workspace(*workspace);
    }
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.kind, a.key) < std::tie(b.kind, b.key);
    });
    return std::move(found_);
  }

 private:
  void add(std::string kind, std::vector<std::string> key, const json::value& full,
           std::span<const std::string_view> hidden) {
    const auto form = fields_.find(kind);
    const Fields fields(form == fields_.end() ? "" : entry_fields(form->second), hidden);
    found_.push_back({std::move(kind), std::move(key), fields.apply(full)});
  }

  void in_workspace(const Workspace& workspace) {
    if (token_.has("read:workspace:bitbucket")) {
      add("workspace", {workspace.uuid}, bodies_.workspace(workspace), {});
      for (const Membership& member : workspace.members) membership(workspace, member);
    }
    if (token_.has("read:project:bitbucket")) {
      for (const Project& project : workspace.projects)
        add("project", {project.uuid}, bodies_.project(workspace, project), {});
    }
    if (!token_.has("read:repository:bitbucket")) return;
    for (const auto& repository : workspace.repositories) {
      if (token_.hidden_repositories.contains(repository->uuid)) continue;
      add("repository", {repository->uuid}, bodies_.repository(workspace, *repository), {});
      if (!token_.forbidden_repositories.contains(repository->uuid))
        in_repository(workspace, *repository);
    }
  }

  void membership(const Workspace& workspace, const Membership& member) {
    json::value body = bodies_.membership(workspace, member, true);
    json::value& who = body.get_object()["user"];
    if (token_.role_in(workspace.slug) != Role::admin && who.is_object()) {
      who.get_object().erase("email");
      who.get_object()["has_2fa_enabled"] = nullptr;
    }
    add("workspace_member", {workspace.uuid, world_.people[member.person].uuid}, body,
        hidden_in_members);
  }

  void in_repository(const Workspace& workspace, const Repository& repository) {
    const bool admin = token_.role_in(workspace.slug) == Role::admin;
    const std::string base = "repositories/" + workspace.slug + "/" + repository.slug;
    for (const Grant& grant : repository.grants) {
      if (!admin) break;
      const std::string who =
          grant.to_group ? workspace.groups[grant.who].slug : world_.people[grant.who].uuid;
      add("repository_grant", {repository.uuid, grant.to_group ? "group" : "user", who},
          bodies_.grant(workspace, grant, "repository", base), {});
    }
    for (const Restriction& restriction : repository.restrictions) {
      if (!admin || !token_.has("admin:repository:bitbucket")) break;
      add("branch_restriction", {repository.uuid, std::to_string(restriction.id)},
          bodies_.restriction(workspace, repository, restriction), {});
    }
    for (const PullRequest& pull_request : repository.pull_requests) {
      if (!token_.has("read:pullrequest:bitbucket")) break;
      add("pull_request", {repository.uuid, std::to_string(pull_request.id)},
          bodies_.pull_request(workspace, repository, pull_request), hidden_in_pr);
    }
  }

  const World& world_;
  const Bodies& bodies_;
  const Token& token_;
  std::map<std::string, std::string> fields_;
  std::vector<ExpectedObject> found_;
};

}  // namespace

std::vector<ExpectedObject> Simulator::expected(const Token& token,
                                                const std::map<std::string, std::string>& fields) {
  return Collector(world_, bodies_, token, fields).collect();
}

}  // namespace evidenced::simulator
