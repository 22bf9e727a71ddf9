// Goal: whatever happens, an Atlassian account is never asked more often than its budget allows in
// any 60 minutes, and what a sync says of its end holds (T-68; C9, C10).
// Method: small budgets, hours of virtual time, every request counted where it arrives.
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <cmath>
#include <iostream>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SyncMode;
using storage::SyncResult;
using storage::SyncState;

namespace {

simulator::WorldOptions busy() {
  simulator::WorldOptions options;
  options.workspaces = 2;
  options.people = 10;
  options.repositories = 60;
  options.pull_requests = 240;
  options.restrictions = 1;
  return options;
}

SourceOptions only(const std::string& slug) {
  SourceOptions options;
  options.workspaces.all = false;
  options.workspaces.slugs = {slug};
  options.name = slug;
  return options;
}

/// Every unit of work of that kind fails with it.
auto refusing(storage::Access kind, Code code) {
  return [kind, code](storage::Access access) -> std::optional<Error> {
    if (access != kind) return std::nullopt;
    return fail(code).error();
  };
}

simulator::Fault storm_of(std::uint64_t count) {
  simulator::Fault storm;
  storm.path = "/2.0/repositories/";
  storm.status = 429;
  storm.text = "Rate limit for this resource has been exceeded";
  storm.count = count;
  return storm;
}

Result<connector::ProbeReport> probe(SyncLab& lab) {
  storage::Credential credential{Secret(lab.world().people[0].email), Secret(lab.token().token)};
  return lab.run(lab.service().probe(std::move(credential), storage::WorkspaceSelection{}));
}

}  // namespace

TEST_CASE(
    "a day of three sources of one account, with two restarts and a storm of 429, stays"
    " within the budget in any hour",
    "[sync]") {
  simulator::WorldOptions options = busy();
  options.repositories = 20;
  options.pull_requests = 80;
  SyncLab lab(options);
  lab.bitbucket().switches.lives = true;
  lab.settings().connector.requests_per_hour = 100;
  lab.settings().connector.requests_reserve = 10;
  const std::string account = lab.world().people[0].uuid;
  SourceOptions hourly;
  hourly.scheduled = true;
  std::vector<std::string> sources;
  for (int i = 0; i < 3; ++i) sources.push_back(lab.add_source(hourly));
  lab.start();
  // In the middle of an hour's work both times: once politely, once by kill -9.
  lab.run_for(5h + 10min);
  lab.restart();
  lab.run_for(4h + 5min);
  lab.bitbucket().add_fault(storm_of(25));
  lab.run_for(5h);
  lab.database().die_at_write(1, false);
  lab.run_for(1min);
  lab.stop();
  lab.database().revive();
  lab.start();
  lab.run_for(10h);
  for (const char* group : {"repositories", "other", "webhooks", "mergeability"}) {
    INFO(group);
    CHECK(lab.busiest_hour(account, group) <= 90);
  }
  CHECK(lab.busiest_hour(account, "repositories") >= 80);
  std::size_t refused = 0;
  for (const simulator::LogEntry& entry : lab.bitbucket().log()) refused += entry.status == 429;
  CHECK(refused >= 10);
  for (const std::string& source : sources) {
    INFO(source);
    CHECK(lab.syncs(source).size() >= 2);
  }
}

TEST_CASE("what cannot be written down is not sent", "[sync]") {
  SyncLab lab(busy());
  lab.start();

  SECTION("people are told at once") {
    lab.database().refuses = refusing(storage::Access::write, "storage.full");
    for (int i = 0; i < 3; ++i) {
      const auto report = probe(lab);
      REQUIRE_FALSE(report.has_value());
      CHECK(report.error().code == Code("storage.full"));
    }
    CHECK(lab.requests() == 0);
    lab.database().refuses = nullptr;
    CHECK(probe(lab).has_value());
  }
  SECTION("a sync goes on when there is room again") {
    const std::string id = lab.queue(lab.add_source());
    REQUIRE(lab.run_until([&] { return lab.requests() > 20; }, 1h));
    lab.database().refuses = refusing(storage::Access::write, "storage.full");
    const std::size_t before = lab.requests();
    lab.run_for(10min);
    // What was written down already may go out.
    CHECK(lab.requests() - before <= 8);
    lab.database().refuses = nullptr;
    const storage::Sync sync = lab.run_to_end(id);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
  }
  SECTION("a budget that cannot be read is not taken for a whole one") {
    // What one probe writes down is nearly all that there is.
    lab.settings().connector.requests_per_hour = 9;
    lab.settings().connector.requests_reserve = 1;
    lab.restart();
    REQUIRE(probe(lab).has_value());
    lab.restart();
    const std::size_t before = lab.requests();
    lab.database().refuses = refusing(storage::Access::read, "storage.unavailable");
    const auto blind = probe(lab);
    REQUIRE_FALSE(blind.has_value());
    CHECK(blind.error().code == Code("storage.unavailable"));
    CHECK(lab.requests() == before);
    lab.database().refuses = nullptr;
    const auto seeing = probe(lab);
    REQUIRE_FALSE(seeing.has_value());
    CHECK(seeing.error().code == Code("upstream.rate_limited"));
  }
}

