// The odd things that real bodies hold are in a world of any size, and faults do what they say.
#include "tests/catch.hpp"
#include "tests/simulator/scenario.hpp"
#include "tests/simulator_tests/bench.hpp"

#include <boost/json/serialize.hpp>

#include <stdexcept>

using namespace evidenced;
using namespace evidenced::simulator;

namespace {

WorldOptions reference_world() {
  WorldOptions options;
  options.people = 60;
  options.repositories = 40;
  options.pull_requests = 3000;
  return options;
}

std::string everything(Bench& bench) {
  std::string all;
  for (const ExpectedObject& object : bench.simulator.expected(bench.token))
    all += json::serialize(object.json) + "\n";
  return all;
}

Fault fault(FaultKind kind, std::string path) {
  Fault made;
  made.kind = kind;
  made.path = std::move(path);
  return made;
}

}  // namespace

TEST_CASE("a world holds the oddities of real bodies") {
  Bench bench(reference_world());
  const std::string all = everything(bench);
  for (const char* oddity : {R"("author":null)",
                             R"("closed_by":null)",
                             R"("merge_commit":null)",
                             R"("mainbranch":null)",
                             R"("commit":null,"repository":null)",
                             R"("type":"app_user")",
                             R"("type":"team")",
                             R"("account_id":"557058:)",
                             R"("account_id":"712020:)",
                             R"("website":null)",
                             R"("enforced_signed_commits":null)",
                             R"("enforced_signed_commits":true)",
                             R"("participated_on":null)",
                             R"("state":"changes_requested")",
                             R"("draft":true)",
                             R"("description":null)",
                             R"("branch_match_kind":"branching_model")",
                             R"("value":null)",
                             "\\r\\n",
                             "🚀",
                             "支払い",
                             "更新",
                             "Добавить",
                             "\\u001b",
                             "=HYPERLINK",
                             "<script>",
                             R"("groups":[{"type":"group")",
                             "+02:00\"",
                             "000Z\"",
                             "odd/$HOME;>x<&"}) {
    CAPTURE(oddity);
    CHECK(all.find(oddity) != std::string::npos);
  }
  bool without_nickname = false;
  for (const json::value& row :
       bench.walk("/2.0/workspaces/" + bench.workspace().slug + "/members?pagelen=100")) {
    if (!row.at("user").as_object().contains("nickname")) without_nickname = true;
  }
  CHECK(without_nickname);
  const auto members =
      bench.walk("/2.0/workspaces/" + bench.workspace().slug + "/permissions?pagelen=100");
  const std::string added(members.front().at("added_on").as_string());
  CHECK(added.find_first_of("+Z") == std::string::npos);
  std::set<std::string> kinds;
  for (auto& repository : bench.workspace().repositories) {
    for (const Restriction& rule : repository->restrictions) kinds.insert(rule.kind);
  }
  CHECK(kinds.size() == restriction_kinds().size());
}

TEST_CASE("a slug may have capitals, and is found in any case") {
  WorldOptions options;
  options.workspaces = 2;
  Bench bench(options);
  CHECK(bench.body("/2.0/workspaces/BlueHarbour").at("slug") == "BlueHarbour");
  CHECK(bench.get("/2.0/workspaces/blueharbour").status == 200);
}

TEST_CASE("a timestamp is spelled in many ways and means the same") {
  const Micros moment = *read_stamp("2026-03-04T05:06:07.123456Z");
  CHECK(stamp(moment) == "2026-03-04T05:06:07.123456+00:00");
  CHECK(stamp(moment, Spelling::offset) == "2026-03-04T07:06:07.123456+02:00");
  CHECK(stamp(moment, Spelling::nine) == "2026-03-04T05:06:07.123456000Z");
  CHECK(stamp(moment, Spelling::bare) == "2026-03-04T05:06:07.123456");
  CHECK(stamp(moment - 123456) == "2026-03-04T05:06:07+00:00");
  CHECK(stamp(moment - 456, Spelling::zulu) == "2026-03-04T05:06:07.123Z");
  for (const Spelling how :
       {Spelling::six, Spelling::zulu, Spelling::nine, Spelling::bare, Spelling::offset})
    CHECK(read_stamp(stamp(moment, how)) == moment);
  CHECK_FALSE(read_stamp("2026-02-30T00:00:00Z"));
  CHECK_FALSE(read_stamp("2026-02-03T00:00:00 00:00"));
  CHECK(http_date(to_micros(WorldOptions{}.now)) == "Tue, 24 Nov 2026 06:00:00 GMT");
}

