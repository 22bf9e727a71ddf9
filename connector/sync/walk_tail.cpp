// How lists that show the newest first are walked.
#include "connector/bitbucket/row_notes.hpp"
#include "connector/bitbucket/targets.hpp"
#include "connector/sync/walk.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::connector {

using bitbucket::ParsedPage;

bool Walk::reads_tail() const {
  return bitbucket::has_tail(*task_.stream) &&
         task_.decision.mode == storage::SyncMode::incremental;
}

/// What a page of a list in the order of time says of the walk beside its rows.
void Walk::arrange(const PageRead& read, PageWrite& write) {
  if (reads_tail()) {
    newest_first_ = newest_first_ && bitbucket::newest_first(read.page.notes);
    for (const storage::ArtifactDraft& draft : read.page.artifacts) {
      awaited_.erase(draft.upstream_id);
    }
    write.may_end = newest_first_ && awaited_.empty();
    write.size.reset();
  }
  if (window().count() > 0) {
    write.listed = storage::Listed::some;
    if (!read.at_end) write.size.reset();
  }
  const bool names_head = task_.stream->freshness == bitbucket::Freshness::since_head &&
                          leg_start_ && !read.page.artifacts.empty();
  if (!names_head) return;
  const std::string& newest = read.page.artifacts.front().upstream_id;
  write.next_watermark = newest.substr(newest.rfind('/') + 1);
}

std::chrono::hours Walk::window() const {
  return bitbucket::window_of(*task_.stream,
                              context_.house.services.settings.connector.history_days);
}

/// Whether all rows of a page are older than what the stream asks for.
bool Walk::is_past_window(const ParsedPage& page) const {
  if (window().count() == 0 || page.notes.empty()) return false;
  const Timestamp start = context_.now() - window();
  return std::ranges::all_of(page.notes, [start](const bitbucket::RowNote& note) {
    return note.time && *note.time < start;
  });
}

/// Mends `next` where the service is known to spoil it, or to leave it out.
void Walk::go_on(ParsedPage& page) const {
  const bitbucket::Stream& stream = *task_.stream;
  if (page.next) page.next = bitbucket::kept_order(stream, std::move(*page.next));
  const bool ends = !page.next || page.next->empty();
  const auto rows = static_cast<std::int64_t>(page.artifacts.size()) + page.malformed;
  const bool more = page.size && rows > 0 && rows_in_leg_ + rows < *page.size;
  if (!ends || !more || !stream.numbered_pages) return;
  page.next = std::string(context_.house.services.transport.origin()) +
              bitbucket::following_page(position_.target);
}

/// What is open now is to be seen again before the walk may end early.
void Walk::await_open() {
  const auto& objects =
      context_.house.open_objects.find(context_.source.id, task_.stream->name, task_.partition.id);
  for (const auto& [id, time] : objects.open) {
    if (is_young(time, context_.now())) awaited_.insert(id);
  }
}

}  // namespace evidenced::connector
