// Goal: page k of n fails, for every k of every stream, with every fault: the sync is partial or
// failed, what was collected before is kept as it was with its date, nothing is removed, and the
// next sync heals (promise P3; T-14). Method: the streams are those of the table, so that a new one
// is tested by itself; lists come in some three pages; a page meets its fault each time that it is
// asked for.
#include "connector/bitbucket/streams.hpp"
#include "tests/catch.hpp"
#include "tests/connector/sync_faults.hpp"
#include "tests/simulator/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

using namespace evidenced;
using namespace evidenced::tests;
using connector::bitbucket::Freshness;
using connector::bitbucket::Shape;
using connector::bitbucket::Stream;
using simulator::Fault;
using simulator::FaultKind;
using storage::SyncMode;
using storage::SyncResult;

namespace {

/// What befalls a page.
struct Trouble {
  std::string_view name;
  Fault fault;
  std::string_view code;  ///< that the stream names
};

std::vector<Trouble> troubles() {
  const auto kind = [](FaultKind what) { return fault(what, "", 1); };
  return {
      {"5xx", answer(500, "", ""), "upstream.unavailable"},
      {"reset", kind(FaultKind::reset_before), "upstream.reset"},
      {"reset in the body", kind(FaultKind::reset_mid_body), "upstream.reset"},
      {"truncated", kind(FaultKind::truncate), "upstream.truncated"},
      {"timeout", kind(FaultKind::never), "upstream.timeout"},
      {"bad JSON", kind(FaultKind::not_json), "upstream.invalid_json"},
      {"HTML with 200", answer(200, "<html><p>Please wait</p></html>", ""),
       "upstream.invalid_json"},
      {"403", kind(FaultKind::forbidden), "stream.forbidden"},
      {"404", answer(404, "", ""), "stream.not_found"},
      {"too short", kind(FaultKind::no_next), "stream.incomplete"},
  };
}

/// Whether a target is one of a path of the table, "/2.0/workspaces/{workspace}/projects".
bool is_of(std::string_view target, std::string_view path) {
  target = target.substr(0, target.find('?'));
  while (!path.empty() && !target.empty()) {
    const std::size_t path_end = std::min(path.find('/', 1), path.size());
    const std::size_t end = std::min(target.find('/', 1), target.size());
    const bool any = path.substr(0, path_end).starts_with("/{");
    if (!any && path.substr(0, path_end) != target.substr(0, end)) return false;
    path.remove_prefix(path_end);
    target.remove_prefix(end);
  }
  return path.empty() && target.empty();
}

/// The number of a page; 1 where the target does not say.
int page_of(std::string_view target) {
  const std::size_t at = std::max(target.find("?page=") + 1, target.find("&page=") + 1);
  return at == 0 ? 1 : std::stoi(std::string(target.substr(at + 5)));
}

bool is_path_of(std::string_view target, std::string_view other) {
  return target.substr(0, target.find('?')) == other.substr(0, other.find('?'));
}

/// Two workspaces, repositories with pipelines and one without, and at least two rows of all that
/// is set up.
simulator::WorldOptions a_bit_of_everything() {
  simulator::WorldOptions options;
  options.workspaces = 2;
  options.people = 6;
  options.groups = 2;
  options.projects = 2;
  options.repositories = 3;
  options.pull_requests = 8;
  options.restrictions = 3;
  options.with_pipelines = 50;
  options.odd = false;
  return options;
}

std::string uuid(int number) {
  return fmt::format("{{00000000-0000-4000-8000-{:012}}}", number);
}

void set_up(simulator::Setup& setup, int& made) {
  for (int i = 0; i < 2; ++i) {
    ++made;
    simulator::Hook hook;
    hook.uuid = uuid(made);
    hook.url = "https://example.com/";
    setup.hooks.push_back(hook);
    simulator::DeployKey key;
    key.id = made;
    key.key = simulator::public_key(static_cast<std::uint64_t>(made));
    setup.deploy_keys.push_back(key);
    if (setup.pipelines != simulator::PipelinesState::enabled) continue;
    simulator::Runner runner;
    runner.uuid = uuid(made);
    setup.runners.push_back(runner);
    simulator::Schedule schedule;
    schedule.uuid = uuid(made);
    setup.schedules.push_back(schedule);
  }
}

void set_up(simulator::World& world) {
  int made = 0;
  for (auto& workspace : world.workspaces) {
    const std::vector<std::size_t> two = {workspace->members[0].person,
                                          workspace->members[1].person};
    for (simulator::Project& project : workspace->projects) {
      project.default_reviewers = two;
      for (int i = 0; i < 2; ++i) {
        simulator::DeployKey key;
        key.id = ++made;
        key.key = simulator::public_key(static_cast<std::uint64_t>(made));
        project.deploy_keys.push_back(key);
      }
    }
    for (auto& repository : workspace->repositories) {
      set_up(repository->setup, made);
      for (const std::size_t person : two) world.grant(*repository, {false, person, "write"});
      // What was merged lately has builds, where nothing is built by pipelines.
      const Timestamp now = world.options().now;
      simulator::PullRequest& merged = world.open_pull_request(*repository, now);
      world.merge(*repository, merged, two[0], now);
    }
  }
}

/// A lab whose source has been collected once, and the pages of its streams.
class Paged {
 public:
  /// Of an administrator of the workspaces, or one of all their repositories.
  explicit Paged(simulator::Role role) : lab(a_bit_of_everything()) {
    set_up(lab.world());
    lab.token().role = role;
    for (const auto& workspace : lab.world().workspaces) {
      for (const auto& repository : workspace->repositories) {
        lab.token().administrated_repositories.insert(repository->uuid);
      }
    }
    source = lab.add_source();
    lab.start();
    const storage::Sync first = lab.run_sync(source);
    INFO(describe(first));
    REQUIRE(first.result == SyncResult::succeeded);
    kept = lab.stored(source);
  }

