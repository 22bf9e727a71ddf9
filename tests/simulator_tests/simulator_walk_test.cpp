// What a client that follows every page ends with is what the simulator says it must end with.
#include "tests/catch.hpp"
#include "tests/simulator_tests/bench.hpp"

#include <boost/json/serialize.hpp>

#include <chrono>

using namespace evidenced;
using namespace evidenced::simulator;

namespace {

const std::string pr_query =
    "?state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED&pagelen=50&fields="
    "%2Bvalues.participants,%2Bvalues.reviewers,%2Bvalues.merge_commit.date,-values.rendered,-"
    "values.summary.html";

std::string text_of(const json::value& value) {
  return std::string(value.as_string());
}

/// A client that shares nothing with the expectation but the service's answers.
std::map<std::string, std::string> client_walk(Bench& bench) {
  std::map<std::string, std::string> found;
  const auto keep = [&](const std::string& name, const json::value& body) {
    REQUIRE(found.emplace(name, json::serialize(body)).second);
  };
  const json::value user = bench.body("/2.0/user");
  keep("account " + text_of(user.at("uuid")), user);
  for (const json::value& access : bench.walk("/2.0/user/workspaces")) {
    const std::string uuid = text_of(access.at("workspace").at("uuid"));
    const std::string ws = encode_uuid(uuid);
    keep("workspace " + uuid, bench.body("/2.0/workspaces/" + ws));
    for (const auto& row : bench.walk("/2.0/workspaces/" + ws + "/permissions?pagelen=100"))
      keep("workspace_member " + uuid + "/" + text_of(row.at("user").at("uuid")), row);
    for (const auto& row : bench.walk("/2.0/workspaces/" + ws + "/projects"))
      keep("project " + text_of(row.at("uuid")), row);
    for (const auto& row : bench.walk("/2.0/repositories/" + ws)) {
      const std::string id = text_of(row.at("uuid"));
      const std::string base = "/2.0/repositories/" + ws + "/" + encode_uuid(id);
      keep("repository " + id, row);
      for (const auto& grant : bench.walk(base + "/permissions-config/users"))
        keep("repository_grant " + id + "/user/" + text_of(grant.at("user").at("uuid")), grant);
      for (const auto& grant : bench.walk(base + "/permissions-config/groups"))
        keep("repository_grant " + id + "/group/" + text_of(grant.at("group").at("slug")), grant);
      for (const auto& rule : bench.walk(base + "/branch-restrictions"))
        keep("branch_restriction " + id + "/" + std::to_string(rule.at("id").as_int64()), rule);
      for (const auto& pr : bench.walk(base + "/pullrequests" + pr_query))
        keep("pull_request " + id + "/" + std::to_string(pr.at("id").as_int64()), pr);
    }
  }
  return found;
}

void compare_walk(Bench& bench) {
  const auto found = client_walk(bench);
  const auto expected = bench.simulator.expected(bench.token);
  REQUIRE(expected.size() == found.size());
  for (const ExpectedObject& object : expected) {
    CAPTURE(object.name());
    const auto got = found.find(object.name());
    REQUIRE(got != found.end());
    REQUIRE(got->second == json::serialize(object.json));
  }
}

}  // namespace

TEST_CASE("a whole walk equals the expected state, before and after 200 changes") {
  WorldOptions options;
  options.workspaces = 2;
  Bench bench(options);
  bench.simulator.switches.limit_repositories = 0;
  compare_walk(bench);
  const std::size_t before = bench.simulator.world().pull_request_count();
  CHECK(bench.simulator.mutate(200).size() == 200);
  CHECK(bench.simulator.world().pull_request_count() != before);
  compare_walk(bench);
}

TEST_CASE("the same seed makes the same world, another seed another one") {
  const auto print = [](std::uint64_t seed) {
    WorldOptions options;
    options.seed = seed;
    Bench bench(options);
    bench.simulator.mutate(50);
    std::string all;
    for (const ExpectedObject& object : bench.simulator.expected(bench.token))
      all += object.name() + json::serialize(object.json);
    return all;
  };
  CHECK(print(7) == print(7));
  CHECK(print(7) != print(8));
}

TEST_CASE("what changes is found by its updated_on, and nothing else is") {
  WorldOptions options;
  options.repositories = 4;
  options.pull_requests = 200;
  Bench bench(options);
  const Micros mark = to_micros(bench.clock.now());
  bench.clock.elapsed = std::chrono::minutes(5);
  bench.simulator.mutate(30, mutate_pull_requests);
  for (auto& repository : bench.workspace().repositories) {
    std::set<std::int64_t> changed;
    for (const PullRequest& pr : repository->pull_requests) {
      if (pr.updated_on > mark) changed.insert(pr.id);
    }
    std::set<std::int64_t> found;
    const std::string path = "/2.0/repositories/" + bench.workspace().slug + "/" + repository->slug;
    const std::string since = stamp(mark + 1).replace(stamp(mark + 1).find('+'), 1, "%2B");
    for (const auto& row :
         bench.walk(path + "/pullrequests" + pr_query + "&q=updated_on%20%3E%3D%20" + since))
      found.insert(row.at("id").as_int64());
    CHECK(found == changed);
  }
}

TEST_CASE("an approval need not move updated_on") {
  Bench bench;
  World& world = bench.simulator.world();
  world.approvals_move_updated_on = false;
  PullRequest& pr = bench.busiest().pull_requests.front();
  const Micros before = pr.updated_on;
  world.approve(pr, 1, bench.clock.now());
  CHECK(pr.updated_on == before);
  world.approvals_move_updated_on = true;
  world.approve(pr, 2, bench.clock.now());
  CHECK(pr.updated_on > before);
}

TEST_CASE("the reference workspace has 40 repositories and 3,000 pull requests") {
  WorldOptions options;
  options.people = 60;
  options.repositories = 40;
  options.pull_requests = 3000;
  const auto begin = std::chrono::steady_clock::now();
  const World world(options);
  const auto took = std::chrono::steady_clock::now() - begin;
  INFO(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  CHECK(world.repository_count() == 40);
  CHECK(world.pull_request_count() == 3000);
  CHECK(world.people.size() == 60);
  CHECK(took < std::chrono::seconds(5));
}
