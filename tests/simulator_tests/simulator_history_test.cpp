// What happens in a simulated workspace hangs together, goes on day by day, and is what the service
// shows.
#include "tests/catch.hpp"
#include "tests/simulator/scenario.hpp"
#include "tests/simulator_tests/bench.hpp"

#include <boost/json/serialize.hpp>

#include <chrono>

using namespace evidenced;
using namespace evidenced::simulator;

namespace {

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

WorldOptions small_world() {
  WorldOptions options;
  options.repositories = 6;
  options.pull_requests = 90;
  return options;
}

/// A client of all kinds but the first eight, which shares nothing with the expectation.
class Walk {
 public:
  explicit Walk(Bench& bench) : bench_(bench) {
    bench.simulator.switches.limit_repositories = 0;
    bench.simulator.switches.limit_other = 0;
    // Its pages would be of two orders, and rows would come twice.
    bench.simulator.switches.pipelines_next_drops_sort = false;
  }

  std::map<std::string, std::string> run() {
    const std::string ws = bench_.workspace().slug;
    const std::string base = "/2.0/workspaces/" + ws;
    const std::string& id = bench_.workspace().uuid;
    const json::value groups = bench_.body("/1.0/groups/" + ws + "/");
    for (const json::value& group : groups.as_array())
      keep("group " + id + "/" + text(group.at("slug")), group);
    rows("webhook " + id, base + "/hooks", "uuid");
    rows("runner " + id, base + "/pipelines-config/runners", "uuid");
    rows("pipeline_variable " + id, base + "/pipelines-config/variables", "uuid");
    for (const auto& row : bench_.walk(base + "/permissions/repositories?pagelen=100"))
      keep("repository_access " + text(row.at("repository").at("uuid")) + "/" +
               text(row.at("user").at("uuid")),
           row);
    for (const auto& row : bench_.walk(base + "/projects")) project(base, row);
    for (const auto& row : bench_.walk("/2.0/repositories/" + ws))
      repository("/2.0/repositories/" + ws + "/" + encode_uuid(text(row.at("uuid"))), row);
    return std::move(found_);
  }

 private:
  void keep(const std::string& name, const json::value& body) {
    CAPTURE(name);
    REQUIRE(found_.emplace(name, json::serialize(body)).second);
  }

  void rows(const std::string& prefix, const std::string& path, const char* key) {
    for (const json::value& row : bench_.walk(path)) {
      const json::value& id = row.at(key);
      keep(prefix + "/" + (id.is_string() ? text(id) : json::serialize(id)), row);
    }
  }

  void reviewers(const std::string& prefix, const std::string& path) {
    for (const json::value& row : bench_.walk(path))
      keep(prefix + "/" + text(row.at("user").at("uuid")), row);
  }

  void project(const std::string& base, const json::value& body) {
    const std::string path = base + "/projects/" + text(body.at("key"));
    const std::string id = text(body.at("uuid"));
    for (const char* kind : {"user", "group"}) {
      for (const auto& row : bench_.walk(path + "/permissions-config/" + kind + "s"))
        keep("project_grant " + id + "/" + kind + "/" +
                 text(row.at(kind).at(kind == std::string("user") ? "uuid" : "slug")),
             row);
    }
    reviewers("project_default_reviewer " + id, path + "/default-reviewers");
    rows("deploy_key " + id, path + "/deploy-keys", "id");
  }

  void repository(const std::string& path, const json::value& body) {
    const std::string id = text(body.at("uuid"));
    keep("branching_model " + id, bench_.body(path + "/effective-branching-model"));
    reviewers("default_reviewer " + id, path + "/effective-default-reviewers");
    rows("environment " + id, path + "/environments", "uuid");
    rows("webhook " + id, path + "/hooks", "uuid");
    rows("deploy_key " + id, path + "/deploy-keys", "id");
    rows("runner " + id, path + "/pipelines-config/runners", "uuid");
    rows("pipeline_variable " + id, path + "/pipelines_config/variables", "uuid");
    rows("pipeline_schedule " + id, path + "/pipelines_config/schedules", "uuid");
    rows("pipeline " + id, path + "/pipelines/?pagelen=100&sort=-created_on", "uuid");
    rows("deployment " + id, path + "/deployments/?pagelen=100", "uuid");
    const SimResponse config = bench_.get(path + "/pipelines_config");
    if (config.status == 200) keep("pipeline_config " + id, json::parse(config.body));
    activity(path, id);
    for (const json::value& row : bench_.walk(path + "/pullrequests?state=OPEN&pagelen=50")) {
      const std::string number = json::serialize(row.at("id"));
      keep("merge_check " + id + "/" + number,
           bench_.body(path + "/pullrequests/" + number + "/mergeability/checks"));
    }
    if (body.at("mainbranch").is_null()) return;
    const std::string main = text(body.at("mainbranch").at("name"));
    keep("main_branch " + id, bench_.body(path + "/refs/branches/" + main));
    for (const json::value& row : bench_.walk(path + "/commits/" + main + "?pagelen=100")) {
      const std::string hash = text(row.at("hash"));
      keep("commit " + id + "/" + hash, row);
      if (config.status != 200 || json::parse(config.body).at("enabled") == false)
        rows("build_status " + id + "/" + hash, path + "/commit/" + hash + "/statuses", "key");
    }
  }