  /// What a stream asks for in one partition, page by page, when its longest list has three.
  std::vector<std::string> pages_of(const Stream& stream) {
    std::int64_t rows = 1;
    for (const auto& [partition, walk] : lab.walks(source, std::string(stream.name))) {
      rows = std::max(rows, walk.rows);
    }
    const auto legs = static_cast<std::int64_t>(stream.paths.size());
    lab.bitbucket().switches.page_rows = std::max<std::int64_t>(1, (rows + 2) / (3 * legs));
    lab.bitbucket().clear_log();
    const storage::Sync sync = lab.run_sync(source, SyncMode::full, {std::string(stream.name)});
    INFO(describe(sync));
    REQUIRE(sync.result == SyncResult::succeeded);
    std::vector<std::string> targets;
    for (const std::string_view path : stream.paths) {
      const std::vector<std::string> pages = longest_list(path);
      targets.insert(targets.end(), pages.begin(), pages.end());
    }
    return targets;
  }

  /// The pages of the longest of the lists that were asked for at a path of the table.
  std::vector<std::string> longest_list(std::string_view path) {
    std::map<std::string, std::vector<std::string>> lists;
    std::vector<std::string> longest;
    for (const simulator::LogEntry& entry : lab.bitbucket().log()) {
      const std::string& target = entry.request.target;
      if (!is_of(target, path)) continue;
      auto& pages = lists[target.substr(0, target.find('?'))];
      pages.push_back(target);
      if (pages.size() > longest.size()) longest = pages;
    }
    return longest;
  }

