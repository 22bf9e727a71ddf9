#pragma once

#include "connector/bitbucket/identity.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

namespace evidenced::connector::bitbucket {

/// How the objects of one kind are known and called. `id` survives renames; "" when the object does
/// not say what it needs.
struct Naming {
  std::string_view kind;
  std::string (*id)(const Found&);
  std::string (*title)(const Found&);
};

/// Of kinds that nobody described: the uuid and the title.
const Naming& naming_of(std::string_view kind);

/// The first that is not empty.
std::string first_of(std::initializer_list<std::string> texts);

/// "parent/own"; "" without an own part.
std::string joined(std::string parent, const std::string& own);

}  // namespace evidenced::connector::bitbucket
