// Goal: what was stored goes out byte for byte, in every format, and never looks whole when it is
// not. Method: objects with awkward bytes are collected and read back in each way.
#include "connector/bitbucket/streams.hpp"
#include "storage/crypto.hpp"
#include "storage/source_store.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <zstd.h>

#include <array>
#include <set>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;
using storage::StreamState;
using storage::SyncResult;

namespace {

/// Spellings that no serialiser would give back.
const std::string awkward =
    R"({"a":1.0,"b":1e2,"big":123456789012345678901234567890.10,"e":"\u00e9\/","n":null,"z":"é"})";

Answer export_as(World& world, const std::string& media, const std::string& query = "",
                 const std::string& key = "admin") {
  return world.ask({.target = "/v1/artifacts" + query, .key = key, .headers = {{"accept", media}}});
}

/// One zstd frame, decoded by pieces as a client would.
std::string decoded(std::string_view frame) {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  std::string out;
  std::array<char, 4096> room;
  ZSTD_inBuffer in{frame.data(), frame.size(), 0};
  std::size_t left = 1;
  while (left > 0 && ZSTD_isError(left) == 0) {
    ZSTD_outBuffer made{room.data(), room.size(), 0};
    left = ZSTD_decompressStream(context, &made, &in);
    out.append(room.data(), made.pos);
    if (made.pos == 0 && in.pos == in.size) break;
  }
  ZSTD_freeDCtx(context);
  return left == 0 && in.pos == in.size ? out : "no whole frame";
}

std::vector<std::string> lines_in(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string hex_digest(std::string_view bytes) {
  return storage::to_hex(storage::sha256(bytes));
}

std::string base64_digest(std::string_view bytes) {
  const storage::Digest digest = storage::sha256(bytes);
  return "sha-256=:" + storage::to_base64(std::string(digest.begin(), digest.end())) + ":";
}

}  // namespace

TEST_CASE("content, raw and its digest are the stored bytes") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "project", {draft("project", "{p}", awkward, "Shop")});
  const Answer list = world.get("/v1/artifacts?kind=project");
  CHECK(list.body.find("\"content\":" + awkward) != std::string::npos);
  const std::string id(
      boost::json::parse(list.body.substr(0, list.body.find(",\"content\"")) + "}]}")
          .at("items")
          .at(0)
          .at("id")
          .as_string());
  const std::string place = "/v1/artifacts/" + id;
  CHECK(world.get(place + "/raw").body == awkward);
  const Answer one = world.ask({.target = place + "?", .key = "auditor"});
  CHECK(one.body.find("\"content\":" + awkward) != std::string::npos);
  CHECK(one.body.find("\"content_sha256\":\"" + hex_digest(awkward) + "\"") != std::string::npos);
  CHECK(one.body.find("\"workspace\":\"example-works\"") != std::string::npos);
  CHECK(one.body.find("\"removed_at\":null") != std::string::npos);
  CHECK(export_as(world, "application/x-ndjson").body.find(awkward) != std::string::npos);
}

TEST_CASE("revisions tell what an artifact was, and never change") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "project", {draft("project", "{p}", R"({"v":1})")});
  world.clock.advance(1h);
  world.collect(source, "project", {draft("project", "{p}", R"({"v":2})")});
  const Answer list = world.get("/v1/artifacts");
  const std::string place = "/v1/artifacts/" + list.text("/items/0/id");
  CHECK(list.json().at("items").at(0).at("revision").as_int64() == 2);
  const auto revisions = world.get(place + "/revisions").json().at("items");
  REQUIRE(revisions.as_array().size() == 2);
  const Answer first = world.get(place + "/revisions/1");
  CHECK(first.text("/change") == "created");
  CHECK(boost::json::serialize(first.json().at("content")) == R"({"v":1})");
  CHECK(world.get(place + "/revisions/2").text("/change") == "revised");
  for (const std::string number : {"0", "3", "-1", "x", "1x"}) {
    CHECK(world.get(place + "/revisions/" + number).status == 404);
  }
  const Answer page = world.get(place + "/revisions?limit=1");
  CHECK(page.json().at("items").as_array().size() == 1);
  const auto rest = world.get(page.text("/next")).json();
  CHECK(rest.at("items").at(0).at("revision").as_int64() == 2);
  CHECK_FALSE(rest.at("has_more").as_bool());
}

