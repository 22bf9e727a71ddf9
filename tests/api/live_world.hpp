#pragma once

#include "connector/sync/sync_service.hpp"
#include "tests/api/world.hpp"
#include "tests/catch.hpp"
#include "tests/simulator/sim_transport.hpp"
#include "tests/simulator/simulator.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace evidenced::api::tests {

/// A world whose connector is the real one, over a simulated Bitbucket of `options`.
class LiveWorld {
  static simulator::WorldOptions at(Timestamp now, simulator::WorldOptions options) {
    options.now = now;
    return options;
  }

 public:
  explicit LiveWorld(simulator::WorldOptions options = {})
      : bitbucket(simulator::World(at(world.clock.now(), std::move(options))), world.clock),
        transport(simulator::make_sim_transport(bitbucket, world.clock)) {
    start();
  }
  ~LiveWorld() { stop(); }

  void start() {
    service.emplace(connector::SyncServices{*transport, *world.database, *world.vault, world.clock,
                                            world.random, world.settings, world.io.get_executor(),
                                            world.io.get_executor()});
    world.api = std::make_unique<Api>(Services{*world.database, *world.vault, *service, world.clock,
                                               world.random, world.settings});
    ended = false;
    boost::asio::co_spawn(world.io, service->run(), [this](std::exception_ptr) { ended = true; });
  }
  void stop() {
    service->stop();
    while (!ended) {
      world.io.restart();
      if (world.io.poll() == 0 && !world.clock.advance_to_next()) break;
    }
    world.api.reset();
    service.reset();
  }
  void run_for(std::chrono::nanoseconds time) {
    auto sleep = [](Clock& clock, SteadyTime until) -> Task<void> {
      co_await clock.sleep_until(until);
    };
    world.run(sleep(world.clock, world.clock.steady() + time));
  }
  /// The machine is off for so long.
  void restart_after(std::chrono::nanoseconds time) {
    stop();
    world.clock.advance(time);
    start();
  }

  /// The body of a registration; `more` adds members (",\"tags\":[]").
  std::string registration_of(const simulator::Token& token, const std::string& more = "") {
    const std::string email = bitbucket.world().people[token.person].email;
    return fmt::format(R"({{"name":"Live","credential":{{"email":"{}","token":"{}"}}{}}})", email,
                       token.token, more);
  }

  /// Polls as a client does, until the sync is done.
  Answer watch(const std::string& place) {
    std::string etag;
    for (int polls = 0; polls < 2000; ++polls) {
      Ask ask{.target = place + "?wait=30", .key = "operator"};
      if (!etag.empty()) ask.headers["if-none-match"] = etag;
      Answer answer = world.ask(ask);
      if (answer.status == 304) continue;
      if (answer.text("/state") == "done") return answer;
      etag = answer.header("ETag");
    }
    FAIL("the sync does not end");
    return {};
  }

  World world;
  simulator::Simulator bitbucket;
  std::unique_ptr<connector::HttpTransport> transport;
  std::optional<connector::SyncService> service;
  bool ended = false;
};

/// The place of the sync that a registration started.
inline std::string first_sync(const Answer& created) {
  const std::string link = created.header("Link");
  return link.substr(1, link.find('>') - 1);
}

}  // namespace evidenced::api::tests
