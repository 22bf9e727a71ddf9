// Goal: whatever goes wrong on whichever page, a sync is never called complete, nothing is taken
// for removed, and the next sync heals (promise P3; T-14 to T-16, T-20). Method: every request of a
// sync meets every fault, one after the other; then answers that concern a whole stream or host.
#include "tests/connector/sync_faults.hpp"

#include "tests/catch.hpp"

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using simulator::Fault;
using simulator::FaultKind;
using storage::StreamState;
using storage::SyncMode;
using storage::SyncResult;

namespace {

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
  CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
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
  CHECK(sync.result == SyncResult::succeeded);
  const storage::SyncStream row = stream(sync, "branch_restriction");
  CHECK(row.state == StreamState::unavailable);
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