TEST_CASE("an NDJSON export is whole: every row, a trailer line, and trailers that prove it") {
  World world;
  const std::string source = world.register_source();
  std::vector<storage::ArtifactDraft> drafts;
  for (int i = 0; i < 450; ++i) {
    drafts.push_back(draft("project", fmt::format("{{p{}}}", i),
                           fmt::format(R"({{"pad":"{}"}})", std::string(400, 'x'))));
  }
  world.collect(source, "project", drafts);
  const Answer answer = export_as(world, "application/x-ndjson", "?kind=project&limit=10");
  CHECK(answer.header("Content-Type") == "application/x-ndjson; charset=utf-8");
  const auto lines = lines_in(answer.body);
  REQUIRE(lines.size() == 451);
  const std::string rows = answer.body.substr(0, answer.body.size() - lines.back().size() - 1);
  CHECK(lines.back() ==
        fmt::format(R"({{"trailer":{{"count":450,"sha256":"{}"}}}})", hex_digest(rows)));
  CHECK(answer.trailer("Evidenced-Count") == "450");
  CHECK(answer.trailer("Content-Digest") == base64_digest(answer.body));

  CHECK(answer.header("Evidenced-Gap-Count") == "1");
  CHECK(answer.header("Evidenced-Gaps") == source + ";kind=project;status=pending");

  const Answer none = export_as(world, "application/x-ndjson", "?kind=workspace");
  CHECK(none.body ==
        fmt::format("{{\"trailer\":{{\"count\":0,\"sha256\":\"{}\"}}}}\n", hex_digest("")));
}

TEST_CASE(
    "an export is sent as zstd to those that ask for it, and its digest covers what is sent") {
  World world;
  const std::string source = world.register_source();
  std::vector<storage::ArtifactDraft> drafts;
  for (int i = 0; i < 450; ++i) {
    drafts.push_back(draft("project", fmt::format("{{p{}}}", i),
                           fmt::format(R"({{"pad":"{}"}})", std::string(400, 'x'))));
  }
  world.collect(source, "project", drafts);
  const std::string media = GENERATE("application/x-ndjson", "text/csv");
  const Answer plain = export_as(world, media);
  CHECK(plain.header("Content-Encoding").empty());
  CHECK(plain.header("Vary") == "Accept, Accept-Encoding");

  for (const std::string wish : {"zstd", "gzip, deflate, br, zstd", "zstd;q=0.5, gzip"}) {
    CAPTURE(wish);
    const Answer coded = world.ask({.target = "/v1/artifacts",
                                    .key = "admin",
                                    .headers = {{"accept", media}, {"accept-encoding", wish}}});
    CHECK(coded.header("Content-Encoding") == "zstd");
    CHECK(coded.header("Content-Type") == plain.header("Content-Type"));
    CHECK(coded.body.size() * 4 < plain.body.size());
    CHECK(decoded(coded.body) == plain.body);
    CHECK(coded.trailer("Evidenced-Count") == "450");
    CHECK(coded.trailer("Content-Digest") == base64_digest(coded.body));
  }
  for (const std::string wish : {"", "gzip", "*", "zstd;q=0", "zstd;q=0.2, identity"}) {
    CAPTURE(wish);
    const Answer same = world.ask({.target = "/v1/artifacts",
                                   .key = "admin",
                                   .headers = {{"accept", media}, {"accept-encoding", wish}}});
    CHECK(same.header("Content-Encoding").empty());
    CHECK(same.body == plain.body);
  }
}

