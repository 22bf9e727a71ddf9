// The recorded bodies, served as lists: each is on one page of one list, byte for byte.
#include "tests/simulator/replay.hpp"

#include "tests/catch.hpp"
#include "tests/simulator/json_slices.hpp"

#include <boost/json/parse.hpp>

#include <cstdio>
#include <map>

using namespace evidenced;
using namespace evidenced::simulator;

namespace {

SimResponse get(Replay& replay, std::string target) {
  SimRequest request;
  request.target = std::move(target);
  request.headers = {{"authorization", "Basic eA=="}, {"host", "api.bitbucket.org"}};
  return replay.answer(request);
}

/// Every entry of a list as it stands in the pages.
std::vector<std::string> walk(Replay& replay, std::string target) {
  std::vector<std::string> rows;
  while (!target.empty()) {
    const std::string body = get(replay, target).body;
    for (std::string& row : slices_of(body, "values")) rows.push_back(std::move(row));
    const json::value page = json::parse(body);
    const json::value* next = page.as_object().if_contains("next");
    target = next == nullptr ? "" : std::string(next->as_string()).substr(25);
  }
  return rows;
}

std::multiset<std::string> everything(Replay& replay) {
  std::multiset<std::string> rows;
  const auto keep = [&](const std::vector<std::string>& more) {
    rows.insert(more.begin(), more.end());
  };
  keep({get(replay, "/2.0/user").body});
  for (const std::string& access : walk(replay, "/2.0/user/workspaces?pagelen=100")) {
    const std::string ws = encode_uuid(json::parse(access).at("workspace").at("uuid").as_string());
    keep({get(replay, "/2.0/workspaces/" + ws).body});
    keep(walk(replay, "/2.0/workspaces/" + ws + "/permissions"));
    keep(walk(replay, "/2.0/workspaces/" + ws + "/projects"));
    const std::string groups = get(replay, "/1.0/groups/" + ws + "/").body;
    keep(slices_of("{\"values\":" + groups + "}", "values"));
    const auto repositories = walk(replay, "/2.0/repositories/" + ws);
    keep(repositories);
    for (const std::string& repository : repositories) {
      const std::string path = "/2.0/repositories/" + ws + "/" +
                               encode_uuid(json::parse(repository).at("uuid").as_string());
      keep(walk(replay, path + "/pullrequests?state=ALL"));
      keep(walk(replay, path + "/pullrequests/activity"));
      keep(walk(replay, path + "/pipelines/"));
      keep(walk(replay, path + "/deployments/"));
      keep(walk(replay, path + "/commits/main"));
      keep(walk(replay, path + "/hooks"));
      keep(walk(replay, path + "/deploy-keys"));
      keep(walk(replay, path + "/effective-default-reviewers"));
      keep(walk(replay, path + "/branch-restrictions"));
      keep(walk(replay, path + "/permissions-config/users"));
      keep(walk(replay, path + "/permissions-config/groups"));
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("the slices of an array are its elements, byte for byte") {
  CHECK(slices_of(R"({ "a": [1], "values": [ {"x": "]\"}"} ,2, "s", [ [] ] , null ], "b": 1})",
                  "values") ==
        std::vector<std::string>{R"({"x": "]\"}"})", "2", R"("s")", "[ [] ]", "null"});
  CHECK(slices_of(R"({"values": []})", "values").empty());
  CHECK(slices_of(R"({"other": [1]})", "values").empty());
}

TEST_CASE("a walk over all rounds meets every recorded body, and in each round each thing once") {
  const auto folder = Replay::default_folder();
  if (!folder) {
    std::puts("skipped: no recorded bodies beside this checkout");
    return;
  }
  auto replay = Replay::load(*folder);
  REQUIRE(replay);
  std::map<std::string, int> counts;
  for (const ReplayItem& item : replay->items()) ++counts[item.kind];
  CHECK(counts["pull_request"] >= 140);
  CHECK(counts["branch_restriction"] >= 5);
  CHECK(counts["project"] >= 10);
  CHECK(counts["pull_request_activity"] >= 4);
  CHECK(counts["pipeline"] >= 20);
  CHECK(counts["deployment"] >= 20);
  CHECK(counts["repository"] >= 28);
  CHECK(counts["workspace"] >= 4);
  CHECK(counts["repository_grant"] == 4);
  CHECK(counts["commit"] >= 15);
  CHECK(counts["webhook"] >= 4);
  CHECK(counts["group"] == 1);
  CHECK(counts["deploy_key"] >= 1);
  std::set<std::string> met;
  for (int round = 0; round < replay->rounds(); ++round) {
    replay->start_round(round);
    std::multiset<std::string> expected;
    for (const ReplayItem* item : replay->served()) expected.insert(item->body);
    const auto found = everything(*replay);
    REQUIRE(found == expected);
    met.insert(found.begin(), found.end());
  }
  for (const ReplayItem& item : replay->items()) {
    CAPTURE(item.source, item.kind);
    REQUIRE(met.contains(item.body));
  }
}

TEST_CASE("the replay refuses a missing credential") {
  const auto folder = Replay::default_folder();
  if (!folder) return;
  auto replay = Replay::load(*folder);
  SimRequest request;
  request.target = "/2.0/user";
  CHECK(replay->answer(request).status == 401);
}
