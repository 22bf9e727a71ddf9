// Goal: the commands about hooks ask for the right thing, and a secret is the last line that they
// print. Method: a tiny server that answers as it is told.
#include "tests/catch.hpp"
#include "tests/server/cli_world.hpp"

using namespace evidenced::test;

namespace {

constexpr const char* hook =
    R"({"id":"hook_1","name":"Works","source_id":"src_1","secret":"5ec2e7","last_event":"repo:push",)"
    R"("deliveries":{"accepted":41,"ignored":3,"duplicate":1,"refused":7},)"
    R"("url":"https://example.com/v1/hooks/bitbucket/hook_1"})";

}  // namespace

TEST_CASE("the secret of a hook is the last line on standard output, behind the URL") {
  const TinyServer server([](const Seen&) { return reply(201, hook); });
  const std::string shown = "https://example.com/v1/hooks/bitbucket/hook_1\n5ec2e7\n";
  const CliResult created =
      cli_for(server).run({"hook", "create", "--name", "Works", "--source", "src_1"});
  CHECK(created.exit_code == 0);
  CHECK(created.out == shown);
  CHECK_FALSE(created.err.contains("5ec2e7"));
  CHECK(server.seen().back().target == "/v1/inbound-hooks");
  CHECK(server.seen().back().body == R"({"name":"Works","source_id":"src_1"})");
  CHECK(cli_for(server).run({"hook", "create", "--name", "Works"}).exit_code == 2);
  CHECK(cli_for(server).run({"hook", "rotate", "hook_1"}).out == shown);
  CHECK(server.seen().back().target == "/v1/inbound-hooks/hook_1/secret");
  CHECK(server.seen().back().method == "POST");
}

TEST_CASE("hooks are listed with what came to them, shown and revoked") {
  const TinyServer server([](const Seen& seen) {
    if (seen.method == "DELETE") return raw_reply("HTTP/1.1 204 No Content\r\n\r\n");
    if (seen.target.ends_with("hook_1")) return reply(200, hook);
    return reply(200, std::string(R"({"items":[)") + hook + R"(],"next":null})");
  });
  const CliResult listed = cli_for(server).run({"hook", "list"});
  for (const char* part : {"hook_1", "41", "repo:push", "REFUSED"}) {
    CHECK(listed.out.contains(part));
  }
  CHECK_FALSE(listed.out.contains("5ec2e7"));
  CHECK(cli_for(server).run({"hook", "show", "hook_1"}).out.contains("deliveries.accepted"));
  const CliResult revoked = cli_for(server).run({"hook", "rm", "hook_1"});
  CHECK(revoked.err == "hook_1 is revoked\n");
  CHECK(server.seen().back().target == "/v1/inbound-hooks/hook_1");
}

TEST_CASE("what was revoked is told in words to people and as a document to programs") {
  const TinyServer server([](const Seen&) { return raw_reply("HTTP/1.1 204 No Content\r\n\r\n"); });
  const CliResult words = cli_for(server).run({"key", "revoke", "key_1"});
  CHECK(words.out.empty());
  CHECK(words.err == "key_1 is revoked\n");
  for (const char* format : {"json", "jsonl"}) {
    const CliResult document = cli_for(server).run({"key", "revoke", "key_1", "-o", format});
    CHECK(document.exit_code == 0);
    CHECK(document.out == "{\"id\":\"key_1\",\"revoked\":true}\n");
    CHECK(document.err.empty());
  }
  CHECK(server.seen().back().method == "DELETE");
  CHECK(server.seen().back().target == "/v1/api-keys/key_1");
  // A wrong format revokes nothing.
  const std::size_t asked = server.seen().size();
  CHECK(cli_for(server).run({"key", "revoke", "key_1", "-o", "xml"}).exit_code == 2);
  CHECK(server.seen().size() == asked);
}

TEST_CASE("the list of keys shows what a key is limited to") {
  const TinyServer server([](const Seen&) {
    return reply(200, R"({"items":[{"id":"key_1","name":"audit","roles":["auditor"],)"
                      R"("source_ids":["src_1","src_2"],"window":{"from":)"
                      R"("2026-01-01T00:00:00.000Z","to":null}},{"id":"key_2","name":"all",)"
                      R"("roles":["admin"],"source_ids":null,"window":null}],"next":null})");
  });
  const CliResult listed = cli_for(server).run({"key", "list", "-o", "csv"});
  CHECK(listed.exit_code == 0);
  CHECK(listed.out.contains("src_1, src_2"));
  CHECK(listed.out.contains("2026-01-01T00:00:00.000Z"));
}

TEST_CASE("a sign-in link is the last line on standard output, or a member of the JSON") {
  const TinyServer server([](const Seen&) {
    return reply(201, R"({"url":"https://example.com/ui/sign-in#code=c0de",)"
                      R"("expires_at":"2026-12-01T00:05:00.000Z"})");
  });
  const CliResult made = cli_for(server).run({"key", "link"});
  CHECK(made.exit_code == 0);
  CHECK(made.out == "https://example.com/ui/sign-in#code=c0de\n");
  CHECK(made.err.contains("2026-12-01"));
  CHECK_FALSE(made.err.contains("c0de"));
  CHECK(server.seen().back().method == "POST");
  CHECK(server.seen().back().target == "/v1/sign-in-links");
  CHECK(cli_for(server).run({"key", "link", "-o", "json"}).out.contains("c0de"));
}
