#include "tests/simulator/bodies_delivery.hpp"

#include "tests/simulator/history_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace evidenced::simulator {
namespace {

Micros whole_milliseconds(Micros time) {
  return time - time % 1000;
}

json::value state_body(const Pipeline& pipeline) {
  if (!pipeline.finished()) {  // no result while it runs
    const char* stage = pipeline.state == PipelineState::paused   ? "PAUSED"
                        : pipeline.state == PipelineState::halted ? "HALTED"
                                                                  : "RUNNING";
    std::string type = std::string("pipeline_state_in_progress_") + stage;
    std::transform(type.begin(), type.end(), type.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return {{"type", "pipeline_state_in_progress"},
            {"name", "IN_PROGRESS"},
            {"stage", {{"type", type}, {"name", stage}}}};
  }
  const char* result = pipeline.state == PipelineState::failed    ? "FAILED"
                       : pipeline.state == PipelineState::stopped ? "STOPPED"
                                                                  : "SUCCESSFUL";
  std::string type = std::string("pipeline_state_completed_") + result;
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return {{"type", "pipeline_state_completed"},
          {"name", "COMPLETED"},
          {"result", {{"type", type}, {"name", result}}}};
}

json::object deployment_state(const Deployment& deployment) {
  if (deployment.state == DeploymentState::undeployed)
    return {{"type", "deployment_state_undeployed"}, {"name", "UNDEPLOYED"}};
  if (deployment.state == DeploymentState::in_progress)
    return {{"type", "deployment_state_in_progress"},
            {"name", "IN_PROGRESS"},
            {"started_on", stamp(deployment.started_on, Spelling::nine)}};
  const bool failed = deployment.state == DeploymentState::failed;
  return {{"type", "deployment_state_completed"},
          {"name", "COMPLETED"},
          {"status",
           {{"type", failed ? "deployment_state_completed_status_failed"
                            : "deployment_state_completed_status_successful"},
            {"name", failed ? "FAILED" : "SUCCESSFUL"}}},
          {"started_on", stamp(deployment.started_on, Spelling::nine)},
          {"completed_on", stamp(deployment.completed_on, Spelling::nine)}};
}

json::value trigger_body(PipelineTrigger trigger) {
  switch (trigger) {
    case PipelineTrigger::schedule:
      return {{"type", "pipeline_trigger_schedule"}, {"name", "SCHEDULE"}};
    case PipelineTrigger::manual:
      return {{"type", "pipeline_trigger_manual"}, {"name", "MANUAL"}};
    case PipelineTrigger::push:
      break;
  }
  return {{"type", "pipeline_trigger_push"}, {"name", "PUSH"}};
}

}  // namespace

std::string derived_uuid(std::string_view uuid, std::size_t number, std::string_view kind) {
  std::uint64_t seed = number * 1099511628211U;
  for (const char c : uuid) seed = seed * 31 + static_cast<unsigned char>(c);
  for (const char c : kind) seed = seed * 31 + static_cast<unsigned char>(c);
  return "{" + Dice(seed).uuid() + "}";
}

std::string pipeline_uuid(const Repository& repository, std::size_t index) {
  return derived_uuid(repository.uuid, index, "pipeline");
}

std::string deployment_uuid(const Repository& repository, std::size_t index) {
  return derived_uuid(repository.uuid, index, "deployment");
}

json::value DeliveryBodies::commit(const Workspace& workspace, const Repository& repository,
                                   std::size_t index) const {
  const History& history = repository.history;
  const Commit& commit = history.commits[index];
  const std::string path = path_of(workspace, repository) + "/commit/";
  json::array parents;
  for (const int parent : {commit.parent, commit.other}) {
    if (parent < 0) continue;
    const std::string& hash = history.commits[static_cast<std::size_t>(parent)].hash;
    parents.push_back(
        {{"type", "commit"}, {"hash", hash}, {"links", {{"self", api_link(path + hash)}}}});
  }
  std::string message = commit.message;
  for (const PullRequest& pull_request : repository.pull_requests) {
    if (!message.empty()) break;
    if (pull_request.id == commit.pull_request) message = merge_message(pull_request);
  }
  const Person& person = world_.people[commit.author];
  json::object author{
      {"type", "author"},
      {"raw",
       fmt::format("{} <{}>", person.nickname.empty() ? "dev" : person.nickname, person.email)}};
  const bool linked = commit.linked && !person.erased && person.type == Person::Type::user;
  if (linked) author["user"] = bodies_.account(commit.author);
  return {{"type", "commit"},
          {"hash", commit.hash},
          {"date", stamp(commit.date, index % 3 == 0 ? Spelling::offset : Spelling::six)},
          {"author", std::move(author)},
          {"message", message},
          {"summary", {{"type", "rendered"}, {"raw", message}, {"markup", "markdown"}}},
          {"links",
           {{"self", api_link(path + commit.hash)},
            {"statuses", api_link(path + commit.hash + "/statuses")}}},
          {"parents", std::move(parents)},
          {"repository", bodies_.repository_short(workspace, repository)}};
}

json::value DeliveryBodies::pipeline(const Workspace& workspace, const Repository& repository,
                                     std::size_t index) const {
  const Pipeline& pipeline = repository.history.pipelines[index];
  // Only whole milliseconds, and Z: this is another service.
  const Micros created = whole_milliseconds(pipeline.created_on);
  const Micros completed = whole_milliseconds(pipeline.completed_on);
  const bool finished = pipeline.finished();
  const Micros seconds = finished ? (completed - created) / 1'000'000 : 0;
  const std::string uuid = pipeline_uuid(repository, index);
  json::object body{
      {"type", "pipeline"},
      {"uuid", uuid},
      {"build_number", index + 1},
      {"run_number", 1},
      {"creator", bodies_.account(pipeline.creator)},
      {"repository", bodies_.repository_short(workspace, repository)},
      {"target",
       {{"type", "pipeline_ref_target"},
        {"ref_type", "branch"},
        {"ref_name", pipeline.branch},
        {"selector",
         {{"type", pipeline.on_main ? "branches" : "default"}, {"pattern", pipeline.branch}}},
        {"commit", {{"type", "commit"}, {"hash", pipeline.hash}}}}},
      {"trigger", trigger_body(pipeline.trigger)},
      {"state", state_body(pipeline)},
      {"created_on", stamp(created, Spelling::zulu)},
      {"duration_in_seconds", seconds},
      {"build_seconds_used", seconds},
      {"links",
       {{"self",
         {{"href", fmt::format("http://bitbucket-pipelines.prod.public.atl-paas.net//rest/1.0/"
                               "accounts/{}/repositories/{}/pipelines/{}",
                               workspace.uuid, repository.uuid, uuid)}}}}}};
  if (finished) body["completed_on"] = stamp(completed, Spelling::zulu);
  return body;
}

json::value DeliveryBodies::deployment(const Workspace& workspace, const Repository& repository,
                                       std::size_t index) const {
  const Deployment& deployment = repository.history.deployments[index];
  const Pipeline& pipeline = repository.history.pipelines[deployment.pipeline];
  const Environment& environment = repository.setup.environments[deployment.environment];
  const std::string uuid = pipeline_uuid(repository, deployment.pipeline);
  const std::string step = derived_uuid(repository.uuid, index, "step");
  const std::string url =
      fmt::format("https://bitbucket.org/{}/{}/addon/pipelines/home#!/results/{}", workspace.slug,
                  repository.slug, deployment.pipeline + 1);
  const bool undeployed = deployment.state == DeploymentState::undeployed;
  const bool running = deployment.state == DeploymentState::in_progress;
  json::object state = deployment_state(deployment);
  if (!undeployed) {
    state["url"] = url + "/steps/" + encode_uuid(step);
    state["deployer"] = bodies_.account(deployment.deployer);
  }
  json::object body{
      {"type", "deployment"},
      {"uuid", deployment_uuid(repository, index)},
      {"key", fmt::format("{}-{}", deployment.pipeline + 1, environment.slug)},
      {"version", 1},
      {"step", {{"uuid", step}}},
      {"environment",
       {{"type", "deployment_environment"},
        {"uuid", environment.uuid},
        {"name", environment.name},
        {"environment_type", {{"name", environment.type}, {"rank", environment.rank}}}}},
      {"release",
       {{"type", "deployment_release"},
        {"uuid", derived_uuid(repository.uuid, deployment.pipeline, "release")},
        {"pipeline", {{"type", "pipeline"}, {"uuid", uuid}}},
        {"key", "pipelines-" + uuid},
        {"name", fmt::format("#{}", deployment.pipeline + 1)},
        {"url", url},
        {"commit", {{"type", "commit"}, {"hash", pipeline.hash}}},
        {"created_on", stamp(pipeline.created_on, Spelling::zulu)}}},
      {"state", std::move(state)}};
  if (!undeployed)
    body["last_update_time"] =
        stamp(running ? deployment.started_on : deployment.completed_on, Spelling::nine);
  return body;
}

std::deque<json::value> DeliveryBodies::statuses(const Workspace& workspace,
                                                 const Repository& repository,
                                                 std::size_t index) const {
  const Commit& commit = repository.history.commits[index];
  const std::string path = path_of(workspace, repository) + "/commit/" + commit.hash;
  std::deque<json::value> rows;
  const auto add = [&](const std::string& key, const std::string& state, const std::string& url,
                       const std::string& refname, Micros created, Micros updated) {
    rows.push_back(
        {{"type", "build"},
         {"key", key},
         {"name", key},
         {"description", ""},
         {"state", state},
         {"url", url},
         {"refname", refname.empty() ? json::value(nullptr) : json::value(refname)},
         {"created_on", stamp(created)},
         {"updated_on", stamp(updated)},
         {"repository", bodies_.repository_short(workspace, repository)},
         {"commit",
          {{"type", "commit"}, {"hash", commit.hash}, {"links", {{"self", api_link(path)}}}}},
         {"links",
          {{"self", api_link(path + "/statuses/build/" + key)}, {"commit", api_link(path)}}}});
  };
  const History& history = repository.history;
  for (std::size_t i = 0; i < history.pipelines.size(); ++i) {
    const Pipeline& pipeline = history.pipelines[i];
    if (pipeline.hash != commit.hash) continue;
    const std::string state = pipeline.state == PipelineState::successful ? "SUCCESSFUL"
                              : pipeline.state == PipelineState::stopped  ? "STOPPED"
                              : pipeline.finished()                       ? "FAILED"
                                                                          : "INPROGRESS";
    add(fmt::format("pipeline-{}", i + 1), state,
        fmt::format("https://bitbucket.org/{}/{}/addon/pipelines/home#!/results/{}", workspace.slug,
                    repository.slug, i + 1),
        pipeline.branch, pipeline.created_on,
        pipeline.finished() ? pipeline.completed_on : pipeline.created_on);
  }
  // Who has no Pipelines builds elsewhere.
  if (repository.setup.pipelines != PipelinesState::enabled && commit.hash.front() < 'c') {
    add("farm-unit", commit.hash.back() < '3' ? "FAILED" : "SUCCESSFUL",
        "https://ci.example.com/" + commit.hash.substr(0, 8), "", commit.date + 5'000'000,
        commit.date + 300'000'000);
  }
  return rows;
}

std::vector<std::size_t> reachable(const History& history, const std::vector<int>& tips,
                                   const std::vector<int>& without) {
  const auto mark = [&](const std::vector<int>& from) {
    std::vector<bool> marks(history.commits.size(), false);
    for (const int start : from) {
      if (start >= 0) marks[static_cast<std::size_t>(start)] = true;
    }
    for (std::size_t i = history.commits.size(); i-- > 0;) {  // parents are always older
      if (!marks[i]) continue;
      for (const int parent : {history.commits[i].parent, history.commits[i].other}) {
        if (parent >= 0) marks[static_cast<std::size_t>(parent)] = true;
      }
    }
    return marks;
  };
  const auto wanted = mark(tips);
  const auto known = mark(without);
  std::vector<std::size_t> list;
  for (std::size_t i = history.commits.size(); i-- > 0;) {
    if (wanted[i] && !known[i]) list.push_back(i);
  }
  return list;
}

int find_commit(const Repository& repository, std::string_view name) {
  const History& history = repository.history;
  const auto head = history.heads.find(std::string(name));
  if (head != history.heads.end()) return head->second;
  for (auto it = repository.pull_requests.rbegin(); it != repository.pull_requests.rend(); ++it) {
    if (it->state == "OPEN" && it->source_branch == name) return it->branch_tip;
  }
  if (name.size() < 7) return -1;
  for (std::size_t i = history.commits.size(); i-- > 0;) {
    if (history.commits[i].hash.starts_with(name)) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace evidenced::simulator
