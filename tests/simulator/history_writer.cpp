#include "tests/simulator/history_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace evidenced::simulator {

std::string merge_message(const PullRequest& pull_request) {
  return fmt::format("Merged in {} (pull request #{})\n\n{}\n", pull_request.source_branch,
                     pull_request.id, pull_request.title);
}

int HistoryWriter::add(Commit commit) {
  commit.date -= commit.date % 1'000'000;
  repository_.history.commits.push_back(std::move(commit));
  return static_cast<int>(repository_.history.commits.size()) - 1;
}

int HistoryWriter::head(const std::string& branch) const {
  const auto& heads = repository_.history.heads;
  auto found = heads.find(branch);
  if (found == heads.end()) found = heads.find(repository_.main_branch);
  return found == heads.end() ? -1 : found->second;
}

void HistoryWriter::begin(std::size_t person, Micros time) {
  if (repository_.main_branch.empty()) return;
  repository_.history.heads[repository_.main_branch] =
      add({dice_.hex(40), -1, -1, person, true, 0, time, "Initial commit\n"});
}

void HistoryWriter::opened(PullRequest& pull_request, const std::string& hash, Micros time) {
  pull_request.branch_tip =
      add({hash, head(pull_request.destination_branch), -1, pull_request.author, !dice_.one_in(3),
           pull_request.id, time, pull_request.title + "\n"});
  pull_request.events.push_back(
      {Event::Kind::update, pull_request.author, time, "OPEN", hash, "", "", 0});
  run(PipelineTrigger::push, pull_request.source_branch, hash, pull_request.author, time);
}

void HistoryWriter::pushed(PullRequest& pull_request, const std::string& hash, std::size_t person,
                           Micros time) {
  std::string before =
      repository_.history.commits[static_cast<std::size_t>(pull_request.branch_tip)].hash;
  pull_request.branch_tip = add({hash, pull_request.branch_tip, -1, person, !dice_.one_in(3),
                                 pull_request.id, time, "Answer the review\r\n"});
  pull_request.events.push_back(
      {Event::Kind::update, person, time, "OPEN", hash, "source", std::move(before), 0});
  run(PipelineTrigger::push, pull_request.source_branch, hash, person, time);
}

void HistoryWriter::closed(PullRequest& pull_request, std::size_t person, Micros time) {
  pull_request.events.push_back(
      {Event::Kind::update, person, time, pull_request.state, pull_request.source_hash, "", "", 0});
  if (pull_request.state != "MERGED") return;
  const bool joins = repository_.setup.merge_strategy == "merge_commit";
  repository_.history.heads[pull_request.destination_branch] = add(
      {pull_request.merge_hash, head(pull_request.destination_branch),
       joins ? pull_request.branch_tip : -1, person, !dice_.one_in(3), pull_request.id, time, ""});
  run(PipelineTrigger::push, pull_request.destination_branch, pull_request.merge_hash, person,
      time);
}

void HistoryWriter::comment(PullRequest& pull_request, std::size_t person, Micros time) {
  pull_request.events.push_back({Event::Kind::comment, person, time, "", "", "", "",
                                 118'000'000 + ++repository_.history.comments});
}

void HistoryWriter::direct_push(std::size_t person, Micros time) {
  const std::string& main = repository_.main_branch;
  const int before = head(main);
  const bool merge = dice_.one_in(4);  // of a branch that nobody reviewed
  int side = -1;
  if (merge) side = add({dice_.hex(40), before, -1, person, true, 0, time, "Work\n"});
  const std::string hash = dice_.hex(40);
  repository_.history.heads[main] =
      add({hash, before, side, person, !dice_.one_in(3), 0, time,
           merge ? "Merge branch 'local'\n" : "Repair production at once\n"});
  run(PipelineTrigger::push, main, hash, person, time);
}

void HistoryWriter::run(PipelineTrigger trigger, const std::string& branch, const std::string& hash,
                        std::size_t person, Micros time) {
  if (!builds || repository_.setup.pipelines != PipelinesState::enabled) return;
  Pipeline made;
  made.trigger = trigger;
  made.on_main = branch == repository_.main_branch;
  made.creator = person;
  made.branch = branch;
  made.hash = hash;
  made.created_on = time;
  made.completed_on = time + 30'000'000 + static_cast<Micros>(dice_.below(900'000'000));
  if (dice_.one_in(9)) made.outcome = PipelineState::failed;
  if (dice_.one_in(40)) made.outcome = PipelineState::stopped;
  if (dice_.one_in(60)) made.state = PipelineState::paused;
  if (dice_.one_in(60)) made.state = PipelineState::halted;
  repository_.history.running.push_back(repository_.history.pipelines.size());
  repository_.history.pipelines.push_back(std::move(made));
}

void HistoryWriter::settle(Micros now) {
  History& history = repository_.history;
  std::vector<std::size_t> due;
  std::erase_if(history.running, [&](std::size_t index) {
    const bool ends = history.pipelines[index].completed_on <= now;
    if (ends) due.push_back(index);
    return ends;
  });
  for (auto it = history.deployments.rbegin(); it != history.deployments.rend(); ++it) {
    if (it->state == DeploymentState::in_progress && it->completed_on <= now)
      it->state = DeploymentState::successful;
    if (it - history.deployments.rbegin() > 50) break;
  }
  for (const std::size_t index : due) finish(index, now);
}

void HistoryWriter::finish(std::size_t index, Micros now) {
  History& history = repository_.history;
  Pipeline& pipeline = history.pipelines[index];
  pipeline.state = pipeline.outcome;
  if (!deploys || !pipeline.on_main || pipeline.trigger != PipelineTrigger::push ||
      pipeline.state != PipelineState::successful)
    return;
  for (std::size_t i = 0; i < repository_.setup.environments.size(); ++i) {
    Deployment made;
    made.pipeline = index;
    made.environment = i;
    made.deployer = pipeline.creator;
    if (i > 0 && dice_.one_in(2)) return;  // not asked for
    if (i < 2) {
      made.started_on = pipeline.completed_on;
      made.completed_on =
          made.started_on + 20'000'000 + static_cast<Micros>(dice_.below(90'000'000));
      made.state =
          made.completed_on <= now ? DeploymentState::successful : DeploymentState::in_progress;
      if (dice_.one_in(20)) made.state = DeploymentState::failed;
    }  // production waits for a person
    history.deployments.push_back(made);
    if (made.state == DeploymentState::failed) return;
  }
}

bool HistoryWriter::deploy(std::size_t person, Micros now) {
  auto& deployments = repository_.history.deployments;
  const std::size_t first = deployments.size() > 50 ? deployments.size() - 50 : 0;
  for (std::size_t i = first; i < deployments.size(); ++i) {
    Deployment& waiting = deployments[i];
    if (waiting.state != DeploymentState::undeployed) continue;
    waiting.state = DeploymentState::in_progress;
    waiting.deployer = person;
    waiting.started_on = now;
    waiting.completed_on = now + 45'000'000;
    return true;
  }
  return false;
}

}  // namespace evidenced::simulator
