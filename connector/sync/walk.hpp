#pragma once

#include "connector/pager.hpp"
#include "connector/sync/context.hpp"
#include "connector/sync/planner.hpp"
#include "connector/sync/position.hpp"
#include "connector/sync/session.hpp"
#include "connector/sync/walk_store.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace evidenced::connector {

/// One partition to walk.
struct WalkTask {
  const bitbucket::Stream* stream = nullptr;
  bitbucket::Partition partition;
  Decision decision;
  std::optional<storage::Checkpoint> before;  ///< as it was when the sync looked first
  std::optional<storage::Checkpoint> resume;  ///< where this sync left its walk; nullopt: begin
  /// What the next walk asks from; nullopt: from when this one begins.
  std::optional<std::string> next_watermark{};
  bool one_page = false;  ///< pause after a page
  bool active = false;    ///< of a repository in which something goes on
  bool paused = false;    ///< a page was walked, and more is to come
  bool sampled = false;   ///< of the few that are looked at early
};

/// Walks one partition page by page: ask, parse, follow `next`, store the page together with the
/// position behind it. Resumes where an interrupted walk of the same sync was, if that is not a day
/// old. Where rows are missing at the end, or some left the list while it was read (those behind
/// them moved up, perhaps to a page that was read already), it is walked once more from the start.
/// The tail of a list that shows the
/// newest first ends where half a page was known when the last walk ended, all that was open has
/// been seen again, and the pages came in the order of time; else it goes on to the end of the
/// list.
class Walk {
 public:
  Walk(SyncContext& context, Session& session, WalkTask task);
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  /// Never fails: what goes wrong is the result, stored with the partition.
  Task<WalkResult> run();

 private:
  enum class Step { more, done, again };
  struct PageRead {
    bitbucket::ParsedPage page;
    std::optional<std::int64_t> rows;  ///< that the walk should have received by the end of the leg
    std::optional<std::int64_t> moved;  ///< see storage::PageCommit
    bool last = false;                  ///< of the whole walk
    bool at_end = false;                ///< the list ends here, not only what is asked for of it
    Position next;
  };

  void start();
  void enter_leg(std::size_t leg, std::string target);
  Task<Result<Step>> step();
  Task<Result<HttpResponse>> ask();
  Task<Result<PageRead>> fetch();
  bool ask_for_less(const Error& error);
  bool adapt(const Error& error);
  PageRead nothing();
  std::optional<Position> left_at() const;
  bool find_place(Position& left) const;
  bool reads_tail() const;
  std::size_t leg_of_paths() const;
  bool reads_last_leg() const { return position_.leg + 1 >= targets_.size(); }
  void await_open();
  std::chrono::hours window() const;
  bool is_past_window(const bitbucket::ParsedPage& page) const;
  void arrange(const PageRead& read, PageWrite& write);
  void note(const bitbucket::ParsedPage& page, const PageStored& stored);
  void go_on(bitbucket::ParsedPage& page) const;
  Task<Result<PageRead>> read(std::string body);
  void expect(const PageRead& read);
  std::int64_t pages_left(const PageRead& read) const;
  Step end(const PageStored& stored);
  WalkResult failure(const Error& error) const;

  SyncContext& context_;
  Session& session_;
  const WalkTask task_;
  WalkIdentity identity_;
  std::vector<std::string> targets_;  ///< first targets, one after the other
  Position position_;
  std::optional<Pager> pager_;
  bool leg_start_ = true;  ///< the next page is the first of its leg
  std::int64_t rows_in_leg_ = 0;
  std::int64_t pages_ = 0;    ///< of the walk, read so far
  std::string since_;         ///< the watermark that is asked from
  bool newest_first_ = true;  ///< all pages so far were in the order of time
  /// What was open when the walk began and is to be seen again before it may end early.
  std::set<std::string, std::less<>> awaited_;
  bool rewalked_ = false;
  std::set<std::string> listed_;
  std::optional<WalkResult> result_;
};

/// The same question with shorter pages, when `error` refused their length; "" when there is none.
/// What was learnt is kept for the stream.
std::string ask_shorter(Habits& habits, const bitbucket::Stream& stream, std::string_view target,
                        const Error& error);

/// Of a page's rows those that cannot be told from another one: people without identity look alike.
std::int64_t count_twins(const bitbucket::ParsedPage& page);

}  // namespace evidenced::connector
