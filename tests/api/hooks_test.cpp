// Goal: only Bitbucket's own deliveries are heard, each once, and they hint and do no more (C14,
// TM15, T-55). Method: the API over SQLite; deliveries are signed here. Those of the shared corpus
// are read where it is there; the bodies below are invented.
#include "storage/hint_store.hpp"
#include "storage/source_store.hpp"
#include "tests/api/hook_world.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

std::string at_checkout(std::string_view stream) {
  return fmt::format("{} {}", stream, repository_uuid);
}

std::filesystem::path shared_corpus() {
  const char* given = std::getenv("EVIDENCED_SHARED");
  const std::filesystem::path shared = given == nullptr ? "../shared" : given;
  return shared / "bitbucket" / "recorded";
}

}  // namespace

TEST_CASE("a signed delivery is a hint at the streams of its event") {
  HookWorld world;
  const Answer answer = world.deliver("pullrequest:approved", about(repository_uuid));
  CHECK(answer.status == 202);
  CHECK(answer.body.empty());
  CHECK(world.waiting() ==
        std::vector{at_checkout("pull_request"), at_checkout("pull_request_activity")});
  CHECK(world.control.hints == 1);
  // The same again while it waits tells nothing new.
  CHECK(world.deliver("pullrequest:approved", about(repository_uuid)).status == 202);
  CHECK(world.control.hints == 1);
  world.clock.advance(1h);
  const std::string hour = format_rfc3339(world.clock.now()).substr(0, 16);
  CHECK(world.deliver("repo:push", about(repository_uuid)).status == 202);
  CHECK(world.control.hints == 2);
  CHECK(world.waiting().size() == 6);
  CHECK(world.count("accepted") == 3);
  const Answer shown = world.get("/v1/inbound-hooks/" + world.id, "operator");
  CHECK(shown.text("/last_event") == "repo:push");
  CHECK(shown.text("/last_delivery_at").starts_with(hour));
  CHECK_FALSE(shown.body.contains(world.secret));
}

TEST_CASE("each family of events is known") {
  HookWorld world;
  struct Row {
    const char* event;
    std::size_t hints;
  };
  for (const auto& [event, hints] : {Row{"repo:push", 4},
                                     {"repo:commit_status_created", 3},
                                     {"repo:commit_status_updated", 3},
                                     {"repo:updated", 1},
                                     {"repo:deleted", 1},
                                     {"repo:created", 1},
                                     {"repo:imported", 1},
                                     {"repo:transfer", 1},
                                     {"pullrequest:created", 2},
                                     {"pullrequest:updated", 2},
                                     {"pullrequest:push", 2},
                                     {"pullrequest:approved", 2},
                                     {"pullrequest:unapproved", 2},
                                     {"pullrequest:changes_request_created", 2},
                                     {"pullrequest:changes_request_removed", 2},
                                     {"pullrequest:fulfilled", 5},
                                     {"pullrequest:rejected", 2},
                                     {"pullrequest:comment_created", 2},
                                     {"pullrequest:comment_resolved", 2},
                                     {"pipeline:span_created", 2},
                                     {"project:updated", 1},
                                     {"repo:fork", 0},
                                     {"repo:commit_comment_created", 0},
                                     {"issue:created", 0},
                                     {"issue:comment_created", 0},
                                     {"diagnostics:ping", 0},
                                     {"", 0},
                                     {"repo:push\x7f", 0}}) {
    CAPTURE(event);
    world.write([](storage::Connection& connection) -> void {
      connection.execute("DELETE FROM hook_hints", {});
    });
    CHECK(world.deliver(event, about(repository_uuid)).status == 202);
    CHECK(world.waiting().size() == hints);
  }
  CHECK(world.count("ignored") == 7);
}