  void activity(const std::string& path, const std::string& id) {
    for (const json::value& row : bench_.walk(path + "/pullrequests/activity?pagelen=50")) {
      for (const char* kind : {"update", "approval", "changes_requested", "comment"}) {
        const json::value* entry = row.as_object().if_contains(kind);
        if (entry == nullptr) continue;
        const bool comment = kind == std::string("comment");
        const json::value& who = entry->at(kind == std::string("update") ? "author" : "user");
        const std::string last = comment ? json::serialize(entry->at("id"))
                                 : entry->as_object().contains("state") ? text(entry->at("state"))
                                                                        : std::string();
        // The erased are told apart by the expectation alone.
        const std::string person = who.is_null() ? "?" : text(who.at("uuid"));
        found_["pull_request_activity " + id + "/" +
               json::serialize(row.at("pull_request").at("id")) + "/" + kind + "/" +
               text(entry->at(comment ? "created_on" : "date")) + "/" + person + "/" + last] =
            json::serialize(row);
      }
    }
  }

  Bench& bench_;
  std::map<std::string, std::string> found_;
};

void compare(Bench& bench, bool all = true) {
  std::map<std::string, std::string> wanted;
  std::set<std::string> kinds = all_kinds();
  for (const std::string& kind : first_kinds()) kinds.erase(kind);
  std::set<std::string> seen;
  for (const ExpectedObject& object : bench.simulator.expected(bench.token, {}, kinds)) {
    ExpectedObject named = object;
    if (object.kind == "pull_request_activity") {
      const Person* person = bench.simulator.world().find_person(object.key[4]);
      if (person->erased) named.key[4] = "?";
    }
    seen.insert(object.kind);
    wanted[named.name()] = json::serialize(object.json);
  }
  if (all) CHECK(seen == kinds);
  const auto found = Walk(bench).run();
  for (const auto& [name, body] : wanted) {
    CAPTURE(name);
    const auto got = found.find(name);
    REQUIRE(got != found.end());
    REQUIRE(got->second == body);
  }
  REQUIRE(found.size() == wanted.size());
}

std::set<std::string> first_parents(const Repository& repository) {
  std::set<std::string> hashes;
  const auto& commits = repository.history.commits;
  const auto head = repository.history.heads.find(repository.main_branch);
  for (int i = head->second; i >= 0; i = commits[static_cast<std::size_t>(i)].parent)
    hashes.insert(commits[static_cast<std::size_t>(i)].hash);
  return hashes;
}

}  // namespace

TEST_CASE("a whole walk of every kind equals the expected state, before and after 20 days") {
  Bench bench(small_world());
  compare(bench);
  CHECK(bench.simulator.live(std::chrono::hours(480)).size() > 500);
  compare(bench);
}

