// Lists: lengths, caps, links, filters, order, partial answers, and how they shift under a reader.
#include "tests/catch.hpp"
#include "tests/simulator/query.hpp"
#include "tests/simulator_tests/bench.hpp"

#include <algorithm>

using namespace evidenced;
using namespace evidenced::simulator;

namespace {

WorldOptions many_pull_requests() {
  WorldOptions options;
  options.repositories = 3;
  options.pull_requests = 300;
  return options;
}

bool holds(std::string_view q, const json::value& body) {
  const auto query = Query::parse(q);
  REQUIRE(query);
  return query->matches(body);
}

std::string all_states(Bench& bench) {
  return bench.path() + "/pullrequests?state=ALL";
}

}  // namespace

TEST_CASE("pages have 10 rows unless asked, 100 at most, 50 for pull requests and activity") {
  Bench bench(many_pull_requests());
  const json::value page = bench.body(all_states(bench));
  CHECK(page.at("pagelen") == 10);
  CHECK(page.at("values").as_array().size() == 10);
  CHECK(page.at("size").as_int64() ==
        static_cast<std::int64_t>(bench.busiest().pull_requests.size()));
  CHECK(bench.get(all_states(bench) + "&pagelen=50").status == 200);
  const SimResponse refused = bench.get(all_states(bench) + "&pagelen=51");
  CHECK(refused.status == 400);
  CHECK(message_of(refused) == "Invalid pagelen");
  CHECK(bench.get(bench.path() + "/pullrequests/activity?pagelen=51").status == 400);
  CHECK(bench.get(bench.path() + "/branch-restrictions?pagelen=100").status == 200);
  CHECK(bench.get(bench.path() + "/branch-restrictions?pagelen=101").status == 400);
  CHECK(bench.get(bench.path() + "/branch-restrictions?pagelen=0").status == 400);
  CHECK(bench.body("/2.0/user/workspaces").at("pagelen") == 25);
  bench.simulator.switches.max_page_length = 20;
  CHECK(bench.get(all_states(bench) + "&pagelen=50").status == 400);
}

TEST_CASE("next is absolute, on the host that was called, and missing on the last page") {
  Bench bench(many_pull_requests());
  SimRequest request;
  request.target = all_states(bench) + "&pagelen=50";
  request.headers = {{"host", "localhost:4711"}, {"authorization", bench.token.authorization}};
  const json::value page = json::parse(bench.simulator.answer(request).body);
  const std::string next(page.at("next").as_string());
  CHECK(next == "https://localhost:4711" + request.target + "&page=2");
  CHECK(bench.walk(request.target).size() == bench.busiest().pull_requests.size());
  CHECK_FALSE(
      bench.body(bench.path() + "/pullrequests?state=ALL&page=500").as_object().contains("next"));
  bench.simulator.switches.empty_next = true;
  CHECK(bench.body(bench.path() + "/pullrequests?state=ALL&page=500").at("next") == "");
}

TEST_CASE("by switch next is opaque, misspelt, and size goes unsaid") {
  Bench bench(many_pull_requests());
  Switches& switches = bench.simulator.switches;
  switches.opaque_next = true;
  const std::string next(bench.body(all_states(bench)).at("next").as_string());
  CHECK(next.find("page=8x") != std::string::npos);
  CHECK(bench.walk(all_states(bench)).size() == bench.busiest().pull_requests.size());
  switches.opaque_next = false;
  switches.next_ampersand = true;
  const std::string bent(bench.body(all_states(bench)).at("next").as_string());
  CHECK(bent.find('?') == std::string::npos);
  switches.omit_size = true;
  CHECK_FALSE(bench.body(all_states(bench)).as_object().contains("size"));
  CHECK_FALSE(bench.body(all_states(bench)).as_object().contains("page"));
  CHECK(bench.get(all_states(bench) + "&page=nonsense").status == 400);
}

TEST_CASE("commits lead on with ctx, commits of a pull request with tokens, both without size") {
  Bench bench(many_pull_requests());
  const json::value commits = bench.body(bench.path() + "/commits?q=hash%3D%22x%22");
  CHECK(std::string(commits.at("next").as_string()).find("ctx=") != std::string::npos);
  CHECK_FALSE(commits.as_object().contains("size"));
  std::set<std::string> hashes;
  const auto walked = bench.walk(bench.path() + "/commits");
  for (const auto& row : walked)
    CHECK(hashes.insert(std::string(row.at("hash").as_string())).second);
  for (const PullRequest& pr : bench.busiest().pull_requests) {
    if (pr.state == "MERGED" && pr.destination_branch == bench.busiest().main_branch)
      CHECK(hashes.contains(pr.merge_hash));
  }
  std::size_t strangers = 0;
  for (const auto& row : walked) strangers += !row.at("author").as_object().contains("user");
  CHECK(strangers > 0);
  World& world = bench.simulator.world();
  PullRequest& pr = bench.busiest().pull_requests.front();
  for (int i = 0; i < 12; ++i) world.push(bench.busiest(), pr, pr.author, bench.clock.now());
  const json::value own = bench.body(bench.path() + "/pullrequests/1/commits");
  CHECK(std::string(own.at("next").as_string()).find("page=8x") != std::string::npos);
  CHECK(bench.walk(bench.path() + "/pullrequests/1/commits").size() > 12);
}

