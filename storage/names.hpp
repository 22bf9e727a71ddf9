#pragma once

#include "storage/nouns.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

/// One value of an enumeration and its word: the same in the database, the API, the CLI and logs.
template <class E>
struct Name {
  E value;
  std::string_view text;
};

inline constexpr auto names_of(SourceState) {
  return std::to_array<Name<SourceState>>({{SourceState::active, "active"},
                                           {SourceState::paused, "paused"},
                                           {SourceState::needs_credential, "needs_credential"},
                                           {SourceState::deleted, "deleted"}});
}
inline constexpr auto names_of(SyncMode) {
  return std::to_array<Name<SyncMode>>(
      {{SyncMode::incremental, "incremental"}, {SyncMode::full, "full"}});
}
inline constexpr auto names_of(SyncTrigger) {
  return std::to_array<Name<SyncTrigger>>({{SyncTrigger::api, "api"},
                                           {SyncTrigger::schedule, "schedule"},
                                           {SyncTrigger::hook, "hook"},
                                           {SyncTrigger::credential, "credential"},
                                           {SyncTrigger::recovery, "recovery"}});
}
inline constexpr auto names_of(SyncState) {
  return std::to_array<Name<SyncState>>(
      {{SyncState::queued, "queued"}, {SyncState::running, "running"}, {SyncState::done, "done"}});
}
/// SyncResult::none is "": shown as null.
inline constexpr auto names_of(SyncResult) {
  return std::to_array<Name<SyncResult>>({{SyncResult::none, ""},
                                          {SyncResult::succeeded, "succeeded"},
                                          {SyncResult::partial, "partial"},
                                          {SyncResult::failed, "failed"},
                                          {SyncResult::cancelled, "cancelled"}});
}
inline constexpr auto names_of(StreamState) {
  return std::to_array<Name<StreamState>>({{StreamState::pending, "pending"},
                                           {StreamState::running, "running"},
                                           {StreamState::complete, "complete"},
                                           {StreamState::incomplete, "incomplete"},
                                           {StreamState::unavailable, "unavailable"},
                                           {StreamState::failed, "failed"}});
}
inline constexpr auto names_of(Role) {
  return std::to_array<Name<Role>>({{Role::admin, "admin"},
                                    {Role::operator_, "operator"},
                                    {Role::reviewer, "reviewer"},
                                    {Role::auditor, "auditor"}});
}

/// The word of a value: `name_of(SyncState::queued)` is "queued".
template <class E>
constexpr std::string_view name_of(E value) {
  for (const auto& name : names_of(E{})) {
    if (name.value == value) return name.text;
  }
  return {};
}

/// The value of a word; nullopt when there is none.
template <class E>
constexpr std::optional<E> value_of(std::string_view text) {
  for (const auto& name : names_of(E{})) {
    if (name.text == text) return name.value;
  }
  return std::nullopt;
}

/// The values of several words, those that are none left out.
template <class E>
std::vector<E> values_of(const std::vector<std::string>& texts) {
  std::vector<E> values;
  for (const std::string& text : texts) {
    const std::optional<E> value = value_of<E>(text);
    if (value) values.push_back(*value);
  }
  return values;
}

}  // namespace evidenced::storage
