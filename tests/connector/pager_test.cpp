// Goal: a walk ends, whatever the server says, and never leaves the host.
// Method: scripts of pages; every poisoned script must stop within three pages of its repetition.
#include "connector/pager.hpp"

#include "tests/catch.hpp"

#include <functional>
#include <string>

namespace {

using evidenced::Result;
using evidenced::connector::Pager;

const std::string pager_origin = "https://api.bitbucket.org";
constexpr Pager::Limits few_pages{.pages = 100};

std::string page_url(std::int64_t number) {
  return pager_origin + "/2.0/repositories/acme?page=" + std::to_string(number);
}

/// A page whose items no other page has.
Pager::Page fresh_page(std::int64_t number, std::string next) {
  return {.next = std::move(next), .fingerprint = static_cast<std::uint64_t>(number), .items = 10};
}

using Server = std::function<Pager::Page(std::int64_t asked)>;

/// Walks until done or refused; returns the number of pages asked for.
std::int64_t walk(Pager& pager, const Server& server, Result<void>& outcome) {
  std::int64_t asked = 0;
  while (!pager.done() && outcome) outcome = pager.accept(server(++asked));
  return asked;
}

TEST_CASE("pager follows next links until one is missing or empty") {
  const bool missing = GENERATE(true, false);
  Pager pager(pager_origin, "/2.0/repositories/acme", few_pages);
  CHECK(pager.target() == "/2.0/repositories/acme");
  REQUIRE(pager.accept(fresh_page(1, page_url(2))));
  CHECK(pager.target() == "/2.0/repositories/acme?page=2");
  Pager::Page last = fresh_page(2, "");
  if (missing) last.next.reset();
  REQUIRE(pager.accept(last));
  CHECK(pager.done());
  CHECK(pager.pages() == 2);
}

TEST_CASE("pager resumes at a stored position") {
  Pager pager(pager_origin, "/2.0/repositories/acme?page=7", few_pages);
  REQUIRE(pager.accept(fresh_page(7, page_url(8))));
  CHECK(pager.target() == "/2.0/repositories/acme?page=8");
}

TEST_CASE("pager stops when a next link leaves the configured host, and stays where it is") {
  Pager pager(pager_origin, "/2.0/repositories/acme", few_pages);
  const Result<void> outcome = pager.accept(fresh_page(1, "https://evil.example/2.0/x"));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code.text() == "upstream.foreign_link");
  CHECK(pager.target() == "/2.0/repositories/acme");
}

TEST_CASE("pager stops in poisoned lists") {
  struct Poison {
    const char* name;
    Server server;
    std::int64_t most_pages;
  };
  const Poison poison = GENERATE(values<Poison>({
      {"a page that names itself", [](auto) { return fresh_page(1, page_url(2)); }, 3},
      {"a page that names itself with other items",
       [](auto n) { return fresh_page(n, page_url(2)); }, 3},
      {"a circle of two", [](auto n) { return fresh_page(n, page_url(2 + n % 2)); }, 5},
      {"a circle of ten", [](auto n) { return fresh_page(n, page_url(2 + n % 10)); }, 13},
      {"ever new links to the same items", [](auto n) { return fresh_page(1, page_url(n + 1)); },
       4},
      {"ever new links to nothing",
       [](auto n) { return Pager::Page{.next = page_url(n + 1), .fingerprint = 0, .items = 0}; },
       4},
      {"backwards", [](auto n) { return fresh_page(n, page_url(n < 5 ? n + 1 : 9 - n)); }, 8},
      {"a million pages", [](auto n) { return fresh_page(n, page_url(n + 1)); }, 100},
  }));
  CAPTURE(poison.name);
  Pager pager(pager_origin, "/2.0/repositories/acme", few_pages);
  Result<void> outcome;
  const std::int64_t asked = walk(pager, poison.server, outcome);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code.text() == "upstream.pagination_loop");
  CHECK(asked <= poison.most_pages);
}

TEST_CASE("pager passes over a few empty pages") {
  Pager pager(pager_origin, "/2.0/repositories/acme", few_pages);
  for (std::int64_t n = 1; n <= 30; ++n) {
    Pager::Page page = fresh_page(n, page_url(n + 1));
    if (n % 3 != 0) page.items = 0;
    CHECK(pager.accept(page));
  }
}

TEST_CASE("pager refuses a last page that was there before") {
  Pager pager(pager_origin, "/2.0/repositories/acme", few_pages);
  REQUIRE(pager.accept(fresh_page(1, page_url(2))));
  CHECK_FALSE(pager.accept(fresh_page(1, "")));
}

TEST_CASE("pager fails the same way at every step of a long walk") {
  for (std::int64_t broken = 1; broken <= 40; ++broken) {
    CAPTURE(broken);
    Pager pager(pager_origin, "/2.0/repositories/acme", few_pages);
    Result<void> outcome;
    const std::int64_t asked = walk(
        pager,
        [&](std::int64_t n) {
          return fresh_page(n, n == broken ? "http://api.bitbucket.org/2.0/x" : page_url(n + 1));
        },
        outcome);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code.text() == "upstream.foreign_link");
    CHECK(asked == broken);
    CHECK_FALSE(pager.done());
  }
}

}  // namespace
