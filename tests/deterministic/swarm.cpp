#include "tests/deterministic/swarm.hpp"

#include <fmt/format.h>

namespace evidenced::deterministic {

using namespace std::chrono_literals;
using simulator::Dice;

namespace {

/// One of these rates ("one in so many"), or never, as often as not.
std::uint32_t rate(Dice& dice, const std::vector<std::uint32_t>& rates) {
  return dice.one_in(2) ? 0 : dice.pick(rates);
}

std::chrono::minutes pause(Dice& dice, const std::vector<std::uint32_t>& hours) {
  return std::chrono::hours(rate(dice, hours));
}

simulator::WorldOptions small_world(Dice& dice, std::uint64_t seed) {
  simulator::WorldOptions world;
  world.seed = seed;
  world.people = 3 + dice.below(4);
  world.groups = 1 + dice.below(2);
  world.projects = 1 + dice.below(2);
  world.repositories = 1 + dice.below(2);
  world.pull_requests = 3 + dice.below(14);
  world.restrictions = 1 + dice.below(4);
  world.life_per_day = 10 + dice.below(80);
  world.odd = dice.one_in(2);
  return world;
}

simulator::Switches awkward(Dice& dice) {
  simulator::Switches forms;
  forms.opaque_next = dice.one_in(4);
  forms.omit_size = dice.one_in(4);
  forms.empty_next = dice.one_in(4);
  forms.refuse_or = dice.one_in(4);
  forms.second_workspaces_shape = dice.one_in(4);
  // Without `size` nobody can tell that a row which moved was missed.
  forms.sorted_by_update = !forms.omit_size && dice.one_in(3);
  if (dice.one_in(2)) forms.max_page_length = 5 + static_cast<std::int64_t>(dice.below(12));
  forms.retry_after = static_cast<simulator::Switches::RetryAfter>(dice.below(3));
  forms.limit_repositories = 0;
  forms.limit_other = 0;
  forms.limit_webhooks = 0;
  forms.limit_mergeability = 0;
  return forms;
}

NetworkFaults bad_network(Dice& dice) {
  NetworkFaults faults;
  faults.one_in = rate(dice, {10, 30, 100, 300});
  for (const simulator::FaultKind kind : meetable()) {
    if (dice.one_in(2)) faults.kinds.push_back(kind);
  }
  if (dice.one_in(2)) faults.slowest = std::chrono::seconds(1 + dice.below(20));
  faults.lost_one_in = rate(dice, {20, 100, 400});
  faults.between_storms = pause(dice, {3, 12, 36});
  faults.storm = std::chrono::minutes(1 + dice.below(40));
  faults.lies = dice.one_in(3);
  return faults;
}

DiskFaults bad_disk(Dice& dice) {
  DiskFaults faults;
  faults.one_in = rate(dice, {300, 2000, 10000});
  faults.burst = 1U + static_cast<std::uint32_t>(dice.below(6));
  faults.sync_one_in = rate(dice, {200, 1000});
  faults.busy_one_in = rate(dice, {300, 2000});
  return faults;
}

}  // namespace

Swarm Swarm::of(std::uint64_t seed) {
  Dice dice(seed * 7919);
  Swarm swarm;
  swarm.world = small_world(dice, seed);
  swarm.bitbucket = awkward(dice);
  swarm.connector.requests_per_hour = dice.one_in(2) ? 1000 : 25 + static_cast<int>(dice.below(30));
  swarm.connector.requests_reserve = 4;
  swarm.connector.account_concurrency = 1 + static_cast<int>(dice.below(4));
  swarm.connector.request_timeout = std::chrono::seconds(10 + dice.below(20));
  swarm.network = bad_network(dice);
  swarm.disk = bad_disk(dice);
  swarm.database.late_one_in = rate(dice, {2, 5, 20});
  swarm.database.checkpoint_bytes = dice.one_in(2) ? 1 << 20 : 1 << 17;
  swarm.sources = dice.one_in(5) ? 2 : 1;
  swarm.interval = std::chrono::hours(7 + dice.below(12));
  swarm.between_crashes = pause(dice, {3, 8, 24});
  swarm.crashes_in_writes = dice.one_in(2);
  swarm.loses_power = dice.one_in(2);
  swarm.between_restarts = pause(dice, {6, 24});
  swarm.between_full_disks = pause(dice, {8, 24});
  swarm.between_orders = pause(dice, {8, 24});
  return swarm;
}

Swarm Swarm::moving(std::uint64_t seed) {
  Dice dice(seed * 104729);
  Swarm swarm;
  swarm.world = small_world(dice, seed);
  swarm.world.pull_requests = 3 + dice.below(8);
  swarm.world.life_per_day = 20;
  swarm.bitbucket = awkward(dice);
  swarm.bitbucket.max_page_length = 5 + static_cast<std::int64_t>(dice.below(8));
  swarm.connector.account_concurrency = 1 + static_cast<int>(dice.below(4));
  swarm.network.change_one_in = 1 + static_cast<std::uint32_t>(dice.below(12));
  swarm.network.changes = 1 + dice.below(3);
  swarm.network.change_kinds = simulator::mutate_without_names |
                               (dice.one_in(2) ? simulator::mutate_delivery : 0U) |
                               (dice.one_in(2) ? simulator::mutate_setup : 0U);
  swarm.interval = 24h;
  return swarm;
}

std::string Swarm::describe() const {
  return fmt::format(
      "{} repositories, {} pull requests, {} sources every {} s, {} requests an hour; pages of {}"
      "{}{}; network 1/{}, lost 1/{}, slow {} ms, storms {} min{}; disk 1/{}, sync 1/{}, busy 1/{},"
      " full {} min; crashes {} min{}{}, restarts {} min, orders {} min; changes 1/{}",
      world.repositories, world.pull_requests, sources, interval.count(),
      connector.requests_per_hour, bitbucket.max_page_length.value_or(0),
      bitbucket.omit_size ? ", no size" : "", bitbucket.sorted_by_update ? ", rows move" : "",
      network.one_in, network.lost_one_in, network.slowest.count(), network.between_storms.count(),
      network.lies ? ", lies" : "", disk.one_in, disk.sync_one_in, disk.busy_one_in,
      between_full_disks.count(), between_crashes.count(), crashes_in_writes ? " in writes" : "",
      loses_power ? " of power" : "", between_restarts.count(), between_orders.count(),
      network.change_one_in);
}

}  // namespace evidenced::deterministic
