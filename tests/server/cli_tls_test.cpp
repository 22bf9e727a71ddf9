// Goal: the command line trusts no server but the one it was told to.
// Method: a TLS server of a private authority, asked by name and by address.
#include "tests/catch.hpp"
#include "tests/folder.hpp"
#include "tests/server/cli_world.hpp"
#include "tests/simulator/tls_server.hpp"

#include <fmt/format.h>

namespace evidenced {
namespace {

using test::Cli;
using test::CliResult;

struct Server {
  simulator::PrivateCa ca;
  test::Folder folder;
  std::string ca_file = folder.write("ca.pem", ca.certificate());
  int requests = 0;
  simulator::TlsServer server;

  explicit Server(const simulator::CertificateOptions& certificate = {}, bool only_tls_1_1 = false)
      : server({.certificate = ca.issue(certificate), .only_tls_1_1 = only_tls_1_1},
               [this](const simulator::SimRequest&, const std::string&) {
                 ++requests;
                 simulator::SimResponse response;
                 response.status = 200;
                 response.body = R"({"items":[],"next":null})";
                 return response;
               }) {}

  CliResult list(const std::string& host, bool with_ca = true) const {
    Cli cli;
    cli.environment["EVIDENCED_API_KEY"] = "ev_test";
    std::vector<std::string> arguments = {"source", "list", "--url",
                                          fmt::format("https://{}:{}", host, server.port())};
    if (with_ca) arguments.insert(arguments.end(), {"--ca-file", ca_file});
    return cli.run(arguments);
  }
};

TEST_CASE("a server of a trusted authority is spoken to, by name and by address") {
  const Server server;
  CHECK(server.list("localhost").err == "no sources\n");
  CHECK(server.list("127.0.0.1").exit_code == 0);
}

TEST_CASE("an unknown authority, another name, an expired certificate and old TLS send no byte") {
  const Server known;
  const CliResult unknown = known.list("localhost", false);
  CHECK(unknown.exit_code == 1);
  CHECK(unknown.err.contains("the certificate is not trusted"));
  CHECK(unknown.err.contains("--ca-file"));
  CHECK(known.requests == 0);

  const Server elsewhere({.hosts = {"other.example.com"}, .addresses = {}});
  CHECK(elsewhere.list("localhost").err.contains("not trusted"));
  const Server expired({.valid_from_seconds = -7200, .valid_to_seconds = -3600});
  CHECK(expired.list("localhost").err.contains("expired"));
  const Server old({}, true);
  CHECK(old.list("localhost").exit_code == 1);
  CHECK(elsewhere.requests + expired.requests + old.requests == 0);
}

TEST_CASE("a file of authorities that cannot be read is named") {
  Cli cli;
  cli.environment["EVIDENCED_API_KEY"] = "ev_test";
  const Server server;
  const CliResult result =
      cli.run({"source", "list", "--url", fmt::format("https://localhost:{}", server.server.port()),
               "--ca-file", "/nowhere/ca.pem"});
  CHECK(result.exit_code == 1);
  CHECK(result.err.contains("/nowhere/ca.pem"));
}

}  // namespace
}  // namespace evidenced
