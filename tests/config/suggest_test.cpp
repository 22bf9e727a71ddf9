// Goal: a misspelt name leads to the one that was meant, and to none when nothing is near.
// Method: tables.
#include "config/suggest.hpp"

#include "tests/catch.hpp"

namespace evidenced {

TEST_CASE("edit distance counts insertions, deletions, replacements and swaps") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("listen", "listn") == 1);
  CHECK(edit_distance("lisetn", "listen") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest known name is suggested") {
  const std::vector<std::string_view> known = {"server.listen", "server.tls_key", "log.level"};
  CHECK(suggest("server.lisen", known) == "server.listen");
  CHECK(suggest("log.levle", known) == "log.level");
  CHECK(suggest("listen", known) == "server.listen");
  CHECK(suggest("connector.tls_key", known) == "server.tls_key");
  CHECK_FALSE(suggest("colour", known).has_value());
  CHECK_FALSE(suggest("", known).has_value());
  CHECK_FALSE(suggest(std::string(10000, 'x'), known).has_value());
}

}  // namespace evidenced
