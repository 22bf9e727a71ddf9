// How a world lives from day to day: work around reviews, deliveries, changes of configuration.
#include "tests/simulator/history_writer.hpp"
#include "tests/simulator/setup_builder.hpp"
#include "tests/simulator/world.hpp"
#include "tests/simulator/world_texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace evidenced::simulator {
namespace {

constexpr Micros hour = 3'600'000'000;

Timestamp moment(Micros time) {
  return Timestamp(std::chrono::milliseconds(time / 1000));
}

/// Adds an element, or removes it if it is there.
void toggle(std::vector<std::size_t>& list, std::size_t who) {
  if (std::erase(list, who) == 0) list.push_back(who);
}

}  // namespace

void World::live_quietly(Repository& repository, Timestamp now) {
  constexpr std::size_t touched = 20;
  constexpr std::size_t pushes = 50;
  constexpr std::size_t merges = 5;
  std::vector<PullRequest*> open;
  for (auto it = repository.pull_requests.rbegin(); it != repository.pull_requests.rend(); ++it) {
    if (it->state == "OPEN" && open.size() < touched) open.push_back(&*it);
  }
  if (open.empty()) return;
  for (std::size_t i = 0; i < pushes; ++i) {
    PullRequest& pull_request = *open[i % open.size()];
    push(repository, pull_request, pull_request.author, now);
  }
  for (PullRequest* pull_request : open) approve(*pull_request, 0, now);
  for (std::size_t i = 0; i < std::min(merges, open.size()); ++i) {
    merge(repository, *open[i], 0, now);
  }
  settle(now + std::chrono::hours(1));
}

void World::settle(Timestamp now) {
  for (auto& workspace : workspaces) {
    for (auto& repository : workspace->repositories)
      HistoryWriter(*repository, more_dice_).settle(to_micros(now));
  }
}

void World::push(Repository& repository, PullRequest& pull_request, std::size_t person,
                 Timestamp now) {
  const Micros stamp = tick(now);
  pull_request.source_hash = more_dice_.hex(40);
  HistoryWriter(repository, more_dice_)
      .pushed(pull_request, pull_request.source_hash, person, stamp);
  pull_request.updated_on = stamp;
  pull_request.cache.epoch = 0;
}

void World::withdraw(PullRequest& pull_request, std::size_t person, Timestamp now) {
  for (Participant& participant : pull_request.participants) {
    if (participant.person != person || participant.state.empty()) continue;
    participant.state.clear();
    participant.participated_on = tick(now);
    if (approvals_move_updated_on) pull_request.updated_on = last_stamp_;
    pull_request.cache.epoch = 0;
  }
}

void World::direct_push(Repository& repository, std::size_t person, Timestamp now) {
  HistoryWriter(repository, more_dice_).direct_push(person, tick(now));
  repository.updated_on = last_stamp_;
  repository.cache.epoch = 0;
}

bool World::deploy(Repository& repository, std::size_t person, Timestamp now) {
  return HistoryWriter(repository, more_dice_).deploy(person, tick(now));
}

std::string World::mutate_delivery_of(Workspace& workspace, Timestamp now) {
  if (workspace.repositories.empty()) return {};
  Repository& repository = *workspace.repositories[more_dice_.below(workspace.repositories.size())];
  if (repository.main_branch.empty()) return {};
  const std::size_t person = more_dice_.below(people.size());
  const std::size_t what = more_dice_.below(8);
  if (what == 0) {
    direct_push(repository, person, now);
    return "push directly to " + repository.slug;
  }
  if (what == 1) return deploy(repository, person, now) ? "deploy " + repository.slug : "";
  std::vector<PullRequest*> open;
  for (PullRequest& known : repository.pull_requests) {
    if (known.state == "OPEN") open.push_back(&known);
  }
  if (open.empty()) return {};
  PullRequest& chosen = *open[more_dice_.below(open.size())];
  if (what < 5) {
    push(repository, chosen, chosen.author, now);
    return fmt::format("push to pull request {}#{}", repository.slug, chosen.id);
  }
  for (const Participant& participant : chosen.participants) {
    if (participant.state.empty()) continue;
    withdraw(chosen, participant.person, now);
    return fmt::format("withdraw from pull request {}#{}", repository.slug, chosen.id);
  }
  return {};
}

std::string World::mutate_setup_of(Workspace& workspace, Timestamp now) {
  SetupBuilder maker(*this);
  const std::size_t what = more_dice_.below(8);
  const std::size_t person = workspace.members[more_dice_.below(workspace.members.size())].person;
  Project& project = workspace.projects[more_dice_.below(workspace.projects.size())];
  switch (what) {
    case 0:
      if (workspace.groups.empty()) return {};
      toggle(workspace.groups[more_dice_.below(workspace.groups.size())].members, person);
      return "change a group of " + workspace.slug;
    case 1:
      toggle(project.default_reviewers, person);
      return "change the reviewers of project " + project.key;
    case 2:
      project.deploy_keys.push_back(maker.deploy_key(tick(now)));
      return "add a key to project " + project.key;
    case 3:
      workspace.variables.push_back(maker.variable(more_dice_.one_in(2)));
      return "add a variable to " + workspace.slug;
    default:
      if (workspace.repositories.empty()) return {};
      return mutate_setup_in(
          *workspace.repositories[more_dice_.below(workspace.repositories.size())], now);
  }
}

std::string World::mutate_setup_in(Repository& repository, Timestamp now) {
  SetupBuilder maker(*this);
  Setup& setup = repository.setup;
  switch (more_dice_.below(5)) {
    case 0:
      if (!setup.hooks.empty() && more_dice_.one_in(2)) {
        setup.hooks.pop_back();
      } else {
        setup.hooks.push_back(maker.hook(tick(now)));
      }
      return "change the hooks of " + repository.slug;
    case 1:
      setup.deploy_keys.push_back(maker.deploy_key(tick(now)));
      return "add a key to " + repository.slug;
    case 2:
      if (setup.pipelines != PipelinesState::enabled) return {};
      setup.variables.push_back(maker.variable(more_dice_.one_in(2)));
      return "add a variable to " + repository.slug;
    case 3:
      if (setup.environments.empty()) return {};
      setup.environments.back().admin_only = !setup.environments.back().admin_only;
      return "change an environment of " + repository.slug;
    default:
      toggle(setup.default_reviewers, 0);
      return "change the reviewers of " + repository.slug;
  }
}

std::vector<std::string> World::live(Timestamp until) {
  std::vector<std::string> lines;
  const Micros step =
      24 * hour / static_cast<Micros>(std::max<std::size_t>(options_.life_per_day, 1));
  while (lived_until_ + step <= to_micros(until)) {
    lived_until_ += step;
    const Timestamp now = moment(lived_until_);
    settle(now);
    const Micros of_day = lived_until_ / hour % 24;
    if ((of_day < 6 || of_day > 18) && !more_dice_.one_in(8)) continue;  // few work by night
    std::string line = live_once(now);
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

std::string World::live_once(Timestamp now) {
  // Work on pull requests and deliveries; rules, people and configuration change now and then.
  const std::size_t what = more_dice_.below(40);
  const unsigned kinds = what < 27   ? mutate_pull_requests
                         : what < 36 ? mutate_delivery
                         : what < 37 ? mutate_restrictions
                         : what < 38 ? mutate_grants
                         : what < 39 ? mutate_setup
                                     : mutate_members;
  for (int tries = 0; tries < 200; ++tries) {
    std::string line = mutate_once(now, kinds);
    if (!line.empty()) return line;
  }
  return {};
}

}  // namespace evidenced::simulator
