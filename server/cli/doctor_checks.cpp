#include "server/cli/doctor_checks.hpp"

#include "api/message.hpp"
#include "config/clock.hpp"
#include "config/master_key.hpp"
#include "config/version.hpp"
#include "connector/egress/tls_transport.hpp"
#include "server/tls_server.hpp"
#include "storage/database_url.hpp"
#include "storage/migrations.hpp"
#include "storage/sqlite/file_lock.hpp"
#include "storage/sqlite/sqlite_connection.hpp"
#include "storage/sqlite/sqlite_schema.hpp"
#include "storage/vault.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>

namespace evidenced::cli {

using api::lines_of;

namespace {

namespace fs = std::filesystem;

/// Warns when group or others may do something with a path of ours.
void check_private(const fs::path& path, std::string_view subject, std::string_view mode,
                   std::vector<Finding>& out) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & 077U) == 0) return;
  out.push_back({Verdict::warned,
                 std::string(subject),
                 fmt::format("{} has mode {:04o}: others may read what was collected",
                             path.string(), status.st_mode & 07777U),
                 {fmt::format("chmod {} {}", mode, path.string())}});
}

void check_readable(const std::string& path, std::string_view subject, std::vector<Finding>& out) {
  if (path.empty()) return;
  if (::access(path.c_str(), R_OK) == 0) {
    out.push_back({Verdict::passed, std::string(subject), path, {}});
  } else {
    out.push_back({Verdict::failed,
                   std::string(subject),
                   fmt::format("{}: {}", path, std::strerror(errno)),
                   {"Make the file readable for the user that runs evidenced."}});
  }
}

/// As the daemon would: the files are read, and belong together.
void check_tls(const Settings::Server& server, std::vector<Finding>& out) {
  if (server.tls_certificate.empty() && server.tls_key.empty()) return;
  const auto loaded = server::TlsServer::load(server.tls_certificate, server.tls_key);
  if (!loaded) {
    out.push_back(finding_of("TLS certificate", loaded.error()));
    return;
  }
  check_readable(server.tls_certificate, "TLS certificate", out);
  check_readable(server.tls_key, "TLS key", out);
}

/// The first line of SQLite's own check: "ok", or the first damage.
std::string quick_check(storage::Connection& connection) {
  std::string first;
  connection.query("PRAGMA quick_check(1)", {},
                   [&](const storage::Row& row) { first = row.text(0); });
  return first;
}

std::vector<Finding> look_inside(const Settings& settings, const std::string& path) {
  storage::SqliteConnection connection(path, storage::SqliteConnection::Use::examine);
  const std::string damage = quick_check(connection);
  if (damage != "ok") {
    Error error;
    error.code = "storage.corrupt";
    error.detail = damage;
    return {finding_of("database", error)};
  }
  std::vector<Finding> found = {{Verdict::passed, "database", path + ": intact", {}}};
  const Result<Secret> key = load_master_key(settings);
  if (!key) return found;  // the key has a finding of its own
  const Result<storage::Vault> vault = storage::Vault::open(connection, *key);
  if (vault) {
    found.push_back({Verdict::passed, "seal", "the master key opens the database", {}});
  } else {
    found.push_back(finding_of("seal", vault.error()));
  }
  return found;
}

Result<connector::HttpResponse> ask_upstream(const Settings& settings) {
  boost::asio::io_context io{1};
  SystemClock clock;
  connector::TlsTransportOptions options;
  options.base_url = settings.connector.base_url;
  options.ca_file = settings.connector.ca_file;
  options.connections = 1;
  options.user_agent = fmt::format("evidenced/{}", version);
  const auto transport = connector::make_tls_transport(io.get_executor(), clock, options);
  if (!transport) return fail(transport);
  connector::GetRequest request;
  request.target = "/2.0/user";
  request.timeout = std::chrono::seconds(10);
  Result<connector::HttpResponse> answer = fail("upstream.timeout");
  boost::asio::co_spawn(
      io, (*transport)->get(std::move(request)),
      [&](const std::exception_ptr& failure, Result<connector::HttpResponse> response) {
        if (!failure) answer = std::move(response);
        io.stop();
      });
  io.run();
  return answer;
}

