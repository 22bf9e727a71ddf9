#include "connector/sync/workspace_walk.hpp"

#include "config/ascii.hpp"
#include "connector/bitbucket/targets.hpp"
#include "connector/sync/parse_offload.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace evidenced::connector {

namespace {

using bitbucket::Partition;

constexpr std::string_view lost_prefix = "not visible to the account: ";
constexpr std::string_view lost_separator = ", ";  // no name has one

bool names(const std::string& name, const Partition& workspace) {
  return equal_without_case(name, workspace.workspace) || name == workspace.workspace_uuid;
}

Error failure(Code code, std::string detail) {
  Error error;
  error.code = code;
  error.detail = std::move(detail);
  return error;
}

}  // namespace

bool covers(const storage::WorkspaceSelection& selection, const Partition& workspace) {
  return selection.all || std::ranges::any_of(selection.slugs, [&](const std::string& name) {
           return names(name, workspace);
         });
}

std::vector<std::string> not_visible(const storage::WorkspaceSelection& selection,
                                     const std::vector<Partition>& visible) {
  std::vector<std::string> missing;
  if (selection.all) return missing;
  for (const std::string& name : selection.slugs) {
    const bool seen = std::ranges::any_of(
        visible, [&](const Partition& workspace) { return names(name, workspace); });
    if (!seen) missing.push_back(name);
  }
  return missing;
}

std::vector<std::string> lost_from_sight(const storage::StoredError& error) {
  std::vector<std::string> names;
  std::string_view rest = error.detail;
  if (error.code != Code("workspace.not_visible").text() || !rest.starts_with(lost_prefix)) {
    return names;
  }
  rest.remove_prefix(lost_prefix.size());
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(lost_separator), rest.size());
    names.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + lost_separator.size(), rest.size()));
  }
  return names;
}

WorkspaceWalk::WorkspaceWalk(SyncContext& context, Session& session, WalkTask task,
                             std::vector<Partition> known)
    : context_(context), session_(session), task_(std::move(task)), known_(std::move(known)) {
  identity_.key = {context.source.id, std::string(task_.stream->name), task_.partition.id};
  identity_.mode = task_.decision.mode;
  begun_ = context.now();
  identity_.next_watermark = format_rfc3339(context.house.gate.cautious_now());
  std::optional<Position> resumed;
  if (task_.resume) resumed = read_position(task_.resume->position);
  if (resumed && context.now() - resumed->begun >= walk_kept) resumed.reset();
  if (resumed) {
    begun_ = resumed->begun;
    done_ = resumed->target.substr(1);
    identity_.start = storage::WalkStart::where_left;
  }
}

Task<WalkResult> WorkspaceWalk::run() {
  Result<void> walked = co_await list();
  if (!walked && short_of_rows_) walked = co_await list();
  if (walked) walked = co_await fetch_all();
  WalkResult result = co_await conclude(std::move(walked));
  context_.progress.expect(task_.stream->name, task_.partition.id, 0);
  co_return result;
}

/// A page of the list, asked for and read.
Task<Result<bitbucket::ParsedPage>> WorkspaceWalk::fetch_list(std::string target) {
  Result<HttpResponse> response = co_await session_.get(*task_.stream, std::move(target));
  if (!response) co_return fail(response);
  Result<bitbucket::ParsedPage> page = co_await parse_off_thread(
      context_.house.services, task_.stream, 0, task_.partition, std::move(response->body));
  co_return page;
}

/// The same question for fewer rows, after an answer of too many bytes, or of too many values, or
/// the refusal of the pages' length; "" when that is not what is wrong.
std::string WorkspaceWalk::ask_for_less(std::string_view target, const Error& error) {
  if (error.code == Code("upstream.oversized")) return bitbucket::with_smaller_pages(target);
  return ask_shorter(context_.house.habits, *task_.stream, target, error);
}

