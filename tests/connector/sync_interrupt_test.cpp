// Goal: a sync that is interrupted, by an order, a stop or a failure inside, comes to an end,
// removes nothing, and the next one is served. Method: orders, silence and exceptions in the middle
// of a sync.
#include "tests/catch.hpp"
#include "tests/connector/sync_access.hpp"

#include <stdexcept>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using storage::SourceState;
using storage::SyncMode;
using storage::SyncResult;

TEST_CASE("a sync ends at the next page when it is cancelled, or its source paused or deleted",
          "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  simulator::Fault moment;
  moment.kind = simulator::FaultKind::action;
  moment.path = "/2.0/repositories/";
  moment.first = 5;
  bool now = false;
  moment.action = [&] { now = true; };
  lab.bitbucket().add_fault(moment);
  lab.start();
  const std::string id = lab.queue(source);
  REQUIRE(lab.run_until([&] { return now; }, 1h));
  std::string code;
  SECTION("cancelled") {
    lab.cancel(id);
  }
  SECTION("paused") {
    lab.change_source(source, [](storage::Source& s) { s.state = SourceState::paused; });
    code = "source.paused";
  }
  SECTION("deleted") {
    lab.change_source(source, [](storage::Source& s) { s.state = SourceState::deleted; });
    code = "source.deleted";
  }
  const std::size_t before = lab.requests();
  const storage::Sync sync = lab.run_to_end(id);
  INFO(describe(sync));
  CHECK(sync.result == SyncResult::cancelled);
  CHECK((sync.error ? sync.error->code : "") == code);
  CHECK(lab.requests() - before <= 2);
  CHECK(lab.removed(source) == 0);
}

TEST_CASE("a question about a credential can be cut off, and what throws ends its sync", "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  lab.change_source(source, [](storage::Source& s) { s.state = SourceState::needs_credential; });
  lab.start();

  SECTION("a stop does not wait for the answer longer than the grace") {
    lab.settings().connector.request_timeout = 600s;
    simulator::Fault silence;
    silence.kind = simulator::FaultKind::never;
    silence.path = "/2.0/user";
    silence.count = 0;
    lab.bitbucket().add_fault(silence);
    const std::string id = lab.queue(source);
    REQUIRE(lab.run_until([&] { return lab.network().in_flight == 1; }, 1min));
    const SteadyTime start = lab.clock().steady();
    lab.stop();
    CHECK(lab.clock().steady() - start < lab.settings().server.shutdown_grace);
    CHECK(lab.sync(id).state == storage::SyncState::running);
  }
  SECTION("an exception is a failed sync, and the next one is served") {
    lab.network().breaks = [](const std::string&) -> std::optional<Error> {
      throw std::runtime_error("out of order");
    };
    const storage::Sync sync = lab.run_sync(source);
    CHECK(sync.state == storage::SyncState::done);
    CHECK(sync.result == SyncResult::failed);
    REQUIRE(sync.error);
    CHECK(sync.error->code == "internal.error");
    lab.network().breaks = nullptr;
    lab.run_for(2h);
    CHECK(lab.run_sync(source).result == SyncResult::succeeded);
  }
}

TEST_CASE("whichever write of a sync throws, the sync comes to an end and the next is served",
          "[sync]") {
  SyncLab lab(six_repositories());
  const std::string source = lab.add_source();
  lab.start();
  REQUIRE(lab.run_sync(source).result == SyncResult::succeeded);
  const std::int64_t before = lab.database().writes();
  REQUIRE(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  const std::int64_t writes = lab.database().writes() - before;
  // The first writes queue and claim the sync; the last ones store its end.
  for (std::int64_t n : {std::int64_t{5}, writes / 2, writes - 3, writes - 2, writes - 1, writes}) {
    lab.run_for(1h);
    const std::string id = lab.queue(source, SyncMode::full);
    lab.database().throw_at_write(n);
    const SteadyTime start = lab.clock().steady();
    const storage::Sync sync = lab.run_to_end(id);
    INFO("write " << n << " of " << writes << "\n" << describe(sync));
    CHECK(sync.state == storage::SyncState::done);
    CHECK(lab.clock().steady() - start < 5min);
    CHECK(lab.removed(source) == 0);
    lab.database().throw_at_write(1'000'000'000);
    CHECK(lab.run_sync(source, SyncMode::full).result == SyncResult::succeeded);
  }
  CHECK(lab.differences(source) == nothing);
}
