// Goal: whatever goes wrong on whichever page, a sync is never called complete, nothing is taken
// for removed, and the next sync heals (promise P3; T-14 to T-16, T-20). Method: every request of a
// sync meets every fault, one after the other.
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::Fault;
using simulator::FaultKind;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

namespace {

const std::vector<std::string> nothing;

simulator::WorldOptions small() {
  simulator::WorldOptions options;
  options.people = 8;
  options.projects = 2;
  options.repositories = 2;
  options.pull_requests = 110;
  options.restrictions = 2;
  return options;
}

/// Path to number of requests in the log, of what is there.
std::map<std::string, std::uint64_t> paths(SyncLab& lab) {
  std::map<std::string, std::uint64_t> found;
  for (const simulator::LogEntry& entry : lab.bitbucket().log()) {
    if (entry.status != 200) continue;
    ++found[entry.request.target.substr(0, entry.request.target.find('?'))];
  }
  return found;
}

/// The stream that a path belongs to.
std::string stream_of(const std::string& path) {
  struct Place {
    std::string_view end;
    const char* stream;
    const char* elsewhere;  ///< of a workspace or a project
  };
  static constexpr Place places[] = {
      {"/pullrequests", "pull_request", ""},
      {"/pipelines/", "pipeline", ""},
      {"/commits/main", "commit", ""},
      {"/commits/master", "commit", ""},
      {"/mergeability/checks", "merge_check", ""},
      {"/statuses", "build_status", ""},
      {"/deployments/", "deployment", ""},
      {"/pullrequests/activity", "pull_request_activity", ""},
      {"/branch-restrictions", "branch_restriction", ""},
      {"/permissions-config/users", "repository_grant", "project_grant"},
      {"/permissions-config/groups", "repository_grant", "project_grant"},
      {"/permissions", "", "workspace_member"},
      {"/permissions/repositories", "", "repository_access"},
      {"/projects", "", "project"},
      {"/effective-default-reviewers", "default_reviewer", ""},
      {"/default-reviewers", "", "project_default_reviewer"},
      {"/effective-branching-model", "branching_model", ""},
      {"/refs/branches/main", "main_branch", ""},
      {"/refs/branches/master", "main_branch", ""},
      {"/environments", "environment", ""},
      {"/pipelines_config", "pipeline_config", ""},
      {"/variables", "pipeline_variable", "workspace_pipeline_variable"},
      {"/schedules", "pipeline_schedule", ""},
      {"/runners", "runner", "workspace_runner"},
      {"/deploy-keys", "deploy_key", "project_deploy_key"},
      {"/hooks", "webhook", "workspace_webhook"},
  };
  const bool in_repository = path.starts_with("/2.0/repositories/");
  if (path == "/2.0/user") return "account";
  if (path.starts_with("/1.0/groups/")) return "group";
  for (const Place& place : places) {
    if (path.ends_with(place.end)) return in_repository ? place.stream : place.elsewhere;
  }
  if (path.find("/refs/branches/") != std::string::npos) return "main_branch";
  return in_repository ? "repository" : "workspace";
}

Fault fault(FaultKind kind, const std::string& path, std::uint64_t first) {
  Fault made;
  made.kind = kind;
  made.path = path;
  made.first = first;
  made.count = 0;
  return made;
}

Fault answer(int status, std::string text, const std::string& path, std::uint64_t first = 1) {
  Fault made = fault(FaultKind::status, path, first);
  made.status = status;
  made.text = std::move(text);
  return made;
}

}  // namespace

