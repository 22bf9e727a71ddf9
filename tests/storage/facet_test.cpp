// Goal: facets count what lists would list, each with its own choice set aside, exactly, whether
// counts are kept or rows are looked at. Method: a mixed collection, random filters, and the lists
// as the oracle.
#include "storage/facet_store.hpp"
#include "tests/storage/walker.hpp"

#include <algorithm>
#include <map>

namespace evidenced::storage::tests {

namespace {

const std::string second_source = "src_2";

/// The content is the state and the title.
Extract read_word(std::string_view, std::string_view content) {
  Extract extract;
  extract.title = content;
  if (content != "none") extract.state = content;
  return extract;
}

ArtifactDraft in_state(std::string kind, const std::string& id, const std::string& repository,
                       const std::string& state) {
  ArtifactDraft made = pull_request(id, repository, state.empty() ? "none" : state);
  made.kind = std::move(kind);
  made.project = repository.ends_with("1") ? "PLAT" : "";
  made.state = state;
  made.title = made.content;
  return made;
}

/// Two sources; pull requests and restrictions in four repositories; some removed, some revised.
/// A moment between the two days of it.
Timestamp fill_two_sources(Store& store) {
  store.add_source(second_source);
  Timestamp between{};
  for (const std::string& source : {store.source_id, second_source}) {
    for (int r = 0; r < 4; ++r) {
      const std::string name = fmt::format("{}/repo-{}", r < 2 ? "acme" : "initech", r);
      for (const std::string kind : {"pull_request", "branch_restriction"}) {
        Walker walker(store, source, kind, fmt::format("{{repo-{}}}", r));
        const bool stateful = kind == "pull_request";
        std::vector<ArtifactDraft> drafts;
        for (int i = 0; i < 9; ++i) {
          const std::string state = stateful ? (i % 3 == 0 ? "OPEN" : "MERGED") : "";
          drafts.push_back(in_state(kind, fmt::format("{}-{}-{}", kind, r, i), name, state));
        }
        walker.walk(drafts);
        between = walker.now;
        if (stateful) drafts[0] = in_state(kind, drafts[0].upstream_id, name, "DECLINED");
        drafts.resize(static_cast<std::size_t>(8 - r % 2));
        walker.walk(drafts);
        walker.walk(drafts);
      }
    }
  }
  return between;
}

using Choice = std::vector<std::string> ArtifactFilter::*;
constexpr Choice choices[] = {&ArtifactFilter::kinds,        &ArtifactFilter::source_ids,
                              &ArtifactFilter::workspaces,   &ArtifactFilter::projects,
                              &ArtifactFilter::repositories, &ArtifactFilter::states};

std::string value_in(const Artifact& artifact, std::size_t facet) {
  const std::string values[] = {artifact.kind,    artifact.source_id,  artifact.workspace,
                                artifact.project, artifact.repository, artifact.state};
  return values[facet];
}

/// What a list under the filter shows as the states of its artifacts.
std::vector<Artifact> listed(Store& store, ArtifactFilter filter) {
  filter.limit = 1000;
  std::vector<Artifact> artifacts;
  store.read([&](Connection& c) {
    visit_artifacts(c, store.tenant, filter, [&](const ArtifactView& view) {
      Artifact artifact;
      artifact.kind = view.kind;
      artifact.source_id = view.source_id;
      artifact.workspace = view.workspace;
      artifact.project = view.project;
      artifact.repository = view.repository;
      artifact.state = view.superseded ? read_word(view.kind, view.content).state : view.state;
      artifacts.push_back(std::move(artifact));
    });
  });
  return artifacts;
}

Facets facets_of(Store& store, const FacetQuery& query) {
  return store.read([&](Connection& c) { return count_facets(c, store.tenant, query); });
}

/// Counts by listing.
void check_facets(Store& store, const FacetQuery& query) {
  const Facets facets = facets_of(store, query);
  CHECK_FALSE(facets.counted_since);
  const auto seen = [&](ArtifactFilter filter) {
    std::vector<Artifact> artifacts = listed(store, std::move(filter));
    std::erase_if(artifacts, [&](const Artifact& artifact) {
      return !query.seen_sources.empty() &&
             std::ranges::find(query.seen_sources, artifact.source_id) == query.seen_sources.end();
    });
    return artifacts;
  };
  REQUIRE(facets.count == static_cast<std::int64_t>(seen(query.filter).size()));
  for (std::size_t at = 0; at < facet_names.size(); ++at) {
    CAPTURE(facet_names[at]);
    ArtifactFilter others = query.filter;
    (others.*choices[at]).clear();
    std::map<std::string, std::int64_t> expected;
    for (const Artifact& artifact : seen(others)) ++expected[value_in(artifact, at)];
    const Facet& facet = facets.all[at];
    REQUIRE(facet.none == expected[""]);
    expected.erase("");
    REQUIRE(std::map(facet.values.begin(), facet.values.end()) == expected);
  }
}

}  // namespace

TEST_CASE("facets count what lists would list, with their own choice set aside") {
  Store store;
  const Timestamp between = fill_two_sources(store);
  SeededRandom random(11);
  for (int round = 0; round < 200; ++round) {
    FacetQuery query;
    ArtifactFilter& filter = query.filter;
    filter.read = read_word;
    if (random.chance(40)) filter.kinds = {"pull_request"};
    if (random.chance(20)) filter.kinds.push_back("branch_restriction");
    if (random.chance(30)) filter.source_ids = {second_source};
    if (random.chance(30)) filter.workspaces = {"initech"};
    if (random.chance(30)) filter.projects = {"PLAT"};
    if (random.chance(30)) filter.repositories = {"acme/repo-1", "initech/repo-2"};
    if (random.chance(30)) filter.states = {"OPEN", "DECLINED"};
    if (random.chance(20)) filter.text = "MER";
    if (random.chance(20)) filter.changed_since_seq = static_cast<std::int64_t>(random.below(200));
    if (random.chance(20)) filter.window.to = between;
    if (random.chance(20)) query.seen_sources = {store.source_id};
    filter.removed = static_cast<Removed>(random.below(3));
    CAPTURE(round);
    check_facets(store, query);
  }
}

TEST_CASE("the most frequent values come first, and the rest is summed up") {
  Store store;
  fill_two_sources(store);
  FacetQuery query;
  query.values = 2;
  const Facets facets = facets_of(store, query);
  const Facet& repository = facets.all[4];
  REQUIRE(repository.values.size() == 2);
  CHECK(repository.values[0] == std::pair<std::string, std::int64_t>("acme/repo-0", 32));
  CHECK(repository.values[1].first == "initech/repo-2");
  CHECK(repository.other == 56);
  CHECK(facets.all[5].values[0].first == "MERGED");
  CHECK(facets.all[5].none == 60);
}

TEST_CASE("names by uuid choose as they do in lists") {
  Store store;
  Walker repositories(store, "repository", "{ws-1}");
  repositories.walk({repository("{repo-1}", "acme/api"), repository("{repo-2}", "acme/web")});
  FacetQuery query;
  query.filter.repositories = {"{repo-2}"};
  CHECK(facets_of(store, query).count == 1);
  query.filter.repositories = {"{repo-9}"};
  const Facets none = facets_of(store, query);
  CHECK(none.count == 0);
  CHECK(none.all[4].values.size() == 2);
}

TEST_CASE("counts that would look at too many rows say where they begin") {
  Store store;
  Walker walker(store, "pull_request", "{repo-1}");
  walker.walk(pull_requests(1, 5));
  walker.walk(pull_requests(6, 9), SyncMode::incremental);
  FacetQuery query;
  query.filter.text = "pr-";
  query.rows = 4;
  const Facets facets = facets_of(store, query);
  CHECK(facets.count == 4);
  CHECK(facets.counted_since == walker.now);
  query.rows = 9;
  CHECK_FALSE(facets_of(store, query).counted_since);
}

TEST_CASE("facets tell nothing of another tenant") {
  Store store;
  fill_two_sources(store);
  const FacetQuery query;
  const Facets other =
      store.read([&](Connection& c) { return count_facets(c, TenantScope("other"), query); });
  CHECK(other.count == 0);
  CHECK(other.all[0].values.empty());
}

}  // namespace evidenced::storage::tests
