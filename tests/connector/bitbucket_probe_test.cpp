// Goal: a verdict on any credential within the requests that are allowed. Method: the probe asked
// through a script of answers in the forms that were observed.
#include "connector/bitbucket/probe.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <map>

using namespace evidenced;
using namespace evidenced::connector;
using namespace evidenced::connector::bitbucket;
using evidenced::connector::bitbucket::testing::fixture;

namespace {

const std::string all_read_scopes =
    "read:user:bitbucket, read:workspace:bitbucket, read:project:bitbucket, "
    "read:repository:bitbucket, read:pullrequest:bitbucket, read:pipeline:bitbucket, "
    "read:runner:bitbucket, read:webhook:bitbucket, read:permission:bitbucket";
const std::string one_workspace =
    R"({"values":[{"administrator":true,"workspace":{"uuid":"{w1}","slug":"harbour-lane"}}]})";
const std::string two_workspaces =
    R"({"values":[{"permission":"member","workspace":{"uuid":"{w2}","slug":"north-pier","name":"N"}},
                  {"administrator":true,"workspace":{"uuid":"{w1}","slug":"harbour-lane"}}]})";
const std::string one_repository_page = R"({"values":[{"uuid":"{r}"}],"size":9})";
const std::string empty_list = R"({"pagelen": 10, "values": [], "page": 1, "size": 0})";
const std::string lacks_scope =
    R"({"type":"error","error":{"message":"Your credentials lack one or more required privilege scopes.",
        "detail":{"required":["read:x:bitbucket"],"granted":["read:pullrequest:bitbucket"]}}})";
const std::string forbidden =
    R"({"type":"error","error":{"message":"You do not have access to this workspace."}})";

/// Bitbucket, as far as a probe sees it: an answer for each target, 404 for all others.
class Script {
 public:
  Script& answers(std::string target, int status, std::string body, std::string scopes = {}) {
    HttpResponse response;
    response.status = status;
    response.headers.emplace_back("content-type", "application/json; charset=utf-8");
    if (!scopes.empty()) response.headers.emplace_back("x-oauth-scopes", std::move(scopes));
    response.body = std::move(body);
    answers_[std::move(target)] = std::move(response);
    return *this;
  }

  /// An account with every read scope that sees `workspaces`.
  static Script of(const std::string& workspaces) {
    Script script;
    script.answers("/2.0/user", 200, fixture("user.json"), all_read_scopes);
    script.answers("/2.0/user/workspaces?pagelen=100", 200, workspaces);
    return script;
  }

  Result<ProbeReport> run(storage::WorkspaceSelection selection = {}) {
    asked.clear();
    boost::asio::io_context io;
    std::optional<Result<ProbeReport>> result;
    const Ask ask = [this](std::string target) { return answer(*this, std::move(target)); };
    boost::asio::co_spawn(io, probe(ask, std::move(selection)),
                          [&](const std::exception_ptr& failure, Result<ProbeReport> report) {
                            if (failure) std::rethrow_exception(failure);
                            result = std::move(report);
                          });
    io.run();
    return std::move(*result);
  }

  std::vector<std::string> asked;
  std::optional<Error> broken;  ///< instead of any answer

 private:
  static Task<Result<HttpResponse>> answer(Script& script, std::string target) {
    script.asked.push_back(target);
    if (script.broken) co_return std::unexpected(*script.broken);
    const auto found = script.answers_.find(target);
    if (found != script.answers_.end()) co_return found->second;
    HttpResponse missing;
    missing.status = 404;
    co_return missing;
  }

  std::map<std::string, HttpResponse> answers_;
};

storage::WorkspaceSelection named(std::vector<std::string> slugs) {
  return {false, std::move(slugs)};
}

ProbeReport report_of(Script script, storage::WorkspaceSelection selection = {}) {
  auto report = script.run(std::move(selection));
  if (!report) FAIL(report.error().code.text());
  return *report;
}

/// "account passed, scopes warning credential.scope_missing, …"
std::string checks_of(const ProbeReport& report) {
  std::string text;
  for (const ProbeCheck& check : report.checks) {
    if (!text.empty()) text += ", ";
    text += check.id + " " + check.status;
    if (!check.code.empty()) text += " " + check.code;
  }
  return text;
}

}  // namespace

