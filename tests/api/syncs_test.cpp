// Goal: a sync is started, watched and cancelled as design/api.md has it. Method: the queue in
// SQLite, changed behind the API as the connector would; waits on virtual time.
#include "storage/sync_store.hpp"
#include "storage/walk_log.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/asio/co_spawn.hpp>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

/// A world with a source, whose first sync is queued.
struct Queued {
  Queued() : source(world.register_source()), sync(world.get("/v1/syncs").text("/items/0/id")) {}

  std::string place(const std::string& more = "") const { return "/v1/syncs/" + sync + more; }

  void claim() {
    auto claimed = world.write([&](storage::Connection& connection) -> Result<void> {
      storage::claim_sync(connection, world.clock.now());
      return {};
    });
    REQUIRE(claimed);
  }

  /// Asks, and `claim`s after that time on the virtual clock; the answer and how long it took.
  std::pair<Answer, std::chrono::milliseconds> ask_while_claimed(const Ask& ask,
                                                                 std::chrono::milliseconds after) {
    std::optional<Answer> answer;
    const SteadyTime from = world.clock.steady();
    SteadyTime until{};
    boost::asio::co_spawn(world.io, claim_after(after), [](std::exception_ptr) {});
    auto waits = [](World& w, Ask what) -> Answer { return w.ask(std::move(what)); };
    answer = waits(world, ask);
    until = world.clock.steady();
    return {std::move(*answer),
            std::chrono::duration_cast<std::chrono::milliseconds>(until - from)};
  }

  Task<void> claim_after(std::chrono::milliseconds after) {
    co_await world.clock.sleep_for(after);
    auto work = [this](storage::Connection& connection) -> Result<void> {
      storage::claim_sync(connection, world.clock.now());
      return {};
    };
    auto done = co_await storage::write(*world.database, std::move(work));
    REQUIRE(done);
    if (world.control.tells) ++world.control.changed;
  }

  World world;
  std::string source;
  std::string sync;
};

Ask waiting(const std::string& target, const std::string& etag = "") {
  Ask ask{.target = target, .key = "auditor"};
  if (!etag.empty()) ask.headers["if-none-match"] = etag;
  return ask;
}

}  // namespace

TEST_CASE("a second request for a sync gets the one that is queued, and a full one wins") {
  Queued here;
  const Answer again = here.world.post("/v1/sources/" + here.source + "/syncs", "");
  CHECK(again.status == 202);
  CHECK(again.text("/id") == here.sync);
  CHECK(again.header("Location") == here.place());
  CHECK(again.header("Retry-After") == "1");
  const Answer full =
      here.world.post("/v1/sources/" + here.source + "/syncs", R"({"mode":"full"})");
  CHECK(full.text("/id") == here.sync);
  CHECK(full.text("/mode") == "full");
  here.claim();
  const Answer next = here.world.post("/v1/sources/" + here.source + "/syncs",
                                      R"({"streams":["project","repository"]})");
  CHECK(next.text("/id") != here.sync);
  CHECK(next.text("/only_streams/1") == "repository");
}

TEST_CASE("a sync of streams that do not exist is refused with each of them named") {
  Queued here;
  const Answer answer = here.world.post("/v1/sources/" + here.source + "/syncs",
                                        R"({"streams":["project","x","y"],"mode":"full"})");
  CHECK(answer.status == 400);
  CHECK(answer.text("/errors/0/pointer") == "/streams/1");
  CHECK(answer.text("/errors/1/pointer") == "/streams/2");
}

TEST_CASE("a queued sync is cancelled at once, a running one at its next page, a done one never") {
  Queued here;
  SECTION("queued") {
    const Answer answer = here.world.post(here.place("/cancel"), "");
    CHECK(answer.status == 200);
    CHECK(answer.text("/result") == "cancelled");
    const Answer late = here.world.post(here.place("/cancel"), "");
    CHECK(late.status == 409);
    CHECK(late.code() == "sync.finished");
  }
  SECTION("running") {
    here.claim();
    const Answer answer = here.world.post(here.place("/cancel"), "");
    CHECK(answer.status == 202);
    CHECK(answer.json().at("cancel_requested").as_bool());
    CHECK(here.world.control.cancelled == std::vector<std::string>{here.sync});
    CHECK(here.world.post(here.place("/cancel"), "").status == 200);
  }
}