TEST_CASE("every fault on every page spoils the sync, removes nothing, and heals", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const auto asked = paths(lab);
  const std::size_t live = lab.stored(source).size();

  for (const auto& [path, count] : asked) {
    for (std::uint64_t k = 1; k <= count; ++k) {
      std::vector<Fault> faults;
      for (const FaultKind kind : {FaultKind::reset_mid_body, FaultKind::truncate,
                                   FaultKind::not_json, FaultKind::forbidden}) {
        faults.push_back(fault(kind, path, k));
      }
      faults.push_back(answer(500, "", path, k));
      faults.push_back(answer(404, "", path, k));
      faults.push_back(answer(200, "<html><p>Please wait</p></html>", path, k));
      // The first fault meets a whole sync, the others one of the stream that they hit.
      std::vector<std::string> streams;
      for (Fault& broken : faults) {
        const std::string what = path + " page " + std::to_string(k) + " " +
                                 std::string(simulator::fault_name(broken.kind)) + " " +
                                 std::to_string(broken.status);
        INFO(what);
        lab.bitbucket().add_fault(std::move(broken));
        const storage::Sync spoilt = lab.run_sync(source, SyncMode::full, streams);
        lab.bitbucket().clear_faults();
        INFO(describe(spoilt));
        const bool honest =
            spoilt.result == SyncResult::partial || spoilt.result == SyncResult::failed;
        CHECK(honest);
        CHECK_FALSE(stream(spoilt, stream_of(path)).complete);
        CHECK(lab.stored(source).size() == live);
        CHECK(lab.removed(source) == 0);
        const storage::Sync healed = lab.run_sync(source, SyncMode::full, streams);
        INFO(describe(healed));
        CHECK(healed.result == SyncResult::succeeded);
        CHECK(stream(healed, stream_of(path)).complete);
        streams = {stream_of(path)};
      }
    }
  }
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a list that goes round in circles ends with its code after a few requests", "[sync]") {
  const FaultKind kind = GENERATE(FaultKind::self_loop, FaultKind::two_cycle,
                                  FaultKind::ever_new_cursor, FaultKind::foreign_next);
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault loop = fault(kind, "/2.0/repositories/", 1);
  loop.contains = "/pullrequests";
  loop.text = "https://api.bitbucket.org.example.com/2.0/repositories/x?page=2";
  lab.bitbucket().add_fault(loop);
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(simulator::fault_name(kind) << "\n" << describe(sync));
  CHECK(sync.result == SyncResult::partial);
  const storage::SyncStream row = stream(sync, "pull_request");
  CHECK(row.state == StreamState::failed);
  CHECK_FALSE(row.complete);
  REQUIRE(row.error);
  const bool foreign = kind == FaultKind::foreign_next;
  CHECK(row.error->code == (foreign ? "upstream.foreign_link" : "upstream.pagination_loop"));
  CHECK(row.error->partitions_failed == 2);
  CHECK(row.requests <= 2 * 4);
  CHECK(stream(sync, "repository_grant").complete);

  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("rows that are missing are looked for once more, then told with numbers", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault cut = fault(FaultKind::no_next, "/2.0/repositories/", 1);
  cut.contains = "/pullrequests";
  lab.start();

  SECTION("found the second time") {
    cut.count = 1;
    lab.bitbucket().add_fault(cut);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(lab.differences(source) == nothing);
  }
  SECTION("not found") {
    lab.bitbucket().add_fault(cut);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::partial);
    const storage::SyncStream row = stream(sync, "pull_request");
    REQUIRE(row.error);
    CHECK(row.error->code == "stream.incomplete");
    CHECK(row.error->detail.find("50 rows received of ") == 0);
    lab.bitbucket().clear_faults();
    CHECK(lab.run_sync(source).result == SyncResult::succeeded);
    CHECK(lab.differences(source) == nothing);
  }
}

