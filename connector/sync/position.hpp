#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace evidenced::connector {

/// Entries of a list that are no objects, and where the first of them stood: page and place on it,
/// both from 1. A walk that met some is never complete: nobody knows what they were.
struct Malformed {
  std::int64_t count = 0;
  std::int64_t page = 0;
  std::int64_t entry = 0;

  void add(std::int64_t more, std::int64_t on_page, std::int64_t first_entry);
};

/// Where a walk goes on, as a checkpoint keeps it: storage does not look inside.
struct Position {
  std::size_t leg = 0;  ///< index in the list of first targets of this walk
  bool split = false;  ///< the walk asks its simple queries one after the other, since the combined
                       ///< one was refused
  std::optional<std::int64_t> rows_before = 0;  ///< what the finished legs said to hold; nullopt:
                                                ///< one of them did not say
  Malformed malformed;                          ///< of the whole walk so far
  std::string target;                           ///< of the next page, origin form
};

std::string write_position(const Position& position);

/// nullopt for "" and for what this program did not write.
std::optional<Position> read_position(std::string_view text);

}  // namespace evidenced::connector
