// Goal: reports are shown as tables, and streamed only when they are verified, with the filters
// that were given. Method: a real socket that answers as the API would.
#include "storage/crypto.hpp"
#include "tests/catch.hpp"
#include "tests/server/cli_world.hpp"

#include <fmt/format.h>

namespace evidenced {
namespace {

using test::cli_for;
using test::CliResult;
using test::raw_reply;
using test::reply;
using test::Seen;
using test::TinyServer;

}  // namespace

TEST_CASE("people are shown with what they may do, and gaps beside them") {
  const TinyServer server([](const Seen&) {
    return reply(
        200, R"({"repositories":[],"items":[{"id":"{ada}","name":"Ada","member":true,)"
             R"("workspace_permission":"owner","permissions":"AR","admin":1,"write":0,"read":1}],)"
             R"("next":null,"gaps":[{"source_id":"src_1","kind":"repository_access",)"
             R"("status":"needs_role","reason":"Only administrators read it"}]})");
  });
  const CliResult result = cli_for(server).run(
      {"report", "access", "--permission", "admin", "--permission", "write", "--search", "a&b"});
  CHECK(result.exit_code == 0);
  CHECK(result.out.contains("Ada"));
  CHECK(result.out.contains("owner"));
  CHECK(result.err.contains("repository_access of src_1: needs_role"));
  CHECK(server.seen().front().target.starts_with(
      "/v1/reports/access?permission=admin&permission=write&q=a%26b"));
}

TEST_CASE("merged changes are shown with who merged them and what was found") {
  const TinyServer server([](const Seen&) {
    return reply(200, R"({"items":[{"merged_at":"2026-11-20T10:00:00.000Z","repository":"w/r",)"
                      R"("number":7,"title":"Retry","author":{"name":"Ada"},"merged_by":null,)"
                      R"("findings":["not_approved"]}],"next":null,"gaps":[]})");
  });
  const CliResult result = cli_for(server).run(
      {"report", "changes", "--finding", "not_approved", "--from", "2026-01-01T00:00:00Z"});
  CHECK(result.exit_code == 0);
  CHECK(result.out.contains("2026-11-20T10:00:00Z"));
  CHECK(result.out.contains("not_approved"));
  CHECK(server.seen().front().target.contains("finding=not_approved"));
  CHECK(server.seen().front().target.contains("from=2026-01-01T00%3A00%3A00Z"));
}

TEST_CASE("a report as a stream is verified like an export") {
  const std::string row = "{\"person\":\"{ada}\"}\n";
  const auto streamed = [&](int count) {
    const std::string body =
        row + fmt::format("{{\"trailer\":{{\"count\":{},\"sha256\":\"{}\"}}}}\n", count,
                          storage::to_hex(storage::sha256(row)));
    return raw_reply(
        fmt::format("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                    body.size(), body));
  };
  for (const std::string report : {"access", "changes"}) {
    CAPTURE(report);
    const TinyServer server([&](const Seen&) { return streamed(1); });
    const CliResult whole = cli_for(server).run({"report", report, "-o", "jsonl"});
    CHECK(whole.exit_code == 0);
    CHECK(whole.out.starts_with(row));
    CHECK(whole.err.contains("count and SHA-256 verified"));
    CHECK(server.seen().front().header("accept") == "application/x-ndjson");
    const TinyServer short_of([&](const Seen&) { return streamed(2); });
    CHECK(cli_for(short_of).run({"report", report, "-o", "jsonl"}).exit_code == 7);
    CHECK(cli_for(server).run({"report", report, "--file", "x"}).exit_code == 2);
  }
}

}  // namespace evidenced