TEST_CASE("a wait ends with the next change, at once when the client's tag is old, or in time") {
  Queued here;
  const std::string etag = here.world.get(here.place()).header("ETag");
  CHECK(etag.starts_with("\"v"));
  SECTION("the next change") {
    const auto [answer, took] = here.ask_while_claimed(waiting(here.place("?wait=30")), 5s);
    CHECK(answer.text("/state") == "running");
    CHECK(took >= 5s);
    CHECK(took < 6s);
  }
  SECTION("the next change, for a client with the tag of now") {
    const auto [answer, took] = here.ask_while_claimed(waiting(here.place("?wait=30"), etag), 5s);
    CHECK(answer.status == 200);
    CHECK(answer.text("/state") == "running");
    CHECK(took < 6s);
  }
  SECTION("at once") {
    here.claim();
    const SteadyTime from = here.world.clock.steady();
    const Answer answer = here.world.ask(waiting(here.place("?wait=30"), etag));
    CHECK(answer.status == 200);
    CHECK(here.world.clock.steady() - from < 100ms);
  }
  SECTION("in time, without a change") {
    const SteadyTime from = here.world.clock.steady();
    CHECK(here.world.ask(waiting(here.place("?wait=30"), etag)).status == 304);
    const auto took = here.world.clock.steady() - from;
    CHECK(took >= 30s);
    CHECK(took < 31s);
    CHECK(here.world.ask(waiting(here.place("?wait=2"))).status == 200);
  }
  SECTION("a minute at most") {
    const SteadyTime from = here.world.clock.steady();
    here.world.ask(waiting(here.place("?wait=86400"), etag));
    CHECK(here.world.clock.steady() - from < 61s);
  }
  SECTION("at once when the server goes") {
    here.world.api->drain();
    const SteadyTime from = here.world.clock.steady();
    CHECK(here.world.ask(waiting(here.place("?wait=30"), etag)).status == 304);
    CHECK(here.world.clock.steady() - from < 100ms);
    const Answer ready = here.world.get("/readyz");
    CHECK(ready.status == 503);
    CHECK(ready.code() == "capacity.draining");
    CHECK(here.world.get("/livez").status == 200);
  }
  SECTION("of a list") {
    const auto [answer, took] = here.ask_while_claimed(waiting("/v1/syncs?wait=30"), 5s);
    CHECK(answer.text("/items/0/state") == "running");
    CHECK(took < 6s);
    CHECK(here.world.control.waits == 1);
  }
  SECTION("without news, by looking again now and then") {
    here.world.control.tells = false;
    const auto [answer, took] = here.ask_while_claimed(waiting(here.place("?wait=60")), 5s);
    CHECK(answer.text("/state") == "running");
    CHECK(took < 16s);
    CHECK(here.world.control.waits == 1);
  }
}

TEST_CASE("a sync that is done is answered without a wait") {
  Queued here;
  here.world.finish_sync(here.source, storage::SyncResult::partial,
                         {stream("project", storage::StreamState::failed, "upstream.timeout")});
  const SteadyTime from = here.world.clock.steady();
  const Answer answer = here.world.get(here.place("?wait=30"));
  CHECK(here.world.clock.steady() - from < 100ms);
  CHECK(answer.text("/result") == "partial");
  CHECK(answer.text("/streams/0/error/code") == "upstream.timeout");
  CHECK(answer.json().at("progress").at("eta_seconds").is_null());
  CHECK(here.world.get("/v1/syncs?source=" + here.source + "&state=done")
            .json()
            .at("items")
            .as_array()
            .size() == 1);
  CHECK(here.world.get("/v1/syncs?state=running").json().at("items").as_array().empty());
}