TEST_CASE("two sources of one account share its budget, over restarts and refusals", "[sync]") {
  SyncLab lab(busy());
  lab.settings().connector.requests_per_hour = 100;
  lab.settings().connector.requests_reserve = 10;
  const std::string account = lab.world().people[0].uuid;
  const std::string one = lab.add_source(only(lab.world().workspaces[0]->slug));
  const std::string two = lab.add_source(only(lab.world().workspaces[1]->slug));
  // Without the scope that tells the account, the e-mail tells that it is the same.
  const auto unknown = GENERATE(0, 1, 2);
  const auto forget = [](storage::Source& source) { source.account_uuid.clear(); };
  if (unknown > 0) lab.change_source(two, forget);
  if (unknown > 1) lab.change_source(one, forget);
  lab.start();
  const std::string first = lab.queue(one);
  const std::string second = lab.queue(two);
  lab.run_for(20min);
  CHECK(lab.sync(first).waiting_until.has_value());
  lab.restart();
  lab.run_for(50min);
  // A kill loses no count either: what is sent was written down before.
  lab.database().die_at_write(1, false);
  lab.run_for(2min);
  lab.stop();
  lab.database().revive();
  lab.start();
  lab.bitbucket().add_fault(storm_of(3));
  CHECK(lab.run_to_end(first).result == SyncResult::succeeded);
  CHECK(lab.run_to_end(second).result == SyncResult::succeeded);
  const std::size_t most = lab.busiest_hour(account, "repositories");
  std::cout << "busiest hour: " << most << " of 90 requests, " << lab.requests() << " in all\n";
  CHECK(most <= 90);
  CHECK(most >= 80);
  CHECK(lab.busiest_hour(account, "other") <= 90);
}

TEST_CASE("a wall clock that is set, or stands still in sleep, makes no restart forget", "[sync]") {
  simulator::WorldOptions options = busy();
  options.repositories = 8;
  options.pull_requests = 20;
  SyncLab lab(options);
  lab.settings().connector.requests_per_hour = 40;
  lab.settings().connector.requests_reserve = 4;
  const std::string account = lab.world().people[0].uuid;
  const std::string source = lab.add_source();
  lab.start();
  const std::string sync = lab.queue(source);
  lab.run_for(10min);
  CHECK(lab.sync(sync).waiting_until.has_value());
  const auto jump =
      GENERATE(values<std::chrono::milliseconds>({365 * 24h, 61min, 59s, -59s, -61min, -24h}));
  INFO(jump.count() << " ms");
  const bool closed = GENERATE(false, true);
  if (closed) {
    lab.bitbucket().add_fault(storm_of(2));
    lab.run_for(52min);
  }
  lab.clock().jump(jump);
  lab.run_for(6min);
  lab.restart();
  lab.run_for(20min);
  lab.clock().jump(-jump);
  lab.run_for(5min);
  lab.restart();
  CHECK(lab.run_to_end(sync).result == SyncResult::succeeded);
  CHECK(lab.busiest_hour(account, "repositories") <= 36);
  CHECK(lab.busiest_hour(account, "other") <= 36);
  std::size_t refused = 0;
  for (const simulator::LogEntry& entry : lab.bitbucket().log()) refused += entry.status == 429;
  CHECK(refused == (closed ? 2 : 0));
}

TEST_CASE("what was sent before the account was known counts as the account's", "[sync]") {
  SyncLab lab(busy());
  lab.settings().connector.requests_per_hour = 100;
  lab.settings().connector.requests_reserve = 10;
  const std::string account = lab.world().people[0].uuid;
  const std::string one = lab.add_source(only(lab.world().workspaces[0]->slug));
  lab.change_source(one, [](storage::Source& source) { source.account_uuid.clear(); });
  lab.start();
  const std::string first = lab.queue(one);
  lab.run_for(20min);
  CHECK(lab.sync(first).waiting_until.has_value());
  std::size_t most = 100;  // questions about credentials have the reserve
  SECTION("told by another source") {
    most = 90;
  }
  SECTION("told by a question about a credential") {
    REQUIRE(probe(lab).has_value());
  }
  SECTION("and after a restart") {
    lab.restart();
    REQUIRE(probe(lab).has_value());
    lab.restart();
  }
  const std::string two = lab.add_source(only(lab.world().workspaces[1]->slug));
  const std::string second = lab.queue(two);
  lab.run_for(3h);
  CHECK(lab.run_to_end(first).result == SyncResult::succeeded);
  CHECK(lab.run_to_end(second).result == SyncResult::succeeded);
  CHECK(lab.busiest_hour(account, "repositories") <= most);
  CHECK(lab.busiest_hour(account, "other") <= 100);
}

