#pragma once

#include "connector/bitbucket/json_text.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::cli {

using connector::bitbucket::JsonText;

/// The value at a path of member names ("credential.days_left"); nullptr when a step is missing.
const JsonText* at_path(const JsonText& value, std::string_view path);

/// The items of an array; none for anything else.
const std::vector<JsonText>& items_of(const JsonText* value);

/// A value for people: strings decoded, lists of scalars joined by ", ", null and missing values
/// empty, objects as compact JSON.
std::string shown(const JsonText* value);

/// The value as JSON on one line: members in their order, strings and numbers spelled as received.
std::string compact(const JsonText& value);

/// Every scalar and list of scalars of an object, with its path: ("credential.email", "…").
std::vector<std::pair<std::string, std::string>> flattened(const JsonText& object);

}  // namespace evidenced::cli
