#include "config/settings_table.hpp"

#include <algorithm>
#include <array>

namespace evidenced {
namespace {

/// `MEMBER(server.listen)`: the function that finds a member in a Settings.
#define MEMBER(path) [](Settings& s) -> decltype((s.path)) { return s.path; }

constexpr auto plain = SettingForm::plain;
constexpr auto path = SettingForm::path;
constexpr std::int64_t none = 0;
constexpr std::int64_t day = 86400;
constexpr bool everywhere = false;
constexpr bool file_only = true;

const std::array<Setting, 26>& table() {
  // key, member, form of a text, least, most, only in the file, sentence
  static const std::array<Setting, 26> rows = {{
      {"master_key_file", MEMBER(master_key_file), path, none, none, everywhere,
       "File with the master key that seals every stored credential: 32 bytes in base64, mode 0400 "
       "or 0600. Empty: the systemd credential master-key."},

      {"server.listen", MEMBER(server.listen), SettingForm::listen, none, none, everywhere,
       "Address and port that the API is served on. An address that is not loopback needs TLS or "
       "server.behind_proxy; port 0 lets the system choose."},
      {"server.tls_certificate", MEMBER(server.tls_certificate), path, none, none, everywhere,
       "PEM file with the server's certificate and its chain; empty: plain HTTP. SIGHUP reads it "
       "again."},
      {"server.tls_key", MEMBER(server.tls_key), path, none, none, everywhere,
       "PEM file with the private key of the certificate."},
      {"server.behind_proxy", MEMBER(server.behind_proxy), plain, none, none, everywhere,
       "A proxy in front of the daemon ends TLS, so a public address may speak plain HTTP."},
      {"server.trusted_proxies", MEMBER(server.trusted_proxies), SettingForm::network, none, none,
       everywhere,
       "Addresses or networks (CIDR) of proxies whose X-Forwarded-For is believed. Empty: none."},
      {"server.public_url", MEMBER(server.public_url), SettingForm::public_url, none, none,
       everywhere,
       "URL that clients know the daemon by, behind a proxy, in a container or by a DNS name: "
       "other "
       "hosts than this and the address it listens on are answered 421."},
      {"server.max_connections", MEMBER(server.max_connections), plain, 1, 100000, everywhere,
       "Connections open at once; more wait in the kernel. The limit of open files caps it, too."},
      {"server.max_connections_per_address", MEMBER(server.max_connections_per_address), plain, 1,
       100000, everywhere,
       "Connections open at once from one address; trusted proxies are exempt."},
      {"server.requests_per_second", MEMBER(server.requests_per_second), plain, 0, 100000,
       everywhere, "Requests of one API key a second, four times that in a burst; 0: no limit."},
      {"server.idle_timeout", MEMBER(server.idle_timeout), plain, 1, day, everywhere,
       "How long a connection may stay open between two requests."},
      {"server.shutdown_grace", MEMBER(server.shutdown_grace), plain, 0, 3600, everywhere,
       "How long a stop waits for requests and pages in flight; the whole stop takes at most a "
       "second longer."},

      {"storage.url", MEMBER(storage.url), SettingForm::storage_url, none, none, everywhere,
       "Where everything is kept: sqlite:////absolute/file, or sqlite:///file relative to the "
       "settings file."},
      {"storage.readers", MEMBER(storage.readers), plain, 1, 64, everywhere,
       "Connections that read beside the one that writes."},
      {"storage.events_kept_days", MEMBER(storage.events_kept_days), plain, 1, 3650, everywhere,
       "How many days the feed remembers what happened to sources and syncs."},

      {"connector.base_url", MEMBER(connector.base_url), SettingForm::origin, none, none, file_only,
       "Origin of the Bitbucket Cloud API: the only host that a credential is ever sent to. "
       "Another "
       "value can be set in the file only."},
      {"connector.ca_file", MEMBER(connector.ca_file), path, none, none, everywhere,
       "PEM file with further trusted certificates, for a proxy that inspects TLS. Empty: those of "
       "the system."},
      {"connector.requests_per_hour", MEMBER(connector.requests_per_hour), plain, 1, 100000,
       everywhere,
       "Requests to Bitbucket in any 60 minutes, for each Atlassian account and resource group."},
      {"connector.requests_reserve", MEMBER(connector.requests_reserve), plain, 0, 100000,
       everywhere, "Part of requests_per_hour that syncs leave to validations and to people."},
      {"connector.max_concurrency", MEMBER(connector.max_concurrency), plain, 1, 64, everywhere,
       "Requests to Bitbucket in flight at once, all sources together."},
      {"connector.account_concurrency", MEMBER(connector.account_concurrency), plain, 1, 64,
       everywhere, "Requests to Bitbucket in flight at once for one account."},
      {"connector.history_days", MEMBER(connector.history_days), plain, 0, 36500, everywhere,
       "How far back the activity of pull requests and commits are asked for, in days; 0: as far "
       "as "
       "they go. A longer time takes effect with the next full sync."},
      {"connector.request_timeout", MEMBER(connector.request_timeout), plain, 1, 600, everywhere,
       "How long one attempt of a request to Bitbucket may take."},
      {"connector.default_interval", MEMBER(connector.default_interval), plain, 60, 31 * day,
       everywhere, "Time between two syncs of a source that names none."},

      {"log.level", MEMBER(log.level), plain, none, none, everywhere,
       "Least severe event that is written to standard error."},
      {"log.format", MEMBER(log.format), plain, none, none, everywhere,
       "Form of a log line: text for people, json for machines."},
  }};
  return rows;
}

#undef MEMBER

}  // namespace

std::span<const Setting> settings_table() {
  return table();
}

const Setting* find_setting(std::string_view key) {
  const auto& rows = table();
  const auto* row = std::ranges::find(rows, key, &Setting::key);
  return row == rows.end() ? nullptr : row;
}

std::vector<std::string_view> setting_keys() {
  std::vector<std::string_view> keys;
  for (const Setting& setting : table()) keys.push_back(setting.key);
  return keys;
}

}  // namespace evidenced