TEST_CASE("a sync and its report tell when its streams were asked, retries and waits") {
  Queued here;
  storage::SyncStream waited = stream("project", storage::StreamState::complete);
  waited.retries = 3;
  waited.waited_milliseconds = 65'999;
  waited.started_at = here.world.clock.now();
  waited.finished_at = here.world.clock.now() + 70s;
  storage::SyncStream quick = stream("commit", storage::StreamState::complete);
  quick.retries = 1;
  quick.waited_milliseconds = 2'999;
  here.world.finish_sync(here.source, storage::SyncResult::succeeded,
                         {waited, quick, stream("group", storage::StreamState::pending)});
  const auto sync = here.world.get(here.place()).json();
  CHECK(sync.at("progress").at("retries") == 4);
  CHECK(sync.at("progress").at("waited_seconds") == 65 + 2);
  const auto report = here.world.get(here.place("/report"), "auditor").json();
  for (const boost::json::value* document : {&sync, &report}) {
    const auto& project = document->at("streams").at(0);
    CHECK(project.at("retries") == 3);
    CHECK(project.at("waited_seconds") == 65);
    CHECK(project.at("started_at").as_string() == format_rfc3339(*waited.started_at));
    CHECK(project.at("finished_at").as_string() == format_rfc3339(*waited.finished_at));
    const auto& never = document->at("streams").at(2);
    CHECK(never.at("started_at").is_null());
    CHECK(never.at("finished_at").is_null());
    CHECK(never.at("waited_seconds") == 0);
  }
}

TEST_CASE("the budget of a sync is told while it runs, alone and in the list") {
  Queued here;
  const auto budget = [&](const std::string& target) {
    return here.world.get(target, "auditor").json().at("progress").at("budget");
  };
  here.world.control.spending[here.sync] = {.used = 37, .limit = 900, .reserve = 50};
  CHECK(budget(here.place()).is_null());  // queued
  here.claim();
  const boost::json::value said{{"used", 37}, {"limit", 900}, {"reserve", 50}};
  CHECK(budget(here.place()) == said);
  CHECK(
      here.world.get("/v1/syncs", "auditor").json().at("items").at(0).at("progress").at("budget") ==
      said);
  CHECK(here.world.post(here.place("/cancel"), "").json().at("progress").at("budget") == said);
  here.world.control.spending.clear();
  CHECK(budget(here.place()).is_null());
}

