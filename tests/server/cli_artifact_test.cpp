// Goal: exports are verified before they are believed, and other artifact and key commands ask for
// the right thing.
// Method: a real socket; streams in chunks with and without an honest trailer.
#include "storage/crypto.hpp"
#include "tests/catch.hpp"
#include "tests/folder.hpp"
#include "tests/server/cli_world.hpp"

#include <fmt/format.h>

#include <filesystem>

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

std::string sha256_of(std::string_view bytes) {
  return storage::to_hex(storage::sha256(bytes));
}

std::string digest_of(std::string_view bytes) {
  const storage::Digest digest = storage::sha256(bytes);
  return "sha-256=:" + storage::to_base64(std::string(digest.begin(), digest.end())) + ":";
}

/// A chunked answer, cut into pieces of `size` bytes.
CliReply chunked(std::string_view body, std::size_t size, const std::string& trailers) {
  std::string raw =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Evidenced-Count\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += size) {
    const std::string_view piece = body.substr(at, size);
    raw += fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
  }
  return raw_reply(raw + "0\r\n" + trailers + "\r\n");
}

const std::string two_lines = "{\"id\":\"art_1\"}\n{\"id\":\"art_2\"}\n";

std::string with_trailer(const std::string& lines, int count, const std::string& sha256) {
  return lines + fmt::format("{{\"trailer\":{{\"count\":{},\"sha256\":\"{}\"}}}}\n", count, sha256);
}

