#include "tests/deterministic/network.hpp"

#include "tests/simulator/sim_transport.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <utility>

namespace evidenced::deterministic {

using simulator::FaultKind;

namespace {

/// The path of a target: what a lie is told about once.
std::string path_of(const std::string& target) {
  return target.substr(0, target.find('?'));
}

std::vector<FaultKind> lies() {
  return {FaultKind::no_next, FaultKind::empty_list};
}

Task<bool> cancelled() {
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  co_return state.cancelled() != boost::asio::cancellation_type::none;
}

}  // namespace

const std::vector<FaultKind>& meetable() {
  static const std::vector<FaultKind> kinds{
      FaultKind::status,       FaultKind::unauthorized,   FaultKind::forbidden,
      FaultKind::not_json,     FaultKind::self_loop,      FaultKind::ever_new_cursor,
      FaultKind::foreign_next, FaultKind::string_values,  FaultKind::oversize,
      FaultKind::reset_before, FaultKind::reset_mid_body, FaultKind::truncate,
      FaultKind::slow,         FaultKind::never,          FaultKind::gzip_truncate,
      FaultKind::gzip_corrupt};
  return kinds;
}

/// Counts a request as long as it is under way, also when its coroutine is thrown away.
struct Network::Count {
  explicit Count(int& count) : count_(count) { ++count_; }
  Count(const Count&) = delete;
  Count& operator=(const Count&) = delete;
  ~Count() { --count_; }

 private:
  int& count_;
};

Network::Network(Parts parts) : parts_(std::move(parts)) {
  inner_ = simulator::make_sim_transport(
      [this](const simulator::SimRequest& request) { return answer(request); }, parts_.clock);
}

Task<Result<connector::HttpResponse>> Network::get(connector::GetRequest request) {
  if (!parts_.reachable()) co_return fail("upstream.reset");
  const Count count(in_flight_);
  const std::string target = request.target;
  const SteadyTime deadline = parts_.clock.steady() + request.timeout;
  ++sent_;
  parts_.trace.add("ask " + target);
  co_await parts_.clock.sleep_for(some_delay());
  const bool lost = !calm && faults.lost_one_in > 0 && parts_.dice.one_in(faults.lost_one_in);
  if (lost) {
    parts_.trace.add("lost " + target);
    co_await parts_.clock.sleep_until(deadline);
  }
  if (co_await cancelled()) co_return fail("upstream.cancelled");
  if (!parts_.reachable()) co_return fail("upstream.reset");
  if (lost || parts_.clock.steady() >= deadline) co_return fail("upstream.timeout");
  request.timeout = std::chrono::ceil<std::chrono::seconds>(deadline - parts_.clock.steady());
  Result<connector::HttpResponse> response = co_await inner_->get(std::move(request));
  co_await parts_.clock.sleep_for(some_delay());
  if (co_await cancelled()) co_return fail("upstream.cancelled");
  if (!parts_.reachable()) co_return fail("upstream.reset");
  parts_.trace.add(fmt::format("got {} {}", response ? response->status : 0, target));
  co_return response;
}

std::chrono::milliseconds Network::some_delay() {
  const auto most = static_cast<std::size_t>(faults.slowest.count());
  if (calm || most == 0) return std::chrono::milliseconds{0};
  // Most are fast; that some are not is what puts answers in another order.
  const std::size_t bound = parts_.dice.one_in(8) ? most : most / 10 + 1;
  return std::chrono::milliseconds(parts_.dice.below(bound));
}

simulator::SimResponse Network::answer(const simulator::SimRequest& request) {
  live();
  if (!calm) meet(request);
  simulator::SimResponse response = parts_.bitbucket.answer(request);
  parts_.bitbucket.clear_faults();
  return response;
}

void Network::live() {
  if (world_stands_still) return;
  const auto changes = parts_.bitbucket.live();
  for (const std::string& line : changes) parts_.trace.add("world " + line);
  world_changes_ += changes.size();
  const bool change = !calm && faults.change_one_in > 0 && parts_.dice.one_in(faults.change_one_in);
  if (!change) return;
  for (const std::string& line : parts_.bitbucket.mutate(faults.changes, faults.change_kinds)) {
    parts_.trace.add("change " + line);
    ++world_changes_;
  }
}

void Network::meet(const simulator::SimRequest& request) {
  if (storming(request.target)) {
    simulator::Fault storm;
    storm.path = request.target;
    storm.status = storm_kind_ % 2 == 0 ? 429 : 503;
    storm.text = "Rate limit for this resource has been exceeded";
    parts_.bitbucket.add_fault(std::move(storm));
    return;
  }
  if (faults.lies && lie(request.target)) {
    arm(request, parts_.dice.pick(lies()));
    return;
  }
  if (faults.one_in == 0 || faults.kinds.empty() || !parts_.dice.one_in(faults.one_in)) return;
  arm(request, parts_.dice.pick(faults.kinds));
}

/// Of each list one answer may be a lie: two complete walks that are lied to alike would have to be
/// believed.
bool Network::lie(const std::string& target) {
  const bool list = target.find("pagelen=") != std::string::npos;
  if (!list || !parts_.dice.one_in(8)) return false;
  return lied_to_.insert(path_of(target)).second;
}

void Network::arm(const simulator::SimRequest& request, FaultKind kind) {
  static const std::vector<int> statuses{500, 502, 503, 504, 429, 404, 400};
  simulator::Fault fault;
  fault.kind = kind;
  fault.path = request.target;
  if (kind == FaultKind::status) fault.status = parts_.dice.pick(statuses);
  if (kind == FaultKind::foreign_next) {
    fault.text = parts_.dice.pick(simulator::hostile_links(origin()));
  }
  if (kind == FaultKind::not_json && parts_.dice.one_in(2)) fault.text = "<html>one moment</html>";
  if (kind == FaultKind::slow) fault.delay = std::chrono::seconds(1 + parts_.dice.below(60));
  parts_.trace.add(fmt::format("fault {} {} {}", simulator::fault_name(kind),
                               kind == FaultKind::status ? fault.status : 0, request.target));
  parts_.bitbucket.add_fault(std::move(fault));
}

/// Storms come and go by the clock; each is of one status, for one group of paths or for all.
bool Network::storming(const std::string& target) {
  if (faults.between_storms.count() == 0) return false;
  const SteadyTime now = parts_.clock.steady();
  if (now >= storm_ends_) {
    const auto pause = static_cast<std::size_t>(2 * faults.between_storms.count());
    storm_starts_ = now + std::chrono::minutes(parts_.dice.below(pause));
    storm_ends_ = storm_starts_ + faults.storm;
    storm_kind_ = parts_.dice.below(4);
  }
  if (now < storm_starts_) return false;
  const bool all = storm_kind_ < 2;
  return all || target.starts_with("/2.0/repositories/");
}

}  // namespace evidenced::deterministic
