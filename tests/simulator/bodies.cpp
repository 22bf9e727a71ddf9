#include "tests/simulator/bodies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace evidenced::simulator {
namespace {

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

/// Which spelling an object uses: most use Bitbucket's usual one.
Spelling spelling(std::string_view id, bool odd) {
  if (!odd || id.empty()) return Spelling::six;
  std::uint64_t hash = 1469598103934665603U;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  switch (hash % 9) {
    case 0:
      return Spelling::zulu;
    case 1:
      return Spelling::nine;
    default:
      return Spelling::six;
  }
}

/// Builds the body again when the thing or something that it embeds has changed.
template <class Thing, class Build>
const json::value& cached(const Thing& thing, const World& world, Build build) {
  if (thing.cache.epoch != world.epoch()) {
    thing.cache.body = build();
    thing.cache.epoch = world.epoch();
  }
  return thing.cache.body;
}

}  // namespace

std::string path_of(const Workspace& workspace, const Repository& repository) {
  return "repositories/" + workspace.slug + "/" + repository.slug;
}

json::value api_link(std::string_view path) {
  return {{"href", "https://api.bitbucket.org/2.0/" + std::string(path)}};
}

json::value web_link(std::string_view path) {
  return {{"href", "https://bitbucket.org/" + std::string(path)}};
}

std::string encode_uuid(std::string_view uuid) {
  std::string text;
  for (const char c : uuid) {
    if (c == '{') {
      text += "%7B";
    } else if (c == '}') {
      text += "%7D";
    } else {
      text += c;
    }
  }
  return text;
}

json::value Bodies::account(std::size_t index) const {
  const Person& person = world_.people[index];
  if (person.erased) return nullptr;
  static constexpr const char* types[] = {"user", "app_user", "team"};
  const std::string encoded = encode_uuid(person.uuid);
  json::object body;
  body["display_name"] = person.display_name;
  body["links"] = {
      {"self", api_link("users/" + encoded)},
      {"avatar",
       {{"href", "https://secure.gravatar.com/avatar/" + encoded.substr(3, 8) + "?d=mm"}}},
      {"html", web_link(encoded + "/")}};
  body["type"] = types[static_cast<int>(person.type)];
  body["uuid"] = person.uuid;
  if (person.type == Person::Type::team) {
    body["username"] = "team-" + encoded.substr(3, 8);
    return body;
  }
  if (!person.account_id.empty()) body["account_id"] = person.account_id;
  if (person.type == Person::Type::app_user) {
    body["created_on"] = stamp(person.created_on);
    body["account_status"] = "active";
    body["kind"] = "repository_access_token";
    return body;
  }
  if (!person.nickname.empty()) body["nickname"] = person.nickname;
  return body;
}

json::value Bodies::full_account(std::size_t index, bool self) const {
  const Person& person = world_.people[index];
  json::value body = account(index);
  if (!body.is_object()) return body;
  json::object& object = body.get_object();
  object["created_on"] = stamp(person.created_on);
  object["account_status"] = "active";
  object["location"] = nullptr;
  object["is_staff"] = false;
  if (self) object["has_2fa_enabled"] = nullptr;
  return body;
}

json::value Bodies::workspace_short(const Workspace& workspace) const {
  return {{"type", "workspace"},
          {"uuid", workspace.uuid},
          {"name", workspace.name},
          {"slug", workspace.slug},
          {"links",
           {{"avatar", web_link("workspaces/" + workspace.slug + "/avatar/?ts=1543465801")},
            {"html", web_link(workspace.slug + "/")},
            {"self", api_link("workspaces/" + workspace.slug)}}}};
}

