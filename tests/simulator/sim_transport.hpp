#pragma once

#include "connector/http_transport.hpp"
#include "tests/simulator/simulator.hpp"
#include "tests/simulator/virtual_clock.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace evidenced::simulator {

struct SimTransportOptions {
  std::string origin = "https://api.bitbucket.org";
  std::chrono::milliseconds latency{120};   ///< of every answer
  std::uint64_t body_limit = 32ULL << 20U;  ///< more is upstream.oversized
};

/// The connector's way out, in process: answers of a Simulator on virtual time, with the damage
/// that it scripts. `simulator` and `clock` outlive it. Cancellation: upstream.cancelled.
std::unique_ptr<connector::HttpTransport> make_sim_transport(Simulator& simulator, Clock& clock,
                                                             SimTransportOptions options = {});

/// The same over anything that answers, such as a Replay.
using Answering = std::function<SimResponse(const SimRequest&)>;
std::unique_ptr<connector::HttpTransport> make_sim_transport(Answering answering, Clock& clock,
                                                             SimTransportOptions options = {});

}  // namespace evidenced::simulator