TEST_CASE("a list that grows while it is walked is whole, and the next sync brings the rest",
          "[sync]") {
  SyncLab lab(small());
  lab.bitbucket().switches.sorted_by_update = true;
  Fault grow = fault(FaultKind::action, "/2.0/repositories/", 1);
  grow.contains = "/pullrequests";
  grow.count = 0;
  grow.action = [&] {
    for (auto& workspace : lab.world().workspaces) {
      for (auto& repository : workspace->repositories) {
        lab.world().open_pull_request(*repository, lab.clock().now());
      }
    }
  };
  lab.bitbucket().add_fault(grow);
  const std::string source = lab.add_source();
  lab.start();
  const storage::Sync first = lab.run_sync(source);
  INFO(describe(first));
  CHECK(first.result == SyncResult::succeeded);
  CHECK(stream(first, "pull_request").complete);
  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a sentence among the rows is a gap of its own, and removes nothing", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const std::size_t live = lab.stored(source).size();

  SECTION("instead of all rows") {
    Fault gate = answer(200, R"({"values":["A plan without this."],"size":1})", "/2.0/workspaces/");
    gate.contains = "/projects?";
    lab.bitbucket().add_fault(gate);
    for (int i = 0; i < 3; ++i) {
      lab.run_for(10min);
      const storage::Sync sync = lab.run_sync(source, SyncMode::full);
      INFO(describe(sync));
      CHECK(sync.result == SyncResult::partial);
      const storage::SyncStream row = stream(sync, "project");
      CHECK(row.state == StreamState::failed);
      REQUIRE(row.error);
      CHECK(row.error->code == "stream.malformed");
      CHECK(row.error->detail ==
            "1 entries of the list are no objects, the first is entry 1 of page 1");
      CHECK(row.removed == 0);
    }
  }
  SECTION("before them, on a later page, in an interrupted walk, and in the list of workspaces") {
    const char* const path = GENERATE("/2.0/repositories/", "/2.0/user/workspaces");
    const bool restarted = GENERATE(false, true);
    const bool rows = path == std::string_view("/2.0/repositories/");
    lab.settings().connector.account_concurrency = 1;
    Fault sentence = fault(FaultKind::string_values, path, 1);
    sentence.count = rows ? 1 : 0;  // that list is asked for again after a restart
    if (rows) sentence.contains = "page=2";
    lab.bitbucket().add_fault(sentence);
    const std::size_t before = lab.requests();
    const std::string id = lab.queue(source, SyncMode::full);
    if (restarted) {
      const auto met = [&] {
        for (std::size_t i = before; i < lab.requests(); ++i) {
          const std::string& target = lab.bitbucket().log()[i].request.target;
          if (target.find(rows ? "page=2" : path) != std::string::npos) return true;
        }
        return false;
      };
      REQUIRE(lab.run_until(met, 1h));
      lab.restart();
    }
    const storage::Sync sync = lab.run_to_end(id);
    INFO(path << (restarted ? " restarted" : "") << "\n" << describe(sync));
    CHECK(sync.result == SyncResult::partial);
    const storage::SyncStream row = stream(sync, rows ? "pull_request" : "workspace");
    CHECK_FALSE(row.complete);
    REQUIRE(row.error);
    CHECK(row.error->code == "stream.malformed");
    if (rows) CHECK(row.error->detail.find("the first is entry 1 of page 2") != std::string::npos);
  }
  CHECK(lab.stored(source).size() == live);
  CHECK(lab.removed(source) == 0);
  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a page that is too large is asked for in smaller ones, and is a gap below five rows",
          "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  std::vector<std::string> asked;
  int too_large = 0;
  const auto refuse = [&](const std::string& target, int least) -> std::optional<Error> {
    if (target.find("/pullrequests?") == std::string::npos) return std::nullopt;
    asked.push_back(target);
    const auto number = [&](std::string_view name) {
      const std::size_t at = target.find(name);
      return at == std::string::npos ? 1 : std::stoi(target.substr(at + name.size()));
    };
    const int length = number("pagelen=");
    const int first = (number("page=") - 1) * length;
    if (first + length <= 60 || first > 60 || length < least) return std::nullopt;
    ++too_large;
    return fail("upstream.oversized", "the body is larger than the limit").error();
  };
  lab.start();

  SECTION("the row that is too heavy for a page of fifty passes in a smaller one") {
    lab.network().breaks = [&](const std::string& target) { return refuse(target, 25); };
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(too_large > 0);
    CHECK(asked.size() < 25);
    CHECK(lab.differences(source) == nothing);
  }
  SECTION("too many values count as too large") {
    Fault crowd = fault(FaultKind::not_json, "/2.0/repositories/", 1);
    crowd.contains = "/pullrequests?pagelen=50";
    crowd.text = "{\"values\":[0";
    for (int i = 0; i < 260'000; ++i) crowd.text += ",0";
    crowd.text += "]}";
    lab.bitbucket().add_fault(crowd);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
    CHECK(lab.differences(source) == nothing);
  }
  SECTION("nothing is small enough") {
    lab.network().breaks = [&](const std::string& target) { return refuse(target, 0); };
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::partial);
    const storage::SyncStream row = stream(sync, "pull_request");
    CHECK_FALSE(row.complete);
    REQUIRE(row.error);
    CHECK(row.error->code == "upstream.oversized");
    CHECK(lab.removed(source) == 0);
  }
  lab.network().breaks = nullptr;
  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("an API that is gone for one partition is a gap of that one", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault gone = answer(410, "{\"error\":{\"message\":\"CHANGE-2770\"}}", "/2.0/repositories/");
  gone.contains = "/branch-restrictions";
  gone.count = 1;
  lab.bitbucket().add_fault(gone);
  lab.settings().connector.account_concurrency = 1;
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  const storage::SyncStream row = stream(sync, "branch_restriction");
  CHECK(row.state == StreamState::incomplete);
  CHECK(row.error->code == "upstream.removed");
  CHECK(row.error->partitions_failed == 1);
  CHECK(row.requests == 2);
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("an API that was removed stops its stream after two answers", "[sync]") {
  simulator::WorldOptions options = small();
  options.repositories = 5;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  Fault gone = answer(410, "{\"error\":{\"message\":\"CHANGE-2770\"}}", "/2.0/repositories/");
  gone.contains = "/branch-restrictions";
  lab.bitbucket().add_fault(gone);
  lab.settings().connector.account_concurrency = 1;
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::partial);
  const storage::SyncStream row = stream(sync, "branch_restriction");
  CHECK(row.state == StreamState::failed);
  CHECK(row.error->code == "upstream.removed");
  CHECK(row.requests == 2);
  CHECK(row.error->partitions_failed == 5);
  CHECK(stream(sync, "repository_grant").complete);
}

TEST_CASE("a stream that gets no answer is left after three walks, a dead host after one",
          "[sync]") {
  simulator::WorldOptions options = small();
  options.repositories = 12;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  lab.settings().connector.account_concurrency = 1;
  lab.start();

  SECTION("one stream") {
    Fault down = answer(503, "", "/2.0/repositories/");
    down.contains = "/branch-restrictions";
    lab.bitbucket().add_fault(down);
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::partial);
    CHECK(stream(sync, "branch_restriction").requests == 3 * 6);
    CHECK(stream(sync, "branch_restriction").error->partitions_failed == 12);
    CHECK(stream(sync, "repository_grant").complete);
  }
  SECTION("everything") {
    lab.bitbucket().add_fault(answer(503, "", "/"));
    const storage::Sync sync = lab.run_sync(source);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::failed);
    REQUIRE(sync.error);
    CHECK(sync.error->code == "upstream.unavailable");
    CHECK(sync.requests_done == 6);
    CHECK(stream(sync, "pull_request").state == StreamState::failed);
  }
  lab.bitbucket().clear_faults();
  CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a server that cannot be trusted stops the sync at once", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  lab.network().breaks = [](const std::string& target) -> std::optional<Error> {
    if (target.find("/projects") == std::string::npos) return std::nullopt;
    return fail("upstream.tls_untrusted", "self-signed").error();
  };
  const std::size_t before = lab.requests();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::failed);
  CHECK(sync.error->code == "upstream.tls_untrusted");
  CHECK(lab.requests() - before <= 5);
  CHECK(lab.differences(source) == nothing);
}

TEST_CASE("a walk of 429s waits, visibly, and gives up at last", "[sync]") {
  SyncLab lab(small());
  const std::string source = lab.add_source();
  Fault busy = answer(429, "Rate limit for this resource has been exceeded", "/2.0/repositories/");
  lab.bitbucket().add_fault(busy);
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return lab.sync(id).waiting_until.has_value(); }, 1h));
  CHECK(*lab.sync(id).waiting_until > lab.clock().now() + 30s);
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::partial);
  CHECK(sync.error->code == "upstream.rate_limited");
  CHECK_FALSE(sync.waiting_until);
  CHECK(stream(sync, "project").complete);
  CHECK(stream(sync, "repository").requests <= 12);
}
