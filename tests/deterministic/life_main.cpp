// evidenced-sim: lives of the daemon's sync, storage and schedule code on one thread, with virtual
// time, seeded randomness, a faulty network and a faulty disk. The same seed gives the same life.
#include "config/log.hpp"
#include "tests/deterministic/life.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::deterministic {
namespace {

struct Arguments {
  std::string seeds = "1";  ///< "5", "1-300", "5,17,301-310"
  int days = 2;
  bool trace = false;
  bool twice = false;
  bool caught = false;
  bool moving = false;
};

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    throw CLI::ValidationError("--seeds", "wants numbers and ranges: 5,17,301-310");
  }
  return value;
}

std::vector<std::uint64_t> seeds_of(std::string_view text) {
  std::vector<std::uint64_t> seeds;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const std::size_t dash = part.find('-');
    const std::uint64_t first = number(part.substr(0, dash));
    const std::uint64_t last =
        dash == std::string_view::npos ? first : number(part.substr(dash + 1));
    for (std::uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
  }
  return seeds;
}

LifeReport live(const Arguments& arguments, std::uint64_t seed) {
  LifeOptions options;
  options.seed = seed;
  options.days = arguments.days;
  options.swarm = arguments.moving ? Swarm::moving(seed) : Swarm::of(seed);
  if (arguments.trace) options.trace = &std::cout;
  return deterministic::live(options);
}

void tell(const LifeReport& report) {
  std::cout << fmt::format(
      "seed {}: {} requests, {} writes, {} syncs ({} succeeded), {} crashes, {} disk faults, trace"
      " {:016x}{}\n",
      report.seed, report.requests, report.writes, report.syncs, report.succeeded, report.crashes,
      report.disk_faults, report.hash, report.violations.empty() ? "" : ": FAILED");
  for (const std::string& line : report.violations) std::cout << "  " << line << '\n';
}

/// The number of seeds that broke an invariant.
int run(const Arguments& arguments) {
  const std::vector<std::uint64_t> seeds = seeds_of(arguments.seeds);
  int failed = 0;
  for (const std::uint64_t seed : seeds) {
    LifeReport report = live(arguments, seed);
    if (arguments.twice && live(arguments, seed).hash != report.hash) {
      report.violations.emplace_back("the same seed gave another trace");
    }
    if (!report.violations.empty() || seeds.size() == 1) tell(report);
    if (!report.violations.empty()) ++failed;
    if (arguments.caught && failed > 0) break;
  }
  std::cout << fmt::format("seeds {}: {} of {} failed\n", arguments.seeds, failed, seeds.size());
  return failed;
}

}  // namespace
}  // namespace evidenced::deterministic

int main(int argc, char** argv) {
  using namespace evidenced;
  deterministic::Arguments arguments;
  CLI::App app(
      "Lives of evidenced's connector in a simulated world. Exit code 1: an invariant broke.");
  app.add_option("--seed,--seeds", arguments.seeds, "5, 1-300, or 5,17,301-310");
  app.add_option("--days", arguments.days, "how long a life is")->check(CLI::Range(1, 3650));
  app.add_flag("--trace", arguments.trace, "print what happens");
  app.add_flag("--twice", arguments.twice, "live each life twice: the traces must be equal");
  app.add_flag("--moving", arguments.moving, "no faults, but the world changes between pages");
  app.add_flag("--caught", arguments.caught, "exit code 0 if and only if a seed fails");
  CLI11_PARSE(app, argc, argv);
  log::configure(log::Level::off, log::Format::text);
  try {
    const bool failed = deterministic::run(arguments) > 0;
    return failed == arguments.caught ? 0 : 1;
  } catch (const std::exception& failure) {
    std::cerr << "evidenced-sim: " << failure.what() << '\n';
    return 2;
  }
}
