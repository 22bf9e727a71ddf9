#include "connector/sync/walk.hpp"

#include "config/log.hpp"
#include "connector/bitbucket/row_notes.hpp"
#include "connector/bitbucket/targets.hpp"
#include "connector/sync/parse_offload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_set>
#include <utility>

namespace evidenced::connector {

namespace {

using bitbucket::ParsedPage;
using storage::SyncMode;
using storage::WalkStart;

std::uint64_t fingerprint(const ParsedPage& page) {
  std::uint64_t value = 0;
  for (const storage::ArtifactDraft& draft : page.artifacts) {
    value = value * 1099511628211U + std::hash<std::string>{}(draft.upstream_id);
  }
  return value;
}

WalkResult failed(const Error& error) {
  WalkResult result;
  result.ending = Ending::failed;
  result.error = stored(error);
  return result;
}

}  // namespace

std::int64_t count_twins(const ParsedPage& page) {
  std::unordered_set<std::string_view> seen;
  std::int64_t count = 0;
  for (const storage::ArtifactDraft& draft : page.artifacts) {
    if (!seen.insert(draft.upstream_id).second) ++count;
  }
  return count;
}

std::string ask_shorter(Habits& habits, const bitbucket::Stream& stream, std::string_view target,
                        const Error& error) {
  const bool about_length =
      error.code == Code("upstream.refused") && error.detail.find("pagelen") != std::string::npos;
  if (!about_length) return {};
  std::string shorter = bitbucket::with_shorter_pages(target);
  if (!shorter.empty()) habits.shorter_pages.insert(std::string(stream.name));
  return shorter;
}

Walk::Walk(SyncContext& context, Session& session, WalkTask task)
    : context_(context), session_(session), task_(std::move(task)) {
  identity_.key = {context.source.id, std::string(task_.stream->name), task_.partition.id};
  identity_.mode = task_.decision.mode;
  since_ = task_.decision.since;
}

/// At the first page, or where the interrupted walk was.
void Walk::start() {
  const bitbucket::Stream& stream = *task_.stream;
  identity_.next_watermark = format_rfc3339(context_.house.gate.cautious_now());
  if (stream.freshness == bitbucket::Freshness::since_head) {
    identity_.next_watermark = task_.decision.since;
  }
  if (task_.next_watermark) identity_.next_watermark = *task_.next_watermark;
  identity_.walk.reset();
  newest_first_ = true;
  awaited_.clear();
  if (reads_tail()) await_open();
  std::optional<Position> resumed = left_at();
  position_ = Position{};
  position_.begun = context_.now();
  position_.split =
      resumed ? resumed->split : context_.house.habits.split_queries.contains(stream.name);
  targets_.clear();
  if (position_.split) {
    targets_ = bitbucket::plain_targets(stream, task_.partition, since_);
  }
  if (targets_.empty()) {
    position_.split = false;
    targets_ = bitbucket::first_targets(stream, task_.partition, since_);
  }
  listed_.clear();
  pages_ = 0;
  const bool goes_on = resumed && find_place(*resumed);
  identity_.start = goes_on ? WalkStart::where_left : WalkStart::afresh;
  if (!goes_on) {
    enter_leg(0, targets_.front());
    return;
  }
  position_ = *resumed;
  enter_leg(resumed->leg, resumed->target);
  pages_ = task_.resume->pages;
  rows_in_leg_ = task_.resume->rows - position_.rows_before.value_or(0);
}

/// Which of its targets a position is in. The heads are not always the same ones: what was asked
/// for before stands before it, as they are in the order of their merges.
bool Walk::find_place(Position& left) const {
  if (task_.stream->freshness == bitbucket::Freshness::per_head) {
    const auto found = std::ranges::find(targets_, left.target);
    left.leg = static_cast<std::size_t>(found - targets_.begin());
  }
  return left.leg < targets_.size();
}

/// Where the walk that it goes on with was left; nullopt: there is none, or it is too old.
std::optional<Position> Walk::left_at() const {
  if (!task_.resume || rewalked_) return std::nullopt;
  std::optional<Position> position = read_position(task_.resume->position);
  if (position && context_.now() - position->begun >= walk_kept) position.reset();
  return position;
}

void Walk::enter_leg(std::size_t leg, std::string target) {
  position_.leg = leg;
  leg_start_ = target == targets_[leg];
  rows_in_leg_ = 0;
  if (leg_start_ && context_.house.habits.shorter_pages.contains(task_.stream->name)) {
    std::string shorter = bitbucket::with_shorter_pages(target);
    if (!shorter.empty()) target = std::move(shorter);
  }
  position_.target = target;
  pager_.emplace(std::string(context_.house.services.transport.origin()), std::move(target),
                 Pager::Limits{});
}

Task<WalkResult> Walk::run() {
  start();
  while (!result_) {
    if (context_.leaving()) co_return WalkResult{};
    Result<Step> stepped = co_await step();
    if (!stepped) {
      context_.progress.expect(task_.stream->name, task_.partition.id, 0);
      WalkResult why = failure(stepped.error());
      WalkResult result =
          co_await store_failure(context_, identity_, std::move(stepped.error()), std::move(why));
      co_return result;
    }
    if (*stepped == Step::again) {
      rewalked_ = true;
      start();
    } else if (*stepped == Step::more && task_.one_page) {
      result_.emplace();
      result_->ending = Ending::paused;
    }
  }
  co_return std::move(*result_);
}

/// One page: asked for, read, stored.
Task<Result<Walk::Step>> Walk::step() {
  if (position_.target.empty()) co_return fail("stream.not_found", "its parent has no uuid");
  Result<PageRead> read_page = co_await fetch();
  while (!read_page && ask_for_less(read_page.error())) read_page = co_await fetch();
  if (!read_page) co_return fail(read_page);
  PageRead& page = *read_page;
  expect(page);
  PageWrite write;
  write.position = write_position(page.next);
  write.size = page.rows;
  write.moved = page.moved;
  write.artifacts = page.page.artifacts;
  write.malformed = page.next.malformed;
  write.left = page.next.left;
  write.last = page.last;
  arrange(page, write);
  context_.drift.see(*task_.stream, leg_of_paths(), page.page);
  const Result<PageStored> written = co_await store_page(context_, identity_, std::move(write));
  if (!written) co_return fail(written);

  identity_.walk = written->walk;
  note(page.page, *written);
  if (written->ended) co_return end(*written);
  const bool next_leg = page.next.leg != position_.leg;
  position_ = page.next;
  leg_start_ = false;
  if (next_leg) enter_leg(position_.leg, position_.target);
  co_return Step::more;
}

void Walk::note(const ParsedPage& page, const PageStored& stored) {
  const bool first =
      task_.decision.mode == SyncMode::full && (!task_.before || task_.before->generation == 0);
  context_.house.open_objects.note(identity_.key, page, context_.now(),
                                   {stored.created, stored.revised, first});
  if (bitbucket::opens(task_.stream->name) == bitbucket::Parent::none) return;
  for (const storage::ArtifactDraft& draft : page.artifacts) listed_.insert(draft.upstream_id);
}

Task<Result<Walk::PageRead>> Walk::fetch() {
  Result<HttpResponse> response = co_await ask();
  // What was there when it was last looked at is missed before its absence is believed.
  const bool per_head = task_.stream->freshness == bitbucket::Freshness::per_head;
  const bool expected = !per_head && task_.before && task_.before->rows > 0;
  const bool none = !response && task_.stream->absent_is_none && !expected &&
                    response.error().code == Code("stream.not_found");
  if (none) co_return nothing();
  if (!response) co_return fail(response);
  Result<PageRead> page = co_await read(std::move(response->body));
  co_return page;
}

/// A page that is too large is asked for in smaller ones; they stay small until the end of the leg.
bool Walk::ask_for_less(const Error& error) {
  if (error.code != Code("upstream.oversized")) return false;
  std::string smaller = bitbucket::with_smaller_pages(position_.target);
  if (smaller.empty() || context_.leaving()) return false;
  log::warning("page too large", {{"stream", task_.stream->name}, {"instead", smaller}});
  position_.target = smaller;
  pager_.emplace(std::string(context_.house.services.transport.origin()), std::move(smaller),
                 Pager::Limits{});
  return true;
}

Task<Result<HttpResponse>> Walk::ask() {
  while (true) {
    Result<HttpResponse> response = co_await session_.get(*task_.stream, position_.target);
    if (response || !leg_start_ || !adapt(response.error())) co_return response;
  }
}

/// Asks in another way what was refused as wrong (400): shorter pages, or plainer queries; and all
/// of what was asked from a place that is gone.
bool Walk::adapt(const Error& error) {
  Habits& habits = context_.house.habits;
  std::string shorter = ask_shorter(habits, *task_.stream, position_.target, error);
  if (!shorter.empty()) {
    position_.target = shorter;
    pager_.emplace(std::string(context_.house.services.transport.origin()), std::move(shorter),
                   Pager::Limits{});
    return true;
  }
  // A commit that the server does not know any more: history was written anew.
  if (task_.stream->freshness == bitbucket::Freshness::since_head && !since_.empty() &&
      error.code == Code("stream.not_found")) {
    since_.clear();
    start();
    return true;
  }
  const bool splittable =
      error.code == Code("upstream.refused") && !position_.split && !identity_.walk &&
      !bitbucket::plain_targets(*task_.stream, task_.partition, task_.decision.since).empty();
  if (!splittable) return false;
  habits.split_queries.insert(std::string(task_.stream->name));
  log::warning("combined query refused", {{"stream", task_.stream->name}});
  start();
  return true;
}

/// What a 404 stands for, where it means that there is none.
Walk::PageRead Walk::nothing() {
  PageRead page;
  page.rows = 0;
  page.next = position_;
  page.last = reads_last_leg();
  if (!page.last) {
    page.next.enter(position_.leg + 1, position_.rows_before);
    page.next.target = targets_[page.next.leg];
  }
  return page;
}

/// Which of the stream's paths is walked: some walks ask one of them in several ways.
std::size_t Walk::leg_of_paths() const {
  const bool per_head = task_.stream->freshness == bitbucket::Freshness::per_head;
  return position_.split || per_head ? 0 : position_.leg;
}

Task<Result<Walk::PageRead>> Walk::read(std::string body) {
  Result<ParsedPage> page = co_await parse_off_thread(
      context_.house.services, task_.stream, leg_of_paths(), task_.partition, std::move(body));
  if (!page) co_return fail(page);
  go_on(*page);
  Pager::Page seen;
  seen.next = page->next;
  seen.fingerprint = fingerprint(*page);
  seen.items = static_cast<std::int64_t>(page->artifacts.size());
  const Result<void> accepted = pager_->accept(seen);
  if (!accepted) co_return fail(accepted);

  PageRead out;
  out.page = std::move(*page);
  rows_in_leg_ += seen.items + out.page.malformed;
  out.next = position_;
  if (task_.stream->anonymous) out.moved = position_.growth(out.page.size);
  const std::int64_t twins = out.moved ? 0 : count_twins(out.page);
  out.next.count(out.page.size, out.page.malformed + twins);
  // Of open pull requests: what was closed meanwhile is in the query that follows, and what moved
  // up to a page that was read before is open still: the next sync reads it.
  if (position_.split && !reads_last_leg()) out.next.left = position_.left;
  // The answers to two plain queries overlap: their sizes do not add up.
  if (out.page.size && position_.rows_before && !position_.split) {
    out.rows = *position_.rows_before + *out.next.least_size - out.next.dropped;
  }
  out.next.malformed.add(out.page.malformed, ++pages_, out.page.first_malformed);
  out.next.target = pager_->target();
  out.at_end = pager_->done();
  const bool leg_ends = out.at_end || is_past_window(out.page);
  out.last = leg_ends && reads_last_leg();
  if (leg_ends && !out.last) {
    out.next.enter(position_.leg + 1, out.rows);
    out.next.target = targets_[out.next.leg];
  }
  co_return out;
}

/// How many requests the walk still takes once this page is stored.
void Walk::expect(const PageRead& page) {
  std::int64_t left = 0;
  if (!page.last) {
    left = static_cast<std::int64_t>(targets_.size() - 1 - position_.leg);  // the other legs
    if (!pager_->done()) left += std::max<std::int64_t>(1, pages_left(page));
  }
  context_.progress.expect(task_.stream->name, task_.partition.id, left);
  if (task_.decision.mode != SyncMode::full) return;
  if (task_.stream->name == "pull_request" && page.page.size) {
    context_.forecast.tell(task_.partition.id, *page.page.size);
  }
  context_.forecast.learn(*task_.stream, task_.partition.id, pages_ + left);
}

/// Of this leg, by the size that the page tells; where a window ends it, by how far the pages so
/// far have come in it.
std::int64_t Walk::pages_left(const PageRead& page) const {
  if (reads_tail()) return 1;
  const auto length = std::max<std::int64_t>(1, task_.stream->page_length);
  const auto told = page.page.size.value_or(0) - rows_in_leg_;
  std::int64_t pages = (told + length - 1) / length;
  const auto last = std::ranges::find_if(page.page.notes.rbegin(), page.page.notes.rend(),
                                         [](const auto& note) { return note.time.has_value(); });
  if (window().count() == 0 || last == page.page.notes.rend()) return pages;
  const std::chrono::duration<double> come = context_.now() - *last->time;
  const std::chrono::duration<double> all = window();
  if (come.count() <= 0) return pages;
  const double in_window = static_cast<double>(pages_) * (all / come - 1);
  const auto by_time = static_cast<std::int64_t>(std::ceil(in_window));
  return page.page.size ? std::min(pages, by_time) : by_time;
}

Walk::Step Walk::end(const PageStored& page) {
  if (page.malformed.count > 0) {
    result_ = failed(malformed_rows(page.malformed));
    return Step::done;
  }
  const bool misses_rows = page.short_of_rows || page.left > 0;
  if (misses_rows && !rewalked_) return Step::again;
  if (misses_rows) {
    result_ = failed(page.short_of_rows ? short_of_rows(page) : rows_left(page));
    return Step::done;
  }
  if (page.end.suspicious_drop) {
    result_ = failed(suspicious_drop(page));
  } else {
    result_.emplace();
    result_->ending = Ending::complete;
  }
  result_->missed_some = page.end.missing > 0;
  // Believed or not: what is not listed is not asked for anything, either.
  const bool whole = identity_.start == WalkStart::afresh && task_.decision.mode == SyncMode::full;
  if (whole) result_->listed = std::move(listed_);
  return Step::done;
}

/// Which end an error is.
WalkResult Walk::failure(const Error& error) const {
  WalkResult result = failed(error);
  if (!is_gap(error.code.text())) return result;
  if (leg_start_) {
    result.ending = refused(task_.before);
    return result;
  }
  result.error = stored(refused_later(error));
  return result;
}

}  // namespace evidenced::connector
