// Goal: a sync is followed to its end through waits, restarts and changes, and its result is the
// exit code.
// Method: a real socket that tells a sync's life step by step.
#include "tests/catch.hpp"
#include "tests/server/cli_world.hpp"

#include <fmt/format.h>

namespace evidenced {
namespace {

using test::Cli;
using test::cli_for;
using test::CliReply;
using test::CliResult;
using test::raw_reply;
using test::reply;
using test::Seen;
using test::text_in;
using test::TinyServer;

std::string sync_json(std::string_view state, std::string_view result, int done,
                      std::string_view error = "null", std::string_view stream = "running") {
  return fmt::format(
      R"({{"id":"syn_1","source_id":"src_1","mode":"incremental","trigger":"api","state":"{}",)"
      R"("result":{},"progress":{{"requests_done":{},"requests_planned":40,"eta_seconds":90,)"
      R"("retries":2,"waited_seconds":181,"budget":null,)"
      R"("waiting_until":null}},"streams":[{{"name":"repository","state":"{}","complete":false,)"
      R"("partitions_done":3,"partitions_total":12,"requests":3,"retries":2,)"
      R"("waited_seconds":181,"seen":9,"created":4,"revised":0,"removed":0,)"
      R"("started_at":"2026-11-24T05:00:01.250Z","finished_at":null,"error":null}}],"error":{},"queued_at":"2026-11-24T05:00:00.000Z",)"
      R"("started_at":null,"finished_at":null}})",
      state, result, done, stream, error);
}

CliReply with_etag(std::string body, int version) {
  return reply(200, std::move(body), {fmt::format("ETag: \"{}\"", version)});
}

/// Answers one after the other; the last one again and again.
struct Story {
  std::vector<CliReply> replies;
  std::size_t next = 0;
  CliReply tell() { return replies.at(std::min(next++, replies.size() - 1)); }
};

int exit_code_of(const std::string& result, const std::string& error) {
  const TinyServer server(
      [&](const Seen&) { return with_etag(sync_json("done", result, 40, error, "complete"), 1); });
  return cli_for(server).run({"sync", "watch", "syn_1"}).exit_code;
}

TEST_CASE("watch waits for changes with the last ETag and ends with the sync") {
  Story story{{with_etag(sync_json("queued", "null", 0, "null", "pending"), 1),
               with_etag(sync_json("running", "null", 10), 2), reply(304, "", {"ETag: \"2\""}),
               with_etag(sync_json("done", "\"succeeded\"", 40, "null", "complete"), 3)}};
  const TinyServer server([&](const Seen&) { return story.tell(); });
  const CliResult result = cli_for(server).run({"sync", "watch", "syn_1"});
  CHECK(result.exit_code == 0);
  CHECK(result.err ==
        "sync syn_1 queued: 0 of 1 streams done\n"
        "sync syn_1 running: 0 of 1 streams done, now repository\n"
        "sync syn_1 done: succeeded\n");
  CHECK(result.out.contains("result                     succeeded"));
  CHECK(result.out.contains("repository  complete  3     12"));
  const std::vector<Seen> seen = server.seen();
  REQUIRE(seen.size() == 4);
  CHECK(seen.front().target == "/v1/syncs/syn_1?wait=20");
  CHECK(seen.front().header("if-none-match").empty());
  CHECK(seen.at(1).header("if-none-match") == "\"1\"");
  CHECK(seen.at(3).header("if-none-match") == "\"2\"");
}

TEST_CASE("on a terminal a bar is drawn over and over on one line, and no wider than that") {
  Story story{{with_etag(sync_json("running", "null", 10), 1),
               with_etag(sync_json("done", "\"succeeded\"", 40), 2)}};
  const TinyServer server([&](const Seen&) { return story.tell(); });
  Cli cli = cli_for(server);
  cli.terminal = true;
  cli.columns = 72;
  const CliResult result = cli.run({"sync", "watch", "syn_1"});
  CHECK(
      result.err.starts_with("\r\x1b[Krunning [#####---------------]  25 %  10/40 requests  "
                             "1 min 30 s left"));
  CHECK(result.err.ends_with("\r\x1b[K"));
  CHECK_FALSE(result.err.contains('\n'));
}

TEST_CASE("the exit code tells what came of a sync") {
  CHECK(exit_code_of("\"succeeded\"", "null") == 0);
  CHECK(exit_code_of("\"partial\"", "null") == 3);
  CHECK(exit_code_of("\"cancelled\"", "null") == 2);
  CHECK(exit_code_of("\"failed\"", R"({"code":"upstream.unavailable","detail":"x"})") == 6);
  CHECK(exit_code_of("\"failed\"", R"({"code":"credential.expired_or_revoked","detail":"x"})") ==
        1);
  CHECK(exit_code_of("\"failed\"", R"({"code":"of.tomorrow","detail":"x"})") == 1);
}

TEST_CASE("what failed is explained with its remedy") {
  const TinyServer server([](const Seen&) {
    return with_etag(sync_json("done", "\"failed\"", 1,
                               R"({"code":"upstream.tls_untrusted","detail":"unknown CA"})"),
                     1);
  });
  const CliResult result = cli_for(server).run({"sync", "show", "syn_1"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.contains("sync: unknown CA (upstream.tls_untrusted)"));
  CHECK(result.err.contains("remedy: Behind an inspecting proxy set connector.ca_file"));
}

TEST_CASE("show tells when a stream was asked, its retries and waits") {
  const TinyServer server(
      [](const Seen&) { return with_etag(sync_json("running", "null", 10), 1); });
  const CliResult text = cli_for(server).run({"sync", "show", "syn_1"});
  CHECK(text.out.contains("progress.waited_seconds    181\n"));
  CHECK(text.out.contains("REQUESTS  RETRIES  WAITED  SEEN"));
  CHECK(text.out.contains("3         2        181     9"));
  CHECK(text.out.contains("2026-11-24T05:00:01Z"));
  const CliResult json = cli_for(server).run({"sync", "show", "syn_1", "-o", "json"});
  CHECK(json.out == sync_json("running", "null", 10) + "\n");
}

TEST_CASE("a daemon that restarts is waited for") {
  Story story{{with_etag(sync_json("running", "null", 10), 1),
               test::problem(503, "capacity.draining", "The server is shutting down"),
               with_etag(sync_json("done", "\"succeeded\"", 40), 2)}};
  const TinyServer server([&](const Seen&) { return story.tell(); });
  const CliResult result = cli_for(server).run({"sync", "watch", "syn_1"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.contains("still trying"));
}

TEST_CASE("a sync that does not exist ends the watch at once") {
  const TinyServer server(
      [](const Seen&) { return test::problem(404, "resource.not_found", "No such resource"); });
  CHECK(cli_for(server).run({"sync", "watch", "syn_9"}).exit_code == 5);
  CHECK(server.seen().size() == 1);
}

TEST_CASE("start sends mode and streams, and follows the sync when it is asked to") {
  const TinyServer server([](const Seen& seen) {
    if (seen.method == "POST") return reply(202, sync_json("queued", "null", 0));
    return with_etag(sync_json("done", "\"partial\"", 40), 1);
  });
  Cli cli = cli_for(server);
  CHECK(cli.run({"sync", "start", "src_1", "--mode", "full", "--stream", "project"}).exit_code ==
        0);
  CHECK(server.seen().back().target == "/v1/sources/src_1/syncs");
  CHECK(server.seen().back().body == R"({"mode":"full","streams":["project"]})");
  CHECK(cli.run({"sync", "start", "src_1", "--wait"}).exit_code == 3);
  CHECK(server.seen().at(1).body == "{}");
  CHECK(server.seen().back().target == "/v1/syncs/syn_1?wait=20");
}

TEST_CASE("source add follows the sync that the answer links to") {
  const TinyServer server([](const Seen& seen) {
    if (seen.method == "POST") {
      return reply(201,
                   R"({"id":"src_1","warnings":[{"code":"credential.overprivileged",)"
                   R"("detail":"may write","remedy":[]}]})",
                   {"Link: </v1/syncs/syn_7>; rel=\"latest-sync\""});
    }
    return with_etag(sync_json("done", "\"succeeded\"", 40), 1);
  });
  Cli cli = cli_for(server);
  cli.input = std::string(50, 't');
  const CliResult result =
      cli.run({"source", "add", "--name", "A", "--email", "a@example.com", "--wait"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.contains("warning: may write (credential.overprivileged)"));
  CHECK(result.err.contains("source src_1 registered, sync syn_7 started"));
  CHECK(server.seen().back().target == "/v1/syncs/syn_7?wait=20");
}

}  // namespace
}  // namespace evidenced
