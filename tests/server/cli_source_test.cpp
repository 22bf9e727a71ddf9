// Goal: the source commands send what the API wants, keep the token out of sight, and tell what the
// daemon answered.
// Method: a real socket whose answers have the shape of the API.
#include "server/cli/text_table.hpp"
#include "tests/catch.hpp"
#include "tests/folder.hpp"
#include "tests/server/cli_world.hpp"

#include <boost/json.hpp>

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

const std::string token = "ATATT3xFfGF0invented0invented0invented0invented=1A2B3C4D";

const std::string source_json =
    R"({"id":"src_1","kind":"bitbucket_cloud","name":"Acme","state":"active",)"
    R"("health":{"status":"pending","reason":null},"workspaces":["acme","tools"],)"
    R"("schedule":{"interval":"PT1H","next_run_at":"2026-11-24T06:00:00.000Z"},)"
    R"("credential":{"email":"a@example.com","days_left":340},"last_sync":null,"tags":[]})";

std::vector<std::string> add_arguments(std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"source", "add",     "--name",
                                        "Acme",   "--email", "a@example.com"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_CASE("source add sends the token of standard input, and shows it nowhere") {
  const TinyServer server([](const Seen&) { return reply(201, source_json); });
  Cli cli = cli_for(server);
  cli.input = token + "\n";
  const CliResult result =
      cli.run(add_arguments({"--workspace", "acme", "--workspace", "tools", "--interval", "PT2H",
                             "--tag", "prod", "--expires-at", "2027-10-31"}));
  CHECK(result.exit_code == 0);
  CHECK(result.out.contains("src_1"));
  CHECK_FALSE((result.out + result.err).contains("invented"));

  REQUIRE(server.seen().size() == 1);
  const Seen request = server.seen().front();
  CHECK(request.method == "POST");
  CHECK(request.target == "/v1/sources");
  CHECK(request.header("authorization") == "Bearer ev_test");
  CHECK(request.header("content-type") == "application/json");
  CHECK(request.header("idempotency-key").size() == 32);
  CHECK(boost::json::parse(request.body) == boost::json::parse(R"({
    "kind": "bitbucket_cloud", "name": "Acme", "workspaces": ["acme", "tools"],
    "credential": {"type": "atlassian_api_token", "email": "a@example.com", "token": ")" +
                                                               token + R"(",
      "expires_at": "2027-10-31T00:00:00Z"},
    "schedule": {"interval": "PT2H"}, "tags": ["prod"], "start_sync": true})"));
}

TEST_CASE("source add reads the token of a file, and warns when others may read it") {
  const TinyServer server([](const Seen&) { return reply(201, source_json); });
  const test::Folder folder;
  Cli cli = cli_for(server);
  const std::string open = folder.write("open", "  " + token + "\n", 0644);
  const std::string closed = folder.write("closed", token, 0600);
  const CliResult warned = cli.run(add_arguments({"--token-file", open}));
  CHECK(warned.exit_code == 0);
  CHECK(warned.err.contains("chmod 600 " + open));
  CHECK(cli.run(add_arguments({"--token-file", closed})).err.empty());
  for (const Seen& request : server.seen()) {
    CHECK(text_in(request.body, "credential.token") == token);
    CHECK(text_in(request.body, "workspaces") == "all");
  }
}

TEST_CASE("at a terminal source add asks, and hides the token") {
  const TinyServer server([](const Seen&) { return reply(201, source_json); });
  Cli cli = cli_for(server);
  cli.terminal = true;
  cli.input = "Acme\na@example.com\n" + token + "\n";
  const CliResult result = cli.run({"source", "add"});
  CHECK(result.exit_code == 0);
  CHECK(cli.echoes == std::vector<bool>{false, true});
  REQUIRE(server.seen().size() == 1);
  const std::string body = server.seen().front().body;
  CHECK(text_in(body, "name") == "Acme");
  CHECK(text_in(body, "credential.email") == "a@example.com");
  CHECK(text_in(body, "credential.token") == token);
}

TEST_CASE("without a token nothing is sent") {
  const TinyServer server([](const Seen&) { return CliReply{}; });
  const CliResult result = cli_for(server).run(add_arguments());
  CHECK(result.exit_code == 2);
  CHECK(server.seen().empty());
}

TEST_CASE("a refusal shows code, cause and remedy, and its exit code is that of the catalogue") {
  const TinyServer server([](const Seen& seen) {
    if (seen.target == "/v1/sources/src_9") {
      return test::problem(404, "resource.not_found", "There is no such resource");
    }
    if (seen.method == "POST") {
      return test::problem(422, "credential.app_password", "The token looks like an app password");
    }
    return test::problem(401, "auth.invalid", "The API key is not known");
  });
  Cli cli = cli_for(server);
  cli.input = token;
  const CliResult refused = cli.run(add_arguments());
  CHECK(refused.exit_code == 1);
  CHECK(refused.err ==
        "evidenced: The token looks like an app password (credential.app_password)\n"
        "  cause:      The detail.\n"
        "  at:         /name: is too long\n"
        "  likely:     It expired.\n"
        "  remedy:     First.\n"
        "              Then.\n"
        "  request id: req_1\n");
  CHECK(cli.run({"source", "show", "src_9"}).exit_code == 5);
  CHECK(cli.run({"source", "list"}).exit_code == 4);
}

TEST_CASE("an answer that is not evidenced's is said to be none") {
  const TinyServer server([](const Seen& seen) {
    if (seen.target.starts_with("/v1/status")) return reply(200, "<html>");
    return reply(502, "<html>Bad gateway</html>");
  });
  CHECK(cli_for(server).run({"source", "list"}).err.contains("status 502"));
  CHECK(cli_for(server).run({"source", "list"}).exit_code == 6);
  CHECK(cli_for(server).run({"status"}).err.contains("no JSON"));
}

TEST_CASE("source list shows a table that fits the terminal, CSV, JSON and JSON lines") {
  const std::string page = R"({"items":[)" + source_json + R"(],"next":null})";
  const TinyServer server([&](const Seen&) { return reply(200, page); });
  Cli cli = cli_for(server);
  const CliResult table = cli.run({"source", "list", "--state", "active", "--tag", "a b"});
  CHECK(table.out ==
        "ID     NAME  STATE   HEALTH   WORKSPACES   LAST SYNC  FINISHED  DAYS LEFT\n"
        "src_1  Acme  active  pending  acme, tools                       340\n");
  CHECK(server.seen().back().target == "/v1/sources?state=active&tag=a%20b&limit=100");
  CHECK(cli.run({"source", "list", "-o", "json"}).out == page + "\n");
  CHECK(cli.run({"source", "list", "-o", "jsonl"}).out == source_json + "\n");
  CHECK(cli.run({"source", "list", "-o", "csv"}).out ==
        "id,name,state,health.status,workspaces,last_sync.result,last_sync.finished_at,"
        "credential.days_left\r\n"
        "src_1,Acme,active,pending,\"acme, tools\",,,340\r\n");
  CHECK(cli.run({"source", "list", "-o", "yaml"}).exit_code == 2);
  cli.terminal = true;
  cli.columns = 60;
  const std::string narrow = cli.run({"source", "list"}).out;
  CHECK(cli::display_width(narrow.substr(0, narrow.find('\n'))) <= 60);
  CHECK(narrow.contains("…"));
}

TEST_CASE("a list goes on to further pages until its limit, and says when there is more") {
  const TinyServer server([](const Seen& seen) {
    const bool first = !seen.target.contains("cursor");
    return reply(200, first ? R"({"items":[{"id":"a"},{"id":"b"}],"next":"/v1/sources?cursor=c"})"
                            : R"({"items":[{"id":"c"}],"next":null})");
  });
  Cli cli = cli_for(server);
  const CliResult everything = cli.run({"source", "list", "--all", "-o", "jsonl"});
  CHECK(everything.out == "{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n");
  CHECK(everything.err.empty());
  const CliResult some = cli.run({"source", "list", "--limit", "2", "-o", "jsonl"});
  CHECK(some.out == "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
  CHECK(some.err.contains("--all"));
  CHECK(cli.run({"source", "list", "--all", "-o", "json"}).out ==
        "{\"items\":[{\"id\":\"a\"},\n{\"id\":\"b\"},\n{\"id\":\"c\"}],\"has_more\":false}\n");
  CHECK(cli.run({"source", "list", "--limit", "0"}).exit_code == 2);
}

TEST_CASE("names from Bitbucket cannot move the cursor or become formulas") {
  const TinyServer server([](const Seen&) {
    return reply(200,
                 R"({"items":[{"id":"x","name":"\u001b[2J=\u202eq","state":"=1+1"}],"next":null})");
  });
  Cli cli = cli_for(server);
  const std::string table = cli.run({"source", "list"}).out;
  CHECK(table.contains("\\u001b[2J=\\u202eq"));
  CHECK_FALSE(table.contains("\x1b"));
  CHECK(cli.run({"source", "list", "-o", "csv"}).out.contains(",'=1+1,"));
}

TEST_CASE("source rotate takes the e-mail in use unless another is given") {
  const TinyServer server([](const Seen& seen) {
    if (seen.method == "GET") return reply(200, R"({"email":"a@example.com"})");
    return reply(200, source_json);
  });
  Cli cli = cli_for(server);
  cli.input = token;
  CHECK(cli.run({"source", "rotate", "src_1"}).exit_code == 0);
  REQUIRE(server.seen().size() == 2);
  const Seen put = server.seen().back();
  CHECK(put.method == "PUT");
  CHECK(put.target == "/v1/sources/src_1/credential");
  CHECK(text_in(put.body, "email") == "a@example.com");
  CHECK(text_in(put.body, "token") == token);
}

TEST_CASE("source rm asks first, or wants --yes where nobody can be asked") {
  const TinyServer server([](const Seen&) { return reply(204, ""); });
  Cli cli = cli_for(server);
  CHECK(cli.run({"source", "rm", "src_1"}).exit_code == 2);
  cli.terminal = true;
  cli.input = "n\n";
  CHECK(cli.run({"source", "rm", "src_1"}).exit_code == 2);
  CHECK(server.seen().empty());
  cli.input = "y\n";
  CHECK(cli.run({"source", "rm", "src_1"}).exit_code == 0);
  CHECK(cli.run({"source", "rm", "a/../b", "--yes", "--purge-evidence"}).exit_code == 0);
  CHECK(server.seen().front().target == "/v1/sources/src_1");
  CHECK(server.seen().back().method == "DELETE");
  CHECK(server.seen().back().target == "/v1/sources/a%2F..%2Fb?purge_evidence=true");
}

TEST_CASE("source test shows every check and fails with the code of the first that failed") {
  const TinyServer server([](const Seen&) {
    return reply(
        200,
        R"({"valid":false,"checks":[{"id":"shape","status":"passed","code":null,)"
        R"("detail":"ok","remedy":null},{"id":"account","status":"failed",)"
        R"("code":"credential.token_rejected","detail":"401","remedy":"New.\nTwo."}],"causes":[{"text":"It has expired.",)"
        R"("likelihood":"likely"}]})");
  });
  const CliResult result = cli_for(server).run({"source", "test", "src_1"});
  CHECK(server.seen().front().target == "/v1/sources/src_1/validations");
  CHECK(result.out.contains("failed  credential.token_rejected  401     New. Two."));
  CHECK(result.out.contains("It has expired.  likely"));
  CHECK(result.exit_code == 1);

  // A table for a spreadsheet: the checks, and nothing else.
  const CliResult csv = cli_for(server).run({"source", "test", "src_1", "-o", "csv"});
  CHECK(csv.out.starts_with("id,status,code,detail,remedy\r\n"));
  CHECK(csv.out.contains("account,failed,credential.token_rejected,401,"));
  CHECK_FALSE(csv.out.contains("It has expired."));
  CHECK(csv.exit_code == 1);
}

TEST_CASE(
    "an answer that ends early, says no length or is no HTTP is a failure, not a short list") {
  const std::vector<std::string> broken = {
      "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":[]}",
      "HTTP/1.1 200 OK\r\n\r\n{\"items\":[],\"next\":null}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ite", "SSH-2.0-OpenSSH\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: " + std::string(100000, 'x') + "\r\n\r\n"};
  for (const std::string& raw : broken) {
    const TinyServer server([&](const Seen&) { return raw_reply(raw); });
    const CliResult result = cli_for(server).run({"source", "list"});
    CAPTURE(raw.substr(0, 40), result.err);
    CHECK(result.exit_code == 1);
    CHECK(result.err.contains("cli.unreachable"));
    CHECK(result.out.empty());
  }
}

TEST_CASE("interim answers are skipped and chunks are joined") {
  const TinyServer server([](const Seen&) {
    return raw_reply(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"
        "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"it\r\n16\r\n"
        "ems\":[],\"next\":null }\n\r\n0\r\n\r\n");
  });
  const CliResult result = cli_for(server).run({"source", "list"});
  CHECK(result.exit_code == 0);
  CHECK(result.err == "no sources\n");
}

}  // namespace
}  // namespace evidenced
