#pragma once

#include "config/secret.hpp"
#include "config/settings.hpp"

#include <string>

namespace evidenced::server {

/// The state of a daemon, made as `init` makes it: a folder with a database, a master key in memory
/// and the first API key.
class StateFolder {
 public:
  StateFolder();
  ~StateFolder();
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;

  /// Settings that use it, listening on a port of the system's choice.
  Settings settings() const;
  std::string path() const { return path_; }
  std::string database() const { return path_ + "/evidenced.db"; }
  static Secret master_key() { return Secret(std::string(32, 'm')); }
  const std::string& api_key() const { return api_key_; }

 private:
  std::string path_;
  std::string api_key_;
};

}  // namespace evidenced::server
