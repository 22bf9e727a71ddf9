// Goal: every object that Bitbucket sends becomes one artifact that keeps its identity. Method:
// invented bodies (tests/fixtures) with the oddities of real ones.
#include "connector/bitbucket/json_text.hpp"
#include "connector/bitbucket/parse.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"

#include <fmt/format.h>

#include <set>

using namespace evidenced;
using namespace evidenced::connector::bitbucket;
using namespace evidenced::connector::bitbucket::testing;

namespace {

const std::string workspace_uuid = "{c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f}";
const std::string repository_uuid = "{11100000-0000-4000-8000-000000000001}";

Partition harbour_lane() {
  Partition partition;
  partition.id = workspace_uuid;
  partition.workspace_uuid = workspace_uuid;
  partition.workspace = "harbour-lane";
  return partition;
}

Partition payments_api() {
  Partition partition = harbour_lane();
  partition.id = repository_uuid;
  partition.repository_uuid = repository_uuid;
  partition.repository = "harbour-lane/payments-api";
  partition.project = "PAY";
  return partition;
}

std::vector<std::string> ids_of(const ParsedPage& page) {
  std::vector<std::string> ids;
  for (const auto& artifact : page.artifacts) ids.push_back(artifact.upstream_id);
  return ids;
}

bool is_hash(std::string_view id, std::string_view parent) {
  return id.size() == parent.size() + 8 + 64 && id.starts_with(parent) &&
         id.substr(parent.size()).starts_with("/sha256:");
}

Error refused(std::string_view stream, std::string_view body, std::size_t leg = 0) {
  const auto page = parse_page(*find_stream(stream), leg, {}, body);
  REQUIRE_FALSE(page);
  return page.error();
}

}  // namespace

TEST_CASE("the account is its uuid") {
  const ParsedPage page = parsed("account", fixture("user.json"));
  REQUIRE(page.artifacts.size() == 1);
  CHECK(page.artifacts[0].upstream_id == "{5a1d0c1e-7f43-4b0e-9a52-0c6f1c2d9e01}");
  CHECK(page.artifacts[0].title == "Evidence Collector");
  CHECK(page.artifacts[0].workspace.empty());
  CHECK(page.artifacts[0].content.find("avatar") == std::string::npos);
  CHECK_FALSE(page.next);
}

TEST_CASE("a workspace is the object, with what the list says of the account's role") {
  const ParsedPage list = parsed("workspace", fixture("user_workspaces.json"));
  CHECK(list.malformed == 1);
  CHECK(list.size == 2);
  REQUIRE(list.artifacts.size() == 2);
  const auto partition = partition_of("workspace", list.artifacts[0].content);
  REQUIRE(partition);
  CHECK(partition->id == workspace_uuid);
  CHECK(partition->workspace == "harbour-lane");
  CHECK(partition->access == R"({"administrator":true})");

  const ParsedPage object = parsed("workspace", fixture("workspace.json"), *partition, 1);
  REQUIRE(object.artifacts.size() == 1);
  const auto& artifact = object.artifacts[0];
  CHECK(artifact.upstream_id == workspace_uuid);
  CHECK(artifact.title == "Harbour Lane");
  CHECK(artifact.workspace == "harbour-lane");
  CHECK(artifact.content.starts_with(R"({"administrator":true,"created_on":)"));
  // What is stored opens the same partition.
  CHECK(partition_of("workspace", artifact.content)->id == workspace_uuid);
}

TEST_CASE("the other shape of the workspace list gives the role, too") {
  const ParsedPage list = parsed("workspace", fixture("user_workspaces.json"));
  const auto partition = partition_of("workspace", list.artifacts[1].content);
  REQUIRE(partition);
  CHECK(partition->workspace == "North-Pier");
  CHECK(partition->access ==
        R"({"last_accessed":"2026-11-20T08:15:00.000000+00:00","permission":"member"})");
  const ParsedPage seen =
      parsed("workspace", R"({"uuid":"{x}","permission":"own"})", *partition, 1);
  CHECK(seen.artifacts[0].content ==
        R"({"last_accessed":"2026-11-20T08:15:00.000000+00:00","permission":"own","uuid":"{x}"})");
  Partition later = *partition;
  later.access = R"({"last_accessed":"2026-11-21T08:15:00.000000+00:00","permission":"member"})";
  const ParsedPage again = parsed("workspace", R"({"uuid":"{x}","permission":"own"})", later, 1);
  CHECK(again.artifacts[0].digest == seen.artifacts[0].digest);
  CHECK(again.artifacts[0].content != seen.artifacts[0].content);
}

