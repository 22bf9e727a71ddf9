#include "connector/pager.hpp"

#include <functional>
#include <utility>

namespace evidenced::connector {
namespace {

constexpr int empty_pages_allowed = 2;

/// Hashes are kept, not targets: a walk of 20,000 pages stays below a megabyte.
std::uint64_t hash_of(std::string_view target) {
  return std::hash<std::string_view>{}(target);
}

std::unexpected<Error> loop(std::string detail) {
  return fail("upstream.pagination_loop", std::move(detail));
}

}  // namespace

Pager::Pager(std::string origin, std::string first, Limits limits)
    : origin_(std::move(origin)), target_(std::move(first)), limits_(limits) {
  seen_targets_.insert(hash_of(target_));
}

Result<void> Pager::accept(const Page& page) {
  ++pages_;
  if (page.items > 0 && !seen_pages_.insert(page.fingerprint).second)
    return loop("page " + std::to_string(pages_) + " has the same items as a page before");
  if (!page.next || page.next->empty()) {
    target_.clear();
    return {};
  }
  empty_in_a_row_ = page.items > 0 ? 0 : empty_in_a_row_ + 1;
  if (empty_in_a_row_ > empty_pages_allowed)
    return loop(std::to_string(empty_in_a_row_) + " empty pages in a row, each naming another");
  if (pages_ >= limits_.pages)
    return loop("the list goes on after " + std::to_string(pages_) + " pages");
  Result<std::string> next = local_target(origin_, *page.next);
  if (!next) return fail(next);
  if (!seen_targets_.insert(hash_of(*next)).second)
    return loop("page " + std::to_string(pages_) + " names a page before it as the next");
  target_ = std::move(*next);
  return {};
}

}  // namespace evidenced::connector
