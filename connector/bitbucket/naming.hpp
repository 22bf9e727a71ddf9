#pragma once

#include "config/time.hpp"
#include "connector/bitbucket/identity.hpp"

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace evidenced::connector::bitbucket {

/// How the objects of one kind are known and called, and what they say of themselves. `id` survives
/// renames; "" when the object does not say what it needs. The others are nullptr for kinds that
/// have none.
struct Naming {
  std::string_view kind;
  std::string (*id)(const Found&);
  std::string (*title)(const Found&);
  std::string (*state)(const JsonText&) = nullptr;
  std::optional<Timestamp> (*dated_at)(const JsonText&) = nullptr;
  std::string (*commit_hash)(const JsonText&) = nullptr;  ///< that a build judged
};

/// Of kinds that nobody described: the uuid and the title.
const Naming& naming_of(std::string_view kind);

/// The kinds that have a state or happened at a time.
std::span<const std::string_view> kinds_with_extracts();

/// The first that is not empty.
std::string first_of(std::initializer_list<std::string> texts);

/// "parent/own"; "" without an own part.
std::string joined(std::string parent, const std::string& own);

}  // namespace evidenced::connector::bitbucket