TEST_CASE("a CSV export is RFC 4180 and no cell of it is a formula") {
  World world;
  const std::string source = world.register_source();
  world.collect(
      source, "project",
      {draft("project", "{1}", "{}", "=cmd()|' /C calc'!A0"), draft("project", "{2}", "{}", "+1"),
       draft("project", "{3}", "{}", "-1"), draft("project", "{4}", "{}", "@SUM(A1)"),
       draft("project", "{5}", "{}", "\tx"), draft("project", "{6}", "{}", "a \"b\", c\r\nd"),
       draft("project", "{7}", "{}", "\xe2\x80\xae\xf0\x9f\x98\x80")});
  const Answer answer = export_as(world, "text/csv", "?kind=project&fields=title");
  CHECK(answer.header("Content-Type") == "text/csv; charset=utf-8; header=present");
  CHECK(answer.header("Evidenced-Gap-Count") == "1");
  CHECK(answer.trailer("Evidenced-Count") == "7");
  CHECK(answer.trailer("Content-Digest") == base64_digest(answer.body));
  REQUIRE(answer.body.starts_with("id,title\r\n"));
  for (const std::string cell :
       {",\"'=cmd()|' /C calc'!A0\"\r\n", ",\"'+1\"\r\n", ",\"'-1\"\r\n", ",\"'@SUM(A1)\"\r\n",
        ",\"'\tx\"\r\n", ",\"a \"\"b\"\", c\r\nd\"\r\n", ",\xe2\x80\xae\xf0\x9f\x98\x80\r\n"}) {
    CAPTURE(cell);
    CHECK(answer.body.find(cell) != std::string::npos);
  }
  const Answer plain = export_as(world, "text/csv");
  CHECK(plain.body.starts_with(
      "id,kind,source_id,workspace,project,repository,upstream_id,title,state,dated_at,revision,"
      "seq,observed_at,first_observed_at,removed_at,removed_reason,sync_id,status,tags,content_"
      "sha256\r\n"));
}

TEST_CASE("an artifact tells its state and when it happened, within a window as it was then") {
  World world;
  const std::string source = world.register_source();
  storage::ArtifactDraft open = draft("pull_request", "{r}/1");
  open.content = R"({"id":1,"state":"OPEN","title":"One","updated_on":"2026-01-02T03:04:05Z"})";
  open.digest = storage::sha256(open.content);
  open.state = "OPEN";
  open.dated_at = parse_timestamp("2026-01-02T03:04:05Z");
  storage::ArtifactDraft merged = open;
  merged.content = R"({"id":1,"state":"MERGED","title":"One","updated_on":"2026-01-03T00:00:00Z"})";
  merged.digest = storage::sha256(merged.content);
  merged.state = "MERGED";
  merged.dated_at = parse_timestamp("2026-01-03T00:00:00Z");
  world.collect(source, "pull_request", {open});
  const Timestamp then = world.clock.now();
  world.clock.advance(std::chrono::hours(1));
  world.collect(source, "pull_request", {merged, draft("project", "{p}")});

  const auto items = world.get("/v1/artifacts").json().at("items").as_array();
  CHECK(items.at(0).at("state").as_string() == "MERGED");
  CHECK(items.at(0).at("dated_at").as_string() == "2026-01-03T00:00:00.000Z");
  CHECK(items.at(1).at("state").is_null());
  CHECK(items.at(1).at("dated_at").is_null());

  storage::ApiKey limited;
  limited.name = "limited";
  limited.roles = {storage::Role::auditor};
  limited.window.to = then;
  const auto past =
      world.get("/v1/artifacts", world.make_key(limited)).json().at("items").as_array();
  REQUIRE(past.size() == 1);
  CHECK(past.at(0).at("state").as_string() == "OPEN");
  CHECK(past.at(0).at("dated_at").as_string() == "2026-01-02T03:04:05.000Z");
}

TEST_CASE("a key has four exports at once") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "project", {draft("project", "{p}")});
  std::vector<Response> running;
  const auto begin = [&](const std::string& key) {
    Request request;
    request.target = "/v1/artifacts";
    request.headers = {{"authorization", "Bearer " + world.key(key)}, {"accept", "text/csv"}};
    request.request_id = "req";
    auto task = world.api->handle(std::move(request), "");
    running.push_back(world.run(std::move(task)));
    return running.back().status;
  };
  for (int i = 0; i < 4; ++i) CHECK(begin("auditor") == 200);
  CHECK(begin("auditor") == 429);
  CHECK(begin("admin") == 200);
  running.erase(running.begin());
  CHECK(begin("auditor") == 200);
}

