#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace evidenced::simulator {

/// What a workspace pays for.
enum class Plan { free, standard, premium };

/// Where the real service is known to differ from place to place, or is not known at all
/// (reference: bitbucket, sections 9 to 14). The defaults are what most traces show.
struct Switches {
  bool legacy_endpoints = false;  ///< the five removed global lists answer 200 instead of 410
  bool empty_401 = false;         ///< 401 without a body
  bool error_without_type = false;
  bool text_404 = false;  ///< 404 as text/plain
  bool html_404 = false;

  bool pr_sort_fails = false;  ///< 500 for `sort` with several states
  bool refuse_or = false;      ///< 400 for OR in `q`
  bool pipelines_need_slash = true;
  bool pipelines_without_next = false;
  bool pipelines_next_drops_sort = true;

  bool opaque_next = false;     ///< `page=8xhd` instead of numbers
  bool next_ampersand = false;  ///< `&` where `?` belongs
  bool omit_size = false;       ///< no `size` and `page` on any list
  bool second_workspaces_shape = false;
  bool redirect_slash = false;  ///< 302 for a trailing slash that is too much
  bool empty_next = false;      ///< the last page says `next: ""`

  bool lives = false;  ///< before each answer the world lives up to now (World::live)

  bool sorted_by_update = false;  ///< lists without `sort`: last changed first, so rows move

  enum class RetryAfter { none, seconds, date };
  RetryAfter retry_after = RetryAfter::none;
  int retry_after_seconds = 90;
  std::int64_t limit_repositories = 1000;  ///< requests in a rolling hour; 0: no limit
  std::int64_t limit_other = 1000;
  std::int64_t limit_webhooks = 1000;
  std::int64_t limit_mergeability = 1000;  ///< not published
  std::int64_t limit_anonymous = 60;

  int old_groups_status = 200;  ///< of 1.0/groups: 200, 401, 403, 404 or 410
  Plan plan = Plan::premium;    ///< free: no runners (403), no downloads (402); not premium: no
                                ///< restricted environments
  std::set<std::string> deactivated;  ///< slugs of workspaces that answer 403
  std::set<std::string> spam;         ///< slugs of workspaces whose lists answer 410
  /// Slugs of workspaces that admin.atlassian.com manages: memberships without added_on and
  /// last_accessed.
  std::set<std::string> migrated;
  std::optional<std::int64_t> max_page_length;  ///< below the documented caps
  std::optional<std::int64_t> page_rows;        ///< on every page, whatever length is asked for
  std::int64_t clock_skew_seconds = 0;          ///< of the Date header
};

}  // namespace evidenced::simulator
