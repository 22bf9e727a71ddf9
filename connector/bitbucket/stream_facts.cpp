// What is asked about the rows of the table of streams.
#include "connector/bitbucket/streams.hpp"

#include <algorithm>
#include <array>

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::array<std::string_view, 4> parent_kinds = {"", "workspace", "project", "repository"};

}  // namespace

const Stream* find_stream(std::string_view name) {
  const auto row = std::ranges::find(streams(), name, &Stream::name);
  return row == streams().end() ? nullptr : &*row;
}

const Stream* find_kind(std::string_view kind) {
  const auto row = std::ranges::find(streams(), kind, &Stream::kind);
  return row == streams().end() ? nullptr : &*row;
}

bool has_tail(const Stream& stream) {
  return stream.freshness == Freshness::newest_first || stream.freshness == Freshness::since_head;
}

std::chrono::hours window_of(const Stream& stream, int history_days) {
  return stream.history ? history_days * std::chrono::hours(24) : stream.window;
}

bool is_list(const Stream& stream, std::size_t leg) {
  return stream.shape == Shape::list || (stream.shape == Shape::list_of_objects && leg == 0);
}

Parent opens(std::string_view kind) {
  const auto* found = std::ranges::find(parent_kinds, kind);
  if (found == parent_kinds.end()) return Parent::none;
  return static_cast<Parent>(found - parent_kinds.begin());
}

std::string_view parent_kind(Parent parent) {
  return parent_kinds[static_cast<std::size_t>(parent)];
}

std::string_view group_name(Group group) {
  switch (group) {
    case Group::repositories:
      return "repositories";
    case Group::other:
      return "other";
    case Group::webhooks:
      return "webhooks";
    case Group::mergeability:
      return "mergeability";
  }
  return "other";
}

}  // namespace evidenced::connector::bitbucket