TEST_CASE("a good credential is proven with three requests") {
  Script script = Script::of(one_workspace);
  script.answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 200, one_repository_page);
  const auto report = script.run();
  REQUIRE(report);
  CHECK(report->valid);
  CHECK_FALSE(report->error);
  CHECK(report->account_uuid == "{5a1d0c1e-7f43-4b0e-9a52-0c6f1c2d9e01}");
  CHECK(report->account_name == "Evidence Collector");
  REQUIRE(report->workspaces.size() == 1);
  CHECK(report->workspaces[0].administrator);
  CHECK(report->scopes_known);
  CHECK(report->scopes_missing.empty());
  CHECK(report->scopes_excess.empty());
  CHECK(checks_of(*report) == "account passed, scopes passed, workspaces passed, reach passed");
  CHECK(script.asked.size() == 3);
}

TEST_CASE("401 rejects the token and says what it may mean, likeliest first") {
  const ProbeReport report = report_of(Script().answers(
      "/2.0/user", 401,
      R"({"type":"error","error":{"message":"Token is invalid, expired, or not supported for this endpoint."}})"));
  CHECK_FALSE(report.valid);
  REQUIRE(report.error);
  CHECK(report.error->code.text() == "credential.token_rejected");
  REQUIRE(report.error->causes.size() == 4);
  CHECK(report.error->causes[0].likelihood == "likely");
  CHECK(report.error->causes[2].likelihood == "possible");
  CHECK(report.error->causes[3].likelihood == "unlikely");
  CHECK(checks_of(report) ==
        "account failed credential.token_rejected, scopes skipped, workspaces skipped, "
        "reach skipped");
  CHECK(report_of(Script().answers("/2.0/user", 401, "")).error->code.text() ==
        "credential.token_rejected");
}

TEST_CASE("a 403 of the account is no invalid credential") {
  Script script = Script::of(one_workspace);
  script.answers("/2.0/user", 403, lacks_scope);
  script.answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 200, one_repository_page);
  const ProbeReport report = report_of(script);
  CHECK(report.valid);
  CHECK(report.account_uuid.empty());
  CHECK(report.scopes_granted == std::vector<std::string>{"read:pullrequest:bitbucket"});
  CHECK(checks_of(report) ==
        "account warning credential.scope_missing, scopes warning credential.scope_missing, "
        "workspaces passed, reach passed");
}

TEST_CASE("without the scope for workspaces or repositories the answer is the scope") {
  SECTION("workspaces") {
    const ProbeReport report = report_of(
        Script::of(empty_list).answers("/2.0/user/workspaces?pagelen=100", 403, lacks_scope));
    CHECK(report.error->code.text() == "credential.scope_missing");
    CHECK(report.error->scopes_required == std::vector<std::string>{"read:x:bitbucket"});
  }
  SECTION("repositories, by the refusal") {
    const ProbeReport report =
        report_of(Script::of(one_workspace)
                      .answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 403, lacks_scope));
    CHECK(report.error->code.text() == "credential.scope_missing");
    CHECK(checks_of(report) ==
          "account passed, scopes failed credential.scope_missing, workspaces passed, "
          "reach failed credential.scope_missing");
  }
  SECTION("repositories, by an empty list") {
    Script script = Script::of(one_workspace);
    script.answers("/2.0/user", 200, fixture("user.json"), "read:user:bitbucket");
    script.answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 200, empty_list);
    const ProbeReport report = report_of(script);
    CHECK(report.error->code.text() == "credential.scope_missing");
    CHECK(report.error->scopes_required == std::vector<std::string>{"read:repository:bitbucket"});
  }
}

TEST_CASE("200 with empty lists is no proof of reach") {
  const ProbeReport none = report_of(Script::of(empty_list));
  CHECK(none.error->code.text() == "credential.reach_empty");
  CHECK(checks_of(none) ==
        "account passed, scopes passed, workspaces failed credential.reach_empty, reach skipped");
  const ProbeReport empty = report_of(
      Script::of(one_workspace).answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 200, empty_list));
  CHECK_FALSE(empty.valid);
  CHECK(empty.error->code.text() == "credential.reach_empty");
}