TEST_CASE("a delivery without a good signature is refused, and counted") {
  HookWorld world;
  const std::string body = about(repository_uuid);
  const auto send = [&](std::map<std::string, std::string> headers) {
    return world.deliver("repo:push", body, std::move(headers));
  };
  const std::string good = signature_of(world.secret, body);
  for (const std::string& bad :
       {signature_of(world.secret + "0", body), signature_of(world.secret, body + " "),
        good.substr(7), good.substr(0, good.size() - 1), good + "0", std::string("sha256="),
        std::string("sha1=0000"), std::string(), signature_of("", body)}) {
    CAPTURE(bad);
    const Answer answer = send({{"x-hub-signature", bad}});
    CHECK(answer.status == 401);
    CHECK(answer.code() == "hook.signature_invalid");
  }
  const Answer missing = world.ask({.method = Method::post,
                                    .target = world.path,
                                    .body = body,
                                    .headers = {{"x-event-key", "repo:push"}}});
  CHECK(missing.status == 401);
  CHECK(missing.code() == "hook.signature_missing");
  CHECK(world.waiting().empty());
  CHECK(world.control.hints == 0);
  CHECK(world.count("refused") == 10);
  world.clock.advance(2min);
  CHECK(send({{"x-hub-signature", "sha256=0"}}).status == 401);
  CHECK(world.count("refused") == 11);
  std::string upper = good;
  std::ranges::transform(upper.begin() + 7, upper.end(), upper.begin() + 7, ::toupper);
  CHECK(send({{"x-hub-signature", upper}}).status == 202);
  const Answer metrics = world.get("/metrics");
  CHECK(metrics.body.contains(R"(evidenced_hook_deliveries_total{outcome="refused"} 11)"));
  CHECK(metrics.body.contains(R"(evidenced_hook_deliveries_total{outcome="accepted"} 1)"));
}

TEST_CASE("a delivery that comes again is heard once, over restarts, until it is forgotten") {
  HookWorld world;
  const std::map<std::string, std::string> same = {{"x-request-uuid", "one and the same"}};
  CHECK(world.deliver("repo:push", about(repository_uuid), same).status == 202);
  world.write([](storage::Connection& connection) -> void {
    connection.execute("DELETE FROM hook_hints", {});
  });
  world.api = std::make_unique<Api>(Services{*world.database, *world.vault, world.control,
                                             world.clock, world.random, world.settings});
  CHECK(world.deliver("repo:push", about(repository_uuid), same).status == 202);
  CHECK(world.waiting().empty());
  CHECK(world.count("duplicate") == 1);
  world.write([&](storage::Connection& connection) -> void {
    storage::forget_deliveries(connection, world.clock.now() + 1s);
  });
  CHECK(world.deliver("repo:push", about(repository_uuid), same).status == 202);
  CHECK(world.waiting().size() == 4);
}

TEST_CASE("what a signed delivery says is believed no further than it must be") {
  HookWorld world;
  const std::string unknown = "{00000000-0000-4000-8000-00000000dead}";
  for (const std::string& body :
       {std::string("no JSON"), std::string(), std::string("[]"), std::string("{}"),
        std::string(R"({"repository":7})"), std::string(R"({"repository":{"uuid":null}})"),
        about(unknown), about(std::string(5000, 'x')), std::string(3000, '[')}) {
    CAPTURE(body.substr(0, 80));
    CHECK(world.deliver("repo:push", body).status == 202);
  }
  CHECK(world.waiting().empty());
  CHECK(world.count("ignored") == 9);
  // What may be new is looked for in the lists of the workspaces.
  CHECK(world.deliver("repo:created", about(unknown)).status == 202);
  CHECK(world.waiting() == std::vector<std::string>{"repository "});
  // Nothing of a body is stored.
  CHECK(
      world.deliver("repo:push", about(repository_uuid, R"(,"push":"CANARY-IN-A-BODY")")).status ==
      202);
  std::int64_t artifacts = 0;
  world.write([&](storage::Connection& connection) -> void {
    connection.query("SELECT count(*) FROM artifacts", {},
                     [&](const storage::Row& row) { artifacts = row.integer(0); });
  });
  CHECK(artifacts == 2);
}

TEST_CASE("hints to a source that is paused wait for it") {
  HookWorld world;
  REQUIRE(world.post("/v1/sources/" + world.source + "/pause", "").status == 200);
  CHECK(world.deliver("repo:push", about(repository_uuid)).status == 202);
  CHECK(world.waiting().size() == 4);
  CHECK(world.count("ignored") == 0);
}

TEST_CASE("a source that covers other workspaces takes no hints") {
  HookWorld world;
  world.write([&](storage::Connection& connection) -> Result<storage::Source> {
    auto source = storage::find_source(connection, tenant, world.source);
    source->workspaces.all = false;
    source->workspaces.slugs = {"elsewhere"};
    return storage::update_source(connection, tenant, *source);
  });
  CHECK(world.deliver("repo:push", about(repository_uuid)).status == 202);
  CHECK(world.waiting().empty());
  CHECK(world.count("ignored") == 1);
  world.write([&](storage::Connection& connection) -> Result<storage::Source> {
    auto source = storage::find_source(connection, tenant, world.source);
    source->workspaces.slugs = {"{00000000-0000-4000-8000-0000000000a1}"};
    return storage::update_source(connection, tenant, *source);
  });
  CHECK(world.deliver("repo:push", about(repository_uuid)).status == 202);
  CHECK(world.waiting().size() == 4);
}

