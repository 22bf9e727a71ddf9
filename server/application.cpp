#include "server/application.hpp"

#include "config/log.hpp"
#include "config/version.hpp"
#include "connector/bitbucket/identity.hpp"
#include "connector/egress/tls_transport.hpp"
#include "server/console_files.hpp"
#include "server/housekeeping.hpp"
#include "server/io_loop.hpp"
#include "server/tls_server.hpp"
#include "storage/database_url.hpp"
#include "storage/extract_store.hpp"
#include "storage/sqlite/sqlite_database.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <exception>
#include <utility>

namespace evidenced::server {

namespace asio = boost::asio;

namespace {

constexpr int bug_exit = 70;
constexpr auto look_again = std::chrono::milliseconds(10);
constexpr auto cut_short_after = std::chrono::milliseconds(850);  // beyond the grace: ≤ 5 s in all

Task<void> open_vault(storage::Database& database, const Secret& master_key,
                      std::optional<Result<storage::Vault>>& opened) {
  const auto open = [&master_key](storage::Connection& connection) {
    return storage::Vault::open(connection, master_key);
  };
  Result<storage::Vault> vault = co_await storage::read(database, open);
  opened.emplace(std::move(vault));
}

/// Artifacts of a database that comes from an older version, so many in one go.
constexpr int extracts_at_once = 2000;

Task<void> extract_all(storage::Database& database, Result<void>& done) {
  const auto extract = [](storage::Connection& connection) {
    return storage::extract_some(connection, connector::bitbucket::extractor(), extracts_at_once);
  };
  bool more = true;
  while (more) {
    const Result<bool> extracted = co_await storage::write(database, extract);
    if (!extracted) {
      done = fail(extracted);
      co_return;
    }
    more = *extracted;
  }
}

}  // namespace

Application::Application(const Settings& settings, ExitGuard& guard)
    : settings_(settings),
      guard_(guard),
      manager_(ServiceManager::from_environment()),
      signals_(io_),
      keepers_(io_.get_executor()),
      work_(io_.get_executor()) {}

Application::~Application() {
  workers_.join();
  listener_.reset();
  exchange_.reset();
  api_.reset();
  sync_.reset();
  transport_.reset();
  database_.reset();
  // What hangs after this point has nothing left to lose.
  guard_.settle(exit_code_);
}

Result<void> Application::start(Secret master_key) {
  Result<void> done = open_storage(master_key);
  if (done) done = open_connector();
  if (done) done = open_server();
  return done;
}

Result<void> Application::open_storage(const Secret& master_key) {
  const Result<std::string> path = storage::sqlite_path(settings_.storage.url);
  if (!path) return fail(path);
  storage::SqliteOptions options;
  options.path = *path;
  options.readers = settings_.storage.readers;
  Result<std::unique_ptr<storage::Database>> database = storage::open_sqlite(options);
  if (!database) return fail(database);
  database_ = std::move(*database);

  std::optional<Result<storage::Vault>> vault;
  Result<void> extracted;
  keepers_.spawn("vault", open_vault(*database_, master_key, vault));
  keepers_.spawn("extracts", extract_all(*database_, extracted));
  io_.run();
  io_.restart();
  if (!vault) return fail("internal.error", "The vault could not be opened.");
  if (!*vault) return fail(*vault);
  vault_.emplace(std::move(**vault));
  return extracted;
}

Result<void> Application::open_connector() {
  connector::TlsTransportOptions options;
  options.base_url = settings_.connector.base_url;
  options.ca_file = settings_.connector.ca_file;
  options.connections = settings_.connector.max_concurrency;
  Result<std::unique_ptr<connector::HttpTransport>> transport =
      connector::make_tls_transport(io_.get_executor(), clock_, options);
  if (!transport) return fail(transport);
  transport_ = std::move(*transport);
  sync_.emplace(connector::SyncServices{.transport = *transport_,
                                        .database = *database_,
                                        .vault = *vault_,
                                        .clock = clock_,
                                        .random = random_,
                                        .settings = settings_,
                                        .io = io_.get_executor(),
                                        .workers = workers_.get_executor()});
  return {};
}

Result<void> Application::open_server() {
  api_.emplace(api::Services{.database = *database_,
                             .vault = *vault_,
                             .sync_control = *sync_,
                             .clock = clock_,
                             .random = random_,
                             .settings = settings_,
                             .server_gauges = [this] { return gauges_of(exchange_->counters); }});
  Result<Proxies> proxies = Proxies::parse(settings_.server.trusted_proxies);
  if (!proxies) return fail(proxies);
  Handler handler = with_console(make_handler(), console::assets(), clock_);
  exchange_.emplace(std::move(handler), limits_from(settings_.server), HostNames(settings_.server),
                    std::move(*proxies), clock_, random_);
  std::optional<TlsServer> tls;
  if (!settings_.server.tls_certificate.empty()) {
    Result<TlsServer> loaded =
        TlsServer::load(settings_.server.tls_certificate, settings_.server.tls_key);
    if (!loaded) return fail(loaded);
    tls = std::move(*loaded);
  }
  Result<std::unique_ptr<Listener>> listener =
      Listener::open(io_.get_executor(), settings_.server.listen, *exchange_, std::move(tls));
  if (!listener) return fail(listener);
  listener_ = std::move(*listener);
  return {};
}

Handler Application::make_handler() {
  Handler handler;
  handler.handle = [this](api::Request request, std::string buffer) {
    return api_->handle(std::move(request), std::move(buffer));
  };
  handler.body_rule = [this](api::Method method, std::string_view target) -> Result<BodyRule> {
    const Result<std::size_t> limit = api_->body_limit(method, target);
    if (!limit) return fail(limit);
    return BodyRule{.limit = *limit};
  };
  handler.own_quota = &api::Api::has_own_quota;
  return handler;
}

int Application::run() {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
  listener_->start();
  work_.spawn("sync service", run_sync());
  keepers_.spawn("signals", watch_signals());
  if (manager_.heartbeat()) keepers_.spawn("heartbeat", beat());
  keepers_.spawn("housekeeping", keep_tidy());
  log::info("listening", {{"address", listener_->address()},
                          {"tls", !settings_.server.tls_certificate.empty()},
                          {"version", version}});
  manager_.ready();
  run_io(io_, [this] { begin_end(bug_exit); });
  io_.restart();
  io_.poll();  // the keepers, which were told to go when the loop was stopped
  return exit_code_;
}

Task<void> Application::run_sync() {
  std::string failure = "it returned";
  try {
    co_await sync_->run();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (ending_) co_return;
  // A daemon that serves but never syncs looks alive and is not: better to be restarted.
  log::error("the sync service ended", {{"error", failure}});
  begin_end(bug_exit);
}

Task<void> Application::watch_signals() {
  co_await asio::this_coro::throw_if_cancelled(false);
  constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
  for (;;) {
    const auto caught = co_await signals_.async_wait(as_values);
    if (std::get<0>(caught)) co_return;
    if (std::get<1>(caught) == SIGHUP) {
      reload();
    } else if (ending_) {
      insisting_ = true;
    } else {
      begin_end(0);
    }
  }
}

void Application::reload() {
  manager_.reloading();
  const Result<void> reloaded = listener_->reload_certificate();
  if (reloaded) {
    log::info("certificate reloaded");
  } else {
    log::error("certificate not reloaded, the old one stays", {{"error", reloaded.error().detail}});
  }
  manager_.ready();
}

Task<void> Application::beat() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!ending_) {
    manager_.alive();
    co_await clock_.sleep_for(*manager_.heartbeat());
  }
}

