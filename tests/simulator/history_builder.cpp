#include "tests/simulator/history_builder.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace evidenced::simulator {

void HistoryBuilder::build() {
  for (auto& workspace : world_.workspaces) {
    for (auto& repository : workspace->repositories) {
      if (!repository->main_branch.empty()) fill(*repository);
    }
  }
}

Micros HistoryBuilder::between(Micros from, Micros to) {
  return from +
         static_cast<Micros>(dice_.below(static_cast<std::size_t>(std::max<Micros>(to - from, 1))));
}

bool HistoryBuilder::spare() {
  if (spare_ == 0) return false;
  --spare_;
  return true;
}

std::size_t HistoryBuilder::share(const Repository& repository, std::size_t wanted,
                                  bool with_pipelines) const {
  std::size_t total = 0;
  std::size_t before = 0;
  for (const auto& workspace : world_.workspaces) {
    for (const auto& other : workspace->repositories) {
      if (with_pipelines && other->setup.pipelines != PipelinesState::enabled) continue;
      if (other.get() == &repository) before = total;
      total += other->pull_requests.size();
    }
  }
  if (total == 0) return 0;
  // Differences of sums: the parts add up to the whole.
  return wanted * (before + repository.pull_requests.size()) / total - wanted * before / total;
}

void HistoryBuilder::review(PullRequest& made, std::vector<Happening>& happenings) {
  const Micros end = made.updated_on;
  std::vector<Micros> pushes;
  const bool room = end - made.created_on > 60'000'000;
  for (std::size_t i = room && dice_.one_in(3) ? 1 + dice_.below(2) : 0; i > 0 && spare(); --i)
    pushes.push_back(between(made.created_on, end));
  std::sort(pushes.begin(), pushes.end());
  runs_ += 1 + pushes.size() + (made.state == "MERGED" ? 1 : 0);
  const std::string first = pushes.empty() ? made.source_hash : dice_.hex(40);
  PullRequest* const it = &made;
  happenings.emplace_back(made.created_on,
                          [it, first](auto& writer) { writer.opened(*it, first, it->created_on); });
  for (std::size_t i = 0; i < pushes.size(); ++i) {
    const std::string hash = i + 1 == pushes.size() ? made.source_hash : dice_.hex(40);
    happenings.emplace_back(pushes[i], [it, hash, time = pushes[i]](auto& writer) {
      writer.pushed(*it, hash, it->author, time);
    });
  }
  for (int i = 0; i < made.comment_count; ++i) {
    const Micros time = between(made.created_on, end);
    const std::size_t who = made.participants.empty() || dice_.one_in(3)
                                ? made.author
                                : dice_.pick(made.participants).person;
    happenings.emplace_back(time,
                            [it, who, time](auto& writer) { writer.comment(*it, who, time); });
  }
  const auto say = [&](Event::Kind kind, std::size_t person, Micros time) {
    happenings.emplace_back(time, [it, kind, person, time](auto&) {
      it->events.push_back({kind, person, time, "", "", "", "", 0});
    });
  };
  for (const Participant& participant : made.participants) {
    const bool approved = participant.state == "approved";
    // An approval that was withdrawn, a request that was met: only the activity remembers.
    if (participant.state.empty() && dice_.one_in(4) && spare())
      say(Event::Kind::approval, participant.person, between(made.created_on, end));
    if (approved && dice_.one_in(5) && spare())
      say(Event::Kind::changes_requested, participant.person, between(made.created_on, end));
    if (!participant.state.empty() && participant.participated_on)
      say(approved ? Event::Kind::approval : Event::Kind::changes_requested, participant.person,
          *participant.participated_on);
  }
  if (made.closed_on != 0)
    happenings.emplace_back(made.closed_on, [it](auto& writer) {
      writer.closed(*it, it->closed_by.value_or(it->author), it->closed_on);
    });
}