TEST_CASE("workspaces are asked until one shows a repository, administrated ones first") {
  Script script = Script::of(two_workspaces);
  script.answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 403, forbidden);
  script.answers("/2.0/repositories/%7Bw2%7D?pagelen=1", 200, one_repository_page);
  CHECK(script.run()->valid);
  CHECK(script.asked == std::vector<std::string>{"/2.0/user", "/2.0/user/workspaces?pagelen=100",
                                                 "/2.0/repositories/%7Bw1%7D?pagelen=1",
                                                 "/2.0/repositories/%7Bw2%7D?pagelen=1"});
  script.answers("/2.0/repositories/%7Bw2%7D?pagelen=1", 410, "{}");
  CHECK(script.run()->error->code.text() == "credential.reach_empty");
}

TEST_CASE("never more than five requests, and one for each named workspace") {
  std::string list = R"({"values":[)";
  for (int i = 0; i < 9; ++i) {
    list += (i == 0 ? "" : ",") + std::string(R"({"workspace":{"slug":"w)") + std::to_string(i) +
            R"("}})";
  }
  Script script = Script::of(list + "]}");
  for (int i = 0; i < 9; ++i) {
    script.answers("/2.0/repositories/w" + std::to_string(i) + "?pagelen=1", 200, empty_list);
  }
  const auto all = script.run();
  CHECK(all->error->code.text() == "credential.reach_empty");
  CHECK(all->error->detail.find("3 of 9") != std::string::npos);
  CHECK(script.asked.size() == 5);
  script.answers("/2.0/repositories/w7?pagelen=1", 200, one_repository_page);
  CHECK(script.run(named({"w1", "w2", "w3", "w4", "w5", "w6", "w7"}))->valid);
  CHECK(script.asked.size() == 9);
}

TEST_CASE("named workspaces that are not visible are named, each of them") {
  Script script = Script::of(two_workspaces);
  const auto report = script.run(named({"harbour-lane", "south-pier", "East"}));
  REQUIRE(report->error);
  CHECK(report->error->code.text() == "workspace.not_visible");
  REQUIRE(report->error->fields.size() == 2);
  CHECK(report->error->fields[0].pointer == "/workspaces/1");
  CHECK(report->error->fields[1].pointer == "/workspaces/2");
  CHECK(report->error->detail.find("East") != std::string::npos);
  CHECK(checks_of(*report) ==
        "account passed, scopes passed, workspaces failed workspace.not_visible, "
        "workspaces failed workspace.not_visible, reach skipped");
  CHECK(script.asked.size() == 2);
}

TEST_CASE("a workspace may be named in other letters, or by its uuid") {
  Script script = Script::of(two_workspaces);
  script.answers("/2.0/repositories/%7Bw2%7D?pagelen=1", 200, one_repository_page);
  CHECK(script.run(named({"North-Pier"}))->valid);
  CHECK(script.run(named({"{W2}"}))->valid);
}

TEST_CASE("the list of workspaces is paged, by our own path alone") {
  Script script =
      Script::of(R"({"values":[],"next":"https://evil.example.com/elsewhere?pagelen=100&page=2"})");
  script.answers("/2.0/user/workspaces?pagelen=100&page=2", 200, one_workspace);
  script.answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 200, one_repository_page);
  CHECK(script.run()->valid);
  CHECK(script.asked[2] == "/2.0/user/workspaces?pagelen=100&page=2");
}

TEST_CASE("named workspaces that a long list did not show are asked for") {
  const std::string page =
      R"({"values":[{"workspace":{"slug":"a"}}],"next":"https://x/2.0/user/workspaces?page=2"})";
  Script script = Script::of(page);
  script.answers("/2.0/user/workspaces?page=2", 200, page);
  script.answers("/2.0/workspaces/far", 200, R"({"uuid":"{f}","slug":"far","name":"Far"})");
  script.answers("/2.0/repositories/%7Bf%7D?pagelen=1", 200, one_repository_page);
  CHECK(script.run(named({"far"}))->valid);
  CHECK(script.asked.size() == 5);
  CHECK(script.run(named({"far", "gone", ".."}))->error->fields.size() == 2);
}

