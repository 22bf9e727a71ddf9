#include "tests/simulator/setup_builder.hpp"

#include "tests/simulator/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::simulator {

void SetupBuilder::build() {
  std::vector<Repository*> by_size;
  for (auto& owner : world_.workspaces) {
    workspace(*owner);
    for (Project& each : owner->projects) project(*owner, each);
    for (auto& each : owner->repositories) by_size.push_back(each.get());
  }
  std::sort(by_size.begin(), by_size.end(), [](const auto* a, const auto* b) {
    const std::size_t left = a->pull_requests.size();
    const std::size_t right = b->pull_requests.size();
    return left != right ? left > right : a->uuid < b->uuid;
  });
  const std::size_t enabled = (by_size.size() * world_.options_.with_pipelines + 99) / 100;
  for (std::size_t i = 0; i < by_size.size(); ++i) {
    const PipelinesState rest = i % 3 == 0 ? PipelinesState::disabled : PipelinesState::never;
    first_ = i == 0;
    set_up(*by_size[i], i < enabled ? PipelinesState::enabled : rest);
  }
  first_ = false;
  for (auto& owner : world_.workspaces) {
    for (auto& each : owner->repositories) {
      if (dice_.one_in(3)) each->setup.default_reviewers = reviewers(*owner);
    }
  }
}

void SetupBuilder::workspace(Workspace& workspace) {
  workspace.hooks = {hook(past(workspace.created_on)), hook(past(workspace.created_on))};
  workspace.variables = {variable(false), variable(true)};
  workspace.runners = {runner(past(workspace.created_on)), runner(past(workspace.created_on))};
}

void SetupBuilder::project(const Workspace& workspace, Project& project) {
  static const std::vector<std::string> permissions{"read", "write", "create-repo", "admin"};
  for (std::size_t i = 1 + dice_.below(3); i > 0; --i) {
    const std::size_t who = person(workspace);
    const bool known =
        std::any_of(project.grants.begin(), project.grants.end(),
                    [&](const Grant& grant) { return !grant.to_group && grant.who == who; });
    if (!known) project.grants.push_back({false, who, dice_.pick(permissions)});
  }
  project.default_reviewers = reviewers(workspace);
  if (dice_.one_in(2)) project.deploy_keys.push_back(deploy_key(past(project.created_on)));
}

void SetupBuilder::set_up(Repository& repository, PipelinesState pipelines) {
  static const std::vector<std::string> strategies{"merge_commit", "squash", "fast_forward"};
  Setup& setup = repository.setup;
  setup.pipelines = repository.main_branch.empty() ? PipelinesState::never : pipelines;
  setup.merge_strategy = dice_.pick(strategies);
  if (dice_.one_in(3)) setup.production_branch = "production";
  if (dice_.one_in(6)) setup.feature_prefix = "feat/";
  for (std::size_t i = dice_.below(3); i > 0; --i)
    setup.hooks.push_back(hook(past(repository.created_on)));
  for (std::size_t i = dice_.below(3); i > 0; --i)
    setup.deploy_keys.push_back(deploy_key(past(repository.created_on)));
  if (setup.pipelines == PipelinesState::enabled) delivery(repository);
}

void SetupBuilder::delivery(Repository& repository) {
  Setup& setup = repository.setup;
  setup.variables = {variable(false), variable(true)};
  if (setup.hooks.empty()) setup.hooks.push_back(hook(past(repository.created_on)));
  static const std::vector<std::string> types{"Test", "Staging", "Production"};
  for (const std::string& type : types) {
    Environment made;
    made.uuid = "{" + dice_.uuid() + "}";
    made.name = type;
    made.type = type;
    made.slug = type;
    made.slug.front() = static_cast<char>(made.slug.front() - 'A' + 'a');
    made.rank = static_cast<int>(setup.environments.size());
    made.admin_only = type == "Production" && dice_.one_in(2);
    made.gated = type == "Production" && dice_.one_in(2);
    made.locked = dice_.one_in(9);
    setup.environments.push_back(std::move(made));
  }
  if (dice_.one_in(3) || first_) {
    const Micros created = past(repository.created_on);
    setup.schedules.push_back({"{" + dice_.uuid() + "}", !dice_.one_in(4), "0 30 2 * * ? *",
                               repository.main_branch, created, created});
  }
  if (dice_.one_in(5) || first_) setup.runners.push_back(runner(past(repository.created_on)));
}