TEST_CASE("HEAD of an export has the fields of GET, and its trailers are announced") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "project", {draft("project", "{p}")});
  const auto ask = [&](Method method) {
    Request request;
    request.method = method;
    request.target = "/v1/artifacts";
    request.headers = {{"authorization", "Bearer " + world.key("auditor")},
                       {"accept", "text/html"},
                       {"accept", "text/csv"}};
    return world.run(world.api->handle(std::move(request), ""));
  };
  const Response whole = ask(Method::get);
  const Response head = ask(Method::head);
  CHECK(head.status == 200);
  CHECK(head.headers == whole.headers);
  REQUIRE(head.stream);
  CHECK(head.stream->trailer_names() == whole.stream->trailer_names());
}

TEST_CASE("fields gives what was asked for and the id") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "project", {draft("project", "{p}")});
  const auto list = world.get("/v1/artifacts?fields=title,kind&fields=revision").json();
  const auto& item = list.at("items").at(0).as_object();
  CHECK(item.size() == 4);
  CHECK(item.contains("id"));
  CHECK(item.at("title").as_string() == "A title");
  CHECK_FALSE(item.contains("content"));
}

TEST_CASE("lists are narrowed by kind, place, change and removal") {
  World world;
  const std::string source = world.register_source();
  auto elsewhere = draft("repository", "{r2}");
  elsewhere.repository = "example-works/other";
  elsewhere.project = "OPS";
  world.collect(source, "project", {draft("project", "{p1}"), draft("project", "{p2}")});
  world.collect(source, "repository", {draft("repository", "{r1}"), elsewhere});
  const auto ids = [&](const std::string& query) {
    std::string text;
    const auto list = world.get("/v1/artifacts" + query).json();
    for (const auto& item : list.at("items").as_array()) {
      text += std::string(item.at("upstream_id").as_string());
    }
    return text;
  };
  CHECK(ids("?kind=project") == "{p1}{p2}");
  CHECK(ids("?kind=project&kind=repository").size() == 16);
  CHECK(ids("?kind=repository&project=OPS") == "{r2}");
  CHECK(ids("?kind=repository&repository=example-works/checkout") == "{r1}");
  CHECK(ids("?kind=repository&repository=%7Br2%7D") == "{r2}");
  CHECK(ids("?workspace=nowhere") == "");
  CHECK(ids("?source=" + source + "&kind=project") == "{p1}{p2}");

  world.clock.advance(1h);
  const std::string later = format_rfc3339(world.clock.now());
  world.collect(source, "project", {draft("project", "{p1}")});
  world.collect(source, "project", {draft("project", "{p1}")});
  CHECK(ids("?kind=project") == "{p1}");
  CHECK(ids("?kind=project&removed=true") == "{p1}{p2}");
  CHECK(ids("?kind=project&removed=only") == "{p2}");
  CHECK(ids("?changed_since=" + later) == "{p2}");
  CHECK(ids("?changed_since=" + later + "&removed=false") == "");
  CHECK(ids("?kind=project&changed_since=0") == "{p1}{p2}");
  CHECK(ids("?kind=project&changed_since=0&removed=false") == "{p1}");
  const Answer gone = world.get("/v1/artifacts?removed=only");
  CHECK(gone.text("/items/0/removed_reason") == "not_listed");
}

