// How a world changes: the single operations, and the dice that choose among them.
#include "tests/simulator/history_writer.hpp"
#include "tests/simulator/setup_builder.hpp"
#include "tests/simulator/world.hpp"
#include "tests/simulator/world_texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace evidenced::simulator {
namespace {

Participant& participant_of(PullRequest& pull_request, std::size_t person) {
  for (Participant& known : pull_request.participants) {
    if (known.person == person) return known;
  }
  pull_request.participants.push_back({person, false, "", {}});
  return pull_request.participants.back();
}

void close(PullRequest& pull_request, std::string state, std::size_t person, Micros stamp) {
  pull_request.state = std::move(state);
  pull_request.draft = false;
  pull_request.closed_by = person;
  pull_request.closed_on = stamp;
  pull_request.updated_on = stamp;
  pull_request.cache.epoch = 0;
}

bool takes_value(std::string_view kind) {
  return kind == "require_approvals_to_merge" ||
         kind == "require_default_reviewer_approvals_to_merge" ||
         kind == "require_passing_builds_to_merge" || kind == "require_commits_behind";
}

}  // namespace

Micros World::tick(Timestamp now) {
  last_stamp_ = std::max(last_stamp_ + 1, to_micros(now));
  return last_stamp_;
}

PullRequest& World::open_pull_request(Repository& repository, Timestamp now) {
  const Micros stamp = tick(now);
  repository.pull_requests.push_back(make_pull_request(repository, stamp));
  PullRequest& made = repository.pull_requests.back();
  made.destination_hash = head_of(repository, made.destination_branch);
  HistoryWriter(repository, more_dice_).opened(made, made.source_hash, stamp);
  repository.updated_on = stamp;
  repository.cache.epoch = 0;
  return made;
}

void World::approve(PullRequest& pull_request, std::size_t person, Timestamp now) {
  Participant& participant = participant_of(pull_request, person);
  participant.state = "approved";
  participant.participated_on = tick(now);
  pull_request.events.push_back({Event::Kind::approval, person, last_stamp_, "", "", "", "", 0});
  if (approvals_move_updated_on) pull_request.updated_on = last_stamp_;
  pull_request.cache.epoch = 0;
}

void World::request_changes(PullRequest& pull_request, std::size_t person, Timestamp now) {
  Participant& participant = participant_of(pull_request, person);
  participant.state = "changes_requested";
  participant.participated_on = tick(now);
  pull_request.events.push_back(
      {Event::Kind::changes_requested, person, last_stamp_, "", "", "", "", 0});
  if (approvals_move_updated_on) pull_request.updated_on = last_stamp_;
  pull_request.cache.epoch = 0;
}

void World::comment(PullRequest& pull_request, std::size_t person, Timestamp now) {
  participant_of(pull_request, person).participated_on = tick(now);
  ++pull_request.comment_count;
  // Ids of comments rise with time.
  pull_request.events.push_back(
      {Event::Kind::comment, person, last_stamp_, "", "", "", "", last_stamp_});
  pull_request.updated_on = last_stamp_;
  pull_request.cache.epoch = 0;
}

void World::retitle(PullRequest& pull_request, std::string title, Timestamp now) {
  pull_request.former_titles.emplace_back(tick(now), std::exchange(pull_request.title, title));
  pull_request.updated_on = last_stamp_;
  pull_request.events.push_back({Event::Kind::update, pull_request.author, last_stamp_,
                                 pull_request.state, pull_request.source_hash, "title",
                                 pull_request.former_titles.back().second, 0});
  pull_request.cache.epoch = 0;
}

void World::merge(Repository& repository, PullRequest& pull_request, std::size_t person,
                  Timestamp now) {
  close(pull_request, "MERGED", person, tick(now));
  pull_request.merge_hash = dice_.hex(40);
  HistoryWriter(repository, more_dice_).closed(pull_request, person, last_stamp_);
  repository.updated_on = last_stamp_;
  repository.size += 1000;
  repository.cache.epoch = 0;
}

void World::decline(PullRequest& pull_request, std::size_t person, Timestamp now) {
  close(pull_request, "DECLINED", person, tick(now));
  pull_request.reason = "Superseded by another idea";
  pull_request.events.push_back({Event::Kind::update, person, last_stamp_, pull_request.state,
                                 pull_request.source_hash, "", "", 0});
}

Repository& World::create_repository(Workspace& workspace, Timestamp now) {
  workspace.repositories.push_back(
      std::make_unique<Repository>(make_repository(workspace, tick(now))));
  Repository& made = *workspace.repositories.back();
  SetupBuilder(*this).set_up(made, PipelinesState::enabled);
  HistoryWriter(made, more_dice_).begin(made.creator, made.created_on);
  return made;
}

void World::delete_repository(Workspace& workspace, const std::string& uuid) {
  std::erase_if(workspace.repositories, [&](const auto& known) { return known->uuid == uuid; });
}

void World::rename_repository(Repository& repository, std::string name, Timestamp now) {
  repository.name = std::move(name);
  repository.slug = fmt::format("renamed-{}", names_given_++);
  repository.updated_on = tick(now);
  ++epoch_;
}

