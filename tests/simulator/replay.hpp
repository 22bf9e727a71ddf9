#pragma once

#include "tests/simulator/simulator.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

/// One body that a service really sent, where the replay serves it.
struct ReplayItem {
  std::string kind;      ///< the stream that lists it: "pull_request"
  std::string source;    ///< its file below the folder; "" for a host made up to hold others
  std::string body;      ///< byte for byte as recorded
  std::string identity;  ///< uuid or id; "" when the body has none
  std::string parent;    ///< uuid of the workspace or repository it is listed under
  std::string leg;       ///< "users" or "groups" for grants
  int version = 0;       ///< the n-th recorded body of the same thing
};

/// Serves recorded bodies as a little Bitbucket that a whole sync can walk: every recorded item is
/// on exactly one page of one list.
///
/// Bodies of repositories, projects, workspaces and accounts that are the same thing recorded again
/// come in later rounds (a list shows one version of a thing at a time); pull requests,
/// restrictions and what happened, recorded again, are listed under further repositories, all in
/// every round.
class Replay {
 public:
  /// Reads INDEX.tsv and the bodies of `folder` (recorded/), and the examples of permissions beside
  /// it, which nobody has recorded; nullopt when it is not there.
  static std::optional<Replay> load(const std::filesystem::path& folder);

  /// `../shared/bitbucket/recorded`, or below EVIDENCED_SHARED; nullopt when it is not there.
  static std::optional<std::filesystem::path> default_folder();

  SimResponse answer(const SimRequest& request);

  const std::vector<ReplayItem>& items() const { return items_; }
  /// What the lists show in this round.
  std::vector<const ReplayItem*> served() const;

  int rounds() const;
  int round() const { return round_; }
  void start_round(int round) { round_ = round; }

  std::size_t page_length = 7;  ///< whatever is asked for
  std::string authorization;    ///< the only one accepted; "": any
  const std::vector<LogEntry>& log() const { return log_; }

 private:
  friend class ReplayLoader;
  SimResponse route(const SimRequest& request);
  SimResponse groups(const std::string& workspace) const;
  SimResponse page(const SimRequest& request, std::string_view kind, std::string_view parent,
                   std::string_view leg) const;
  SimResponse single(std::string_view kind, std::string_view identity) const;
  std::vector<const ReplayItem*> shown(std::string_view kind, std::string_view parent,
                                       std::string_view leg) const;
  std::string workspace_uuid(const std::string& slug_or_uuid) const;
  std::string slug_of(const std::string& workspace) const;
  std::string repository_uuid(const std::string& slug_or_uuid) const;

  std::vector<ReplayItem> items_;
  std::map<std::string, int, std::less<>> versions_;     ///< by kind and identity
  std::map<std::string, std::string> workspace_slugs_;   ///< slug → uuid
  std::map<std::string, std::string> repository_slugs_;  ///< slug → uuid
  std::vector<LogEntry> log_;
  int round_ = 0;
};

}  // namespace evidenced::simulator
