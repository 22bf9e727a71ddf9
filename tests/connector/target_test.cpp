// Goal: no link and no name can lead a request off the configured host or out of the API.
// Method: tables of hostile and odd links.
#include "connector/target.hpp"

#include "tests/catch.hpp"

#include <string>
#include <utility>
#include <vector>

namespace {

using evidenced::connector::append_query;
using evidenced::connector::append_segment;
using evidenced::connector::is_origin_form;
using evidenced::connector::local_target;

const std::string api_origin = "https://api.bitbucket.org";

TEST_CASE("a segment is encoded down to the unreserved characters") {
  std::string path = "/2.0/repositories";
  REQUIRE(append_segment(path, "{0a1b}"));
  REQUIRE(append_segment(path, "feature/é b?#%"));
  CHECK(path == "/2.0/repositories/%7B0a1b%7D/feature%2F%C3%A9%20b%3F%23%25");
}

TEST_CASE("a segment that would change the path is refused and changes nothing") {
  const std::string segment = GENERATE(as<std::string>{}, "", ".", "..");
  std::string path = "/2.0/repositories";
  CHECK_FALSE(append_segment(path, segment));
  CHECK(path == "/2.0/repositories");
}

TEST_CASE("query values are encoded whole") {
  std::string target = "/2.0/x";
  append_query(target, "q", "updated_on>=\"2026-01-01T00:00:00+00:00\"");
  append_query(target, "pagelen", "50");
  CHECK(target == "/2.0/x?q=updated_on%3E%3D%222026-01-01T00%3A00%3A00%2B00%3A00%22&pagelen=50");
}

TEST_CASE("links to the configured origin become targets") {
  const std::vector<std::pair<std::string, std::string>> links = {
      {"https://api.bitbucket.org/2.0/user?page=2", "/2.0/user?page=2"},
      {"HTTPS://API.Bitbucket.org/2.0/user", "/2.0/user"},
      {"/2.0/user?page=2", "/2.0/user?page=2"},
      {"https://api.bitbucket.org:443/2.0/user?page=2", "/2.0/user?page=2"},
      {"https://api.bitbucket.org/1.0/groups/acme/", "/1.0/groups/acme/"},
      {"https://api.bitbucket.org/2.0/r/{ab}?q=\"x\"", "/2.0/r/%7Bab%7D?q=%22x%22"},
      {"https://api.bitbucket.org/2.0/r/a/commits/m?ctx=8xhd&page=2",
       "/2.0/r/a/commits/m?ctx=8xhd&page=2"},
      {"https://api.bitbucket.org/2.0/r/a/commits&page=2", "/2.0/r/a/commits?page=2"},
      {"https://api.bitbucket.org/2.0/r/feature%2Fone", "/2.0/r/feature%2Fone"},
      {"https://api.bitbucket.org/2.0/r/v1..v2?x=../..", "/2.0/r/v1..v2?x=../.."},
  };
  for (const auto& [link, target] : links) {
    CAPTURE(link);
    const auto result = local_target(api_origin, link);
    REQUIRE(result);
    CHECK(*result == target);
  }
}

TEST_CASE("links elsewhere are foreign") {
  const std::vector<std::string> links = {
      "",
      "?page=2",
      "2.0/user",
      "http://api.bitbucket.org/2.0/user",
      "https://evil.example/2.0/user",
      "https://api.bitbucket.org.evil.example/2.0/user",
      "https://api.bitbucket.org%2eevil.example/2.0/user",
      "https://api.bitbucket.org@evil.example/2.0/user",
      "https://user@api.bitbucket.org/2.0/user",
      "https://user:secret@api.bitbucket.org/2.0/user",
      "https://api.bitbucket.org:8443/2.0/user",
      "https://api.bitbucket.org:443@evil.example/2.0/user",
      "https://api.bitbucket.org./2.0/user",
      "https:/api.bitbucket.org/2.0/user",
      "https:api.bitbucket.org/2.0/user",
      "//evil.example/2.0/user",
      "//user:secret@api.bitbucket.org/2.0/user",
      "//api.bitbucket.org:443/2.0/user",
      "https://api.bitbucket.org:443:443/2.0/user",
      "https://api.bitbucket.org:443",
      "https://api.bitbucket.org:4430/2.0/user",
      "https://api.bitbucket.org:0443/2.0/user",
      "https://user:secret@api.bitbucket.org:443/2.0/user",
      "///evil.example/2.0/user",
      "/\\evil.example/2.0/user",
      "https://api.bitbucket.org\\@evil.example/2.0/user",
      "https://api.bіtbucket.org/2.0/user",  // the second i is Cyrillic
      "https://127.0.0.1/2.0/user",
      "https://2130706433/2.0/user",
      "https://api.bitbucket.org/",
      "https://api.bitbucket.org",
      "https://api.bitbucket.org?/2.0/",
      "https://api.bitbucket.org/2.0",
      "https://api.bitbucket.org/3.0/user",
      "https://api.bitbucket.org/internal/2.0/user",
      "https://api.bitbucket.org/2.0/../internal",
      "https://api.bitbucket.org/2.0/%2e%2e/internal",
      "https://api.bitbucket.org/2.0/.%2E/internal",
      "https://api.bitbucket.org/2.0/x%2f..%2f..%2finternal",
      "https://api.bitbucket.org/2.0/./user",
      "https://api.bitbucket.org/2.0//repositories",
      "https://api.bitbucket.org/2.0/repositories//x",
      "https://api.bitbucket.org/2.0/x\\..\\y",
      "https://api.bitbucket.org/2.0/x%5c..%5cy",
      "https://api.bitbucket.org/2.0/user\r\nHost: evil.example",
      "https://api.bitbucket.org/2.0/user%0d%0aHost:%20evil.example",
      std::string("https://api.bitbucket.org/2.0/user\0", 35),
      "https://api.bitbucket.org/2.0/user ?page=2",
      "https://api.bitbucket.org/2.0/user#page=2",
      "https://api.bitbucket.org/2.0/user%zz",
      "javascript:alert(1)",
      "https://api.bitbucket.org/2.0/" + std::string(17000, 'a'),
  };
  for (const std::string& link : links) {
    CAPTURE(link);
    const auto result = local_target(api_origin, link);
    REQUIRE_FALSE(result);
    CHECK(result.error().code.text() == "upstream.foreign_link");
  }
}

TEST_CASE("an origin with a port is matched with its port") {
  CHECK(local_target("https://127.0.0.1:8443", "https://127.0.0.1:8443/2.0/user"));
  CHECK_FALSE(local_target("https://127.0.0.1:8443", "https://127.0.0.1/2.0/user"));
  CHECK_FALSE(local_target("https://127.0.0.1:8443", "https://127.0.0.1:8443:443/2.0/user"));
  CHECK(local_target("https://[::1]", "https://[::1]:443/2.0/user"));
  CHECK_FALSE(local_target("https://[::1]:8443", "https://[::1]:8443:443/2.0/user"));
  CHECK_FALSE(local_target("https://127.0.0.1:8443", "https://127.0.0.1:84431/2.0/user"));
}

TEST_CASE("only what can stand in a request line is in origin form") {
  CHECK(is_origin_form("/2.0/user?pagelen=100"));
  for (const char* target : {"", "2.0", "//x", "/a b", "/a\r\nb", "/a\x7f", "/é", "/a#b", "*"}) {
    CAPTURE(target);
    CHECK_FALSE(is_origin_form(target));
  }
}

}  // namespace