Finding check_clock(const connector::HttpResponse& answer) {
  const auto theirs = parse_http_date(answer.header("date"));
  if (!theirs)
    return {Verdict::noted, "clock", "Bitbucket's answer has no Date to compare with", {}};
  const auto skew = std::chrono::duration_cast<std::chrono::seconds>(SystemClock().now() - *theirs);
  const std::string detail = fmt::format("{} s apart from Bitbucket's", skew.count());
  if (std::chrono::abs(skew) <= std::chrono::seconds(60)) {
    return {Verdict::passed, "clock", detail, {}};
  }
  return {Verdict::warned,
          "clock",
          detail,
          {"Set the clock (timedatectl set-ntp true): times in evidence come from it."}};
}

}  // namespace

Finding finding_of(std::string subject, const Error& error) {
  const Problem& problem = error.code.problem();
  const std::string detail = error.detail.empty() ? "" : ": " + error.detail;
  return {Verdict::failed, std::move(subject),
          fmt::format("{}{} ({})", problem.title, detail, problem.code), lines_of(problem.remedy)};
}

std::vector<Finding> check_key(const Settings& settings) {
  const Result<Secret> key = load_master_key(settings);
  if (!key) return {finding_of("master key", key.error())};
  return {{Verdict::passed, "master key", master_key_path(settings), {}}};
}

std::vector<Finding> check_files(const Settings& settings) {
  std::vector<Finding> found;
  check_tls(settings.server, found);
  check_readable(settings.connector.ca_file, "CA file", found);
  const Result<std::string> database = storage::sqlite_path(settings.storage.url);
  if (!database) return found;
  const fs::path folder = fs::path(*database).parent_path();
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    Error error;
    error.code = "storage.not_writable";
    error.detail = fmt::format("{}: {}", folder.string(), std::strerror(errno));
    found.push_back(finding_of("state folder", error));
    return found;
  }
  found.push_back({Verdict::passed, "state folder", folder.string(), {}});
  check_private(folder, "state folder", "0700", found);
  check_private(*database, "database", "0600", found);
  const int newest = storage::migrations().back().version;
  for (const std::string& copy : storage::backup_copies(*database, newest)) {
    found.push_back({Verdict::noted,
                     "copy before a migration",
                     copy,
                     {"Delete it when you will not go back to the version before: it is not "
                      "encrypted but for the credentials, and no purge reaches it."}});
  }
  return found;
}

std::vector<Finding> check_database(const Settings& settings) {
  const Result<std::string> path = storage::sqlite_path(settings.storage.url);
  if (!path) return {finding_of("database", path.error())};
  std::error_code ignored;
  if (!fs::exists(*path, ignored)) {
    return {
        {Verdict::failed, "database", *path + " does not exist", {"Create it: evidenced init"}}};
  }
  const auto lock = storage::FileLock::take_existing(*path + ".lock");
  if (!lock && lock.error().code == Code("storage.locked")) {
    return {{Verdict::passed, "database", *path + ": open in a running daemon", {}}};
  }
  if (!lock) return {finding_of("database", lock.error())};
  const Result<void> schema =
      storage::check_schema(*path, storage::migrations(), storage::SqliteConnection::Use::examine);
  if (!schema) return {finding_of("database", schema.error())};
  try {
    return look_inside(settings, *path);
  } catch (const storage::Fault& fault) {
    return {finding_of("database", fault.error)};
  }
}

std::vector<Finding> check_upstream(const Settings& settings) {
  const Result<connector::HttpResponse> answer = ask_upstream(settings);
  if (!answer) return {finding_of("Bitbucket", answer.error())};
  return {{Verdict::passed,
           "Bitbucket",
           fmt::format("{} answers over TLS (status {} without a credential)",
                       settings.connector.base_url, answer->status),
           {}},
          check_clock(*answer)};
}

}  // namespace evidenced::cli
