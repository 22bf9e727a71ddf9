// The way in-process: latency on virtual time, damage as the errors that a client notices.
#include "tests/simulator/sim_transport.hpp"

#include "tests/catch.hpp"
#include "tests/simulator_tests/bench.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

using namespace evidenced;
using namespace evidenced::simulator;

namespace {

/// A simulator on virtual time and a transport into it.
struct Line {
  Line() : simulator(World(), clock), token(simulator.add_token()) {
    transport = make_sim_transport(simulator, clock);
  }

  Result<connector::HttpResponse> get(const std::string& target) {
    connector::GetRequest request;
    request.target = target;
    request.authorization = Secret(token.authorization);
    request.timeout = std::chrono::seconds(30);
    boost::asio::io_context io;
    return run_virtual(io, clock, transport->get(std::move(request)));
  }

  std::string code(FaultKind kind, std::chrono::milliseconds delay = {}) {
    simulator.clear_faults();
    Fault fault;
    fault.kind = kind;
    fault.delay = delay;
    simulator.add_fault(fault);
    const auto answer = get("/2.0/user");
    return answer ? "" : std::string(answer.error().code.text());
  }

  VirtualClock clock{WorldOptions{}.now};
  Simulator simulator;
  Token& token;
  std::unique_ptr<connector::HttpTransport> transport;
};

}  // namespace

TEST_CASE("an answer arrives whole after its latency") {
  Line line;
  const SteadyTime before = line.clock.steady();
  const auto answer = line.get("/2.0/user");
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->header("x-credential-type") == "api_token");
  CHECK(line.clock.steady() - before == std::chrono::milliseconds(120));
  CHECK(line.transport->origin() == "https://api.bitbucket.org");
  CHECK(line.simulator.log().back().request.header("host") == "api.bitbucket.org");
  const auto foreign = line.get("https://api.bitbucket.org/2.0/user");
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().code.text() == "upstream.foreign_link");
}

TEST_CASE("damage is noticed as what it is") {
  Line line;
  CHECK(line.code(FaultKind::reset_before) == "upstream.reset");
  CHECK(line.code(FaultKind::reset_mid_body) == "upstream.reset");
  CHECK(line.code(FaultKind::truncate) == "upstream.truncated");
  CHECK(line.code(FaultKind::gzip_truncate) == "upstream.truncated");
  CHECK(line.code(FaultKind::gzip_corrupt) == "upstream.truncated");
  CHECK(line.code(FaultKind::gzip_bomb) == "upstream.oversized");
  CHECK(line.code(FaultKind::slow, std::chrono::seconds(5)).empty());
  CHECK(line.code(FaultKind::slow, std::chrono::seconds(45)) == "upstream.timeout");
  const SteadyTime before = line.clock.steady();
  CHECK(line.code(FaultKind::never) == "upstream.timeout");
  CHECK(line.clock.steady() - before == std::chrono::seconds(30));
}

TEST_CASE("a cancelled request ends at once and says so") {
  Line line;
  Fault never;
  never.kind = FaultKind::never;
  line.simulator.add_fault(never);
  boost::asio::io_context io;
  boost::asio::cancellation_signal signal;
  std::string code;
  connector::GetRequest request;
  request.target = "/2.0/user";
  boost::asio::co_spawn(
      io, line.transport->get(std::move(request)),
      boost::asio::bind_cancellation_slot(
          signal.slot(), [&](std::exception_ptr, Result<connector::HttpResponse> answer) {
            code = answer ? "none" : std::string(answer.error().code.text());
          }));
  io.poll();
  CHECK(code.empty());
  signal.emit(boost::asio::cancellation_type::terminal);
  io.restart();
  io.poll();
  CHECK(code == "upstream.cancelled");
}
