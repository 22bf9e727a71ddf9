#pragma once

#include "connector/bitbucket/parse.hpp"
#include "connector/bitbucket/streams.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector::bitbucket {

/// How far an incremental walk reaches back behind its watermark: clocks differ, and what is being
/// written while a walk reads may get an older time than what it has read.
inline constexpr std::chrono::minutes overlap{10};

/// The first target of a walk: path with the partition's uuids (braces encoded), page length,
/// constant query, and for an incremental walk (`since` not empty) of a stream that the server
/// filters: the filter on updated_on, minus the overlap (`since` is a time in RFC 3339), or the
/// commit (`since`) behind which everything is known. Open pull requests are asked for whatever
/// their age: an approval may not move updated_on. "" when the partition lacks what the path needs:
/// a path with an empty segment is never built (it would be one of the removed global lists).
std::string first_target(const Stream& stream, std::size_t leg, const Partition& partition,
                         std::string_view since);

/// The first targets of all legs of a walk: of each path, or of each head of the partition.
std::vector<std::string> first_targets(const Stream& stream, const Partition& partition,
                                       std::string_view since);

/// The same question in plainer words, for a server that refuses first_target's (400): targets to
/// walk one after the other, as one walk. For pull requests the open ones, then the updated ones
/// (in that order: one that is closed meanwhile is in the second). Empty where there is no other
/// way to ask.
std::vector<std::string> plain_targets(const Stream& stream, const Partition& partition,
                                       std::string_view updated_since);

/// `next` of a page (a URL, or what a server has in its place) with what the stream's query has and
/// it lost: its `sort`.
std::string kept_order(const Stream& stream, std::string next);

/// The page behind `target` by its number, for lists that should have named it.
std::string following_page(std::string_view target);

/// `target` with shorter pages, for a server that answers 400 "Invalid pagelen": 100 becomes 50, 50
/// is left out. "" when there is nothing to leave out.
std::string with_shorter_pages(std::string_view target);

/// `target` with smaller pages from the same row on, for an answer that is too large to be taken
/// (or, 555, to be made): 100, 50, 25, 5 rows. Page 3 of 50 rows becomes page 5 of 25. "" below
/// that, and where the page is not told by its number.
std::string with_smaller_pages(std::string_view target);

}  // namespace evidenced::connector::bitbucket