TEST_CASE("the limit rolls over one hour, per user and group, and answers 429 in plain text") {
  Bench bench;
  bench.simulator.switches.limit_repositories = 3;
  const std::string list = "/2.0/repositories/" + bench.workspace().slug;
  for (int i = 0; i < 3; ++i) CHECK(bench.get(list).status == 200);
  const SimResponse refused = bench.get(list);
  CHECK(refused.status == 429);
  CHECK(refused.body == "Rate limit for this resource has been exceeded");
  CHECK(refused.body.size() == 46);
  CHECK(refused.header("content-type") == "text/plain");
  CHECK(refused.header("retry-after").empty());
  CHECK(bench.get("/2.0/user").status == 200);                                      // another group
  CHECK(bench.get(list, bench.simulator.add_token().authorization).status == 429);  // same user
  TokenOptions other;
  other.person = 1;
  CHECK(bench.get(list, bench.simulator.add_token(other).authorization).status == 200);
  bench.simulator.switches.retry_after = Switches::RetryAfter::seconds;
  CHECK(bench.get(list).header("retry-after") == "90");
  bench.simulator.switches.retry_after = Switches::RetryAfter::date;
  CHECK(bench.get(list).header("retry-after") == "Tue, 24 Nov 2026 06:01:30 GMT");
  bench.clock.elapsed = std::chrono::minutes(60);
  CHECK(bench.get(list).status == 200);
}

TEST_CASE("secrets stand in bodies where real ones have them") {
  Bench bench;
  const std::string path = bench.path();
  CHECK(bench.get(path + "/pipelines_config/variables").body.find(canary_secret) !=
        std::string::npos);
  CHECK(bench.get(path + "/hooks").body.find(canary_secret) != std::string::npos);
  CHECK(bench.simulator.log().back().group == "webhooks");
}

TEST_CASE("a fault meets the n-th request that matches it, and no other") {
  Bench bench;
  Fault second = fault(FaultKind::status, "/2.0/user");
  second.first = 2;
  second.status = 503;
  second.text = "<html>busy</html>";
  bench.simulator.add_fault(second);
  CHECK(bench.get("/2.0/user").status == 200);
  CHECK(bench.get("/2.0/workspaces/" + bench.workspace().slug).status == 200);
  const SimResponse busy = bench.get("/2.0/user");
  CHECK(busy.status == 503);
  CHECK(busy.header("content-type") == "text/html; charset=utf-8");
  CHECK(bench.get("/2.0/user").status == 200);
}

TEST_CASE("faults replace answers") {
  Bench bench;
  const std::string list = "/2.0/repositories/" + bench.workspace().slug;
  const auto once = [&](FaultKind kind) {
    bench.simulator.clear_faults();
    bench.simulator.add_fault(fault(kind, list));
    return bench.get(list);
  };
  CHECK(once(FaultKind::unauthorized).status == 401);
  CHECK(once(FaultKind::forbidden).status == 403);
  CHECK(json::parse(once(FaultKind::empty_list).body).at("size") == 0);
  CHECK(once(FaultKind::not_json).body == R"({"values": [)");
  const json::value strings = json::parse(once(FaultKind::string_values).body);
  CHECK(strings.at("values").at(0).is_string());
  const json::value typeless = json::parse(once(FaultKind::no_type).body);
  CHECK_FALSE(typeless.at("values").at(0).as_object().contains("type"));
  CHECK(once(FaultKind::oversize).body.size() > (40U << 20U));
}

TEST_CASE("faults bend next into loops and foreign places") {
  Bench bench;
  const std::string list = "/2.0/repositories/" + bench.workspace().slug + "?pagelen=5";
  const auto next_of = [&](FaultKind kind, const std::string& target, std::string text = "") {
    bench.simulator.clear_faults();
    Fault made = fault(kind, list.substr(0, list.find('?')));
    made.text = std::move(text);
    bench.simulator.add_fault(made);
    const json::value page = bench.body(target);
    const json::value* next = page.as_object().if_contains("next");
    return next == nullptr ? std::string() : std::string(next->as_string());
  };
  const std::string origin = "https://api.bitbucket.org";
  CHECK(next_of(FaultKind::self_loop, list + "&page=1") == origin + list + "&page=1");
  CHECK(next_of(FaultKind::two_cycle, list + "&page=2") == origin + list + "&page=1");
  CHECK(next_of(FaultKind::two_cycle, list) == origin + list + "&page=2");
  CHECK(next_of(FaultKind::ever_new_cursor, list) == origin + list + "&page=1&cursor=1");
  CHECK(next_of(FaultKind::no_next, list).empty());
  for (const std::string& link : hostile_links(origin))
    CHECK(next_of(FaultKind::foreign_next, list, link) == link);
  CHECK(hostile_links(origin).size() > 15);
}