void World::describe_repository(Repository& repository, std::string description, Timestamp now) {
  repository.description = std::move(description);
  repository.updated_on = tick(now);
  repository.cache.epoch = 0;
}

std::size_t World::join(Workspace& workspace, Timestamp now) {
  people.push_back(make_person(now));
  workspace.members.push_back({people.size() - 1, "member", tick(now)});
  return people.size() - 1;
}

void World::leave(Workspace& workspace, std::size_t person) {
  std::erase_if(workspace.members, [&](const Membership& m) { return m.person == person; });
  for (Group& group : workspace.groups) std::erase(group.members, person);
  for (auto& repository : workspace.repositories) revoke(*repository, false, person);
}

void World::set_permission(Workspace& workspace, std::size_t person, std::string permission) {
  for (Membership& member : workspace.members) {
    if (member.person == person) member.permission = permission;
  }
}

void World::grant(Repository& repository, Grant grant) {
  for (Grant& known : repository.grants) {
    if (known.to_group == grant.to_group && known.who == grant.who) {
      known.permission = grant.permission;
      return;
    }
  }
  repository.grants.push_back(std::move(grant));
}

void World::revoke(Repository& repository, bool to_group, std::size_t who) {
  std::erase_if(repository.grants,
                [&](const Grant& known) { return known.to_group == to_group && known.who == who; });
}

Restriction& World::restrict(Repository& repository, std::string kind) {
  Restriction made;
  made.id = next_restriction_;
  next_restriction_ += 1 + static_cast<std::int64_t>(dice_.below(9));
  made.kind = std::move(kind);
  static const std::vector<std::string> patterns{"main", "release/*", "**", "odd/[x]\"&<"};
  static const std::vector<std::string> types{"feature", "bugfix",      "release",
                                              "hotfix",  "development", "production"};
  if (dice_.one_in(3)) {
    made.branch_type = dice_.pick(types);
  } else {
    made.pattern = dice_.pick(patterns);
  }
  if (takes_value(made.kind)) made.value = 1 + static_cast<int>(dice_.below(3));
  if (made.kind == "push" || made.kind == "restrict_merges") {
    for (std::size_t i = dice_.below(3); i > 0; --i)
      made.users.push_back(dice_.below(people.size()));
    std::sort(made.users.begin(), made.users.end());
    made.users.erase(std::unique(made.users.begin(), made.users.end()), made.users.end());
    for (std::size_t i = 0; i < std::min<std::size_t>(options_.groups, 3); ++i) {
      if (dice_.one_in(2)) made.groups.push_back(i);
    }
  }
  repository.restrictions.push_back(std::move(made));
  return repository.restrictions.back();
}

void World::unrestrict(Repository& repository, std::int64_t id) {
  std::erase_if(repository.restrictions, [&](const Restriction& known) { return known.id == id; });
}

void World::change_project(Project& project, std::string description, Timestamp now) {
  project.description = std::move(description);
  project.updated_on = tick(now);
  project.cache.epoch = 0;
}

void World::rename_project(Project& project, std::string name, Timestamp now) {
  project.name = std::move(name);
  project.updated_on = tick(now);
  ++epoch_;
}

void World::rename_person(std::size_t person, std::string display_name) {
  people[person].display_name = std::move(display_name);
  ++epoch_;
}

