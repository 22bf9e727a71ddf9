// Goal: stream table, targets and parser together bring home everything that there is, and an
// incremental walk everything that changed. Method: walks of a simulated workspace full of
// oddities, compared with what the simulator itself says must come out; its refusals switched on.
#include "connector/bitbucket/targets.hpp"
#include "connector/pager.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"
#include "tests/simulator/simulator.hpp"
#include "tests/simulator/virtual_clock.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <set>

using namespace evidenced;
using namespace evidenced::connector;
using namespace evidenced::connector::bitbucket;
using namespace evidenced::connector::bitbucket::testing;
using evidenced::simulator::Simulator;
using evidenced::simulator::VirtualClock;
using evidenced::simulator::WorldOptions;
namespace json = boost::json;

namespace {

const std::string origin = "https://api.bitbucket.org";

/// Content by upstream_id, for each kind.
using Collected = std::map<std::string, std::map<std::string, std::string>, std::less<>>;

/// A collector without storage, budget and retries: it asks and keeps.
class Walker {
 public:
  Walker(Simulator& simulator, std::string authorization)
      : simulator_(simulator), authorization_(std::move(authorization)) {}

  /// Walks the streams of the first kinds; those that filter by updated_on from `since`.
  void walk(std::string_view since) {
    for (const Stream& stream : streams()) {
      if (!simulator::first_kinds().contains(std::string(stream.kind))) continue;
      for (const Partition& partition : partitions_of(stream.parent)) {
        walk_partition(stream, partition, since);
      }
    }
  }

  Collected collected;
  std::string newest;
  std::size_t requests = 0;

 private:
  std::vector<Partition> partitions_of(Parent parent) {
    if (parent == Parent::none) return {Partition{}};
    const std::string_view kind = parent_kind(parent);
    std::vector<Partition> partitions;
    for (const auto& [id, content] : collected[std::string(kind)]) {
      if (auto partition = partition_of(kind, content)) partitions.push_back(*partition);
    }
    return partitions;
  }

  void walk_partition(const Stream& stream, const Partition& partition, std::string_view since) {
    const std::size_t legs = stream.shape == Shape::list_of_objects ? 1 : stream.paths.size();
    for (std::size_t leg = 0; leg < legs; ++leg) {
      const std::string target = first_target(stream, leg, partition, since);
      REQUIRE_FALSE(target.empty());
      if (walk_list(stream, leg, partition, target)) continue;
      // Refused: shorter pages, then plainer words.
      std::vector<std::string> targets = plain_targets(stream, partition, since);
      if (targets.empty()) targets = {target};
      for (std::string& plainer : targets) {
        while (!walk_list(stream, leg, partition, plainer)) {
          plainer = with_shorter_pages(plainer);
          REQUIRE_FALSE(plainer.empty());
        }
      }
    }
  }

  /// False when the first page is refused with 400.
  bool walk_list(const Stream& stream, std::size_t leg, const Partition& partition,
                 const std::string& target) {
    Pager pager(origin, target, {});
    while (!pager.done()) {
      const auto response = get(pager.target());
      if (response.status == 400 && pager.target() == target) return false;
      CAPTURE(pager.target());
      REQUIRE(response.status == 200);
      const ParsedPage page = parsed(stream.name, response.body, partition, leg);
      for (const auto& artifact : page.artifacts) keep(stream, leg, artifact);
      newest = std::max(newest, page.newest);
      Pager::Page seen;
      seen.next = page.next;
      seen.fingerprint = std::hash<std::string>()(response.body);
      seen.items = static_cast<std::int64_t>(page.artifacts.size());
      REQUIRE(pager.accept(seen));
    }
    return true;
  }

  void keep(const Stream& stream, std::size_t leg, const storage::ArtifactDraft& artifact) {
    if (stream.shape != Shape::list_of_objects || leg == 1) {
      collected[artifact.kind][artifact.upstream_id] = artifact.content;
      return;
    }
    const auto partition = partition_of(stream.name, artifact.content);
    REQUIRE(partition);
    REQUIRE(walk_list(stream, 1, *partition, first_target(stream, 1, *partition, "")));
  }

  simulator::SimResponse get(const std::string& target) {
    ++requests;
    simulator::SimRequest request;
    request.target = target;
    request.headers.emplace_back("authorization", authorization_);
    return simulator_.answer(request);
  }

  Simulator& simulator_;
  std::string authorization_;
};

/// Kind and meaning of everything, without what only the list of workspaces tells.
std::set<std::string> meanings(const Collected& collected) {
  std::set<std::string> all;
  for (const auto& [kind, artifacts] : collected) {
    for (const auto& [id, content] : artifacts) {
      json::value value = meaning(content);
      if (kind == "workspace") {
        for (const char* access : {"administrator", "permission", "last_accessed"}) {
          value.as_object().erase(access);
        }
      }
      all.insert(kind + canonical_text(value));
    }
  }
  return all;
}

std::set<std::string> expected(Simulator& simulator, const simulator::Token& token) {
  std::set<std::string> all;
  for (const auto& object : simulator.expected(token)) {
    all.insert(object.kind + canonical_text(without_secrets(object.json)));
  }
  return all;
}

WorldOptions odd_world() {
  WorldOptions options;
  options.seed = 7;
  options.workspaces = 2;
  options.people = 30;
  options.repositories = 12;
  options.pull_requests = 260;
  return options;
}

void check_everything(Simulator& simulator, Walker& walker, const simulator::Token& token) {
  const auto found = meanings(walker.collected);
  const auto wanted = expected(simulator, token);
  for (const std::string& object : wanted) {
    if (!found.contains(object)) FAIL_CHECK("missing: " << object);
  }
  for (const std::string& object : found) {
    if (!wanted.contains(object)) FAIL_CHECK("too much: " << object);
  }
}

}  // namespace

TEST_CASE("a walk of streams brings home everything") {
  VirtualClock clock(odd_world().now);
  Simulator simulator(simulator::World(odd_world()), clock);
  const simulator::Token& token = simulator.add_token();
  SECTION("as the service is known") {}
  SECTION("in the other shape of the workspace list") {
    simulator.switches.second_workspaces_shape = true;
  }
  SECTION("with opaque links and without totals") {
    simulator.switches.opaque_next = true;
    simulator.switches.omit_size = true;
    simulator.switches.empty_next = true;
  }
  SECTION("with shorter pages than documented") {
    simulator.switches.max_page_length = 25;
  }
  Walker walker(simulator, token.authorization);
  walker.walk("");
  check_everything(simulator, walker, token);
  CHECK(walker.collected["pull_request"].size() == 260);
}

TEST_CASE("an incremental walk sees what changed, and approvals that moved no time stamp") {
  VirtualClock clock(odd_world().now);
  Simulator simulator(simulator::World(odd_world()), clock);
  simulator.world().approvals_move_updated_on = false;
  const simulator::Token& token = simulator.add_token();
  SECTION("asked in one filter") {}
  SECTION("asked in two lists, where OR is refused") {
    simulator.switches.refuse_or = true;
  }
  Walker walker(simulator, token.authorization);
  walker.walk("");
  const std::size_t full = walker.requests;
  for (int round = 0; round < 5; ++round) {
    clock.advance(std::chrono::hours(2));
    simulator.mutate(25, simulator::mutate_pull_requests);
    walker.requests = 0;
    walker.walk(walker.newest);
    check_everything(simulator, walker, token);
    CHECK(walker.requests <= full + 24);
  }
}
