// Goal: a list never costs a walk over everything where an index can serve. Method: EXPLAIN QUERY
// PLAN of the very statements that lists run.
#include "tests/storage/mixed_collection.hpp"

#include <functional>
#include <span>

namespace evidenced::storage::tests {

namespace {

/// Hands everything on and keeps how each statement would be run.
class Explaining final : public Connection {
 public:
  explicit Explaining(Connection& connection) : connection_(connection) {}
  using Connection::execute;
  using Connection::insert;
  using Connection::query;
  void query(std::string_view sql, std::span<const Value> parameters,
             const std::function<void(const Row&)>& on_row) override {
    connection_.query("EXPLAIN QUERY PLAN " + std::string(sql), parameters,
                      [&](const Row& row) { plan += std::string(row.text(3)) + "\n"; });
    connection_.query(sql, parameters, on_row);
  }
  std::int64_t execute(std::string_view sql, std::span<const Value> parameters) override {
    return connection_.execute(sql, parameters);
  }
  std::int64_t insert(std::string_view sql, std::span<const Value> parameters) override {
    return connection_.insert(sql, parameters);
  }

  std::string plan;

 private:
  Connection& connection_;
};

std::string plan_of(Store& store, const ArtifactFilter& filter) {
  return store.read([&](Connection& c) {
    Explaining explaining(c);
    list_artifacts(explaining, store.tenant, filter);
    return explaining.plan;
  });
}

}  // namespace

TEST_CASE("no filter that has an index makes a list walk or sort everything") {
  Store store;
  fill_mixed(store);
  std::vector<ArtifactFilter> filters(12);
  filters[1].kinds = {"pull_request"};
  filters[2].source_ids = {store.source_id};
  filters[3].repositories = {"acme/repo-1"};
  filters[4].kinds = {"pull_request"};
  filters[4].repositories = {"acme/repo-1"};
  filters[5].kinds = {"pull_request", "repository"};
  filters[6].workspaces = {"acme"};
  filters[6].projects = {"PLAT"};
  filters[7].removed = Removed::only;
  filters[8].changed_since_seq = 100;
  filters[9].states = {"OPEN"};
  filters[10].states = {"OPEN"};
  filters[10].order = ArtifactOrder::newest;
  filters[11].order = ArtifactOrder::last_changed;
  for (const ArtifactFilter& filter : filters) {
    std::string plan = plan_of(store, filter);
    CAPTURE(plan);
    CHECK(plan.find("SCAN a\n") == std::string::npos);
    CHECK(plan.find("SCAN r") == std::string::npos);
    CHECK(plan.find("SCAN artifacts") == std::string::npos);
    // The rows of a dimension come in list order; only the few changed ones are sorted.
    if (!filter.changed_since_seq && filter.kinds.size() < 2) {
      CHECK(plan.find("USE TEMP B-TREE") == std::string::npos);
    }
  }
  CHECK(plan_of(store, filters[1]).find("artifacts_by_kind") != std::string::npos);
  CHECK(plan_of(store, filters[3]).find("artifacts_by_repository") != std::string::npos);
  CHECK(plan_of(store, filters[8]).find("artifacts_by_seq") != std::string::npos);
  CHECK(plan_of(store, filters[9]).find("artifacts_by_state") != std::string::npos);
  CHECK(plan_of(store, filters[11]).find("artifacts_by_seq") != std::string::npos);
}

TEST_CASE("of two large dimensions the smaller one is walked") {
  Store store;
  for (const char* name : {"acme/large", "acme/larger"}) {
    const int rows = std::string_view(name) == "acme/large" ? 2100 : 2300;
    Walker walker(store, "pull_request", fmt::format("{{{}}}", name));
    std::vector<ArtifactDraft> drafts;
    for (int i = 0; i < rows; ++i) {
      drafts.push_back(pull_request(fmt::format("{}-{}", name, i), name));
    }
    walker.walk(drafts);
  }
  ArtifactFilter filter;
  filter.kinds = {"pull_request"};
  filter.repositories = {"acme/large"};
  filter.limit = 3000;
  CHECK(store.list(filter).size() == 2100);
  const std::string plan = plan_of(store, filter);
  CAPTURE(plan);
  CHECK(plan.substr(plan.rfind("artifacts_by_")).starts_with("artifacts_by_repository"));
  // More values than are walked one by one: the other one is.
  for (int i = 0; i < 16; ++i) filter.repositories.push_back(fmt::format("acme/none-{}", i));
  const std::string of_many = plan_of(store, filter);
  CAPTURE(of_many);
  CHECK(of_many.substr(of_many.rfind("artifacts_by_")).starts_with("artifacts_by_kind"));
}

}  // namespace evidenced::storage::tests