TEST_CASE("a report tells what was asked, and where rows do not add up") {
  Queued here;
  const auto walk = [&](const std::string& stream, const std::string& partition, std::int64_t size,
                        bool fails) {
    auto done = here.world.write([&](storage::Connection& connection) -> Result<void> {
      const storage::PartitionKey key{here.source, stream, partition};
      storage::PageCommit page;
      page.key = key;
      page.walk =
          storage::begin_walk(connection, key, storage::SyncMode::full, here.sync, "w").walk;
      page.sync_id = here.sync;
      page.size = size;
      const std::vector<storage::ArtifactDraft> drafts = {draft(stream, partition + "/1"),
                                                          draft(stream, partition + "/2")};
      page.artifacts = drafts;
      page.now = here.world.clock.now();
      storage::commit_page(connection, tenant, page, here.world.random);
      const storage::StoredError error{"stream.incomplete", "2 rows received of 3", {}, 0};
      if (fails) {
        storage::fail_walk(connection, key, error, true);
      } else {
        storage::complete_walk(connection, tenant, key, here.sync, page.now);
      }
      return {};
    });
    REQUIRE(done);
  };
  walk("pipeline", "{r1}", 2, false);
  walk("pipeline", "{r2}", 3, true);
  here.world.finish_sync(here.source, storage::SyncResult::partial,
                         {stream("pipeline", storage::StreamState::incomplete, "stream.incomplete"),
                          stream("commit", storage::StreamState::complete)});
  const Answer answer = here.world.get(here.place("/report"), "auditor");
  REQUIRE(answer.status == 200);
  const auto report = answer.json();
  CHECK(answer.text("/result") == "partial");
  const auto& pipelines = report.at("streams").at(0);
  CHECK(pipelines.at("asked").at("targets").at(0) ==
        "/2.0/repositories/{workspace}/{repository}/pipelines/?pagelen=100&sort=-created_on");
  CHECK(pipelines.at("asked").at("scope") == "read:pipeline:bitbucket");
  CHECK(pipelines.at("walks").at("whole") == 2);
  CHECK(pipelines.at("walks").at("rows") == 4);
  CHECK(pipelines.at("walks").at("size") == 5);
  CHECK(pipelines.at("walks").at("gaps") == 1);
  const auto& gap = pipelines.at("gaps").at(0);
  CHECK(gap.at("partition") == "{r2}");
  CHECK(gap.at("rows") == 2);
  CHECK(gap.at("size") == 3);
  CHECK(gap.at("error").at("code") == "stream.incomplete");
  CHECK(report.at("streams").at(1).at("asked").at("changes") == "exclude={since}");

  // A later sync that reads the same partitions changes nothing of it.
  const Answer queued = here.world.post("/v1/sources/" + here.source + "/syncs", "{}");
  REQUIRE(queued.status == 202);
  const std::string later = queued.text("/id");
  REQUIRE(here.world.write([&](storage::Connection& connection) -> Result<void> {
    const storage::PartitionKey key{here.source, "pipeline", "{r2}"};
    storage::begin_walk(connection, key, storage::SyncMode::incremental, later, "w2");
    const auto sync = storage::find_sync(connection, tenant, later);
    REQUIRE(sync);
    CHECK(storage::count_walks(connection, *sync, "pipeline")->running == 1);
    CHECK(storage::list_walk_gaps(connection, *sync, "pipeline").empty());
    return {};
  }));
  CHECK(here.world.get(here.place("/report")).json() == report);
  CHECK(here.world.get("/v1/syncs/syn_nobody/report").status == 404);

  // Nor does a version that asks in another way: told is what the sync asked.
  CHECK(report.at("version").is_null());
  REQUIRE(here.world.write([&](storage::Connection& connection) -> Result<void> {
    storage::keep_questions(connection, here.sync, R"({"version":"0.0.9","streams":[{
      "name":"pipeline","kind":"pipeline","window_hours":24,"asked":{"targets":["/2.0/old"],
      "changes":null,"way":"newest_first","scope":"read:old","needs_role":true}}]})");
    return {};
  }));
  const auto older = here.world.get(here.place("/report")).json();
  CHECK(older.at("version") == "0.0.9");
  REQUIRE(older.at("streams").as_array().size() == 1);
  const auto& asked = older.at("streams").at(0).at("asked");
  CHECK(asked.at("targets").at(0) == "/2.0/old");
  CHECK(asked.at("scope") == "read:old");
  CHECK(asked.at("not_before").is_string());

  const Answer coverage = here.world.get("/v1/sources/" + here.source + "/coverage", "auditor");
  REQUIRE(coverage.status == 200);
  const auto document = coverage.json();
  const auto& kinds = document.at("kinds").as_array();
  const auto of = [&](std::string_view kind) -> const boost::json::value& {
    return *std::ranges::find_if(
        kinds, [&](const auto& row) { return row.at("kind").as_string() == kind; });
  };
  CHECK(of("pipeline").at("status") == "incomplete");
  CHECK(of("pipeline").at("partitions").at("readable") == 1);
  CHECK(of("pipeline").at("partitions").at("total") == 2);
  CHECK(of("pipeline").at("count") == 4);
  CHECK(of("pipeline").at("complete_as_of").is_null());
  CHECK(of("commit").at("status") == "available");
  CHECK(of("commit").at("reasons").as_array().empty());
  CHECK(of("deployment").at("status") == "pending");
  CHECK(of("branch_restriction").at("scope") == "admin:repository:bitbucket");
  CHECK(here.world.get("/v1/sources/" + here.source + "/coverage", "other").status == 404);
  CHECK(here.world.get(here.place("/report"), "other").status == 404);
}