TEST_CASE("a list never looks whole when a kind is missing or only half read") {
  World world;
  const std::string source = world.register_source();
  const auto gap = [&](const std::string& kind) {
    const Answer answer = world.get("/v1/artifacts?kind=" + kind);
    const std::string status = answer.text("/gaps/0/status");
    if (!status.empty()) {
      CHECK(answer.text("/gaps/0/source_id") == source);
      CHECK(answer.text("/gaps/0/kind") == kind);
      CHECK_FALSE(answer.text("/gaps/0/reason").empty());
    }
    return status;
  };
  CHECK(gap("project") == "pending");
  auto scope = stream("branch_restriction", StreamState::unavailable, "credential.scope_missing");
  scope.error->scopes = {"admin:repository:bitbucket"};
  auto half = stream("pull_request", StreamState::complete);
  half.complete = false;
  world.finish_sync(source, SyncResult::partial,
                    {stream("project", StreamState::complete), scope,
                     stream("repository_grant", StreamState::unavailable, "stream.forbidden"), half,
                     stream("repository", StreamState::failed, "upstream.timeout"),
                     stream("workspace_member", StreamState::incomplete)});
  CHECK(gap("project") == "");
  CHECK(gap("branch_restriction") == "missing_scope");
  CHECK(world.get("/v1/artifacts?kind=branch_restriction")
            .text("/gaps/0/reason")
            .find("admin:repository:bitbucket") != std::string::npos);
  CHECK(gap("repository_grant") == "needs_role");
  CHECK(gap("pull_request") == "incomplete");
  CHECK(gap("repository") == "failed");
  CHECK(gap("workspace_member") == "incomplete");
  CHECK(gap("account") == "pending");

  // A sync of some streams says nothing of the others.
  world.clock.advance(1h);
  world.finish_sync(source, SyncResult::succeeded, {stream("repository", StreamState::complete)});
  CHECK(gap("repository") == "");
  CHECK(gap("project") == "");
  CHECK(gap("branch_restriction") == "missing_scope");
  // What two streams of a kind lack alike is said once.
  std::set<std::string_view> kinds;
  for (const auto& row : connector::bitbucket::streams()) kinds.insert(row.kind);
  CHECK(world.get("/v1/artifacts?source=" + source).json().at("gaps").as_array().size() ==
        kinds.size() - 2);
}

TEST_CASE("what a narrowed source no longer covers stays, and its lists say so") {
  World world;
  const std::string source = world.register_source();
  auto kept = draft("workspace", "{w1}");
  kept.workspace = "example-works";
  auto left_out = draft("workspace", "{w2}");
  left_out.workspace = "second";
  world.collect(source, "workspace", {kept, left_out});
  world.finish_sync(source, SyncResult::succeeded, {stream("workspace", StreamState::complete)});
  CHECK(world.get("/v1/artifacts?kind=workspace").text("/gaps/0/status").empty());
  const auto narrow = [&](storage::Connection& connection) -> Result<storage::Source> {
    const storage::TenantScope tenant("default");
    auto changed = storage::find_source(connection, tenant, source);
    changed->workspaces = {false, {"Example-Works"}};
    return storage::update_source(connection, tenant, *changed);
  };
  REQUIRE(world.write(narrow));
  const Answer list = world.get("/v1/artifacts?kind=workspace");
  CHECK(list.json().at("items").as_array().size() == 2);
  CHECK(list.text("/gaps/0/status") == "out_of_scope");
  CHECK(list.text("/gaps/0/reason") == "Kept as it was and no longer refreshed: second");
}

TEST_CASE("the catalogue of kinds has fields, scopes, an example and a count") {
  World world;
  const std::string source = world.register_source();
  world.collect(source, "project", {draft("project", "{p1}"), draft("project", "{p2}")});
  const auto kinds = world.get("/v1/kinds").json();
  CHECK(kinds.at("items").as_array().size() >= 8);
  for (const auto& kind : kinds.at("items").as_array()) {
    CAPTURE(std::string(kind.at("kind").as_string()));
    CHECK_FALSE(kind.at("fields").as_array().empty());
    CHECK_FALSE(kind.at("example").as_object().empty());
    CHECK_FALSE(kind.at("scopes").as_array().empty());
  }
  const Answer project = world.get("/v1/kinds/project");
  CHECK(project.json().at("count").as_int64() == 2);
  CHECK(project.text("/scopes/0") == "read:project:bitbucket");
  CHECK(world.get("/v1/kinds/nothing").status == 404);
}
