// Goal: of an artifact one call tells what it hangs together with: exactly those, counted, with a
// URL that lists them all. Method: a repository and what is in and around it, as walks store it;
// each URL is followed and compared with the count.
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

#include <algorithm>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;

namespace {

using Texts = std::vector<std::string>;

/// One relation of an answer.
struct Found {
  std::int64_t count = 0;
  std::string url;
  Texts titles;
};

class Repository {
 public:
  Repository() : source(world.register_source()) {
    collect("workspace", "", {made("workspace", "{w}", R"({"uuid":"{w}"})", "Works")});
    collect("project", "{w}", {made("project", "{p}", R"({"uuid":"{p}"})", "Shop")});
    collect("repository", "{w}", {made("repository", "{r}", R"({"uuid":"{r}"})", "checkout")});
    collect("workspace_member", "{w}",
            {made("workspace_member", "{w}/{ann}", R"({"user":{"uuid":"{ann}"}})", "Ann"),
             made("workspace_member", "{w}/{bob}", R"({"user":{"uuid":"{bob}"}})", "Bob")});
    collect(
        "group", "{w}",
        {made("group", "{w}/dev", R"({"slug":"dev","members":[{"uuid":"{ann}"}]})", "Developers")});
    collect(
        "repository_grant", "{r}",
        {made("repository_grant", "{r}/group/dev", R"({"group":{"slug":"dev"}})", "dev write"),
         made("repository_grant", "{r}/user/{bob}", R"({"user":{"uuid":"{bob}"}})", "Bob admin")});
    collect("repository_access", "{w}",
            {made("repository_access", "{r}/{ann}", R"({"user":{"uuid":"{ann}"}})", "Ann write"),
             made("repository_access", "{r}/{bob}", R"({"user":{"uuid":"{bob}"}})", "Bob admin")});
    collect("commit", "{r}",
            {made("commit", "{r}/abcdef1234567890", R"({"hash":"x"})", "abc"),
             made("commit", "{r}/bbbbbb", R"({"hash":"y"})", "bbb")});
    std::vector<storage::ArtifactDraft> pull_requests;
    for (int i = 1; i <= 12; ++i) {
      pull_requests.push_back(made("pull_request", fmt::format("{{r}}/{}", i),
                                   fmt::format(R"({{"id":{},"author":{{"uuid":"{{ann}}"}},)"
                                               R"("closed_by":{{"uuid":"{{bob}}"}},)"
                                               R"("merge_commit":{{"hash":"abcdef123456"}}}})",
                                               i),
                                   fmt::format("Change {}", i)));
    }
    collect("pull_request", "{r}", pull_requests);
    collect("pull_request_activity", "{r}",
            {made("pull_request_activity", "{r}/1/approval/x", R"({"a":1})", "one"),
             made("pull_request_activity", "{r}/11/approval/x", R"({"a":2})", "eleven"),
             made("pull_request_activity", "{r}/1/update/x", R"({"a":3})", "two")});
  }

  static storage::ArtifactDraft made(std::string kind, std::string id, std::string content,
                                     std::string title) {
    storage::ArtifactDraft draft =
        tests::draft(std::move(kind), std::move(id), std::move(content), std::move(title));
    const bool in_repository = draft.kind == "repository" || draft.kind == "webhook" ||
                               draft.upstream_id.starts_with("{r}");
    if (!in_repository) draft.repository.clear();
    if (!in_repository && draft.kind != "project") draft.project.clear();
    return draft;
  }

  /// A complete full walk of a partition, as a sync would store it.
  void collect(const std::string& stream, const std::string& partition,
               const std::vector<storage::ArtifactDraft>& drafts) {
    const storage::PartitionKey key{source, stream, partition};
    const auto walk = [&](storage::Connection& c) -> void {
      storage::PageCommit page;
      page.key = key;
      page.sync_id = fmt::format("syn_{}", ++walks_);
      page.walk = storage::begin_walk(c, key, storage::SyncMode::full, page.sync_id, "").walk;
      page.artifacts = drafts;
      page.now = world.clock.now();
      storage::commit_page(c, tenant, page, world.random);
      storage::complete_walk(c, tenant, key, page.sync_id, world.clock.now());
    };
    REQUIRE(world.write(walk));
  }

  std::string id_of(const std::string& upstream_id) {
    for (const auto& item : items("/v1/artifacts?limit=500&removed=true")) {
      if (item.at("upstream_id").as_string() == upstream_id) return text(item.at("id"));
    }
    return "";
  }

  boost::json::array items(const std::string& target, const std::string& key = "admin") {
    const Answer answer = world.get(target, key);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer.json().at("items").as_array();
  }

  /// The relations of an artifact; each list that they name is held to their count.
  std::map<std::string, Found> related(const std::string& upstream_id,
                                       const std::string& key = "admin") {
    std::map<std::string, Found> relations;
    for (const auto& item : items("/v1/artifacts/" + id_of(upstream_id) + "/related", key)) {
      Found found;
      found.count = item.at("count").as_int64();
      if (!item.at("url").is_null()) found.url = text(item.at("url"));
      for (const auto& one : item.at("artifacts").as_array()) {
        found.titles.push_back(text(one.at("title")));
      }
      CAPTURE(found.url, text(item.at("relation")));
      if (found.url.starts_with("/v1/artifacts?")) {
        CHECK(std::ssize(items(found.url, key)) == found.count);
      }
      relations[text(item.at("relation")) + ":" + text(item.at("kind"))] = found;
    }
    return relations;
  }

