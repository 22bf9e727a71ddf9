// Goal: how workspaces and repositories are set up becomes evidence without what must not be kept,
// under identities that last. Method: invented bodies with canaries in every place that could leak.
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"

using namespace evidenced;
using namespace evidenced::connector::bitbucket;
using namespace evidenced::connector::bitbucket::testing;

namespace {

constexpr std::string_view canary = "CANARY-7f3a";

Partition place() {
  Partition partition;
  partition.id = "{r}";
  partition.workspace_uuid = "{w}";
  partition.workspace = "harbour-lane";
  partition.repository_uuid = "{r}";
  partition.repository = "harbour-lane/payments-api";
  return partition;
}

storage::ArtifactDraft only(std::string_view stream, const std::string& body, std::size_t leg = 0) {
  const ParsedPage page = parsed(stream, body, place(), leg);
  REQUIRE(page.artifacts.size() == 1);
  return page.artifacts.front();
}

std::string list(const std::string& entry) {
  return "{\"values\":[" + entry + "]}";
}

}  // namespace

TEST_CASE("no value, key, address or client of the set-up is stored") {
  struct Secret {
    std::string_view stream;
    std::string body;
  };
  const Secret secrets[] = {
      {"pipeline_variable", R"({"uuid":"{v}","key":"K","secured":false,"value":"CANARY-7f3a"})"},
      {"workspace_pipeline_variable", R"({"key":"K","value":{"deep":"CANARY-7f3a"}})"},
      {"webhook",
       R"({"uuid":"{h}","url":"https://u:CANARY-7f3a@ci.example.com/CANARY-7f3a?x=CANARY-7f3a","secret":"CANARY-7f3a"})"},
      {"workspace_webhook", R"({"uuid":"{h}","url":["CANARY-7f3a"]})"},
      {"deploy_key", R"({"id":1,"key":"ssh-ed25519 CANARY-7f3a host"})"},
      {"project_deploy_key", R"({"id":1,"type":"project_deploy_key","key":"CANARY-7f3a"})"},
      {"pipeline",
       R"({"uuid":"{p}","variables":[{"key":"K","value":"CANARY-7f3a"},{"key":"L","value":"CANARY-7f3a","secured":false}]})"},
      {"pipeline", R"({"uuid":"{p}","target":{"variables":[{"value":["CANARY-7f3a"]}]}})"},
      {"pipeline_schedule", R"({"uuid":"{s}","target":{"variables":[{"value":"CANARY-7f3a"}]}})"},
      {"deployment",
       R"({"uuid":"{d}","state":{"url":"https://u:CANARY-7f3a@example.com/?token=CANARY-7f3a"}})"},
      {"pull_request_activity",
       R"({"comment":{"id":1,"links":{"x":{"href":"https://e.example.com/?access_token=CANARY-7f3a"}}}})"},
      {"runner", R"({"uuid":"{n}","oauth_client":{"secret":"CANARY-7f3a"}})"},
      {"workspace_runner", R"({"uuid":"{n}","state":{"oauth_client":"CANARY-7f3a"}})"},
  };
  for (const Secret& secret : secrets) {
    CAPTURE(secret.body);
    const storage::ArtifactDraft draft = only(secret.stream, list(secret.body));
    CHECK(draft.content.find(canary) == std::string::npos);
    CHECK(draft.title.find(canary) == std::string::npos);
    CHECK(draft.upstream_id.find(canary) == std::string::npos);
    CHECK(draft.kind == find_stream(secret.stream)->kind);
  }
}

TEST_CASE("groups are a bare array, known by their slug in their workspace") {
  const auto group =
      only("group", R"([{"name":"Developers","slug":"developers","members":[{"uuid":"{a}"}]}])");
  CHECK(group.upstream_id == "{w}/developers");
  CHECK(group.title == "Developers");
  CHECK(only("group", R"([{"name":"Developers"}])").upstream_id == "{w}/Developers");
}

TEST_CASE("the same person named by project and repository is two default reviewers") {
  const ParsedPage page =
      parsed("default_reviewer",
             R"({"values":[{"reviewer_type":"project","user":{"uuid":"{a}"}},)"
             R"({"reviewer_type":"repository","user":{"uuid":"{a}"}},null,"odd"]})",
             place());
  REQUIRE(page.artifacts.size() == 2);
  CHECK(page.malformed == 2);
  CHECK(page.artifacts[0].upstream_id == "{r}/project/{a}");
  CHECK(page.artifacts[1].upstream_id == "{r}/repository/{a}");
}

TEST_CASE("there is one model, main branch and pipeline setting in a repository") {
  for (const std::string_view name : {"branching_model", "main_branch", "pipeline_config"}) {
    CHECK(only(name, "{}").upstream_id == "{r}");
    CHECK(only(name, R"({"name":null,"enabled":"odd","development":[]})").upstream_id == "{r}");
  }
}

TEST_CASE("signs of life make no revisions") {
  const auto digest = [](std::string_view stream, const std::string& entry) {
    return only(stream, list(entry)).digest;
  };
  CHECK(digest("runner", R"({"uuid":"{n}","state":{"status":"ONLINE","updated_on":"1"}})") ==
        digest("runner", R"({"uuid":"{n}","state":{"status":"ONLINE","updated_on":"2"}})"));
  CHECK(digest("runner", R"({"uuid":"{n}","state":{"status":"ONLINE","updated_on":"1"}})") !=
        digest("runner", R"({"uuid":"{n}","state":{"status":"OFFLINE","updated_on":"1"}})"));
  CHECK(digest("deploy_key", R"({"id":1,"last_used":null})") ==
        digest("deploy_key", R"({"id":1,"last_used":"2026-11-24T05:00:00Z"})"));
}
