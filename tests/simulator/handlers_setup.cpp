// How workspaces, projects and repositories are set up: reviewers, branches, hooks, keys,
// Pipelines.
#include "tests/simulator/handlers.hpp"

#include <algorithm>

namespace evidenced::simulator::handlers {
namespace {

/// Short lists that know neither q nor sort.
template <class Things, class Body>
void plain_list(Exchange& x, const Things& things, Body body, std::int64_t page_length = 10) {
  std::deque<json::value> rows;
  for (const auto& thing : things) rows.push_back(body(thing));
  Listing listing = Exchange::values(std::move(rows));
  listing.filters = false;
  listing.sorts = false;
  listing.page_length = page_length;
  x.list(std::move(listing));
}

void variable_list(Exchange& x, const std::vector<Variable>& variables) {
  plain_list(x, variables, [&](const Variable& v) { return x.setup_bodies().variable(v); });
}

void runner_list(Exchange& x, const std::vector<Runner>& runners) {
  if (x.switches().plan == Plan::free)
    return x.error(403, "A workspace on a Free plan does not support self-hosted runners.");
  plain_list(x, runners, [&](const Runner& r) { return x.setup_bodies().runner(r); });
}

}  // namespace

void default_reviewers(Exchange& x) {
  plain_list(x, x.repository().setup.default_reviewers,
             [&](std::size_t person) { return x.bodies().account(person); });
}

void effective_default_reviewers(Exchange& x) {
  const Project& project = x.workspace().projects[x.repository().project];
  plain_list(
      x, effective_reviewers(project, x.repository()),
      [&](const auto& row) { return x.setup_bodies().default_reviewer(row.first, row.second); },
      20);
}

void project_default_reviewers(Exchange& x) {
  plain_list(x, x.project().default_reviewers, [&](std::size_t person) {
    return x.setup_bodies().default_reviewer(person, "project");
  });
}

void branching_model(Exchange& x) {
  x.single(x.setup_bodies().branching_model(x.workspace(), x.repository(), false));
}

void effective_branching_model(Exchange& x) {
  x.single(x.setup_bodies().branching_model(x.workspace(), x.repository(), true));
}

void branches(Exchange& x) {
  auto names = branches_of(x.repository());
  const std::size_t count = names.size();
  x.list(Exchange::made(count, [&x, names = std::move(names)](std::size_t i) {
    return x.setup_bodies().branch(x.workspace(), x.repository(), names[i]);
  }));
}

void branch(Exchange& x) {
  const auto names = branches_of(x.repository());
  const std::string& wanted = x.capture("branch");
  if (std::find(names.begin(), names.end(), wanted) == names.end())
    return x.not_found("Branch \"" + wanted + "\" not found");
  x.single(x.setup_bodies().branch(x.workspace(), x.repository(), wanted));
}

void hooks(Exchange& x) {
  plain_list(x, x.repository().setup.hooks, [&](const Hook& hook) {
    return x.setup_bodies().hook(x.workspace(), x.repository(), hook);
  });
}

void workspace_hooks(Exchange& x) {
  plain_list(x, x.workspace().hooks, [&](const Hook& hook) {
    return x.setup_bodies().workspace_hook(x.workspace(), hook);
  });
}

void deploy_keys(Exchange& x) {
  plain_list(x, x.repository().setup.deploy_keys, [&](const DeployKey& key) {
    return x.setup_bodies().deploy_key(x.workspace(), x.repository(), key);
  });
}

void project_deploy_keys(Exchange& x) {
  plain_list(x, x.project().deploy_keys, [&](const DeployKey& key) {
    return x.setup_bodies().project_deploy_key(x.workspace(), x.project(), key);
  });
}

void environments(Exchange& x) {
  plain_list(x, x.repository().setup.environments, [&](const Environment& environment) {
    return x.setup_bodies().environment(environment, x.switches().plan);
  });
}

void environment(Exchange& x) {
  for (const Environment& known : x.repository().setup.environments) {
    if (known.uuid == x.capture("environment"))
      return x.single(x.setup_bodies().environment(known, x.switches().plan));
  }
  x.not_found("Environment not found");
}

void pipelines_config(Exchange& x) {
  if (x.repository().setup.pipelines == PipelinesState::never)
    return x.not_found("Pipelines configuration not found");
  x.single(x.setup_bodies().pipelines_config(x.workspace(), x.repository()));
}

void variables(Exchange& x) {
  variable_list(x, x.repository().setup.variables);
}
void workspace_variables(Exchange& x) {
  variable_list(x, x.workspace().variables);
}

void schedules(Exchange& x) {
  plain_list(x, x.repository().setup.schedules,
             [&](const Schedule& schedule) { return x.setup_bodies().schedule(schedule); });
}

void runners(Exchange& x) {
  runner_list(x, x.repository().setup.runners);
}
void workspace_runners(Exchange& x) {
  runner_list(x, x.workspace().runners);
}

void downloads(Exchange& x) {
  if (x.switches().plan == Plan::free)
    return x.text(402,
                  "A workspace on a Free plan does not support uploading or downloading files.");
  x.list(Exchange::values({}));
}

}  // namespace evidenced::simulator::handlers
