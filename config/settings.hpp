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
    std::chrono::seconds idle_timeout{60};
    std::chrono::seconds shutdown_grace{4};  ///< the whole stop takes at most a second longer
  } server;
  struct Storage {
    std::string url;  ///< "sqlite:////absolute" or "sqlite:///relative to the config file";
                      ///< resolved: absolute
    int readers = 2;  ///< reader connections
  } storage;
  struct Connector {
    std::string base_url = "https://api.bitbucket.org";
    std::string ca_file;           ///< further trusted certificates (PEM)
    int requests_per_hour = 1000;  ///< per account and resource group, rolling
    int requests_reserve = 100;    ///< kept for probes and people
    int max_concurrency = 8;       ///< requests in flight, all sources
    int account_concurrency = 2;   ///< requests in flight, one account
    std::chrono::seconds request_timeout{30};
    std::chrono::seconds default_interval{3600};  ///< between syncs of a source that names none
  } connector;
  struct Log {
    log::Level level = log::Level::info;
    log::Format format = log::Format::text;
  } log;
  std::string master_key_file;  ///< resolved against the config file
};

}  // namespace evidenced
