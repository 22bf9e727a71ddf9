// Goal: the bytes of a built console lie in the program, whole, in a table that says what they are.
// Method: the generator's own output for a small console that the build invents.
#include "console/assets.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <string>
#include <string_view>

using namespace evidenced::console;

namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("the table has every file of the manifest, in the order of the paths") {
  REQUIRE(assets().size() == 3);
  CHECK(assets()[0].path == "assets/page-a1.js");
  CHECK(assets()[1].path == "assets/type.woff2");
  CHECK(assets()[2].path == "index.html");
}

TEST_CASE("a file has its bytes, its type with what stands behind a semicolon, and its digest") {
  const Asset& page = assets()[2];
  CHECK(text_of(page.identity) == "<!doctype html><title>small</title>");
  CHECK(page.type == "text/html; charset=utf-8");
  CHECK(page.digest.size() == 64);
  CHECK_FALSE(page.immutable);
  CHECK(assets()[0].immutable);
  CHECK(assets()[0].digest != page.digest);
  CHECK(text_of(assets()[0].identity).starts_with("export const words"));
}

TEST_CASE("a packed form is there where it is smaller") {
  CHECK(text_of(assets()[0].brotli) == "br of it");
  CHECK(text_of(assets()[0].gzip) == "gzip of it");
  CHECK(text_of(assets()[1].identity) == "packed");
  CHECK(assets()[1].brotli.empty());
  CHECK(assets()[1].gzip.empty());
}