TEST_CASE("the five removed lists and empty workspaces answer 410, or 200 in the legacy mode") {
  Bench bench;
  for (const char* target :
       {"/2.0/workspaces", "/2.0/workspaces/", "/2.0/repositories", "/2.0/repositories/",
        "/2.0/repositories//x", "/2.0/user/permissions/workspaces",
        "/2.0/user/permissions/repositories", "/2.0/snippets"}) {
    CAPTURE(target);
    const SimResponse gone = bench.get(target);
    CHECK(gone.status == 410);
    CHECK(message_of(gone) == "CHANGE-2770 - Functionality has been deprecated");
    CHECK(json::parse(gone.body).at("data").as_object().contains("announcement_url"));
  }
  CHECK(bench.get("/1.0/users/x").status == 410);
  bench.simulator.switches.legacy_endpoints = true;
  CHECK(bench.get("/2.0/workspaces").status == 200);
  const json::value page = bench.body("/2.0/repositories?pagelen=3");
  CHECK(std::string(page.at("next").as_string()).find("after=20") != std::string::npos);
  CHECK(bench.walk("/2.0/repositories?pagelen=3").size() == 10);
}

TEST_CASE("lists of pull requests hide participants, reviewers and the date of the merge") {
  Bench bench(many_pull_requests());
  const auto has = [](const json::value& row, const char* name) {
    return row.as_object().contains(name);
  };
  const json::value plain = bench.walk(all_states(bench)).front();
  CHECK_FALSE(has(plain, "participants"));
  CHECK_FALSE(has(plain, "reviewers"));
  const json::value asked =
      bench.walk(all_states(bench) + "&fields=%2Bvalues.participants,%2Bvalues.reviewers").front();
  CHECK(has(asked, "participants"));
  CHECK(has(asked, "reviewers"));
  CHECK(has(asked, "title"));
  const json::value item = bench.body(bench.path() + "/pullrequests/1");
  CHECK(has(item, "participants"));
  for (const json::value& row :
       bench.walk(all_states(bench) + "&fields=%2Bvalues.merge_commit.date")) {
    if (row.at("merge_commit").is_null()) continue;
    CHECK(has(row.at("merge_commit"), "date"));
    CHECK_FALSE(has(row.at("merge_commit"), "author"));
    CHECK(row.at("merge_commit").at("hash").as_string().size() == 12);
    CHECK(row.at("destination").at("commit").at("hash").as_string().size() == 12);
  }
}

TEST_CASE("fields removes, adds, and with one bare name shows that alone") {
  Bench bench(many_pull_requests());
  const std::string list = all_states(bench) + "&fields=";
  CHECK_FALSE(bench.body(list + "-values.links").at("values").at(0).as_object().contains("links"));
  const json::value only = bench.body(list + "values.id,values.author.uuid");
  CHECK(only.as_object().size() == 1);  // no next, no size: they were not named
  CHECK(only.at("values").at(0).as_object().size() == 2);
  CHECK(bench.body(list + "next,size,values.id").as_object().size() == 3);
  CHECK(json::parse(bench.get(list + "size&pagelen=1").body) ==
        json::value{{"size", bench.busiest().pull_requests.size()}});
  // A bare + is a space in a query: it is the name that remains.
  CHECK(bench.body(list + "+values.participants").as_object().size() == 1);
  CHECK(bench.body(list + "values.*").at("values").at(0).as_object().contains("participants"));
  const json::value user = bench.body("/2.0/user?fields=-links,-nickname");
  CHECK_FALSE(user.as_object().contains("links"));
  CHECK(user.as_object().contains("uuid"));
  CHECK(bench.body("/2.0/user?fields=uuid").as_object().size() == 1);
  const std::string members = "/2.0/workspaces/" + bench.workspace().slug + "/members";
  const json::value with =
      bench.walk(members + "?fields=%2Bvalues.user.has_2fa_enabled").front().at("user");
  CHECK(with.as_object().contains("has_2fa_enabled"));
  CHECK_FALSE(bench.walk(members).front().at("user").as_object().contains("has_2fa_enabled"));
}

