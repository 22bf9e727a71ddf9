// bitbucket-sim: the simulated Bitbucket as a server of its own, for end-to-end tests and the demo.
#include "config/clock.hpp"
#include "tests/simulator/control.hpp"
#include "tests/simulator/replay.hpp"
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
#include <functional>
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
  std::string replay;
  std::string profile = "control";
  bool reference = false;
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
  app.add_option("--replay", options.replay, "serve the recorded bodies of this folder instead");
  app.add_option("--seed", options.world.seed);
  app.add_option("--workspaces", options.world.workspaces);
  app.add_option("--people", options.world.people);
  app.add_option("--groups", options.world.groups);
  app.add_option("--projects", options.world.projects);
  app.add_option("--repositories", options.world.repositories);
  app.add_option("--pull-requests", options.world.pull_requests);
  app.add_option("--restrictions", options.world.restrictions);
  app.add_option("--activity", options.world.activity, "rows altogether; 0: as many as come");
  app.add_option("--pipelines", options.world.pipelines, "altogether; 0: as many as come");
  app.add_option("--deployments", options.world.deployments, "altogether; 0: as many as come");
  app.add_option("--with-pipelines", options.world.with_pipelines, "percent of the repositories");
  app.add_flag("--awkward-names", options.world.awkward,
               "every other name is very long, from right to left, or markup");
  app.add_option("--life-per-day", options.world.life_per_day,
                 "changes of a day of POST /_sim/live");
  app.add_flag("--reference-repository", options.reference,
               "one of 2,000 pull requests, 12,000 rows of activity, 5,000 pipelines and 1,500 "
               "deployments");
  app.add_option("--profile", options.profile, "the scopes of the credential")
      ->check(CLI::IsMember({"read", "control"}));
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

/// Waits for SIGTERM or SIGINT; calls `work` every `period` meanwhile, if there is a period.
void wait_for_the_end(std::chrono::milliseconds period, const std::function<void()>& work) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  const int watched = signalfd(-1, &signals, SFD_CLOEXEC);
  pollfd ready{watched, POLLIN, 0};
  while (::poll(&ready, 1, period.count() > 0 ? static_cast<int>(period.count()) : -1) == 0) work();
  ::close(watched);
}

/// What a server of either mode needs: certificates on disk, the port told, a log on the wire.
class Host {
 public:
  explicit Host(const Options& options) : options_(options) {
    if (!options.log.empty()) log_.open(options.log, std::ios::app);
    std::filesystem::create_directories(options.directory);
    write_file(options.directory / "ca.pem", ca_.certificate());
  }

  void log(const LogEntry& entry) {
    if (log_.is_open()) log_ << log_line(entry) << std::endl;
  }

  void serve(TlsServer::Handler handler, const Token& token,
             const std::function<void()>& change = {}) {
    TlsServerOptions listening;
    listening.port = options_.port;
    listening.certificate = certificate_for(ca_, options_.tls);
    listening.only_tls_1_1 = options_.tls == "tls1.1";
    listening.chunked = options_.chunked;
    TlsServer server(listening, std::move(handler));
    std::cout << "port " << server.port() << "\nca " << (options_.directory / "ca.pem").string()
              << "\nemail " << token.email << "\ntoken " << token.token << std::endl;
    if (!options_.port_file.empty())
      write_file(options_.port_file, std::to_string(server.port()) + "\n");
    const bool lives = change && options_.life > 0;
    wait_for_the_end(std::chrono::milliseconds(lives ? static_cast<int>(60000 / options_.life) : 0),
                     [&] { server.locked(change); });
    server.stop();
  }

 private:
  const Options& options_;
  PrivateCa ca_;
  std::ofstream log_;
};

TokenOptions credential_of(const Options& options) {
  TokenOptions first;
  first.email = options.email;
  if (options.profile == "read") first.scopes = read_scopes();
  first.token = options.token;
  if (!options.token_file.empty()) first.token = read_file(options.token_file);
  while (!first.token.empty() && first.token.back() == '\n') first.token.pop_back();
  return first;
}

void serve_world(const Options& options) {
  const SystemClock clock;
  WorldOptions built = options.reference ? WorldOptions::reference_repository() : options.world;
  built.seed = options.world.seed;
  built.now = clock.now();
  if (!options.now.empty()) {
    const auto moment = read_stamp(options.now);
    if (!moment) throw std::runtime_error("--now is no timestamp");
    built.now = Timestamp(std::chrono::milliseconds(*moment / 1000));
  }
  Simulator simulator(World(built), clock);
  simulator.switches.limit_repositories = options.limit;
  simulator.switches.limit_other = options.limit;
  simulator.switches.limit_webhooks = options.limit;
  simulator.switches.limit_mergeability = options.limit;
  Token& token = simulator.add_token(credential_of(options));
  if (!options.scenario.empty())
    apply_scenario(simulator, json::parse(read_file(options.scenario)).as_object());
  Control control(simulator);
  control.add_token(token);
  Host host(options);
  const auto answer = [&](const SimRequest& request, const std::string& body) {
    if (Control::owns(request)) return control.answer(request, body);
    SimResponse response = simulator.answer(request);
    host.log(simulator.log().back());
    return response;
  };
  host.serve(answer, token, [&] { simulator.mutate(1, mutate_everything); });
}

void serve_recordings(const Options& options) {
  auto replay = Replay::load(options.replay);
  if (!replay) throw std::runtime_error("no recordings in " + options.replay);
  const SystemClock clock;
  Simulator issuer(World({}), clock);
  const Token& token = issuer.add_token(credential_of(options));
  replay->authorization = token.authorization;
  Host host(options);
  const auto answer = [&](const SimRequest& request, const std::string&) {
    if (Control::owns(request)) return control_replay(*replay, request);
    SimResponse response = replay->answer(request);
    host.log(replay->log().back());
    return response;
  };
  host.serve(answer, token);
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
    if (options.replay.empty()) {
      serve_world(options);
    } else {
      serve_recordings(options);
    }
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "bitbucket-sim: " << problem.what() << '\n';
    return 1;
  }
}