TEST_CASE("a 429 closes its account and group and nothing else", "[sync]") {
  simulator::WorldOptions options = busy();
  options.repositories = 4;
  SyncLab lab(options);
  const std::string source = lab.add_source();
  lab.bitbucket().add_fault(storm_of(2));
  lab.settings().connector.account_concurrency = 1;
  lab.start();
  const storage::Sync sync = lab.run_sync(source);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::succeeded);
  // 60 s, then 120 s: no third request came between.
  std::vector<SteadyTime> times;
  for (const simulator::LogEntry& entry : lab.bitbucket().log()) {
    if (entry.group == "repositories") times.push_back(entry.at);
  }
  REQUIRE(times.size() > 3);
  CHECK(times[1] - times[0] >= 60s);
  CHECK(times[1] - times[0] <= 65s);
  CHECK(times[2] - times[1] >= 120s);
  CHECK(times[2] - times[1] <= 125s);
}

TEST_CASE("no more than two requests of an account and eight in all are under way", "[sync]") {
  simulator::WorldOptions options = busy();
  options.repositories = 12;
  options.odd = false;  // an erased person has no token
  SyncLab lab(options);
  std::vector<std::string> sources;
  std::vector<std::string> syncs;
  SECTION("one account") {
    sources.push_back(lab.add_source());
  }
  SECTION("ten accounts") {
    for (std::size_t person = 0; person < 10; ++person) {
      simulator::TokenOptions token;
      token.person = person;
      sources.push_back(lab.add_source(lab.bitbucket().add_token(token)));
    }
  }
  for (const std::string& source : sources) syncs.push_back(lab.queue(source));
  lab.start();
  for (const std::string& id : syncs) {
    const storage::Sync sync = lab.run_to_end(id);
    INFO(describe(sync));
    CHECK(sync.result == SyncResult::succeeded);
  }
  CHECK(lab.network().most_in_flight == (sources.size() == 1 ? 2 : 8));
}

TEST_CASE("what a sync says of its requests and its end holds within a tenth", "[sync]") {
  SyncLab lab(busy());
  lab.settings().connector.requests_per_hour = 100;
  lab.settings().connector.requests_reserve = 10;
  const std::string source = lab.add_source();
  lab.start();
  const std::string id = lab.queue(source);
  lab.run_for(10min);
  const storage::Sync early = lab.sync(id);
  const SteadyTime then = lab.clock().steady();
  REQUIRE(early.state == SyncState::running);
  REQUIRE(early.eta_seconds);
  const storage::Sync done = lab.run_to_end(id);
  const auto took = std::chrono::duration<double>(lab.clock().steady() - then).count();
  const auto said = static_cast<double>(*early.eta_seconds);
  std::cout << "said " << said << " s and " << early.requests_planned << " requests, took " << took
            << " s and " << done.requests_done << " requests\n";
  CHECK(std::abs(said - took) <= took / 10);
  const auto planned = static_cast<double>(early.requests_planned);
  const auto used = static_cast<double>(done.requests_done);
  CHECK(std::abs(planned - used) <= used / 10);
  CHECK(done.requests_planned == done.requests_done);

  lab.run_for(2h);
  const std::string next = lab.queue(source, SyncMode::full);
  lab.run_until([&] { return lab.network().in_flight > 0; }, 1min);
  const auto before = static_cast<double>(lab.sync(next).requests_planned);
  const storage::Sync whole = lab.run_to_end(next);
  const auto after = static_cast<double>(whole.requests_done);
  std::cout << "the next one planned " << before << " and used " << after << '\n';
  CHECK(std::abs(before - after) <= after / 10);
}

