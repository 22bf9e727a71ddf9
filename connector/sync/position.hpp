#pragma once

#include "config/time.hpp"

#include <chrono>
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
  Timestamp begun{};    ///< the first page of the walk was asked for
  std::size_t leg = 0;  ///< index in the list of first targets of this walk
  bool split = false;  ///< the walk asks its simple queries one after the other, since the combined
                       ///< one was refused
  std::optional<std::int64_t> rows_before = 0;  ///< what the finished legs said to hold; nullopt:
                                                ///< one of them did not say
  Malformed malformed;                          ///< of the whole walk so far
  std::int64_t left = 0;  ///< rows that left the lists between two pages, by their sizes
  // Of this leg:
  std::optional<std::int64_t> size;  ///< that the page before told
  /// The least `size` that a page told: what was added while the leg was walked is the next walk's,
  /// from the watermark of this one's beginning.
  std::optional<std::int64_t> least_size;
  std::int64_t dropped = 0;  ///< rows that are no objects, or another one's twin
  std::string target;        ///< of the next page, origin form

  /// A page came: what it told of the length of its list, and how many of its rows do not count.
  void count(std::optional<std::int64_t> told, std::int64_t uncounted);

  /// By how many rows the list is longer than the page before told; nullopt: nobody tells.
  std::optional<std::int64_t> growth(std::optional<std::int64_t> told) const;

  /// The next leg begins; the ones before say that they hold so many rows together.
  void enter(std::size_t next_leg, std::optional<std::int64_t> rows);
};

/// A walk that was left so long ago begins at the start: what it has read is of another day.
inline constexpr std::chrono::hours walk_kept{24};

std::string write_position(const Position& position);

/// nullopt for "" and for what this program did not write.
std::optional<Position> read_position(std::string_view text);

}  // namespace evidenced::connector
