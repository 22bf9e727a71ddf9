#pragma once

#include "config/error.hpp"
#include "config/log.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced {

/// The settings of the daemon, checked. Every member is a row of the settings table
/// (settings_table.cpp), which parses file, environment and flags and generates the sample,
/// docs/config.md and `evidenced config show`.
struct Settings {
  struct Server {
    std::string listen =
        "127.0.0.1:8080";         ///< address:port, "[::1]:8080"; port 0 lets the system choose
    std::string tls_certificate;  ///< PEM file with the chain; empty: plain HTTP
    std::string tls_key;          ///< PEM file
    bool behind_proxy = false;    ///< a proxy in front ends TLS
    std::vector<std::string>
        trusted_proxies;     ///< addresses or CIDRs whose X-Forwarded-For is believed
    std::string public_url;  ///< e.g. "https://evidence.example.com"; its host is answered for, too
    int max_connections = 10000;
    int max_connections_per_address = 256;
    int requests_per_second = 50;  ///< of one API key, four times that in a burst; 0: no limit
    std::chrono::seconds idle_timeout{60};
    std::chrono::seconds shutdown_grace{4};  ///< the whole stop takes at most a second longer
  } server;
  struct Storage {
    /// "sqlite:////absolute" or "sqlite:///relative to the config file"; resolved: absolute.
    std::string url = "sqlite:////var/lib/evidenced/evidenced.db";
    int readers = 2;            ///< reader connections
    int events_kept_days = 90;  ///< how long the feed remembers
  } storage;
  struct Connector {
    std::string base_url = "https://api.bitbucket.org";
    std::string ca_file;           ///< further trusted certificates (PEM)
    int requests_per_hour = 1000;  ///< per account and resource group, rolling
    int requests_reserve = 100;    ///< kept for probes and people
    int max_concurrency = 8;       ///< requests in flight, all sources
    int account_concurrency = 2;   ///< requests in flight, one account
    int history_days = 400;        ///< how far back what grows for years is asked for; 0: all of it
    std::chrono::seconds request_timeout{30};
    std::chrono::seconds default_interval{3600};  ///< between syncs of a source that names none
  } connector;
  struct Log {
    log::Level level = log::Level::info;
    log::Format format = log::Format::text;
  } log;
  std::string master_key_file;  ///< resolved against the config file
};

/// Where a value comes from; a later one wins over an earlier one.
enum class OriginKind { default_, file, environment, flag };

/// The origin of one value, as `evidenced config show --origin` names it.
struct Origin {
  OriginKind kind = OriginKind::default_;
  std::string where;  ///< "evidenced.toml:3:1", "EVIDENCED_SERVER_LISTEN", "--server-listen"
};

/// What settings are read from.
struct SettingsInput {
  /// A file that must exist; nullopt: EVIDENCED_CONFIG when set (must exist), else the first that
  /// exists of /etc/evidenced/evidenced.toml and ./evidenced.toml, else none.
  std::optional<std::string> config_file;
  std::map<std::string, std::string> environment;
  std::map<std::string, std::string> flags;  ///< key of the settings table → text
};

/// Settings and how they came about.
struct LoadedSettings {
  Settings settings;
  std::map<std::string, Origin> origins;  ///< of every key of the table
  std::string file;                       ///< absolute; empty when there is none
  std::vector<std::string> warnings;      ///< one line each, for people
};

/// Reads and checks all settings. Errors: config.unreadable; config.invalid with one entry in
/// `fields` for every mistake (`pointer` is its place: file:line:column, variable or flag), so that
/// nobody has to repair one to see the next.
Result<LoadedSettings> load_settings(const SettingsInput& input);

/// The environment of this process, for SettingsInput.
std::map<std::string, std::string> process_environment();

/// The file that `load_settings` would read; empty when there is none.
std::string find_settings_file(const SettingsInput& input);

}  // namespace evidenced
