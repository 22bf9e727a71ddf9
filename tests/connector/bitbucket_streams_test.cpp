// Goal: what is asked for is what the table and the reference say. Method: the targets of every
// row, with and without a watermark, and with partitions that lack something.
#include "connector/bitbucket/asked.hpp"
#include "connector/bitbucket/streams.hpp"
#include "connector/bitbucket/targets.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace evidenced::connector::bitbucket;

namespace {

constexpr std::string_view since = "2026-11-24T05:00:00.250Z";

Partition everything() {
  Partition partition;
  partition.id = "{r}";
  partition.workspace_uuid = "{w}";
  partition.workspace = "harbour-lane";
  partition.project = "PAY";
  partition.repository_uuid = "{r}";
  partition.repository = "harbour-lane/payments-api";
  partition.main_branch = "release/2026";
  partition.pull_request = "42";
  partition.heads = {"0123456789ab", "ba9876543210"};
  return partition;
}

std::string target(std::string_view stream, std::string_view updated_since = "",
                   std::size_t leg = 0) {
  return first_target(*find_stream(stream), leg, everything(), updated_since);
}

}  // namespace

TEST_CASE("the table has the streams in the order of a sync") {
  std::vector<std::string_view> names;
  for (const Stream& stream : streams()) names.push_back(stream.name);
  CHECK(names == std::vector<std::string_view>{"account",
                                               "workspace",
                                               "workspace_member",
                                               "group",
                                               "project",
                                               "repository",
                                               "pull_request",
                                               "pull_request_activity",
                                               "branch_restriction",
                                               "repository_access",
                                               "repository_grant",
                                               "one_repository_access",
                                               "pipeline",
                                               "pipeline_config",
                                               "deployment",
                                               "commit",
                                               "build_status",
                                               "merge_check",
                                               "project_grant",
                                               "default_reviewer",
                                               "project_default_reviewer",
                                               "branching_model",
                                               "main_branch",
                                               "environment",
                                               "pipeline_variable",
                                               "workspace_pipeline_variable",
                                               "pipeline_schedule",
                                               "runner",
                                               "workspace_runner",
                                               "deploy_key",
                                               "project_deploy_key",
                                               "webhook",
                                               "workspace_webhook"});
  CHECK(find_stream("nonsense") == nullptr);
}

TEST_CASE("every row is whole") {
  for (const Stream& stream : streams()) {
    CAPTURE(stream.name);
    CHECK(find_stream(stream.name) == &stream);
    CHECK_FALSE(stream.title.empty());
    REQUIRE(find_kind(stream.kind) != nullptr);
    CHECK(find_kind(stream.kind)->description.empty() == false);
    CHECK(stream.description.empty() == (find_kind(stream.kind) != &stream));
    CHECK(stream.scope.ends_with(":bitbucket"));
    CHECK((stream.page_length == 0) == (stream.shape == Shape::object || stream.name == "group"));
    CHECK((stream.shape == Shape::list_of_objects) == (stream.name == "workspace"));
    for (const std::string_view path : stream.paths) {
      const bool repositories = path.starts_with("/2.0/repositories/");
      const std::string_view group = repositories ? "repositories" : "other";
      const bool apart = path.ends_with("/hooks") || path.ends_with("/mergeability/checks");
      CHECK((group_name(stream.group) == group) == !apart);
    }
  }
}