TEST_CASE("q compares strings, numbers, moments, null, and joins with AND and OR") {
  const json::value body{{"id", 7},
                         {"state", "OPEN"},
                         {"title", "Fix the \"lock\""},
                         {"draft", false},
                         {"closed_by", nullptr},
                         {"updated_on", "2026-05-01T12:00:00.500000+00:00"},
                         {"author", {{"uuid", "{a}"}}},
                         {"reviewers", json::array{{{"uuid", "{b}"}}, {{"uuid", "{c}"}}}}};
  CHECK(holds("id=7", body));
  CHECK(holds("id > 6 AND id < 8", body));
  CHECK_FALSE(holds("id >= 8", body));
  CHECK(holds("state=\"OPEN\" AND draft=false", body));
  CHECK(holds("state IN (\"MERGED\", \"OPEN\")", body));
  CHECK_FALSE(holds("state NOT IN (\"MERGED\", \"OPEN\")", body));
  CHECK(holds("state != \"MERGED\"", body));
  CHECK(holds("title ~ \"FIX THE\"", body));
  CHECK(holds("title !~ \"unlock\"", body));
  CHECK(holds("title ~ \"\\\"lock\\\"\"", body));
  CHECK(holds("closed_by = null", body));
  CHECK(holds("missing = null", body));
  CHECK(holds("state != null", body));
  CHECK(holds("updated_on > 2026-05-01T14:00:00+02:00", body));
  CHECK_FALSE(holds("updated_on > \"2026-05-01T12:00:00.6Z\"", body));
  CHECK(holds("updated_on >= 2026-05-01", body));
  CHECK(holds("reviewers.uuid = \"{c}\"", body));
  CHECK(holds("(id=1 OR id=7) AND (author.uuid=\"{a}\" OR state=\"X\")", body));
  CHECK(holds("id=7 OR id=8 AND state=\"X\"", body));
  CHECK(Query::parse("a=1 OR b=2")->has_or());
  for (const char* wrong : {"", "id", "id=", "id==1", "(id=1", "id=1)", "id=1 AND", "=1", "id IN 1",
                            "id ! 1", "id=\"open", "id=1 2026-01-01T00:00:00 00:00", "a;b"}) {
    CAPTURE(wrong);
    CHECK_FALSE(Query::parse(wrong).has_value());
  }
}

TEST_CASE("q and sort work on lists, and OR is refused by switch") {
  Bench bench(many_pull_requests());
  const std::string list = all_states(bench) + "&pagelen=50&q=";
  for (const json::value& row : bench.walk(list + "state%3D%22MERGED%22")) {
    CHECK(row.at("state") == "MERGED");
  }
  std::int64_t last = 0;
  for (const json::value& row : bench.walk(all_states(bench) + "&sort=id&q=id%3E5")) {
    CHECK(row.at("id").as_int64() > std::max<std::int64_t>(last, 5));
    last = row.at("id").as_int64();
  }
  CHECK(last > 50);
  CHECK(bench.body(all_states(bench) + "&sort=-id").at("values").at(0).at("id") == last);
  CHECK(bench.get(list + "updated_on%3E%3D2026-01-01T00:00:00+00:00").status == 400);  // a bare +
  const std::string either = list + "id%3D1%20OR%20id%3D2";
  CHECK(bench.walk(either).size() == 2);
  bench.simulator.switches.refuse_or = true;
  CHECK(bench.get(either).status == 400);
  CHECK(bench.get(list + "nonsense").status == 400);
  const std::string repositories = "/2.0/repositories/" + bench.workspace().slug;
  CHECK(bench.walk(repositories + "?q=is_private%3Dtrue%20AND%20scm%3D%22git%22").size() <= 3);
  CHECK(bench.get(bench.path() + "/permissions-config/users?q=nonsense").status == 200);  // deaf
}

TEST_CASE("lists show open pull requests unless states are named") {
  Bench bench(many_pull_requests());
  for (const json::value& row : bench.walk(bench.path() + "/pullrequests")) {
    CHECK(row.at("state") == "OPEN");
  }
  const std::string four = "?state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED&pagelen=50";
  CHECK(bench.walk(bench.path() + "/pullrequests" + four).size() ==
        bench.busiest().pull_requests.size());
  bench.simulator.switches.pr_sort_fails = true;
  CHECK(bench.get(bench.path() + "/pullrequests" + four + "&sort=updated_on").status == 500);
  CHECK(bench.get(bench.path() + "/pullrequests" + four).status == 200);
}