CliResult export_of(const CliReply& reply, std::vector<std::string> more = {}) {
  const TinyServer server([&](const Seen&) { return reply; });
  std::vector<std::string> arguments = {"artifact", "export"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return cli_for(server).run(arguments);
}

TEST_CASE("an export of JSON lines goes out as it came, and is verified") {
  const std::string body = with_trailer(two_lines, 2, sha256_of(two_lines));
  for (const std::size_t size : {1, 7, 1000}) {
    CAPTURE(size);
    const CliResult result = export_of(chunked(body, size, ""));
    CHECK(result.exit_code == 0);
    CHECK(result.out == body);
    CHECK(result.err.contains("2 artifacts, count and SHA-256 verified"));
  }
}

TEST_CASE("an empty export has a trailer, too") {
  const CliResult result = export_of(chunked(with_trailer("", 0, sha256_of("")), 100, ""));
  CHECK(result.exit_code == 0);
  CHECK(result.err.contains("0 artifacts"));
}

TEST_CASE("an export that was cut, shortened or changed is refused with exit code 7") {
  const std::string honest = sha256_of(two_lines);
  const std::vector<std::string> bodies = {
      two_lines,
      with_trailer(two_lines, 3, honest),
      with_trailer(two_lines, 2, sha256_of("other")),
      with_trailer("{\"id\":\"art_1\"}\n", 2, honest),
      with_trailer("{\"id\":\"art_9\"}\n{\"id\":\"art_2\"}\n", 2, honest),
      "{\"id\":\"art_1\"}\n{\"id\":\"ar",
      ""};
  for (const std::string& body : bodies) {
    CAPTURE(body);
    const CliResult result = export_of(chunked(body, 1000, ""));
    CHECK(result.exit_code == 7);
    CHECK(result.err.contains("(export.unverified)"));
  }
  const std::string body = with_trailer(two_lines, 2, honest);
  CHECK(export_of(chunked(body, 1000, "Evidenced-Count: 5\r\n")).exit_code == 7);
  CHECK(export_of(chunked(body, 1000, "Content-Digest: sha-256=:AAAA:\r\n")).exit_code == 7);
  CHECK(export_of(chunked(body, 1000, "Content-Digest: " + digest_of(body) + "\r\n")).exit_code ==
        0);
}

TEST_CASE("an export of CSV is verified by the trailers of HTTP, line breaks in values included") {
  const std::string body = "id,title\r\nart_1,\"two\r\nlines, \"\"quoted\"\"\"\r\nart_2,x\r\n";
  const std::string trailers = "Evidenced-Count: 2\r\nContent-Digest: " + digest_of(body) + "\r\n";
  const CliResult whole = export_of(chunked(body, 5, trailers), {"-o", "csv"});
  CHECK(whole.exit_code == 0);
  CHECK(whole.out == body);
  CHECK(export_of(chunked(body, 5, ""), {"-o", "csv"}).exit_code == 7);
  CHECK(export_of(chunked(body.substr(0, 20), 5, trailers), {"-o", "csv"}).exit_code == 7);
  CHECK(export_of(chunked(body, 5, trailers), {"-o", "table"}).exit_code == 2);
}

TEST_CASE("a file gets its name only when the export is whole") {
  const test::Folder folder;
  const std::string file = folder.file("out.jsonl");
  const std::string body = with_trailer(two_lines, 2, sha256_of(two_lines));
  CHECK(export_of(chunked(two_lines, 9, ""), {"--file", file}).exit_code == 7);
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK(export_of(chunked(body, 9, ""), {"--file", file}).exit_code == 0);
  CHECK(test::read_file(file) == body);
  CHECK_FALSE(std::filesystem::exists(file + ".part"));
  CHECK(export_of(chunked(body, 9, ""), {"--file", folder.file("no/such")}).exit_code == 1);
}

TEST_CASE("filters are encoded, repeated ones repeated, and the format is asked for") {
  const TinyServer server(
      [](const Seen&) { return chunked(with_trailer("", 0, sha256_of("")), 100, ""); });
  cli_for(server).run({"artifact", "export", "--kind", "project", "--kind", "repository",
                       "--repository", "acme/a&b", "--removed", "only"});
  CHECK(server.seen().front().target ==
        "/v1/artifacts?kind=project&kind=repository&repository=acme%2Fa%26b&removed=only");
  CHECK(server.seen().front().header("accept") == "application/x-ndjson");
}

TEST_CASE("a refused export is a failure of its own code") {
  const CliResult result = export_of(test::problem(400, "request.invalid_field", "Wrong value"));
  CHECK(result.exit_code == 2);
  CHECK(result.out.empty());
  CHECK(result.err.contains("(request.invalid_field)"));
}

TEST_CASE("a gap is named beside a list, so that absence is not taken for evidence") {
  const TinyServer server([](const Seen&) {
    return reply(
        200, R"({"items":[],"next":null,"gaps":[{"source_id":"src_1","kind":"branch_restriction",)"
             R"("status":"missing_scope","reason":"admin:repository:bitbucket"}]})");
  });
  const CliResult result = cli_for(server).run({"artifact", "list"});
  CHECK(result.err ==
        "no artifacts\n"
        "evidenced: gap: branch_restriction of src_1: missing_scope admin:repository:bitbucket\n");
}

TEST_CASE("an export names its gaps beside the data") {
  const std::string body = with_trailer(two_lines, 2, sha256_of(two_lines));
  const auto with_gaps = [&](const std::string& fields) {
    CliReply reply = chunked(body, 1000, "");
    reply.raw.insert(reply.raw.find("\r\n\r\n") + 2, fields);
    return export_of(reply);
  };
  const CliResult some = with_gaps(
      "Evidenced-Gap-Count: 3\r\n"
      "Evidenced-Gaps: src_1;kind=project;status=missing_scope, "
      "src_2;kind=group;status=failed\r\n");
  CHECK(some.exit_code == 0);
  CHECK(some.out == body);
  CHECK(some.err.contains("warning: the export has gaps (3)"));
  CHECK(some.err.contains("evidenced: gap: project of src_1: missing_scope\n"));
  CHECK(some.err.contains("evidenced: gap: group of src_2: failed\n"));
  CHECK(some.err.contains("evidenced: gap: and more\n"));
  CHECK(some.err.contains("evidenced artifact list"));
  CHECK_FALSE(with_gaps("Evidenced-Gap-Count: 0\r\n").err.contains("gap"));
}

TEST_CASE("nothing that came from upstream moves the cursor of a terminal, in any format") {
  const std::string title =
      "x\xc2\x9b"
      "2J\xe2\x80\xae";  // a CSI of one code point, and a turn to the left
  const std::string list = R"({"items":[{"id":"art_1","kind":"project","title":")" + title +
                           R"("}],"next":null,"gaps":[]})";
  const std::string raw = "{\"a\":\"\x1b]0;t\x07" + title + "\"}";
  const TinyServer server([&](const Seen& seen) {
    if (seen.target.ends_with("/raw")) return reply(200, raw);
    if (seen.target.starts_with("/v1/artifacts/"))
      return reply(200, "{\"title\":\"" + title + "\"}");
    if (seen.header("accept") == "text/csv") {
      const std::string csv = "id,title\r\nart_1," + title + "\x1b[2J\r\n";
      return chunked(csv, 1, "Evidenced-Count: 1\r\nContent-Digest: " + digest_of(csv) + "\r\n");
    }
    return reply(200, list);
  });
  const std::vector<std::vector<std::string>> commands = {
      {"artifact", "list"},
      {"artifact", "list", "-o", "json"},
      {"artifact", "list", "-o", "jsonl"},
      {"artifact", "list", "-o", "csv"},
      {"artifact", "get", "art_1"},
      {"artifact", "get", "art_1", "-o", "json"},
      {"artifact", "get", "art_1", "--raw"},
      {"artifact", "export", "-o", "csv"}};
  for (const auto& command : commands) {
    CAPTURE(command);
    Cli cli = cli_for(server);
    cli.terminal = true;
    const CliResult shown = cli.run(command);
    CAPTURE(shown.out);
    CHECK(shown.exit_code == 0);
    CHECK(shown.out.contains("x\\u009b2J\\u202e"));
    for (const std::string_view moving : {"\x1b", "\xc2\x9b", "\xe2\x80\xae", "\r"}) {
      CHECK_FALSE(shown.out.contains(moving));
    }
    CHECK(shown.out.ends_with('\n'));
    if (command[1] == "get" && command.back() == "--raw") {
      cli.terminal = false;
      CHECK(cli.run(command).out == raw);  // a file or a pipe gets the bytes
    }
  }
}