Task<void> Application::keep_tidy() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!ending_) {
    co_await keep_house(*database_, clock_, settings_);
    co_await clock_.sleep_for(housekeeping_interval);
  }
}

void Application::begin_end(int exit_code) {
  if (ending_) return;
  ending_ = true;
  exit_code_ = exit_code;
  guard_.arm(settings_.server.shutdown_grace + cut_short_after);
  manager_.stopping();
  keepers_.spawn("end", end());
}

/// Ask politely, wait, insist, join.
Task<void> Application::end() {
  co_await asio::this_coro::throw_if_cancelled(false);
  log::info("stopping", {{"connections", listener_->connections()}});
  const SteadyTime deadline = clock_.steady() + settings_.server.shutdown_grace;
  api_->drain();
  sync_->stop();
  listener_->drain();
  while ((listener_->connections() > 0 || work_.size() > 0) && !insisting_ &&
         clock_.steady() < deadline) {
    co_await clock_.sleep_for(look_again);
  }
  if (listener_->connections() > 0 || work_.size() > 0) {
    log::warning("not everything ended in time",
                 {{"connections", listener_->connections()}, {"tasks", work_.size()}});
  }
  listener_->abort();
  work_.cancel();
  co_await listener_->join();
  co_await work_.join();
  log::info("stopped");
  boost::system::error_code ignored;
  signals_.cancel(ignored);
  keepers_.cancel();
  // All our tasks have ended; a name look-up of a cancelled request may still hang, and knows
  // nothing of us any more.
  io_.stop();
}

}  // namespace evidenced::server
