#include "connector/bitbucket/naming.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace evidenced::connector::bitbucket {

std::string first_of(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

std::string joined(std::string parent, const std::string& own) {
  if (own.empty()) return {};
  return parent.empty() ? own : std::move(parent) + "/" + own;
}

namespace {

/// A person, a team, an app: the uuid; else what else stays the same. Names and nicknames change
/// and repeat: they identify nobody. `username` is what old team accounts have.
std::string account_id(const JsonText* account) {
  if (account == nullptr) return {};
  return first_of(
      {text_at(*account, "uuid"), text_at(*account, "account_id"), text_at(*account, "username")});
}

std::string account_name(const JsonText* account) {
  if (account == nullptr) return {};
  return first_of({text_at(*account, "display_name"), text_at(*account, "nickname"),
                   text_at(*account, "name"), account_id(account)});
}

/// A number or a string, as text.
std::string scalar(const JsonText* value) {
  if (value == nullptr) return {};
  return value->type == JsonText::Type::number ? std::string(value->raw) : value->text();
}

std::string workspace_of(const Found& found) {
  return first_of({found.partition.workspace_uuid, text_at(found.object, "workspace", "uuid")});
}

std::string repository_of(const Found& found) {
  return first_of({found.partition.repository_uuid, text_at(found.object, "repository", "uuid"),
                   text_at(found.object, "destination", "repository", "uuid")});
}

std::string own_uuid(const Found& found) {
  return text_at(found.object, "uuid");
}
std::string own_account(const Found& found) {
  return account_id(&found.object);
}

std::string workspace_uuid(const Found& found) {
  return first_of({own_uuid(found), text_at(found.object, "workspace", "uuid")});
}

std::string member_id(const Found& found) {
  return joined(workspace_of(found), account_id(found.object.find("user")));
}

std::string numbered_id(const Found& found) {
  return joined(repository_of(found), scalar(found.object.find("id")));
}

/// The first path lists people, the second groups; a group is known by its slug in its workspace.
std::string grant_id(const Found& found) {
  const bool is_group = found.leg == 1;
  const std::string holder = is_group ? first_of({text_at(found.object, "group", "slug"),
                                                  text_at(found.object, "group", "full_slug")})
                                      : account_id(found.object.find("user"));
  const std::string where =
      found.kind == "project_grant" ? found.partition.id : repository_of(found);
  return joined(where, joined(is_group ? "group" : "user", holder));
}

std::string account_title(const Found& found) {
  return account_name(&found.object);
}

std::string workspace_title(const Found& found) {
  return first_of({text_at(found.object, "name"), text_at(found.object, "slug"),
                   text_at(found.object, "workspace", "slug")});
}

std::string member_title(const Found& found) {
  return account_name(found.object.find("user"));
}

std::string project_title(const Found& found) {
  return first_of({text_at(found.object, "name"), text_at(found.object, "key")});
}

std::string repository_title(const Found& found) {
  return first_of({text_at(found.object, "full_name"), text_at(found.object, "name"),
                   text_at(found.object, "slug")});
}

std::string pull_request_title(const Found& found) {
  return text_at(found.object, "title");
}

std::string restriction_title(const Found& found) {
  const std::string branches =
      first_of({text_at(found.object, "pattern"), text_at(found.object, "branch_type")});
  return fmt::format("{}{}{}", text_at(found.object, "kind"), branches.empty() ? "" : " ",
                     branches);
}

std::string grant_title(const Found& found) {
  const JsonText* group = found.object.find("group");
  const std::string holder = group != nullptr
                                 ? first_of({text_at(*group, "name"), text_at(*group, "slug")})
                                 : account_name(found.object.find("user"));
  return fmt::format("{} {}", holder, text_at(found.object, "permission"));
}

/// There is one of it in its repository.
std::string only_one(const Found& found) {
  return repository_of(found);
}

std::string group_id(const Found& found) {
  return joined(workspace_of(found),
                first_of({text_at(found.object, "slug"), text_at(found.object, "name")}));
}

/// A project and its repository may name the same person, and both entries count.
std::string reviewer_id(const Found& found) {
  return joined(
      first_of({found.partition.repository_uuid, found.partition.id}),
      joined(text_at(found.object, "reviewer_type"), account_id(found.object.find("user"))));
}

std::string access_id(const Found& found) {
  return joined(repository_of(found), account_id(found.object.find("user")));
}

std::string variable_id(const Found& found) {
  const std::string key = text_at(found.object, "key");
  return first_of({own_uuid(found), joined(found.partition.id, key)});
}

std::string key_id(const Found& found) {
  return joined(found.partition.id, scalar(found.object.find("id")));
}

std::string name_title(const Found& found) {
  return text_at(found.object, "name");
}

std::string model_title(const Found& found) {
  return fmt::format("development {}, production {}",
                     text_at(found.object, "development", "branch", "name"),
                     text_at(found.object, "production", "branch", "name"));
}

std::string config_title(const Found& found) {
  const JsonText* enabled = found.object.find("enabled");
  return enabled != nullptr && enabled->boolean().value_or(false) ? "enabled" : "not enabled";
}

std::string variable_title(const Found& found) {
  return text_at(found.object, "key");
}

std::string schedule_title(const Found& found) {
  return fmt::format("{} {}", text_at(found.object, "cron_pattern"),
                     text_at(found.object, "target", "ref_name"));
}

std::string key_title(const Found& found) {
  return first_of({text_at(found.object, "label"), text_at(found.object, "comment")});
}

std::string webhook_title(const Found& found) {
  return first_of({text_at(found.object, "description"), text_at(found.object, "url")});
}

/// What an entry of the activity is about: its member beside the pull request.
struct Happening {
  std::string_view kind;
  std::string_view who;
  std::string_view when;
};
constexpr Happening happenings[] = {
    {"approval", "user", "date"},
    {"changes_requested", "user", "date"},
    {"update", "author", "date"},
    {"comment", "user", "created_on"},
};

const Happening* happening_of(const JsonText& object) {
  for (const Happening& happening : happenings) {
    const JsonText* about = object.find(happening.kind);
    if (about != nullptr && about->is_object()) return &happening;
  }
  return nullptr;
}

/// An entry has no id. Comments have one; of the others no two are of one person at one moment.
/// What is not known here is known by its content.
std::string activity_id(const Found& found) {
  const Happening* happening = happening_of(found.object);
  if (happening == nullptr) return {};
  const JsonText& about = *found.object.find(happening->kind);
  const std::string number = first_of(
      {scalar(found.object.at("pull_request", "id")), scalar(about.at("pullrequest", "id"))});
  const std::string place =
      joined(repository_of(found), fmt::format("{}/{}", number, happening->kind));
  const std::string comment = happening->kind == "comment" ? scalar(about.find("id")) : "";
  if (!comment.empty()) return joined(place, comment);
  const std::string when = text_at(about, happening->when);
  if (number.empty() || when.empty()) return {};
  return fmt::format("{}/{}/{}/{}", place, when, account_id(about.find(happening->who)),
                     text_at(about, "state"));
}

std::string activity_title(const Found& found) {
  const std::string number = scalar(found.object.at("pull_request", "id"));
  const Happening* happening = happening_of(found.object);
  if (happening == nullptr) return fmt::format("#{}", number);
  const JsonText& about = *found.object.find(happening->kind);
  const std::string state = text_at(about, "state");
  return fmt::format("#{} {}{}{} by {}", number, happening->kind, state.empty() ? "" : " ", state,
                     account_name(about.find(happening->who)));
}

/// Under its repository, as everything that happens there.
std::string delivery_id(const Found& found) {
  return joined(repository_of(found), own_uuid(found));
}

std::string delivery_state(const JsonText& object) {
  return first_of({text_at(object, "state", "result", "name"),
                   text_at(object, "state", "status", "name"),
                   text_at(object, "state", "stage", "name"), text_at(object, "state", "name")});
}

std::string pipeline_title(const Found& found) {
  const std::string what = first_of({text_at(found.object, "target", "ref_name"),
                                     text_at(found.object, "target", "commit", "hash")});
  return fmt::format("#{} {} {}", scalar(found.object.find("build_number")), what,
                     delivery_state(found.object));
}

std::string deployment_title(const Found& found) {
  return fmt::format("{} {} {}", text_at(found.object, "release", "name"),
                     first_of({text_at(found.object, "environment", "name"),
                               text_at(found.object, "environment", "uuid")}),
                     delivery_state(found.object));
}

std::string commit_id(const Found& found) {
  return joined(repository_of(found), text_at(found.object, "hash"));
}

std::string commit_title(const Found& found) {
  const std::string message = text_at(found.object, "message");
  return fmt::format("{} {}", text_at(found.object, "hash").substr(0, 12),
                     message.substr(0, message.find_first_of("\r\n")));
}

std::string status_id(const Found& found) {
  const std::string commit = text_at(found.object, "commit", "hash");
  const std::string key = text_at(found.object, "key");
  if (commit.empty()) return {};
  return joined(joined(repository_of(found), commit), key);
}

std::string status_title(const Found& found) {
  return fmt::format("{} {}",
                     first_of({text_at(found.object, "name"), text_at(found.object, "key")}),
                     text_at(found.object, "state"));
}

std::string merge_check_id(const Found& found) {
  return joined(repository_of(found), found.partition.pull_request);
}

std::string merge_check_title(const Found& found) {
  return fmt::format("#{}", found.partition.pull_request);
}

std::string own_state(const JsonText& object) {
  return text_at(object, "state");
}

std::optional<Timestamp> first_time_of(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) {
    const std::optional<Timestamp> time = parse_timestamp(text);
    if (time) return time;
  }
  return std::nullopt;
}

/// Few pull requests tell when they were closed. The commit of a merge does; `updated_on` moves on
/// with every comment.
std::optional<Timestamp> pull_request_time(const JsonText& object) {
  return first_time_of({text_at(object, "closed_on"), text_at(object, "merge_commit", "date"),
                        text_at(object, "updated_on"), text_at(object, "created_on")});
}

std::optional<Timestamp> commit_time(const JsonText& object) {
  return parse_timestamp(text_at(object, "date"));
}

std::optional<Timestamp> pipeline_time(const JsonText& object) {
  return first_time_of({text_at(object, "completed_on"), text_at(object, "created_on")});
}

/// The documented names of the times differ from those that come.
std::optional<Timestamp> deployment_time(const JsonText& object) {
  return first_time_of(
      {text_at(object, "state", "completed_on"), text_at(object, "state", "completion_date"),
       text_at(object, "state", "started_on"), text_at(object, "state", "start_date"),
       text_at(object, "last_update_time"), text_at(object, "release", "created_on")});
}

std::string pipeline_commit(const JsonText& object) {
  return text_at(object, "target", "commit", "hash");
}

std::string status_commit(const JsonText& object) {
  return text_at(object, "commit", "hash");
}

constexpr Naming namings[] = {
    {"account", own_account, account_title},
    {"workspace", workspace_uuid, workspace_title},
    {"workspace_member", member_id, member_title},
    {"group", group_id, name_title},
    {"project", own_uuid, project_title},
    {"repository", own_uuid, repository_title},
    {"pull_request", numbered_id, pull_request_title, own_state, pull_request_time},
    {"pull_request_activity", activity_id, activity_title},
    {"branch_restriction", numbered_id, restriction_title},
    {"repository_grant", grant_id, grant_title},
    {"project_grant", grant_id, grant_title},
    {"repository_access", access_id, grant_title},
    {"default_reviewer", reviewer_id, member_title},
    {"project_default_reviewer", reviewer_id, member_title},
    {"branching_model", only_one, model_title},
    {"main_branch", only_one, name_title},
    {"environment", own_uuid, name_title},
    {"pipeline", delivery_id, pipeline_title, delivery_state, pipeline_time, pipeline_commit},
    {"deployment", delivery_id, deployment_title, delivery_state, deployment_time},
    {"commit", commit_id, commit_title, nullptr, commit_time},
    {"build_status", status_id, status_title, own_state, nullptr, status_commit},
    {"merge_check", merge_check_id, merge_check_title},
    {"pipeline_config", only_one, config_title},
    {"pipeline_variable", variable_id, variable_title},
    {"pipeline_schedule", own_uuid, schedule_title},
    {"runner", own_uuid, name_title},
    {"deploy_key", key_id, key_title},
    {"webhook", own_uuid, webhook_title},
};

}  // namespace

std::span<const std::string_view> kinds_with_extracts() {
  static const std::vector<std::string_view> kinds = [] {
    std::vector<std::string_view> found;
    for (const Naming& naming : namings) {
      if (naming.state != nullptr || naming.dated_at != nullptr) found.push_back(naming.kind);
    }
    return found;
  }();
  return kinds;
}

const Naming& naming_of(std::string_view kind) {
  for (const Naming& naming : namings) {
    if (naming.kind == kind) return naming;
  }
  static constexpr Naming other{"", own_uuid, pull_request_title};
  return other;
}

}  // namespace evidenced::connector::bitbucket
