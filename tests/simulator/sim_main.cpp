// bitbucket-sim: the simulated Bitbucket as a server of its own, for end-to-end tests and the demo.
#include "config/clock.hpp"
#include "tests/simulator/control.hpp"
#include "tests/simulator/scenario.hpp"
#include "tests/simulator/tls_server.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

namespace evidenced::simulator {
namespace {

struct Options {
  std::filesystem::path directory = ".";
  std::uint16_t port = 0;
  std::string port_file;
  std::string email = "sim@example.com";
  std::string token;
  std::string token_file;
  std::string scenario;
  std::string log;
  std::string tls = "good";
  bool chunked = false;
  double life = 0;
  std::int64_t limit = 1000;
  std::string now;
  WorldOptions world;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Writes beside and renames, so that whoever waits for the file never sees half of it.
void write_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path draft = path.string() + ".new";
  std::ofstream(draft, std::ios::binary) << text;
  std::filesystem::rename(draft, path);
}

void read_arguments(CLI::App& app, Options& options) {
  app.add_option("--dir", options.directory, "where ca.pem is written");
  app.add_option("--port", options.port, "0: any free one");
  app.add_option("--port-file", options.port_file, "written once the port answers");
  app.add_option("--email", options.email, "of the credential");
  app.add_option("--token", options.token, "of the credential; made up when left out");
  app.add_option("--token-file", options.token_file, "a file that holds the token");
  app.add_option("--scenario", options.scenario, "JSON: switches, faults, tokens");
  app.add_option("--log", options.log, "one JSON line a request");
  app.add_option("--tls", options.tls, "the certificate, or TLS 1.1 alone")
      ->check(CLI::IsMember({"good", "wrong-host", "expired", "self-signed", "tls1.1"}));
  app.add_flag("--chunked", options.chunked, "bodies without Content-Length");
  app.add_option("--life", options.life, "changes a minute while it runs");
  app.add_option("--limit", options.limit, "requests an hour and group; 0: no limit");
  app.add_option("--now", options.now, "RFC 3339: when the world was built; default: now");
  app.add_option("--seed", options.world.seed);
  app.add_option("--workspaces", options.world.workspaces);
  app.add_option("--people", options.world.people);
  app.add_option("--groups", options.world.groups);
  app.add_option("--projects", options.world.projects);
  app.add_option("--repositories", options.world.repositories);
  app.add_option("--pull-requests", options.world.pull_requests);
  app.add_option("--restrictions", options.world.restrictions);
}

Certificate certificate_for(const PrivateCa& ca, const std::string& kind) {
  CertificateOptions options;
  if (kind == "wrong-host") {
    options.hosts = {"elsewhere.example.com"};
    options.addresses = {"192.0.2.1"};
  }
  if (kind == "expired") {
    options.valid_from_seconds = -20L * 86400;
    options.valid_to_seconds = -86400;
  }
  return kind == "self-signed" ? PrivateCa::self_signed(options) : ca.issue(options);
}

std::string log_line(const LogEntry& entry) {
  json::array names;
  for (const auto& [name, value] : entry.request.headers) names.emplace_back(name);
  return json::serialize(json::value{{"method", entry.request.method},
                                     {"target", entry.request.target},
                                     {"host", entry.request.header("host")},
                                     {"status", entry.status},
                                     {"headers", names}});
}

/// Waits for SIGTERM or SIGINT and changes the world meanwhile.
void run(TlsServer& server, Simulator& simulator, double changes_a_minute) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  const int watched = signalfd(-1, &signals, SFD_CLOEXEC);
  const int period = changes_a_minute > 0 ? static_cast<int>(60000 / changes_a_minute) : -1;
  pollfd ready{watched, POLLIN, 0};
  while (::poll(&ready, 1, period < 0 ? -1 : std::max(period, 1)) == 0)
    server.locked([&] { simulator.mutate(1); });
  ::close(watched);
}

int serve(Options options) {
  const SystemClock clock;
  options.world.now = clock.now();
  if (!options.now.empty()) {
    const auto built = read_stamp(options.now);
    if (!built) throw std::runtime_error("--now is no timestamp");
    options.world.now = Timestamp(std::chrono::milliseconds(*built / 1000));
  }
  Simulator simulator(World(options.world), clock);
  simulator.switches.limit_repositories = options.limit;
  simulator.switches.limit_other = options.limit;
  simulator.switches.limit_webhooks = options.limit;
  TokenOptions first;
  first.email = options.email;
  first.token = options.token;
  if (!options.token_file.empty()) first.token = read_file(options.token_file);
  while (!first.token.empty() && first.token.back() == '\n') first.token.pop_back();
  Token& token = simulator.add_token(first);
  if (!options.scenario.empty())
    apply_scenario(simulator, json::parse(read_file(options.scenario)).as_object());
  Control control(simulator);
  control.add_token(token);

  std::ofstream log;
  if (!options.log.empty()) log.open(options.log, std::ios::app);
  const PrivateCa ca;
  TlsServerOptions listening;
  listening.port = options.port;
  listening.certificate = certificate_for(ca, options.tls);
  listening.only_tls_1_1 = options.tls == "tls1.1";
  listening.chunked = options.chunked;
  std::filesystem::create_directories(options.directory);
  write_file(options.directory / "ca.pem", ca.certificate());
  TlsServer server(listening, [&](const SimRequest& request, const std::string& body) {
    if (Control::owns(request)) return control.answer(request, body);
    SimResponse response = simulator.answer(request);
    if (log.is_open()) log << log_line(simulator.log().back()) << std::endl;
    return response;
  });
  std::cout << "port " << server.port() << "\nca " << (options.directory / "ca.pem").string()
            << "\nemail " << token.email << "\ntoken " << token.token << std::endl;
  if (!options.port_file.empty())
    write_file(options.port_file, std::to_string(server.port()) + "\n");
  run(server, simulator, options.life);
  server.stop();
  return 0;
}

}  // namespace
}  // namespace evidenced::simulator

int main(int argc, char** argv) {
  using namespace evidenced::simulator;
  Options options;
  options.world.people = 60;
  options.world.repositories = 40;
  options.world.pull_requests = 3000;
  options.world.projects = 5;
  CLI::App app("Bitbucket Cloud, simulated, over TLS on 127.0.0.1", "bitbucket-sim");
  read_arguments(app, options);
  CLI11_PARSE(app, argc, argv);
  // Before any thread: they inherit the mask, so that only signalfd sees the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return serve(std::move(options));
  } catch (const std::exception& problem) {
    std::cerr << "bitbucket-sim: " << problem.what() << '\n';
    return 1;
  }
}