Hook SetupBuilder::hook(Micros created) {
  static const std::vector<std::string> names{"Chat", "Build farm", "", "台帳に送る"};
  static const std::vector<std::vector<std::string>> events{
      {"repo:push", "pullrequest:fulfilled"},
      {"repo:push"},
      {"pullrequest:created", "pullrequest:approved", "pullrequest:unapproved"}};
  const std::string secret(canary_secret);
  const std::string urls[] = {"https://hook:" + secret + "@example.com/in?token=" + secret,
                              "https://hooks.example.com/services/T01/" + secret,
                              "http://10.0.0.7:8080/ci/?job=main&key=" + secret};
  Hook made;
  made.uuid = "{" + dice_.uuid() + "}";
  made.url = urls[dice_.below(3)];
  made.description = dice_.pick(names);
  made.active = !dice_.one_in(5);
  made.secret_set = dice_.one_in(2);
  made.skips_verification = dice_.one_in(4);
  made.events = dice_.pick(events);
  made.created_on = created;
  return made;
}

Variable SetupBuilder::variable(bool secured) {
  static const std::vector<std::string> keys{"DEPLOY_TOKEN", "AWS_REGION", "NPM_AUTH", "DB_URL"};
  Variable made;
  made.uuid = "{" + dice_.uuid() + "}";
  made.key = secured ? fmt::format("SIGNING_KEY_{}", dice_.below(90)) : dice_.pick(keys);
  made.secured = secured;
  if (!secured) made.value = canary_secret;
  return made;
}

DeployKey SetupBuilder::deploy_key(Micros created) {
  DeployKey made;
  made.id = 100'000 + static_cast<std::int64_t>(dice_.below(9'000'000));
  made.key = public_key(dice_.next());
  made.label = dice_.one_in(2) ? "deploy" : "build server";
  made.comment = dice_.one_in(3) ? "" : "root@build.example.com";
  made.created_on = created;
  if (!dice_.one_in(3)) made.last_used = past(created);
  return made;
}

Runner SetupBuilder::runner(Micros created) {
  static const std::vector<std::string> states{"ONLINE", "OFFLINE", "UNREGISTERED", "DISABLED"};
  Runner made;
  made.uuid = "{" + dice_.uuid() + "}";
  made.name = fmt::format("runner-{}", dice_.below(1000));
  made.labels = {"self.hosted", dice_.one_in(2) ? "linux" : "linux.arm64"};
  made.status = dice_.pick(states);
  made.cordoned = dice_.one_in(6);
  made.created_on = created;
  made.updated_on = past(created);
  return made;
}

std::size_t SetupBuilder::person(const Workspace& workspace) {
  return workspace.members[dice_.below(workspace.members.size())].person;
}

std::vector<std::size_t> SetupBuilder::reviewers(const Workspace& workspace) {
  std::vector<std::size_t> people;
  for (std::size_t i = dice_.below(4); i > 0; --i) people.push_back(person(workspace));
  std::sort(people.begin(), people.end());
  people.erase(std::unique(people.begin(), people.end()), people.end());
  return people;
}

Micros SetupBuilder::past(Micros since) {
  const Micros now = to_micros(world_.options_.now);
  const auto span = static_cast<std::size_t>(std::max<Micros>(now - since - 60'000'000, 1));
  return since + static_cast<Micros>(dice_.below(span));
}

}  // namespace evidenced::simulator