TEST_CASE("scopes that write are warned of, the control profile is only noted") {
  Script script = Script::of(one_workspace);
  script.answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 200, one_repository_page);
  script.answers("/2.0/user", 200, fixture("user.json"),
                 all_read_scopes + ", admin:repository:bitbucket");
  const ProbeReport control = report_of(script);
  CHECK(control.valid);
  CHECK(checks_of(control) == "account passed, scopes passed, workspaces passed, reach passed");
  CHECK(control.scopes_excess == std::vector<std::string>{"admin:repository:bitbucket"});
  CHECK(control.checks[1].detail.find("admin:repository:bitbucket") != std::string::npos);

  script.answers(
      "/2.0/user", 200, fixture("user.json"),
      "read:repository:bitbucket, write:repository:bitbucket, admin:workspace:bitbucket");
  const ProbeReport writing = report_of(script);
  CHECK(writing.valid);
  CHECK(checks_of(writing) ==
        "account passed, scopes warning credential.scope_missing, scopes warning "
        "credential.overprivileged, workspaces passed, reach passed");
  CHECK(writing.scopes_missing.size() == 8);
}

TEST_CASE("scopes that nothing told, or in classic words, are no error") {
  for (const std::string& scopes : {std::string(), std::string("account, repository:write")}) {
    Script script = Script::of(one_workspace);
    script.answers("/2.0/user", 200, fixture("user.json"), scopes);
    script.answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 200, one_repository_page);
    const ProbeReport report = report_of(script);
    CHECK(report.valid);
    CHECK_FALSE(report.scopes_known);
    CHECK(report.scopes_missing.empty());
    CHECK(report.checks[1].status == "skipped");
  }
}

TEST_CASE("when Bitbucket cannot answer, that is an error and no verdict") {
  struct Row {
    int status;
    std::string body;
    std::string_view code;
  };
  for (const Row& row :
       {Row{503, "", "upstream.unavailable"}, Row{429, "", "upstream.rate_limited"},
        Row{302, "", "upstream.redirect"}, Row{200, "{", "upstream.invalid_json"},
        Row{200, "{}", "upstream.invalid_json"}}) {
    Script script = Script::of(one_workspace);
    script.answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 200, one_repository_page);
    for (const std::string target : {"/2.0/user", "/2.0/user/workspaces?pagelen=100",
                                     "/2.0/repositories/%7Bw1%7D?pagelen=1"}) {
      Script broken = script;
      broken.answers(target, row.status, row.body);
      const auto report = broken.run();
      REQUIRE_FALSE(report);
      CHECK(report.error().code.text() == row.code);
    }
  }
  Script unreachable;
  unreachable.broken.emplace().code = "upstream.tls_untrusted";
  CHECK(unreachable.run().error().code.text() == "upstream.tls_untrusted");
}

TEST_CASE("a 401 later on rejects the token, too") {
  Script script = Script::of(one_workspace);
  script.answers("/2.0/repositories/%7Bw1%7D?pagelen=1", 401, "");
  CHECK(script.run()->error->code.text() == "credential.token_rejected");
  script.answers("/2.0/user/workspaces?pagelen=100", 401, "");
  CHECK(script.run()->error->code.text() == "credential.token_rejected");
}

TEST_CASE("granted scopes are read from the header and from a refusal") {
  HttpResponse response;
  response.status = 200;
  CHECK_FALSE(granted_scopes(response));
  response.headers.emplace_back("x-oauth-scopes", " read:a:bitbucket,, account ,");
  CHECK(granted_scopes(response) == std::vector<std::string>{"read:a:bitbucket", "account"});
  response.status = 403;
  response.body = lacks_scope;
  CHECK(granted_scopes(response) == std::vector<std::string>{"read:pullrequest:bitbucket"});
}
