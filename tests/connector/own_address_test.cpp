// Goal: the address of the account that asks is in nothing that is kept (promise: the e-mail is in
// the credential object alone). Method: texts with it, and with what only looks like it.
#include "connector/own_address.hpp"

#include "tests/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace evidenced;

TEST_CASE("an address is masked wherever it stands, and no other is") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"raw":"Ada L <ada@example.com>"})", R"({"raw":"Ada L <a***@example.com>"})"},
      {"ADA@Example.COM ada@example.com", "a***@example.com a***@example.com"},
      {"mail ada@example.com.", "mail a***@example.com."},
      {"ada@example.com", "a***@example.com"},
      {"xada@example.com x.ada@example.com x+ada@example.com",
       "xada@example.com x.ada@example.com x+ada@example.com"},
      {"ada@example.com.au ada@example.community ada@example.org",
       "ada@example.com.au ada@example.community ada@example.org"},
      {"@ @@ @example.com a@example.com da@example.co",
       "@ @@ @example.com a@example.com da@example.co"},
      {"", ""},
  };
  for (const auto& [sent, kept] : cases) {
    std::string body = sent;
    connector::hide_address(body, "ada@example.com");
    CHECK(body == kept);
  }
  std::string body = "nobody@example.com";
  connector::hide_address(body, "");
  connector::hide_address(body, "@example.com");
  CHECK(body == "nobody@example.com");
}
