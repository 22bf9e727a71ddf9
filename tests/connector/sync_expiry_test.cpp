// Goal: a token that expires is announced in time, once each at 30, 14, 7, 3 and 1 days and at its
// expiry, whatever restarts, clocks and crashes do (P8, S8, T-60). Method: years of a service's
// life over a real database, a restart a day; the wall clock is set to pass the time.
#include "storage/event_store.hpp"
#include "storage/expiry_store.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_lab.hpp"

#include <boost/json/parse.hpp>

using namespace evidenced;
using namespace evidenced::tests;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

const std::vector<std::int64_t> all_thresholds = {30, 14, 7, 3, 1, 0};

simulator::WorldOptions tiny() {
  simulator::WorldOptions options;
  options.people = 3;
  options.projects = 1;
  options.repositories = 1;
  options.pull_requests = 2;
  options.restrictions = 1;
  return options;
}

storage::CredentialInfo expiring(Timestamp expires_at, Timestamp now, bool declared = true) {
  storage::CredentialInfo info;
  info.expires_at = expires_at;
  info.expiry_declared = declared;
  info.created_at = now;
  return info;
}

/// A lab with one source whose token lives so long, and what was announced of it.
struct Life {
  explicit Life(std::chrono::milliseconds token_life, bool declared = true) : lab(tiny()) {
    source = lab.add_source();
    lab.change_source(source, [](storage::Source& s) { s.state = storage::SourceState::paused; });
    renew(token_life, declared);
  }

  void renew(std::chrono::milliseconds token_life, bool declared = true) {
    expires_at = lab.clock().now() + token_life;
    lab.rotate(source, lab.token(), expiring(expires_at, lab.clock().now(), declared));
  }

  std::vector<boost::json::value> events() {
    auto list = [](storage::Connection& connection) {
      storage::EventFilter filter;
      filter.types = {"credential.expiring", "credential.expired"};
      filter.limit = 500;
      return storage::list_events(connection, tenant, filter);
    };
    const auto page = lab.run(storage::read(lab.database(), std::move(list)));
    REQUIRE(page);
    std::vector<boost::json::value> found;
    for (const storage::Event& event : page->events) {
      CHECK(event.subject_id == source);
      auto data = boost::json::parse(event.data);
      const bool expired = data.at("threshold_days").as_int64() == 0;
      CHECK(event.type == (expired ? "credential.expired" : "credential.expiring"));
      found.push_back(std::move(data));
    }
    return found;
  }

  std::vector<std::int64_t> announced() {
    std::vector<std::int64_t> thresholds;
    for (const auto& event : events()) {
      thresholds.push_back(event.at("threshold_days").as_int64());
    }
    return thresholds;
  }

  /// The machine is off for so long, then the service runs for a moment.
  void sleep(std::chrono::milliseconds time) {
    lab.stop();
    lab.clock().jump(time);
    lab.start();
    lab.run_for(1s);
  }

  SyncLab lab;
  std::string source;
  Timestamp expires_at{};
};

}  // namespace

TEST_CASE("a token of 365 days is announced six times over a restart a day", "[sync]") {
  Life life(days(365));
  for (int day = 0; day <= 400; ++day) life.sleep(days(1));
  CHECK(life.announced() == all_thresholds);
  const auto events = life.events();
  for (const auto& event : events) {
    CHECK(event.at("expiry_source").as_string() == "declared");
    CHECK(event.at("expires_at").as_string() == format_rfc3339(life.expires_at));
    CHECK(event.at("days_left").as_int64() <= event.at("threshold_days").as_int64());
    CHECK(event.at("days_left").as_int64() >= event.at("threshold_days").as_int64() - 2);
  }
}

TEST_CASE("a running service announces within a minute, without being asked", "[sync]") {
  Life life(days(30) + 2h);
  life.lab.start();
  life.lab.run_for(2h - 2min);
  CHECK(life.announced().empty());
  life.lab.run_for(3min);
  CHECK(life.announced() == std::vector<std::int64_t>{30});
  life.lab.run_for(24h);
  CHECK(life.announced() == std::vector<std::int64_t>{30});
}

TEST_CASE("clocks that are set to and fro repeat no notice", "[sync]") {
  Life life(days(40));
  life.lab.start();
  for (int day = 0; day < 50; ++day) {
    for (const auto step : {13h, -5h, 16h}) {
      life.lab.clock().jump(step);
      life.lab.run_for(61s);
    }
  }
  CHECK(life.announced() == all_thresholds);
}

TEST_CASE("who sleeps over several thresholds, or comes late, is told once", "[sync]") {
  Life asleep(days(40));
  asleep.sleep(days(35));
  CHECK(asleep.announced() == std::vector<std::int64_t>{7});
  asleep.sleep(days(100));
  CHECK(asleep.announced() == std::vector<std::int64_t>{7, 0});

  Life late(days(10));
  late.sleep(1min);
  late.sleep(1min);
  CHECK(late.announced() == std::vector<std::int64_t>{14});
}

TEST_CASE("a new credential is announced anew, at once when it is put", "[sync]") {
  Life life(days(6));
  life.lab.start();
  life.lab.run_for(1s);
  CHECK(life.announced() == std::vector<std::int64_t>{7});
  life.renew(days(2));
  life.lab.service().wake();
  life.lab.run_for(1s);
  CHECK(life.announced() == std::vector<std::int64_t>{7, 3});
  life.renew(days(365));
  for (int day = 0; day < 334; ++day) life.sleep(days(1));
  CHECK(life.announced() == std::vector<std::int64_t>{7, 3});
  life.sleep(days(2));
  CHECK(life.announced() == std::vector<std::int64_t>{7, 3, 30});
}

TEST_CASE("an assumed expiry is announced as that", "[sync]") {
  Life life(days(3), false);
  life.sleep(0s);
  const auto events = life.events();
  REQUIRE(events.size() == 1);
  CHECK(events[0].at("expiry_source").as_string() == "assumed");
}

TEST_CASE("a crash before or after the commit of a notice loses none and repeats none", "[sync]") {
  // The budget's books, a look at the appointments, a look at the queue, the notice.
  for (const int write : {1, 2, 3, 4}) {
    for (const bool committed : {false, true}) {
      CAPTURE(write, committed);
      Life life(days(3) + 30min);
      life.lab.start();
      life.lab.run_for(1s);
      CHECK(life.announced() == std::vector<std::int64_t>{7});
      life.lab.database().die_at_write(write, committed);
      life.lab.clock().jump(31min);
      life.lab.run_for(90s);
      CHECK(life.lab.database().dead());
      life.lab.stop();
      life.lab.database().revive();
      const bool kept = write == 4 && committed;
      CHECK(life.announced().size() == (kept ? 2U : 1U));
      life.sleep(1min);
      CHECK(life.announced() == std::vector<std::int64_t>{7, 3});
    }
  }
}

TEST_CASE("a source without a credential is announced no more", "[sync]") {
  Life life(days(20));
  life.sleep(0s);
  auto wipe = [&](storage::Connection& connection) {
    storage::Vault::wipe(connection, tenant, life.source, life.lab.clock().now());
  };
  const Result<void> wiped = life.lab.run(storage::write(life.lab.database(), std::move(wipe)));
  REQUIRE(wiped);
  life.sleep(days(30));
  CHECK(life.announced() == std::vector<std::int64_t>{30});
}
