#pragma once

#include <string_view>

namespace evidenced::api {

/// An invented object of a kind, as it is stored: what the catalogue shows, and where its fields
/// are taken from. "{}" for a kind that has none.
std::string_view kind_example(std::string_view kind);

}  // namespace evidenced::api
