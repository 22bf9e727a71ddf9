// By how much the daemon's resident memory grows while it streams an export of a million artifacts
// of a kilobyte as NDJSON. Argument: [artifacts]; the database of a million takes some minutes and
// two gigabytes.
#include "bench/daemon.hpp"

#include <chrono>

namespace {

using namespace evidenced;

constexpr double most_mib = 32;

double mib(std::size_t bytes) {
  return static_cast<double>(bytes) / 1024 / 1024;
}

/// Asks for a page of the list, so that what every answer needs is there.
void warm_up(const bench::Child& daemon, const std::string& key) {
  std::vector<char> room(512 * 1024);
  const int fd = bench::connect_to(daemon.port());
  const std::string request = bench::get("/v1/artifacts?limit=100", key);
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
  bench::receive(fd, room);
  close(fd);
}

struct Export {
  std::size_t bytes = 0;
  std::size_t lines = 0;
  std::size_t most_resident = 0;
};

/// Reads the export to the end of its chunked body.
Export read_export(const bench::Child& daemon, const std::string& key) {
  const int fd = bench::connect_to(daemon.port());
  const std::string request = fmt::format(
      "GET /v1/artifacts HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\n"
      "Connection: close\r\nAuthorization: Bearer {}\r\n\r\n",
      key);
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
  Export read;
  std::vector<char> room(256 * 1024);
  std::size_t looked_at = 0;
  ssize_t got = 0;
  while ((got = recv(fd, room.data(), room.size(), 0)) > 0) {
    read.bytes += static_cast<std::size_t>(got);
    read.lines += static_cast<std::size_t>(std::count(room.begin(), room.begin() + got, '\n'));
    if (read.bytes - looked_at < 8U << 20U) continue;
    looked_at = read.bytes;
    read.most_resident = std::max(read.most_resident, daemon.resident_bytes());
  }
  close(fd);
  return read;
}

}  // namespace

int main(int argc, char** argv) {
  const int artifacts = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
  log::configure(log::Level::warning, log::Format::text);
  const bench::Folder folder;
  const std::string key = bench::fill_database(folder.path(), artifacts);
  const bench::Child daemon([&](int report) { bench::serve_daemon(report, folder.path()); });
  warm_up(daemon, key);
  const std::size_t before = daemon.resident_bytes();
  const double cpu_before = daemon.cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  const Export read = read_export(daemon, key);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double cpu = (daemon.cpu_seconds() - cpu_before) / artifacts * 1e6;
  const bool whole = read.lines > static_cast<std::size_t>(artifacts);
  const double grown = mib(read.most_resident) - mib(before);
  const bool kept = whole && grown <= most_mib;
  fmt::print("NDJSON export of {} artifacts: {:.0f} MiB in {:.1f} s, {:.2f} us of CPU each{}\n",
             artifacts, mib(read.bytes), took.count(), cpu, whole ? "" : ", CUT OFF");
  fmt::print("{:<42} {:7.1f} MiB (at most {:.0f}) {}\n", "resident memory grew by", grown, most_mib,
             kept ? "ok" : "MISSED");
  return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