void HistoryBuilder::fill(Repository& repository) {
  const Micros now = to_micros(world_.options_.now);
  std::vector<Happening> happenings;
  runs_ = 0;
  const std::size_t wanted = share(repository, world_.options_.activity, false);
  std::size_t implied = 0;
  for (const PullRequest& made : repository.pull_requests) {
    implied += 1 + static_cast<std::size_t>(made.comment_count) + (made.closed_on != 0 ? 1 : 0);
    for (const Participant& participant : made.participants)
      implied += participant.state.empty() ? 0 : 1;
  }
  const bool free = world_.options_.activity == 0;
  spare_ = free ? SIZE_MAX : wanted > implied ? wanted - implied : 0;
  for (PullRequest& made : repository.pull_requests) review(made, happenings);
  std::size_t entries = happenings.size();
  for (std::size_t i = 0; entries < wanted && !repository.pull_requests.empty(); ++i, ++entries) {
    PullRequest* const it = &repository.pull_requests[i % repository.pull_requests.size()];
    const Micros time = between(it->created_on, it->updated_on);
    happenings.emplace_back(time, [it, time](auto& writer) {
      writer.comment(*it, it->author, time);
      ++it->comment_count;
    });
  }
  for (std::size_t i = 1 + repository.pull_requests.size() / 12; i > 0; --i) {
    const Micros time = between(repository.created_on, now);
    const std::size_t who = dice_.below(world_.people.size());
    ++runs_;
    happenings.emplace_back(time, [who, time](auto& writer) { writer.direct_push(who, time); });
  }
  pipelines(repository, happenings);
  std::vector<std::size_t> order(happenings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(happenings[a].first, a) < std::pair(happenings[b].first, b);
  });
  HistoryWriter writer(repository, dice_);
  writer.deploys = false;
  writer.begin(repository.creator, repository.created_on);
  for (const std::size_t index : order) happenings[index].second(writer);
  writer.settle(now);
  deployments(repository);
}

void HistoryBuilder::pipelines(Repository& repository, std::vector<Happening>& happenings) {
  if (repository.setup.pipelines != PipelinesState::enabled) return;
  const std::size_t wanted = share(repository, world_.options_.pipelines, true);
  // Nightly builds of the main branch fill what pushes leave.
  const std::size_t nightly = wanted > runs_ ? wanted - runs_ : runs_ / 10;
  const Micros now = to_micros(world_.options_.now);
  for (std::size_t i = 0; i < nightly; ++i) {
    const Micros time = repository.created_on + (now - repository.created_on) /
                                                    static_cast<Micros>(nightly + 1) *
                                                    static_cast<Micros>(i + 1);
    happenings.emplace_back(time, [&repository, time](auto& writer) {
      writer.run(PipelineTrigger::schedule, repository.main_branch,
                 head_of(repository, repository.main_branch), repository.creator, time);
    });
  }
}

void HistoryBuilder::deployments(Repository& repository) {
  History& history = repository.history;
  const std::size_t wanted = share(repository, world_.options_.deployments, true);
  std::vector<Deployment> made;
  for (std::size_t i = 0; i < history.pipelines.size(); ++i) {
    const Pipeline& pipeline = history.pipelines[i];
    if (!pipeline.on_main || pipeline.trigger != PipelineTrigger::push ||
        pipeline.state != PipelineState::successful)
      continue;
    for (std::size_t e = 0; e < repository.setup.environments.size(); ++e) {
      if (wanted == 0 && e > 0 && dice_.one_in(2)) break;
      Deployment next{i,
                      e,
                      DeploymentState::successful,
                      pipeline.creator,
                      pipeline.completed_on,
                      pipeline.completed_on + 20'000'000};
      if (e == 2 && dice_.one_in(4)) next = {i, e, DeploymentState::undeployed, pipeline.creator};
      if (e < 2 && dice_.one_in(20)) next.state = DeploymentState::failed;
      made.push_back(next);
    }
  }
  const std::size_t count = wanted == 0 ? made.size() : std::min(wanted, made.size());
  for (std::size_t i = 0; i < count; ++i)
    history.deployments.push_back(made[i * made.size() / count]);
}

}  // namespace evidenced::simulator