TEST_CASE("strangers are held back, and hold nobody back who signs") {
  HookWorld world;
  const std::string body = about(repository_uuid);
  REQUIRE(world.deliver("repo:push", body).status == 202);
  int refused = 0;
  Answer last;
  do {
    last = world.deliver("repo:push", body, {{"x-hub-signature", "sha256=00"}});
    ++refused;
  } while (last.status == 401 && refused < 1000);
  CHECK(refused == 51);
  CHECK(last.code() == "quota.exceeded");
  CHECK(last.header("Retry-After") == "1");
  const Answer guess = world.ask(
      {.method = Method::post, .target = "/v1/hooks/bitbucket/hook_guess", .peer = "198.51.100.9"});
  CHECK(guess.status == 429);
  // From the same address, as behind a proxy, what is signed comes through, as often as it likes.
  for (int i = 0; i < 200; ++i) REQUIRE(world.deliver("repo:push", body).status == 202);
}

TEST_CASE("the limit of a delivery's body is 256 KiB, known before it is read") {
  HookWorld world;
  CHECK(world.api->body_limit(Method::post, world.path).value() == 256 * 1024);
  std::string body = about(repository_uuid);
  body.insert(body.size() - 1, R"(,"more":")" + std::string(200 * 1024, 'x') + "\"");
  CHECK(world.deliver("repo:push", body).status == 202);
  CHECK(world.waiting().size() == 4);
}

TEST_CASE("an Idempotency-Key and an API key change nothing about a delivery") {
  HookWorld world;
  CHECK(world.deliver("repo:push", about(repository_uuid), {{"idempotency-key", "one"}}).status ==
        202);
  CHECK(world
            .deliver("repo:push", about(repository_uuid),
                     {{"authorization", "Bearer " + world.key("auditor")}})
            .status == 202);
}

TEST_CASE("every recorded delivery is accepted with a right signature, refused with a wrong one") {
  const std::filesystem::path corpus = shared_corpus();
  std::ifstream index(corpus / "INDEX.tsv");
  if (!index) {
    std::cout << "skipped: no corpus at " << corpus << '\n';
    return;
  }
  HookWorld world;
  int heard = 0;
  for (std::string line; std::getline(index, line);) {
    const std::size_t name = line.find('\t');
    const std::string_view rest = std::string_view(line).substr(std::min(name, line.size()));
    if (!rest.starts_with("\tWEBHOOK ")) continue;
    const std::string_view event = rest.substr(9, rest.find('\t', 1) - 9);
    std::ifstream file(corpus / line.substr(0, name), std::ios::binary);
    const std::string body{std::istreambuf_iterator<char>(file), {}};
    CAPTURE(line.substr(0, name));
    REQUIRE_FALSE(body.empty());
    CHECK(world.deliver(std::string(event), body).status == 202);
    std::string changed = body;
    changed[changed.size() / 2] ^= 1;
    CHECK(world
              .deliver(std::string(event), changed,
                       {{"x-hub-signature", signature_of(world.secret, body)}})
              .status == 401);
    CHECK(world
              .deliver(std::string(event), body,
                       {{"x-hub-signature", signature_of("another secret", body)}})
              .status == 401);
    world.clock.advance(1s);
    ++heard;
  }
  std::cout << "recorded deliveries: " << heard << '\n';
  CHECK(heard >= 60);
}

TEST_CASE("a signature that Bitbucket itself made is good") {
  // Of one recorded delivery secret and signature are published, in the tests of its repository.
  const auto file = shared_corpus() / "jenkinsci+bitbucket-branch-source-plugin" /
                    "impl__webhook__cloud__signed_payload.json";
  std::ifstream recorded(file, std::ios::binary);
  if (!recorded) {
    std::cout << "skipped: no " << file << '\n';
    return;
  }
  storage::OpenedHook hook{tenant, "hook_1", "src_1", {}};
  hook.secrets.emplace_back(std::string("Gkvl$k$wyNpQAF42"));
  Request request;
  request.body.assign(std::istreambuf_iterator<char>(recorded), {});
  request.headers = {{"x-hub-signature",
                      "sha256=f205c729821c6954aff2afe72b965c34015b4baf96ea8ddc2cc44999c014a035"}};
  CHECK(check_signature(request, hook).has_value());
  request.body += '\n';
  CHECK_FALSE(check_signature(request, hook).has_value());
}