TEST_CASE("members are workspace and person, whatever is known of the person") {
  const ParsedPage page =
      parsed("workspace_member", fixture("workspace_members.json"), harbour_lane());
  REQUIRE(page.artifacts.size() == 5);
  const auto ids = ids_of(page);
  CHECK(ids[0] == workspace_uuid + "/{a0000000-0000-4000-8000-000000000001}");
  CHECK(ids[1] == workspace_uuid + "/5d0f1e2a3b4c5d6e7f8a9b0c");
  CHECK(ids[2] == workspace_uuid + "/harbourlaneold");
  CHECK(is_hash(ids[3], workspace_uuid));
  CHECK(page.artifacts[0].title == "Ada Brook");
  CHECK(page.artifacts[3].title.empty());
  CHECK(page.artifacts[4].title == "Release Bot 🤖");
  for (const auto& artifact : page.artifacts) {
    CHECK(artifact.kind == "workspace_member");
    CHECK(artifact.workspace == "harbour-lane");
    CHECK(artifact.repository.empty());
  }
}

TEST_CASE("projects carry their key and open partitions") {
  const ParsedPage page = parsed("project", fixture("projects.json"), harbour_lane());
  REQUIRE(page.artifacts.size() == 2);
  CHECK(page.artifacts[0].upstream_id == "{99900000-0000-4000-8000-000000000001}");
  CHECK(page.artifacts[0].project == "PAY");
  CHECK(page.artifacts[0].title == "Payments");
  CHECK(page.artifacts[1].workspace == "harbour-lane");
  CHECK(page.newest == "2026-11-01T00:00:00.123Z");
  const auto partition = partition_of("project", page.artifacts[0].content);
  REQUIRE(partition);
  CHECK(partition->project == "PAY");
  CHECK(partition->workspace_uuid == workspace_uuid);
}

TEST_CASE("repositories know where they are, else the partition does") {
  const ParsedPage page = parsed("repository", fixture("repositories.json"), harbour_lane());
  REQUIRE(page.artifacts.size() == 3);
  CHECK(page.next == "https://api.bitbucket.org/2.0/repositories/harbour-lane?pagelen=100&page=2");
  CHECK(page.size == 3);
  const auto& first = page.artifacts[0];
  CHECK(first.upstream_id == repository_uuid);
  CHECK(first.project == "PAY");
  CHECK(first.repository == "harbour-lane/payments-api");
  CHECK(first.content.find("\"size\":123456789012345678,") != std::string::npos);
  CHECK(first.content.find("collector@") == std::string::npos);
  CHECK(page.artifacts[1].workspace == "harbour-lane");
  CHECK(page.artifacts[2].repository == "harbour-lane/slug-only");
  CHECK(page.artifacts[2].project.empty());
  // The greatest moment, not the greatest text.
  CHECK(page.newest == "2026-11-23T16:44:00.541Z");

  const auto partition = partition_of("repository", first.content);
  REQUIRE(partition);
  CHECK(partition->id == repository_uuid);
  CHECK(partition->repository == "harbour-lane/payments-api");
  CHECK(partition->workspace_uuid == workspace_uuid);
  CHECK(partition->project == "PAY");
  CHECK(partition->updated_on == "2026-11-23T16:44:00.541926+00:00");
}

TEST_CASE("pull requests survive deleted forks, erased authors and missing numbers") {
  const ParsedPage page = parsed("pull_request", fixture("pull_requests.json"), payments_api());
  REQUIRE(page.artifacts.size() == 3);
  const auto ids = ids_of(page);
  CHECK(ids[0] == repository_uuid + "/7");
  CHECK(ids[1] == repository_uuid + "/8");
  CHECK(is_hash(ids[2], repository_uuid));
  CHECK(page.artifacts[0].title == "Retry the settlement job  ");
  CHECK(page.artifacts[0].project == "PAY");
  CHECK(page.newest == "2026-11-21T09:00:00.500Z");
  for (const auto& artifact : page.artifacts) {
    CHECK(artifact.repository == "harbour-lane/payments-api");
    CHECK(artifact.workspace == "harbour-lane");
  }
}

TEST_CASE("branch restrictions are numbered within their repository") {
  const ParsedPage page =
      parsed("branch_restriction", fixture("branch_restrictions.json"), payments_api());
  REQUIRE(page.artifacts.size() == 3);
  CHECK(page.artifacts[0].upstream_id == repository_uuid + "/101");
  CHECK(page.artifacts[0].title == "push main");
  CHECK(page.artifacts[1].title == "require_approvals_to_merge production");
  CHECK(page.artifacts[2].title == "a_kind_of_next_year release/*");
  CHECK(page.newest.empty());
}