TEST_CASE("the end that a sync tells when it first waits for its budget holds within a tenth",
          "[sync]") {
  struct Fixture {
    std::size_t repositories;
    std::size_t pull_requests;
    std::size_t with_pipelines;
  };
  constexpr Fixture fixtures[] = {{20, 2'000, 40}, {40, 400, 0}, {10, 1'500, 100}};
  for (const Fixture& fixture : fixtures) {
    simulator::WorldOptions options;
    options.people = 10;
    options.repositories = fixture.repositories;
    options.pull_requests = fixture.pull_requests;
    options.with_pipelines = fixture.with_pipelines;
    options.restrictions = 1;
    SyncLab lab(options);
    lab.settings().connector.requests_per_hour = 70;
    lab.settings().connector.requests_reserve = 10;
    const std::string source = lab.add_source();
    lab.start();
    const std::string id = lab.queue(source);
    REQUIRE(lab.run_until([&] { return lab.sync(id).waiting_until.has_value(); }, 1h));
    const storage::Sync early = lab.sync(id);
    const SteadyTime then = lab.clock().steady();
    REQUIRE(early.eta_seconds);
    CHECK(early.requests_done < early.requests_planned);
    const storage::Sync done = lab.run_to_end(id);
    const auto took = std::chrono::duration<double>(lab.clock().steady() - then).count();
    const auto said = static_cast<double>(*early.eta_seconds);
    std::cout << "after " << early.requests_done << " requests said " << said << " s and "
              << early.requests_planned << " requests, took " << took << " s and "
              << done.requests_done << " requests\n";
    CHECK(std::abs(said - took) <= took / 10);
  }
}

TEST_CASE("people get an answer while a sync has used the budget up", "[sync]") {
  SyncLab lab(busy());
  lab.settings().connector.requests_per_hour = 40;
  lab.settings().connector.requests_reserve = 10;
  const std::string source = lab.add_source();
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return lab.sync(id).waiting_until.has_value(); }, 1h));
  const SteadyTime before = lab.clock().steady();
  const auto report = probe(lab);
  REQUIRE(report.has_value());
  CHECK(report->valid);
  CHECK(lab.clock().steady() - before <= 10s);
  CHECK(lab.service().requests_last_hour({lab.world().people[0].uuid}) >= 30);

  // Even the reserve ends; then the answer comes at once and says when to come back.
  for (int i = 0; i < 15; ++i) {
    const auto again = probe(lab);
    if (again.has_value()) continue;
    CHECK(again.error().code == Code("upstream.rate_limited"));
    CHECK(again.error().retry_after_seconds > 60);
    break;
  }
  CHECK(lab.busiest_hour(lab.world().people[0].uuid, "repositories") <= 40);
  CHECK(lab.busiest_hour(lab.world().people[0].uuid, "other") <= 40);
}

TEST_CASE("what a probe sends is counted once, though its account is known only afterwards",
          "[sync]") {
  SyncLab lab(busy());
  lab.start();
  for (int i = 0; i < 2; ++i) {
    const auto report = probe(lab);
    REQUIRE(report.has_value());
    CHECK(report->valid);
    const std::string& account = lab.world().people[0].uuid;
    CHECK(lab.service().requests_last_hour({account}) == static_cast<std::int64_t>(lab.requests()));
    CHECK(lab.service().requests_last_hour({lab.world().people[1].uuid}) == 0);
  }
}

TEST_CASE("a budget that a 429 closed stays closed over a restart, and halved for an hour",
          "[sync]") {
  SyncLab lab(busy());
  const std::string source = lab.add_source();
  simulator::Fault limit;
  limit.status = 429;
  limit.text = "Rate limit for this resource has been exceeded";
  limit.path = "/2.0/repositories/";
  limit.first = 3;
  lab.bitbucket().add_fault(limit);
  lab.bitbucket().switches.retry_after = simulator::Switches::RetryAfter::none;
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return lab.sync(id).waiting_until.has_value(); }, 1h));
  const SteadyTime closed = lab.clock().steady();
  lab.restart();
  const std::size_t before = lab.requests();
  lab.run_for(50s);
  for (std::size_t i = before; i < lab.requests(); ++i) {
    CHECK(lab.bitbucket().log()[i].group != "repositories");
  }
  CHECK(lab.run_to_end(id).result == SyncResult::succeeded);
  CHECK(lab.clock().steady() - closed >= 59s);
}

TEST_CASE("a credential that cannot work is refused without a request", "[sync]") {
  SyncLab lab(busy());
  lab.start();
  storage::Credential credential{Secret("somebody"), Secret("correct horse")};
  const auto report =
      lab.run(lab.service().probe(std::move(credential), storage::WorkspaceSelection{}));
  REQUIRE(report.has_value());
  CHECK_FALSE(report->valid);
  REQUIRE(report->error);
  CHECK(report->checks.front().id == "shape");
  CHECK(report->checks.front().status == "failed");
  CHECK(lab.requests() == 0);
}