Task<Result<void>> WorkspaceWalk::list() {
  const std::string first = bitbucket::first_target(*task_.stream, 0, task_.partition, "");
  visible_.clear();
  malformed_ = {};
  short_of_rows_ = false;
  Position rows;
  std::int64_t received = 0;
  const std::string origin(context_.house.services.transport.origin());
  Pager pager(origin, first, Pager::Limits{});
  while (!pager.done()) {
    if (context_.leaving()) co_return fail("upstream.cancelled");
    Result<bitbucket::ParsedPage> page = co_await fetch_list(pager.target());
    if (!page) {
      const bool refused = is_gap(page.error().code.text());
      if (refused && pager.pages() > 0) co_return std::unexpected(refused_later(page.error()));
      std::string smaller = ask_for_less(pager.target(), page.error());
      if (smaller.empty()) co_return fail(page);
      pager = Pager(origin, std::move(smaller), Pager::Limits{});
      continue;
    }
    malformed_.add(page->malformed, pager.pages() + 1, page->first_malformed);
    received += static_cast<std::int64_t>(page->artifacts.size()) + page->malformed;
    rows.count(page->size, 0);
    Pager::Page seen;
    seen.next = page->next;
    seen.items = static_cast<std::int64_t>(page->artifacts.size());
    for (const storage::ArtifactDraft& entry : page->artifacts) {
      seen.fingerprint = seen.fingerprint * 31 + std::hash<std::string>{}(entry.upstream_id);
      std::optional<Partition> workspace = bitbucket::partition_of("workspace", entry.content);
      if (workspace) {
        visible_.push_back(std::move(*workspace));
      } else {
        malformed_.add(1, pager.pages() + 1, &entry - page->artifacts.data() + 1);
      }
    }
    const Result<void> accepted = pager.accept(seen);
    if (!accepted) co_return fail(accepted);
  }
  short_of_rows_ = received < rows.least_size.value_or(0);
  if (short_of_rows_) {
    co_return fail("stream.incomplete",
                   fmt::format("{} rows received of {}", received, *rows.least_size));
  }
  if (visible_.empty() && malformed_.count == 0) {
    co_return fail("credential.reach_empty", "the account sees no workspace");
  }
  add_unlisted();
  for (const Partition& workspace : visible_) {
    if (covers(context_.source.workspaces, workspace)) covered_.push_back(workspace);
  }
  std::ranges::sort(covered_, {}, &Partition::id);
  co_return Result<void>{};
}

/// The list shows what the account belongs to, no more.
void WorkspaceWalk::add_unlisted() {
  const std::size_t listed = visible_.size();
  for (const Partition& workspace : known_) {
    const auto end = visible_.begin() + static_cast<std::ptrdiff_t>(listed);
    if (std::ranges::find(visible_.begin(), end, workspace.id, &Partition::id) == end) {
      visible_.push_back(workspace);
      unlisted_.insert(workspace.id);
    }
  }
}

/// A refusal of what is listed is a refusal; of what is not, the workspace is out of sight.
void WorkspaceWalk::note_refusal(const Partition& workspace, Error error) {
  ++refusals_;
  if (!unlisted_.contains(workspace.id)) {
    refusal_ = std::move(error);
    return;
  }
  lost_.push_back(workspace);
  std::erase_if(visible_, [&](const Partition& other) { return other.id == workspace.id; });
}

/// Those that were named and those that are stored, each once.
std::vector<std::string> WorkspaceWalk::out_of_sight() const {
  std::vector<std::string> missing = not_visible(context_.source.workspaces, visible_);
  for (const Partition& workspace : lost_) {
    const auto named = [&](const std::string& name) { return names(name, workspace); };
    if (std::ranges::none_of(missing, named)) missing.push_back(workspace.workspace);
  }
  return missing;
}

/// Stored, but left out since the source was narrowed.
std::vector<std::string> WorkspaceWalk::deselected() const {
  std::vector<std::string> ids;
  for (const Partition& workspace : known_) {
    if (!covers(context_.source.workspaces, workspace)) ids.push_back(workspace.id);
  }
  return ids;
}