TEST_CASE("a row moves between pages when its object changes in the middle of a walk") {
  Bench bench(many_pull_requests());
  bench.simulator.switches.sorted_by_update = true;
  const auto ids = [&](int page) {
    std::vector<std::int64_t> list;
    const std::string target = all_states(bench) + "&page=" + std::to_string(page);
    const json::value body = bench.body(target);
    for (const json::value& row : body.at("values").as_array())
      list.push_back(row.at("id").as_int64());
    return list;
  };
  const auto first = ids(1);
  const std::int64_t moved = ids(3).front();
  bench.simulator.world().comment(*World::find_pull_request(bench.busiest(), moved), 1,
                                  bench.clock.now());
  CHECK(ids(1).front() == moved);
  CHECK(ids(2).front() == first.back());  // seen twice by whoever read page 1 before
}

TEST_CASE("a new pull request shifts the pages of a list in its usual order") {
  Bench bench(many_pull_requests());
  const json::value before = bench.body(all_states(bench)).at("values").at(9).at("id");
  bench.simulator.world().open_pull_request(bench.busiest(), bench.clock.now());
  CHECK(bench.body(all_states(bench) + "&page=2").at("values").at(0).at("id") == before);
}

TEST_CASE("pipelines want their slash, ignore q, and their next forgets sort") {
  Bench bench(many_pull_requests());
  const std::string path = bench.path() + "/pipelines";
  CHECK(bench.get(path).status == 404);
  const json::value page = bench.body(path + "/?q=nonsense&sort=-created_on");
  CHECK(page.at("values").as_array().size() == 10);
  CHECK(std::string(page.at("next").as_string()).find("sort") == std::string::npos);
  const std::string link(page.at("values").at(0).at("links").at("self").at("href").as_string());
  CHECK(link.starts_with("http://bitbucket-pipelines.prod.public.atl-paas.net//rest/1.0/"));
  bench.simulator.switches.pipelines_next_drops_sort = false;
  CHECK(std::string(bench.body(path + "/?sort=-created_on").at("next").as_string()).find("sort") !=
        std::string::npos);
  bench.simulator.switches.pipelines_without_next = true;
  CHECK_FALSE(bench.body(path + "/").as_object().contains("next"));
  bench.simulator.switches.pipelines_need_slash = false;
  CHECK(bench.get(path).status == 200);
}

TEST_CASE("deployments refuse sort and ignore q") {
  Bench bench(many_pull_requests());
  const SimResponse refused = bench.get(bench.path() + "/deployments/?sort=created_on");
  CHECK(refused.status == 400);
  CHECK(message_of(refused) == "Invalid sort attribute");
  CHECK(bench.get(bench.path() + "/deployments/?q=nonsense").status == 200);
  CHECK(bench.get(bench.path() + "/deployments").status == 404);
  bool undeployed = false;
  for (const json::value& row : bench.walk(bench.path() + "/deployments/?pagelen=100")) {
    if (row.at("state").at("name") == "UNDEPLOYED") undeployed = true;
  }
  CHECK(undeployed);
}

TEST_CASE("activity is newest first, without ids, of one pull request or of all") {
  Bench bench(many_pull_requests());
  std::string last = "9999";
  std::size_t approvals = 0;
  for (const json::value& row : bench.walk(bench.path() + "/pullrequests/activity?pagelen=50")) {
    CHECK_FALSE(row.as_object().contains("id"));
    for (const char* kind : {"approval", "update", "changes_requested"}) {
      const json::value* entry = row.as_object().if_contains(kind);
      if (entry == nullptr) continue;
      const std::string date(entry->at("date").as_string());
      CHECK(*read_stamp(date) <= read_stamp(last).value_or(INT64_MAX));
      last = date;
      if (kind == std::string_view("approval")) ++approvals;
    }
  }
  CHECK(approvals > 50);
  CHECK(bench.get(bench.path() + "/pullrequests/1/activity").status == 200);
}

TEST_CASE("effective permissions, groups and both shapes of one's workspaces") {
  Bench bench;
  const std::string ws = bench.workspace().slug;
  const auto rows = bench.walk("/2.0/workspaces/" + ws + "/permissions/repositories?pagelen=100");
  REQUIRE_FALSE(rows.empty());
  CHECK(rows.front().as_object().contains("permission"));
  const json::value groups = json::parse(bench.get("/1.0/groups/" + ws + "/").body);
  REQUIRE(groups.is_array());
  CHECK(groups.as_array().size() == bench.workspace().groups.size());
  for (const int status : {403, 404, 410}) {
    bench.simulator.switches.old_groups_status = status;
    CHECK(bench.get("/1.0/groups/" + ws).status == status);
  }
  CHECK(bench.body("/2.0/user/workspaces").at("values").at(0).at("administrator") == true);
  bench.simulator.switches.second_workspaces_shape = true;
  CHECK(bench.body("/2.0/user/workspaces").at("values").at(0).at("permission") == "owner");
  CHECK(bench.body("/2.0/user/workspaces/" + ws + "/permission").at("permission") == "owner");
  CHECK(bench.walk("/2.0/user/emails").size() == 1);
}
