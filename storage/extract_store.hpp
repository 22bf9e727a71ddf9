#pragma once

#include "config/time.hpp"
#include "storage/connection.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace evidenced::storage {

/// What is extracted from the content of an artifact into columns beside it.
struct Extract {
  std::string title;
  std::string state;                  ///< the word of the source ("MERGED"); "" where it has none
  std::optional<Timestamp> dated_at;  ///< when it happened there
  std::string commit_hash;            ///< that it judged; "" where it judges none
};

/// How the storage has content read, which is opaque to it.
struct Extractor {
  /// Those that have a state or happened at a time.
  std::span<const std::string_view> kinds;
  Extract (*read)(std::string_view kind, std::string_view content);
};

/// Reads the next so many artifacts that were stored by a version of the program which did not
/// extract states and times, and fills these in; whether there are more. The counts by state are
/// right when there are none. Calls go on where the last one ended, in whatever process that was.
/// Throws Fault.
bool extract_some(Connection& connection, const Extractor& extractor, int artifacts);

}  // namespace evidenced::storage
