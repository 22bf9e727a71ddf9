// Goal: a configuration that cannot work is refused at start, and the resolver keeps no one
// waiting. Method: tables of base URLs, files that hold no certificate, a deadline of nothing.
#include "connector/egress/base_url.hpp"
#include "connector/egress/resolve.hpp"
#include "tests/catch.hpp"
#include "tests/connector/tls_fixture.hpp"

#include <boost/asio/co_spawn.hpp>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using evidenced::connector::parse_base_url;
using evidenced::test::TemporaryFolder;

TEST_CASE("the resolver has a deadline") {
  boost::asio::io_context io;
  std::string code;
  boost::asio::co_spawn(io, evidenced::connector::resolve("localhost", "443", 0ns),
                        [&](std::exception_ptr, auto result) {
                          code = result ? "resolved" : std::string(result.error().code.text());
                        });
  io.run();
  CHECK(code == "upstream.dns");
}

TEST_CASE("only the scheme and host of a base URL are taken") {
  struct Row {
    const char* text;
    const char* origin;
    const char* host;
    const char* port;
  };
  const std::vector<Row> rows = {
      {"https://api.bitbucket.org", "https://api.bitbucket.org", "api.bitbucket.org", "443"},
      {"HTTPS://API.Bitbucket.ORG/", "https://api.bitbucket.org", "api.bitbucket.org", "443"},
      {"https://api.bitbucket.org:443", "https://api.bitbucket.org", "api.bitbucket.org", "443"},
      {"https://127.0.0.1:8443", "https://127.0.0.1:8443", "127.0.0.1", "8443"},
      {"https://[::1]:8443/", "https://[::1]:8443", "::1", "8443"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto base = parse_base_url(row.text);
    REQUIRE(base);
    CHECK(base->origin == row.origin);
    CHECK(base->host == row.host);
    CHECK(base->port == row.port);
  }
  for (const char* text :
       {"", "api.bitbucket.org", "http://api.bitbucket.org", "https://", "https:///x",
        "https://user@api.bitbucket.org", "https://api.bitbucket.org/2.0",
        "https://api.bitbucket.org?x=1", "https://api.bitbucket.org#x", "https://h:0",
        "https://h:65536", "https://api.bitbucket.org%2eevil.example", "https://a_b!c"}) {
    CAPTURE(text);
    const auto base = parse_base_url(text);
    REQUIRE_FALSE(base);
    CHECK(base.error().code.text() == "config.invalid");
  }
}

TEST_CASE("a CA file that cannot be read is refused at start") {
  boost::asio::io_context io;
  evidenced::SystemClock clock;
  const TemporaryFolder folder;
  for (const std::string& path : {std::string("/nonexistent/ca.pem"), folder.file("x", "no PEM")}) {
    const auto transport = evidenced::connector::make_tls_transport(
        io.get_executor(), clock, {.base_url = "https://localhost", .ca_file = path});
    REQUIRE_FALSE(transport);
    CHECK(transport.error().code.text() == "config.invalid");
  }
}

}  // namespace
