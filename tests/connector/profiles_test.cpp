// Goal: the two profiles of tokens are those that the streams need, wherever they are written down.
// Method: the table of streams against what the probe asks for and what the documentation says.
#include "connector/bitbucket/scopes.hpp"
#include "connector/bitbucket/streams.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"
#include "tests/simulator/tokens.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace evidenced::connector::bitbucket;
using evidenced::connector::bitbucket::testing::read_file;

namespace {

std::set<std::string> set_of(const auto& scopes) {
  return {scopes.begin(), scopes.end()};
}

/// The row of docs/operations.md for a scope.
std::string row_of(std::string_view scope) {
  std::vector<std::string_view> kinds;
  for (const Stream& stream : streams()) {
    const bool known = std::ranges::find(kinds, stream.kind) != kinds.end();
    if (stream.scope == scope && !known) kinds.push_back(stream.kind);
  }
  return fmt::format("| {} | `{}` | {} |\n", scope.starts_with("read:") ? "read" : "control", scope,
                     fmt::join(kinds, ", "));
}

}  // namespace

TEST_CASE("every scope that a stream needs is in one of the profiles, and no other is") {
  std::set<std::string> needed;
  for (const Stream& stream : streams()) needed.emplace(stream.scope);
  std::set<std::string> offered = set_of(read_scopes());
  const std::set<std::string> control = set_of(control_scopes());
  CHECK(offered.size() + control.size() == needed.size());
  for (const std::string& scope : offered) CHECK(scope.starts_with("read:"));
  for (const std::string& scope : control) CHECK_FALSE(scope.starts_with("read:"));
  offered.insert(control.begin(), control.end());
  CHECK(offered == needed);
  CHECK(set_of(evidenced::simulator::read_scopes()) == set_of(read_scopes()));
  CHECK(set_of(evidenced::simulator::read_and_control_scopes()) == needed);
}

TEST_CASE("the documentation lists the scopes of both profiles with the kinds that they bring") {
  const std::string manual = read_file("docs/operations.md");
  std::size_t rows = 0;
  for (const auto& profile : {read_scopes(), control_scopes()}) {
    for (const std::string_view scope : profile) {
      INFO(row_of(scope));
      CHECK(manual.find(row_of(scope)) != std::string::npos);
      ++rows;
    }
  }
  std::size_t written = 0;
  for (std::size_t at = manual.find(":bitbucket` | "); at != std::string::npos;
       at = manual.find(":bitbucket` | ", at + 1)) {
    ++written;
  }
  CHECK(written == rows);
}