  static std::string text(const boost::json::value& value) {
    return std::string(value.as_string());
  }

  World world;
  std::string source;

 private:
  int walks_ = 0;
};

}  // namespace

TEST_CASE("a repository tells what is in it and what it is in") {
  Repository here;
  auto related = here.related("{r}");
  CHECK(related.at("pull_request:pull_request").count == 12);
  CHECK(related.at("pull_request:pull_request").titles ==
        Texts{"Change 12", "Change 11", "Change 10", "Change 9", "Change 8"});
  CHECK(related.at("repository_grant:repository_grant").count == 2);
  CHECK(related.at("repository_access:repository_access").count == 2);
  CHECK(related.at("webhook:webhook").count == 0);
  CHECK(related.at("project:project").titles == Texts{"Shop"});
  CHECK(related.at("workspace:workspace").titles == Texts{"Works"});
  CHECK_FALSE(related.contains("author:workspace_member"));
}

TEST_CASE("a pull request tells its people, its commit, its activity and nothing of another's") {
  Repository here;
  auto related = here.related("{r}/1");
  CHECK(related.at("author:workspace_member").titles == Texts{"Ann"});
  CHECK(related.at("closed_by:workspace_member").titles == Texts{"Bob"});
  CHECK(related.at("merge_commit:commit").titles == Texts{"abc"});
  CHECK(related.at("activity:pull_request_activity").titles == Texts{"two", "one"});
  CHECK(related.at("repository:repository").titles == Texts{"checkout"});
  CHECK(related.at("repository:repository").url == "/v1/artifacts/" + here.id_of("{r}"));
  auto activity = here.related("{r}/11/approval/x");
  CHECK(activity.at("pull_request:pull_request").titles == Texts{"Change 11"});
}

TEST_CASE("a member tells the groups, grants and access of a person") {
  Repository here;
  auto ann = here.related("{w}/{ann}");
  CHECK(ann.at("group:group").titles == Texts{"Developers"});
  CHECK(ann.at("repository_access:repository_access").titles == Texts{"Ann write"});
  CHECK(ann.at("repository_grant:repository_grant").count == 0);
  auto bob = here.related("{w}/{bob}");
  CHECK(bob.at("group:group").count == 0);
  CHECK(bob.at("repository_grant:repository_grant").titles == Texts{"Bob admin"});
  auto group = here.related("{w}/dev");
  CHECK(group.at("member:workspace_member").titles == Texts{"Ann"});
  CHECK(group.at("repository_grant:repository_grant").titles == Texts{"dev write"});
  auto grant = here.related("{r}/group/dev");
  CHECK(grant.at("holder:group").titles == Texts{"Developers"});
  CHECK(grant.at("repository:repository").titles == Texts{"checkout"});
  CHECK(here.related("{p}").at("repository:repository").titles == Texts{"checkout"});
  CHECK(here.related("{w}").at("workspace_member:workspace_member").count == 2);
}

TEST_CASE("what was named is found when it is gone, what was in something is not") {
  Repository here;
  here.collect("workspace_member", "{w}",
               {Repository::made("workspace_member", "{w}/{bob}", "{}", "Bob")});
  here.collect("workspace_member", "{w}",
               {Repository::made("workspace_member", "{w}/{bob}", "{}", "Bob")});
  const auto items = here.items("/v1/artifacts/" + here.id_of("{r}/1") + "/related");
  const auto author = std::ranges::find_if(
      items, [](const auto& item) { return item.at("relation").as_string() == "author"; });
  REQUIRE(author != items.end());
  CHECK(author->at("count").as_int64() == 1);
  CHECK_FALSE(author->at("artifacts").at(0).at("removed_at").is_null());
  CHECK(here.related("{w}").at("workspace_member:workspace_member").count == 1);
}

TEST_CASE("in a window relations are those of then, and of what is not seen there are none") {
  Repository here;
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::auditor};
  limited.window.to = here.world.clock.now();
  const std::string key = here.world.make_key(limited);
  here.world.clock.advance(std::chrono::hours(1));
  here.collect("webhook", "{r}", {Repository::made("webhook", "{h}", "{}", "later")});
  here.collect("commit", "{r}", {Repository::made("commit", "{r}/cccccc", "{}", "ccc")});
  here.collect("commit", "{r}", {Repository::made("commit", "{r}/cccccc", "{}", "ccc")});
  auto then = here.related("{r}", key);
  CHECK(then.at("webhook:webhook").count == 0);
  // Removed since: what they were called then only their content tells.
  CHECK(then.at("commit:commit").titles == Texts{"y ", "x "});
  CHECK(then.at("pull_request:pull_request").count == 12);
  CHECK(here.related("{w}/{ann}", key).at("group:group").count == 1);
  CHECK(here.related("{r}").at("commit:commit").titles == Texts{"ccc"});
  CHECK(here.world.get("/v1/artifacts/" + here.id_of("{h}") + "/related", key).status == 404);
}

TEST_CASE("a key that does not see the source, and another tenant, find no such artifact") {
  Repository here;
  here.world.control.answer.workspaces.push_back({"{b}", "second", "", false});
  const std::string second =
      here.world.register_source(registration(R"(,"workspaces":["second"])", "Second"));
  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::auditor};
  limited.source_ids = {second};
  const std::string target = "/v1/artifacts/" + here.id_of("{r}") + "/related";
  CHECK(here.world.get(target, here.world.make_key(limited)).status == 404);
  CHECK(here.world.get(target, "other").status == 404);
  CHECK_FALSE(here.world.get(target).json().at("gaps").as_array().empty());
}
