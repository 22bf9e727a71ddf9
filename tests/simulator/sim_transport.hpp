#pragma once

#include "connector/http_transport.hpp"
#include "tests/simulator/simulator.hpp"
#include "tests/simulator/virtual_clock.hpp"

namespace evidenced::simulator {

/// The connector's way out, in process: answers of a Simulator on virtual time, with the damage
/// that it scripts. `simulator` and `clock` outlive it.
std::unique_ptr<connector::HttpTransport> make_sim_transport(Simulator& simulator,
                                                             VirtualClock& clock);

}  // namespace evidenced::simulator