TEST_CASE("the reference repository has its size, and is built quickly") {
  const auto begin = std::chrono::steady_clock::now();
  Bench bench(WorldOptions::reference_repository());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  const std::string path = bench.path();
  CHECK(bench.body(path + "/pullrequests/activity?pagelen=1").at("size") == 12'000);
  CHECK(bench.body(path + "/pipelines/?pagelen=1").at("size") == 5000);
  CHECK(bench.body(path + "/deployments/?pagelen=1").at("size") == 1500);
  CHECK(bench.busiest().pull_requests.size() == 2000);
}

TEST_CASE("a day of life takes milliseconds and is the same for the same seed") {
  const auto print = [](std::uint64_t seed) {
    WorldOptions options = small_world();
    options.seed = seed;
    Bench bench(options);
    std::string all;
    for (const std::string& line : bench.simulator.live(std::chrono::hours(24))) all += line + "\n";
    for (const ExpectedObject& object : bench.simulator.expected(bench.token, {}, all_kinds()))
      all += object.name() + json::serialize(object.json);
    return all;
  };
  CHECK(print(3) == print(3));
  CHECK(print(3) != print(4));
  Bench bench;
  const auto begin = std::chrono::steady_clock::now();
  bench.simulator.live(std::chrono::hours(24));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
}

TEST_CASE("life follows the clock and keeps activity and pull requests agreed") {
  Bench bench(small_world());
  CHECK(bench.simulator.live().empty());
  bench.clock.elapsed = std::chrono::hours(72);
  CHECK(bench.simulator.live().size() > 100);
  CHECK(bench.simulator.live().empty());
  std::size_t withdrawn = 0;
  for (auto& repository : bench.workspace().repositories) {
    for (const PullRequest& pr : repository->pull_requests) {
      std::map<std::size_t, int> approvals;
      for (const Event& event : pr.events) {
        if (event.kind == Event::Kind::approval) ++approvals[event.person];
      }
      for (const Participant& participant : pr.participants) {
        const bool approved = participant.state == "approved";
        if (approved) CHECK(approvals[participant.person] > 0);
        if (!approved && approvals[participant.person] > 0) ++withdrawn;
      }
      REQUIRE_FALSE(pr.events.empty());
      const Event& last = pr.events.back();
      if (pr.closed_on != 0 && last.kind == Event::Kind::update && last.changed.empty())
        CHECK(last.state == pr.state);
    }
  }
  CHECK(withdrawn > 0);
}

TEST_CASE("by switch the world lives on between two requests") {
  Bench bench(small_world());
  bench.simulator.switches.lives = true;
  const std::string activity = bench.path() + "/pullrequests/activity?pagelen=1";
  const auto before = bench.body(activity).at("size").as_int64();
  bench.clock.elapsed = std::chrono::hours(48);
  CHECK(bench.body(activity).at("size").as_int64() > before);
}

TEST_CASE("the main branch holds every merge to it, and pushes that belong to no pull request") {
  Bench bench(small_world());
  bench.simulator.live(std::chrono::hours(240));
  std::size_t direct = 0;
  for (auto& repository : bench.workspace().repositories) {
    if (repository->main_branch.empty()) continue;
    const auto main = first_parents(*repository);
    std::set<std::string> merges;
    for (const PullRequest& pr : repository->pull_requests) {
      if (pr.state != "MERGED" || pr.destination_branch != repository->main_branch) continue;
      CHECK(main.contains(pr.merge_hash));
      merges.insert(pr.merge_hash);
    }
    for (const std::string& hash : main) direct += merges.contains(hash) ? 0 : 1;
  }
  CHECK(direct > bench.workspace().repositories.size());
}

TEST_CASE("commits come newest first without size, since a hash, and one by one") {
  Bench bench(small_world());
  const Repository& chosen = bench.busiest();
  const std::string path = bench.path();
  const auto all = bench.walk(path + "/commits/" + chosen.main_branch + "?q=nonsense&pagelen=100");
  REQUIRE(all.size() > 5);
  const std::string mark = text(all[3].at("hash"));
  CHECK(bench.walk(path + "/commits/" + chosen.main_branch + "?exclude=" + mark).size() >= 3);
  CHECK(bench.walk(path + "/commits/" + chosen.main_branch + "?exclude=" + mark).size() <
        all.size());
  CHECK(bench.body(path + "/commit/" + mark.substr(0, 12)) == all[3]);
  CHECK(bench.get(path + "/commit/0000000").status == 404);
  CHECK(bench.get(path + "/commits/none").status == 404);
  bench.simulator.world().open_pull_request(bench.busiest(), bench.clock.now());
  CHECK(bench.walk(path + "/commits?pagelen=100").size() > all.size());  // every branch
  const json::value page = bench.body(path + "/commits/" + chosen.main_branch + "?pagelen=2");
  CHECK_FALSE(page.as_object().contains("size"));
  CHECK(text(page.at("next")).find("ctx=") != std::string::npos);
}

TEST_CASE("a running pipeline has a stage and no result, until it ends and deploys") {
  Bench bench(small_world());
  World& world = bench.simulator.world();
  Repository& chosen = bench.busiest();
  const std::string path = bench.path();
  world.direct_push(chosen, 1, bench.clock.now());
  Pipeline& made = chosen.history.pipelines.back();
  made.outcome = PipelineState::successful;
  made.state = PipelineState::halted;
  const std::string newest = path + "/pipelines/?sort=-created_on&pagelen=1";
  const json::value running = bench.body(newest).at("values").at(0);
  CHECK(running.at("state").at("stage").at("name") == "HALTED");
  CHECK_FALSE(running.at("state").as_object().contains("result"));
  CHECK_FALSE(running.as_object().contains("completed_on"));
  const std::size_t before = chosen.history.deployments.size();
  world.settle(bench.clock.now() + std::chrono::hours(1));
  const json::value ended = bench.body(newest).at("values").at(0);
  CHECK(ended.at("uuid") == running.at("uuid"));
  CHECK(ended.at("state").at("result").at("name") == "SUCCESSFUL");
  CHECK(bench.body(path + "/pipelines/" + encode_uuid(text(ended.at("uuid")))) == ended);
  CHECK(chosen.history.deployments.size() > before);
  const json::value deployment = bench.body(path + "/deployments/?pagelen=1").at("values").at(0);
  CHECK(deployment.at("release").at("commit").at("hash") ==
        ended.at("target").at("commit").at("hash"));
}

TEST_CASE("an undeployed deployment has no dates, and gets them when it is run") {
  Bench bench(WorldOptions::reference_repository());
  const std::string path = bench.path() + "/deployments/?pagelen=100";
  std::size_t undeployed = 0;
  for (const json::value& row : bench.walk(path)) {
    if (row.at("state").at("name") != "UNDEPLOYED") continue;
    ++undeployed;
    CHECK_FALSE(row.as_object().contains("last_update_time"));
    CHECK(row.at("state").as_object().size() == 2);
  }
  CHECK(undeployed > 0);
}

TEST_CASE("merge checks tell what the rules demand, and block only on a premium plan") {
  Bench bench(small_world());
  Repository& chosen = bench.busiest();
  World& world = bench.simulator.world();
  chosen.restrictions.clear();
  for (const char* kind : {"require_approvals_to_merge", "enforce_merge_checks"}) {
    Restriction& rule = world.restrict(chosen, kind);
    rule.branch_type.clear();
    rule.pattern = "**";
    if (kind == std::string("require_approvals_to_merge")) rule.value = 2;
  }
  const PullRequest& open = world.open_pull_request(chosen, bench.clock.now());
  const std::string path =
      bench.path() + "/pullrequests/" + std::to_string(open.id) + "/mergeability/checks";
  const json::value all = bench.body(path);
  CHECK(all.at("size") == 4);
  const json::value& rule = all.at("values").at(3);
  CHECK(rule.at("requirement").at("minimum_approvals") == 2);
  CHECK(rule.at("observed").at("approval_count") == 0);
  CHECK(rule.at("blocking") == true);
  CHECK(bench
            .body(path + "?q=type!=%22git_mergeability_check%22%20AND%20check.kind!=%22maximum_"
                         "commits_behind%22")
            .at("size") == 3);
  CHECK(bench.get(path + "?q=status=%22FAILED%22").status == 400);
  CHECK(bench.simulator.log().back().group == "mergeability");
  bench.simulator.switches.plan = Plan::standard;
  CHECK(bench.body(path).at("values").at(3).at("blocking") == false);
}

TEST_CASE("what a token may not see is not expected of it") {
  Bench bench(small_world());
  const auto kinds_of = [&](TokenOptions options) {
    std::set<std::string> kinds;
    for (const ExpectedObject& object :
         bench.simulator.expected(bench.simulator.add_token(std::move(options)), {}, all_kinds()))
      kinds.insert(object.kind);
    return kinds;
  };
  CHECK(kinds_of({}) == all_kinds());
  TokenOptions reader;
  reader.scopes = read_scopes();
  CHECK_FALSE(kinds_of(reader).contains("pipeline_config"));
  CHECK_FALSE(kinds_of(reader).contains("branch_restriction"));
  CHECK(kinds_of(reader).contains("webhook"));
  TokenOptions member;
  member.role = Role::member;
  for (const char* kind : {"group", "webhook", "runner", "project_grant", "repository_access"})
    CHECK_FALSE(kinds_of(member).contains(kind));
  bench.simulator.switches.plan = Plan::free;
  CHECK_FALSE(kinds_of({}).contains("runner"));
}

TEST_CASE("changes of delivery and configuration are made when they are asked for") {
  Bench bench(small_world());
  std::string lines;
  for (const std::string& line : bench.simulator.mutate(300, mutate_everything))
    lines += line + "\n";
  for (const char* change : {"push directly to", "push to pull request", "withdraw from",
                             "change a group", "change the hooks", "add a variable", "add a key"}) {
    CAPTURE(change);
    CHECK(lines.find(change) != std::string::npos);
  }
  compare(bench, false);
}