TEST_CASE("raw bytes go out as they are") {
  const std::string bytes("{\"a\":\x01\0 1}", 10);
  const TinyServer server([&](const Seen&) { return reply(200, bytes); });
  CHECK(cli_for(server).run({"artifact", "get", "art_1", "--raw"}).out == bytes);
  CHECK(server.seen().front().target == "/v1/artifacts/art_1/raw");
  cli_for(server).run({"artifact", "get", "art_1", "--revision", "2"});
  CHECK(server.seen().back().target == "/v1/artifacts/art_1/revisions/2");
}

TEST_CASE("a new key is the only thing on standard output") {
  const TinyServer server([](const Seen&) {
    return reply(201, R"({"id":"key_1","roles":["operator"],"key":"ev_new"})");
  });
  const CliResult result = cli_for(server).run(
      {"key", "create", "--name", "ci", "--role", "operator", "--expires-at", "2027-01-01"});
  CHECK(result.exit_code == 0);
  CHECK(result.out == "ev_new\n");
  CHECK(server.seen().front().body ==
        R"({"name":"ci","roles":["operator"],"expires_at":"2027-01-01T00:00:00Z"})");
}

TEST_CASE(
    "a key is limited to sources and to a window, and what is no time is told by the server") {
  const TinyServer server([](const Seen& seen) {
    if (seen.body.find("yesterday") != std::string::npos) {
      return test::problem(400, "request.invalid_field", "A field is wrong");
    }
    return reply(201, R"({"id":"key_1","roles":["auditor"],"key":"ev_new"})");
  });
  const auto create = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"key", "create", "--name", "audit", "--role", "auditor"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return cli_for(server).run(arguments);
  };
  const std::string begin = R"({"name":"audit","roles":["auditor"],)";
  const std::string from = "2026-01-01T00:00:00Z", to = "2026-12-31T23:59:59.999Z";
  CHECK(create({"--source", "src_1", "--source", "src_2", "--window-from", from, "--window-to", to})
            .exit_code == 0);
  CHECK(server.seen().back().body == begin +
                                         R"("source_ids":["src_1","src_2"],"window":{"from":")" +
                                         from + R"(","to":")" + to + R"("}})");
  CHECK(create({"--window-to", to}).exit_code == 0);
  CHECK(server.seen().back().body == begin + R"("window":{"to":")" + to + R"("}})");
  const CliResult refused = create({"--window-from", "yesterday"});
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.contains("A field is wrong"));
  CHECK(refused.out.empty());
  // A variable of the shell that is empty by mistake must not make a key without limits.
  create({"--window-from", "", "--expires-at", "", "--source", ""});
  CHECK(server.seen().back().body ==
        begin + R"("expires_at":"","source_ids":[""],"window":{"from":""}})");
}