TEST_CASE("first targets name uuids, page lengths and nothing that was removed") {
  CHECK(target("account") == "/2.0/user");
  CHECK(target("workspace") == "/2.0/user/workspaces?pagelen=100");
  CHECK(target("workspace", "", 1) == "/2.0/workspaces/%7Bw%7D");
  CHECK(target("workspace_member") == "/2.0/workspaces/%7Bw%7D/permissions?pagelen=100");
  CHECK(target("project") == "/2.0/workspaces/%7Bw%7D/projects?pagelen=100");
  CHECK(target("repository") == "/2.0/repositories/%7Bw%7D?pagelen=100");
  CHECK(target("pull_request") ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/pullrequests?pagelen=50&state=OPEN&state=MERGED"
        "&state=DECLINED&state=SUPERSEDED&fields=%2Bvalues.participants,%2Bvalues.reviewers"
        ",%2Bvalues.merge_commit.date,-values.rendered,-values.summary.html");
  CHECK(target("branch_restriction") ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/branch-restrictions?pagelen=100");
  CHECK(target("repository_grant") ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/permissions-config/users?pagelen=100");
  CHECK(target("repository_grant", "", 1) ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/permissions-config/groups?pagelen=100");
}

TEST_CASE("names of branches are one segment, and the old API wants slugs and its slash") {
  CHECK(target("main_branch") == "/2.0/repositories/%7Bw%7D/%7Br%7D/refs/branches/release%2F2026");
  CHECK(target("pipeline") ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/pipelines/?pagelen=100&sort=-created_on");
  CHECK(target("deployment") == "/2.0/repositories/%7Bw%7D/%7Br%7D/deployments/?pagelen=100");
  CHECK(target("pull_request_activity") ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/pullrequests/activity?pagelen=50");
  CHECK(target("commit") == "/2.0/repositories/%7Bw%7D/%7Br%7D/commits/release%2F2026?pagelen=100");
  CHECK(target("commit", "0123456789ab") == target("commit") + "&exclude=0123456789ab");
  CHECK(target("build_status") ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/commit/0123456789ab/statuses?pagelen=100");
  const auto statuses = first_targets(*find_stream("build_status"), everything(), "");
  REQUIRE(statuses.size() == 2);
  CHECK(statuses[1] ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/commit/ba9876543210/statuses?pagelen=100");
  CHECK(target("merge_check") ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/pullrequests/42/mergeability/checks?q=type%21%3D%22git_"
        "mergeability_check%22%20AND%20check.kind%21%3D%22maximum_commits_behind%22");
  Partition closed = everything();
  closed.pull_request.clear();
  CHECK(first_target(*find_stream("merge_check"), 0, closed, "").empty());
  CHECK(target("group") == "/1.0/groups/harbour-lane/");
  CHECK(target("repository_access") ==
        "/2.0/workspaces/%7Bw%7D/permissions/repositories?pagelen=100");
  CHECK(target("one_repository_access") ==
        "/2.0/workspaces/%7Bw%7D/permissions/repositories/%7Br%7D?pagelen=100");
  CHECK(target("project_deploy_key") ==
        "/2.0/workspaces/%7Bw%7D/projects/PAY/deploy-keys?pagelen=100");
  CHECK(target("branching_model") ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/effective-branching-model"
        "?fields=-development.branch.target,-production.branch.target");
  CHECK(target("runner") ==
        "/2.0/repositories/%7Bw%7D/%7Br%7D/pipelines-config/runners?pagelen=100");
}

TEST_CASE("an incremental walk asks from ten minutes before its watermark") {
  const std::string from = "2026-11-24T04%3A50%3A00.250%2B00%3A00";
  CHECK(target("repository", since) ==
        "/2.0/repositories/%7Bw%7D?pagelen=100&q=updated_on%3E%3D" + from);
  CHECK(target("pull_request", since) ==
        target("pull_request") + "&q=%28updated_on%3E%3D" + from + "%20OR%20state%3D%22OPEN%22%29");
  CHECK(target("repository", "2026-11-24T05:00:00.250999") == target("repository", since));
}

TEST_CASE("a report can tell what every stream asks") {
  for (const Stream& stream : streams()) {
    CAPTURE(stream.name);
    const auto targets = asked_targets(stream);
    REQUIRE(targets.size() == stream.paths.size());
    for (std::size_t leg = 0; leg < targets.size(); ++leg) {
      // The placeholders aside, it is what is sent.
      const std::string sent = first_target(stream, leg, everything(), "");
      CHECK(targets[leg].substr(std::min(targets[leg].find('?'), targets[leg].size())) ==
            sent.substr(std::min(sent.find('?'), sent.size())));
    }
    CHECK_FALSE(freshness_name(stream.freshness).empty());
    const bool filtered =
        stream.freshness == Freshness::updated_on || stream.freshness == Freshness::since_head;
    CHECK(asked_changes(stream).empty() != filtered);
  }
  CHECK(asked_changes(*find_stream("repository")) == "q=updated_on>={since}");
}

TEST_CASE("a watermark that cannot be read means everything") {
  CHECK(target("repository", "yesterday") == target("repository"));
  CHECK(plain_targets(*find_stream("pull_request"), everything(), "yesterday").empty());
}

TEST_CASE("streams without a filter on updated_on ignore the watermark") {
  for (const std::string_view name : {"account", "workspace", "workspace_member", "project",
                                      "branch_restriction", "repository_grant"}) {
    CHECK(target(name, since) == target(name));
  }
}

TEST_CASE("where the combined filter is refused, open ones are asked first, then updated ones") {
  const Stream& stream = *find_stream("pull_request");
  const auto targets = plain_targets(stream, everything(), since);
  REQUIRE(targets.size() == 2);
  CHECK(targets[0].find("?pagelen=50&state=OPEN&fields=") != std::string::npos);
  CHECK(targets[0].find("q=") == std::string::npos);
  CHECK(targets[1] ==
        target("pull_request") + "&q=updated_on%3E%3D2026-11-24T04%3A50%3A00.250%2B00%3A00");
  CHECK(plain_targets(stream, everything(), "").empty());
  CHECK(plain_targets(stream, {}, since).empty());
  CHECK(plain_targets(*find_stream("repository"), everything(), since).empty());
}

TEST_CASE("a path with an empty segment is never built") {
  for (const Stream& stream : streams()) {
    for (std::size_t leg = 0; leg < stream.paths.size(); ++leg) {
      const bool needs_nothing = stream.paths[leg].find('{') == std::string_view::npos;
      CHECK(first_target(stream, leg, {}, since).empty() != needs_nothing);
    }
  }
  Partition partition = everything();
  partition.workspace_uuid = "..";
  CHECK(first_target(*find_stream("repository"), 0, partition, "").empty());
  partition.workspace_uuid = "a/../b?c#d";
  CHECK(first_target(*find_stream("repository"), 0, partition, "") ==
        "/2.0/repositories/a%2F..%2Fb%3Fc%23d?pagelen=100");
}

TEST_CASE("names stand in where uuids are missing") {
  Partition partition;
  partition.workspace = "harbour-lane";
  partition.repository = "harbour-lane/payments-api";
  CHECK(first_target(*find_stream("branch_restriction"), 0, partition, "") ==
        "/2.0/repositories/harbour-lane/payments-api/branch-restrictions?pagelen=100");
}

TEST_CASE("a page that is too large becomes smaller ones from the same row on, down to five rows") {
  CHECK(with_smaller_pages("/x?pagelen=100&q=1") == "/x?pagelen=50&q=1");
  CHECK(with_smaller_pages("/x?q=1&pagelen=50&page=1") == "/x?pagelen=25&q=1");
  CHECK(with_smaller_pages("/x?pagelen=50&q=1&page=3") == "/x?pagelen=25&page=5&q=1");
  CHECK(with_smaller_pages("/x?pagelen=25&page=5&q=1") == "/x?pagelen=5&page=21&q=1");
  CHECK(with_smaller_pages("/x?pagelen=30&page=2") == "/x?pagelen=5&page=7");
  for (const char* target : {"/x?pagelen=5&page=21", "/x?page=2", "/x?pagelen=50&page=8xhd", "/x",
                             "/x?pagelen=50&page=0", "/x?pagelen=7", "/x?pagelen=", "/x?",
                             "/x?pagelen=50&page=99999999999999999999"}) {
    CAPTURE(target);
    CHECK(with_smaller_pages(target).empty());
  }
}

TEST_CASE("pages get shorter until nothing is left to leave out") {
  CHECK(with_shorter_pages("/x?pagelen=100&q=1") == "/x?pagelen=50&q=1");
  CHECK(with_shorter_pages("/x?pagelen=50&q=1") == "/x?q=1");
  CHECK(with_shorter_pages("/x?a=b&pagelen=50&q=1") == "/x?a=b&q=1");
  CHECK(with_shorter_pages("/x?a=b&pagelen=50") == "/x?a=b");
  CHECK(with_shorter_pages("/x?pagelen=50") == "/x");
  CHECK(with_shorter_pages("/x?q=1").empty());
  CHECK(with_shorter_pages("/x").empty());
}
