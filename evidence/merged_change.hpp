#pragma once

#include "evidence/content.hpp"

#include <boost/json/value.hpp>

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::evidence {

/// What may be wrong with a merged change.
enum class Finding {
  not_approved,                 ///< no approval held when it was merged
  self_approved_only,           ///< those that held are its author's
  self_merged,                  ///< its author merged it
  approved_before_last_commit,  ///< no approval of somebody else came after the last push
  checks_failed,                ///< a build of its last commit failed, and none after it passed
  checks_absent,                ///< nothing has built its last commit
};
inline constexpr std::size_t finding_count = 6;
using Findings = std::bitset<finding_count>;

std::string_view name_of(Finding finding);
std::optional<Finding> finding_of(std::string_view name);

/// An approval that held when the change was merged. `at`: nullopt where nothing tells when it was
/// given.
struct Approval {
  Account by;
  std::optional<Timestamp> at;
};

/// How the builds of the last commit stand now.
struct Checks {
  std::int64_t successful = 0;
  std::int64_t failed = 0;
  std::int64_t in_progress = 0;
  std::int64_t stopped = 0;
};

/// An entry of the activity of a pull request.
struct Happening {
  enum class Kind { other, update, approval };
  Kind kind = Kind::other;
  Account by;
  Timestamp at{};
  std::string state;  ///< of an update: what the pull request became
  std::string head;   ///< likewise: the commit that it stood at
};

/// A merged pull request. Of what could not be read, `activity` and `checks` are nullopt: nothing
/// is found by them then.
struct MergedChange {
  std::int64_t number = 0;
  std::string title;
  std::string url;
  Account author;
  Account closed_by;
  Timestamp merged_at{};
  std::string destination;
  std::string source_branch;
  std::string head;  ///< the last commit of the source; 12 letters of its hash
  std::string merge_commit;
  std::optional<std::int64_t> tasks_open;
  bool tells_participants = false;
  std::vector<Approval> approved;  ///< as the pull request says now, whenever they were given
  std::optional<std::vector<Happening>> activity;
  std::optional<Checks> checks;
};

/// What can be said of a change.
struct Judgement {
  std::optional<Account> merged_by;
  std::vector<Approval> approvals;  ///< that held when it was merged, the first given first
  std::optional<bool> approved_by_other;
  std::optional<bool> self_merged;
  Findings findings;
  Findings not_evaluable;  ///< there is not enough to say whether
};

/// The change that a pull request's own content tells of; without activity and checks.
MergedChange change_from(const boost::json::value& content, Timestamp merged_at);

/// Whether the content is of a pull request that is merged.
bool is_merged(const boost::json::value& content);

Happening happening_from(const boost::json::value& content);

/// Counts builds: statuses as they are, of pipelines the newest run of each kind of target.
class CheckCounter {
 public:
  void add(std::string_view kind, const boost::json::value& content);
  bool empty() const { return statuses_ == 0 && runs_.empty(); }
  Checks checks() const;

 private:
  struct Run {
    std::string target;
    std::int64_t number = 0;
    std::string state;
  };
  static void count(Checks& checks, std::string_view state);

  Checks of_statuses_;
  std::int64_t statuses_ = 0;
  std::vector<Run> runs_;
};

/// An approval counts where it was given before the merge and the pull request has it still: what
/// was withdrawn does not. Where the author, or who approved, is not named any more, whatever
/// depends on it is not evaluable.
Judgement judge(const MergedChange& change);

}  // namespace evidenced::evidence