TEST_CASE("status ends with 3 when a source needs attention") {
  std::string health = R"({"healthy":2})";
  std::string days = "200";
  const TinyServer server([&](const Seen& seen) {
    const bool list = seen.target.starts_with("/v1/sources");
    return reply(200, list ? R"({"items":[{"credential":{"days_left":)" + days + "}}]}"
                           : R"({"version":"1","sources":{"total":2,"by_health":)" + health + "}}");
  });
  CHECK(cli_for(server).run({"status"}).exit_code == 0);
  days = "12";
  CHECK(cli_for(server).run({"status"}).exit_code == 3);
  days = "200";
  health = R"({"healthy":1,"late":1})";
  const CliResult late = cli_for(server).run({"status"});
  CHECK(late.exit_code == 3);
  CHECK(late.err.contains("evidenced source list"));
}

TEST_CASE("status looks at every source, on whichever page") {
  const TinyServer server([&](const Seen& seen) {
    if (seen.target.starts_with("/v1/status")) return reply(200, R"({"version":"1"})");
    if (seen.target.find("cursor=") == std::string::npos) {
      return reply(200, R"({"items":[],"next":"/v1/sources?limit=500&cursor=x"})");
    }
    return reply(200, R"({"items":[{"credential":{"days_left":3}}],"next":null})");
  });
  CHECK(cli_for(server).run({"status"}).exit_code == 3);
}

TEST_CASE("status says that the daemon is not ready, and why") {
  const TinyServer server([&](const Seen& seen) {
    if (seen.target == "/readyz") return test::problem(503, "storage.full", "The disk is full");
    return reply(200, seen.target == "/v1/status" ? R"({"version":"1"})" : R"({"items":[]})");
  });
  const CliResult full = cli_for(server).run({"status"});
  CHECK(full.exit_code == 3);
  CHECK(full.out.contains("version"));
  CHECK(full.err.contains("attention: the daemon is not ready: The disk is full (storage.full)"));
}

TEST_CASE("healthcheck asks the configured address whether it lives") {
  int status = 200;
  const TinyServer server([&](const Seen&) { return reply(status, "{}"); });
  Cli cli;
  cli.environment["EVIDENCED_SERVER_LISTEN"] = fmt::format("0.0.0.0:{}", server.port());
  cli.environment["EVIDENCED_SERVER_BEHIND_PROXY"] = "true";
  CHECK(cli.run({"healthcheck"}).exit_code == 0);
  CHECK(server.seen().front().target == "/livez");
  CHECK(server.seen().front().header("authorization").empty());
  status = 503;
  CHECK(cli.run({"healthcheck"}).exit_code == 1);
  cli.environment["EVIDENCED_SERVER_LISTEN"] = "nonsense";
  CHECK(cli.run({"healthcheck"}).exit_code == 1);
}

}  // namespace
}  // namespace evidenced
