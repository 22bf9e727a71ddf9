#pragma once

#include "config/error.hpp"
#include "connector/target.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace evidenced::connector {

/// The walk through the pages of one list, as a machine without I/O: ask `target()`, hand the page
/// to `accept()`, until `done()`. `next` is opaque; it is followed only to the configured origin
/// and below the API's roots (/2.0/, /1.0/).
class Pager {
 public:
  struct Limits {
    std::int64_t pages = 20000;  ///< a longer list is a loop
  };

  /// `first` is the origin-form target of the first page, or the position of an interrupted walk.
  Pager(std::string origin, std::string first, Limits limits);

  /// What to fetch next; empty when done. Also the position to store: a walk resumes from it.
  const std::string& target() const { return target_; }
  bool done() const { return target_.empty(); }
  std::int64_t pages() const { return pages_; }

  /// What a page says about the walk.
  struct Page {
    std::optional<std::string> next;  ///< as received; empty string = last page
    std::uint64_t fingerprint = 0;    ///< of the identities on it: the same items again are a loop
    std::int64_t items = 0;
  };

  /// Moves on. Errors, which end the walk without moving: upstream.foreign_link (target.hpp),
  /// upstream.pagination_loop (a target or a page seen before, more than two empty pages in a row
  /// that name another, or too many pages).
  Result<void> accept(const Page& page);

 private:
  std::string origin_;
  std::string target_;
  Limits limits_;
  std::int64_t pages_ = 0;
  int empty_in_a_row_ = 0;
  std::unordered_set<std::uint64_t> seen_targets_;
  std::unordered_set<std::uint64_t> seen_pages_;
};

}  // namespace evidenced::connector
