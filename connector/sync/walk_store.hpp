#pragma once

#include "connector/sync/context.hpp"
#include "connector/sync/position.hpp"
#include "connector/sync/tally.hpp"
#include "storage/collection_store.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace evidenced::connector {

/// How the walk of a partition ended.
struct WalkResult {
  Ending ending = Ending::halted;
  std::optional<storage::StoredError> error;
  std::int64_t readable_parts =
      0;  ///< of a walk that ends as a gap: what could be read all the same
  /// Identities that a complete full walk from its first page on has listed.
  std::optional<std::set<std::string>> listed;
  bool missed_some = false;  ///< complete, but not all that was there before was seen again
};

/// The walk that is stored: which partition, how, and its number once it has begun.
struct WalkIdentity {
  storage::PartitionKey key;
  storage::SyncMode mode = storage::SyncMode::full;
  std::string next_watermark;
  storage::WalkStart start = storage::WalkStart::afresh;
  std::optional<std::int64_t> walk;
};

/// A page to store, and whether the walk ends with it.
struct PageWrite {
  std::string position;
  std::optional<std::int64_t> size;     ///< rows that the whole walk should have received
  std::optional<std::int64_t> moved{};  ///< see storage::PageCommit
  std::span<const storage::ArtifactDraft> artifacts;
  std::span<const std::string> unasked{};  ///< what the walk leaves out on purpose
  Malformed malformed;                     ///< of the whole walk, this page included
  std::int64_t left = 0;                   ///< rows that left the list while it was walked
  bool last = false;
  bool may_end = false;                         ///< the last page, too, when half of it is known
  std::optional<std::string> next_watermark{};  ///< learnt from the page
  storage::Listed listed = storage::Listed::all;
};

struct PageStored {
  std::int64_t walk = 0;
  std::int64_t created = 0;    ///< rows of the page that nobody had seen
  std::int64_t revised = 0;    ///< and such as were not as they had been
  bool ended = false;          ///< the walk is complete, or failed by what the page tells
  Malformed malformed;         ///< the last page came and there were some: the walk has failed
  bool short_of_rows = false;  ///< the last page came and rows are missing: the walk has failed
  std::int64_t left = 0;       ///< the last page came and rows left meanwhile: the walk has failed
  std::int64_t rows = 0;
  std::int64_t expected = 0;
  storage::WalkEnd end;
};

/// What is wrong with the end of a walk, with numbers: stream.malformed, stream.incomplete,
/// stream.suspicious_drop.
Error malformed_rows(const Malformed& malformed);
Error short_of_rows(const PageStored& page);
Error rows_left(const PageStored& page);
/// A refusal in the middle is no gap: the list went away while it was read.
Error refused_later(const Error& error);
Error suspicious_drop(const PageStored& page);

/// Stores a page, the position behind it, the end of the walk where it is the last one, and the
/// progress of the sync: one transaction. Errors: source.deleted, source.paused, storage.*.
Task<Result<PageStored>> store_page(SyncContext& context, const WalkIdentity& identity,
                                    PageWrite page);

/// Stores that a walk failed, and gives the result of it. What stops the whole sync (a cancelled
/// request, a dead credential, a source that is gone) is not stored: the walk is halted and goes on
/// from its checkpoint, if ever.
Task<WalkResult> store_failure(SyncContext& context, const WalkIdentity& identity, Error error,
                               WalkResult result);

/// An error as it is stored. Detail and scopes are Bitbucket's, cut and cleaned where they were
/// read.
storage::StoredError stored(const Error& error);

/// What a refusal means for a partition: a gap that was there before, or the loss of what could be
/// read.
Ending refused(const std::optional<storage::Checkpoint>& before);

/// The row of the stream in the sync, made when it is not there.
storage::SyncStream& stream_row(storage::Sync& sync, std::string_view name);

}  // namespace evidenced::connector