TEST_CASE("grants to people and to groups are told apart by the path") {
  const ParsedPage users =
      parsed("repository_grant", fixture("repository_grants_users.json"), payments_api(), 0);
  const ParsedPage groups =
      parsed("repository_grant", fixture("repository_grants_groups.json"), payments_api(), 1);
  REQUIRE(users.artifacts.size() == 2);
  REQUIRE(groups.artifacts.size() == 1);
  CHECK(users.artifacts[0].upstream_id ==
        repository_uuid + "/user/{a0000000-0000-4000-8000-000000000001}");
  CHECK(is_hash(users.artifacts[1].upstream_id, repository_uuid));
  CHECK(groups.artifacts[0].upstream_id == repository_uuid + "/group/developers");
  CHECK(groups.artifacts[0].title == "Developers write");
}

TEST_CASE("a strange answer never passes for an empty list") {
  for (const std::string_view body :
       {"", "<html>", "null", "1", "\"x\"", "{}", R"({"values":null})", R"({"values":{}})",
        R"({"size":0})", R"({"type":"error","error":{"message":"no"}})", R"({"values":[]}x)",
        R"({"values":[],"next":1})", R"({"values":[],"next":{}})",
        R"({"values":[1],"values":2})"}) {
    CAPTURE(body);
    CHECK(refused("repository", body).code.text() == "upstream.invalid_json");
  }
  for (const std::string_view body : {"[]", "null", "", "\"x\""}) {
    CHECK(refused("account", body).code.text() == "upstream.invalid_json");
    CHECK(refused("workspace", body, 1).code.text() == "upstream.invalid_json");
  }
}

TEST_CASE("the envelope is read as it comes") {
  CHECK(parsed("repository", R"({"values":[]})").artifacts.empty());
  CHECK_FALSE(parsed("repository", R"({"values":[],"next":null})").next);
  CHECK(parsed("repository", R"({"values":[],"next":""})").next == "");
  CHECK_FALSE(parsed("repository", R"({"values":[],"size":null})").size);
  CHECK_FALSE(parsed("repository", R"({"values":[],"size":-1})").size);
  CHECK_FALSE(parsed("repository", R"({"values":[],"size":"3"})").size);
  CHECK(parsed("repository", R"({"values":["s",null,1,[],true,{"uuid":"{x}"}]})").malformed == 5);
  CHECK(parsed("repository", R"([{"uuid":"{x}"},"s"])").artifacts.size() == 1);
  CHECK(parsed("repository", R"({"values":[{"uuid":"{a}"}],"values":[{"uuid":"{b}"}]})")
            .artifacts[0]
            .upstream_id == "{b}");
}

TEST_CASE("strings where objects should be, and objects where strings should be, are kept") {
  const std::string odd =
      R"({"uuid":{"x":1},"name":["n"],"workspace":"w","project":7,"full_name":null,"links":"l"})";
  const ParsedPage page = parsed("repository", "[" + odd + "]", harbour_lane());
  REQUIRE(page.artifacts.size() == 1);
  CHECK(is_hash(page.artifacts[0].upstream_id, workspace_uuid));
  CHECK(meaning(page.artifacts[0].content) == meaning(odd));
  CHECK(partition_of("repository", page.artifacts[0].content) == std::nullopt);
  CHECK(parsed("pull_request", R"([{"id":"12"}])", payments_api()).artifacts[0].upstream_id ==
        repository_uuid + "/12");
}

TEST_CASE("columns are one line and bounded, ids are bounded and still apart") {
  const std::string body = fmt::format(
      R"([{{"uuid":"{0}","name":"a\u0000b\nc\u202e{0}"}},{{"uuid":"{0}x"}},{{"uuid":"a\nb"}}])",
      std::string(5000, 'u'));
  const ParsedPage page = parsed("project", body, harbour_lane());
  REQUIRE(page.artifacts.size() == 3);
  CHECK(page.artifacts[0].title.size() == 1000);
  CHECK(page.artifacts[0].title.starts_with("a b c u"));
  std::set<std::string> ids;
  for (const auto& artifact : page.artifacts) {
    CHECK(is_hash(artifact.upstream_id, workspace_uuid));
    ids.insert(artifact.upstream_id);
  }
  CHECK(ids.size() == 3);
}

TEST_CASE("only what has a uuid and children opens a partition") {
  CHECK_FALSE(partition_of("pull_request", R"({"uuid":"{x}"})"));
  CHECK_FALSE(partition_of("workspace", R"({"slug":"x"})"));
  CHECK_FALSE(partition_of("workspace", "[]"));
  CHECK_FALSE(partition_of("workspace", "x"));
}