  SyncLab lab;
  std::string source;
  std::map<std::string, std::string> kept;
};

/// Whether there is such a trouble with a page: the end of a list is no early end, what is told
/// without a size or with numbered pages does not lack `next`, and where 404 means that there is
/// none it is an answer.
bool befalls(const Trouble& trouble, const Stream& stream, const std::string& target,
             const std::vector<std::string>& pages) {
  if (trouble.code == "stream.not_found") return stream.freshness != Freshness::per_head;
  if (trouble.fault.kind != FaultKind::no_next) return true;
  if (stream.freshness == Freshness::since_head || stream.numbered_pages) return false;
  return std::ranges::any_of(pages, [&](const std::string& other) {
    return is_path_of(other, target) && page_of(other) > page_of(target);
  });
}

/// A refusal in the middle is no gap: the list went away while it was read.
std::string_view code_of(const Trouble& trouble, const std::string& target) {
  const bool refusal = trouble.code.starts_with("stream.");
  return refusal && page_of(target) > 1 ? "stream.incomplete" : trouble.code;
}

/// `streams`: of the syncs that meet the trouble and heal; empty: all.
void check_trouble(Paged& here, const Stream& stream, const std::string& target,
                   const Trouble& trouble, const std::vector<std::string>& streams) {
  const std::string name(stream.name);
  CAPTURE(name, target, trouble.name);
  const auto before = here.lab.walks(here.source, name);
  Fault broken = trouble.fault;
  broken.path = target;
  broken.count = 0;
  here.lab.bitbucket().add_fault(broken);
  const storage::Sync spoilt = here.lab.run_sync(here.source, SyncMode::full, streams);
  here.lab.bitbucket().clear_faults();
  INFO(describe(spoilt));
  CHECK((spoilt.result == SyncResult::partial || spoilt.result == SyncResult::failed));
  const storage::SyncStream row = tests::stream(spoilt, name);
  CHECK_FALSE(row.complete);
  REQUIRE(row.error);
  CHECK(row.error->code == code_of(trouble, target));
  CHECK(row.removed == 0);
  CHECK(here.lab.stored(here.source) == here.kept);
  CHECK(here.lab.removed(here.source) == 0);
  int failed = 0;
  for (const auto& [partition, walk] : here.lab.walks(here.source, name)) {
    if (!walk.error) continue;
    ++failed;
    CHECK(walk.generation > 0);
    CHECK(walk.generation == before.at(partition).generation);
    CHECK(walk.complete_at == before.at(partition).complete_at);
    CHECK(walk.observed_at == before.at(partition).observed_at);
  }
  CHECK(failed > 0);
  const storage::Sync healed = here.lab.run_sync(here.source, SyncMode::full, streams);
  INFO(describe(healed));
  CHECK(healed.result == SyncResult::succeeded);
  CHECK(tests::stream(healed, name).complete);
  CHECK(here.lab.stored(here.source) == here.kept);
}

}  // namespace

TEST_CASE("every fault on every page of every stream spoils the sync, removes nothing, and heals",
          "[sync]") {
  Paged administrator(simulator::Role::admin);
  Paged member(simulator::Role::member);
  std::size_t pages = 0;
  std::size_t faults = 0;
  for (const Stream& stream : connector::bitbucket::streams()) {
    INFO(stream.name);
    // What stands in for another stream is asked for where that one is refused.
    Paged& here = stream.instead_of.empty() ? administrator : member;
    const std::vector<std::string> targets = here.pages_of(stream);
    REQUIRE_FALSE(targets.empty());
    const bool paged = stream.page_length > 0 && stream.freshness != Freshness::per_head;
    CHECK(paged == std::ranges::any_of(targets, [](const auto& t) { return page_of(t) > 1; }));
    for (const std::string& target : targets) {
      ++pages;
      for (const Trouble& trouble : troubles()) {
        if (!befalls(trouble, stream, target, targets)) continue;
        ++faults;
        // One of them meets a sync of everything.
        std::vector<std::string> streams;
        const bool whole = trouble.name == "5xx" && target == targets.back();
        if (!whole) streams.emplace_back(stream.name);
        check_trouble(here, stream, target, trouble, streams);
      }
    }
  }
  CHECK(administrator.lab.differences(administrator.source) == nothing);
  CHECK(member.lab.differences(member.source) == nothing);
  std::cout << connector::bitbucket::streams().size() << " streams, " << pages << " pages, "
            << faults << " faults\n";
}