std::vector<std::string> World::mutate(std::size_t steps, Timestamp now, unsigned kinds) {
  settle(now);
  std::vector<std::string> lines;
  for (std::size_t tries = 0; lines.size() < steps && tries < steps * 100; ++tries) {
    std::string line = mutate_once(now, kinds);
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

std::string World::mutate_once(Timestamp now, unsigned kinds) {
  if (workspaces.empty()) return {};
  Workspace& workspace = *workspaces[dice_.below(workspaces.size())];
  if ((kinds & mutate_delivery) != 0 && more_dice_.one_in(3))
    return mutate_delivery_of(workspace, now);
  if ((kinds & mutate_setup) != 0 && more_dice_.one_in(4)) return mutate_setup_of(workspace, now);
  // Pull requests change most, names least.
  static const std::vector<unsigned> weights{
      mutate_pull_requests, mutate_pull_requests, mutate_pull_requests, mutate_pull_requests,
      mutate_pull_requests, mutate_pull_requests, mutate_repositories,  mutate_members,
      mutate_grants,        mutate_restrictions,  mutate_projects,      mutate_names};
  switch (dice_.pick(weights) & kinds) {
    case mutate_pull_requests:
      return mutate_pull_request(workspace, now);
    case mutate_repositories:
      return mutate_repository(workspace, now);
    case mutate_members:
      return mutate_member(workspace, now);
    case mutate_grants:
      return mutate_grant(workspace);
    case mutate_restrictions:
      return mutate_restriction(workspace);
    case mutate_projects: {
      Project& project = workspace.projects[dice_.below(workspace.projects.size())];
      change_project(project, dice_.pick(Texts::descriptions()), now);
      return "describe project " + project.key;
    }
    case mutate_names:
      return mutate_name(workspace, now);
    default:
      return {};
  }
}

std::string World::mutate_pull_request(Workspace& workspace, Timestamp now) {
  if (workspace.repositories.empty()) return {};
  Repository& repository = *workspace.repositories[dice_.below(workspace.repositories.size())];
  if (repository.main_branch.empty()) return {};
  const std::size_t person = dice_.below(people.size());
  const std::size_t what = dice_.below(8);
  const auto line = [&](std::string_view verb, const PullRequest& changed) {
    return fmt::format("{} pull request {}/{}#{}", verb, workspace.slug, repository.slug,
                       changed.id);
  };
  if (what < 2 || repository.pull_requests.empty())
    return line("open", open_pull_request(repository, now));
  PullRequest& chosen = repository.pull_requests[dice_.below(repository.pull_requests.size())];
  if (what == 2) {
    comment(chosen, person, now);
    return line("comment", chosen);
  }
  if (chosen.state != "OPEN") return {};
  switch (what) {
    case 3:
    case 4:
      approve(chosen, person, now);
      return line("approve", chosen);
    case 5:
      request_changes(chosen, person, now);
      return line("request changes", chosen);
    case 6:
      merge(repository, chosen, person, now);
      return line("merge", chosen);
    default:
      if (dice_.one_in(2)) {
        decline(chosen, person, now);
        return line("decline", chosen);
      }
      retitle(chosen, dice_.pick(Texts::hostile()), now);
      return line("retitle", chosen);
  }
}

std::string World::mutate_repository(Workspace& workspace, Timestamp now) {
  const std::size_t what = dice_.below(4);
  if (what == 0 || workspace.repositories.empty())
    return "create repository " + create_repository(workspace, now).slug;
  Repository& chosen = *workspace.repositories[dice_.below(workspace.repositories.size())];
  if (what == 1 && workspace.repositories.size() > 1) {
    const std::string slug = chosen.slug;
    delete_repository(workspace, std::string(chosen.uuid));
    return "delete repository " + slug;
  }
  describe_repository(chosen, dice_.pick(Texts::descriptions()), now);
  return "describe repository " + chosen.slug;
}

std::string World::mutate_member(Workspace& workspace, Timestamp now) {
  const std::size_t what = dice_.below(3);
  if (what == 0 || workspace.members.size() < 2) return "join " + people[join(workspace, now)].uuid;
  const std::size_t person =
      workspace.members[1 + dice_.below(workspace.members.size() - 1)].person;
  if (what == 1) {
    leave(workspace, person);
    return "leave " + people[person].uuid;
  }
  set_permission(workspace, person, dice_.one_in(2) ? "owner" : "member");
  return "change role of " + people[person].uuid;
}

std::string World::mutate_grant(Workspace& workspace) {
  if (workspace.repositories.empty()) return {};
  Repository& repository = *workspace.repositories[dice_.below(workspace.repositories.size())];
  if (dice_.one_in(3) && !repository.grants.empty()) {
    const Grant chosen = repository.grants[dice_.below(repository.grants.size())];
    revoke(repository, chosen.to_group, chosen.who);
    return "revoke a grant of " + repository.slug;
  }
  const bool to_group = !workspace.groups.empty() && dice_.one_in(2);
  const std::size_t who = to_group
                              ? dice_.below(workspace.groups.size())
                              : workspace.members[dice_.below(workspace.members.size())].person;
  grant(repository, {to_group, who, dice_.one_in(2) ? "write" : "admin"});
  return "grant on " + repository.slug;
}

std::string World::mutate_restriction(Workspace& workspace) {
  if (workspace.repositories.empty()) return {};
  Repository& repository = *workspace.repositories[dice_.below(workspace.repositories.size())];
  if (dice_.one_in(2) && !repository.restrictions.empty()) {
    Restriction& chosen = repository.restrictions[dice_.below(repository.restrictions.size())];
    if (dice_.one_in(2)) {
      unrestrict(repository, chosen.id);
      return "remove a restriction of " + repository.slug;
    }
    chosen.pattern = chosen.branch_type.empty() ? "changed/*" : "";
    chosen.cache.epoch = 0;
    return "change a restriction of " + repository.slug;
  }
  restrict(repository, dice_.pick(restriction_kinds()));
  return "restrict " + repository.slug;
}

std::string World::mutate_name(Workspace& workspace, Timestamp now) {
  const std::size_t what = dice_.below(3);
  if (what == 0 && !workspace.repositories.empty()) {
    Repository& chosen = *workspace.repositories[dice_.below(workspace.repositories.size())];
    rename_repository(chosen, dice_.pick(Texts::hostile()), now);
    return "rename repository to " + chosen.slug;
  }
  if (what == 1) {
    Project& chosen = workspace.projects[dice_.below(workspace.projects.size())];
    rename_project(chosen, fmt::format("Renamed {}", dice_.below(1000)), now);
    return "rename project " + chosen.key;
  }
  const std::size_t person = 1 + dice_.below(people.size() - 1);
  if (person >= people.size()) return {};
  rename_person(person, fmt::format("Renamed Person {}", dice_.below(1000)));
  return "rename person " + people[person].uuid;
}

}  // namespace evidenced::simulator
