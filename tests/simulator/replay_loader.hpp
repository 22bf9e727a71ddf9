#pragma once

#include "tests/simulator/replay.hpp"

#include <set>

namespace evidenced::simulator {

/// Builds the tree of a Replay from the recordings.
class ReplayLoader {
 public:
  explicit ReplayLoader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Replay load();

 private:
  struct Recording {
    std::string source;
    std::string body;
  };
  void read_index();
  void read_body(const std::string& source, const std::string& endpoint);
  void add(std::string kind, const Recording& recording, std::string identity, std::string parent,
           std::string leg = {});
  void add_roots();
  void add_repositories();
  void add_pull_requests();
  void add_restrictions();
  void add_happenings();
  void add_examples();
  std::string host_for(const std::string& kind, const std::string& wanted, const std::string& id);
  std::string make_host();

  std::filesystem::path folder_;
  std::map<std::string, std::vector<Recording>> recordings_;  ///< by kind
  std::set<std::string> bodies_seen_;                         ///< kind, identity and bytes
  std::set<std::string> taken_;                               ///< kind, host and id
  std::vector<std::string> hosts_;                            ///< uuids of repositories
  std::string main_workspace_;
  Replay replay_;
};

}  // namespace evidenced::simulator