TEST_CASE("an action changes the world between two pages") {
  Bench bench;
  Fault made = fault(FaultKind::action, "/2.0/user");
  made.action = [&] { bench.simulator.world().rename_person(0, "Somebody Else"); };
  made.first = 2;
  bench.simulator.add_fault(made);
  CHECK(bench.body("/2.0/user").at("display_name") != "Somebody Else");
  CHECK(bench.body("/2.0/user").at("display_name") == "Somebody Else");
}

TEST_CASE("errors may lack their type, be text or be a page of HTML") {
  Bench bench;
  Switches& switches = bench.simulator.switches;
  switches.error_without_type = true;
  CHECK_FALSE(json::parse(bench.get("/2.0/nowhere").body).as_object().contains("type"));
  switches.text_404 = true;
  CHECK(bench.get("/2.0/nowhere").header("content-type") == "text/plain");
  switches.text_404 = false;
  switches.html_404 = true;
  CHECK(bench.get("/2.0/nowhere").body.starts_with("<!DOCTYPE html>"));
  switches.spam.insert(bench.workspace().slug);
  CHECK(bench.get("/2.0/repositories/" + bench.workspace().slug).status == 410);
  CHECK(bench.get("/2.0/workspaces/" + bench.workspace().slug).status == 200);
}

TEST_CASE("by switch a slash too much is a redirect") {
  Bench bench;
  const std::string list = "/2.0/repositories/" + bench.workspace().slug;
  CHECK(bench.get(list + "/").status == 200);
  bench.simulator.switches.redirect_slash = true;
  const SimResponse moved = bench.get(list + "/");
  CHECK(moved.status == 302);
  CHECK(moved.header("location") == list);
  CHECK(bench.get(bench.path() + "/pipelines/").status == 200);
}

TEST_CASE("the clock of the Date header can be wrong") {
  Bench bench;
  bench.simulator.switches.clock_skew_seconds = 3600;
  CHECK(bench.get("/2.0/user").header("date") == "Tue, 24 Nov 2026 07:00:00 GMT");
}

TEST_CASE("only GET and HEAD are served") {
  Bench bench;
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    SimRequest request;
    request.method = method;
    request.target = "/2.0/user";
    request.headers = {{"authorization", bench.token.authorization}};
    CHECK(bench.simulator.answer(request).status == 405);
  }
  SimRequest head;
  head.method = "HEAD";
  head.target = "/2.0/user";
  head.headers = {{"authorization", bench.token.authorization}};
  CHECK(bench.simulator.answer(head).status == 200);
  CHECK(bench.simulator.answer(head).body.empty());
}

TEST_CASE("scenarios in JSON set switches, faults and tokens, and name what they do not know") {
  Bench bench;
  apply_scenario(bench.simulator, json::parse(R"({
    "switches": {"empty_401": true, "retry_after": "date", "deactivated": ["acme-works"],
                 "limit_other": 5, "approvals_move_updated_on": false, "max_page_length": 20},
    "faults": [{"kind": "status", "path": "/2.0/user", "status": 502, "text": "x", "first": 1},
               {"kind": "action", "contains": "page=2", "mutate": 3, "delay_ms": 5, "size": 9}],
    "tokens": [{"email": "Two@Example.com", "token": "t", "role": "none", "roles": {"x": "admin"},
                "scopes": ["read:user:bitbucket"], "expires": "2027-01-01T00:00:00Z",
                "hidden": ["{x}"], "forbidden": [], "dies_after": 9, "person": 1}]})")
                                      .as_object());
  CHECK(bench.simulator.switches.empty_401);
  CHECK_FALSE(bench.simulator.world().approvals_move_updated_on);
  CHECK(bench.simulator.switches.max_page_length == 20);
  CHECK(bench.get("/2.0/user").status == 502);
  CHECK(bench.get("/2.0/user", "Basic " + std::string("dHdvQGV4YW1wbGUuY29tOnQ=")).status == 200);
  const auto refuses = [&](const char* script) {
    try {
      apply_scenario(bench.simulator, json::parse(script).as_object());
    } catch (const std::invalid_argument& problem) {
      return std::string(problem.what());
    }
    return std::string();
  };
  CHECK(refuses(R"({"switches": {"nonsense": true}})") == "unknown switch: nonsense");
  CHECK(refuses(R"({"faults": [{"kind": "nonsense"}]})") == "unknown kind of fault: nonsense");
  CHECK(refuses(R"({"tokens": [{"role": "king"}]})") == "unknown role: king");
  CHECK(refuses(R"({"nonsense": 1})") == "unknown member of a scenario: nonsense");
  for (int i = 0; i <= static_cast<int>(FaultKind::action); ++i)
    CHECK_FALSE(fault_name(static_cast<FaultKind>(i)).empty());
}