Task<Result<void>> WorkspaceWalk::fetch_all() {
  for (std::size_t i = 0; i < covered_.size(); ++i) {
    if (context_.leaving()) co_return fail("upstream.cancelled");
    context_.progress.expect(task_.stream->name, task_.partition.id,
                             static_cast<std::int64_t>(covered_.size() - i));
    if (covered_[i].id <= done_) continue;
    const bool last = i + 1 == covered_.size();
    Result<void> fetched = co_await fetch(covered_[i], last);
    if (fetched) continue;
    if (!is_gap(fetched.error().code.text())) co_return fetched;
    note_refusal(covered_[i], std::move(fetched.error()));
  }
  co_return Result<void>{};
}

Task<Result<void>> WorkspaceWalk::fetch(const Partition& workspace, bool last) {
  std::string target = bitbucket::first_target(*task_.stream, 1, workspace, "");
  Result<HttpResponse> response = co_await session_.get(*task_.stream, std::move(target));
  if (!response) co_return fail(response);
  const Result<bitbucket::ParsedPage> page = co_await parse_off_thread(
      context_.house.services, task_.stream, 1, workspace, std::move(response->body));
  if (!page) co_return fail(page);
  context_.drift.see(*task_.stream, 1, *page);
  Position position;
  position.begun = begun_;
  position.leg = 1;
  position.target = "/" + workspace.id;
  PageWrite write;
  write.position = write_position(position);
  write.artifacts = page->artifacts;
  write.size = static_cast<std::int64_t>(covered_.size());
  // Absence is concluded only when everything that should be there was seen.
  const bool complete = last && refusals_ == 0 && malformed_.count == 0 &&
                        not_visible(context_.source.workspaces, visible_).empty();
  write.last = complete;
  const std::vector<std::string> unasked = deselected();
  write.unasked = unasked;
  const Result<PageStored> stored = co_await store_page(context_, identity_, std::move(write));
  if (!stored) co_return fail(stored);
  identity_.walk = stored->walk;
  if (complete) last_ = *stored;
  co_return Result<void>{};
}

Task<WalkResult> WorkspaceWalk::conclude(Result<void> walked) {
  WalkResult result;
  std::set<std::string> listed;
  for (const Partition& workspace : covered_) listed.insert(workspace.id);
  for (const Partition& workspace : lost_) listed.erase(workspace.id);
  std::vector<std::string> missing;
  if (walked) missing = out_of_sight();
  std::optional<Error> error;
  result.ending = Ending::failed;
  if (!walked) {
    error = std::move(walked.error());
    if (is_gap(error->code.text())) result.ending = refused(task_.before);
  } else if (!missing.empty()) {
    error = failure("workspace.not_visible",
                    fmt::format("{}{}", lost_prefix, fmt::join(missing, lost_separator)));
  } else if (malformed_.count > 0) {
    error = malformed_rows(malformed_);
  } else if (refusal_) {
    error = std::move(refusal_);
    result.ending = refused(task_.before);
  } else if (!last_ || last_->short_of_rows) {
    const std::int64_t rows = last_ ? last_->rows : 0;
    error = failure("stream.incomplete",
                    fmt::format("{} workspaces received of {}", rows, covered_.size()));
  } else if (last_->end.suspicious_drop) {
    error = suspicious_drop(*last_);
  }
  if (walked) {
    result.readable_parts = static_cast<std::int64_t>(covered_.size()) - refusals_;
    result.listed = std::move(listed);
  }
  if (!error) {
    result.ending = Ending::complete;
    result.readable_parts = 0;
    co_return result;
  }
  result.error = stored(*error);
  WalkResult stored_result =
      co_await store_failure(context_, identity_, std::move(*error), std::move(result));
  co_return stored_result;
}

}  // namespace evidenced::connector