const json::value& Bodies::workspace(const Workspace& workspace) const {
  return cached(workspace, world_, [&]() -> json::value {
    const std::string path = "workspaces/" + workspace.slug;
    json::object body;
    body["uuid"] = workspace.uuid;
    body["links"] = {{"owners", api_link(path + "/members?q=permission%3D%22owner%22")},
                     {"self", api_link(path)},
                     {"repositories", api_link("repositories/" + workspace.slug)},
                     {"html", web_link(workspace.slug + "/")},
                     {"avatar", web_link(path + "/avatar/?ts=1543465801")},
                     {"members", api_link(path + "/members")},
                     {"projects", api_link(path + "/projects")}};
    body["created_on"] = stamp(workspace.created_on - workspace.created_on % 100'000);
    body["type"] = "workspace";
    body["slug"] = workspace.slug;
    body["is_private"] = true;
    body["is_privacy_enforced"] = false;
    body["forking_mode"] = "allow_forks";
    body["is_personal"] = false;
    body["name"] = workspace.name;
    return body;
  });
}

json::value Bodies::workspace_access(const Workspace& workspace, bool administrator,
                                     bool second_shape) const {
  if (second_shape) {
    return {{"type", "workspace_membership"},
            {"permission", administrator ? "owner" : "member"},
            {"last_accessed", stamp(workspace.created_on, Spelling::bare)},
            {"workspace", workspace_short(workspace)}};
  }
  return {{"type", "workspace_access"},
          {"administrator", administrator},
          {"workspace",
           {{"type", "workspace_base"},
            {"uuid", workspace.uuid},
            {"slug", workspace.slug},
            {"links",
             {{"avatar",
               {{"href", "https://api.bitbucket.org/workspaces/" + workspace.slug + "/avatar/"}}},
              {"self", api_link("workspaces/" + workspace.slug)}}}}}};
}

json::value Bodies::membership(const Workspace& workspace, const Membership& member,
                               bool with_permission) const {
  const Person& person = world_.people[member.person];
  json::object body;
  body["type"] = "workspace_membership";
  if (with_permission) body["permission"] = member.permission;
  json::value user = account(member.person);
  if (user.is_object()) {
    json::object& object = user.get_object();
    object["has_2fa_enabled"] = person.has_2fa ? json::value(*person.has_2fa) : nullptr;
    object["email"] = person.email;
  }
  body["user"] = std::move(user);
  body["workspace"] = workspace_short(workspace);
  body["links"] = {
      {"self", api_link("workspaces/" + workspace.slug + "/members/" + encode_uuid(person.uuid))}};
  if (with_permission) {
    body["added_on"] = stamp(member.added_on, Spelling::bare);
    body["last_accessed"] = nullptr;
  }
  return body;
}

json::value Bodies::team(const Workspace& workspace) {
  return {{"display_name", workspace.name},
          {"username", workspace.slug},
          {"type", "team"},
          {"uuid", workspace.uuid},
          {"links", {{"self", api_link("teams/" + encode_uuid(workspace.uuid))}}}};
}

const json::value& Bodies::project(const Workspace& workspace, const Project& project) const {
  return cached(project, world_, [&]() -> json::value {
    const std::string path = "workspaces/" + workspace.slug + "/projects/" + project.key;
    const Spelling how = spelling(project.uuid, world_.options().odd);
    json::object body;
    body["type"] = "project";
    body["owner"] = team(workspace);
    body["workspace"] = workspace_short(workspace);
    body["key"] = project.key;
    body["uuid"] = project.uuid;
    body["is_private"] = project.is_private;
    body["name"] = project.name;
    body["description"] = text_or_null(project.description);
    body["links"] = {{"self", api_link(path)},
                     {"html", web_link(workspace.slug + "/workspace/projects/" + project.key)},
                     {"repositories", api_link("repositories/" + workspace.slug +
                                               "?q=project.key=%22" + project.key + "%22")},
                     {"avatar", web_link(path + "/avatar/32?ts=1543459298")}};
    body["created_on"] = stamp(project.created_on, how);
    body["updated_on"] = stamp(project.updated_on, how);
    body["has_publicly_visible_repos"] = false;
    return body;
  });
}

json::value Bodies::repository_short(const Workspace& workspace,
                                     const Repository& repository) const {
  return {
      {"type", "repository"},
      {"full_name", workspace.slug + "/" + repository.slug},
      {"links",
       {{"self", api_link(path_of(workspace, repository))},
        {"html", web_link(workspace.slug + "/" + repository.slug)},
        {"avatar",
         {{"href", "https://bytebucket.org/ravatar/" + encode_uuid(repository.uuid) + "?ts=go"}}}}},
      {"name", repository.name},
      {"uuid", repository.uuid}};
}

const json::value& Bodies::repository(const Workspace& workspace,
                                      const Repository& repository) const {
  return cached(repository, world_, [&]() -> json::value {
    const std::string path = path_of(workspace, repository);
    const Spelling how = spelling(repository.uuid, world_.options().odd);
    const Project& project = workspace.projects[repository.project];
    json::value body = repository_short(workspace, repository);
    json::object& object = body.get_object();
    json::object& links = object["links"].get_object();
    for (const char* name : {"pullrequests", "commits", "forks", "watchers", "downloads", "hooks"})
      links[name] = api_link(path + "/" + name);
    links["branches"] = api_link(path + "/refs/branches");
    links["tags"] = api_link(path + "/refs/tags");
    links["source"] = api_link(path + "/src");
    links["clone"] = {
        {{"name", "https"},
         {"href",
          "https://owner@bitbucket.org/" + workspace.slug + "/" + repository.slug + ".git"}},
        {{"name", "ssh"},
         {"href", "git@bitbucket.org:" + workspace.slug + "/" + repository.slug + ".git"}}};
    object["slug"] = repository.slug;
    object["description"] = repository.description;
    object["scm"] = "git";
    object["website"] = text_or_null(repository.website);
    const bool ownerless = world_.people[repository.creator].erased;
    object["owner"] = ownerless ? team(workspace) : account(repository.creator);
    object["workspace"] = workspace_short(workspace);
    object["is_private"] = repository.is_private;
    object["project"] = {
        {"type", "project"},
        {"key", project.key},
        {"uuid", project.uuid},
        {"name", project.name},
        {"links",
         {{"self", api_link("workspaces/" + workspace.slug + "/projects/" + project.key)}}}};
    object["fork_policy"] = repository.fork_policy;
    object["created_on"] = stamp(repository.created_on, how);
    object["updated_on"] = stamp(repository.updated_on, how);
    object["size"] = repository.size;
    object["language"] = repository.language;
    object["has_issues"] = false;
    object["has_wiki"] = false;
    object["parent"] = nullptr;
    object["enforced_signed_commits"] = repository.enforced_signed_commits
                                            ? json::value(*repository.enforced_signed_commits)
                                            : json::value(nullptr);
    if (repository.main_branch.empty()) {
      object["mainbranch"] = nullptr;
    } else {
      object["mainbranch"] = {{"type", "branch"}, {"name", repository.main_branch}};
    }
    object["override_settings"] = {{"default_merge_strategy", repository.overrides},
                                   {"branching_model", repository.overrides}};
    return body;
  });
}

json::value Bodies::group(const Workspace& workspace, std::size_t index) const {
  const Group& group = workspace.groups[index];
  return {{"type", "group"},
          {"name", group.name},
          {"slug", group.slug},
          {"full_slug", workspace.slug + ":" + group.slug},
          {"workspace", workspace_short(workspace)},
          {"owner", {{"type", "team"}, {"username", workspace.slug}, {"uuid", workspace.uuid}}}};
}

json::value Bodies::grant(const Workspace& workspace, const Grant& grant, std::string_view scope,
                          std::string_view base) const {
  json::object body;
  body["type"] = fmt::format("{}_{}_permission", scope, grant.to_group ? "group" : "user");
  std::string who;
  if (grant.to_group) {
    body["group"] = group(workspace, grant.who);
    who = "groups/" + workspace.groups[grant.who].slug;
  } else {
    body["user"] = account(grant.who);
    who = "users/" + encode_uuid(world_.people[grant.who].uuid);
  }
  body["permission"] = grant.permission;
  body["links"] = {{"self", api_link(fmt::format("{}/permissions-config/{}", base, who))}};
  return body;
}

const json::value& Bodies::restriction(const Workspace& workspace, const Repository& repository,
                                       const Restriction& restriction) const {
  return cached(restriction, world_, [&]() -> json::value {
    json::object body;
    body["kind"] = restriction.kind;
    json::array users;
    for (const std::size_t person : restriction.users) {
      json::value user = account(person);
      if (!user.is_null()) users.push_back(std::move(user));
    }
    body["users"] = std::move(users);
    body["links"] = {
        {"self", api_link(fmt::format("{}/branch-restrictions/{}", path_of(workspace, repository),
                                      restriction.id))}};
    body["pattern"] = restriction.pattern;
    body["value"] = restriction.value ? json::value(*restriction.value) : json::value(nullptr);
    body["branch_match_kind"] = restriction.branch_type.empty() ? "glob" : "branching_model";
    if (!restriction.branch_type.empty()) body["branch_type"] = restriction.branch_type;
    json::array groups;
    for (const std::size_t index : restriction.groups) {
      if (index < workspace.groups.size()) groups.push_back(group(workspace, index));
    }
    body["groups"] = std::move(groups);
    body["type"] = "branchrestriction";
    body["id"] = restriction.id;
    return body;
  });
}

json::value Bodies::old_groups(const Workspace& workspace) const {
  json::array list;
  for (const Group& group : workspace.groups) {
    json::array members;
    for (const std::size_t index : group.members) {
      const Person& person = world_.people[index];
      members.push_back({{"display_name", person.display_name},
                         {"account_id", person.account_id},
                         {"is_team", false},
                         {"is_staff", false},
                         {"avatar", "https://secure.gravatar.com/avatar/0"},
                         {"resource_uri", "/1.0/users/" + person.uuid},
                         {"nickname", person.nickname},
                         {"uuid", person.uuid}});
    }
    list.push_back({{"name", group.name},
                    {"slug", group.slug},
                    {"permission", group.permission},
                    {"auto_add", false},
                    {"email_forwarding_disabled", false},
                    {"members", std::move(members)},
                    {"owner",
                     {{"display_name", workspace.name},
                      {"uuid", workspace.uuid},
                      {"is_team", true},
                      {"resource_uri", "/1.0/users/" + workspace.slug}}}});
  }
  return list;
}

}  // namespace evidenced::simulator
